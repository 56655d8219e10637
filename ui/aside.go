// What a screen asks besides its own question, because the answer takes longer than a frame may wait.

package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Tuning of asides.
const (
	// asideLeast is the least time between two questions about the same thing.
	asideLeast = 2 * time.Second
	// asideRest is how many times as long as an answer took nothing is asked again: a tenth of a core at most.
	asideRest = 9
	// asideSettled is how many times as long nothing has to come until it is asked again at once.
	asideSettled = 2
	// asideQuiet is the least time where nothing came since: then only the window has moved.
	asideQuiet = 20 * time.Second
)

// asider is a screen that asks something besides its own question, because the answer takes longer than a
// screen should wait for its figures: what explains a selection, what changed.
type asider interface {
	Screen
	// Aside is what to ask; nil: nothing. about says what it is about: a comparable value that stays the same
	// while time passes. As long as it does, the question is put again now and then; when it changes, the
	// question that is out is cancelled.
	Aside(at Moment) (about any, q Question)
	// AsideAnswer takes the result of the last aside, and what that was about.
	AsideAnswer(about, result any)
}

// lister is an asider whose rows are the answer to its second question. Keys that are pressed before it came wait
// for it, since what they mean depends on the rows.
type lister interface {
	asider
	// Listed reports whether the rows are those of what was asked last.
	Listed() bool
}

// inParts is an asider that asks one thing after the other, so that what is known is seen while it asks for the rest.
type inParts interface {
	asider
	// Lacks reports whether there is another part to ask for at once.
	Lacks() bool
}

// aside is the state of asking besides: at most one question is out.
type aside struct {
	seq     int // of the newest question; older answers are dropped
	of      asider
	about   any
	out     bool
	took    time.Duration // that the last answer took
	since   time.Time     // when the one that is out was asked
	next    time.Time     // when the same may be asked again
	cancel  context.CancelFunc
	problem string
}

type asideMsg struct {
	seq    int
	result any
	err    error
}

// askAside puts the screen's second question, if it has one that is not being answered already.
func (a *App) askAside() tea.Cmd {
	s, ok := a.screen().(asider)
	if !ok {
		a.dropAside()
		return nil
	}
	about, q := s.Aside(a.moment())
	x := &a.aside
	now := a.o.Now()
	switch {
	case q == nil:
		a.dropAside()
		return nil
	case s == x.of && about == x.about && (x.out || now.Before(x.next) && !a.outdated() || a.sameStill(x.since)):
		return nil
	}
	a.dropAside()
	ctx, cancel := context.WithCancel(context.Background())
	x.of, x.about, x.out, x.since, x.cancel = s, about, true, now, cancel
	seq, e := x.seq, a.o.Engine
	return func() tea.Msg {
		defer cancel()
		m := asideMsg{seq: seq}
		m.result, m.err = q(ctx, e)
		return m
	}
}

// sameStill reports whether what was asked aside at a moment would be answered with much the same.
func (a *App) sameStill(asked time.Time) bool {
	return a.quiet() && a.pull.changed.Before(asked) && a.o.Now().Sub(asked) < asideQuiet
}

// outdated reports whether what came after the last question aside has come to an end since: a file was read, a load
// test is over. A list that lacks the end of it would stand there with nothing that tells.
func (a *App) outdated() bool {
	x := &a.aside
	return x.problem == "" && !a.pull.changed.Before(x.since) && a.o.Now().Sub(a.pull.changed) >= max(asideLeast, asideSettled*x.took)
}

// dropAside cancels the question that is out and forgets what was asked.
func (a *App) dropAside() {
	if a.aside.cancel != nil {
		a.aside.cancel()
	}
	a.aside = aside{seq: a.aside.seq + 1}
}

// asideAnswered shows what came back, and applies the keys that waited for it.
func (a *App) asideAnswered(m asideMsg) tea.Cmd {
	x := &a.aside
	if m.seq != x.seq {
		return nil
	}
	now := a.o.Now()
	x.out, x.cancel, x.problem = false, nil, ""
	x.took = now.Sub(x.since)
	x.next = now.Add(max(asideLeast, asideRest*x.took))
	s, ok := a.screen().(asider)
	switch {
	case m.err != nil && !errors.Is(m.err, context.Canceled):
		x.problem = m.err.Error()
	case m.err == nil && ok:
		s.AsideAnswer(x.about, m.result)
	}
	if p, ok := s.(inParts); ok && m.err == nil && p.Lacks() {
		return tea.Batch(a.typeOut(), a.askAside())
	}
	return a.typeOut()
}

// asideWaiting is how long the second question has been out; 0: none is.
func (a *App) asideWaiting() time.Duration {
	if !a.aside.out {
		return 0
	}
	return a.o.Now().Sub(a.aside.since)
}
