// Lens 1, Map: how the story of a node and of an edge is drawn.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// The most columns of a trend and of a list of edges: wider only pulls names and figures apart. Below
// trendLeast a trend shows nothing.
const (
	trendMost  = 60
	trendLeast = 30
	edgesMost  = 66
)

// wideStory is the width from which the parts of a story stand side by side.
const wideStory = 70

// drawStory draws the story of what is selected, or of the whole system.
func (m *Map) drawStory(a canvas.Area, f *Frame) {
	title := f.Theme.Border
	if m.pane == paneStory {
		title = f.Theme.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, title)
	w := pen{a: a.Row(0), x: 1}
	body := m.drawFindings(a.Sub(1, 1, a.W-2, a.H-1), f)
	switch e, n := m.edge(), m.node(); {
	case m.picked.isEdge() && e != nil:
		m.edgeTitle(&w, e, f)
		m.drawEdgeStory(body, e, f)
	case n != nil && !m.picked.isEdge():
		m.nodeTitle(&w, n, f)
		m.drawNodeStory(body, n, f)
	case !m.picked.none():
		w.lit(" selection ", f.Theme.Title)
		body.Lit(0, 0, "What is selected is not in this scope any more; esc deselects.", f.Theme.Dim)
	default:
		w.lit(" whole system ", f.Theme.Title)
		m.drawSystemStory(body, f)
	}
}

func (m *Map) nodeTitle(w *pen, n *mapNode, f *Frame) {
	w.lit(" ", f.Theme.Text)
	g, s := nodeGlyph(n.Kind, f)
	w.rune(g, s)
	w.lit(" ", f.Theme.Text)
	w.text(n.text, f.Theme.Title)
	w.lit(" ", f.Theme.Text)
	if mark, s := healthMark(n.health, f); mark != ' ' {
		w.rune(mark, s)
		w.lit(" ", f.Theme.Text)
	}
}

func (m *Map) edgeTitle(w *pen, e *mapEdge, f *Frame) {
	w.lit(" ", f.Theme.Text)
	w.text(m.graph.nodes[e.from].text, f.Theme.Title)
	w.lit(" ", f.Theme.Text)
	w.rune(f.G.ArrowRight, f.Theme.Accent)
	w.lit(" ", f.Theme.Text)
	w.text(m.graph.nodes[e.to].text, f.Theme.Title)
	w.lit(" ", f.Theme.Text)
}

// drawNodeStory shows trend, callers and callees, side by side or one below the other.
func (m *Map) drawNodeStory(a canvas.Area, n *mapNode, f *Frame) {
	if a.W < wideStory || a.H > 2*a.W/5 {
		m.drawNodeColumn(a, n, f)
		return
	}
	left := max(trendLeast, min(trendMost, a.W*3/10))
	side := min(edgesMost, (a.W-left-4)/2)
	trend := a.Sub(0, 0, left, a.H)
	m.drawFacts(trend, n, f)
	drawNodeTrend(trend.Sub(0, 3, left, a.H-3), n, f)
	m.drawEdges(a.Sub(left+2, 0, side, a.H), listCallers, n, f)
	m.drawEdges(a.Sub(left+4+side, 0, side, a.H), listCallees, n, f)
}

// drawNodeColumn stacks the parts: what is left after facts and trend is shared by callers and callees.
func (m *Map) drawNodeColumn(a canvas.Area, n *mapNode, f *Frame) {
	m.drawFacts(a.Sub(0, 0, a.W, 3), n, f)
	y := 4
	if trend := min(10, a.H-y-8); trend >= 4 {
		drawNodeTrend(a.Sub(0, y, a.W, trend), n, f)
		y += trend + 1
	}
	rows := a.H - y
	callers := min(len(n.in)+2, max(rows/2, rows-len(n.out)-2))
	m.drawEdges(a.Sub(0, y, a.W, callers), listCallers, n, f)
	m.drawEdges(a.Sub(0, y+callers, a.W, rows-callers), listCallees, n, f)
}

