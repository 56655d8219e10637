// Waterfall: the axis of time, its ticks and grid, and the minimap.

package ui

import (
	"math"

	"oteltop/aggregate/round"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// tickLeast is the least room between ticks: a label and air.
	tickLeast = 9
	// sameLabel: from this ratio of offset to step on, three digits cannot tell ticks apart, and all but
	// the first are labelled by their distance from it.
	sameLabel = 300
)

// ticks are the marks of the time axis.
type ticks struct {
	r      timeRange
	origin int64 // what offsets count from: the start of what is shown
	step   float64
	first  float64 // offset of the first tick in sight
	w      int
}

// ticks chooses round steps for the range in view.
func (w *Waterfall) ticks() ticks {
	return ticksOf(w.view(), w.home.lo, w.lay.bar)
}

// ticksOf chooses round steps for a range that is drawn in some columns.
func ticksOf(r timeRange, origin int64, columns int) ticks {
	t := ticks{r: r, origin: origin, w: columns}
	if t.w < tickLeast {
		return t
	}
	t.step = round.Up(t.r.width()/float64(t.w)*tickLeast, 1, 2, 5)
	t.first = math.Ceil(since(t.r.lo, t.origin)/t.step) * t.step
	return t
}

// each calls for every tick with its column and offset.
func (t *ticks) each(do func(x int, offset float64)) {
	if t.step <= 0 {
		return
	}
	for i := 0; i <= t.w; i++ { // a bound: no more ticks than columns, whatever the floats do
		o := t.first + float64(i)*t.step
		x := int((o - since(t.r.lo, t.origin)) / t.r.width() * float64(t.w))
		if x >= t.w {
			return
		}
		do(x, o)
	}
}

// axis draws the labels; the last one that would be cut is left out.
func (t ticks) axis(a canvas.Area, f *Frame) {
	relative := math.Abs(t.first) > sameLabel*t.step
	t.each(func(x int, o float64) {
		var buf [24]byte
		b := buf[:0]
		if relative && o != t.first {
			b = num.Duration(append(b, '+'), int64(o-t.first))
		} else {
			b = num.Duration(b, int64(o))
		}
		if x+len(b)+2 > a.W {
			return
		}
		a.Rune(x, 0, f.G.Vertical, f.Theme.Border)
		a.Figure(x+1, 0, b, f.Theme.Dim)
	})
}

// grid draws a faint line down the rows at each tick.
func (t ticks) grid(a canvas.Area, bg themes.Color, f *Frame) {
	glyph := '┊'
	if f.G.ASCII {
		glyph = '.'
	}
	t.each(func(x int, _ float64) { a.Rune(x, 0, glyph, f.Theme.Border.On(bg)) })
}

// overview is what the minimap shows: the home range, or everything while the view is outside of that.
func (w *Waterfall) overview() timeRange {
	if v := w.view(); v.lo < w.home.lo || v.hi > w.home.hi {
		return w.all
	}
	return w.home
}

// minimap is the whole trace on one line: height is how many spans are at work, colour is the service that
// the critical path is in, and brackets are what the bars show. Worked out once per trace and width.
type minimap struct {
	r     timeRange
	busy  []float64 // per column: spans at work, mean
	owner []int32   // per column: node that the critical path is in for most of it, -1
	fails []bool    // per column: a span with an error starts here
	peak  float64
}

func (m *minimap) stale() { m.busy = m.busy[:0] }

// fill works the columns out, O(spans).
func (m *minimap) fill(w *Waterfall, columns int) {
	m.r = w.overview()
	m.busy = make([]float64, columns)
	m.owner = make([]int32, columns)
	m.fails = make([]bool, columns)
	rise := make([]float64, columns+1) // spans that fill all columns from here on
	c := w.clock()
	for i := range m.owner {
		m.owner[i] = -1
	}
	from, end := w.bounds()
	for i := from; i < end; i++ {
		if !w.m.real(i) {
			continue
		}
		s, e := c.interval(i)
		x0, x1 := m.r.column(s, columns), m.r.column(e, columns)
		a, b := min(max(0, int(x0)), columns-1), min(max(0, int(x1)), columns-1)
		if x1 < 0 || x0 > float64(columns) {
			continue
		}
		if w.m.head(i).Status == model.StatusError {
			m.fails[a] = true
		}
		if a == b {
			m.busy[a] += max(0, x1-x0)
			continue
		}
		m.busy[a] += float64(a+1) - max(0, x0)
		m.busy[b] += min(x1, float64(columns)) - float64(b)
		rise[a+1]++
		rise[b]--
	}
	m.peak = 0
	level := 0.0
	for i := range m.busy {
		level += rise[i]
		m.busy[i] += level
		m.peak = max(m.peak, m.busy[i])
	}
	m.ownColumns(w, columns)
}

