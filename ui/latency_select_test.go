package ui

import (
	"testing"

	"oteltop/aggregate"
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
)

// heatOf is a heatmap of one request a cell with rows that begin at lows.
func heatOf(step int64, columns int, high int64, lows ...int64) *aggregate.Heatmap {
	h := &aggregate.Heatmap{Start: 1000, Step: step, Columns: columns, RowLow: lows, RowHigh: high}
	for range columns * len(lows) {
		h.Counts, h.Errors, h.Exemplars = append(h.Counts, 1), append(h.Errors, 0), append(h.Exemplars, model.TraceID{})
		h.Total++
	}
	return h
}

// What is selected on a map is selected on a finer one as well, and within whole cells on a coarser or a linear one.
// Back on the first it is what it was.
func TestSelectionIsOfTimesAndDurations(t *testing.T) {
	first := heatOf(10, 12, 32, 1, 2, 4, 8, 16)
	for name, other := range map[string]*aggregate.Heatmap{
		"the same": first, "finer": heatOf(5, 24, 32, 1, 2, 3, 4, 6, 8, 12, 16, 24), "coarser": heatOf(20, 6, 64, 1, 4, 16), "linear": heatOf(10, 12, 40, 0, 10, 20, 30),
	} {
		for _, ranged := range []bool{false, true} {
			l := newLatency()
			l.answer, l.touched, l.ranged = first, true, ranged
			l.anchor, l.cursor = l.point(4, 1), l.point(6, 2)
			want, _ := l.selected()
			l.answer = other
			got, ok := l.selected()
			if !ok || got.Window.From > want.Window.From || got.Window.To < want.Window.To || got.MinDur > want.MinDur || got.MaxDur < want.MaxDur {
				t.Errorf("%s: %v does not hold %v", name, got, want)
			}
			if name == "finer" && got != want {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			l.answer = first
			if back, _ := l.selected(); back != want {
				t.Errorf("%s and back: %v, want %v", name, back, want)
			}
		}
	}
}

// The slowest that are selected on a wide screen are selected on a narrow one.
func TestSelectionOutlivesASize(t *testing.T) {
	s := start(newFake(), 200, 60)
	s.keys("3", "V")
	l := s.app.screens[LensLatency].(*Latency)
	want := *l.selection()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		s.tick()
		got := *l.selection()
		if got.MinDur > want.MinDur || got.MaxDur < want.MaxDur || got.Window.From > want.Window.From || size[0] == 200 && got != want {
			t.Errorf("%dx%d: %v, want %v", size[0], size[1], got, want)
		}
	}
}

// What is selected where the map has nothing more, because its slow requests were excluded or time went on, is not
// something else that the map still has.
func TestSelectionOutsideOfTheMap(t *testing.T) {
	for name, c := range map[string]struct {
		later *aggregate.Heatmap
		n     uint64
	}{
		"nothing is as slow": {heatOf(10, 12, 8, 1, 2, 4), 0}, "partly": {heatOf(10, 12, 16, 1, 2, 4, 8), 3},
		"all is slower": {heatOf(10, 12, 256, 64, 128), 0}, "later": {&aggregate.Heatmap{Start: 5000, Step: 10, Columns: 12, RowLow: []int64{1, 2, 4, 8, 16}, RowHigh: 32,
			Counts: make([]uint64, 60), Errors: make([]uint64, 60)}, 0},
	} {
		l := newLatency()
		l.answer, l.touched, l.ranged = heatOf(10, 12, 32, 1, 2, 4, 8, 16), true, true
		l.anchor, l.cursor = l.point(4, 3), l.point(6, 4)
		want, _ := l.selected()
		l.answer = c.later
		got, ok := l.selected()
		n, _, _ := l.counts()
		if _, _, _, _, seen := l.outlined(Scope{}); !ok || n != c.n || seen != (c.n > 0) || c.n == 0 && got != want || got.MinDur != want.MinDur {
			t.Errorf("%s: %d requests of %v, outlined %v, want %d of %v", name, n, got, seen, c.n, want)
		}
	}
}

// Esc takes back at once what was selected at once, and cell by cell what was selected like that. What V selects is no
// cell in the corner of the map afterwards.
func TestEscapeOfASelection(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3")
	l := s.app.screens[LensLatency].(*Latency)
	at := l.cursor
	s.keys("V", "esc")
	if l.selection() != nil || l.cursor != at {
		t.Errorf("after V and esc %+v is selected, the cursor on %v, want %v", l.selection(), l.cursor, at)
	}
	s.drag(l.lay.x+3, topRows+3, l.lay.x+20, topRows+5)
	if !l.ranged {
		t.Fatal("dragging selects nothing")
	}
	s.keys("esc")
	if l.selection() != nil {
		t.Errorf("after a drag and esc %+v is selected", l.selection())
	}
	s.keys("v", "left", "esc")
	if l.ranged || l.selection() == nil {
		t.Error("esc does not leave the cursor where v and an arrow put it")
	}
	s.keys("esc")
	if l.selection() != nil {
		t.Errorf("then %+v is still selected", l.selection())
	}
}

// A cell that nothing is in leads nowhere, and says what does.
func TestEnterOnNothing(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3", "G")
	l := s.app.screens[LensLatency].(*Latency)
	for range len(l.answer.RowLow) {
		s.keys("up")
	}
	if n, _, _ := l.counts(); n != 0 {
		t.Fatalf("the corner of the map has %d requests", n)
	}
	l.picks.answer = &aggregate.TraceList{}
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensLatency {
		t.Errorf("enter on nothing leads to %v", p.lens)
	}
	s.mustShow(t, "no request in this cell: n and N go to the next that has some")
}

// Before anything is selected x opens the slowest that is listed, which is seen, and not a cell that is not.
func TestExampleWithoutASelection(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3")
	l := s.app.screens[LensLatency].(*Latency)
	want, _ := l.picks.table.selected()
	s.keys("x")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != want {
		t.Errorf("x leads to %v %v, want %v", p.lens, p.trace, want)
	}
}

// What a person should do is whole on the smallest screen.
func TestNothingSelectedSaysWhatToDo(t *testing.T) {
	s := start(newFake(), 80, 24)
	s.keys("3", "G")
	l := s.app.screens[LensLatency].(*Latency)
	for range len(l.answer.RowLow) {
		s.keys("up")
	}
	s.keys("tab", "tab")
	l.picks.setRows(nil)
	s.app.dirty = true
	s.mustShow(t, "no request took this long at this time", "n and N go to the next cell that has some, esc selects nothing")
}