// drawNodeTrend draws the trend of a node, unless it only calls others: users and the like have no figures of their own.
func drawNodeTrend(a canvas.Area, n *mapNode, f *Frame) {
	if n.RED.Calls > 0 || n.quiet {
		drawTrend(a, &n.Trend, f)
	}
}

// drawFacts writes the figures of a node on three lines.
func (m *Map) drawFacts(a canvas.Area, n *mapNode, f *Frame) {
	t := f.Theme
	if n.RED.Calls == 0 {
		m.drawCallerOnly(a, 0, 0, n, f)
		m.drawRemark(pen{a: a.Row(2)}, n, f)
		return
	}
	var b [24]byte
	w := pen{a: a.Row(0)}
	w.figure(num.Rate(b[:0], n.RED.Rate), t.Strong)
	w.lit("  ", t.Dim)
	w.figure(num.Share(b[:0], n.RED.ErrorShare()), shareStyle(n.RED.ErrorShare(), f).With(themes.Bold))
	w.lit(" errors  ", t.Dim)
	if word := oneOrMany(n.Operations, " operation  ", " operations  "); n.Operations > 0 && w.x+len(word)+3 <= a.W {
		w.count(uint64(n.Operations), t.Text)
		w.lit(word, t.Dim)
	}
	if v := num.Count(append(b[:0], "n="...), n.RED.Calls); w.x+len(v) <= a.W {
		w.figure(v, t.Faint)
	}
	w = pen{a: a.Row(1)}
	for _, q := range [...]struct {
		name canvas.Literal
		ns   int64
		s    themes.Style
	}{{"p50 ", n.RED.P50, t.P50}, {"p95 ", n.RED.P95, t.P95}, {"p99 ", n.RED.P99, t.P99}, {"max ", n.RED.Max, t.Dim}} {
		v := num.Duration(b[:0], q.ns)
		if w.x+len(q.name)+len(v) > a.W {
			break
		}
		w.lit(q.name, t.Dim)
		w.figure(v, q.s)
		w.lit("  ", t.Dim)
	}
	m.drawRemark(pen{a: a.Row(2)}, n, f)
}

// remarkWide is the width from which a remark says on which side it was measured, besides a name that is told
// from others.
const remarkWide = 42

// drawRemark writes the one thing most worth knowing about a node.
func (m *Map) drawRemark(w pen, n *mapNode, f *Frame) {
	t := f.Theme
	var b [24]byte
	if n.growth >= growthNotice {
		w.rune(f.G.ArrowUp, t.Up)
		w.lit(" p95 ", t.Up)
		w.figure(num.Ratio(b[:0], n.growth), t.Up)
		w.lit(" of what it was earlier", t.Dim)
		return
	}
	if e := m.slowestOut(n); e != nil {
		w.lit("waits for ", t.Dim)
		side := " p95 "
		if w.a.W >= remarkWide { // the lists give what servers take
			side = ", client p95 "
		}
		v := num.Duration(append(b[:0], side...), e.p95())
		w.x += w.a.Cut(w.x, 0, max(0, w.a.W-w.x-len(v)), m.graph.nodes[e.to].text, f.G.Ellipsis, t.Text)
		w.figure(v, t.P95)
	}
}

// slowestOut is the edge from n with the highest p95; nil without any.
func (m *Map) slowestOut(n *mapNode) *mapEdge {
	var slowest *mapEdge
	for _, i := range n.out {
		if e := &m.graph.edges[i]; e.p95() > 0 && (slowest == nil || e.p95() > slowest.p95()) {
			slowest = e
		}
	}
	return slowest
}

// Columns of a list of edges: dropped from the end of this list where the room is short.
const (
	edgeName  = 14 // least width of the name where there is more than one column of figures
	edgeCol   = 8  // width of each column of figures
	edgeCols  = 5
	edgeExtra = 2  // glyph and mark before the name
	edgeAiry  = 34 // width from which a blank stands between mark and name
)

// edgeIndent is where names begin in a list of edges of a width.
func edgeIndent(width int) int {
	if width >= edgeAiry {
		return edgeExtra + 1
	}
	return edgeExtra
}

