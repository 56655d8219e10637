// The overlay that chooses the columns of a table.

package ui

import (
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
)

// chooser is the overlay in which columns of the table that is shown are switched off and on. What a person
// switched on is still dropped where there is no room for it.
type chooser struct {
	ChooseColumns
	rows []int // columns, as listed: the person's own comes last
	at   int   // index into rows
}

// ChooseColumns opens the chooser for a table.
type ChooseColumns struct {
	cols []column
	off  *[]bool // parallel to cols: switched off
	left []int   // parallel to cols: where they are drawn; negative: there is no room. nil: not drawn yet
	own  int     // the column that a person makes of an expression; 0: the table has none
}

func (ChooseColumns) action() {}

// choose is the action that lets a person choose the columns of a table.
func (t *table[K]) choose() ChooseColumns {
	if t.off == nil {
		t.off = make([]bool, len(t.cols))
	}
	return ChooseColumns{cols: t.cols, off: &t.off, left: t.x}
}

// isOff reports whether a column was switched off.
func (t *table[K]) isOff(i int) bool { return t.off != nil && t.off[i] }

func newChooser(x ChooseColumns) *chooser {
	c := &chooser{ChooseColumns: x}
	for i := range x.cols {
		if i != x.own || i == 0 {
			c.rows = append(c.rows, i)
		}
	}
	if x.own > 0 {
		c.rows = append(c.rows, x.own)
	}
	return c
}

func (c *chooser) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "up", "k":
		c.at = max(0, c.at-1)
	case "down", "j":
		c.at = min(len(c.rows)-1, c.at+1)
	case "space", "x":
		return c.toggle(a), false
	case "enter":
		if c.isOwn(c.at) {
			return openColumn(a), false
		}
		return nil, true
	default:
		return nil, true
	}
	return nil, false
}

// isOwn reports whether a row is the column of the person's own.
func (c *chooser) isOwn(row int) bool { return c.own > 0 && c.rows[row] == c.own }

// toggle switches the column of the cursor; the one that takes what is left stays, since the others stand by it.
// The person's own is asked for.
func (c *chooser) toggle(a *App) tea.Cmd {
	if c.isOwn(c.at) {
		return openColumn(a)
	}
	if i := c.rows[c.at]; c.cols[i].width > 0 {
		(*c.off)[i] = !(*c.off)[i]
	}
	return nil
}

// note says of a column why it is not seen though it is not switched off, or why it cannot be.
func (c *chooser) note(i int) canvas.Literal {
	switch {
	case (*c.off)[i]:
		return ""
	case c.cols[i].hidden:
		return "has nothing to show now"
	case c.left != nil && c.left[i] < 0:
		return "no room for it at this width"
	case c.cols[i].width == 0:
		return "always"
	}
	return ""
}

func (c *chooser) paste(*App, string) tea.Cmd { return nil }

func (c *chooser) mouse(a *App, ev MouseEvent, t canvas.Target) (tea.Cmd, bool) {
	if (ev == Click || ev == Double) && t.Index >= 0 && int(t.Index) < len(c.rows) {
		c.at = int(t.Index)
		return c.toggle(a), false
	}
	return nil, false
}

func (c *chooser) draw(all canvas.Area, f *Frame) {
	in := panel(all, 64, len(c.rows)+4, f, "columns")
	for y, i := range c.rows {
		col, row := c.cols[i], in.Row(y)
		mark, s := f.G.OK, f.Theme.OK
		if (*c.off)[i] || col.hidden {
			mark, s = ' ', f.Theme.Dim
		}
		row.Rune(1, 0, mark, s)
		x := 3 + row.Lit(3, 0, col.title, f.Theme.Text)
		if c.isOwn(y) {
			row.Rune(x, 0, f.G.Ellipsis, f.Theme.Text)
			row.Cut(x+2, 0, row.W-x-3, col.named, f.G.Ellipsis, f.Theme.Accent)
		}
		if note := c.note(i); note != "" && !c.isOwn(y) {
			row.Lit(row.W-len(note)-1, 0, note, f.Theme.Dim)
		}
		row.Target(canvas.Target{Kind: overlayTarget, Index: int32(y)})
		if y == c.at {
			row.Tint(f.Theme.Selected)
		}
	}
	in.Lit(1, len(c.rows)+1, "space switches, any other key closes", f.Theme.Dim)
}
