// The line to the terminal: whether it has taken what was sent, so that nothing piles up on the way.

package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

const (
	// linePatience is how long a terminal may take for a frame before the next one is sent anyway: an answer may
	// be lost.
	linePatience = 5 * time.Second
	// lineGrace is how long a question does not hold up the next frame, on a line that answered the last one within
	// lineQuick. The question leaves with the next tick of the renderer only: a key in between would wait for the
	// tick after that.
	lineGrace = 2 * frameTime
	lineQuick = 75 * time.Millisecond
	// quitAnswer is how long quitting waits for an answer that is on its way, which the shell would take for
	// something typed.
	quitAnswer = 500 * time.Millisecond
)

// line is what lies between the program and the terminal. Over SSH megabytes of it fit into buffers on the way:
// a screen that changes faster than the line is would be shown minutes late, and what a key does as well. So the
// terminal is asked something that all of them answer, after what was sent; until it answers nothing is drawn, and
// then what there is to be seen by then.
type line struct {
	sent    bool // something was since the terminal was asked
	asked   bool // and has not answered
	answers bool // it has, once: it can
	quick   bool // the last time within lineQuick
	full    bool // nothing is to be drawn now
	since   time.Time
}

// quitMsg ends the program when the last answer did not come.
type quitMsg struct{}

// probeLine asks the terminal for a sign that it has come so far, unless it still owes one. At the end of every Update,
// so that a key goes through a line that was idle at once.
func (a *App) probeLine() tea.Cmd {
	x, now := &a.line, a.o.Now()
	waited := now.Sub(x.since)
	owes := x.owes() && waited < linePatience
	x.full = owes && !(x.quick && waited < lineGrace)
	if owes || !x.sent || a.leaving || x.asked && !x.answers { // one question shows whether it answers at all
		return nil
	}
	x.sent, x.asked, x.since = false, true, now
	return tea.Raw(ansi.RequestPrimaryDeviceAttributes)
}

// owes reports whether an answer is to be expected.
func (x *line) owes() bool { return x.asked && x.answers }

// answered takes note of the terminal's sign.
func (a *App) answered() tea.Cmd {
	x := &a.line
	x.quick = a.o.Now().Sub(x.since) < lineQuick
	x.asked, x.answers = false, true
	if a.leaving {
		return tea.Quit
	}
	return nil
}

// quit ends the program once the terminal has answered. Asked twice, it does at once.
func (a *App) quit() tea.Cmd {
	again, x := a.leaving, &a.line
	a.leaving = true // nothing is asked any more
	if again || !x.asked || !x.answers && a.o.Now().Sub(x.since) > quitAnswer {
		return tea.Quit
	}
	return a.later(quitAnswer, func(time.Time) tea.Msg { return quitMsg{} })
}