// edgeList is one list of the story of a node: its callers, or its callees.
type edgeList struct {
	m     *Map
	f     *Frame
	list  storyList
	n     *mapNode
	cols  int  // columns of figures that there is room for
	short bool // names are without what most have in common
}

// drawEdges lists callers or callees: p95 as seen from the client, error share, rate, calls per request of
// the node (callees) or share of its calls (callers), and the gap between client and server.
func (m *Map) drawEdges(a canvas.Area, l storyList, n *mapNode, f *Frame) {
	t := f.Theme
	cols := max(1, min(edgeCols, (a.W-1-edgeIndent(a.W)-edgeName)/edgeCol))
	name, count, fourth := canvas.Literal("called by"), len(n.in), canvas.Literal("share")
	if l == listCallees {
		name, count, fourth = "calls", len(n.out), "x/call"
	}
	x := 1 + a.Lit(0, 0, name, t.Title)
	var b [24]byte
	a.Figure(x, 0, num.Count(b[:0], uint64(count)), t.Dim)
	titles := [edgeCols]canvas.Literal{"p95", "errors", "rate", fourth, "gap p95"}
	for c := range cols {
		right := a.W - 1 - (cols-1-c)*edgeCol
		a.Lit(right-len(titles[c]), 0, titles[c], t.Dim)
	}
	if count == 0 {
		a.Lit(0, 1, "none seen", t.Faint)
		return
	}
	d := edgeList{m: m, f: f, list: l, n: n, cols: cols, short: m.namesCut(n, l, a.W-cols*edgeCol-edgeIndent(a.W)-1)}
	m.drawRows(a.Sub(0, 1, a.W, a.H-1), l, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
		if i, ok := m.graph.edge(r.edge); ok {
			d.row(row, &m.graph.edges[i])
		}
		return row.Sub(0, 0, 0, 1)
	})
}

// namesCut reports whether some name of the callers or callees of a node is longer than the room for it. Then all of
// them are short: two that begin alike would be cut to the same.
func (m *Map) namesCut(n *mapNode, l storyList, room int) bool {
	edges := n.in
	if l == listCallees {
		edges = n.out
	}
	return slices.ContainsFunc(edges, func(i int) bool { return canvas.Width(m.otherEnd(&m.graph.edges[i], l).text) > room })
}

// otherEnd is the caller, or the callee, of an edge.
func (m *Map) otherEnd(e *mapEdge, l storyList) *mapNode {
	if l == listCallees {
		return &m.graph.nodes[e.to]
	}
	return &m.graph.nodes[e.from]
}

// row draws one edge: the kind, what was found about it, the name of its other end, and as many figures as there
// are columns for.
func (d *edgeList) row(a canvas.Area, e *mapEdge) {
	t := d.f.Theme
	other := d.m.otherEnd(e, d.list)
	glyph, gs := kindGlyph(e.Kind, d.f), t.Dim
	switch e.Kind {
	case aggregate.EdgeMessaging:
		gs = t.Messaging
	case aggregate.EdgeDatabase, aggregate.EdgeInferred: // what is inferred may be a peer or the users
		glyph, gs = nodeGlyph(other.Kind, d.f)
	}
	a.Rune(0, 0, glyph, gs)
	if mark, s := d.m.found.edgeMark(e, d.f); mark != ' ' {
		a.Rune(1, 0, mark, s)
	}
	x := edgeIndent(a.W)
	name := other.text
	if d.short {
		name = other.short
	}
	a.Cut(x, 0, a.W-d.cols*edgeCol-x-1, name, d.f.G.Ellipsis, nameStyle(e.health, emNormal, d.f))
	for c := range d.cols {
		d.figure(a.Sub(a.W-(d.cols-c)*edgeCol, 0, edgeCol, 1), c, e)
	}
}

