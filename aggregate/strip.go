// A distribution in a few cells.

package aggregate

import (
	"oteltop/aggregate/hist"
)

// StripCells is how many cells a Strip has.
const StripCells = 7

// Strip is a distribution of durations in a few cells of equal width on the logarithmic scale, from Low to
// High, ns. The outer cells also hold what lies beyond.
type Strip struct {
	Low, High int64
	Cells     [StripCells]uint64
	At        int // the cell of the span
}

// stripTail is the share of durations at either end that a Strip does not make room for: a single one that
// took a hundred times as long would press all others into one cell.
const stripTail = .005

// stripOf sums a histogram up. It spans at least an octave, so that constant latency looks constant; the
// zero Strip of an empty one.
func stripOf(h *hist.Histogram) (s Strip, low, width int) {
	if h.Count() == 0 {
		return s, 0, 0
	}
	from, to := hist.Bin(h.Quantile(stripTail)), hist.Bin(h.Quantile(1-stripTail))
	if short := hist.PerOctave - (to - from + 1); short > 0 {
		from = max(0, from-short/2)
		to = from + hist.PerOctave - 1
	}
	width = (to - from + StripCells) / StripCells
	s.Low, s.High = hist.Low(from), hist.Low(from+StripCells*width)
	h.Each(func(bin int, n int64) {
		if n > 0 {
			s.Cells[cellOf(bin, from, width)] += uint64(n)
		}
	})
	return s, from, width
}

// cellOf is the cell that a bin falls into.
func cellOf(bin, low, width int) int { return max(0, min((bin-low)/width, StripCells-1)) }
