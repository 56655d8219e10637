// Lens 3, Latency: how the room is shared, axes, legend, what is selected, and the parts below.

package ui

import (
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// heatLayout is where the map was drawn last, for the mouse. Rows are equally high. The columns share the
// width of the map: each is wide floor or ceil of width/cols, so that none of the room stays unused when
// the steps of the rollups do not divide it.
type heatLayout struct {
	x, y       int // of the top left cell
	cols, rows int // of data
	width      int // cells that all columns share, at least cols
	spread     int // cells right of the map for the distribution; 0: none
	rh         int // cells per row

	explain, list rect // what is below the map
}

// heatWidest is how many cells a column takes at most: a minute after the start there are few, and
// columns as wide as words would read as bars, and change their width at every step.
const heatWidest = 8

// left is the first cell of column c; left(cols) is the end of the map.
func (h heatLayout) left(c int) int { return c * h.width / h.cols }

// cellAt finds the data cell under a position in the screen's area.
func (h heatLayout) cellAt(x, y int) (col, row int, ok bool) {
	if h.width == 0 || h.rh == 0 {
		return 0, 0, false
	}
	// The last column that begins at or before the cell: left(c) ≤ x ⇔ c·width < (x+1)·cols.
	col, row = ((x-h.x+1)*h.cols-1)/h.width, h.rows-1-(y-h.y)/h.rh
	ok = x >= h.x && y >= h.y && col < h.cols && row >= 0 && row < h.rows
	return max(0, min(col, h.cols-1)), max(0, min(row, h.rows-1)), ok
}

const (
	// besideWidth is from how many columns on explanation and list stand side by side, unless whole lines leave both
	// enough; stackedRows from how many rows on one above the other; with less room only one of them is shown.
	besideWidth = 150
	stackedRows = 16
	// listLeast is how many rows the list needs where the explanation leaves it any: rule, titles, rows, how many.
	listLeast = 5
	// listFair is how many rows it has in whole lines where it could stand beside.
	listFair = 10
	// lowHeight is the height of a screen that cannot show map and lists together: there the map makes room
	// while something else has the keys.
	lowHeight = 30
)

// heatRows is how many rows of a screen of height h the map gets; the rest is what is below it. It does not
// depend on what is shown there: with other rows, a selection would mean other requests.
func heatRows(h int) int {
	below := max(5, h/3)
	if h >= lowHeight {
		below = max(stackedRows, h*2/5)
	}
	return h - below - 4 // title, time axis, legend, rule
}

// divide shares what is below the map among explanation and list.
func (l *Latency) divide(lay *heatLayout, a canvas.Area, y int, s Scope) {
	below := rect{0, y, a.W, a.H - y}
	lay.explain, lay.list = rect{}, below
	if l.special.current() != nil { // while another is awaited nothing changes its place
		l.above = l.special.height()+listFair <= below.h
	}
	switch {
	case !l.explains(s):
	case a.W >= besideWidth && !l.above:
		lay.explain, lay.list = below, below
		lay.explain.w = a.W * 3 / 5
		lay.list.x, lay.list.w = lay.explain.w+1, a.W-lay.explain.w-1
	case below.h >= stackedRows:
		lay.explain, lay.list = below, below
		lay.explain.h = min(max(below.h*5/9, below.h-listFair), max(4, l.special.height()))
		lay.list.y, lay.list.h = below.y+lay.explain.h, below.h-lay.explain.h
	case l.focus(s) != onList:
		lay.explain, lay.list = below, rect{}
		if h := l.special.height(); l.special.current() != nil && h+listLeast <= below.h {
			lay.explain.h = h
			lay.list = rect{below.x, below.y + h, below.w, below.h - h}
		}
	}
}

// Draw draws title, map with axes, what the cursor is on, and the traces of the selection. The rows of
// the map hold nothing else: a line is resent from its first to its last changed cell (TERMINAL.md).
func (l *Latency) Draw(a canvas.Area, f *Frame) {
	h := l.answer
	if h == nil {
		return
	}
	if h.Columns == 0 || len(h.RowLow) == 0 || h.Total == 0 {
		drawNothing(a, f, "no request in this scope")
		return
	}
	room := heatRows(a.H)
	lay := heatLayout{x: axisWidth, y: 1, cols: h.Columns, rows: len(h.RowLow)}
	lay.spread = spreadWidth(a.W)
	across := a.W - axisWidth - 1 - lay.spread
	lay.width = max(lay.cols, min(across, heatWidest*lay.cols))
	lay.x = axisWidth + max(0, across-lay.width) // now is at the right edge; what is left over is before the window
	lay.rh = max(1, min(2, room/len(h.RowLow)))
	used := min(room, lay.rh*lay.rows)
	l.drawTitle(a.Row(0), f)
	if a.H < lowHeight && l.focus(f.Scope) != onHeat {
		l.drawBelow(a, lay, 1, f)
		return
	}
	l.drawAxis(a.Sub(0, 1, axisWidth, used), lay, f)
	m := a.Sub(lay.x, lay.y, lay.width, used)
	l.drawCells(m, lay, f)
	if l.lines {
		l.drawLines(m, lay, f)
	}
	m.Target(canvas.Target{Kind: heatTarget})
	times := a.Sub(lay.x, lay.y+used, a.W-lay.x, 1)
	if lay.spread > 0 {
		times.W = lay.width - 1 // apart from what is said below the distribution
		l.spread.draw(a.Sub(lay.x+lay.width+1, lay.y, lay.spread-1, used+1), lay, f)
	}
	l.drawTimes(times, lay, f)
	l.drawSelection(a, lay, used, f)
	l.drawBelow(a, lay, lay.y+used+1, f)
}

// drawBelow draws from row y on what is selected, what is special about it, and its traces.
func (l *Latency) drawBelow(a canvas.Area, lay heatLayout, y int, f *Frame) {
	l.drawCursor(a.Row(y), f)
	l.divide(&lay, a, y+1, f.Scope)
	l.lay = lay
	l.special.draw(lay.explain.of(a), f, l.focus(f.Scope) == onExplanation)
	l.drawList(lay.list.of(a), f)
}

// titleFigures is what the figures of the title take: calls, failed share and three percentiles.
const titleFigures = 61

// drawTitle says what is counted, how much of it, and how fast it is: the figures are of the whole scope. What is
// counted gives way to them, for the breadcrumbs name it too.
func (l *Latency) drawTitle(r canvas.Area, f *Frame) {
	t, h := f.Theme, l.answer
	w := pen{a: r, x: 1}
	w.x += r.Cut(1, 0, max(axisWidth, min(r.W/3, r.W-titleFigures)), l.subject, f.G.Ellipsis, t.Title)
	share := 0.0
	if h.Total > 0 {
		share = float64(h.ErrorTotal) / float64(h.Total)
	}
	w.blank(2)
	w.lit("n=", t.Strong)
	calls := w.x
	w.count(h.Total, t.Strong)
	style := t.Dim
	if share > 0 {
		style = t.Error
	}
	var buf [24]byte
	failed := num.Share(buf[:0], share)
	w.x = max(w.x+2, calls+len("10.9k")+2+len("<0.01%")-len(failed))
	w.figure(failed, style)
	w.lit(" failed", style)
	drawQuantiles(&w, h.Whole, t)
	if whole := canvas.Literal("  of the whole scope"); w.x+len(whole) < r.W {
		w.lit(whole, t.Dim)
	}
	l.drawNewest(&w, f)
	l.basis.drawNote(w, f)
}

// quantilesWidth is the room that drawQuantiles takes at most.
const quantilesWidth = 3 * len("  p50 1.23ms")

// drawQuantiles writes the three percentiles in the colours of their lines, as many as fit.
func drawQuantiles(w *pen, q aggregate.Quantiles, t *themes.Theme) {
	for _, x := range [...]struct {
		name canvas.Literal
		ns   int64
		s    themes.Style
	}{{"  p50 ", q.P50, t.P50}, {"  p95 ", q.P95, t.P95}, {"  p99 ", q.P99, t.P99}} {
		if w.x+quantilesWidth/3 > w.a.W {
			return
		}
		w.lit(x.name, t.Dim)
		from := w.x
		w.duration(x.ns, x.s)
		w.x = max(w.x, from+quantilesWidth/3-len(x.name)) // so that the next does not move
	}
}

// drawNewest writes the percentiles of the newest column that has any, where all of that has room.
func (l *Latency) drawNewest(w *pen, f *Frame) {
	h := l.answer
	const label = canvas.Literal("   newest column")
	if w.x+len(label)+quantilesWidth > w.a.W {
		return
	}
	for c := h.Columns - 1; c >= 0; c-- {
		if h.P50[c] != 0 {
			w.lit(label, f.Theme.Dim)
			drawQuantiles(w, aggregate.Quantiles{P50: h.P50[c], P95: h.P95[c], P99: h.P99[c]}, f.Theme)
			return
		}
	}
}

// drawAxis labels every other row with its lower bound, and marks one that holds all above it.
func (l *Latency) drawAxis(a canvas.Area, lay heatLayout, f *Frame) {
	t := f.Theme
	var buf [16]byte
	odd := 0
	if l.answer.Beyond { // where that begins is to be read
		odd = (lay.rows - 1) % 2
	}
	for row := range lay.rows {
		y := (lay.rows-row)*lay.rh - 1
		if y < a.H && (lay.rh > 1 || row%2 == odd) {
			figureRight(a.Sub(0, y, a.W-2, 1), num.Duration(buf[:0], l.answer.RowLow[row]), t.Dim)
		}
	}
	for y := range a.H {
		a.Rune(a.W-1, y, f.G.TeeLeft, t.Faint)
	}
	if l.answer.Beyond {
		a.Rune(a.W-1, 0, f.G.ArrowUp, t.Strong)
	}
}

// timeEvery is how many cells labels of the time axis are apart at least.
const timeEvery = 14

// drawTimes labels the time axis about every timeEvery cells, at columns that are multiples of a round step, so
// that labels move with the map and not through it.
func (l *Latency) drawTimes(r canvas.Area, lay heatLayout, f *Frame) {
	t, h := f.Theme, l.answer
	every := clockStep(timeEvery * h.Step * int64(lay.cols) / int64(lay.width))
	format := "15:04:05"
	if h.Step*int64(lay.cols) > int64(36*time.Hour) {
		format = "Jan 2 15h"
	} else if every >= int64(time.Minute) {
		format = "15:04"
	}
	var buf [16]byte
	for c := range lay.cols {
		from := h.Start + int64(c)*h.Step
		if at := (from + every - 1) / every * every; at < from+h.Step {
			x, label := lay.left(c), time.Unix(0, at).AppendFormat(buf[:0], format)
			if x+1+len(label) > r.W {
				return // half a time reads as another time
			}
			r.Rune(x, 0, f.G.TeeUp, t.Faint)
			r.Figure(x+1, 0, label, t.Dim)
		}
	}
}

// clockStep is the smallest step people read clocks in that is at least ns.
func clockStep(ns int64) int64 {
	for _, s := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour} {
		if int64(s) >= ns {
			return int64(s)
		}
	}
	day := int64(24 * time.Hour)
	return (ns + day - 1) / day * day
}

