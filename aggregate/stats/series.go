package stats

import (
	"cmp"
	"math"
	"slices"
)

// minSide is how many values a part of a series needs to be called a level.
const minSide = 3

// rounding is the share of the square of its mean that the variance of equal values may have.
const rounding = 1e-24

// LagOne is the autocorrelation of a series with itself one step later, −1…1; 0 where nothing varies.
func LagOne(y []float64) float64 {
	mean := mean(y)
	var products, squares float64
	for i, v := range y {
		squares += (v - mean) * (v - mean)
		if i > 0 {
			products += (v - mean) * (y[i-1] - mean)
		}
	}
	if squares <= 0 {
		return 0
	}
	return products / squares
}

// mean is 0 of nothing.
func mean(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(max(len(y), 1))
}

// MannKendallSerial is MannKendall of a series whose neighbours are alike (Yue & Wang 2004): the variance
// grows by 1 + 2Σ(1−k/n)ρᵏ, with ρ the autocorrelation that is left when the line of Theil and Sen is taken
// out, corrected for its bias in short series (Kendall 1954). Latencies of neighbouring windows are
// alike, and the plain test finds trends in such series that are none. p is one-sided.
func MannKendallSerial(y []float64) (z, p float64) {
	_, z, _ = MannKendall(y)
	n := float64(len(y))
	if n < 4 {
		return 0, 0.5
	}
	slope, intercept := TheilSen(y)
	rest := make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - intercept - slope*float64(i)
	}
	rho := LagOne(rest)
	rho = min(rho+(1+4*rho)/n, 0.95)
	if rho > 0 {
		factor, power := 1.0, 1.0
		for k := 1.0; k < n; k++ {
			power *= rho
			factor += 2 * (1 - k/n) * power
		}
		z /= math.Sqrt(factor)
	}
	return z, UpperTail(z)
}

// Split is the moment that tells a series best apart into two levels.
type Split struct {
	At            int     // the first value of the later level; 0: the series has no two levels
	Before, After float64 // means of the levels
	Explained     float64 // share of the variance that the two levels explain, 0…1
	P             float64 // two-sided, of as many t-tests as there are places to split at
}

// BestSplit finds the split of a series that explains most of its variance, with at least three values on
// either side, and tests it for a shift of the mean (Student 1908, times the number of splits that were
// tried: Bonferroni). Of a line it explains three quarters.
func BestSplit(y []float64) Split {
	best := Split{P: 1}
	n := len(y)
	if n < 2*minSide {
		return best
	}
	all, left := mean(y), 0.0
	total := 0.0
	for _, v := range y {
		total += (v - all) * (v - all)
	}
	if total <= rounding*all*all {
		return best
	}
	sum := all * float64(n)
	for i, v := range y {
		if i >= minSide && i <= n-minSide {
			a, b := left/float64(i), (sum-left)/float64(n-i)
			between := float64(i)*(a-all)*(a-all) + float64(n-i)*(b-all)*(b-all)
			if share := min(between/total, 1); share > best.Explained {
				best = Split{At: i, Before: a, After: b, Explained: share}
			}
		}
		left += v
	}
	freedom := float64(n - 2)
	best.P = 0
	if best.Explained < 1 {
		t := math.Sqrt(best.Explained / (1 - best.Explained) * freedom)
		best.P = min(1, Student(t, freedom)*float64(n-2*minSide+1))
	}
	return best
}

// LineFit is the share of the variance of a series that its least-squares line explains, 0…1.
func LineFit(y []float64) float64 {
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i)
	}
	r := Pearson(x, y)
	return r * r
}

// Pearson is the correlation of two samples of the same length, −1…1; 0 where one does not vary.
func Pearson(x, y []float64) float64 {
	a, b := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - a) * (y[i] - b)
		xx += (x[i] - a) * (x[i] - a)
		yy += (y[i] - b) * (y[i] - b)
	}
	if xx <= 0 || yy <= 0 {
		return 0
	}
	return min(max(xy/math.Sqrt(xx*yy), -1), 1)
}

// CorrelationP is the two-sided p-value of a correlation of n pairs, by Fisher's z (1921). n may be an
// effective number of pairs; below 4 nothing is known.
func CorrelationP(r, n float64) float64 {
	if n < 4 {
		return 1
	}
	if math.Abs(r) >= 1 {
		return 0
	}
	return TwoSided(math.Atanh(r) * math.Sqrt(n-3))
}

// Ranks are those of values, from 1, equal ones sharing the mean of theirs: Pearson of them is Spearman's ρ (1904).
func Ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	ranks := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			ranks[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return ranks
}

// PositiveMean is the mean of values and the one-sided p-value that theirs is not above 0 (Student 1908). Fewer than
// two say nothing.
func PositiveMean(v []float64) (m, p float64) {
	m = mean(v)
	if len(v) < 2 {
		return m, 1
	}
	squares := 0.0
	for _, x := range v {
		squares += (x - m) * (x - m)
	}
	n := float64(len(v))
	if squares <= 0 {
		return m, boundary(m)
	}
	t := m / math.Sqrt(squares/(n-1)/n)
	if p = Student(t, n-1) / 2; t < 0 {
		p = 1 - p
	}
	return m, p
}

// boundary is the p-value of a mean without any spread.
func boundary(m float64) float64 {
	if m > 0 {
		return 0
	}
	return 1
}
