// The pause: screens stay as they are while collecting goes on.

package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// pause freezes what screens show while collecting goes on.
type pause struct {
	on       bool
	at       int64  // Moment.Newest at that time
	received uint64 // spans at that time
}

// togglePause freezes or thaws the screens; collecting goes on either way.
func (a *App) togglePause() tea.Cmd {
	if a.pause.on {
		a.pause, a.toast.text = pause{}, ""
		return a.ask()
	}
	a.freeze()
	return a.say(fmt.Sprintf("frozen at %s; collecting goes on", time.Unix(0, a.pause.at).Format("15:04:05")), false)
}

// freeze keeps screens at the time that it is now.
func (a *App) freeze() {
	a.pause = pause{on: true, at: a.moment().Newest(), received: a.status.Received}
}
