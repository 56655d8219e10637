// The rows of a heatmap: which durations each of them holds.

package aggregate

import (
	"oteltop/aggregate/hist"
	"oteltop/aggregate/round"
)

// heatRows are the rows of a heatmap. Row r holds the bins from bounds[r] up to, and without, bounds[r+1].
type heatRows struct {
	bounds []int
	rows   []int32 // of the bins from bounds[0] on
}

// newHeatRows are rows for durations of bins low to high, on a logarithmic scale: √2 wide, or 2 where there would be
// more than most of them.
func newHeatRows(low, high, most int) heatRows {
	shift := hist.RowShift
	if high>>shift-low>>shift+1 > most {
		shift = hist.OctaveShift
	}
	var bounds []int
	for r := low >> shift; r <= high>>shift+1; r++ {
		bounds = append(bounds, r<<shift)
	}
	return heatRowsAt(bounds)
}

// linearHeatRows are rows for durations up to bin high on a linear scale. The first begins at 0, there are no more
// than most, and all are as high as each other, as far as the bounds of bins allow. The last one holds everything from
// bin bulk on: a single call that took a thousand times as long as the others would leave one row for these.
func linearHeatRows(bulk, high, most int) heatRows {
	if bulk >= high || most < 2 {
		return heatRowsAt(linearBounds(high, most))
	}
	bounds := linearBounds(bulk, most-1)
	return heatRowsAt(append(bounds, high+1))
}

func heatRowsAt(bounds []int) heatRows {
	x := heatRows{bounds: bounds}
	x.rows = make([]int32, x.bounds[x.n()]-x.bounds[0])
	for r := range x.n() {
		for bin := x.bounds[r]; bin < x.bounds[r+1]; bin++ {
			x.rows[bin-x.bounds[0]] = int32(r)
		}
	}
	return x
}

// linearBounds are the bins at which equally high rows begin, up to a bin that is the last to be held. The height of a
// row is 1, 2 or 5 times a power of ten ns. Where bins are wider than that, rows that have none are left out.
func linearBounds(high, most int) []int {
	end := float64(hist.Low(high + 1))
	height := round.Up(end/float64(max(1, most)), 1, 2, 5)
	bounds := []int{0}
	for at := height; at < end; at += height {
		bin := nearestBin(at)
		if bin > high {
			break
		}
		if bin > bounds[len(bounds)-1] {
			bounds = append(bounds, bin)
		}
	}
	return append(bounds, high+1)
}

// nearestBin is the bin that begins nearest to a duration.
func nearestBin(ns float64) int {
	bin := hist.Bin(int64(ns))
	if low, next := float64(hist.Low(bin)), float64(hist.Low(bin+1)); next-ns < ns-low {
		bin++
	}
	return bin
}

// n is how many rows there are.
func (x *heatRows) n() int { return len(x.bounds) - 1 }

// has reports whether a bin is in one of the rows, of finds in which.
func (x *heatRows) has(bin int) bool { return bin >= x.bounds[0] && bin < x.bounds[x.n()] }
func (x *heatRows) of(bin int) int   { return int(x.rows[bin-x.bounds[0]]) }

// lows are the lower bounds of the rows, ns. The first bin holds 0 too.
func (x *heatRows) lows() []int64 {
	lows := make([]int64, x.n())
	for r := range lows {
		if x.bounds[r] > 0 {
			lows[r] = hist.Low(x.bounds[r])
		}
	}
	return lows
}

// narrow returns the first of the √2-wide rows that lie wholly within a row, and how many do: exemplars are kept for
// those.
func (x *heatRows) narrow(row int) (first, n int) {
	const shift = hist.RowShift
	first = (x.bounds[row] + 1<<shift - 1) >> shift
	return first, max(0, x.bounds[row+1]>>shift-first)
}
