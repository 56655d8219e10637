package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/feed/demo"
	"oteltop/model/modeltest"
)

// Every cell of a heatmap belongs to the column drawn there, whatever the widths of the columns.
func TestHeatmapCellsBelongToTheColumnDrawnThere(t *testing.T) {
	for cols := 1; cols <= 40; cols++ {
		for width := cols; width <= 3*cols+7; width++ {
			h := heatLayout{x: 8, y: 1, cols: cols, rows: 3, width: width, rh: 2}
			if l, r := h.left(0), h.left(cols); l != 0 || r != width {
				t.Fatalf("%d columns in %d cells reach from %d to %d", cols, width, l, r)
			}
			for c := range cols {
				if w := h.left(c+1) - h.left(c); w != width/cols && w != (width+cols-1)/cols {
					t.Errorf("%d columns in %d cells: column %d is %d wide", cols, width, c, w)
				}
				for x := h.left(c); x < h.left(c+1); x++ {
					if got, _, ok := h.cellAt(h.x+x, h.y); got != c || !ok {
						t.Errorf("%d columns in %d cells: cell %d is of column %d, drawn in %d", cols, width, x, got, c)
					}
				}
			}
			if _, _, ok := h.cellAt(h.x+width, h.y); ok {
				t.Errorf("%d columns in %d cells: there is a column right of the map", cols, width)
			}
		}
	}
}

// A row that holds all beyond the axis says so.
func TestRowBeyondTheAxis(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("3", "a")
	l := s.app.screens[LensLatency].(*Latency)
	h := *l.answer
	mark := strings.Repeat(" ", axisWidth-1) + string(s.app.theme.Glyphs.ArrowUp)
	s.mustNotShow(t, mark)
	h.Beyond = true
	l.answer, s.app.dirty = &h, true
	s.app.View()
	s.mustShow(t, mark)
}

// In the newest column the list has requests whose traces still arrive; the map counts them later. The screen says
// so, and what it says adds up.
func TestLatencyListsNoMoreThanItSays(t *testing.T) {
	modeltest.OneGoroutine(t)
	e := newShop(t, 40, time.Minute)
	for part := range 4 {
		to := e.now.Add(time.Second / 3)
		for _, req := range demo.Generate(e.options, e.now, to) {
			if _, err := e.ring.Append(req); err != nil {
				t.Fatal(err)
			}
		}
		e.now = to
		if part == 1 {
			e.ring.Flush() // those that came so far are whole
		}
		s := start(e, 160, 40)
		s.clock = e.now
		s.keys("3", "G")
		l := s.app.screen().(*Latency)
		c, _ := l.cell(l.cursor)
		l.anchor, l.cursor, l.ranged = l.point(c, 0), l.point(c, len(l.answer.RowLow)-1), true
		s.tick()
		n, _, _ := l.counts()
		more := l.uncounted(n)
		if got := l.picks.answer.Matched; got != n+more {
			t.Errorf("part %d: %d traces are listed, n=%d and %d more arrive", part, got, n, more)
		}
		said := strings.Contains(s.screen(), fmt.Sprintf("+%d arriving, counted when whole", more))
		if said != (more > 0) {
			t.Errorf("part %d: %d more arrive, on the screen: %v", part, more, said)
		}
		if part > 1 && more == 0 {
			t.Errorf("part %d: none still arrives, so that nothing was tested", part)
		}
	}
}

// The percentiles of the title are those of the whole scope, whole on every screen; the newest column's stand
// beside them, named, where there is room for all of that.
func TestLatencyTitleIsOfTheWholeScope(t *testing.T) {
	const whole, newest = "p50 18.0ms  p95 52.0ms  p99 310ms", "newest column  p50 17.0ms  p95 45.0ms  p99 400ms"
	for _, c := range []struct {
		width      int
		said, also bool
	}{{80, false, false}, {120, true, false}, {200, true, true}} {
		s := start(newFake(), c.width, 40)
		s.keys("3")
		title := splitLines(s.screen())[topRows]
		if !strings.Contains(title, whole) || strings.Contains(title, "of the whole scope") != c.said || strings.Contains(title, newest) != c.also {
			t.Errorf("%d columns: %q", c.width, title)
		}
		if strings.Contains(title, "newest") != c.also {
			t.Errorf("%d columns: half a phrase in %q", c.width, title)
		}
	}
}

// V takes the slowest rows that are a twentieth of the calls; where these are too few to say anything of them, more,
// but not most of all.
func TestExplainTakesEnough(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []uint64 // calls by row, the fastest first
		from int      // the lowest row that is taken
	}{
		{"a twentieth", []uint64{500, 400, 90, 6, 4}, 3},
		{"a row that is more alone", []uint64{10, 10, 80}, 2},
		{"of few calls the slow ones", []uint64{5, 3, 0, 5, 1}, 3},
		{"not most of them", []uint64{1, 8, 1}, 2},
		{"a single call", []uint64{1}, 0},
	} {
		l := newLatency()
		l.answer = &aggregate.Heatmap{Columns: 1, Counts: c.rows}
		for r, n := range c.rows {
			l.answer.RowLow = append(l.answer.RowLow, int64(r+1)*1e6)
			l.answer.Total += n
		}
		l.selectSlow()
		if got := int(l.anchor.dur/1e6) - 1; got != c.from {
			t.Errorf("%s: from row %d on, want %d", c.name, got, c.from)
		}
	}
}
