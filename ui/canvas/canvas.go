// Package canvas is the grid of cells that screens draw on and the one place where cells become bytes.
// It exists because styled strings cost an order of magnitude more per frame (see TERMINAL.md figures in
// the README), and because a cell knows what it stands for: a hit test is one array access.
//
//	screens ─▶ Area (clipped) ─▶ cells ─▶ Encode: one pass, merged style runs ─▶ tea.View
package canvas

import (
	"oteltop/themes"
)

// Target is what a cell stands for, so that a click finds it: Kind is the screen's own enumeration
// (0: nothing), Index its own numbering of what it drew last.
type Target struct {
	Kind  uint8
	Index int32
}

// cell holds one column. glyph > 0 is a rune; 0 continues a wide glyph to the left; < 0 is the
// complement of an index into Canvas.clusters, for graphemes of several runes.
type cell struct {
	glyph  rune
	style  themes.Style
	target uint16
}

// Canvas is a grid of w×h cells. Owned by the update loop.
type Canvas struct {
	w, h     int
	cells    []cell
	clusters []string
	targets  []Target
	buf      []byte
	paper    themes.Style // stands for the default colours
	ascii    bool
}

// New makes a canvas of w×h blank cells.
func New(w, h int) *Canvas {
	c := &Canvas{}
	c.Reset(w, h, themes.Style{})
	return c
}

// Reset resizes the canvas and blanks every cell.
func (c *Canvas) Reset(w, h int, s themes.Style) {
	w, h = max(w, 0), max(h, 0)
	c.w, c.h = w, h
	if cap(c.cells) < w*h {
		c.cells = make([]cell, w*h)
	}
	c.cells = c.cells[:w*h]
	for i := range c.cells {
		c.cells[i] = cell{glyph: ' ', style: s}
	}
	c.clusters = c.clusters[:0]
	c.targets = append(c.targets[:0], Target{})
}

// SetPaper chooses the colours that are drawn where a style says default: the zero Style leaves them to
// the terminal, anything else paints every cell, which a light theme on a dark terminal needs.
func (c *Canvas) SetPaper(s themes.Style) { c.paper = s }

// SetASCII makes Encode write the punctuation of prose, which is not among the glyphs of a theme, in ASCII.
// Other characters are left: a name in another script is better told by a terminal's placeholder than by
// nothing.
func (c *Canvas) SetASCII(on bool) { c.ascii = on }

// Size returns columns and rows.
func (c *Canvas) Size() (w, h int) { return c.w, c.h }

// All is the area that covers the canvas.
func (c *Canvas) All() Area { return Area{c: c, W: c.w, H: c.h} }

// At returns what the cell stands for.
func (c *Canvas) At(x, y int) Target {
	if x < 0 || y < 0 || x >= c.w || y >= c.h {
		return Target{}
	}
	return c.targets[c.cells[y*c.w+x].target]
}

// target interns t; neighbouring calls with the same target share an entry.
func (c *Canvas) target(t Target) uint16 {
	if n := len(c.targets); c.targets[n-1] == t {
		return uint16(n - 1)
	}
	if len(c.targets) > 0xffff {
		return 0 // more targets than cells of any real terminal: the rest is not clickable
	}
	c.targets = append(c.targets, t)
	return uint16(len(c.targets) - 1)
}
