package ui

import (
	"errors"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// What contains the words as they are typed goes before what has their letters in order.
func TestPaletteWordsFirst(t *testing.T) {
	for text, want := range map[string]string{
		"wire":   "is it the callee or the wire? how old are messages?",
		"CLOCKS": "do the clocks agree?",
		"retr":   "what is retried?",

		"slow p99":      "why is p99 slow? what the slowest have in common", // in any order
		"time go where": "where does the time go? the critical path of all",
	} {
		s := start(newFake(), 120, 40)
		s.keys(":")
		s.text(text)
		p := s.app.overlay.(*palette)
		if len(p.matches) == 0 || p.matches[0].Str != want {
			t.Errorf("%q leads to %v", text, p.matches)
		}
	}
}

// On the smallest of the usual terminals questions can be read to their end, and where there is room all are seen.
func TestPaletteQuestionsFit(t *testing.T) {
	small, large := watch(newFake(), "5", 80, 24, colorprofile.TrueColor), watch(newFake(), "5", 120, 40, colorprofile.TrueColor)
	large.keys(":")
	for _, q := range small.app.questions() {
		if len(q.name) > 72-11-1-len(q.note) {
			t.Errorf("%q is cut", q.name)
		}
		large.mustShow(t, q.name)
	}
}

// Questions about a service name the one that they are about: what the cursor is on, else what the map has selected.
func TestPaletteNamesTheSubject(t *testing.T) {
	s := watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	s.keys("down")
	id, _ := s.app.screens[LensOperations].(*Operations).table.selected()
	s.keys(":")
	s.text("who calls this")
	s.mustNotShow(t, "who calls this?")
	s.keys("esc", ":")
	s.text("who calls " + id.service)
	s.mustShow(t, "who calls "+id.service+" "+id.operation+"?")
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensSheet || p.scope.Focus.Service != id.service || p.scope.Focus.Operation != id.operation {
		t.Errorf("%v about %+v", p.lens, p.scope.Focus)
	}
	s = watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
	s.keys(":")
	s.mustShow(t, "who calls payments GET /payments/{id}?", "what if payments GET /payments/{id} were faster?")
	s = watch(newFake(), "1", 120, 40, colorprofile.TrueColor)
	s.app.screens[LensMap].(*Map).pick(mapPick{node: "cart"})
	s.keys(":")
	s.mustShow(t, "who calls cart?")
}

// The palette says what is not among its names yet, and what will not be.
func TestPaletteSaysWhatIsMissing(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	cmd := s.hold(":", "z", "q", "z")
	s.app.View()
	s.mustShow(t, "asking for services and operations", "none so far")
	e.fail = errors.New("busy")
	s.run(cmd)
	s.mustShow(t, "services and operations are not known", "enter uses the text as a filter")
	e.fail = nil
	s.keys("esc", ":")
	s.mustNotShow(t, "services and operations are", "asking for services")
}
