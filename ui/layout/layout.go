// Package layout places a directed graph on a grid of terminal cells: layers from left to right, boxes
// that never overlap, edges of horizontal and vertical runs that never cross a box. It is Sugiyama's
// method in five steps, each in its own file:
//
//	Graph ─▶ cycles (reverse a light set of edges) ─▶ layers (longest path, one bundled chain of bends
//	per trunk) ─▶ order (sweeps and transposition against crossings) ─▶ rows (isotonic regression)
//	─▶ route (tracks in the channels between layers) ─▶ Layout
//
// The result depends on the graph only, never on the order of the input. A previous layout can seed the
// order, so that what a person has learnt to find stays where it was.
package layout

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Bounds above which Place refuses. Beyond them a map is a tangle that nobody reads, and ordering would
// take long enough to be felt: 300 nodes with 900 edges take some tens of ms.
const (
	MaxNodes = 300
	MaxEdges = 1500
	maxBends = 4000 // bends of long edges, after sharing
)

// ErrTooLarge says that the graph is over the bounds of this package.
var ErrTooLarge = errors.New("graph too large for a layered layout")

// Node is a box of W×H cells.
type Node struct {
	ID   string
	W, H int
}

// Edge goes from one node to another. Heavier edges are kept forward and straight. Edges between the same
// nodes are one; edges of a node to itself are left out.
type Edge struct {
	From, To string
	Weight   float64
}

// Options are the wishes about a layout.
type Options struct {
	// GapX is the least number of columns between two layers (at least 4: a stub, a track, an arrow);
	// GapY is the number of free rows between two boxes of a layer.
	GapX, GapY int
	// Width, when larger than what the layout needs, is filled by widening the channels between layers,
	// each up to MaxGapX columns.
	Width, MaxGapX int
	// Previous seeds the order within layers: nodes that were there keep their order.
	Previous *Layout
}

// Point is a cell.
type Point struct{ X, Y int }

// Box is where a node stands. All boxes of a layer have the same width, that of the widest.
type Box struct {
	ID         string
	Layer      int
	X, Y, W, H int
}

// Line is the course of an edge from its source to its target: corner points, the ends included. It starts
// in the cell beside one box and ends in the cell beside the other. Lines with the same trunk share cells.
type Line struct {
	From, To string
	// Back is true for an edge against the flow: it leaves its source to the left and reaches its target
	// from the right.
	Back  bool
	Trunk int
	Path  []Point
}

// Layout is a placed graph. Immutable.
type Layout struct {
	W, H      int
	Layers    int
	Boxes     []Box  // by ID
	Lines     []Line // by From, To
	Crossings int    // of edges between neighbouring layers, before routing
}

// Box finds a box by its node's id.
func (l *Layout) Box(id string) (Box, bool) {
	i, ok := slices.BinarySearchFunc(l.Boxes, id, func(b Box, id string) int { return strings.Compare(b.ID, id) })
	if !ok {
		return Box{}, false
	}
	return l.Boxes[i], true
}

// Place lays the graph out. It fails on a graph over the bounds (ErrTooLarge) and on one that contradicts
// itself: two nodes with one id, an edge to nowhere, a box without cells.
func Place(nodes []Node, edges []Edge, o Options) (*Layout, error) {
	if len(nodes) > MaxNodes || len(edges) > MaxEdges {
		return nil, ErrTooLarge
	}
	g, err := newGraph(nodes, edges)
	if err != nil {
		return nil, err
	}
	g.breakCycles()
	g.assignLayers()
	if !g.bend() {
		return nil, ErrTooLarge
	}
	crossings := g.orderLayers(o.Previous)
	g.assignRows(max(0, o.GapY))
	return g.route(o, crossings), nil
}

// arc is an edge of the graph by node index. After breakCycles from→to follows the flow; back says that the
// real edge goes the other way.
type arc struct {
	from, to int
	weight   float64
	back     bool
	trunk    int
}

// graph is the working state of Place. Vertices 0…len(nodes)-1 are the nodes, by id; then come the bends.
type graph struct {
	nodes    []Node
	arcs     []arc // by (from, to) of the real edge
	vertices []vertex
	hops     []hop
	layers   [][]int // vertices of each layer, in order
	trunks   []trunk
}

// vertex is a node, or a bend: one row of a layer that a long edge passes.
type vertex struct {
	layer, pos int
	h          int
	y          int // top row
	bend       bool
	left       []int // hops from the layer before
	right      []int // hops to the layer after
}

// hop is a piece of a trunk between two neighbouring layers.
type hop struct {
	from, to int // vertices
	trunk    int
	weight   float64
}

// trunk is what leaves one side of a node as one line and fans out to all its targets. Edges against the
// flow have a trunk of their own where the box is high enough for a second port.
type trunk struct {
	node int
	back bool
}

func newGraph(nodes []Node, edges []Edge) (*graph, error) {
	g := &graph{nodes: slices.Clone(nodes)}
	slices.SortFunc(g.nodes, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
	index := make(map[string]int, len(nodes))
	for i, n := range g.nodes {
		if _, twice := index[n.ID]; twice {
			return nil, fmt.Errorf("layout: two nodes %q", n.ID)
		}
		if n.W < 1 || n.H < 1 {
			return nil, fmt.Errorf("layout: node %q is %d×%d cells", n.ID, n.W, n.H)
		}
		index[n.ID] = i
	}
	for _, e := range edges {
		from, ok1 := index[e.From]
		to, ok2 := index[e.To]
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("layout: edge %q → %q leads nowhere", e.From, e.To)
		}
		if from != to {
			g.arcs = append(g.arcs, arc{from: from, to: to, weight: max(0, e.Weight)})
		}
	}
	g.arcs = mergeArcs(g.arcs)
	return g, nil
}

// mergeArcs sorts and makes one of the arcs between the same nodes. The weight is a sum over a sorted list,
// so that rounding does not depend on the input's order either.
func mergeArcs(arcs []arc) []arc {
	slices.SortFunc(arcs, func(a, b arc) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.weight, b.weight))
	})
	out := arcs[:0]
	for _, a := range arcs {
		if n := len(out); n > 0 && out[n-1].from == a.from && out[n-1].to == a.to {
			out[n-1].weight += a.weight
			continue
		}
		out = append(out, a)
	}
	return out
}

// Ports: the row of a box, counted from its top, where lines leave and arrive. Both sides use the same
// rows, so that a line between two aligned boxes is straight.
func forwardPort(h int) int { return (h - 1) / 2 }

// backPort is the port of edges against the flow: one row lower where that is still inside the frame.
func backPort(h int) int {
	if h < 4 {
		return forwardPort(h)
	}
	return forwardPort(h) + 1
}

// port is the row of vertex v, counted from its top, where the trunk touches it.
func (g *graph) port(v, trunk int) int {
	x := &g.vertices[v]
	switch {
	case x.bend:
		return 0
	case g.trunks[trunk].back:
		return backPort(x.h)
	}
	return forwardPort(x.h)
}