// figure draws what an edge has in a column of figures.
func (d *edgeList) figure(cell canvas.Area, col int, e *mapEdge) {
	t := d.f.Theme
	var b [24]byte
	switch col {
	case 0:
		s := t.Text
		if e.growth >= growthNotice {
			s = t.Up
		}
		duration(cell, e.p95(), s, d.f)
		if d.list == listCallees && len(d.n.out) > 1 && e == d.m.slowestOut(d.n) {
			cell.Rune(0, 0, d.f.G.Diamond, t.P95)
		}
	case 1:
		figureRight(cell, num.Share(b[:0], e.share()), shareStyle(e.share(), d.f))
	case 2:
		figureRight(cell, num.Rate(b[:0], e.Rate), t.Text)
	case 3:
		per := float64(e.Calls) / float64(max(1, d.n.RED.Calls))
		switch {
		case d.n.RED.Calls == 0: // it sends no spans that its calls could be counted by
			figureRight(cell, append(b[:0], '-'), t.Faint)
		case d.list == listCallees:
			figureRight(cell, num.Ratio(b[:0], per), t.Text)
		default:
			figureRight(cell, num.Share(b[:0], min(1, per)), t.Text)
		}
	case 4:
		duration(cell, e.GapP95, t.Dim, d.f)
	}
}

// drawEdgeStory takes an edge apart: what the client waits, what the server needs, what is between.
func (m *Map) drawEdgeStory(a canvas.Area, e *mapEdge, f *Frame) {
	t := f.Theme
	var b [24]byte
	w := pen{a: a.Row(0)}
	w.text(model.Sanitise(string(e.Kind)), t.Dim)
	w.lit("  ", t.Dim)
	w.figure(num.Rate(b[:0], e.Rate), t.Strong)
	w.lit("  ", t.Dim)
	w.figure(num.Share(b[:0], e.share()), shareStyle(e.share(), f).With(themes.Bold))
	w.lit(" failed  n=", t.Dim)
	w.count(e.Calls, t.Faint)
	left := a.W
	trend := a.Sub(0, 6, a.W, min(10, a.H-9))
	if a.W >= wideStory {
		left = min(60, a.W/2)
		trend = a.Sub(left+3, 1, a.W-left-3, a.H-1)
	}
	m.drawAnatomy(a.Sub(0, 1, left, 4), e, f)
	drawTrend(trend, &e.Trend, f)
	if m.plan.form == formFocus {
		return // its ends are in the lists above
	}
	y := min(a.H-2, 6)
	if a.W < wideStory {
		y = a.H - 2
	}
	for i, l := range [...]storyList{listCallers, listCallees} {
		m.drawRows(a.Sub(0, y+i, left, 1), l, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
			p := pen{a: row}
			p.lit([...]canvas.Literal{"client  ", "server  "}[i], t.Dim)
			if at, ok := m.graph.node(r.node); ok {
				n := &m.graph.nodes[at]
				g, s := nodeGlyph(n.Kind, f)
				p.rune(g, s)
				p.lit(" ", t.Text)
				p.text(n.text, nameStyle(n.health, emNormal, f))
			}
			return row.Sub(0, 0, 0, 1)
		})
	}
}

// drawAnatomy draws three lines: client, server and gap, each with p50, p95 and a bar of its p95.
func (m *Map) drawAnatomy(a canvas.Area, e *mapEdge, f *Frame) {
	t := f.Theme
	const labels, col = 16, 8
	a.Lit(labels+col-3, 0, "p50", t.Dim)
	a.Lit(labels+2*col-3, 0, "p95", t.Dim)
	gap := canvas.Literal("wire and queues")
	if e.Kind == aggregate.EdgeMessaging {
		gap = "waits in queue"
	}
	most := max(1, e.ClientP95, e.ServerP95, e.GapP95)
	for i, r := range [...]struct {
		name     canvas.Literal
		p50, p95 int64
		s        themes.Style
	}{
		{"client waits", e.ClientP50, e.ClientP95, t.P95},
		{"server takes", e.ServerP50, e.ServerP95, t.Service},
		{gap, e.GapP50, e.GapP95, t.Info},
	} {
		a.Lit(0, 1+i, r.name, t.Text)
		duration(a.Sub(labels, 1+i, col, 1), r.p50, t.Text, f)
		duration(a.Sub(labels+col, 1+i, col, 1), r.p95, t.Text, f)
		bar(a.Sub(labels+2*col+2, 1+i, a.W-labels-2*col-2, 1), float64(r.p95)/float64(most), r.s, f)
	}
}
