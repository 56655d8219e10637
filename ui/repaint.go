// Everything is sent once more after the terminal became wider.

package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// repaintAfter is how long after the terminal became wider everything is sent again: the first frame of the new
// width has gone out by then, and a window that is still being dragged is not painted at each step.
const repaintAfter = 200 * time.Millisecond

// repaintMsg says that the terminal has had a width for a while.
type repaintMsg struct{ w int }

// repaintLater has a wider screen sent as a whole once more. The renderer sends the first frame of a new width
// rightly, but believes of the columns that were not there before that they are blank (ultraviolet at the version that
// go.mod names): what becomes blank there later would stay on the screen.
func (a *App) repaintLater() tea.Cmd {
	w := a.w
	return a.later(repaintAfter, func(time.Time) tea.Msg { return repaintMsg{w} })
}

// repaint does it, unless the width changed again meanwhile.
func (a *App) repaint(m repaintMsg) tea.Cmd {
	if m.w != a.w {
		return nil
	}
	return tea.ClearScreen
}
