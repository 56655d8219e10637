package ui

import (
	"slices"
	"testing"
)

// Wherever the palette leads, Esc comes back to where it was asked.
func TestEscTakesBackAJump(t *testing.T) {
	for _, text := range []string{"what is slow? the slowest traces", "what takes the most time?", "what is wrong?", "Coverage"} {
		s := start(newFake(), 120, 40)
		s.keys("3")
		before := s.app.trail.here()
		s.keys(":")
		s.text(text)
		s.keys("enter")
		there := s.app.trail.here()
		if there.lens == before.lens {
			t.Errorf("%q leads nowhere", text)
		}
		s.keys(":")
		s.text(there.lens.String())
		s.keys("enter") // to where one is is no step
		s.keys("esc")
		if p := s.app.trail.here(); p.lens != before.lens || !slices.Equal(p.said, before.said) {
			t.Errorf("esc after %q leads to %v", text, p.lens)
		}
	}
}
