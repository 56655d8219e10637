// Who calls whom.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
)

// NodeKind is what a node of the service map is.
type NodeKind string

// The kinds of nodes.
const (
	NodeService   NodeKind = "service"
	NodeDatabase  NodeKind = "database"
	NodeMessaging NodeKind = "messaging"
	NodeInferred  NodeKind = "inferred" // a peer that spans name but that sends none
	NodeUser      NodeKind = "user"     // whoever calls the root servers
)

// EdgeKind is what an edge of the service map is.
type EdgeKind string

// The kinds of edges.
const (
	EdgeCall      EdgeKind = "call"
	EdgeMessaging EdgeKind = "messaging"
	EdgeDatabase  EdgeKind = "database"
	EdgeInferred  EdgeKind = "inferred"
)

// Map is the service map of a scope. Nodes by name, edges by (client, server, kind).
type Map struct {
	Provenance Provenance
	Nodes      []Node
	Edges      []Edge
	Broken     uint64 // non-root server spans without their parent: broken traces, not users
	Pending    uint64 // exit spans still waiting for their peer
	Dropped    uint64 // calls not counted on an edge because a bound was reached
}

// Node is a service or peer. For services RED is over entry spans; for others over the calls to it.
type Node struct {
	Name       string
	Kind       NodeKind
	RED        RED
	Trend      Trend
	Operations int
}

// Edge is the calls from one node to another. A client+server pair is one call (D5).
type Edge struct {
	Client, Server string
	Kind           EdgeKind
	Calls, Failed  uint64
	Rate           float64
	ClientP50      int64 // ns as the client sees it; 0 where no client span was seen
	ClientP95      int64
	ClientP99      int64
	ServerP50      int64 // ns as the server sees it; 0 where no server span was seen
	ServerP95      int64
	ServerP99      int64
	// The gap is what the client waited beyond the server's own time, which does not depend on their clocks;
	// of messaging the time in the queue, consumer start − producer end, which does. One that is negative
	// counts as none in the quantiles (A04).
	GapP50      int64
	GapP95      int64
	GapP99      int64
	Answered    uint64 // calls with a span on the server's side
	Gaps        uint64 // calls with a span on both sides
	GapNegative uint64 // of these, with a negative gap: the clocks differ, or the server went on afterwards
	Trend       Trend  // P95 of the client side where there is one
}

// Map implements Engine.
func (m *Memory) Map(ctx context.Context, q Query) (*Map, error) {
	return ask(ctx, m, questionOf("map", q), func() (*Map, error) {
		v, err := m.view(ctx, q)
		if err != nil {
			return nil, err
		}
		out := mapOf(v, q)
		return out, m.completeProvenance(ctx, q, &out.Provenance)
	})
}

// mapOf answers Engine.Map from a view. A focus keeps the edges that touch its service, or the one edge,
// with the nodes at their ends.
//
// A node is known by its name (see namer). A call whose server span was lost ends at the service whose
// name or address it gives, on an edge of its own kind.
// Among peers of one name a database wins over a queue, a queue over an inferred peer.
func mapOf(v *rollup.View, q Query) *Map {
	b := newMapBuilder(v, q)
	window := rollupWindow(q.Window)
	seconds := v.Seconds(window)
	groups := len(b.nodes) + len(b.edges)
	stats, trends := b.groups.history(groups, v, q.Window)
	sums := b.groups.sums(groups, stats)
	m := &Map{
		Provenance: rollupProvenance(v, q.Window),
		Broken:     v.Counters.Broken, Pending: v.Counters.Pending, Dropped: v.Counters.Dropped,
	}
	for i := range b.edges {
		if e, ok := b.edge(i, stats, seconds); ok {
			e.Trend = trends[len(b.nodes)+i]
			m.Edges = append(m.Edges, e)
			b.atEnd[e.Client], b.atEnd[e.Server] = true, true
		}
	}
	for i := range b.nodes {
		n := b.nodes[i]
		n.RED, n.Trend = redOf(&sums[i], seconds), trends[i]
		n.Operations = b.operations(n.Name, stats)
		if b.shown(&n) {
			m.Nodes = append(m.Nodes, n)
		}
	}
	if q.Window != (Window{}) {
		m.Provenance.Spans = spansOf(v, stats)
	}
	slices.SortFunc(m.Nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(m.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Kind, b.Kind))
	})
	return m
}

// spansOf is the number of spans in a window's sums.
func spansOf(v *rollup.View, stats []rollup.Stat) uint64 {
	n := uint64(0)
	for i := range stats {
		if v.Subjects[i].Measure == rollup.MeasureOperation {
			n += stats[i].Latency.Count()
		}
	}
	return n
}

// mapBuilder lays out the nodes and edges of a view. Groups are first the nodes, then the edges.
type mapBuilder struct {
	v      *rollup.View
	focus  Focus
	nodes  []Node
	nodeAt map[string]int
	edges  []mapEdge
	edgeAt map[mapEdge]int
	series [][]int // by edge: the first series of each rollup edge that it shows
	groups grouping
	opsOf  map[string][]int // by service: its operation series
	atEnd  map[string]bool  // nodes at the end of an edge with calls
}

// mapEdge is an edge by the names that a map shows.
type mapEdge struct {
	client, server string
	kind           EdgeKind
}

