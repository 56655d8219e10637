package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// Where the column that rows are sorted by has no room, the line below says which it is.
func TestOrderIsSaidWhereItsColumnIsNot(t *testing.T) {
	s := watch(newFake(), "2", 80, 24, colorprofile.TrueColor)
	s.mustShow(t, "operations, by time")
	s.keys("S")
	s.mustShow(t, ", by time, the least first")
	if s = watch(newFake(), "2", 120, 40, colorprofile.TrueColor); strings.Contains(s.screen(), ", by time") {
		t.Error("said twice")
	}
}

// A title as wide as its column has its mark all the same.
func TestOrderIsMarkedWhereATitleFillsItsColumn(t *testing.T) {
	s := watch(newFake(), "5", 120, 40, colorprofile.TrueColor)
	s.app.screens[LensTraces].(*Traces).sortBy(mostOf(tracesErrors))
	s.keys("5")
	s.mustShow(t, "▼errors")
}
