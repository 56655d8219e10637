// Lens 3, Latency: the cells of the heatmap and the lines of percentiles over them.

package ui

import (
	"math"
	"slices"

	"oteltop/themes"
	"oteltop/ui/canvas"
)

// fullest is how many requests are in the fullest cell, at least one.
func (l *Latency) fullest() uint64 { return max(1, slices.Max(l.answer.Counts)) }

// most is the scale of the colours.
func (l *Latency) most() float64 { return math.Log1p(float64(l.fullest())) }

// Rates at the ends of the ramp, per second. They do not depend on what is shown, so that a colour means the same in
// every scope and window.
const leastRate, mostRate = 0.01, 10_000

// drawCells paints counts on a logarithmic ramp; cells with errors carry a mark in the error style. Without
// colour the shades carry the count.
func (l *Latency) drawCells(m canvas.Area, lay heatLayout, f *Frame) {
	t, h, scale := f.Theme, l.answer, l.most()
	for c := range lay.cols {
		for r := range lay.rows {
			n, e := h.Counts[c*lay.rows+r], h.Errors[c*lay.rows+r]
			if n == 0 {
				continue
			}
			s, glyph := themes.Style{}, ' '
			bg, v, ok := l.shade(n, e, scale, t)
			if s.Bg = bg; !ok {
				glyph = f.G.Shades[1+int(v*3.99)]
				s = t.Text
			}
			x, w := lay.left(c), lay.left(c+1)-lay.left(c)
			cell := m.Sub(x, (lay.rows-1-r)*lay.rh, w, lay.rh)
			cell.Fill(glyph, s)
			if e > 0 && l.colour != colourErrors {
				cell.Rune((w-1)/2, (lay.rh-1)/2, errorMark(f.G, e, n), l.inks.on(s.Bg, t)[inkFailed])
			}
		}
	}
}

// shade is the background of a cell of n requests of which e failed, and how far up the ramp that is, in [0,1);
// ok is false without colour. scale is that of most.
func (l *Latency) shade(n, e uint64, scale float64, t *themes.Theme) (bg themes.Color, v float64, ok bool) {
	v = math.Log1p(float64(n)) / scale
	ramp := t.Heat
	switch l.colour {
	case colourRate:
		rate := float64(n) / (float64(l.answer.Step) / 1e9)
		v = max(0, min(1, math.Log(rate/leastRate)/math.Log(mostRate/leastRate)))
	case colourErrors:
		v, ramp = float64(e)/float64(n), t.ErrorHeat
		if e == 0 {
			v, ramp = 0, t.Heat[:min(1, len(t.Heat))]
		}
	}
	v *= 0.999
	bg, ok = t.Heats(ramp, v)
	return bg, v, ok
}

// cellInks are the styles of what is drawn over a cell, fit for its background.
type cellInks [6]themes.Style

// Places in cellInks.
const (
	inkP50 = iota
	inkP95
	inkP99
	inkFailed
	inkOutline
	inkQuiet // the outline, while the keys go elsewhere
)

// heatInks keeps the inks for the colours of a theme's ramps: finding them out takes longer than a cell may.
type heatInks struct {
	theme *themes.Theme
	by    map[themes.Color]cellInks
}

// on are the inks for a background of a ramp, or for none.
func (h *heatInks) on(bg themes.Color, t *themes.Theme) cellInks {
	if h.theme != t {
		h.theme, h.by = t, make(map[themes.Color]cellInks, len(t.Heat)+len(t.ErrorHeat)+1)
	}
	inks, ok := h.by[bg]
	if !ok {
		inks = cellInks{t.P50.Over(bg), t.P95.Over(bg), t.P99.Over(bg), t.Error.Over(bg), (themes.Style{Fg: t.Cursor.Bg, Attr: themes.Bold}).Over(bg), t.Strong.Over(bg)}
		h.by[bg] = inks
	}
	return inks
}

// errorMark is small for some errors and large for mostly errors.
func errorMark(g *themes.Glyphs, errors, n uint64) rune {
	if mostFailed(errors, n) {
		return g.Error
	}
	return g.Bullet
}

func mostFailed(errors, n uint64) bool { return errors > 0 && errors*2 >= n }

// drawLines draws p50, p95 and p99 of each column over the cells, in fixed glyphs; in fixed colours as well where
// those are seen on the cell.
func (l *Latency) drawLines(m canvas.Area, lay heatLayout, f *Frame) {
	t, h, scale := f.Theme, l.answer, l.most()
	for c := range lay.cols {
		for _, q := range [...]struct {
			ns    int64
			ink   int
			glyph rune
		}{{h.P50[c], inkP50, f.G.Horizontal}, {h.P95[c], inkP95, f.G.Double}, {h.P99[c], inkP99, f.G.Wave}} {
			if q.ns == 0 {
				continue
			}
			_, r := l.cellAt(0, q.ns)
			var bg themes.Color
			if i := c*lay.rows + r; h.Counts[i] > 0 {
				if mostFailed(h.Errors[i], h.Counts[i]) {
					continue // its mark says more
				}
				bg, _, _ = l.shade(h.Counts[i], h.Errors[i], scale, t)
			}
			inks := l.inks.on(bg, t)
			y := (lay.rows - 1 - r) * lay.rh
			for x := lay.left(c); x < lay.left(c+1); x++ {
				m.Sub(x, y, 1, 1).Overlay(q.glyph, inks[q.ink])
			}
		}
	}
}
