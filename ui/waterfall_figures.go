// Waterfall: the columns of figures beside the bars: duration, self time, rank, spread.

package ui

import (
	"strconv"

	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// contextLeast is the least population in which a rank means something; the engine agrees.
	contextLeast = 10
	// A span is unusual from these on: rank and times the median must both say so, since in a narrow
	// distribution a high rank is a matter of microseconds.
	unusualRank, unusualRatio         = 95, 1.5
	veryUnusualRank, veryUnusualRatio = 99, 3
	// quickRank, quickRatio: unusually short, which may mean that the work was not done.
	quickRank, quickRatio = 1, 0.34
)

// drawFigures draws duration, self time and how unusual the span is; for a group the sums, and how unusual
// its most unusual member is.
func (w *Waterfall) drawFigures(a canvas.Area, r *waterfallRow, f *Frame) {
	if r.group < 0 && !w.m.real(r.node) {
		return
	}
	if r.group < 0 && w.m.untimed(r.node) {
		a.Rune(figureWidth-1, 0, '-', f.Theme.Faint)
		return
	}
	d, self, node := int64(0), w.m.t.Self[r.node], r.node
	if r.group >= 0 {
		g := &w.m.groups[r.group]
		d, self, node = g.total, g.self, g.worst
	} else {
		d = w.m.head(r.node).Duration()
	}
	var buf [16]byte
	figureRight(a.Sub(0, 0, figureWidth, 1), num.Duration(buf[:0], d), f.Theme.Strong)
	x := figureWidth
	if w.lay.self {
		s := f.Theme.Text
		if self == 0 {
			s = f.Theme.Faint
		}
		figureRight(a.Sub(x, 0, figureWidth, 1), num.Duration(buf[:0], self), s)
		x += figureWidth
	}
	c := w.m.context(node)
	if typical := w.compared(); typical != nil {
		w.drawDelta(a.Sub(x+1, 0, w.lay.unusual-1, 1), r, typical, f)
	} else {
		w.m.drawUnusual(a.Sub(x+1, 0, w.lay.unusual-1, 1), node, f)
	}
	x += w.lay.unusual
	if w.lay.strip {
		drawStrip(a.Sub(x+1, 0, aggregate.StripCells, 1), &c, w.m.oddity(node), f)
		x += stripWidth
	}
	if w.lay.presence {
		drawPresence(a.Sub(x, 0, presenceWidth-1, 1), &c, f)
	}
}

// drawStrip draws how the operation's durations are spread, on a logarithmic scale, and where the span lies.
func drawStrip(a canvas.Area, c *aggregate.SpanContext, o oddity, f *Frame) {
	most := uint64(0)
	for _, n := range c.Strip.Cells {
		most = max(most, n)
	}
	if c.N < contextLeast || most == 0 {
		return
	}
	bars := f.G.Bars
	for i, n := range c.Strip.Cells {
		level := 0
		if n > 0 {
			level = max(1, int(float64(n)/float64(most)*float64(len(bars)-2)+.5))
		}
		if i != c.Strip.At {
			a.Rune(i, 0, bars[level], f.Theme.Ghost)
			continue
		}
		s := oddityStyle(o, f.Theme).With(themes.Bold)
		if f.G.ASCII || f.Theme.Mono() || level == 0 { // there the colour cannot tell it
			a.Rune(i, 0, f.G.Vertical, s)
			continue
		}
		a.Rune(i, 0, bars[max(2, level)], s)
	}
}

// oddityStyle is the colour of a judgement.
func oddityStyle(o oddity, t *themes.Theme) themes.Style {
	switch o {
	case veryUnusual:
		return t.Error
	case unusual:
		return t.Warn
	case quick:
		return t.Info
	}
	return t.Accent
}

// drawPresence draws which share of traces that come here make such a call; what hardly any does is loud.
func drawPresence(a canvas.Area, c *aggregate.SpanContext, f *Frame) {
	if c.PresenceOf < contextLeast {
		return
	}
	s := f.Theme.Dim
	switch {
	case c.Presence < rarePresence:
		s = f.Theme.Warn
	case c.Presence >= .995:
		s = f.Theme.Faint
	}
	var buf [16]byte
	figureRight(a, num.Share(buf[:0], c.Presence), s)
}

// oddity is how unusual a duration is.
type oddity uint8

const (
	ordinary oddity = iota
	unusual
	veryUnusual
	quick
	unranked
	mixed // ranked among spans that do different things
)

// oddityOf judges a duration within its operation.
func oddityOf(d int64, c aggregate.SpanContext) oddity {
	if c.N < contextLeast || c.Percentile < 0 || c.Median <= 0 {
		return unranked
	}
	ratio := float64(d) / float64(c.Median)
	switch {
	case c.Percentile >= veryUnusualRank && ratio >= veryUnusualRatio:
		return veryUnusual
	case c.Percentile >= unusualRank && ratio >= unusualRatio:
		return unusual
	case c.Percentile <= quickRank && ratio <= quickRatio:
		return quick
	}
	return ordinary
}

// drawUnusual draws "▲▲ p99.7 ×12", or the arrows alone where the area ends after them: they carry the
// judgement, colour repeats it. A rank among spans that do different things is "~p95".
func (m *traceModel) drawUnusual(a canvas.Area, node int32, f *Frame) {
	var buf [24]byte
	c, s := m.context(node), f.Theme.Dim
	switch m.oddity(node) {
	case unranked:
		if c.N >= contextLeast {
			a.Rune(3, 0, '-', f.Theme.Faint)
			return
		}
		b := strconv.AppendUint(append(buf[:0], "n="...), c.N, 10)
		a.Figure(3, 0, b, f.Theme.Faint)
		return
	case veryUnusual:
		s = f.Theme.Error
		a.Rune(0, 0, f.G.ArrowUp, s)
		a.Rune(1, 0, f.G.ArrowUp, s)
	case unusual:
		s = f.Theme.Warn
		a.Rune(0, 0, f.G.ArrowUp, s)
	case quick:
		s = f.Theme.Info
		a.Rune(0, 0, f.G.ArrowDown, s)
	case mixed:
		s = f.Theme.Faint
	}
	if m.mixture(node) != mixesNothing {
		a.Rune(2, 0, '~', s)
	}
	a.Figure(3, 0, appendRank(buf[:0], c.Percentile), s)
	drawRatio(a, 9, float64(m.head(node).Duration())/float64(c.Median), s)
}

// drawRatio draws ×12.
func drawRatio(a canvas.Area, x int, ratio float64, s themes.Style) {
	var buf [16]byte
	a.Figure(x, 0, num.Ratio(buf[:0], ratio), s)
}
