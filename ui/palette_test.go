package ui

import "testing"

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
