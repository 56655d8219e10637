// Line 2 of the frame: the breadcrumbs of the drill.

package ui

import (
	"oteltop/model"
	"oteltop/ui/canvas"
)

// crumbMost is the most columns of one part of a breadcrumb, crumbLeast what is left of it when room is short.
const crumbMost, crumbLeast = 48, 7

// drawCrumbs draws line 2: the steps of the drill. Where room is short those before the last give way: the last
// says what is on the screen.
func (a *App) drawCrumbs(r canvas.Area) {
	t := a.theme
	w := pen{a: r, x: 1}
	most, first := a.fitCrumbs(r.W - 2)
	if first > 0 {
		w.rune(t.Glyphs.Ellipsis, t.Faint)
	}
	spare := 0
	for i := first; i < len(a.trail.steps); i++ {
		p := &a.trail.steps[i]
		style := t.Dim
		if i == len(a.trail.steps)-1 { // a filter is read here: it takes what is left
			style = t.Strong
			spare = max(0, r.W-2-a.crumbWidth(first, most))
		}
		if i > 0 {
			w.lit(" ", t.Faint)
			w.rune(t.Glyphs.Collapsed, t.Faint)
			w.lit(" ", t.Faint)
		}
		x0 := w.x
		w.text(model.Sanitise(p.lens.String()), style)
		for _, c := range p.said {
			w.lit(" ", style)
			w.x += r.Cut(w.x, 0, a.partMost(i, most)+spare, c, t.Glyphs.Ellipsis, style.Ink(t.Accent.Fg))
		}
		r.Sub(x0, 0, w.x-x0, 1).Target(canvas.Target{Kind: crumbTarget, Index: int32(i)})
	}
	a.drawAsking(r)
}

// fitCrumbs says how the steps of the drill fit into a width: the most columns of a part of those before the
// last, and the first step that is drawn.
func (a *App) fitCrumbs(width int) (most, first int) {
	for most = crumbMost; most > crumbLeast; most-- {
		if a.crumbWidth(0, most) <= width {
			return most, 0
		}
	}
	for first < len(a.trail.steps)-1 && a.crumbWidth(first, most) > width {
		first++
	}
	return most, first
}

// crumbWidth is the columns that the steps from first on take.
func (a *App) crumbWidth(first, most int) int {
	const between = 3 // the mark between two steps
	w := -between
	if first > 0 {
		w = 1 // the mark that there are more
	}
	for i := first; i < len(a.trail.steps); i++ {
		p := &a.trail.steps[i]
		w += between + canvas.Width(model.Sanitise(p.lens.String()))
		for _, c := range p.said {
			w += 1 + min(a.partMost(i, most), canvas.Width(c))
		}
	}
	return w
}

// partMost is the most columns of a part of step i.
func (a *App) partMost(i, most int) int {
	if i == len(a.trail.steps)-1 {
		return crumbMost
	}
	return most
}
