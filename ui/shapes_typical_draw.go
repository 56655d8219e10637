// Lens 6, Shapes: how the typical trace is drawn.

package ui

import (
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// representativeTarget is the target kind of traces that stand for a shape.
const representativeTarget uint8 = 16

// drawTypical draws the typical trace of the shape under the cursor, under what it is and who stands for it.
func (s *Shapes) drawTypical(a canvas.Area, f *Frame) {
	t := f.Theme
	border := t.Border
	if s.lay.inTree {
		border = t.BorderFocus
	}
	if s.lay.tree.x > 0 {
		for y := range a.H {
			a.Rune(0, y, f.G.Vertical, border)
		}
		a = a.Sub(1, 0, a.W-1, a.H)
	} else {
		a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	}
	r, x := s.selected(), s.current()
	w := pen{a: a.Row(0), x: 2}
	w.lit(" the typical trace ", t.Title)
	if r == nil {
		return
	}
	if x == nil {
		s.drawTypicalAwaited(a, f)
		return
	}
	w.lit("n=", t.Dim)
	w.number(x.Traces, " trace of shape ", " traces of shape ", t.Dim)
	w.text(r.name, t.Accent)
	w.lit(" ", t.Dim)
	if a.W-w.x > legendWidth+2 {
		drawSpreadLegend(a.Sub(a.W-legendWidth-2, 0, legendWidth, 1), f)
	}
	s.drawContents(a.Row(1), r, x, f)
	s.drawRepresentatives(a.Row(2), x, f)
	s.drawTree(a.Sub(0, 3, a.W, a.H-3), x, f)
}

// legendWidth is the room of the legend of bars.
const legendWidth = 25

// drawSpreadLegend says what the parts of a bar are.
func drawSpreadLegend(a canvas.Area, f *Frame) {
	low, middle, high := spreadGlyphs(f)
	w := pen{a: a}
	w.lit(" ", f.Theme.Dim)
	w.rune(low, f.Theme.Dim)
	w.lit(" p10  ", f.Theme.Dim)
	w.rune(middle, f.Theme.Dim)
	w.lit(" median  ", f.Theme.Dim)
	w.rune(high, f.Theme.Dim)
	w.lit(" p90 ", f.Theme.Dim)
}

// drawTypicalAwaited says that the typical trace is on its way, or why it is not.
func (s *Shapes) drawTypicalAwaited(a canvas.Area, f *Frame) {
	w := pen{a: a.Row(1), x: 2}
	if id, _ := s.table.selected(); id == s.shown {
		w.lit("no trace of this shape is retained now", f.Theme.Dim)
		return
	}
	w.lit("laying its traces over each other", f.Theme.Dim)
	w.rune(f.G.Ellipsis, f.Theme.Dim)
}

// drawContents says what is in traces of the shape.
func (s *Shapes) drawContents(row canvas.Area, r *shapeRow, x *typical, f *Frame) {
	t := f.Theme
	w := pen{a: row, x: 1}
	w.number(uint64(r.Spans), " span", " spans", t.Text)
	if r.Variants > 1 {
		w.lit(", ", t.Dim)
		w.count(uint64(r.Variants), t.Text)
		if r.MoreVariant {
			w.lit("+", t.Text)
		}
		w.lit(" variants by order and repeats", t.Dim)
	}
	if x.Folded > 0 {
		w.lit(", ", t.Dim)
		w.counted(x.Folded, " spans folded into the call above", t.Warn)
	}
	w.lit(": ", t.Dim)
	for i, service := range x.services {
		if i > 0 {
			w.lit(" ", t.Dim)
		}
		if w.x+canvas.Width(service)+3 > row.W {
			w.rune(f.G.Ellipsis, t.Dim)
			return
		}
		w.text(service, seriesStyle(t, service.String()))
	}
}

// drawRepresentatives lists traces that stand for the shape, each with the reason why.
func (s *Shapes) drawRepresentatives(row canvas.Area, x *typical, f *Frame) {
	t := f.Theme
	w := pen{a: row, x: 1}
	w.lit("o opens ", t.Dim)
	first := 0 // of those in sight: the chosen one is always among them
	for i, wide := s.at, 8; i >= 0; i-- {
		if wide += x.representativeWidth(i); wide > row.W {
			break
		}
		first = i
	}
	if s.at > 0 && x.representativesWidth()+9 <= row.W {
		first = 0
	}
	for i := first; i < len(x.whys); i++ {
		if i > first && w.x+x.representativeWidth(i) > row.W {
			w.rune(f.G.Ellipsis, t.Dim)
			return
		}
		from := w.x
		why, id := t.Dim, t.Dim
		if i == s.at {
			why, id = t.Strong, t.Accent
			w.rune(f.G.ArrowRight, t.Accent)
		} else {
			w.blank(1)
		}
		w.text(x.whys[i], why)
		w.blank(1)
		w.text(x.ids[i], id)
		row.Sub(from, 0, w.x-from, 1).Target(canvas.Target{Kind: representativeTarget, Index: int32(i)})
		w.blank(2)
	}
}

func (t *typical) representativeWidth(i int) int {
	return canvas.Width(t.whys[i]) + canvas.Width(t.ids[i]) + 4
}

func (t *typical) representativesWidth() (w int) {
	for i := range t.whys {
		w += t.representativeWidth(i)
	}
	return w
}

// drawTree draws the calls with their bars and figures.
func (s *Shapes) drawTree(a canvas.Area, x *typical, f *Frame) {
	if a.H < 2 {
		return
	}
	s.tree.cols[typicalPath].width = max(typicalPathLeast, min(typicalPathMost, a.W*37/100))
	s.tree.away = !s.lay.inTree
	s.tree.lay(a.W)
	p := typicalPen{t: ticksOf(timeRange{0, max(1, x.end)}, 0, s.tree.w[typicalBar]), f: f}
	s.tree.draw(a, f, func(row, col int, c canvas.Area) { s.typicalCell(x, &x.rows[row], col, c, &p) })
	p.t.axis(a.Sub(s.tree.x[typicalBar], 0, s.tree.w[typicalBar], 1), f)
}

func (s *Shapes) typicalCell(x *typical, r *typicalRow, col int, c canvas.Area, p *typicalPen) {
	f := p.f
	t := f.Theme
	text := t.Text
	if r.Presence < .5 {
		text = t.Dim
	}
	var buf [40]byte
	switch col {
	case typicalPath:
		s.drawCall(r, c, text, f)
	case typicalBar:
		p.row(c, r)
	case typicalDuration:
		duration(c, r.Duration.P50, t.Strong, f)
	case typicalSpread:
		if r.Duration.P90 > 0 {
			b := append(num.Duration(buf[:0], r.Duration.P10), '-')
			figureRight(c, num.Duration(b, r.Duration.P90), t.Dim)
		}
	case typicalSelf:
		duration(c, r.Self.P50, text, f)
	case typicalCritical:
		if share := x.criticalShare(r); share >= .001 {
			figureRight(c, num.Share(buf[:0], share), t.Critical)
		}
	case typicalPresence:
		figureRight(c, num.Share(buf[:0], r.Presence), text)
	case typicalErrors:
		errorShare(c, r.ErrorShare, f)
	}
}

// drawCall draws the call of a row: indented, with its service where that is another one than above, and how
// often it is made.
func (s *Shapes) drawCall(r *typicalRow, c canvas.Area, text themes.Style, f *Frame) {
	t := f.Theme
	if r.Critical.P50 > 0 {
		c.Rune(0, 0, f.G.Critical, t.Critical)
	}
	in := 1 + min(r.Depth, c.W/2)
	if r.Depth > 0 {
		c.Rune(in-1, 0, f.G.BottomLeft, t.Border)
	}
	c = c.Sub(in, 0, c.W-in, 1)
	if r.isMissing() {
		c.Cut(0, 0, c.W, r.operation, f.G.Ellipsis, t.Ghost)
		return
	}
	ink := seriesStyle(t, r.Operation.ServiceName)
	glyph := f.G.Service
	switch r.Operation.Kind {
	case model.KindProducer, model.KindConsumer:
		glyph = f.G.Messaging
	case model.KindInternal:
		glyph = f.G.Bullet
	}
	c.Rune(0, 0, glyph, ink)
	c = c.Sub(2, 0, c.W-2, 1)
	if r.PerTrace > 1.005 {
		var buf [16]byte
		b := appendTimes(buf[:0], r.PerTrace)
		figureRight(c, b, t.Accent)
		c = c.Sub(0, 0, c.W-len(b)-1, 1)
	}
	if r.inside {
		c.Cut(0, 0, c.W, r.operation, f.G.Ellipsis, text)
		return
	}
	x2 := c.Cut(0, 0, c.W*2/3, r.service, f.G.Ellipsis, ink.With(themes.Bold)) + 1
	c.Cut(x2, 0, c.W-x2, r.operation, f.G.Ellipsis, text)
}
