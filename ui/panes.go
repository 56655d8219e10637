// A list and below or beside it the tree of its row: where both are, and which of them takes the keys.

package ui

import "oteltop/ui/canvas"

// rect is a part of the screen's area.
type rect struct{ x, y, w, h int }

func (r rect) of(a canvas.Area) canvas.Area { return a.Sub(r.x, r.y, r.w, r.h) }

func (r rect) has(x, y int) bool { return x >= r.x && y >= r.y && x < r.x+r.w && y < r.y+r.h }

// panes is how a screen of two parts is laid out: a list, and a tree that belongs to the row under its cursor.
type panes struct {
	table, tree rect
	inTree      bool // keys go to the tree
}

// paneHit is the part that a mouse event is in.
type paneHit uint8

const (
	hitNone paneHit = iota
	hitTable
	hitTree
)

// hit finds the part that an event is in; a click gives it the keys.
func (p *panes) hit(m Mouse) paneHit {
	click := m.Event == Click || m.Event == Double
	switch {
	case p.table.has(m.X, m.Y):
		p.inTree = p.inTree && !click
		return hitTable
	case p.tree.has(m.X, m.Y):
		p.inTree = p.inTree || click
		return hitTree
	}
	return hitNone
}
