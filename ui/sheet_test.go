package ui

import (
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/gaps"
	"oteltop/model"
	"oteltop/model/modeltest"

	tea "charm.land/bubbletea/v2"
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
	for !sheet.table.sort.isBy(6) {
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

// A sheet that takes long does not keep the status line waiting, says so, and takes the keys that were pressed
// meanwhile when it is there.
func TestSheetIsAskedAside(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	_, cmd := s.app.Update(keyPress(":"))
	s.run(cmd)
	s.text("what grows")
	cmd = s.hold("enter")
	batch := cmd().(tea.BatchMsg) // the question aside, and the one for the status
	e.status.Services = 77
	s.run(batch[1])
	s.mustShow(t, "77 services", "looking at the retained requests")
	s.hold("down", "enter")
	s.clock = s.clock.Add(1200 * time.Millisecond)
	s.app.dirty = true
	s.mustShow(t, "working… 1.20s, esc cancels")
	if n := len(s.app.ahead.keys); n != 2 {
		t.Fatalf("%d keys wait for the rows", n)
	}
	s.run(batch[0])
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Service != "cart" {
		t.Errorf("the keys lead to %v of %+v instead of the second row's place", p.lens, p.scope.Focus)
	}
}

// Another variant of an answer does not take the last one away before it is there; esc goes back to that one,
// and a second time out of the sheet.
func TestSheetKeepsItsLastAnswer(t *testing.T) {
	t.Parallel()
	s := start(stillShop(t), 120, 40)
	s.run(s.app.act(OpenSheet{Name: sheetWhatIf, About: factors()[0], Scope: Scope{Focus: aggregate.Focus{Service: "checkout"}}}))
	sheet := s.app.screens[LensSheet].(*Sheet)
	was := sheet.answer
	s.hold("p")
	s.clock = s.clock.Add(time.Second)
	s.app.dirty = true
	s.mustShow(t, factors()[1], "working… 1.00s", sheet.rows[sheet.table.keys[0]].cells[0].more.String())
	if sheet.answer != was || sheet.Listed() {
		t.Error("the last answer is gone, or taken for the new one")
	}
	s.keys("esc")
	if p := s.app.trail.here(); p.sheet.about != factors()[0] || p.lens != LensSheet {
		t.Errorf("esc leads to %v %v", p.lens, p.sheet)
	}
	s.keys("esc")
	if p := s.app.trail.here(); p.lens == LensSheet {
		t.Error("esc does not leave the sheet")
	}
}

// What a row means is read to its end on a narrow screen.
func TestSheetWrapsSentences(t *testing.T) {
	s := start(newFake(), 80, 24)
	s.keys(":")
	s.text("what grows")
	s.keys("enter")
	s.mustShow(t, "p95 12.0ms before, 48.0ms after; 97% of the change", "is time of its own; it cost all calls 1m31s together")
}

// aboutCheckout opens a sheet about one service, and about an attribute or an expression where it takes one.
func aboutCheckout(name string) OpenSheet {
	about := map[string]string{sheetBreakdown: "tenant", sheetHistogram: "count(kind = client)", sheetHistogramBy: "max(duration) by tenant"}
	return OpenSheet{Name: name, About: about[name], Scope: Scope{Focus: aggregate.Focus{Service: "checkout"}}}
}

// A sheet that did not change is drawn in memory that is there already.
func TestSheetsAllocateNothing(t *testing.T) {
	modeltest.OneGoroutine(t)
	s := watch(stillShop(t), "1", 200, 60, colorprofile.TrueColor)
	for name := range sheetSpecs() {
		s.run(s.app.act(aboutCheckout(name)))
		if n := testing.AllocsPerRun(5, func() { s.app.dirty = true; s.app.View() }); n > frameAllocations {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
	}
}

// Every sheet has an answer to give about a running shop, says what each row means, and every row leads on.
func TestEverySheet(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := stillShop(t)
	for name := range sheetSpecs() {
		for _, size := range [][2]int{{80, 24}, {200, 60}} {
			if testing.Short() && size[0] > 80 {
				break
			}
			s := watch(e, "1", size[0], size[1], colorprofile.TrueColor)
			open := func() { s.run(s.app.act(aboutCheckout(name))) }
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

// The footer offers the key p on sheets that have something to go through, and says what.
func TestSheetsOfferOnlyKeysThatTheyHave(t *testing.T) {
	for name, want := range map[string]string{sheetCritical: "p percentiles", sheetWhatIf: "p how much faster"} {
		s := start(newFake(), 160, 40)
		s.run(s.app.act(OpenSheet{Name: name}))
		s.mustShow(t, want)
	}
	for _, name := range []string{sheetTrends, sheetGaps, sheetAnatomy} {
		s := start(newFake(), 160, 40)
		s.run(s.app.act(OpenSheet{Name: name}))
		before := s.screen()
		s.mustNotShow(t, " p ", "percentiles", "faster")
		if s.keys("p"); s.screen() != before {
			t.Errorf("%s: p does something:\n%s", name, s.screen())
		}
	}
}

// That every call is answered is not the same as that there is none.
func TestNoGaps(t *testing.T) {
	for answered, want := range map[uint64]string{
		0:    "no call between two services",
		4120: "every one of 4120 calls between services that both send spans is answered in the same trace",
	} {
		a := gapsAnswer(&aggregate.Gaps{Result: gaps.Result{Answered: answered}})
		if got := a.none.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%d answered: %s", answered, got)
		}
	}
}

// What must be known besides an answer is told as a whole where lines above are free.
func TestSheetWrapsItsNote(t *testing.T) {
	e := newFake()
	s := watch(e, "2", 80, 24, colorprofile.TrueColor)
	s.keys(":")
	s.text("what grows")
	s.keys("enter")
	sheet := s.app.screens[LensSheet].(*Sheet)
	sheet.basis.note = sayf("%s", strings.Repeat("left out for want of room, ", 5)+"the end")
	s.app.dirty = true
	s.mustShow(t, "the end")
	lines := splitLines(s.screen())
	last := 0
	for y, l := range lines {
		if strings.Contains(l, "the end") {
			last = y
		}
	}
	if last == 0 || strings.Contains(lines[last-1], "  left out") {
		t.Errorf("the note ends on line %d:\n%s", last, s.screen())
	}
	all := sheet.answer.rows // no line is free
	for len(sheet.table.keys) < 40 {
		r := all[0]
		r.id = strings.Repeat("x", len(sheet.table.keys)+1)
		sheet.answer.rows = append(sheet.answer.rows, r)
		sheet.rows[r.id] = &r
		sheet.table.setRows(append(sheet.table.keys, r.id))
	}
	s.app.dirty = true
	s.mustNotShow(t, "the end")
	s.mustShow(t, "40 rows")
}
