package stats

import (
	"math"
	"slices"
)

// TheilSen is the slope and the intercept of the line through evenly spaced values, y_i ≈ intercept +
// slope·i: the median of the slopes of all pairs (Theil 1950, Sen 1968), with the median of y_i − slope·i.
// It holds with up to 29 % of arbitrary values. Fewer than two values have slope 0. O(n² log n).
func TheilSen(y []float64) (slope, intercept float64) {
	if len(y) == 0 {
		return 0, 0
	}
	slopes := make([]float64, 0, len(y)*(len(y)-1)/2)
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			slopes = append(slopes, (y[j]-y[i])/float64(j-i))
		}
	}
	slope = median(slopes)
	rest := make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - slope*float64(i)
	}
	return slope, median(rest)
}

// median sorts v; 0 of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}

// MannKendall tests a series for a monotone trend (Mann 1945, Kendall 1975): s is the number of pairs that
// rise less those that fall, z its normal score with tie and continuity correction, and p the one-sided
// probability of such a rise without a trend (1−p of such a fall). It fires on a single step as well:
// tell that apart before calling it growth.
func MannKendall(y []float64) (s int, z, p float64) {
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			switch {
			case y[j] > y[i]:
				s++
			case y[j] < y[i]:
				s--
			}
		}
	}
	n := float64(len(y))
	variance := n * (n - 1) * (2*n + 5)
	sorted := slices.Sorted(slices.Values(y))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		variance -= t * (t - 1) * (2*t + 5)
		i = j
	}
	if variance <= 0 {
		return s, 0, 0.5
	}
	z = math.Copysign(max(math.Abs(float64(s))-1, 0), float64(s)) / math.Sqrt(variance/18)
	return s, z, UpperTail(z)
}
