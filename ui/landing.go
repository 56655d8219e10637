// Files that hold a single trace open on that trace.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
)

// onlyTrace is the one trace that was read.
type onlyTrace struct{ id model.TraceID }

// land asks for the trace of files that hold just one: whoever opens such a file wants to see it, not a map
// of it. Asked once, when all is read.
func (a *App) land() tea.Cmd {
	read := a.o.Source.Progress == nil || a.o.Source.Progress() >= 1
	if a.landed || a.status.Live || a.status.Received == 0 || !read {
		return nil
	}
	a.landed = true
	if a.status.Traces != 1 {
		return nil
	}
	e := a.o.Engine
	return func() tea.Msg {
		l, err := e.Traces(context.Background(), aggregate.TracesQuery{Limit: 1})
		if err != nil || len(l.Rows) == 0 {
			return nil
		}
		return onlyTrace{l.Rows[0].ID}
	}
}

// landOn opens the trace, unless the person has gone somewhere meanwhile.
func (a *App) landOn(m onlyTrace) tea.Cmd {
	if len(a.trail.steps) > 1 || a.trail.here().lens != LensMap || a.overlay != nil {
		return nil
	}
	return a.act(OpenTrace{ID: m.id})
}
