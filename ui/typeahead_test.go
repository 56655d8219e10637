package ui

import (
	"errors"
	"testing"
	"time"

	"oteltop/aggregate"
)

// Whoever types faster than answers come ends where they would have ended slowly.
func TestKeysWaitForTheirScreen(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"drill", []string{"2", "e"}},
		{"cursor and drill", []string{"2", "down", "down", "enter"}},
		{"through three screens", []string{"2", "down", "enter", "V", "T", "down", "enter", "down"}},
		{"sorted", []string{"2", "s", "S", "o"}},
		{"sorted before anything is drawn", []string{"5", "s"}},
		{"narrowed", []string{"2", "down", "f"}},
		{"search in a trace", []string{"5", "enter", "/", "c", "h", "5", "q", "enter"}},
		{"filter on a screen that waits", []string{"2", "down", "/", "s", "=", "5"}},
		{"help", []string{"2", "down", "?"}},
		{"findings", []string{"4", "down", "enter"}},
		{"shapes", []string{"6", "down", "s"}},
		{"compare", []string{"+", "7", "down", "enter"}},
		{"call paths", []string{"+", "7", "tab", "down", "T"}},
		{"a pair of traces", []string{"+", "7", "down", "p", "down", "X"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			slow, fast := start(newFake(), 160, 40), start(newFake(), 160, 40)
			slow.keys(c.keys...)
			cmd := fast.hold(c.keys...)
			if got := fast.screen(); got == slow.screen() {
				t.Fatal("all is shown before any answer came")
			}
			fast.run(cmd)
			if got, want := fast.screen(), slow.screen(); got != want {
				t.Errorf("typed fast:\n%s\ntyped slowly:\n%s", got, want)
			}
			if n := len(fast.app.ahead.keys); n > 0 {
				t.Errorf("%d keys still wait", n)
			}
		})
	}
}

func TestMovingOnDropsKeysThatWait(t *testing.T) {
	for name, away := range map[string]string{"esc": "esc", "a lens": "5", "history": "["} {
		t.Run(name, func(t *testing.T) {
			s := start(newFake(), 160, 40)
			cmd := s.hold("2", "down", "enter", away)
			if n := len(s.app.ahead.keys); n > 0 {
				t.Errorf("%d keys still wait", n)
			}
			s.run(cmd)
			if p := s.app.trail.here(); p.lens == LensLatency || p.scope.Focus != (aggregate.Focus{}) {
				t.Errorf("a key that was dropped led to %v", p.lens)
			}
		})
	}
}

// A screen that has its answer takes keys at once, also while it asks for newer figures.
func TestKeysDoNotWaitForNewerFigures(t *testing.T) {
	s := start(newFake(), 160, 40)
	s.keys("2")
	s.app.Update(tickMsg{s.app.pull.seq}) // the answer does not come
	s.hold("down", "down")
	if id, _ := s.app.screen().(*Operations).table.selected(); id.service != fakeServices[2] || len(s.app.ahead.keys) > 0 {
		t.Errorf("on %q, %d keys wait", id.service, len(s.app.ahead.keys))
	}
}

func TestKeysThatWaitAreBounded(t *testing.T) {
	s := start(newFake(), 160, 40)
	s.hold("2")
	for range 2 * typeAheadMax {
		s.hold("down")
	}
	if n := len(s.app.ahead.keys); n != typeAheadMax {
		t.Errorf("%d keys wait, want %d", n, typeAheadMax)
	}
	s.clock = s.clock.Add(time.Second)
	s.app.dirty = true
	s.mustShow(t, "keys that wait: 64")
}

// A question that failed is put again; its keys wait on. Those for leaving do not.
func TestKeysOutlastAFailure(t *testing.T) {
	e := newFake()
	s := start(e, 160, 40)
	cmd := s.hold("2", "down")
	e.fail = errors.New("busy")
	s.run(cmd)
	if n := len(s.app.ahead.keys); n != 1 {
		t.Fatalf("%d keys wait after a failure, want 1", n)
	}
	e.fail = nil
	s.tick()
	if id, _ := s.app.screen().(*Operations).table.selected(); id.service != fakeServices[1] {
		t.Errorf("on %q, want the second row", id.service)
	}
	if len(s.app.ahead.keys) > 0 {
		t.Error("the key waits on")
	}
}
