package failures

import (
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// Origins counts where errors begin and how far they go. Not safe for concurrent use.
type Origins struct {
	names    store.Names
	peerName func(*store.Settled) string
	kinds    *kinds

	operations map[uint32]*Counts
	roots      map[uint32]*rootCounts
	origins    map[originKey]*origin
	chains     *chains
	depths     [maxDepth]Counts
	lengths    [maxDepth]uint64

	traces, failing, visible uint64
	dropped                  uint64

	savings *Savings // nil: nobody asks
	spread  spread
	touched []*origin // origins of the trace that is being looked at
}

// Counts are what errors did at spans.
type Counts struct {
	Spans      uint64
	Self       uint64
	Propagated uint64
	Stopped    uint64
	Affected   uint64 // errors below that the span did not wait for
}

// Errors is how many spans are errors.
func (c Counts) Errors() uint64 { return c.Self + c.Propagated }

// Resilience is the share of errors handed to it that an operation stops; 0 where none was.
func (c Counts) Resilience() float64 { return stats.Ratio(c.Stopped, c.Stopped+c.Propagated) }

func (c *Counts) add(r Role, affected uint32) {
	c.Spans++
	c.Affected += uint64(affected)
	switch r {
	case Self:
		c.Self++
	case Propagated:
		c.Propagated++
	case Stopped:
		c.Stopped++
	}
}

type rootCounts struct{ traces, failed uint64 }

type originKey struct{ op, typ, peer uint32 }

// origin is where errors of a type begin.
type origin struct {
	key      originKey
	peer     store.Settled // whose Peer and Role are the peer's
	errors   uint64
	traces   uint64
	outcomes [len(outcomeNames)]uint64 // traces by the outcome of the gravest of its errors
	lengths  uint64                    // sum
	hops     uint64                    // sum, of errors
	maxHops  int32
	depth    uint64 // sum
	first    int64  // Unix ns
	last     int64
	roots    map[uint32]uint64 // traces that fail because of it, by root operation
	sample   latest            // of those that fail visibly; else of all
	other    latest
	saving   Saving
	softRoot bool // a request failed of which only attributes of its root tell

	seen    uint64 // number of the trace it was last seen in
	outcome Outcome
	span    Exemplar
}

// maxRoots is how many root operations an origin is known to fail.
const maxRoots = 64

// NewOrigins returns an empty count. peerName is how the map names the peer of an exit span.
func NewOrigins(names store.Names, peerName func(*store.Settled) string) *Origins {
	return newOrigins(names, peerName, newKinds())
}

func newOrigins(names store.Names, peerName func(*store.Settled) string, k *kinds) *Origins {
	return &Origins{
		names: names, peerName: peerName, kinds: k, operations: map[uint32]*Counts{}, roots: map[uint32]*rootCounts{},
		origins: map[originKey]*origin{}, chains: newChains(),
	}
}

// Add counts a trace.
func (o *Origins) Add(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	o.traces++
	root := t.Span(t.Root)
	r := o.roots[root.Op]
	if r == nil {
		r = &rootCounts{}
		o.roots[root.Op] = r // as many as the store has operations
	}
	r.traces++
	if t.Errors == 0 {
		for i := range t.Spans {
			o.operation(t.Spans[i].Op).Spans++
		}
		return
	}
	o.failing++
	o.spread.of(t)
	if o.spread.carries[t.Root] {
		r.failed++
		o.visible++
	}
	o.count(t)
}

func (o *Origins) operation(op uint32) *Counts {
	c := o.operations[op]
	if c == nil {
		c = &Counts{}
		o.operations[op] = c // as many as the store has operations
	}
	return c
}

// count counts a trace that has errors.
func (o *Origins) count(t *request.Trace) {
	x := &o.spread
	o.touched = o.touched[:0]
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		o.operation(s.Op).add(x.roles[i], x.affected[i])
		depth := t.Tree.Nodes[i].Depth + 1
		if x.roles[i] != NoRole || x.affected[i] > 0 {
			o.depths[min(depth, maxDepth)-1].add(x.roles[i], x.affected[i])
		}
		if x.roles[i] == Self {
			o.lengths[min(x.ways[i].length, maxDepth)-1]++
			o.begin(t, int32(i), s, depth)
		}
	}
	o.chains.add(t, x)
	for _, g := range o.touched {
		g.settle(t)
	}
}

// begin counts an error that begins at a node.
func (o *Origins) begin(t *request.Trace, i int32, s *store.Settled, depth int32) {
	k := originKey{op: s.Op, typ: o.kinds.of(t, i)}
	if s.Kind.IsExit() {
		k.peer = s.Peer
	}
	g := o.origins[k]
	if g == nil {
		if len(o.origins) >= maxGroups {
			o.dropped++
			return
		}
		g = &origin{key: k, peer: store.Settled{Peer: s.Peer, Role: s.Role}, first: s.End, roots: map[uint32]uint64{}}
		o.origins[k] = g
	}
	if o.savings != nil {
		o.savings.note(t.Index, i, g)
	}
	w := &o.spread.ways[i]
	g.errors++
	g.lengths += uint64(w.length)
	g.hops += uint64(w.hops)
	g.maxHops = max(g.maxHops, w.hops)
	g.depth += uint64(depth)
	g.first, g.last = min(g.first, s.End), max(g.last, s.End)
	if g.seen != o.traces {
		g.seen = o.traces
		g.outcome, g.span = w.outcome, Exemplar{t.ID, s.ID}
		o.touched = append(o.touched, g)
	} else if grave(w.outcome) < grave(g.outcome) {
		g.outcome, g.span = w.outcome, Exemplar{t.ID, s.ID}
	}
}

// grave orders outcomes by what they mean to whoever made the request, the gravest first.
func grave(o Outcome) int {
	return [...]int{Reached: 0, OtherRoot: 1, Unknown: 2, Async: 3, Absorbed: 4}[o]
}

// settle counts a trace for an origin.
func (g *origin) settle(t *request.Trace) {
	g.traces++
	g.outcomes[g.outcome]++
	if g.outcome != Reached {
		g.other.add(g.span)
		return
	}
	g.sample.add(g.span)
	g.softRoot = g.softRoot || t.Span(t.Root).Status != model.StatusError
	root := t.Span(t.Root).Op
	if _, ok := g.roots[root]; ok || len(g.roots) < maxRoots {
		g.roots[root]++
	}
}
