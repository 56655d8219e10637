package ui

import (
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"

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

// Every sheet has an answer to give about a running shop, says what each row means, and every row leads on.
func TestEverySheet(t *testing.T) {
	e := newShop(t, 40, 2*time.Minute)
	about := map[string]string{sheetBreakdown: "tenant"}
	for name := range sheetSpecs() {
		for _, size := range [][2]int{{80, 24}, {200, 60}} {
			if testing.Short() && size[0] > 80 {
				break
			}
			s := watch(e, "1", size[0], size[1], colorprofile.TrueColor)
			open := func() {
				s.run(s.app.act(OpenSheet{Name: name, About: about[name], Scope: Scope{Focus: aggregate.Focus{Service: "checkout"}}}))
			}
			open()
			sheet := s.app.screens[LensSheet].(*Sheet)
			if s.app.pull.problem != "" || sheet.answer == nil || len(sheet.answer.rows) == 0 && name != sheetWeird { // in a healthy shop nothing is weird
				t.Fatalf("%s: %q\n%s", name, s.app.pull.problem, s.screen())
			}
			ids := map[string]bool{}
			for i := range sheet.answer.rows {
				r := &sheet.answer.rows[i]
				if ids[r.id] || r.say == (model.Text{}) || r.drill == nil || len(r.cells) != len(sheet.table.cols) {
					t.Errorf("%s: row %q says %q and has %d cells", name, r.id, r.say, len(r.cells))
				}
				ids[r.id] = true
			}
			if n := testing.AllocsPerRun(5, func() { s.app.dirty = true; s.app.View() }); n > frameAllocations && !modeltest.UnderRace {
				t.Errorf("%s: %v allocations a frame", name, n)
			}
			for range sheet.table.cols {
				s.keys("s")
			}
			s.keys("enter")
			if s.app.trail.here().lens == LensSheet && len(sheet.answer.rows) > 0 {
				t.Errorf("%s: enter leads nowhere", name)
			}
			open()
		}
	}
}
