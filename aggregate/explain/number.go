package explain

import (
	"math"

	"oteltop/aggregate/hist"
)

// Numbers are binned like durations, 32 bins for each power of two, but also below 1 and below 0: the bin
// of 0 lies in the middle, positive numbers of 2^−32 and more above it, negative ones mirrored below.
const (
	zeroBin   = 1 << 12
	smallest  = -32 * hist.PerOctave // of the logarithm: smaller numbers share a bin
	largest   = 63 * hist.PerOctave
	firstBin  = zeroBin + 1
	binOffset = firstBin - smallest
)

// numberBin is the bin of a number. It rises with the number. NaN counts as 0.
func numberBin(v float64) int {
	switch {
	case v > 0:
		return binOffset + magnitude(v)
	case v < 0:
		return 2*zeroBin - binOffset - magnitude(-v)
	}
	return zeroBin
}

func magnitude(v float64) int {
	return int(min(max(math.Floor(math.Log2(v)*hist.PerOctave), smallest), largest))
}

// binNumber is a number in the middle of a bin, within 1.1 %; whole numbers below 32 exactly.
func binNumber(bin int) float64 {
	switch {
	case bin > zeroBin:
		low := math.Exp2(float64(bin-binOffset) / hist.PerOctave)
		high := math.Exp2(float64(bin-binOffset+1) / hist.PerOctave)
		if whole := math.Ceil(low - 1e-9*low); whole < high && low >= 1 {
			return whole
		}
		return math.Sqrt(low * high)
	case bin < zeroBin:
		return -binNumber(2*zeroBin - bin)
	}
	return 0
}

// medianBin is the bin of the median of a histogram that is not empty.
func medianBin(h *hist.Histogram) int {
	half, seen, median := (h.Count()+1)/2, uint64(0), 0
	h.Each(func(bin int, n int64) {
		if seen < half {
			median = bin
		}
		seen += uint64(n)
	})
	return median
}
