// Lens 3, Latency: clicks and drags on the heatmap and below.

package ui

import (
	tea "charm.land/bubbletea/v2"
)

// Targets of this screen besides those of its list.
const heatTarget uint8 = 10

// Mouse selects a cell by a click, a rectangle by dragging, and drills by a double click.
func (l *Latency) Mouse(m Mouse, at Moment) Action {
	h := l.answer
	if h == nil || len(h.RowLow) == 0 {
		return nil
	}
	if l.drag && (m.Event == Drag || m.Event == Release) {
		if c, r, ok := l.lay.cellAt(m.X, m.Y); ok {
			l.cursor = l.point(c, r)
			l.ranged = l.ranged || l.cursor != l.anchor
			l.whole = true
		}
		if m.Event == Release {
			l.drag = false
			return Ask{}
		}
		return Handled{}
	}
	if m.Target.Kind != heatTarget {
		return l.listMouse(m, at)
	}
	c, r, ok := l.lay.cellAt(m.X, m.Y)
	switch {
	case !ok:
	case m.Event == Click:
		return l.click(l.point(c, r))
	case m.Event == Double:
		if l.clicked {
			l.anchor, l.cursor, l.ranged = l.was[0], l.was[1], true
		}
		l.touched, l.clicked, l.drag = true, false, false
		return l.drill(at, false)
	}
	return Handled{}
}

// click selects a cell and begins a drag. A selected rectangle that is clicked into is remembered, for it
// may be the first half of a double click.
func (l *Latency) click(p heatPoint) Action {
	c, r := l.cell(p)
	c0, r0, c1, r1, ok := l.corners()
	l.clicked = ok && l.ranged && c >= c0 && c <= c1 && r >= r0 && r <= r1
	l.was = [2]heatPoint{l.anchor, l.cursor}
	l.cursor, l.anchor = p, p
	l.ranged, l.touched, l.drag, l.part = false, true, true, onHeat
	return Ask{}
}

// listMouse handles what is below the map.
func (l *Latency) listMouse(m Mouse, at Moment) Action {
	inExplain, inList := l.lay.explain.has(m.X, m.Y), l.lay.list.has(m.X, m.Y)
	switch {
	case inExplain:
		if m.Event == Click || m.Event == Double {
			l.part = onExplanation
		}
		if open, _ := l.special.table.mouse(m); open {
			return l.explainKey(tea.KeyPressMsg{Code: tea.KeyEnter})
		}
	case inList:
		if m.Event == Click || m.Event == Double {
			l.part = onList
		}
		return l.picks.Mouse(m, at)
	}
	return Handled{}
}