// drawCursor says in words what is selected, or what the colours mean.
func (l *Latency) drawCursor(r canvas.Area, f *Frame) {
	t := f.Theme
	s, ok := l.selected()
	if !ok {
		l.drawLegend(r, f)
		return
	}
	n, errors, example := l.counts()
	w := pen{a: r, x: 1}
	w.lit("selected ", t.Accent)
	var buf [24]byte
	w.duration(s.MinDur, t.Strong)
	w.lit("–", t.Strong)
	w.duration(s.MaxDur, t.Strong)
	w.lit("  ", t.Strong)
	w.figure(appendSpan(buf[:0], s.Window), t.Strong)
	w.lit("  ", t.Strong)
	w.lit("n=", t.Text)
	w.counted(n, " (", t.Text)
	w.share(float64(n)/float64(max(1, l.answer.Total)), t.Text)
	w.lit(" of all)  ", t.Text)
	if errors > 0 {
		w.rune(f.G.Error, t.Error)
		w.lit(" ", t.Error)
		w.counted(errors, " failed  ", t.Error)
	}
	l.drawArriving(&w, n, f)
	if example.IsZero() && n > 0 {
		w.lit("none of them is retained", t.Warn)
	}
}

// drawArriving says why the list holds more than the n that are counted, if it does.
func (l *Latency) drawArriving(w *pen, n uint64, f *Frame) {
	const arrivingMost = 15 // columns of the short form: "+10.3k arriving"
	more := l.uncounted(n)
	if more == 0 || w.x+arrivingMost > w.a.W {
		return
	}
	w.lit("+", f.Theme.Warn)
	w.counted(more, " arriving", f.Theme.Warn)
	if why := canvas.Literal(", counted when whole"); w.x+len(why) < w.a.W {
		w.lit(why, f.Theme.Warn)
	}
	w.blank(2)
}

