// Lens 7, Compare: how changes and the merged tree of call paths are drawn.

package ui

import (
	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// Draw draws what is compared with what, the changes, the selected one in words, and the call paths.
func (c *Compare) Draw(a canvas.Area, f *Frame) {
	if c.pair != nil {
		c.pair.draw(a, f)
		return
	}
	c.drawHead(a.Row(0), f)
	c.lay.table, c.lay.tree = rect{}, rect{}
	r := c.current()
	body := rect{0, 1, a.W, a.H - 1}
	if r == nil || len(c.nodes) == 0 {
		c.drawNone(body.of(a), r, f)
		return
	}
	c.divide(body)
	if in := c.lay.table.of(a); in.H > 0 {
		c.drawChanges(in, r, f)
	}
	if in := c.lay.tree.of(a); in.H > 0 {
		c.drawTree(in, r, f)
	}
}

// drawHead says what is compared with what, and how much of it.
func (c *Compare) drawHead(r canvas.Area, f *Frame) {
	t := f.Theme
	w := pen{a: r, x: 1}
	if c.answer != nil && c.words.head != (model.Text{}) {
		w.x += r.Cut(w.x, 0, max(noteLeast, r.W-headFigures), c.words.head, f.G.Ellipsis, t.Title)
		if n := len(c.answer.choices); n > 1 {
			w.lit("  ", t.Dim)
			w.count(uint64(c.answer.chosen+1), t.Dim)
			w.lit("/", t.Dim)
			w.count(uint64(n), t.Dim)
			w.lit(" (o)", t.Dim)
		}
	}
	if f.Aside > slowQuestion {
		w.blank(2)
		w.rune(f.G.Clock, t.Warn)
		w.lit(" comparing for ", t.Warn)
		w.duration(f.Aside.Milliseconds()*1e6, t.Warn)
	}
	x := c.current()
	if x == nil {
		return
	}
	if f.AsideProblem != "" {
		w.blank(2)
		drawProblem(&w, f)
		return
	}
	w.blank(2)
	w.count(x.Before, t.Strong)
	w.lit(" → ", t.Dim)
	w.count(x.After, t.Strong)
	w.lit(" traces", t.Dim)
	if w.x+20 < r.W {
		w.lit(", ", t.Dim)
		w.counted(uint64(x.Comparisons), " comparisons", t.Dim)
	}
}

// drawNone says why nothing is shown and what to do.
func (c *Compare) drawNone(a canvas.Area, r *aggregate.Comparison, f *Frame) {
	t := f.Theme
	x, y := max(2, a.W/2-34), max(1, a.H/3)
	switch {
	case f.AsideProblem != "":
		drawProblem(&pen{a: a.Row(1), x: 2}, f)
	case c.answer == nil || c.about != c.asked:
		a.Lit(x, y, "linking the traces of both sides", t.Dim)
	case r != nil && r.After == 0 && r.Before == 0:
		drawNothing(a, f, "no request of this scope on either side")
	case c.answer.chosen < 0 || c.chosen().kind == fromHalf:
		c.drawNoBaseline(a.Sub(x, y, a.W-x, a.H-y), f)
	case r.After == 0:
		a.Lit(x, y, "No trace of this scope came on the side of now", t.Title)
		a.Lit(x, y+1, "after a marker: wait, or b takes it away; o compares with something else", t.Dim)
	default:
		a.Lit(x, y, "No trace of this scope is retained from before", t.Title)
		a.Lit(x, y+1, "o compares with something else, - takes a longer window", t.Dim)
	}
}

// drawNoBaseline says how to get something to compare with.
func (c *Compare) drawNoBaseline(a canvas.Area, f *Frame) {
	a.Lit(0, 0, "There is nothing to compare with yet", f.Theme.Title)
	first := canvas.Literal("b  sets a marker: what comes from then on is compared with before it")
	if !f.Status.Live {
		first = "   oteltop open --before FILE compares with another file"
	}
	for i, line := range [...]canvas.Literal{
		first,
		"K  keeps what is there now as a baseline",
		"+  takes a shorter window, which is compared with the one before it",
		"   two values of service.version are compared as soon as both are seen",
	} {
		a.Lit(0, 2+i, line, f.Theme.Text)
	}
}

// drawChanges draws the table and the selected change in words.
func (c *Compare) drawChanges(a canvas.Area, r *aggregate.Comparison, f *Frame) {
	if len(c.rows) == 0 {
		w := pen{a: a.Row(1), x: 2}
		w.lit("nothing changed: ", f.Theme.Strong)
		w.count(uint64(r.Comparisons), f.Theme.Text)
		w.lit(" comparisons, none with q < .05 and an effect worth a look", f.Theme.Text)
		return
	}
	words := c.words.rows
	c.table.away = c.lay.inTree
	c.table.draw(a.Sub(0, 0, a.W, a.H-words), f, func(row, col int, cell canvas.Area) { c.cell(&c.rows[row], col, cell, f) })
	in := a.Sub(1, min(a.H-words, c.room.rows+1), a.W-2, words) // near the rows where these are few
	x, _ := c.selected()
	y := c.words.why.draw(in.Sub(0, 0, in.W, words-2), x.why, f.Theme.Strong, f)
	c.words.verdict.draw(in.Sub(0, y, in.W, words-1-y), x.verdict, f.Theme.Note, f)
	w := pen{a: in.Row(words - 1)}
	c.drawCounts(&w, r, f)
	if linked := r.Provenance.Traces; linked < r.Before+r.After && r.Provenance.Traces > 0 && c.chosen().kind != fromSaved {
		w.lit("; linked ", f.Theme.Warn)
		w.count(linked, f.Theme.Warn)
		w.lit(" traces", f.Theme.Warn)
	}
}

// drawWhere names what changed. Names that are cut should still differ, so the other end gives way to them; an error is
// what the change is about, and keeps its room.
func (r *changeRow) drawWhere(a canvas.Area, service themes.Style, f *Frame) {
	const least = 5 // columns that say something of the other end
	name, more := canvas.Width(r.service)+1+canvas.Width(r.what), canvas.Width(r.more)
	room := min(more, a.W-name)
	if r.Error != "" {
		room = max(room, min(more, a.W/3))
	}
	if room < min(more, least) {
		room = 0
	}
	serviceAndOperation(a.Sub(0, 0, a.W-room, 1), r.service, r.what, service, f)
	a.Cut(min(name, a.W-room), 0, room, r.more, f.G.Ellipsis, f.Theme.Text)
}

// drawCounts says how many changes there are, and where they begin.
func (c *Compare) drawCounts(w *pen, r *aggregate.Comparison, f *Frame) {
	dim := f.Theme.Dim
	if r.Passed == 0 {
		w.lit("no change is sure", dim)
	} else {
		w.number(uint64(r.Passed), " change", " changes", dim)
		w.lit(": ", dim)
		w.number(c.origins, " begins where it is ", " begin where they are ", dim)
		w.rune(f.G.Service, f.Theme.Accent)
		if c.origins < uint64(len(r.Changes)) {
			w.lit(", others follow", dim)
		}
	}
	if r.UnsurePassed > 0 {
		w.lit("; ", dim)
		w.counted(uint64(r.UnsurePassed), " unsure, at the end", dim)
	}
}

func (c *Compare) cell(r *changeRow, col int, a canvas.Area, f *Frame) {
	t := f.Theme
	quiet, text := t.Dim, t.Dim
	if r.isCause() {
		text = t.Text
	}
	var buf [24]byte
	switch col {
	case changesVerb:
		if r.isCause() {
			a.Rune(0, 0, f.G.Service, t.Accent)
		}
		a.Lit(2, 0, r.verb, r.style(f, text))
	case changesWhat:
		s := seriesStyle(t, r.Service)
		if !r.isCause() {
			s = quiet
		}
		r.drawWhere(a, s, f)
	case changesFigures:
		u := r.Kind.Unit()
		beforeAndNow(a, appendFigure(buf[:0], u, r.Before), u, r.After, text, f)
	case changesSize:
		c.drawChange(r, a, text, f)
	case changesN:
		figureRight(a, num.Count(append(num.Count(buf[:0], r.TracesBefore), ':'), r.TracesAfter), quiet)
	case changesQ:
		figureRight(a, appendQ(buf[:0], r.Q), quiet)
	}
}

// style is red for worse and green for better, which the sign of the figure says too.
func (r *changeRow) style(f *Frame, neutral themes.Style) themes.Style {
	switch {
	case !r.isCause() || !r.isJudged():
		return neutral
	case r.After > r.Before:
		return f.Theme.Up
	}
	return f.Theme.Down
}

// beforeAndNow draws two figures of a unit with an arrow between, each in a place of its own.
func beforeAndNow(a canvas.Area, before []byte, u compare.Unit, now float64, s themes.Style, f *Frame) {
	figureRight(a.Sub(0, 0, a.W-10, 1), before, f.Theme.Dim)
	a.Rune(a.W-9, 0, '→', f.Theme.Faint)
	var buf [24]byte
	figureRight(a, appendFigure(buf[:0], u, now), s)
}

// drawChange draws how much more or less it is: a solid bar for more, another texture for less.
func (c *Compare) drawChange(r *changeRow, a canvas.Area, text themes.Style, f *Frame) {
	var buf [24]byte
	b, size := r.changeOf(buf[:0])
	s := r.style(f, text)
	in := a.Sub(0, 0, changeBar, 1)
	if r.After >= r.Before {
		bar(in, size, s, f)
	} else {
		otherBar(in, size, f)
	}
	figureRight(a, b, s)
}

// drawTree draws the call paths of both sides.
func (c *Compare) drawTree(a canvas.Area, r *aggregate.Comparison, f *Frame) {
	t := f.Theme
	border := t.Border
	if c.lay.inTree {
		border = t.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	w := pen{a: a.Row(0), x: 2}
	w.lit(" call paths, before → now: ", t.Title)
	w.count(uint64(len(c.nodes)), t.Dim)
	w.lit(" of ", t.Dim)
	w.count(uint64(r.TreeOf), t.Dim)
	if !c.all && !c.even {
		w.lit(" that changed, and their callers", t.Dim)
	}
	w.lit(" ", t.Dim)
	c.tree.away = !c.lay.inTree
	if c.found { // with what calls it, and what it calls
		c.found, c.tree.top = false, c.tree.at-(a.H-2)/3
	}
	c.tree.draw(a.Sub(0, 1, a.W, a.H-1), f, func(row, col int, cell canvas.Area) { c.nodeCell(row, col, cell, f) })
}

func (c *Compare) nodeCell(row, col int, a canvas.Area, f *Frame) {
	t, n := f.Theme, &c.nodes[row]
	text := t.Text
	if !n.changed {
		text = t.Dim
	}
	var buf [24]byte
	switch col {
	case treePath:
		glyph, s := classGlyph(n.Class, f)
		x := min(n.Depth, a.W/2)
		a.Rune(x, 0, glyph, s)
		if in := a.Sub(x+2, 0, a.W-x-2, 1); n.inside && row != c.tree.at && row != c.tree.top {
			in.Cut(0, 0, in.W, n.what, f.G.Ellipsis, text)
		} else {
			serviceAndOperation(in, n.service, n.what, seriesStyle(t, n.Service), f)
		}
	case treeCalls:
		figureRight(a.Sub(0, 0, a.W-8, 1), appendCalls(buf[:0], n.CallsBefore), t.Dim)
		a.Rune(a.W-7, 0, '→', t.Faint)
		figureRight(a, appendCalls(buf[:0], n.CallsAfter), text)
	case treeCritical:
		beforeAndNow(a, num.Duration(buf[:0], int64(n.CriticalBefore)), compare.Nanoseconds, n.CriticalAfter, n.timeStyle(n.CriticalBefore, n.CriticalAfter, f), f)
	case treeSelf:
		beforeAndNow(a, num.Duration(buf[:0], int64(n.SelfBefore)), compare.Nanoseconds, n.SelfAfter, n.timeStyle(n.SelfBefore, n.SelfAfter, f), f)
	case treeN:
		figureRight(a, num.Count(append(num.Count(buf[:0], n.TracesBefore), ':'), n.TracesAfter), t.Dim)
	}
}

// classGlyph is the sign of what became of a call path.
func classGlyph(c compare.Class, f *Frame) (rune, themes.Style) {
	t := f.Theme
	switch c {
	case compare.Added:
		return '+', t.Up
	case compare.Removed:
		return '-', t.Down
	case compare.More:
		return f.G.ArrowUp, t.Up
	case compare.Less:
		return f.G.ArrowDown, t.Down
	}
	return f.G.Bullet, t.Faint
}

// timeStyle is red for more time and green for less, where that is certain to have changed: not on the path of an
// operation that is faster altogether, and takes a little longer here.
func (n *nodeRow) timeStyle(before, now float64, f *Frame) themes.Style {
	switch {
	case !n.changed || now == before || n.slower != 0 && (now > before) != (n.slower > 0):
		return f.Theme.Dim
	case now > before:
		return f.Theme.Up
	}
	return f.Theme.Down
}
