package stats

import "math"

// minExpected is the smallest expected count of a cell for which the G statistic is near enough to its
// χ² distribution (Cochran 1954).
const minExpected = 5

// GTest is the p-value of the likelihood-ratio test (Wilks 1938; Woolf 1957) that the shares a of n and
// c of m are equal: G = 2Σ O·ln(O/E) over the four cells, χ² with one degree of freedom. 1 where a
// margin is empty, because then there is nothing to compare.
func GTest(a, n, c, m uint64) float64 {
	total := float64(n) + float64(m)
	with := float64(a) + float64(c)
	if n == 0 || m == 0 || with == 0 || with == total {
		return 1
	}
	g := 0.0
	add := func(observed, row, column float64) {
		if observed > 0 {
			g += observed * math.Log(observed*total/(row*column))
		}
	}
	add(float64(a), float64(n), with)
	add(float64(n-a), float64(n), total-with)
	add(float64(c), float64(m), with)
	add(float64(m-c), float64(m), total-with)
	return math.Erfc(math.Sqrt(max(g, 0))) // P(χ²₁ ≥ 2g) = erfc(√g)
}

// fisherSlack is how much likelier than the observed table another may be by rounding alone and still
// count as no likelier.
const fisherSlack = 1e-7

// Fisher is the two-sided p-value of the exact test (Fisher 1935; tables no likelier than the observed
// one, after Irwin) that the shares a of n and c of m are equal. It takes as many steps as the smallest
// margin is large.
func Fisher(a, n, c, m uint64) float64 {
	if n == 0 || m == 0 {
		return 1
	}
	with := a + c
	lo := uint64(0)
	if with > m {
		lo = with - m
	}
	hi := min(with, n)
	constant := logChoose(n+m, with)
	observed := logChoose(n, a) + logChoose(m, c) - constant
	// From the first table on, each probability follows from the one before.
	p, sum := logChoose(n, lo)+logChoose(m, with-lo)-constant, 0.0
	for x := lo; ; x++ {
		if p <= observed+fisherSlack {
			sum += math.Exp(p)
		}
		if x == hi {
			return min(sum, 1)
		}
		p += math.Log(float64(n-x)) + math.Log(float64(with-x)) -
			math.Log(float64(x+1)) - math.Log(float64(m+x+1-with))
	}
}

func logChoose(n, k uint64) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return a - b - c
}

// Association is the p-value that the shares a of n and c of m are equal: GTest, or Fisher where a
// cell is expected to hold fewer than 5.
func Association(a, n, c, m uint64) float64 {
	with, total := float64(a+c), float64(n+m)
	if total == 0 {
		return 1
	}
	if float64(min(n, m))*min(with, total-with)/total < minExpected {
		return Fisher(a, n, c, m)
	}
	return GTest(a, n, c, m)
}

// Stratum is one 2×2 table of several: a of n on one side, c of m on the other.
type Stratum struct{ A, N, C, M uint64 }

// MantelHaenszel is the p-value that within each stratum the two shares are equal (Cochran 1954; Mantel &
// Haenszel 1959, with continuity correction, χ² with one degree of freedom): what is left of an
// association when the strata are held fixed. 1 where no stratum has anything to compare.
func MantelHaenszel(strata ...Stratum) float64 {
	off, variance := 0.0, 0.0
	for _, s := range strata {
		n, m := float64(s.N), float64(s.M)
		total, with := n+m, float64(s.A)+float64(s.C)
		if total < 2 {
			continue
		}
		off += float64(s.A) - n*with/total
		variance += n * m * with * (total - with) / (total * total * (total - 1))
	}
	if variance <= 0 {
		return 1
	}
	return TwoSided(max(math.Abs(off)-0.5, 0) / math.Sqrt(variance))
}
