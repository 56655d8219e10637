package ui

import (
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
)

// octaves is a heatmap of octave rows, with 1, 2, 4, … requests in the rows of each column.
func octaves(columns, rows int) *aggregate.Heatmap {
	h := &aggregate.Heatmap{Step: 1, Columns: columns, RowHigh: 1 << (20 + rows)}
	for r := range rows {
		h.RowLow = append(h.RowLow, 1<<(20+r))
	}
	for range columns {
		for r := range rows {
			h.Counts, h.Errors = append(h.Counts, 1<<r), append(h.Errors, uint64(r%2))
			h.Exemplars = append(h.Exemplars, model.TraceID{Lo: uint64(r + 1)})
			h.Total, h.ErrorTotal = h.Total+1<<r, h.ErrorTotal+uint64(r%2)
		}
	}
	return h
}

// However few rows there are on the screen, no request is left out, and rows go on without gap or overlap.
func TestCoarserHeatmapKeepsEveryRequest(t *testing.T) {
	for rows := 1; rows <= 24; rows++ {
		h := octaves(3, rows)
		for most := 1; most <= 24; most++ {
			c := coarser(h, most)
			if len(c.RowLow) > most {
				t.Fatalf("%d rows became %d, %d were asked for", rows, len(c.RowLow), most)
			}
			var calls, errors uint64
			for i, n := range c.Counts {
				calls, errors = calls+n, errors+c.Errors[i]
				if n > 0 && c.Exemplars[i].IsZero() {
					t.Errorf("cell %d of %d rows has requests and no example", i, len(c.RowLow))
				}
			}
			if calls != h.Total || errors != h.ErrorTotal {
				t.Errorf("%d rows: %d requests and %d errors became %d and %d", rows, h.Total, h.ErrorTotal, calls, errors)
			}
			if c.RowLow[0] != h.RowLow[0] || c.RowHigh != h.RowHigh {
				t.Errorf("%d rows in %d begin at %d and end at %d", rows, most, c.RowLow[0], c.RowHigh)
			}
			for i := 1; i < len(c.RowLow); i++ {
				if c.RowLow[i] <= c.RowLow[i-1] {
					t.Errorf("%d rows in %d: bounds %v", rows, most, c.RowLow)
				}
			}
		}
	}
}

// Requests that are slower than all before add a row on top and move no bound.
func TestCoarserHeatmapBoundsStay(t *testing.T) {
	a, b := coarser(octaves(1, 11), 6), coarser(octaves(1, 12), 6)
	for i, low := range a.RowLow {
		if b.RowLow[i] != low {
			t.Errorf("row %d began at %d, with a slower request it begins at %d", i, low, b.RowLow[i])
		}
	}
}

// A selection is of what it was made in: another operation begins without one, whose esc leads back at once.
func TestSelectionStaysWithItsSubject(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3", "V")
	l := s.app.screens[LensLatency].(*Latency)
	if l.selection() == nil {
		t.Fatal("nothing is selected")
	}
	s.keys("enter", "esc")
	if l.selection() == nil {
		t.Error("the selection is gone after its traces were seen")
	}
	s.keys("2", "enter")
	if l.selection() != nil {
		t.Error("what was selected among all requests is selected in an operation")
	}
	s.keys("esc")
	if p := s.app.trail.here(); p.lens != LensOperations {
		t.Errorf("esc leads to %v", p.lens)
	}
}

// What the footer says of one place does not cover the keys of the next.
func TestMessagesEndWithTheirPlace(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("2", "y")
	s.mustShow(t, "copied operation")
	s.keys("down")
	s.mustShow(t, "copied operation")
	s.keys("3")
	s.mustNotShow(t, "copied operation")
	s.keys("space")
	s.mustShow(t, "frozen at")
	s.keys("space")
	s.mustNotShow(t, "frozen at")
}
