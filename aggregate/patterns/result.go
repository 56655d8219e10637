package patterns

import (
	"cmp"
	"encoding/binary"
	"slices"

	"oteltop/model"
)

// Kind says what a pattern is. Its values are stable: scripts read them.
type Kind string

// The kinds.
const (
	NPlusOne   Kind = "n_plus_one"
	Serial     Kind = "serial"
	FanOut     Kind = "fan_out"
	Duplicates Kind = "duplicates"
	Cycle      Kind = "cycle"
	Deep       Kind = "deep"
	// CrossRegion is a call that leaves its region; Path is the region of the caller and that of the answer.
	CrossRegion Kind = "cross_region"
)

const (
	// minDepths is how many traces tell how deep is deep, deepQuantile which of them are: those beyond it.
	minDepths    = 1000
	deepQuantile = .999
)

// Row is a pattern in one place: what a caller does, over all traces.
type Row struct {
	Kind Kind
	// The caller: the span that makes the calls, or of a cycle the service that is called again. Within is the
	// operation inside of which they are made in Examples[0], empty where that is the caller's.
	Service   string
	Operation string
	OpKind    model.Kind
	Within    string

	Call      string   // what is called, for people; empty for cycles of services
	Peer      string   // whom
	Protocol  string   // database, http, rpc or other
	Statement string   // statement or route, values left out; empty where there is none
	Path      []string // the services of a cycle, the calls of a chain, the regions of a call from one to another

	Requests    uint64 // with the pattern
	Harmed      uint64 // of which it costs at least 50 ms and 5 %
	Of          uint64 // requests in which the caller makes calls; of cycles and depth, all
	Occurrences uint64

	Calls         int // per occurrence, median
	CallsP95      int
	CallsMax      int
	PerCallerP50  int // calls of all callers that make any; 0 for kinds that are of no single call
	PerCallerP95  int
	PerCallerMax  int
	Width         int     // most calls at work at the same time
	Straggler     float64 // of a fan-out: the slowest call over the median one, median
	Grows         float64 // Spearman's correlation of calls and duration of the caller; 0 where there are too few
	GrowsP        float64 // 1 where there are too few
	Sourced       float64 // share of occurrences right before which the caller asked for something else
	Independent   bool    // of a chain: some calls take no values, so they need not wait
	Cache         bool    // calls to a cache, which are fast: worth knowing, no fault
	AcrossService bool    // of duplicates: several services ask
	ServedHere    bool    // of calls that leave their region: in that region the operation is served, too

	Time     int64 // in the calls (of duplicates, all but the first), all occurrences together, ns
	Critical int64 // of which on the critical path
	Save     int64 // at most, if it were done otherwise: never more than Critical
	TimeP50  int64 // of an occurrence, ns
	SaveP50  int64
	RootP50  int64 // duration of the requests, ns

	// Of the Harmed requests only: what they could save together, and the medians of that and of their duration, ns.
	Lost, LostP50, HarmedP50 int64

	Examples []Example // the costliest first
	Select   Selection
}

// Example is where a pattern can be seen: the span of the first call, of the slowest one of a fan-out.
type Example struct {
	Trace model.TraceID
	Span  model.SpanID
}

// Selection is by what the calls of a pattern can be selected, raw; empty fields say nothing. Key has the same
// Value in all of them.
type Selection struct{ Service, Name, Key, Value string }

// Result is the patterns of some traces.
type Result struct {
	Traces  uint64
	Rows    []Row // by Save, then place
	Dropped uint64

	// Depth is the distribution of the longest way down of each trace, in spans and in services entered.
	SpansP50, SpansP95, SpansMax int
	HopsP50, HopsP95, HopsMax    int
}

// Result is what was counted so far.
func (f *Fold) Result() *Result {
	d := &f.depth
	r := &Result{
		Traces: f.traces, Dropped: f.dropped + f.reader.dropped,
		SpansP50: d.spans.quantile(.5), SpansP95: d.spans.quantile(.95), SpansMax: d.spans.most,
		HopsP50: d.hops.quantile(.5), HopsP95: d.hops.quantile(.95), HopsMax: d.hops.most,
	}
	for k, t := range f.places {
		r.Rows = append(r.Rows, f.row(k, t))
	}
	r.Rows = append(r.Rows, f.deep()...)
	slices.SortFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Save, a.Save), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.OpKind, b.OpKind), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Statement, b.Statement), slices.Compare(a.Path, b.Path))
	})
	return r
}

