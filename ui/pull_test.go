package ui

import (
	"context"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// A program of which nothing changes waits for an arrival instead of asking four times a second, and goes back to its
// pace as soon as the status says something new.
func TestQuietProgramsRest(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	var in []time.Duration
	var rests []tea.Msg
	s.app.later = laterInto(&in)
	s.app.rest = func(m tea.Msg) tea.Cmd {
		rests = append(rests, m)
		return nil
	}
	refresh := func() (rested bool) {
		in, rests = nil, nil
		s.tick()
		return len(rests) > 0
	}
	if refresh() {
		t.Error("a program that has just begun rests")
	}
	s.clock = s.clock.Add(quietAfter - time.Millisecond)
	if refresh() {
		t.Error("it rests too early")
	}
	s.clock = s.clock.Add(time.Millisecond)
	if !refresh() {
		t.Fatalf("nothing has changed for %v and the next refresh comes in %v", quietAfter, in)
	}
	if want := (tickMsg{s.app.pull.seq}); rests[0] != want {
		t.Errorf("after the rest comes %v, not %v", rests[0], want)
	}
	e.mu.Lock()
	e.status.Received++
	e.mu.Unlock()
	if refresh() {
		t.Error("it rests although something arrived")
	}
}

// What is waited for is another number of received spans than the screen shows, not a while longer than needed.
func TestArrivalEndsTheRest(t *testing.T) {
	e := &arriving{fakeEngine: newFake()}
	s := start(e, 120, 40)
	got := s.app.untilArrival(tickMsg{7})()
	if got != (tickMsg{7}) || e.since != s.app.status.Received {
		t.Errorf("got %v, waited since %d spans; want tick 7 since %d", got, e.since, s.app.status.Received)
	}
}

// arriving is an engine to which something has come already.
type arriving struct {
	*fakeEngine
	since uint64
}

func (a *arriving) Arrival(_ context.Context, received uint64) { a.since = received }