func (l *Latency) drawLegend(r canvas.Area, f *Frame) {
	t := f.Theme
	x := l.drawRamp(r, f)
	if l.lines {
		for _, q := range []struct {
			glyph rune
			name  canvas.Literal
			s     themes.Style
		}{{f.G.Horizontal, "p50", t.P50}, {f.G.Double, "p95", t.P95}, {f.G.Wave, "p99", t.P99}} {
			r.Rune(x, 0, q.glyph, q.s)
			x += 2 + r.Lit(x+2, 0, q.name, t.Dim) + 2
		}
	}
	w := pen{a: r, x: x}
	w.rune(f.G.Bullet, t.Error)
	w.lit(" some failed  ", t.Error)
	w.rune(f.G.Error, t.Error)
	w.lit(" most failed   ", t.Error)
	if r.W-w.x > 21 {
		w.x += r.Cut(w.x, 0, r.W-w.x-1, model.Sanitise("arrows or a mouse drag select"), f.G.Ellipsis, t.Faint)
	}
}

// drawRamp says what the colours mean, and returns where it ends.
func (l *Latency) drawRamp(r canvas.Area, f *Frame) int {
	t := f.Theme
	least, most, ramp := canvas.Literal("1 "), canvas.Literal(""), t.Heat
	switch l.colour {
	case colourErrors:
		least, most, ramp = "no errors ", " all failed", t.ErrorHeat
	case colourRate:
		least, most = "0.01/s ", " 10k/s"
	}
	w := pen{a: r, x: 1}
	w.lit(least, t.Dim)
	for _, c := range ramp {
		w.rune(' ', themes.Style{Bg: c})
	}
	if len(ramp) == 0 {
		for _, g := range f.G.Shades[1:] {
			w.rune(g, t.Text)
		}
	}
	w.lit(most, t.Dim)
	if l.colour == colourCount {
		end := w.x + len(" 10.9k a cell")
		w.lit(" ", t.Dim)
		w.counted(l.fullest(), " a cell", t.Dim)
		w.x = max(w.x, end) // so that what follows does not move
	}
	return w.x + 2
}

// drawList draws the traces of the selection.
func (l *Latency) drawList(a canvas.Area, f *Frame) {
	if a.H < 3 {
		return
	}
	t := f.Theme
	title := canvas.Literal(" slowest retained traces of this scope ")
	if l.explains(f.Scope) {
		title = " retained traces of the selection "
	}
	border := t.Border
	if l.part == onList {
		border = t.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	a.Lit(2, 0, title, t.Title)
	in := a.Sub(0, 1, a.W, a.H-1)
	if l.picks.answer == nil || len(l.picks.table.keys) == 0 {
		if n, _, _ := l.counts(); n > 0 && l.touched {
			in.Lit(2, 0, "none of them is retained: evicted; the figures stay", t.Dim)
			return
		}
		in.Lit(2, 0, "no request took this long at this time", t.Dim)
		in.Lit(2, 1, "n and N go to the next cell that has some, esc selects nothing", t.Dim)
		return
	}
	l.picks.table.away = l.part != onList
	l.picks.Draw(in, f)
}
