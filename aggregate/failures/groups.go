package failures

import (
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// maxClasses is of how many classes of spans it is remembered whether they carry an error type.
const maxClasses = 1 << 16

// Groups counts errors by operation and type, over time. Requests have to come in order of their start. Not safe
// for concurrent use.
type Groups struct {
	names      store.Names
	kinds      *kinds
	periods    periods
	operations map[uint32]*presence
	groups     map[groupKey]*group
	turn       int64 // where what is compared with the baseline begins, Unix ns; 0: found for each group

	typed   map[*store.Class]bool
	soft    uint64
	traces  uint64
	failing uint64
	dropped uint64

	spread spread
}

// presence is in how many requests an operation takes part.
type presence struct {
	series
	before, after uint64 // of the turn
	seen          uint64 // number of the last request
}

type groupKey struct{ op, typ uint32 }

// group is the errors of an operation and type.
type group struct {
	series        // requests with such an error
	before, after uint64
	spans, begin  uint64
	traces        uint64
	failed        uint64 // requests that are errors themselves
	first, last   int64
	message       string
	sample        latest
	seen          uint64
}

// NewGroups returns an empty count.
func NewGroups(names store.Names) *Groups { return newGroups(names, newKinds()) }

func newGroups(names store.Names, k *kinds) *Groups {
	return &Groups{names: names, kinds: k, operations: map[uint32]*presence{}, groups: map[groupKey]*group{}, typed: map[*store.Class]bool{}}
}

// Turn makes what starts before a moment, Unix ns, the window that the rest is compared with. Without, each group
// is judged by the turn that it shows most clearly.
func (g *Groups) Turn(at int64) { g.turn = at }

// Add counts a trace.
func (g *Groups) Add(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	g.traces++
	at, halve := g.periods.next(t.Start)
	if halve {
		g.halve()
	}
	failing := t.Errors > 0
	if failing {
		g.failing++
		g.spread.of(t)
	}
	after := t.Start >= g.turn
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		g.present(s.Op, at, after)
		switch {
		case s.Status == model.StatusError:
			g.add(t, int32(i), s, at, after)
		case g.isTyped(t, int32(i)):
			g.soft++
		}
	}
}

func (g *Groups) halve() {
	for _, p := range g.operations {
		p.halve()
	}
	for _, x := range g.groups {
		x.halve()
	}
}

func (g *Groups) present(op uint32, at int, after bool) {
	p := g.operations[op]
	if p == nil {
		p = &presence{}
		g.operations[op] = p // as many as the store has operations
	}
	if p.seen == g.traces {
		return
	}
	p.seen = g.traces
	p.series[at]++
	if after {
		p.after++
	} else {
		p.before++
	}
}

// isTyped reports whether a span carries an error type, by its class.
func (g *Groups) isTyped(t *request.Trace, node int32) bool {
	c := t.Class(node)
	typed, known := g.typed[c]
	if !known {
		for _, key := range c.Keys {
			typed = typed || key == "error.type"
		}
		if len(g.typed) >= maxClasses {
			clear(g.typed)
		}
		g.typed[c] = typed
	}
	return typed
}

// add counts an error.
func (g *Groups) add(t *request.Trace, node int32, s *store.Settled, at int, after bool) {
	k := groupKey{s.Op, g.kinds.of(t, node)}
	x := g.groups[k]
	if x == nil {
		if len(g.groups) >= maxGroups {
			g.dropped++
			return
		}
		x = &group{first: s.End, last: s.End}
		if t.Class(node).Extra {
			span := t.Decode(node)
			x.message = exceptionMessage(&span)
		}
		g.groups[k] = x
	}
	x.spans++
	if g.spread.roles[node] == Self {
		x.begin++
	}
	x.first, x.last = min(x.first, s.End), max(x.last, s.End)
	if x.seen == g.traces {
		return
	}
	x.seen = g.traces
	x.traces++
	x.series[at]++
	if t.Span(t.Root).Status == model.StatusError {
		x.failed++
	}
	if after {
		x.after++
	} else {
		x.before++
	}
	x.sample.add(Exemplar{t.ID, s.ID})
}
