// Package contention finds what is slow because it is busy (ANALYSES A29): operations that take longer the more
// requests their resource works on when they begin. A resource is an instance of a service, a pool, or a peer such
// as a database.
//
//	request.Trace ─▶ Fold.Fold … ─▶ sweep (how many ran when each began) ─▶ judge ─▶ rows
//
// That both go together is not enough. Whatever makes a service slow also makes more requests pile up in it, and in
// the evening there may be more requests and slower ones for reasons of their own. So each operation is compared
// only with itself, within short stretches of time with their trend taken out, and also against how many requests
// had just arrived: being slow makes requests pile up, but it does not make more of them arrive.
package contention

import (
	"math"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	// maxRuns is 8 MB, and twice as much again while they are judged. Beyond it the older half is forgotten.
	maxRuns      = 1 << 18
	maxResources = 1 << 14
	maxInstances = 1 << 14
)

// run is a span that a resource was busy with.
type run struct {
	start, end int64   // Unix ns
	log        float32 // of the time that is compared, ln ns; NaN where another of the same trace stands for it
	op         uint32
	resource   int32
	trace      uint32 // number of the trace
}

// resource is what is busy.
type resource struct {
	name    string // of the service, pool or peer
	peer    bool
	service uint32 // of an instance
}

type resourceKey struct {
	name    string
	service uint32 // 0: a peer
}

// Fold collects spans. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	peerName func(*store.Settled) string

	runs      []run
	resources []resource
	ids       map[resourceKey]int32
	instances map[*model.Resource]string
	traces    uint32
	traceIDs  []model.TraceID // by number − 1
	thinned   int
	forgotten uint64
	dropped   uint64

	crossed []bool              // by node of the trace: a child belongs to another service
	stands  map[uint64]struct{} // (operation, resource) that a span of the trace stands for
}

// New returns an empty fold. peerName is how the map names the peer of an exit span.
func New(names store.Names, peerName func(*store.Settled) string) *Fold {
	return &Fold{
		names: names, peerName: peerName, thinned: 1, ids: map[resourceKey]int32{}, instances: map[*model.Resource]string{},
		stands: map[uint64]struct{}{},
	}
}

// Thinned implements findings.Estimator: only each n-th trace is folded, so that n times as many ran as are seen.
func (f *Fold) Thinned(n int) { f.thinned = max(n, 1) }

// Fold collects what a trace kept busy: its server and consumer spans, compared by self time, and calls to peers that
// send no spans, compared by duration. Traces come in order of their start.
func (f *Fold) Fold(t *request.Trace) {
	f.traces++
	f.traceIDs = append(f.traceIDs, t.ID)
	clear(f.stands)
	nodes := t.Tree.Nodes
	f.crossed = append(f.crossed[:0], make([]bool, len(nodes))...)
	for i := range nodes {
		s, p := t.Span(int32(i)), t.Parent(int32(i))
		if s != nil && p >= 0 && (t.Span(p).Service != s.Service || s.Kind == model.KindServer) {
			f.crossed[p] = true
		}
	}
	for i := range nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		switch s.Kind {
		case model.KindServer, model.KindConsumer:
			f.add(s, f.instance(t, int32(i), s), t.Self()[i])
		case model.KindClient:
			if !f.crossed[i] && s.Peer != 0 {
				f.add(s, f.peer(t, int32(i), s), s.Duration())
			}
		}
	}
}

func (f *Fold) add(s *store.Settled, resource int32, ns int64) {
	if resource < 0 || s.Negative || s.Start <= 0 {
		return
	}
	if len(f.runs) == maxRuns {
		n := copy(f.runs, f.runs[maxRuns/2:])
		f.runs = f.runs[:n]
		f.forgotten += maxRuns / 2
	}
	r := run{start: s.Start, end: s.End, log: float32(math.Log(float64(max(ns, 1)))), op: s.Op, resource: resource, trace: f.traces}
	// Of many spans of one trace, which share whatever is special about it, the first stands for all.
	key := uint64(s.Op)<<32 | uint64(uint32(resource))
	if _, ok := f.stands[key]; ok || s.Op == 0 {
		r.log = float32(math.NaN())
	}
	f.stands[key] = struct{}{}
	f.runs = append(f.runs, r)
}

// instanceKeys tell instances of a service apart, the surest first.
var instanceKeys = [...]string{"service.instance.id", "k8s.pod.uid", "k8s.pod.name", "container.id", "host.id", "host.name"}

// instance is the resource of an entry span: the instance of its service, or the service where it has no name for it.
func (f *Fold) instance(t *request.Trace, node int32, s *store.Settled) int32 {
	r := t.Class(node).Resource
	name, ok := f.instances[r]
	if !ok {
		name = instanceOf(r)
		if len(f.instances) < maxInstances {
			f.instances[r] = name
		}
	}
	return f.resource(resourceKey{name, s.Service}, resource{name: f.names.Service(s.Service), service: s.Service})
}

func instanceOf(r *model.Resource) string {
	if r == nil {
		return ""
	}
	for _, key := range instanceKeys {
		for _, a := range r.Attributes {
			if a.Key == key {
				return a.Value.String()
			}
		}
	}
	return ""
}

// peer is the resource of a call to a peer: the pool that it took a connection from, or the peer.
func (f *Fold) peer(t *request.Trace, node int32, s *store.Settled) int32 {
	if pool, ok := t.Attribute(node, "db.client.connection.pool.name", "db.client.connections.pool.name", "pool.name"); ok {
		name := pool.String()
		return f.resource(resourceKey{"pool " + name, s.Service}, resource{name: name, peer: true})
	}
	name := f.peerName(s)
	return f.resource(resourceKey{name, 0}, resource{name: name, peer: true})
}

func (f *Fold) resource(k resourceKey, r resource) int32 {
	id, ok := f.ids[k]
	if ok {
		return id
	}
	if len(f.resources) >= maxResources {
		f.dropped++
		return -1
	}
	id = int32(len(f.resources))
	f.resources = append(f.resources, r)
	f.ids[k] = id
	return id
}
