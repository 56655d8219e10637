package ui

import (
	"testing"

	"oteltop/aggregate"
	"oteltop/model"

	"github.com/charmbracelet/colorprofile"
)

// A sheet answers a question, sorts by any of its figures, and every row drills; Esc comes back to where it
// was asked.
func TestSheet(t *testing.T) {
	s := watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	s.keys(":")
	s.text("what grows")
	s.keys("enter")
	s.mustShow(t, "what grows, what changed at once?", "×2 in 2m30s", "catalog GET /catalog/{id}: p95 12.0ms before, 48.0ms after; 97% of the change is time of its own")
	sheet := s.app.screens[LensSheet].(*Sheet)
	if id := sheet.table.keys[0]; sheet.rows[id].cells[0].text.String() != "catalog" {
		t.Errorf("the first row is %s", id)
	}
	s.keys("s") // by name, the last first as figures are
	s.keys("S", "S")
	for sheet.sort != 6 {
		s.keys("s")
	}
	s.mustShow(t, "frontend GET /frontend/{id} is slower because it waits for catalog GET /catalog/{id}, which is")
	s.keys("enter")
	want := aggregate.Focus{Service: "frontend", Operation: "GET /frontend/{id}", Kind: model.KindServer}
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus != want {
		t.Errorf("%v with %+v", p.lens, p.scope)
	}
	s.keys("esc", "5")
	if p := s.app.trail.here(); p.lens != LensTraces {
		t.Errorf("5 leads to %v", p.lens)
	}
	s.keys("esc", "esc")
	if p := s.app.trail.here(); p.lens != LensOperations {
		t.Errorf("esc leads to %v", p.lens)
	}
}
