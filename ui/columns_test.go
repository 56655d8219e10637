package ui

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// The chooser says why a column is not seen though it is switched on, and which one stays.
func TestColumnsSayWhyTheyAreNotSeen(t *testing.T) {
	s := watch(newFake(), "2", 80, 24, colorprofile.TrueColor)
	s.keys("c")
	s.mustShow(t, "always", "no room for it at this width", "has nothing to show now")
	s = watch(newFake(), "2", 200, 60, colorprofile.TrueColor)
	s.keys("c")
	s.mustNotShow(t, "no room")
}

// A column that is switched off is not drawn, gives its room to the others, and comes back.
func TestColumnsAreChosen(t *testing.T) {
	for _, key := range []string{"2", "5"} {
		s := watch(newFake(), key, 120, 40, colorprofile.TrueColor)
		s.mustShow(t, "errors")
		s.keys("c")
		s.mustShow(t, "space switches")
		s.keys("space") // the name cannot be switched off
		for range 3 {
			s.keys("down")
		}
		s.keys("space", "esc")
		before := s.screen()
		s.mustNotShow(t, "errors")
		s.keys("c")
		for range 3 {
			s.keys("down")
		}
		s.keys("space", "q")
		s.mustShow(t, "errors")
		if s.screen() == before {
			t.Error("switching a column on changes nothing")
		}
	}
}
