package ui

import (
	"testing"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
)

// heatOf is a heatmap of one request a cell with rows that begin at lows.
func heatOf(step int64, columns int, high int64, lows ...int64) *aggregate.Heatmap {
	h := &aggregate.Heatmap{Start: 1000, Step: step, Columns: columns, RowLow: lows, RowHigh: high}
	for range columns * len(lows) {
		h.Counts = append(h.Counts, 1)
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
