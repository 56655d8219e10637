// Lens 1, Map: how the story of the whole system is drawn: who is in trouble, slow, busy.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// drawSystemStory shows how requests fare where they come in, and lists what is in trouble, slow and busy.
func (m *Map) drawSystemStory(a canvas.Area, f *Frame) {
	if n := m.entry(); n != nil && a.W >= wideStory*3/2 && a.H <= 2*a.W/5 {
		left := min(trendMost, a.W*3/10)
		part := a.Sub(0, 0, left, a.H)
		w := pen{a: part.Row(0)}
		w.lit("requests to ", f.Theme.Title)
		w.text(n.text, f.Theme.Title)
		m.drawFacts(part.Sub(0, 1, left, 3), n, f)
		drawTrend(part.Sub(0, 4, left, a.H-4), &n.Trend, f)
		a = a.Sub(left+2, 0, a.W-left-2, a.H)
	}
	lists := [...]struct {
		list  storyList
		title canvas.Literal
	}{{listTrouble, "in trouble"}, {listSlow, "slowest, server p95"}, {listBusy, "busiest"}}
	for i, l := range lists {
		part := a.Sub(0, i*(a.H/3), a.W, a.H/3-1)
		if a.W >= wideStory && a.H <= 2*a.W/5 {
			w := (a.W - 4) / 3
			part = a.Sub(i*(w+2), 0, w, a.H)
		}
		part.Lit(0, 0, l.title, f.Theme.Title)
		if from, to := m.story.span(l.list); from == to && l.list == listTrouble {
			part.Rune(0, 1, f.G.OK, f.Theme.OK)
			part.Lit(2, 1, "<1% of calls fail,", f.Theme.Dim)
			part.Lit(2, 2, "no p95 that doubled,", f.Theme.Dim)
			part.Lit(2, 3, "no grave finding", f.Theme.Dim)
			part.Lit(2, 4, "spans inside: see 2", f.Theme.Faint) // these may fail unseen by whoever calls
		}
		in := m.ranking(l.list)
		m.drawRows(part.Sub(0, 1, part.W, part.H-1), l.list, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
			if i, ok := m.graph.node(r.node); ok {
				return m.drawRanked(row, &in, &m.graph.nodes[i], f)
			}
			return row.Sub(0, 0, 0, 1)
		})
	}
}

// entry is the busiest node that only users call, or nobody; nil when every node has callers.
func (m *Map) entry() *mapNode {
	for _, i := range m.graph.busiest {
		n := &m.graph.nodes[i]
		inside := slices.ContainsFunc(n.in, func(e int) bool {
			return m.graph.nodes[m.graph.edges[e].from].Kind != aggregate.NodeUser
		})
		if !inside && n.RED.Calls > 0 {
			return n
		}
	}
	return nil
}

// ranking is what the rows of one of the system's lists have in common.
type ranking struct {
	list storyList
	most float64 // the largest figure: the full length of the bars
	name int     // columns of the longest name
}

func (m *Map) ranking(l storyList) ranking {
	in := ranking{list: l, most: 1e-9, name: rankedName}
	from, to := m.story.span(l)
	for _, r := range m.story.rows[from:to] {
		if i, ok := m.graph.node(r.node); ok {
			n := &m.graph.nodes[i]
			in.most, in.name = max(in.most, listed(l, n)), max(in.name, canvas.Width(n.text))
		}
	}
	return in
}

// listed is the figure for which a node stands in a list.
func listed(l storyList, n *mapNode) float64 {
	switch l {
	case listSlow:
		return float64(n.RED.P95)
	case listBusy:
		return n.RED.Rate
	}
	return n.RED.ErrorShare()
}

// Parts of a row of the system's lists.
const (
	rankedTrouble = 9  // columns of the figure with its word
	rankedFigure  = 7  // of the others
	rankedName    = 22 // of the name, where a bar follows, at least
	rankedBar     = 5  // least columns of a bar
)

// drawRanked draws a node of one of the system's lists: name, a bar where there is room, the figure. It
// returns where the bar is.
func (m *Map) drawRanked(a canvas.Area, in *ranking, n *mapNode, f *Frame) (gauge canvas.Area) {
	t, l := f.Theme, in.list
	g, s := nodeGlyph(n.Kind, f)
	a.Rune(0, 0, g, s)
	figure := rankedFigure
	if l == listTrouble {
		figure = rankedTrouble
	}
	name := a.W - 3 - figure
	gauge = a.Sub(0, 0, 0, 1)
	if room := name - rankedName - 1; room >= rankedBar {
		name = min(in.name, name-1-rankedBar)
		gauge = a.Sub(3+name, 0, a.W-figure-name-5, 1)
		bar(gauge, listed(l, n)/in.most, t.Faint, f)
	}
	accused, style := m.found.mark(n.Name, f)
	if l != listTrouble || accused == ' ' || n.health > fine {
		style = nameStyle(n.health, emNormal, f)
	}
	a.Cut(2, 0, name, n.text, f.G.Ellipsis, style)
	cell := a.Sub(a.W-figure, 0, figure, 1)
	var b [24]byte
	switch {
	case l == listSlow:
		duration(cell, n.RED.P95, t.P95, f)
	case l == listBusy:
		figureRight(cell, num.Rate(b[:0], n.RED.Rate), t.Text)
	case n.RED.ErrorShare() >= shareNotice:
		figureRight(cell, append(num.Share(b[:0], n.RED.ErrorShare()), " err"...), shareStyle(n.RED.ErrorShare(), f))
	case n.growth >= growthNotice:
		figureRight(cell, num.Ratio(append(b[:0], "p95 "...), n.growth), t.Up)
	case accused != ' ':
		harmed := num.Share(b[:0], m.found.places[n.Name].share())
		figureRight(cell, harmed, style)
		cell.Rune(cell.W-len(harmed)-2, 0, accused, style)
	}
	return gauge
}
