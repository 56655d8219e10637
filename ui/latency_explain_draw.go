// Lens 3, Latency: how that is drawn.

package ui

import (
	"oteltop/aggregate"
	"oteltop/aggregate/explain"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// Widths of the paired bars: with more room they tell finer differences.
const (
	pairLeast, pairMost = 4, 40
	pairFigure          = 6  // a figure and the space before it
	pairOthers          = 64 // what the other columns take
)

// wordyRows is from how many rows below the title on the selected row is said in two lines.
const wordyRows = 7

// height is how many rows it can use; while another answer is awaited, as many as the last one, so that what is below
// stays where it is.
func (x *explained) height() int {
	if len(x.rows) == 0 {
		return 3
	}
	return len(x.rows) + 4 // title, column titles, the selected row in words
}

// draw draws title, rows and the selected row in words.
func (x *explained) draw(a canvas.Area, f *Frame, focused bool) {
	if a.H < 3 {
		return
	}
	border := f.Theme.Border
	if focused {
		border = f.Theme.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	r := x.current()
	w := pen{a: a.Sub(0, 0, a.W-1, 1), x: 2}
	w.lit(x.title, f.Theme.Title)
	x.drawSides(&w, r, f)
	w.lit(" ", f.Theme.Title)
	in := a.Sub(0, 1, a.W, a.H-1)
	if r == nil || len(r.Rows) == 0 {
		x.drawNone(in, r, f)
		return
	}
	words := 1
	if in.H >= min(wordyRows, len(r.Rows)+3) {
		words = 2
	}
	wide := max(pairLeast, min(pairMost, (a.W-pairOthers)/4)) + pairFigure
	for _, c := range [2]int{explainSelected, explainRest} {
		x.table.cols[c].width, x.table.cols[c].chart = wide, wide-pairFigure
	}
	x.table.away = !focused
	x.table.draw(in.Sub(0, 0, in.W, in.H-words), f, func(row, col int, c canvas.Area) { x.cell(&x.rows[row], col, c, f) })
	x.drawWords(in.Sub(0, min(in.H-words, len(x.rows)+2), in.W, words), f) // near the rows where these are few
}

// drawSides says what was compared with what, and how often.
func (x *explained) drawSides(w *pen, r *aggregate.Explanation, f *Frame) {
	t := f.Theme
	if f.Aside > slowQuestion {
		w.lit(": ", t.Dim)
		w.rune(f.G.Clock, t.Warn)
		w.lit(" comparing for ", t.Warn)
		w.duration(f.Aside.Milliseconds()*1e6, t.Warn)
	}
	if r == nil || r.SelectedOf == 0 { // what there is to say of none is said below
		return
	}
	if f.AsideProblem != "" && len(r.Rows) > 0 {
		w.lit(": ", t.Dim)
		drawProblem(w, f)
		return
	}
	w.lit(": ", t.Dim)
	w.count(uint64(r.Selected), t.Strong)
	if r.Selected < r.SelectedOf {
		w.lit(" of ", t.Dim)
		w.count(uint64(r.SelectedOf), t.Dim)
	}
	w.lit(" against ", t.Dim)
	w.count(uint64(r.Baseline), t.Strong)
	if r.Baseline < r.BaselineOf {
		w.lit(" of ", t.Dim)
		w.count(uint64(r.BaselineOf), t.Dim)
	}
	w.lit(" others, ", t.Dim)
	w.count(uint64(r.Comparisons), t.Dim)
	w.lit(" comparisons", t.Dim)
}

// drawNone says why there are no rows.
func (x *explained) drawNone(a canvas.Area, r *aggregate.Explanation, f *Frame) {
	t := f.Theme
	w := pen{a: a.Row(0), x: 2}
	switch {
	case f.AsideProblem != "":
		drawProblem(&w, f)
	case r == nil:
		w.lit("comparing them with the other requests to the same operations", t.Dim)
	case r.SelectedOf == 0:
		w.lit("none of the selected is retained as a whole trace: nothing to compare", t.Dim)
	case r.BaselineOf == 0:
		w.lit("these are all traces of their operations: no others to compare with", t.Dim)
	default:
		w.lit("nothing is special: ", t.Strong)
		w.count(uint64(r.SelectedOf), t.Text)
		w.lit(" of ", t.Text)
		w.count(uint64(r.SelectedOf+r.BaselineOf), t.Text)
		w.lit(" traces, ", t.Text)
		w.count(uint64(r.Comparisons), t.Text)
		w.lit(" comparisons, none with q < .05", t.Text)
	}
}

// cell draws a cell of a row.
func (x *explained) cell(r *explainRow, col int, c canvas.Area, f *Frame) {
	t := f.Theme
	var buf [24]byte
	switch col {
	case explainWhat:
		x.drawWhat(r, c, f)
	case explainSelected:
		b, v := r.figure(buf[:0], 0)
		bar(c.Sub(0, 0, c.W-pairFigure, 1), v, t.Accent, f)
		figureRight(c, b, t.Strong)
	case explainRest:
		b, v := r.figure(buf[:0], 1)
		otherBar(c.Sub(0, 0, c.W-pairFigure, 1), v, f)
		figureRight(c, b, t.Dim)
	case explainLower:
		if r.Numeric { // that bounds no difference of the two medians; the sentence below says of what
			figureRight(c, append(buf[:0], '-'), t.Dim)
			return
		}
		figureRight(c, num.Share(buf[:0], r.Lower), t.Text)
	case explainQ:
		figureRight(c, appendQ(buf[:0], r.Q), t.Dim)
	case explainN:
		b := num.Count(append(num.Count(buf[:0], r.Selected), ':'), r.Baseline)
		figureRight(c, b, t.Dim)
	}
}

// drawWhat names what the row is about; identifiers are quiet, for they tell little.
func (x *explained) drawWhat(r *explainRow, c canvas.Area, f *Frame) {
	t := f.Theme
	s := t.Text
	switch {
	case r.IDLike:
		s = t.Faint
	case r.Key == explain.KeyPath:
		s = t.Info
	case r.Key == explain.KeyCritical:
		s = t.Critical
	}
	n := c.Cut(0, 0, c.W, r.label(c.W), f.G.Ellipsis, s) + 1
	where := r.where
	if canvas.Width(where) > c.W-n-3 {
		where = r.service
	}
	if where != (model.Text{}) && c.W-n-3 >= min(canvas.Width(where), noteLeast) {
		c.Lit(n, 0, "on ", t.Dim)
		c.Cut(n+3, 0, c.W-n-3, where, f.G.Ellipsis, seriesStyle(t, r.Service))
	}
}

// drawWords says the selected row in a sentence.
func (x *explained) drawWords(a canvas.Area, f *Frame) {
	r, ok := x.selected()
	if !ok {
		return
	}
	quiet := f.Theme.Note
	a.Cut(1, 0, a.W-2, r.counts, f.G.Ellipsis, f.Theme.Text)
	a.Cut(1, 1, a.W-2, r.verdict, f.G.Ellipsis, quiet)
}
