package aggregate

import (
	"slices"
	"testing"

	"oteltop/aggregate/hist"
)

// Rows hold every bin from the lowest to the highest, each one once, and are no more than were asked for; on a linear
// scale they begin at 0 and are equally high as far as bins allow.
func TestHeatRows(t *testing.T) {
	for _, c := range []struct{ low, high int }{{0, 0}, {0, 1}, {600, 600}, {640, 801}, {300, 1100}, {100, 1900}, {hist.Bins - 1, hist.Bins - 1}} {
		for _, most := range []int{1, 4, 20, 48} {
			for _, linear := range []bool{false, true} {
				x := newHeatRows(c.low, c.high, most)
				if linear {
					x = linearHeatRows((c.low+c.high)/2, c.high, most)
				}
				if !x.has(c.low) || !x.has(c.high) || x.of(c.low) < 0 || x.of(c.high) != x.n()-1 {
					t.Fatalf("%v, most %d, linear %v: bounds %v", c, most, linear, x.bounds)
				}
				lows := x.lows()
				for r := 1; r < x.n(); r++ {
					if x.bounds[r] <= x.bounds[r-1] || x.of(x.bounds[r]) != r || x.of(x.bounds[r]-1) != r-1 || lows[r] <= lows[r-1] && lows[r] < 1<<53 && lows[r] > 40 {
						t.Fatalf("%v, most %d, linear %v: row %d of %v", c, most, linear, r, x.bounds)
					}
				}
				if linear && (x.n() > most || lows[0] != 0) {
					t.Errorf("%v, at most %d: %d rows from %d on", c, most, x.n(), lows[0])
				}
			}
		}
	}
	x := linearHeatRows(hist.Bin(960e6), hist.Bin(960e6), 20)
	for r, low := range x.lows() {
		if want := int64(r) * 50e6; low < want-want/80 || low > want+want/80 {
			t.Errorf("row %d begins at %d, want %d within half a bin", r, low, want)
		}
	}
	if x.n() != 20 {
		t.Errorf("%d rows to 960 ms, want 20 of 50 ms", x.n())
	}
	far := linearHeatRows(hist.Bin(960e6), hist.Bin(3600e9), 21)
	if far.n() != 21 || !slices.Equal(far.lows()[:20], x.lows()) || far.of(hist.Bin(3600e9)) != 20 || far.of(hist.Bin(970e6)) != 19+1 {
		t.Errorf("with one of an hour rows begin at %v, want those without it and one beyond", far.lows())
	}
}

// What can stand for a row lies in it altogether.
func TestNarrowRows(t *testing.T) {
	for _, linear := range []bool{false, true} {
		x := newHeatRows(500, 1000, 30)
		if linear {
			x = linearHeatRows(900, 1000, 30)
		}
		for r := range x.n() {
			first, n := x.narrow(r)
			for at := first; at < first+n; at++ {
				if low, high := at<<hist.RowShift, (at+1)<<hist.RowShift-1; x.of(low) != r || x.of(high) != r {
					t.Errorf("linear %v: √2 row %d is not in row %d of %v", linear, at, r, x.bounds)
				}
			}
			if !linear && n == 0 {
				t.Errorf("nothing can stand for row %d of %v", r, x.bounds)
			}
		}
	}
}

// The baseline's requests are counted in the same rows, and none of them is left out.
func TestHeatmapCountsItsBaseline(t *testing.T) {
	v := drawnView(t, shop)
	whole := heatmapOf(v, HeatmapQuery{}, nil)
	end := whole.Start + int64(whole.Columns)*whole.Step
	h := heatmapOf(v, HeatmapQuery{Query: Query{Baseline: Window{From: whole.Start, To: end}}}, nil)
	if h.BeforeTotal != whole.Total || len(h.Before) != len(h.RowLow) || whole.Before != nil {
		t.Fatalf("%d before in %d rows, want %d in %d", h.BeforeTotal, len(h.Before), whole.Total, len(h.RowLow))
	}
	for r, n := range h.Before {
		sum := uint64(0)
		for c := range h.Columns {
			sum += h.Counts[c*len(h.RowLow)+r]
		}
		if n != sum {
			t.Errorf("row %d: %d before, %d now of the same", r, n, sum)
		}
	}
	none := heatmapOf(v, HeatmapQuery{Query: Query{Baseline: Window{From: 1, To: 2}}}, nil)
	if none.BeforeTotal != 0 || none.Total != whole.Total {
		t.Errorf("%d before and %d now, want none and %d", none.BeforeTotal, none.Total, whole.Total)
	}
}
