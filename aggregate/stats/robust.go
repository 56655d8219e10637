package stats

import (
	"math"

	"oteltop/aggregate/hist"
)

const (
	// normalMAD is the MAD of a standard normal variable: it makes the robust z comparable with σ.
	normalMAD = 0.6745
	// OutlierZ is the robust z from which a value counts as an outlier (Iglewicz & Hoaglin 1993).
	OutlierZ = 3.5
)

// minLogMAD keeps a service with constant latency from having outliers of a tenth of a percent.
var minLogMAD = math.Log(1.05)

// LogSpread is the centre and the spread of durations on the logarithmic scale, on which latencies are
// near to symmetric.
type LogSpread struct {
	Median float64 // of ln ns
	MAD    float64 // median absolute deviation from it, at least ln 1.05
}

// Spread computes the median and MAD of the logarithms of a histogram's durations, to the width of its
// bins (2.2 %). ok is false for an empty histogram.
func Spread(h *hist.Histogram) (s LogSpread, ok bool) {
	if h.Count() == 0 {
		return LogSpread{}, false
	}
	median := hist.Bin(h.Quantile(0.5))
	low, high, _ := h.Range()
	// The k-th nearest bins on both sides, until half of all values are within.
	half, seen, k := (h.Count()+1)/2, uint64(max(h.At(median), 0)), 0
	for seen < half && (median-k >= low || median+k <= high) {
		k++
		seen += uint64(max(h.At(median-k), 0)) + uint64(max(h.At(median+k), 0))
	}
	return LogSpread{math.Log(float64(hist.Mid(median))), max(float64(k)*math.Ln2/hist.PerOctave, minLogMAD)}, true
}

// Z is the modified z-score of a duration in ns, 0.6745·(ln x − median)/MAD (Iglewicz & Hoaglin 1993).
// Durations below 1 ns count as 1 ns.
func (s LogSpread) Z(ns int64) float64 {
	return normalMAD * (math.Log(float64(max(ns, 1))) - s.Median) / s.MAD
}
