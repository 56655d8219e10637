package shapes

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxCompared is how many traces the medoid is chosen from, evenly spread: each takes some 12 bytes for
	// every path with time on its critical path.
	maxCompared = 1_000
	// maxTypical is how many call paths a typical trace has: four histograms each.
	maxTypical = 2_048
	// floor is the critical time below which times do not differ: a microsecond, because logarithms make a
	// difference between nothing and next to nothing of what nobody would notice.
	floor = 1e3
)

// Typical lays the traces of one shape over each other: a waterfall of medians. Not safe for concurrent use.
type Typical struct {
	Traces uint64
	Failed uint64 // of these, with a failed span

	paths    Paths
	stats    []pathStat // parallel to paths.List
	place    []int32
	hit      []int32 // paths with a span in this trace
	step     int     // every so many traces one is compared for the medoid
	compared []profile
	lengths  []length
	failure  length // newest that failed; its ns is when it started
}

// pathStat is what was counted of a path. Times are in ns.
type pathStat struct {
	offset, duration, self, critical hist.Histogram // offset, self and critical per trace, duration per call
	calls, failed, traces            uint64
	most                             int

	// of the trace that is being folded
	n                     int
	first, ownSelf, ownCP int64
}

// profile is the critical path of a trace: own times by path, ascending, where there is any.
type profile struct {
	trace model.TraceID
	of    []share
}

type share struct {
	path int32
	ns   int64
}

type length struct {
	trace model.TraceID
	ns    int64
}

// Spread is the middle and the extent of figures that differ from trace to trace, ns. Within the
// histogram's 1.1 %; 0 below 2 ns.
type Spread struct{ P10, P50, P90 int64 }

// Node is a call path in the typical trace. Nodes are in depth-first order, siblings by offset.
type Node struct {
	Operation  store.Operation // the zero Operation stands for parents that were never seen
	Parent     int             // index of the node above, −1 for a root
	Depth      int
	Presence   float64 // share of the traces with such a span
	PerTrace   float64 // calls per trace that has any
	Most       int     // calls in one trace
	Calls      uint64
	ErrorShare float64 // failed calls / calls
	Offset     Spread  // start of the first call of a trace since the start of its root
	Duration   Spread  // of a call
	Self       Spread  // self time of all calls of a trace
	Critical   Spread  // own time of all calls of a trace on its critical path
}

// NewTypical is for about so many traces.
func NewTypical(traces int) *Typical {
	left := maxTypical
	return &Typical{step: max(1, (traces+maxCompared-1)/maxCompared), paths: Paths{Left: &left}}
}

// Fold adds a trace.
func (x *Typical) Fold(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	x.place = x.paths.Place(t.Heads, &t.Tree, false, x.place)
	for len(x.stats) < len(x.paths.List) {
		x.stats = append(x.stats, pathStat{})
	}
	self, critical := t.Self(), t.Critical()
	start := t.Span(t.Root).Start
	x.hit = x.hit[:0]
	for node, at := range x.place {
		if at < 0 {
			continue
		}
		s := &x.stats[at]
		span := t.Span(int32(node))
		if s.n == 0 {
			x.hit = append(x.hit, at)
			s.first = math.MaxInt64
		}
		s.n++
		if span == nil {
			continue
		}
		s.duration.Add(span.Duration())
		s.first = min(s.first, span.Start)
		s.ownSelf += self[node]
		s.ownCP += critical[node]
		if span.Status == model.StatusError {
			s.failed++
		}
	}
	x.end(t, start)
}

// end closes the counts of one trace.
func (x *Typical) end(t *request.Trace, start int64) {
	isCompared := x.Traces%uint64(x.step) == 0 && len(x.compared) < maxCompared
	p := profile{trace: t.ID}
	slices.Sort(x.hit)
	for _, at := range x.hit {
		s := &x.stats[at]
		s.traces++
		s.calls += uint64(s.n)
		s.most = max(s.most, s.n)
		if s.first != math.MaxInt64 {
			s.offset.Add(s.first - start)
		}
		s.self.Add(s.ownSelf)
		s.critical.Add(s.ownCP)
		if isCompared && s.ownCP > 0 {
			p.of = append(p.of, share{at, s.ownCP})
		}
		s.n, s.ownSelf, s.ownCP = 0, 0, 0
	}
	if isCompared {
		x.compared = append(x.compared, p)
	}
	x.Traces++
	x.lengths = append(x.lengths, length{t.ID, t.Duration()})
	if t.Errors > 0 {
		x.Failed++
		if isLater(t.Start, t.ID, x.failure.ns, x.failure.trace) {
			x.failure = length{t.ID, t.Start}
		}
	}
}

// Folded is how many spans were counted on the path above them, because of the bound on paths.
func (x *Typical) Folded() uint64 { return x.paths.Folded }

// Nodes are the typical trace.
func (x *Typical) Nodes(names store.Names) []Node {
	all := make([]Node, len(x.paths.List))
	below := make([][]int32, len(x.paths.List))
	var roots []int32
	for i := range x.paths.List {
		p := &x.paths.List[i]
		all[i] = x.node(i, names)
		if p.Parent < 0 {
			roots = append(roots, int32(i))
		} else {
			below[p.Parent] = append(below[p.Parent], int32(i))
		}
	}
	latestFirst := func(a, b int32) int { // the last is taken from the stack first
		m, n := &all[a], &all[b]
		return cmp.Or(cmp.Compare(n.Offset.P50, m.Offset.P50), cmp.Compare(m.Duration.P50, n.Duration.P50), cmp.Compare(n.Operation.ServiceName, m.Operation.ServiceName),
			cmp.Compare(n.Operation.Name, m.Operation.Name), cmp.Compare(n.Operation.Kind, m.Operation.Kind))
	}
	slices.SortFunc(roots, latestFirst)
	out := make([]Node, 0, len(all))
	rank := make([]int, len(all))
	for stack := roots; len(stack) > 0; {
		i := stack[len(stack)-1]
		slices.SortFunc(below[i], latestFirst)
		stack = append(stack[:len(stack)-1], below[i]...)
		rank[i] = len(out)
		n := all[i]
		n.Parent = -1
		if p := x.paths.List[i].Parent; p >= 0 {
			n.Parent = rank[p]
		}
		out = append(out, n)
	}
	return out
}

func (x *Typical) node(i int, names store.Names) Node {
	s := &x.stats[i]
	n := Node{
		Depth: int(x.paths.List[i].Depth), Calls: s.calls, Most: s.most,
		Offset: spreadOf(&s.offset), Duration: spreadOf(&s.duration), Self: spreadOf(&s.self), Critical: spreadOf(&s.critical),
	}
	if op := x.paths.List[i].Op; op != Missing {
		n.Operation = names.Operation(op)
	}
	if s.traces > 0 {
		n.Presence = float64(s.traces) / float64(x.Traces)
		n.PerTrace = float64(s.calls) / float64(s.traces)
		n.ErrorShare = float64(s.failed) / float64(s.calls)
	}
	return n
}

func spreadOf(h *hist.Histogram) Spread {
	at := func(q float64) int64 {
		if ns := h.Quantile(q); ns > 1 { // the lowest bin holds 0 as well
			return ns
		}
		return 0
	}
	return Spread{at(.1), at(.5), at(.9)}
}
