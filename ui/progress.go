// Waits that a person notices: they are shown, with how long they last, and Esc cancels them.

package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// progressStep is how often a screen that waits for an answer says how long it has been waiting.
const progressStep = 250 * time.Millisecond

// slowQuestion is how long a question may be out before the screen says so.
const slowQuestion = 200 * time.Millisecond

// overdueMsg comes when a question that is out may have become one that a person waits for.
type overdueMsg struct{}

// watch looks after the questions and the file that are out, when nobody does: one that takes long is to be seen.
func (a *App) watch() tea.Cmd {
	if a.watching || !a.pull.out && !a.aside.out && !a.writing.out {
		return nil
	}
	a.watching = true
	return a.later(slowQuestion+time.Millisecond, func(time.Time) tea.Msg { return overdueMsg{} })
}

// overdue draws how long the person has been waiting, and goes on to look after it.
func (a *App) overdue() tea.Cmd {
	a.watching = false
	if !a.waits() {
		return nil // Update watches what is out and not late yet
	}
	a.dirty, a.watching = true, true
	return a.later(progressStep, func(time.Time) tea.Msg { return overdueMsg{} })
}

// waits reports whether a person notices that an answer or a file is not there.
func (a *App) waits() bool { return max(a.waiting(), a.asideWaiting(), a.writingFor()) > slowQuestion }

// What stands in place of an answer that nobody waits for any more, and when the same is asked again aside: who
// cancelled it wants the processor for something else.
const (
	cancelled       = "cancelled; space asks again"
	cancelledAside  = "cancelled; it is asked again in half a minute"
	cancelledResume = 30 * time.Second
)

// cancelAsked takes back the questions that a person waits for. The screen's own freezes the screen, for the next
// refresh would ask the same; false when that was not waited for.
func (a *App) cancelAsked() (tea.Cmd, bool) {
	if x := &a.aside; a.asideWaiting() > slowQuestion {
		x.cancel()
		x.seq++
		x.out, x.cancel, x.next, x.problem = false, nil, a.o.Now().Add(cancelledResume), cancelledAside
	}
	if a.waiting() <= slowQuestion {
		return nil, false
	}
	if !a.pause.on {
		a.freeze()
	}
	if a.pull.cancel != nil {
		a.pull.cancel()
	}
	a.pull.seq++
	a.pull.out, a.pull.cancel, a.pull.problem = false, nil, cancelled
	return a.schedule(), true
}
