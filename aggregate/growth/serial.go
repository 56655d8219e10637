package growth

import (
	"math"

	"oteltop/aggregate/stats"
)

// Latencies of neighbouring windows are alike, and what wanders looks like growth. So the tests of slope and of step do
// not count windows, but how many independent windows theirs are worth, which leaves fewer degrees of freedom. How alike
// neighbours are has to be estimated from a few dozen windows. When each series' own estimate was trusted, two thirds of
// the searches of 60 places whose latency wanders with an autocorrelation of .6 raised an alarm; so the estimates of all
// series of a search are drawn together (see shared).

// mostAlike is the largest autocorrelation that is allowed for: beyond it a short series is worth hardly one window.
const mostAlike = .95

// likeness estimates the autocorrelation of a series without its trend: without its line, which explains the share line
// of its variance, or without the step s where that explains more. Estimates from short series are too low, and are
// corrected for that (Kendall 1954, and once more because a line was taken out).
func likeness(y []float64, line float64, s stats.Split) float64 {
	_, rest, _ := fit(y)
	if s.At > 0 && s.Explained >= max(minExplained, line) {
		rest = append(around(y[:s.At]), around(y[s.At:])...)
	}
	rho := stats.LagOne(rest)
	return rho + (2+4*rho)/float64(len(y))
}

// shared draws autocorrelations, each estimated from so many windows, towards their mean, and holds them between 0 and
// mostAlike. The less they differ beyond what chance makes estimates differ, the nearer to the mean they come (James &
// Stein 1961).
func shared(rho []float64, windows float64) {
	n := float64(len(rho))
	mean, spread := 0.0, 0.0
	for _, r := range rho {
		mean += r / n
	}
	for _, r := range rho {
		spread += (r - mean) * (r - mean) / max(1, n-1)
	}
	chance := max(0, 1-mean*mean) / max(1, windows)
	own := 1.0 // how much of its difference from the mean each keeps
	if n > 1 {
		own = max(0, 1-chance/max(spread, chance))
	}
	for i := range rho {
		rho[i] = min(max(mean+own*(rho[i]-mean), 0), mostAlike)
	}
}

// worth is how many independent values n values are worth when their autocorrelation is rho (Bartlett 1935).
func worth(n int, rho float64) float64 { return float64(n) * (1 - rho) / (1 + rho) }

// slopeP is the one-sided p-value of the slope of the least-squares line, for growth.
func slopeP(y []float64, rho float64) float64 {
	n := float64(len(y))
	slope, _, squares := fit(y)
	if squares <= 0 { // all on one line
		if slope > 0 {
			return 0
		}
		return .5
	}
	independent := worth(len(y), rho)
	freedom := max(1, independent-2)
	spread := (n*n - 1) / 12 * independent // sum of squares around their mean of so many x, spread evenly over 0 … n−1
	t := slope / math.Sqrt(squares/n*independent/freedom/spread)
	p := stats.Student(t, freedom) / 2
	if t < 0 {
		return 1 - p
	}
	return p
}

// stepP is the p-value of a split of n values, allowing for their autocorrelation: a t-test of one split, times the
// number of places to split at (at most n). Else splits of what merely wanders would look certain and, because they are
// many, make trends look certain, too.
func stepP(n int, s stats.Split, rho float64) float64 {
	if s.At == 0 || s.Explained >= 1 {
		return s.P
	}
	freedom := max(1, worth(n, rho)-2)
	t := math.Sqrt(s.Explained / (1 - s.Explained) * freedom)
	return max(s.P, min(1, stats.Student(t, freedom)*float64(n)))
}

// fit is the least-squares line through a series: its slope, what is left over, and the sum of squares of that.
func fit(y []float64) (slope float64, rest []float64, squares float64) {
	n := float64(len(y))
	mean, middle := 0.0, (n-1)/2
	for _, v := range y {
		mean += v / n
	}
	for i, v := range y {
		slope += (float64(i) - middle) * (v - mean)
	}
	slope /= n * (n*n - 1) / 12
	rest = make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - mean - slope*(float64(i)-middle)
		squares += rest[i] * rest[i]
	}
	return slope, rest, squares
}

// around is what is left of a series when its mean is taken out.
func around(y []float64) []float64 {
	mean := 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	rest := make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - mean
	}
	return rest
}
