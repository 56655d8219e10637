// What lets a screen on which nothing happens cost nothing: the renderer sleeps while there is nothing to draw.

package ui

import (
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// dozeMark is what a program asks to be written that wants to doze. Alone it never reaches the terminal, which
	// would ignore it.
	dozeMark = "\x00"
	// dozeAfter is how long a program has nothing to do before it dozes off, dozeDrawn how long the renderer takes
	// at most to draw what the last message led to.
	dozeAfter, dozeDrawn = 3 * frameTime, 2 * frameTime
	// dozeLongest bounds what a renderer that nobody woke could keep waiting.
	dozeLongest = quietRefresh
)

// gate is the way to the terminal, which can be closed. Bubble Tea's renderer looks at every frame's time whether
// there is something to draw, 40 times a second, which costs more than all the rest of an idle program. It writes on
// the goroutine on which it looks, and it writes what a [tea.RawMsg] asks for before it looks. So a write that waits
// lets it sleep: that of dozeMark does, until there is something to draw or to write.
type gate struct {
	*os.File
	wake chan struct{} // holds one when it was opened since the mark
	busy time.Time     // when it was; owned by the update loop
	now  func() time.Time
}

func newGate(f *os.File, now func() time.Time) *gate {
	return &gate{File: f, wake: make(chan struct{}, 1), now: now}
}

// Write writes to the terminal, or waits.
func (g *gate) Write(b []byte) (int, error) {
	if string(b) != dozeMark {
		return g.File.Write(b)
	}
	t := time.NewTimer(dozeLongest)
	defer t.Stop()
	select {
	case <-g.wake:
	case <-t.C:
	}
	return len(b), nil
}

// open lets the renderer work.
func (g *gate) open() {
	g.busy = g.now()
	g.rouse()
}

// rouse ends a write that waits, or will; for any goroutine.
func (g *gate) rouse() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// filter sees every message before the program does. Those of an idle program leave the renderer asleep, unless they
// lead to another frame ([App.View]); the mark is dropped when there may still be one to draw.
func (g *gate) filter(_ tea.Model, m tea.Msg) tea.Msg {
	switch m := m.(type) {
	case tickMsg, answerMsg, asideMsg, overdueMsg, tea.BatchMsg:
	case tea.RawMsg:
		if m.Msg != dozeMark {
			g.open()
			break
		}
		if g.now().Sub(g.busy) < dozeDrawn {
			return nil
		}
		select {
		case <-g.wake:
		default:
		}
	default:
		g.open()
	}
	return m
}

// doze lets the renderer sleep soon, unless something happens before; nil where there is no gate before the terminal.
func (a *App) doze() tea.Cmd {
	if a.gate == nil {
		return nil
	}
	return a.later(dozeAfter, func(time.Time) tea.Msg { return tea.RawMsg{Msg: dozeMark} })
}