// newMapBuilder makes a node for each service and for both ends of each edge in the focus. Rollup edges whose ends have
// the same names are one edge.
func newMapBuilder(v *rollup.View, q Query) *mapBuilder {
	b := &mapBuilder{
		v: v, focus: q.Focus, nodeAt: map[string]int{}, edgeAt: map[mapEdge]int{},
		opsOf: map[string][]int{}, atEnd: map[string]bool{},
	}
	for i := 1; i < len(v.Subjects); i++ {
		if s := &v.Subjects[i]; s.Measure == rollup.MeasureOperation || s.Measure == rollup.MeasureEntry {
			name := serviceName(v, s.Service)
			b.node(name, NodeService)
			if s.Measure == rollup.MeasureOperation {
				b.opsOf[name] = append(b.opsOf[name], i)
			}
		}
	}
	calls := v.Series(func(s *rollup.Subject) bool { return s.Measure == rollup.MeasureCall })
	name := newNamer(v.Names)
	for _, series := range calls {
		e := v.Edges[v.Subjects[series].Edge]
		names := name.edge(e)
		if !b.wanted(names) {
			continue
		}
		b.node(names.client, nodeKinds[e.Client.Kind])
		b.node(names.server, nodeKinds[e.Server.Kind])
		at, ok := b.edgeAt[names]
		if !ok {
			at = len(b.edges)
			b.edgeAt[names] = at
			b.edges = append(b.edges, names)
			b.series = append(b.series, nil)
		}
		b.series[at] = append(b.series[at], int(series))
	}
	b.group()
	return b
}

// node makes a node, or raises the kind of the one that has the name.
func (b *mapBuilder) node(name string, kind NodeKind) {
	at, ok := b.nodeAt[name]
	if !ok {
		b.nodeAt[name] = len(b.nodes)
		b.nodes = append(b.nodes, Node{Name: name, Kind: kind})
		return
	}
	if slices.Index(nodePrecedence, kind) < slices.Index(nodePrecedence, b.nodes[at].Kind) {
		b.nodes[at].Kind = kind
	}
}

// group assigns series to nodes and edges: the entry spans of a service to its node, the calls of an
// edge to the edge and, where nothing is known of the server itself, to its node. A user has no figures
// of its own: its calls are on its edges.
func (b *mapBuilder) group() {
	b.groups = newGrouping(b.v)
	for i := 1; i < len(b.v.Subjects); i++ {
		if s := &b.v.Subjects[i]; s.Measure == rollup.MeasureEntry || s.Entry() {
			b.groups[i][0] = b.nodeAt[serviceName(b.v, s.Service)]
		}
	}
	for at, e := range b.edges {
		server := b.nodeAt[e.server]
		for _, series := range b.series[at] {
			b.groups[series][0] = len(b.nodes) + at
			if b.nodes[server].Kind != NodeService {
				b.groups[series][1] = server
			}
		}
	}
}

// edge makes the figures of an edge; false where it has no calls in the window.
func (b *mapBuilder) edge(at int, stats []rollup.Stat, seconds float64) (Edge, bool) {
	names := b.edges[at]
	var calls, server, gap rollup.Stat
	var bare hist.Histogram
	for _, s := range b.series[at] {
		calls.Merge(&stats[s])
		server.Merge(&stats[s+1])
		gap.Merge(&stats[s+2])
		bare.Merge(&stats[s+3].Latency)
	}
	n := calls.Latency.Count()
	if n == 0 {
		return Edge{}, false
	}
	client := &calls.Latency // from here the client's view
	client.Sub(&bare)
	client.Clip()
	e := Edge{
		Client: names.client, Server: names.server, Kind: names.kind,
		Calls: n, Failed: uint64(calls.Errors), Rate: float64(n) / seconds,
	}
	e.ClientP50, e.ClientP95, e.ClientP99 = quantiles(client)
	e.ServerP50, e.ServerP95, e.ServerP99 = quantiles(&server.Latency)
	e.GapP50, e.GapP95, e.GapP99 = quantiles(&gap.Latency)
	e.Answered, e.Gaps, e.GapNegative = server.Latency.Count(), gap.Latency.Count(), uint64(gap.Errors)
	return e, true
}

func quantiles(h *hist.Histogram) (p50, p95, p99 int64) {
	q := h.Quantiles()
	return q.P50, q.P95, q.P99
}

// operations is how many operations of a service have spans in the window.
func (b *mapBuilder) operations(name string, stats []rollup.Stat) int {
	n := 0
	for _, s := range b.opsOf[name] {
		if stats[s].Latency.Count() > 0 {
			n++
		}
	}
	return n
}

// shown reports whether a node is on the map: with calls or edges in the window and, under a focus, at
// the end of an edge that is shown or the focus itself.
func (b *mapBuilder) shown(n *Node) bool {
	switch {
	case b.atEnd[n.Name]:
		return true
	case !b.focus.IsZero():
		return n.Name == b.focus.Service
	}
	return n.RED.Calls > 0 || n.Operations > 0
}

// wanted reports whether an edge is in the focus.
func (b *mapBuilder) wanted(e mapEdge) bool {
	f := b.focus
	switch {
	case f.Client != "" || f.Server != "":
		return e.client == f.Client && e.server == f.Server
	case f.Service != "":
		return e.client == f.Service || e.server == f.Service
	}
	return true
}

// The names of rollup's kinds, and which kind a name has that is used for several.
var (
	nodeKinds = [...]NodeKind{
		rollup.NodeService: NodeService, rollup.NodeDatabase: NodeDatabase, rollup.NodeMessaging: NodeMessaging,
		rollup.NodeInferred: NodeInferred, rollup.NodeUser: NodeUser,
	}
	edgeKinds = [...]EdgeKind{
		rollup.EdgeCall: EdgeCall, rollup.EdgeMessaging: EdgeMessaging,
		rollup.EdgeDatabase: EdgeDatabase, rollup.EdgeInferred: EdgeInferred,
	}
	nodePrecedence = []NodeKind{NodeService, NodeDatabase, NodeMessaging, NodeInferred, NodeUser}
)