// row is what a place in the code adds up to. Which fields mean something depends on the kind of pattern: see Row.
func (f *Fold) row(k placeKey, t *tally) Row {
	r := Row{
		Kind: k.kind, Requests: t.requests, Harmed: t.harmed, Of: f.traces, Occurrences: t.occurrences,
		Calls: t.calls.quantile(.5), CallsP95: t.calls.quantile(.95), CallsMax: t.calls.most, Width: t.width, GrowsP: 1,
		Sourced: float64(t.sourced) / float64(max(t.occurrences, 1)), Time: t.time, Critical: t.critical, Save: t.save,
		TimeP50: t.times.median(), SaveP50: t.saves.median(), RootP50: t.roots.median(),
		Lost: t.lost, LostP50: t.costs.median(), HarmedP50: t.hurtRoots.median(),
		Straggler: float64(t.ratios.median()) / 1000,
	}
	for _, e := range t.best {
		r.Examples = append(r.Examples, Example{e.trace, e.span})
	}
	f.locate(&r, k, t)
	switch {
	case k.kind == Serial:
		r.Independent = k.path[0] == '='
		for at := 1; at < len(k.path); at += 4 {
			r.Path = append(r.Path, f.reader.label(&f.reader.all[binary.BigEndian.Uint32([]byte(k.path[at:]))-1]))
		}
	case k.kind == Cycle:
		r.Calls, r.CallsP95, r.CallsMax = 0, 0, 0
		for at := 0; at < len(k.path); at += 4 {
			r.Path = append(r.Path, f.names.Service(binary.BigEndian.Uint32([]byte(k.path[at:]))))
		}
	}
	if k.kind == CrossRegion {
		f.crossing(&r, k.path)
	}
	if k.kind == Cycle && k.path != "" {
		r.Service = r.Path[0]
	}
	if k.kind == Duplicates {
		r.AcrossService, r.Width = t.width > 1, 0
	}
	if k.print != 0 {
		f.describe(&r, k)
	}
	return r
}

// locate says who the caller is.
func (f *Fold) locate(r *Row, k placeKey, t *tally) {
	if k.caller == 0 {
		return
	}
	o := f.names.Operation(k.caller)
	r.Service, r.Operation, r.OpKind = o.ServiceName, o.Name, o.Kind
	if c := f.callers[k.caller]; c != nil && k.kind != Cycle {
		r.Of = c.requests
	}
	if len(t.best) > 0 && t.best[0].within != 0 && t.best[0].within != k.caller {
		r.Within = f.names.Operation(t.best[0].within).Name
	}
}

// describe says what is called.
func (f *Fold) describe(r *Row, k placeKey) {
	x := &f.reader.all[k.print-1]
	r.Call, r.Peer, r.Statement = f.reader.label(x), f.reader.peer(x, f.peerName), f.reader.lookup(x.text)
	r.Protocol, r.Cache = [...]string{other: "other", database: "database", web: "http", rpc: "rpc"}[x.protocol], x.cache
	r.Select.Service = f.names.Service(x.service)
	if !x.manyNames {
		r.Select.Name = f.names.Operation(x.op).Name
	}
	if !x.manyTexts && x.raw != "" {
		r.Select.Key, r.Select.Value = x.key, x.raw
	}
	c := f.cells[cellKey{k.caller, k.print}]
	if c == nil {
		return
	}
	r.PerCallerP50, r.PerCallerP95, r.PerCallerMax = c.calls.quantile(.5), c.calls.quantile(.95), c.calls.most
	r.Grows, r.GrowsP = c.grow.Spearman()
}

// deep are the traces that are deeper than all but one in a thousand, by root operation.
func (f *Fold) deep() []Row {
	if f.traces < minDepths {
		return nil
	}
	limit := f.depth.spans.quantile(deepQuantile)
	rows := map[uint32]*Row{}
	for _, d := range f.depth.deepest {
		if d.spans <= limit {
			break
		}
		r := rows[d.root]
		if r == nil {
			o := f.names.Operation(d.root)
			r = &Row{Kind: Deep, Service: o.ServiceName, Operation: o.Name, OpKind: o.Kind, Of: f.traces, GrowsP: 1}
			rows[d.root] = r
		}
		r.Requests++
		r.Occurrences++
		r.CallsMax, r.Width = max(r.CallsMax, d.spans), max(r.Width, d.hops)
		if len(r.Examples) < maxExamples {
			r.Examples = append(r.Examples, Example{d.trace, d.span})
		}
	}
	out := make([]Row, 0, len(rows))
	for _, r := range rows {
		out = append(out, *r)
	}
	return out
}
