package ui

import (
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
)

// chooser is the overlay in which columns of the table that is shown are switched off and on. What a person
// switched on is still dropped where there is no room for it.
type chooser struct {
	cols []column
	off  *[]bool // parallel to cols: switched off
	at   int
}

// ChooseColumns opens the chooser for a table.
type ChooseColumns struct {
	cols []column
	off  *[]bool
}

func (ChooseColumns) action() {}

// choose is the action that lets a person choose the columns of a table.
func (t *table[K]) choose() Action {
	if t.off == nil {
		t.off = make([]bool, len(t.cols))
	}
	return ChooseColumns{t.cols, &t.off}
}

// isOff reports whether a column was switched off.
func (t *table[K]) isOff(i int) bool { return t.off != nil && t.off[i] }

func (c *chooser) key(_ *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "up", "k":
		c.at = max(0, c.at-1)
	case "down", "j":
		c.at = min(len(c.cols)-1, c.at+1)
	case "space", "x":
		c.toggle()
	default:
		return nil, true
	}
	return nil, false
}

// toggle switches a column; the one that takes what is left stays, since the others stand by it.
func (c *chooser) toggle() {
	if c.cols[c.at].width > 0 {
		(*c.off)[c.at] = !(*c.off)[c.at]
	}
}

func (c *chooser) paste(*App, string) tea.Cmd { return nil }

func (c *chooser) mouse(_ *App, ev MouseEvent, t canvas.Target) (tea.Cmd, bool) {
	if (ev == Click || ev == Double) && t.Index >= 0 && int(t.Index) < len(c.cols) {
		c.at = int(t.Index)
		c.toggle()
	}
	return nil, false
}

func (c *chooser) draw(all canvas.Area, f *Frame) {
	in := panel(all, 40, len(c.cols)+4, f, "columns")
	for i, col := range c.cols {
		row := in.Row(i)
		mark, s := f.G.OK, f.Theme.OK
		if (*c.off)[i] || col.hidden {
			mark, s = ' ', f.Theme.Dim
		}
		row.Rune(1, 0, mark, s)
		row.Lit(3, 0, col.title, f.Theme.Text)
		row.Target(canvas.Target{Kind: overlayTarget, Index: int32(i)})
		if i == c.at {
			row.Tint(f.Theme.Selected)
		}
	}
	in.Lit(1, len(c.cols)+1, "space switches, any other key closes", f.Theme.Dim)
}
