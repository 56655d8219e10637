// Lens 3, Latency: the distribution of durations right of the heatmap, row by row, and over it as an outline that of the
// period before.

package ui

import (
	"math"

	"oteltop/aggregate"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// heatSpread is how many requests took how long: now, and before.
type heatSpread struct {
	now, before []float64 // by row, 0–1 on a logarithmic scale
	total       uint64    // before; 0: there is nothing to compare with
}

// Widths of the distribution, the column that keeps it apart among them, and from how many columns on the screen has
// room for either.
const (
	spreadNarrow, spreadWide         = 15, 25
	spreadNarrowFrom, spreadWideFrom = 110, 150
)

func spreadWidth(w int) int {
	switch {
	case w >= spreadWideFrom:
		return spreadWide
	case w >= spreadNarrowFrom:
		return spreadNarrow
	}
	return 0
}

// period is the time before to compare with: the marker's, else as long as the window and just before it.
func (l *Latency) period(at Moment) aggregate.Window {
	if !l.before {
		return aggregate.Window{}
	}
	if b := at.Scope.Baseline; b != (aggregate.Window{}) {
		return b
	}
	c := newComparing(at)
	_, before := c.windows()
	return before
}

// take works the distributions out. That of before is drawn as if there had been as many requests as now: it is the
// shape that is compared.
func (s *heatSpread) take(h *aggregate.Heatmap) {
	rows := len(h.RowLow)
	s.now, s.before, s.total = make([]float64, rows), make([]float64, rows), h.BeforeTotal
	for i, n := range h.Counts {
		s.now[i%rows] += float64(n)
	}
	most := 1.
	for r, n := range s.now {
		if r < len(h.Before) && h.BeforeTotal > 0 {
			s.before[r] = float64(h.Before[r]) * float64(h.Total) / float64(h.BeforeTotal)
		}
		most = max(most, n, s.before[r])
	}
	for r := range rows {
		s.now[r] = math.Log1p(s.now[r]) / math.Log1p(most)
		s.before[r] = math.Log1p(s.before[r]) / math.Log1p(most)
	}
}

// draw draws it beside the map, and below that what it is.
func (s *heatSpread) draw(a canvas.Area, lay heatLayout, f *Frame) {
	t := f.Theme
	for r := range min(lay.rows, len(s.now)) {
		for i := range lay.rh {
			y := (lay.rows-1-r)*lay.rh + i
			if y >= a.H-1 {
				continue
			}
			row := a.Row(y)
			if s.now[r] > 0 {
				bar(row, s.now[r], t.Accent, f)
			}
			if s.before[r] > 0 {
				x := min(a.W-1, int(s.before[r]*float64(a.W)))
				row.Sub(x, 0, 1, 1).Overlay(f.G.Vertical, t.Strong)
			}
		}
	}
	w := pen{a: a.Row(a.H - 1)}
	w.lit("n, log ", t.Dim)
	if s.total == 0 {
		return
	}
	w.rune(f.G.Vertical, t.Strong)
	w.lit("before", t.Dim)
	if w.x+len(" n=")+num.Width <= a.W {
		w.lit(" n=", t.Dim)
		w.count(s.total, t.Dim)
	}
}
