// Lens 1, Map: the form that fits any graph: a node between callers and callees above a table of all nodes.

package ui

import (
	"cmp"
	"slices"

	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// Sizes of the focus view.
const (
	cardWidth = 24
	cardRows  = 6
	focusWide = 150 // columns from which the node's trend stands beside the table
)

// drawFocus draws one node between its callers and callees, and below it the table of all nodes, or the
// story of the selected edge: the form for graphs that no screen shows as a whole, and for screens that show
// no graph.
func (m *Map) drawFocus(a canvas.Area, f *Frame) {
	n := m.subject()
	if n == nil {
		m.drawTable(a, f)
		return
	}
	found := m.focusFound(a.H)
	most := max(len(n.in), len(n.out), cardRows) + 2
	top := min(most, max(cardRows+1, (a.H-found)*11/20))
	if a.H < cardRows+6 {
		top = min(a.H, cardRows)
	}
	m.drawNeighbours(a.Sub(0, 0, a.W, top), n, f)
	if found > 0 {
		m.drawFocusFindings(a.Sub(0, top, a.W, found), f)
		top += found
	}
	if a.H > top+2 {
		s := f.Theme.BorderFocus
		if m.pane == paneStory {
			s = f.Theme.Border
		}
		a.Repeat(0, top, a.W, f.G.Horizontal, s)
		if e := m.edge(); e != nil {
			w := pen{a: a.Row(top), x: 1}
			m.edgeTitle(&w, e, f)
			m.drawEdgeStory(a.Sub(1, top+1, a.W-2, a.H-top-1), e, f)
			return
		}
		title := canvas.Literal(" all nodes ")
		if !m.table.sort.on {
			title = " all nodes, those in trouble first "
		}
		a.Lit(1, top, title, f.Theme.Title)
		rest := a.Sub(0, top+1, a.W, a.H-top-1)
		if a.W >= focusWide {
			side := rest.Sub(rest.W-trendMost, 1, trendMost-1, rest.H-1)
			m.drawFacts(side, n, f)
			drawNodeTrend(side.Sub(0, 4, side.W, side.H-4), n, f)
			rest.W -= trendMost + 2
		}
		m.drawTable(rest, f)
	}
}

// drawNeighbours draws callers, the node, callees.
func (m *Map) drawNeighbours(a canvas.Area, n *mapNode, f *Frame) {
	card := cardWidth
	if a.W >= 110 {
		card = 34
	}
	side := (a.W - card - 8) / 2
	if side < edgeCol+edgeName {
		m.drawCard(a, n, f)
		return
	}
	m.drawEdges(a.Sub(1, 0, side, a.H), listCallers, n, f)
	m.drawCard(a.Sub(side+4, 0, a.W-2*side-8, min(a.H, cardRows)), n, f)
	m.drawEdges(a.Sub(a.W-side-1, 0, side, a.H), listCallees, n, f)
	y := min(2, a.H-1)
	arrow := f.Theme.AccentStrong
	if len(n.in) > 0 {
		a.Rune(side+2, y, f.G.ArrowRight, arrow)
	}
	if len(n.out) > 0 {
		a.Rune(a.W-side-3, y, f.G.ArrowRight, arrow)
	}
}

// drawCard draws the node of the focus view.
func (m *Map) drawCard(a canvas.Area, n *mapNode, f *Frame) {
	t := f.Theme
	border := t.BorderFocus
	if n.health == failing {
		border = t.Error
	} else if n.health == notice {
		border = t.Warn
	}
	drawOutline(a, rect{0, 0, a.W, a.H}, true, border, f.G)
	title := pen{a: a.Row(0).Sub(0, 0, a.W-3, 1), x: 1}
	m.nodeTitle(&title, n, f)
	in := a.Sub(2, 1, a.W-4, a.H-2)
	var b [24]byte
	w := pen{a: in.Row(0)}
	w.figure(num.Rate(b[:0], n.RED.Rate), t.Strong)
	share := in.Row(0)
	figureRight(share, append(num.Share(b[:0], n.RED.ErrorShare()), " err"...), shareStyle(n.RED.ErrorShare(), f))
	row := in.Row(1)
	if in.W >= cardWidth {
		row.Lit(0, 0, "p50", t.Dim)
		duration(row.Sub(0, 0, in.W/2-1, 1), n.RED.P50, t.P50, f)
	}
	row.Lit(in.W-10, 0, "p95", t.Dim)
	duration(row, n.RED.P95, t.P95, f)
	sparkCalls(in.Row(2), &n.Trend, f)
	if in.H > 3 {
		sparkP95(in.Row(3), &n.Trend, f)
	}
}

// Columns of the table of all nodes.
const (
	nodeName = iota
	nodeRate
	nodeErrors
	nodeP50
	nodeP95
	nodeGrowth // of the p95 against the baseline
	nodeCallers
	nodeCallees
	nodeTrend
)

func mapColumns() []column {
	return []column{
		nodeName:    {title: "node", least: 16},
		nodeRate:    {title: "rate", width: 7, right: true},
		nodeErrors:  {title: "errors", width: 8, right: true},
		nodeP50:     {title: "p50", width: 6, rank: 2, right: true},
		nodeP95:     {title: "p95", width: 6, right: true},
		nodeGrowth:  {title: "now/before", width: 10, rank: 3, right: true},
		nodeCallers: {title: "in", width: 4, rank: 4, right: true},
		nodeCallees: {title: "out", width: 4, rank: 4, right: true},
		nodeTrend:   {title: "trend", width: 16, rank: 1, chart: 16, noOrder: true},
	}
}

// mapOrder compares nodes by a column of the table: figures descending. Ties, and so the names, stay in the order
// of the graph, which is by name.
func mapOrder(column int) func(a, b *mapNode) int {
	switch column {
	case nodeRate:
		return func(a, b *mapNode) int { return cmp.Compare(b.RED.Rate, a.RED.Rate) }
	case nodeErrors:
		return func(a, b *mapNode) int { return cmp.Compare(b.RED.ErrorShare(), a.RED.ErrorShare()) }
	case nodeP50:
		return func(a, b *mapNode) int { return cmp.Compare(b.RED.P50, a.RED.P50) }
	case nodeP95:
		return slower
	case nodeGrowth:
		return func(a, b *mapNode) int { return cmp.Compare(b.growth, a.growth) }
	case nodeCallers:
		return func(a, b *mapNode) int { return cmp.Compare(len(b.in), len(a.in)) }
	case nodeCallees:
		return func(a, b *mapNode) int { return cmp.Compare(len(b.out), len(a.out)) }
	}
	return func(a, b *mapNode) int { return 0 }
}

// sortBy sorts the table anew; names from a.
func (m *Map) sortBy(s sorting) {
	s.ascending = s.isBy(nodeName)
	m.table.sort = s
	m.sortTable()
}

// sortTable gives the table its rows in the chosen order; without one, those in trouble come first.
func (m *Map) sortTable() {
	m.troubles = m.troubled()
	by := m.table.sort
	order := m.graph.ranked
	if by.on {
		order = m.graph.rank(mapOrder(by.column))
	}
	names := make([]string, 0, len(order))
	if !by.on {
		names = append(names, m.troubles...)
	}
	first := len(names)
	for _, n := range order {
		if name := m.graph.nodes[n].Name; !slices.Contains(names[:first], name) {
			names = append(names, name)
		}
	}
	m.table.setRows(names)
}

// drawTable draws the table of all nodes.
func (m *Map) drawTable(a canvas.Area, f *Frame) {
	m.table.draw(a, f, func(row, col int, c canvas.Area) {
		i, ok := m.graph.node(m.table.keys[row])
		if !ok {
			return
		}
		n := &m.graph.nodes[i]
		var b [24]byte
		switch col {
		case nodeName:
			g, s := nodeGlyph(n.Kind, f)
			c.Rune(0, 0, g, s)
			mark, s := m.found.mark(n.Name, f)
			c.Rune(1, 0, mark, s)
			c.Cut(3, 0, c.W-3, n.text, f.G.Ellipsis, nameStyle(n.health, emNormal, f))
		case nodeRate:
			if n.RED.Calls > 0 {
				figureRight(c, num.Rate(b[:0], n.RED.Rate), f.Theme.Text)
			}
		case nodeErrors:
			if n.RED.Calls > 0 {
				errorShare(c, n.RED.ErrorShare(), f)
			}
		case nodeP50:
			duration(c, n.RED.P50, f.Theme.Text, f)
		case nodeP95:
			duration(c, n.RED.P95, f.Theme.Text, f)
		case nodeGrowth:
			if n.growth > 0 {
				ratioCell(c, n.growth, f)
			}
		case nodeCallers:
			figureRight(c, num.Count(b[:0], uint64(len(n.in))), f.Theme.Dim)
		case nodeCallees:
			figureRight(c, num.Count(b[:0], uint64(len(n.out))), f.Theme.Dim)
		case nodeTrend:
			sparkRow(c, &n.Trend, f)
		}
	})
}
