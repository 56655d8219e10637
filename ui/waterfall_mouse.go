// Waterfall: the mouse.

package ui

import (
	"oteltop/ui/canvas"
)

// wheelZoom is how much a notch of the wheel with Ctrl zooms.
const wheelZoom = 1.25

// dragKind is what is being dragged.
type dragKind uint8

const (
	dragNone dragKind = iota
	dragBrush
	dragMini
	dragEdge
)

// dragging is a drag that is going on; columns are relative to the bars.
type dragging struct {
	kind     dragKind
	from, to int
}

// Mouse selects, folds, zooms, pans and resizes.
func (w *Waterfall) Mouse(m Mouse, at Moment) Action {
	if !w.shows(at) || len(w.rows) == 0 {
		return nil
	}
	switch m.Event {
	case WheelUp, WheelDown:
		return w.wheel(m)
	case Click, Double:
		return w.click(m, at)
	case Drag:
		return w.dragTo(m)
	case Release:
		return w.release()
	}
	return nil
}

// barColumn is a column of the area as one of the bars.
func (w *Waterfall) barColumn(x int) int { return max(0, min(w.lay.bar-1, x-w.lay.tree)) }

func (w *Waterfall) click(m Mouse, at Moment) Action {
	w.drag = dragging{}
	switch m.Target.Kind {
	case waterfallRowTarget, waterfallBarTarget:
		w.pane.focus, w.touched = false, true
		w.put(int(m.Target.Index))
		if m.Event == Double && m.Target.Kind == waterfallRowTarget {
			if m.X >= w.lay.tree { // the figures: what they are ranked among
				return w.drillToOperation(at)
			}
			return w.foldKey("enter")
		}
		if m.Target.Kind == waterfallBarTarget {
			x := w.barColumn(m.X)
			w.drag = dragging{dragBrush, x, x}
		}
	case waterfallMiniTarget:
		w.drag.kind = dragMini
		w.panTo(m.X)
	case waterfallEdgeTarget:
		w.drag.kind = dragEdge
	case waterfallPaneTarget:
		w.pane.focus = true
		if m.Target.Index < 0 {
			break
		}
		w.pane.at = int(m.Target.Index)
		if m.Event == Double {
			return w.openEntry()
		}
	}
	return nil
}

// panTo moves the view so that its middle is at a column of the minimap; unzoomed, it first zooms in.
func (w *Waterfall) panTo(x int) {
	t := w.mini.r.at(float64(w.barColumn(x))+0.5, w.lay.bar)
	v := w.view()
	if v.width() >= w.mini.r.width() {
		v = v.zoomed(1/(zoomStep*zoomStep), t)
	}
	half := v.width() / 2
	w.setZoom(timeRange{later(t, -half), later(t, half)}.sound())
}

func (w *Waterfall) dragTo(m Mouse) Action {
	switch w.drag.kind {
	case dragBrush:
		w.drag.to = w.barColumn(m.X)
	case dragMini:
		w.panTo(m.X)
	case dragEdge:
		if w.lay.side {
			w.pane.side = max(paneLeast, min(paneMost, 100*(w.lay.width-m.X)/max(1, w.lay.width)))
		} else {
			h := w.lay.height - headRows
			w.pane.below = max(paneLeast, min(paneMost, 100*(w.lay.height-m.Y)/max(1, h)))
		}
	}
	return nil
}

// release ends a drag; a brush over the bars zooms to what it covered.
func (w *Waterfall) release() Action {
	d := w.drag
	w.drag = dragging{}
	if d.kind == dragBrush && d.from != d.to {
		a, b := min(d.from, d.to), max(d.from, d.to)
		v := w.view()
		w.setZoom(timeRange{v.at(float64(a), w.lay.bar), v.at(float64(b+1), w.lay.bar)}.sound())
	}
	return nil
}

// wheel scrolls what is under the mouse; with Ctrl it zooms there, with Shift it pans.
func (w *Waterfall) wheel(m Mouse) Action {
	up := m.Event == WheelUp
	by := wheelRows
	if up {
		by = -by
	}
	switch {
	case m.Target.Kind == waterfallPaneTarget:
		w.pane.scroll(by)
	case m.Ctrl:
		f := wheelZoom
		if up {
			f = 1 / f
		}
		v := w.view()
		w.setZoom(v.zoomed(f, v.at(float64(w.barColumn(m.X))+0.5, w.lay.bar)))
	case m.Shift || m.Target.Kind == waterfallMiniTarget:
		share := panShare / 2
		if up {
			share = -share
		}
		w.setZoom(w.view().moved(share))
	default:
		h := w.lay.rows.H
		w.top = max(0, min(w.top+by, len(w.rows)-h))
		w.touched = true
		w.put(max(w.top, min(w.at, w.top+h-1))) // the cursor stays in sight
	}
	return nil
}

// drawBrush shows the range that is being dragged over.
func (w *Waterfall) drawBrush(a canvas.Area, f *Frame) {
	if w.drag.kind != dragBrush || w.drag.from == w.drag.to {
		return
	}
	x0, x1 := min(w.drag.from, w.drag.to), max(w.drag.from, w.drag.to)
	a.Sub(x0, 0, x1-x0+1, a.H).Tint(f.Theme.Brush)
}
