package ui

import (
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
)

// The period before is compared by its shape: with half as many requests, alike, it is the same line.
func TestSpreadComparesShapes(t *testing.T) {
	h := heatOf(10, 4, 32, 1, 2, 4, 8, 16)
	h.Before, h.BeforeTotal = []uint64{2, 2, 2, 2, 2}, 10
	var s heatSpread
	s.take(h)
	for r := range s.now {
		if s.now[r] != 1 || s.before[r] != 1 {
			t.Errorf("row %d: %v now and %v before, want the whole width", r, s.now[r], s.before[r])
		}
	}
	h.Before = []uint64{10, 0, 0, 0, 0}
	s.take(h)
	if s.before[0] != 1 || s.before[1] != 0 || s.now[0] >= 1 || s.now[0] <= 0 {
		t.Errorf("now %v, before %v", s.now, s.before)
	}
	h.Before, h.BeforeTotal = nil, 0
	s.take(h)
	if s.before[0] != 0 || s.now[0] != 1 {
		t.Errorf("without a period before: now %v, before %v", s.now, s.before)
	}
}

// The distribution says what it compares with: the time before the window, or before the marker; B takes it away.
func TestSpreadHasAPeriodBefore(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	asked := func() aggregate.HeatmapQuery {
		q, _ := lastAsked[aggregate.HeatmapQuery](e)
		return q
	}
	s.keys("3")
	q := asked()
	if w, b := q.Window, q.Baseline; b.To != w.From || b.To-b.From != int64(5*time.Minute) {
		t.Errorf("%v is compared with %v", w, b)
	}
	s.mustShow(t, "n, log │before")
	s.keys("B")
	if q := asked(); q.Baseline != (aggregate.Window{}) {
		t.Errorf("after B: %v", q.Baseline)
	}
	s.mustNotShow(t, "│before")
	s.keys("B", "b")
	if q := asked(); q.Baseline != s.app.trail.here().scope.Baseline || q.Baseline == (aggregate.Window{}) {
		t.Errorf("after a marker: %v", q.Baseline)
	}
	s.keys("a")
	if !asked().Linear {
		t.Error("a does not make the axis linear")
	}
}

// Where the rows of the map have no room beside them, there is no distribution.
func TestSpreadGivesWay(t *testing.T) {
	for w, want := range map[int]bool{80: false, 109: false, 110: true, 200: true} {
		s := start(newFake(), w, 40)
		s.keys("3")
		if got := strings.Contains(s.screen(), "n, log"); got != want {
			t.Errorf("%d columns: %v", w, got)
		}
	}
}

// Colours stand for requests, for the share that failed, or for a rate that does not depend on what else is shown.
func TestColoursOfTheMap(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3")
	for _, want := range []string{"150 a cell", "all failed", "0.01/s", "150 a cell"} {
		s.mustShow(t, want)
		s.keys("c")
	}
	l, theme := newLatency(), s.app.theme
	l.colour, l.answer = colourRate, heatOf(2e9, 1, 2, 1)
	low, v, _ := l.shade(2, 0, 1, theme)
	l.answer = heatOf(4e9, 1, 2, 1)
	if same, u, _ := l.shade(4, 0, 99, theme); same != low || u != v || v <= 0 || v >= 1 {
		t.Errorf("one request a second is %v on one map and %v on another", v, u)
	}
}
