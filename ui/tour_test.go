package ui

import (
	"testing"
	"time"

	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
)

// Whoever presses what the tour says gets from the map to a single request, and nothing is hidden by it.
func TestTour(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := newShop(t, 40, 2*time.Minute)
	for i, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		if testing.Short() && i > 0 {
			break
		}
		s := watch(e, "?", size[0], size[1], colorprofile.TrueColor)
		s.keys("t")
		s.mustShow(t, "tour 1 of 6", "4 shows all that was found")
		if h := s.app.moment().H; h != size[1]-frameRows-tourRows {
			t.Errorf("the screen has %d rows", h)
		}
		s.keys("4")
		s.mustShow(t, "tour 2 of 6")
		s.keys("3") // the shop of tests is in order: there may be nothing to enter
		s.mustShow(t, "tour 3 of 6")
		s.keys("V")
		s.mustShow(t, "tour 4 of 6")
		s.keys("enter")
		s.mustShow(t, "tour 5 of 6")
		s.keys("enter")
		s.mustShow(t, "tour 6 of 6", "there t ends this")
		if l := s.app.trail.here().lens; l != LensWaterfall {
			t.Errorf("the tour ended on %v", l)
		}
		s.keys("esc", "?", "t")
		s.mustNotShow(t, "tour 6")
	}
}
