// Package stats is the statistics that findings, explanations and comparisons are decided by (ANALYSES
// section 3): pure functions on counts, histograms and short series. Every one names its source.
//
//	counts      Wilson, Newcombe           how large is a share, or a difference of shares, at least
//	            GTest, Fisher, Association is the difference more than chance
//	histograms  MannWhitney, KolmogorovSmirnov, Tail, ShiftRatio: shift, shape and tail of two latencies
//	series      TheilSen, MannKendall(Serial), BestSplit: is it growing, how fast, or did it change at once
//	pairs       Pearson, Ranks, PositiveMean  do two figures go together
//	many tests  BenjaminiHochberg          what is left when as many questions were asked as there were
//
// Significance alone is noise to a person (at 10,000 calls a shift of 5 % is always significant), so
// callers combine a q-value with an effect.
package stats

import "math"

// Z95 is the standard normal quantile of two-sided 95 % intervals.
const Z95 = 1.959963984540054

// UpperTail is the probability that a standard normal variable exceeds z.
func UpperTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// TwoSided is the probability that a standard normal variable is at least as far from 0 as z.
func TwoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// Ratio is a per b, which may be a share, a mean or a factor; 0 where there is no b.
func Ratio[N int64 | uint64](a, b N) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
