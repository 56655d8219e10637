// Lens 1, Map: the answer indexed by node and edge, and how loudly each of them is drawn.

package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
)

// Judgements of the map. A share or growth below these is drawn quietly; nothing else on the map depends
// on them.
const (
	shareNotice  = 0.01 // error share that deserves a look
	shareFailing = 0.05 // error share that is a failure
	growthNotice = 2.0  // p95 of the newest sixth of the window against the median before it
	growthCalls  = 20   // calls needed on both sides before growth is judged
)

// quietTime is how long, in event time (ns), a node or edge stays on the map after its calls left the window.
const quietTime = int64(time.Minute)

// health is how loudly a node or edge is drawn.
type health uint8

const (
	fine health = iota
	notice
	failing
)

// mapGraph is an answer of the engine, indexed for drawing and moving. Immutable.
type mapGraph struct {
	answer *aggregate.Map
	nodes  []mapNode // by name
	edges  []mapEdge // by client, server, kind
	ranked []int     // nodes, those most in trouble first

	slowest, busiest []int      // nodes by p95, by calls
	leftOut          model.Text // what short names of nodes are without; empty: nothing
	folded           uint64     // inferred calls that are counted with those of an edge, see foldInferred
}

// mapNode is a node with what hangs on it.
type mapNode struct {
	aggregate.Node
	text    model.Text
	short   model.Text // without what the names of most services have in common
	in, out []int      // edges, busiest first
	growth  float64
	health  health
	seen    int64 // end of the last answer that listed it, Unix ns
	quiet   bool  // kept from an earlier answer, see quietTime
}

// mapEdge is an edge with its ends.
type mapEdge struct {
	aggregate.Edge
	from, to int
	growth   float64
	health   health
	seen     int64
	quiet    bool
}

// edgeKey identifies an edge.
type edgeKey struct {
	client, server string
	kind           aggregate.EdgeKind
}

func (k edgeKey) compare(o edgeKey) int {
	return cmp.Or(strings.Compare(k.client, o.client), strings.Compare(k.server, o.server), cmp.Compare(k.kind, o.kind))
}

func (e *mapEdge) key() edgeKey { return edgeKey{e.Client, e.Server, e.Kind} }

// share is the failed part of the calls.
func (e *mapEdge) share() float64 {
	if e.Calls == 0 {
		return 0
	}
	return float64(e.Failed) / float64(e.Calls)
}

// p95 is the latency of the edge as its client sees it, as the server does where no client was seen.
func (e *mapEdge) p95() int64 {
	if e.ClientP95 > 0 {
		return e.ClientP95
	}
	return e.ServerP95
}

// newMapGraph indexes an answer. Ends of edges that the answer does not list become inferred nodes, so that
// every edge can be drawn. Of before, the graph of the last answer to the same scope, it keeps what went
// quiet lately; nil keeps nothing.
func newMapGraph(m *aggregate.Map, before *mapGraph) *mapGraph {
	g := &mapGraph{answer: m}
	known := make(map[string]bool, len(m.Nodes))
	add := func(n mapNode) {
		if !known[n.Name] {
			known[n.Name] = true
			g.nodes = append(g.nodes, n)
		}
	}
	for _, n := range m.Nodes {
		growth := trendGrowth(&n.Trend)
		add(mapNode{Node: n, text: model.Sanitise(n.Name), growth: growth, health: judge(n.RED.ErrorShare(), growth), seen: m.Provenance.To})
	}
	var edges []aggregate.Edge
	edges, g.folded = foldInferred(m.Edges)
	for _, e := range edges {
		growth := trendGrowth(&e.Trend)
		x := mapEdge{Edge: e, growth: growth, seen: m.Provenance.To}
		x.health = judge(x.share(), growth)
		g.edges = append(g.edges, x)
	}
	g.keepQuiet(before, add)
	for i := range g.edges {
		e := &g.edges[i]
		for _, end := range [...]string{e.Client, e.Server} {
			add(mapNode{Node: aggregate.Node{Name: end, Kind: aggregate.NodeInferred}, text: model.Sanitise(end), seen: e.seen, quiet: e.quiet})
		}
	}
	slices.SortFunc(g.nodes, func(a, b mapNode) int { return strings.Compare(a.Name, b.Name) })
	g.shorten()
	g.connect()
	g.ranked, g.slowest, g.busiest = g.rank(worse), g.rank(slower), g.rank(busier)
	return g
}

// foldInferred counts inferred calls with the real ones between the same ends. A span that lost its parent looks
// like a call from a caller that sends nothing; where both ends are known to call each other it is one of those
// calls, and an edge of its own would only be a phantom beside the real one. Latencies stay those of the real
// calls, which were seen from both sides. The second result is how many calls were folded.
func foldInferred(edges []aggregate.Edge) ([]aggregate.Edge, uint64) {
	type ends struct{ client, server string }
	known := make(map[ends]int, len(edges)) // the busiest of the real edges
	out := make([]aggregate.Edge, 0, len(edges))
	for _, e := range edges {
		if e.Kind == aggregate.EdgeInferred {
			continue
		}
		at := ends{e.Client, e.Server}
		if i, ok := known[at]; !ok || out[i].Calls < e.Calls {
			known[at] = len(out)
		}
		out = append(out, e)
	}
	folded := uint64(0)
	for _, e := range edges {
		if e.Kind != aggregate.EdgeInferred {
			continue
		}
		i, ok := known[ends{e.Client, e.Server}]
		if !ok {
			out = append(out, e)
			continue
		}
		out[i].Calls += e.Calls
		out[i].Failed += e.Failed
		out[i].Rate += e.Rate
		folded += e.Calls
	}
	return out, folded
}

