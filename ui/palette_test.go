package ui

import (
	"errors"
	"testing"
)

// What contains the words as they are typed goes before what has their letters in order.
func TestPaletteWordsFirst(t *testing.T) {
	for text, want := range map[string]string{
		"wire":   "is it the callee or the wire? how old are messages?",
		"CLOCKS": "do the clocks agree?",
		"retr":   "what is retried?",
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
