// How figures are pulled: one question at a time, the next one after the answer is shown.

package ui

import (
	"context"
	"reflect"
	"time"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
)

// A program of which nothing has changed for quietAfter asks every quietRefresh only, and as soon as something arrives:
// it wakes the processor less often.
const (
	quietAfter   = 5 * time.Second
	quietRefresh = time.Second
)

// pull is the state of asking the engine: at most one question is out. Figures are pulled, never pushed,
// so a slow terminal slows only itself.
type pull struct {
	seq     int // of the newest question; older answers are dropped
	out     bool
	since   time.Time
	cancel  context.CancelFunc
	problem string
	shown   int       // seq of the answer on screen, for tests and progress
	last    any       // that answer; nil: it was not one of figures
	changed time.Time // when the status last said something new
}

type tickMsg struct{ seq int }

type answerMsg struct {
	seq    int
	status *aggregate.Status
	result any
	err    error
	// statusOnly: the screen's question was not put.
	statusOnly bool
}

// ask puts the screen's question (unless frozen and already answered) together with the status line's.
// A question that is still out is cancelled.
func (a *App) ask() tea.Cmd {
	if a.pull.cancel != nil {
		a.pull.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.pull.seq++
	a.pull.out, a.pull.since, a.pull.cancel = true, a.o.Now(), cancel
	seq, e, q := a.pull.seq, a.o.Engine, a.screen().Question(a.moment())
	return tea.Batch(a.askAside(), func() tea.Msg {
		defer cancel()
		m := answerMsg{seq: seq}
		if m.status, m.err = e.Status(ctx); m.err == nil && q != nil {
			m.result, m.err = q(ctx, e)
		}
		return m
	})
}

// askStatus asks for the status line alone, while the screen is frozen.
func (a *App) askStatus() tea.Cmd {
	a.pull.seq++
	a.pull.out, a.pull.since = true, a.o.Now()
	seq, e := a.pull.seq, a.o.Engine
	return func() tea.Msg {
		m := answerMsg{seq: seq, statusOnly: true}
		m.status, m.err = e.Status(context.Background())
		return m
	}
}

// answer shows what came back and only then schedules the next question.
func (a *App) answer(m answerMsg) tea.Cmd {
	if m.seq != a.pull.seq {
		return nil // outdated; the newer question schedules the next tick
	}
	took := a.waiting()
	a.pull.out, a.pull.cancel, a.pull.shown = false, nil, m.seq
	first := a.status.Now.IsZero()
	if took > slowQuestion || a.news(m) {
		a.dirty = true
	}
	a.pull.last = m.result
	if m.status != nil {
		if told(a.status, m.status) {
			a.pull.changed = a.o.Now()
		}
		a.status = m.status
	}
	switch {
	case m.err != nil:
		a.pull.problem = m.err.Error()
	case !m.statusOnly: // while frozen, what went wrong before stays
		a.pull.problem = ""
		if m.result != nil {
			a.screen().Answer(m.result)
		}
	}
	if first && m.status != nil && m.err == nil {
		return a.ask() // the first question had no idea of "now"
	}
	var keys, beside tea.Cmd
	if m.err == nil && !m.statusOnly {
		if p, ok := a.screen().(inParts); a.aside.of == nil || ok && p.Lacks() {
			beside = a.askAside() // before this answer there was nothing to ask, or it was not known what
		}
		keys = a.catchUp()
	}
	return tea.Batch(keys, beside, a.next(took), a.land())
}

// news reports whether an answer shows anything else than the one before: an idle program draws no frames. What
// frames say of the clock they say in seconds.
func (a *App) news(m answerMsg) bool {
	if m.err != nil || a.pull.problem != "" || m.status == nil || m.statusOnly || !identical(m.result, a.pull.last) {
		return true
	}
	return a.status.Now.Unix() != m.status.Now.Unix() || told(a.status, m.status)
}

// told reports whether a status says something new besides the time.
func told(was, is *aggregate.Status) bool {
	before, now := *was, *is
	before.Now, now.Now = time.Time{}, time.Time{}
	return !reflect.DeepEqual(before, now)
}

// identical reports whether two answers are one: the engine gives the same where nothing changed.
func identical(a, b any) bool {
	t := reflect.TypeOf(a)
	return t != nil && t.Comparable() && t == reflect.TypeOf(b) && a == b
}

// next lets the next refresh come after an answer that took some time.
func (a *App) next(took time.Duration) tea.Cmd {
	if !a.quiet() {
		return a.scheduleIn(max(a.o.Refresh, took))
	}
	return tea.Batch(a.rest(tickMsg{a.pull.seq}), a.doze())
}

// quiet reports whether nothing has changed for a while.
func (a *App) quiet() bool { return a.o.Now().Sub(a.pull.changed) >= quietAfter }

// untilArrival is a message that comes when something does, after quietRefresh at the latest.
func (a *App) untilArrival(m tea.Msg) tea.Cmd {
	e, received, longest := a.o.Engine, a.status.Received, max(a.o.Refresh, quietRefresh)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), longest)
		defer cancel()
		e.Arrival(ctx, received)
		return m
	}
}

// schedule lets the next refresh come in its time.
func (a *App) schedule() tea.Cmd { return a.scheduleIn(a.o.Refresh) }

// scheduleIn lets it come later where the answer took long: of a core, the screen leaves half to the receiver.
func (a *App) scheduleIn(d time.Duration) tea.Cmd {
	seq := a.pull.seq
	return a.later(d, func(time.Time) tea.Msg { return tickMsg{seq} })
}

// tick asks again, once the line to the terminal has had its rest. A tick of before the last question is dropped:
// each question leads to one tick.
func (a *App) tick(m tickMsg) tea.Cmd {
	if m.seq != a.pull.seq || a.pull.out {
		return nil
	}
	if rest := a.pace.next.Sub(a.o.Now()); rest > 0 {
		return a.scheduleIn(rest)
	}
	if a.pause.on {
		return a.askStatus()
	}
	return a.ask()
}

// waiting is how long the question has been out.
func (a *App) waiting() time.Duration {
	if !a.pull.out {
		return 0
	}
	return a.o.Now().Sub(a.pull.since)
}
