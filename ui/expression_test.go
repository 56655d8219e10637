package ui

import (
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
)

// Every example of the input can be taken as it stands.
func TestExamplesAreExpressions(t *testing.T) {
	for _, e := range features.Examples() {
		q, err := aggregate.ParseFeatures(e.Text)
		if err != nil || (q.By != nil) != e.Grouped {
			t.Errorf("%q: by %v, %v", e.Text, q.By, err)
		}
	}
}

// A person makes a column from the chooser of Traces: the list is sorted by it, and it stays until it is taken
// away again.
func TestColumnOfOnesOwn(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	s := watch(newShop(t, 40, time.Minute), "5", 160, 40, colorprofile.TrueColor)
	tr := s.app.screens[LensTraces].(*Traces)
	s.keys("c")
	for c := s.app.overlay.(*chooser); !c.isOwn(c.at); {
		s.keys("down")
	}
	s.mustShow(t, "a column of your own…")
	s.keys("enter")
	s.text("count(kind = clent)")
	s.mustShow(t, "count(kind = clent)")
	s.keys("enter")
	if s.app.overlay == nil || s.app.overlay.(*expressionInput).problem == nil {
		t.Fatal("an expression that is none was taken")
	}
	s.app.overlay.(*expressionInput).set("count(kind = client)")
	s.keys("enter")
	s.mustShow(t, "▼count(kind = c…")
	last := tr.answer.Rows[0].Column
	if last.Sort != features.Number || last.Number < 5 {
		t.Errorf("the first row has %+v", last)
	}
	for _, r := range tr.answer.Rows {
		if r.Column.Number > last.Number {
			t.Fatalf("%v after %v", r.Column.Number, last.Number)
		}
		last = r.Column
	}
	s.keys("c")
	s.mustShow(t, "count(kind = client)")
	s.keys("esc", ":")
	s.text("a column of your own")
	s.keys("enter")
	s.app.overlay.(*expressionInput).set("")
	s.keys("enter")
	s.mustNotShow(t, "count(kind")
	if tr.table.sort.isBy(tracesOwn) {
		t.Error("the list is sorted by a column that is gone")
	}
}

// From the histogram of an expression to the traces of a bar, what is special about them, and back.
func TestHistogram(t *testing.T) {
	t.Parallel()
	s := watch(stillShop(t), "2", 120, 40, colorprofile.TrueColor)
	s.keys(":")
	s.text("histogram of an expr")
	s.keys("enter")
	s.mustShow(t, "count(error)", "arrows take an example")
	s.text("max(duration where kind = client)")
	s.keys("enter")
	s.mustShow(t, "how is it spread?", "max(duration where kind = client)", "traces have one: p50")
	sheet := s.app.screens[LensSheet].(*Sheet)
	s.keys("down", "down")
	row := sheet.selected()
	n := row.cells[1].n
	s.keys("enter")
	tr := s.app.screens[LensTraces].(*Traces)
	if float64(tr.answer.Matched) != n {
		t.Errorf("the bar counts %v traces, %d are listed", n, tr.answer.Matched)
	}
	s.mustShow(t, "max(duration where kind = client) "+row.cells[0].text.String()[:4], "max(duration w…")
	s.keys(":")
	s.text("special about these")
	s.keys("enter")
	l := s.app.screens[LensLatency].(*Latency)
	if p := s.app.trail.here(); p.lens != LensLatency || l.special.answer == nil || float64(l.special.answer.SelectedOf) != n {
		t.Errorf("%v explains %+v, not %v traces", p.lens, l.special.answer, n)
	}
	s.keys("esc", "esc", "esc")
	if p := s.app.trail.here(); p.lens != LensSheet {
		t.Errorf("esc leads to %v", p.lens)
	}
}

func TestHistogramByAttribute(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	s := watch(stillShop(t), "2", 120, 40, colorprofile.TrueColor)
	s.run(openHistogram(s.app))
	s.app.overlay.(*expressionInput).set("max(duration) by tenant")
	s.keys("enter")
	s.mustShow(t, "acme", "p95")
	n := s.app.screens[LensSheet].(*Sheet).selected().cells[1].n
	s.keys("enter")
	if tr := s.app.screens[LensTraces].(*Traces); float64(tr.answer.Matched) != n {
		t.Errorf("the group has %v traces, %d are listed", n, tr.answer.Matched)
	}
}
