package skew

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
)

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxPairs    = 4096
	maxHosts    = 4096
	maxServices = 4 // named per host
	maxSample   = 3 // traces by pair
	maxCached   = 1 << 14
)

// Fold collects calls between hosts. Not safe for concurrent use.
type Fold struct {
	hosts     map[string]int32
	names     []string
	services  [][]string                // by host, at most maxServices
	resources map[*model.Resource]int32 // host of a resource, −1 for none
	pairs     map[[2]int32]*pair
	dropped   uint64
}

// pair is the calls from one host to another, the last maxCalls of them.
type pair struct {
	calls  []bound
	next   int
	total  uint64
	latest int64
	sample []model.TraceID
}

// New returns an empty Fold.
func New() *Fold {
	return &Fold{hosts: map[string]int32{}, resources: map[*model.Resource]int32{}, pairs: map[[2]int32]*pair{}}
}

// Fold looks at the synchronous calls of a trace between hosts: of a client, answered by a server that did not take
// longer than the client waited.
func (f *Fold) Fold(t *request.Trace) {
	if len(t.Spans) < 2 {
		return
	}
	exits := t.Exits()
	for i, exit := range exits {
		if exit < 0 {
			continue
		}
		server, client := t.Span(int32(i)), t.Span(exit)
		if client.Kind != model.KindClient || server.Kind != model.KindServer || server.Duration() > client.Duration() ||
			server.Start == 0 || client.Start == 0 || server.Negative || client.Negative {
			continue
		}
		a, b := f.host(t, exit), f.host(t, int32(i))
		if a < 0 || b < 0 || a == b {
			continue
		}
		f.note(a, b, bound{client.Start - server.Start, client.End - server.End, client.Start}, t.ID)
	}
}

func (f *Fold) note(a, b int32, c bound, trace model.TraceID) {
	p, ok := f.pairs[[2]int32{a, b}]
	if !ok {
		if len(f.pairs) == maxPairs {
			f.dropped++
			return
		}
		p = &pair{}
		f.pairs[[2]int32{a, b}] = p
	}
	p.total++
	p.latest = max(p.latest, c.at)
	if len(p.calls) < maxCalls {
		p.calls = append(p.calls, c)
	} else {
		p.calls[p.next] = c
		p.next = (p.next + 1) % maxCalls
	}
	if n := len(p.sample); n == 0 || p.sample[n-1] != trace {
		if n == maxSample {
			copy(p.sample, p.sample[1:])
			p.sample = p.sample[:n-1]
		}
		p.sample = append(p.sample, trace)
	}
}

// host numbers the host of a node's span, −1 where it does not say.
func (f *Fold) host(t *request.Trace, node int32) int32 {
	r := t.Class(node).Resource
	id, ok := f.resources[r]
	if ok {
		return id
	}
	id = -1
	if name := model.HostOf(r); name != "" {
		id = f.numbered(name)
	}
	if id >= 0 {
		if s := model.ServiceOf(r); len(f.services[id]) < maxServices && !slices.Contains(f.services[id], s) {
			f.services[id] = append(f.services[id], s)
		}
	}
	if len(f.resources) == maxCached {
		clear(f.resources)
	}
	f.resources[r] = id
	return id
}

func (f *Fold) numbered(name string) int32 {
	id, ok := f.hosts[name]
	if !ok {
		if len(f.names) == maxHosts {
			f.dropped++
			return -1
		}
		id = int32(len(f.names))
		f.hosts[name] = id
		f.names = append(f.names, name)
		f.services = append(f.services, nil)
	}
	return id
}

// recent are the calls that an estimate is made of.
func (p *pair) recent() []bound {
	calls := make([]bound, 0, len(p.calls))
	for _, c := range p.calls {
		if c.at >= p.latest-maxAge {
			calls = append(calls, c)
		}
	}
	return calls
}

// Result is the estimate for each pair of hosts. The Fold can go on.
func (f *Fold) Result() *Result {
	r := &Result{Dropped: f.dropped, Hosts: make([]Host, len(f.names))}
	for id, name := range f.names {
		services := slices.Clone(f.services[id])
		slices.Sort(services)
		r.Hosts[id] = Host{Name: name, Services: services}
	}
	for k, p := range f.pairs {
		e := intersect(p.recent())
		x := Pair{Client: f.names[k[0]], Server: f.names[k[1]], Calls: p.total, Used: e.calls, Contradicting: e.dropped,
			Agreed: e.agreed, Low: e.low, High: e.high, Latest: p.latest, Traces: slices.Clone(p.sample)}
		if e.agreed {
			x.Offset, x.Half = e.middle()
		}
		slices.Reverse(x.Traces)
		r.Pairs = append(r.Pairs, x)
	}
	slices.SortFunc(r.Hosts, func(a, b Host) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.certain(), a.certain()), cmp.Compare(magnitude(b.Offset), magnitude(a.Offset)), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server))
	})
	return r
}

func magnitude(ns int64) int64 { return max(ns, -ns) }
