package stats

import (
	"math"

	"oteltop/aggregate/hist"
)

// eachBin calls yield with the counts of every bin that either histogram has something in, ascending.
// Counts below zero, which histograms have while something is taken back, are read as 0.
func eachBin(a, b *hist.Histogram, yield func(bin int, na, nb float64)) {
	low, high, ok := a.Range()
	l, h, also := b.Range()
	switch {
	case !ok && !also:
		return
	case !ok:
		low, high = l, h
	case also:
		low, high = min(low, l), max(high, h)
	}
	for bin := low; bin <= high; bin++ {
		if na, nb := max(a.At(bin), 0), max(b.At(bin), 0); na+nb > 0 {
			yield(bin, float64(na), float64(nb))
		}
	}
}

// RankSum is the outcome of MannWhitney.
type RankSum struct {
	// AUC is the probability that a value of the second sample exceeds one of the first, ties counting
	// half: 0.5 for no shift, 1 where all of the second lie above all of the first.
	AUC float64
	// Binning is the most by which values that share a bin can have moved AUC either way.
	Binning float64
	Z, P    float64 // normal approximation with tie and continuity correction; P is two-sided
}

// Distance is the least that |P(larger) − P(smaller)| = |2·AUC − 1| is, for samples of n and m: of yes-or-no
// values that is the difference of their shares. Whatever the distributions, the variance of AUC is at
// most AUC(1−AUC)/min(n, m) (Birnbaum & Klose 1957), that of a share of min(n, m), so it is bounded as
// one (Wilson 1927), and binning may have moved it.
func (r RankSum) Distance(n, m uint64, z float64) float64 {
	if n == 0 || m == 0 {
		return 0
	}
	auc := max(r.AUC, 1-r.AUC)
	return max(2*(wilson(auc, float64(min(n, m)), z).Lower-0.5-r.Binning), 0)
}

// MannWhitney compares two samples by rank (Mann & Whitney 1947; Wilcoxon 1945), with all values of a bin
// tied: U = Σ b_i(Σ_{j<i} a_j + a_i/2) and
//
//	σ² = n_a n_b/12 · [(N+1) − Σ t_i(t_i²−1)/(N(N−1))],  t_i = a_i + b_i
//
// (Lehmann 1975, for ties). An empty sample, or all values in one bin, gives AUC 0.5 and P 1.
func MannWhitney(a, b *hist.Histogram) RankSum {
	var u, tied, below, nb, ties float64
	eachBin(a, b, func(_ int, x, y float64) {
		u += y * (below + x/2)
		tied += x * y
		below += x
		nb += y
		t := x + y
		ties += t * (t*t - 1)
	})
	return rankSum(u, tied, ties, below, nb)
}

// rankSum finishes a Mann–Whitney test: u as above, tied = Σ a_i b_i, ties = Σ t(t²−1).
func rankSum(u, tied, ties, na, nb float64) RankSum {
	if na == 0 || nb == 0 {
		return RankSum{AUC: 0.5, P: 1}
	}
	n := na + nb
	r := RankSum{AUC: u / (na * nb), Binning: tied / (2 * na * nb), P: 1}
	variance := na * nb / 12 * ((n + 1) - ties/(n*max(n-1, 1)))
	if variance <= 0 {
		return r
	}
	off := u - na*nb/2
	r.Z = math.Copysign(max(math.Abs(off)-0.5, 0), off) / math.Sqrt(variance)
	r.P = TwoSided(r.Z)
	return r
}

// MannWhitneyCounts is MannWhitney for small whole numbers (calls per trace): a[v] and b[v] are how many
// of each sample have the value v. Nothing is binned, so Binning is 0.
func MannWhitneyCounts(a, b []uint64) RankSum {
	var u, below, nb, ties float64
	for v := range max(len(a), len(b)) {
		var x, y float64
		if v < len(a) {
			x = float64(a[v])
		}
		if v < len(b) {
			y = float64(b[v])
		}
		u += y * (below + x/2)
		below += x
		nb += y
		t := x + y
		ties += t * (t*t - 1)
	}
	return rankSum(u, 0, ties, below, nb)
}