// keepQuiet takes over what before had and the answer lacks, without figures, until it was quiet for
// quietTime: calls that are rare would otherwise come and go with the window and rebuild the map each time.
func (g *mapGraph) keepQuiet(before *mapGraph, add func(mapNode)) {
	now := g.answer.Provenance.To
	if before == nil || now == 0 {
		return
	}
	listed := make(map[edgeKey]bool, len(g.edges))
	for i := range g.edges {
		listed[g.edges[i].key()] = true
	}
	for i := range before.edges {
		if e := &before.edges[i]; !listed[e.key()] && now-e.seen < quietTime {
			bare := aggregate.Edge{Client: e.Client, Server: e.Server, Kind: e.Kind}
			g.edges = append(g.edges, mapEdge{Edge: bare, seen: e.seen, quiet: true})
		}
	}
	for i := range before.nodes {
		if n := &before.nodes[i]; now-n.seen < quietTime {
			add(mapNode{Node: aggregate.Node{Name: n.Name, Kind: n.Kind}, text: n.text, seen: n.seen, quiet: true})
		}
	}
}

// connect sorts the edges and hangs them on their nodes.
func (g *mapGraph) connect() {
	for i := range g.edges {
		e := &g.edges[i]
		e.from, _ = g.node(e.Client)
		e.to, _ = g.node(e.Server)
	}
	slices.SortFunc(g.edges, func(a, b mapEdge) int { return a.key().compare(b.key()) })
	for i := range g.edges {
		e := &g.edges[i]
		g.nodes[e.from].out = append(g.nodes[e.from].out, i)
		g.nodes[e.to].in = append(g.nodes[e.to].in, i)
	}
	busiest := func(a, b int) int { return cmp.Or(cmp.Compare(g.edges[b].Calls, g.edges[a].Calls), cmp.Compare(a, b)) }
	for i := range g.nodes {
		slices.SortFunc(g.nodes[i].in, busiest)
		slices.SortFunc(g.nodes[i].out, busiest)
	}
}

// node finds a node by name.
func (g *mapGraph) node(name string) (int, bool) {
	return slices.BinarySearchFunc(g.nodes, name, func(n mapNode, name string) int { return strings.Compare(n.Name, name) })
}

// edge finds an edge; without a kind in the key, the first between its ends.
func (g *mapGraph) edge(k edgeKey) (int, bool) {
	i, ok := slices.BinarySearchFunc(g.edges, k, func(e mapEdge, k edgeKey) int { return e.key().compare(k) })
	if !ok && k.kind == "" && i < len(g.edges) { // no kind sorts before all kinds
		ok = g.edges[i].Client == k.client && g.edges[i].Server == k.server
	}
	return i, ok
}

// sameTopology reports whether two graphs have the same nodes and edges, so that one layout fits both.
func (g *mapGraph) sameTopology(o *mapGraph) bool {
	return o != nil &&
		slices.EqualFunc(g.nodes, o.nodes, func(a, b mapNode) bool { return a.Name == b.Name && a.Kind == b.Kind }) &&
		slices.EqualFunc(g.edges, o.edges, func(a, b mapEdge) bool { return a.key() == b.key() })
}

// rank lists all nodes in an order, ties by name.
func (g *mapGraph) rank(order func(a, b *mapNode) int) []int {
	r := make([]int, len(g.nodes))
	for i := range r {
		r[i] = i
	}
	slices.SortStableFunc(r, func(a, b int) int { return order(&g.nodes[a], &g.nodes[b]) })
	return r
}

// worse orders nodes by trouble: error share first, then growth of p95, then traffic. Shares and growths
// that are no trouble do not count, so that healthy nodes stand by traffic and do not dance.
func worse(a, b *mapNode) int {
	return cmp.Or(cmp.Compare(b.health, a.health), cmp.Compare(b.trouble(), a.trouble()), busier(a, b))
}

func (n *mapNode) trouble() float64 {
	t := 0.0
	if s := n.RED.ErrorShare(); s >= shareNotice {
		t += 1000 * s
	}
	if n.growth >= growthNotice {
		t += min(n.growth, 100) / 100
	}
	return t
}

func busier(a, b *mapNode) int { return cmp.Compare(b.RED.Calls, a.RED.Calls) }

func slower(a, b *mapNode) int { return cmp.Compare(b.RED.P95, a.RED.P95) }

// judge is the health of something with an error share and a growth of its p95.
func judge(share, growth float64) health {
	switch {
	case share >= shareFailing:
		return failing
	case share >= shareNotice, growth >= growthNotice:
		return notice
	}
	return fine
}

// trendGrowth compares the median p95 of the newest sixth of a trend with the median of what was before;
// 0 where there is too little of either.
func trendGrowth(t *aggregate.Trend) float64 {
	n := len(t.P95)
	cut := n - max(1, n/6)
	before, callsBefore := medianP95(t, 0, cut)
	now, callsNow := medianP95(t, cut, n)
	if before == 0 || now == 0 || callsBefore < growthCalls || callsNow < growthCalls {
		return 0
	}
	return float64(now) / float64(before)
}

// medianP95 is the median over the steps with calls in [from, to), and how many calls those had.
func medianP95(t *aggregate.Trend, from, to int) (median int64, calls uint64) {
	var buf [128]int64
	v := buf[:0]
	for i := max(0, from); i < to && i < len(t.Calls); i++ {
		if t.P95[i] > 0 {
			v = append(v, t.P95[i])
			calls += t.Calls[i]
		}
	}
	if len(v) == 0 {
		return 0, 0
	}
	slices.Sort(v)
	return v[len(v)/2], calls
}