// ownColumns gives each column to the section of the critical path that has most of it.
func (m *minimap) ownColumns(w *Waterfall, columns int) {
	best := make([]float64, columns)
	for _, s := range w.steps {
		x0 := max(0, m.r.column(s.Start, columns))
		x1 := min(float64(columns), m.r.column(s.End, columns))
		for i := int(x0); i < columns && float64(i) < x1; i++ {
			if part := min(x1, float64(i+1)) - max(x0, float64(i)); part > best[i] {
				best[i], m.owner[i] = part, s.Node
			}
		}
	}
}

// drawMinimap draws the map and the brackets of the view.
func (w *Waterfall) drawMinimap(a canvas.Area, f *Frame) {
	if a.W < 4 {
		return
	}
	if len(w.mini.busy) != a.W || w.mini.r != w.overview() {
		w.mini.fill(w, a.W)
	}
	bars := f.G.Bars
	for x := range a.W {
		s := f.Theme.Ghost
		if n := w.mini.owner[x]; n >= 0 {
			s = seriesStyle(f.Theme, w.m.service(n))
		}
		level := 0
		if w.mini.busy[x] > 0 && w.mini.peak > 0 {
			level = 1 + int(w.mini.busy[x]/w.mini.peak*float64(len(bars)-2)+0.5)
		}
		a.Rune(x, 0, bars[min(level, len(bars)-1)], s)
		if w.mini.fails[x] {
			a.Rune(x, 0, f.G.Error, f.Theme.Error)
		}
	}
	w.drawBrackets(a, f)
	a.Target(canvas.Target{Kind: waterfallMiniTarget})
}

// drawBrackets marks what the bars show, when that is not everything.
func (w *Waterfall) drawBrackets(a canvas.Area, f *Frame) {
	v, whole := w.view(), w.mini.r
	if v == whole {
		return
	}
	x0 := max(0, min(a.W-1, int(whole.column(v.lo, a.W))))
	x1 := max(x0, min(a.W-1, int(whole.column(v.hi, a.W))))
	a.Sub(x0, 0, x1-x0+1, 1).Tint(f.Theme.Window)
	s := f.Theme.AccentStrong
	a.Rune(x0, 0, '[', s)
	a.Rune(x1, 0, ']', s)
}

// drawMode says left of the minimap what is special about the view: search, focus, zoom, skew.
func (w *Waterfall) drawMode(a canvas.Area, f *Frame) {
	var buf [48]byte
	switch {
	case w.search.typing || w.search.text != "":
		w.search.draw(a, w.selected(), f)
	case w.versus != versusNothing:
		w.drawAgainst(a, f)
	case w.zoomed && w.zoom == w.all && w.home != w.all:
		a.Lit(1, 0, "with all strays, 0 goes back", f.Theme.Warn)
	case w.zoomed:
		b := num.Ratio(append(buf[:0], "zoom "...), w.home.width()/w.zoom.width())
		b = num.Duration(append(b, "  from "...), int64(since(w.zoom.lo, w.home.lo)))
		a.Figure(1, 0, b, f.Theme.Accent)
	case len(w.fold.focus) > 0:
		x := 1 + a.Lit(1, 0, "focus ", f.Theme.Accent)
		a.Cut(x, 0, a.W-x, model.Sanitise(w.focusName()), f.G.Ellipsis, f.Theme.Accent)
	case w.skewed:
		b := num.Count(append(buf[:0], "clocks aligned: "...), uint64(w.m.moved))
		b = appendSkew(append(b, ", up to "...), w.m.shift, w.m.half)
		a.Figure(1, 0, b, f.Theme.Info)
	case w.home != w.all:
		a.Lit(1, 0, "strays outside: 0 shows all", f.Theme.Warn)
	case w.gone == w.m.t.ID:
		a.Lit(1, 0, "evicted since: its last state", f.Theme.Warn)
	case w.m.matched != nil:
		p := pen{a: a, x: 1}
		p.number(uint64(w.m.matches), " matches the filter", " match the filter, n: next", f.Theme.Dim)
	case !w.m.view.Row.Settled:
		a.Lit(1, 0, "still arriving", f.Theme.Warn)
	default:
		w.drawLegend(a, f)
	}
}

// drawLegend says what the glyphs of bars mean, as far as there is room.
func (w *Waterfall) drawLegend(a canvas.Area, f *Frame) {
	g := barGlyphsOf(f.Theme)
	x := 1
	for _, l := range [...]struct {
		glyph rune
		label canvas.Literal
		style themes.Style
	}{
		{g.self, "works", f.Theme.Dim}, {g.waiting, "waits", f.Theme.Dim}, {g.critical, "critical", f.Theme.Critical},
		{g.median, "median", f.Theme.Strong}, {g.tail, "async", f.Theme.Dim}, {f.G.Event, "event", f.Theme.Dim},
	} {
		if x+2+len(l.label) > a.W {
			return
		}
		a.Rune(x, 0, l.glyph, l.style)
		x += 3 + a.Lit(x+2, 0, l.label, f.Theme.Faint)
		x++
	}
}

// focusName is the operation whose subtree is shown.
func (w *Waterfall) focusName() string {
	if len(w.rows) == 0 || !w.m.real(w.rows[0].node) {
		return "(missing)"
	}
	return w.m.span(w.rows[0].node).Name
}
