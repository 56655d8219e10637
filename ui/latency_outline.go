// Lens 3, Latency: what is selected on the heatmap, drawn over its cells.

package ui

import (
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// drawSelection outlines what is selected, so that the cells inside keep their colours, and marks its
// range on both axes (a is the map with its axes), where it is found at a glance.
func (l *Latency) drawSelection(a canvas.Area, lay heatLayout, height int, f *Frame) {
	c0, r0, c1, r1, ok := l.outlined(f.Scope)
	if !ok {
		return
	}
	x0, y0 := lay.left(c0), (lay.rows-1-r1)*lay.rh
	w, h := lay.left(c1+1)-x0, min((lay.rows-r0)*lay.rh, height)-y0
	sel, axis := f.Theme.Cursor, f.Theme.Selected
	if l.focus(f.Scope) != onHeat {
		sel, axis = f.Theme.SelectedDim, f.Theme.SelectedDim
	}
	a.Sub(0, lay.y+y0, axisWidth-1, h).Tint(axis)
	a.Sub(lay.x+x0, lay.y+height, w, 1).Tint(axis)
	if w < 3 && h < 3 {
		a.Sub(lay.x+x0, lay.y+y0, w, h).Tint(sel)
		return
	}
	l.drawOutline(a, lay, heatRange{c0, r0, c1, r1}, height, f)
}

// heatRange is columns and rows of the map, the last ones among them.
type heatRange struct{ c0, r0, c1, r1 int }

// drawOutline draws the border of a range as a line over its outermost cells: their colours and most of their marks
// stay, which are a good part of what is selected. Where cells have no colours the line goes between what is in them.
func (l *Latency) drawOutline(a canvas.Area, lay heatLayout, in heatRange, height int, f *Frame) {
	h, scale, ink := l.answer, l.most(), inkOutline
	if l.focus(f.Scope) != onHeat {
		ink = inkQuiet
	}
	left, right := lay.left(in.c0), lay.left(in.c1+1)-1
	top, bottom := (lay.rows-1-in.r1)*lay.rh, min((lay.rows-in.r0)*lay.rh, height)-1
	for c := in.c0; c <= in.c1; c++ {
		for x := lay.left(c); x < lay.left(c+1); x++ {
			for y := top; y <= bottom; y++ {
				glyph := outlineAt(x == left, x == right, y == top, y == bottom)
				if glyph == 0 {
					continue
				}
				isEdge := glyph == '━' && (top != bottom || f.Theme.Mono()) || glyph == '┃' && (left != right || f.Theme.Mono())
				if f.G.ASCII {
					glyph = asciiOutline(glyph)
				}
				var bg themes.Color
				if i := c*lay.rows + lay.rows - 1 - y/lay.rh; h.Counts[i] > 0 {
					bg, _, _ = l.shade(h.Counts[i], h.Errors[i], scale, f.Theme)
				}
				cell, style := a.Sub(lay.x+x, lay.y+y, 1, 1), l.inks.on(bg, f.Theme)[ink]
				if isEdge {
					cell.Underlay(glyph, style)
					continue
				}
				cell.Overlay(glyph, style) // corners, and what is so small that its marks would hide it
			}
		}
	}
}

// outlineAt is the part of an outline at a cell that is on some of its sides; 0 inside of it.
func outlineAt(left, right, top, bottom bool) rune {
	switch {
	case top && bottom && left: // of one row
		return '┣'
	case top && bottom && right:
		return '┫'
	case left && right && top: // of one column
		return '┳'
	case left && right && bottom:
		return '┻'
	case top && left:
		return '┏'
	case top && right:
		return '┓'
	case bottom && left:
		return '┗'
	case bottom && right:
		return '┛'
	case top || bottom:
		return '━'
	case left || right:
		return '┃'
	}
	return 0
}

// asciiOutline is the same part in ASCII.
func asciiOutline(part rune) rune {
	switch part {
	case '━':
		return '-'
	case '┃':
		return '|'
	}
	return '+'
}
