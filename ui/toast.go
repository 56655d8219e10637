// Messages in the footer, which stay for some seconds.

package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// toastTime is how long one stays.
const toastTime = 4 * time.Second

// toast is a message in the footer.
type toast struct {
	text    string
	problem bool
	id      int
}

// toastMsg shows one.
type toastMsg struct {
	text    string
	problem bool
}

// toastExpired ends the one with the id, unless another stands there by then.
type toastExpired struct{ id int }

// say shows a message.
func (a *App) say(text string, problem bool) tea.Cmd {
	return func() tea.Msg { return toastMsg{text, problem} }
}

// toasted shows a message until its time is over.
func (a *App) toasted(m toastMsg) tea.Cmd {
	id := a.toast.id + 1
	a.toast = toast{text: m.text, problem: m.problem, id: id}
	return a.later(toastTime, func(time.Time) tea.Msg { return toastExpired{id} })
}
