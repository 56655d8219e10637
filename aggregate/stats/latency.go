package stats

import (
	"math"
	"slices"

	"oteltop/aggregate/hist"
)

// KolmogorovSmirnov compares the shapes of two samples (Kolmogorov 1933, Smirnov 1948): d is the largest
// difference of their distribution functions at the bounds of bins, which is at most that of the values
// themselves, so the test errs on the side of "no difference". p = 2Σ(−1)^{k−1}e^{−2k²λ²} with
// λ = d√(n_a n_b/N), the asymptotic distribution. An empty sample gives 0 and 1.
func KolmogorovSmirnov(a, b *hist.Histogram) (d, p float64) {
	na, nb := float64(a.Count()), float64(b.Count())
	if na == 0 || nb == 0 {
		return 0, 1
	}
	var fa, fb float64
	eachBin(a, b, func(_ int, x, y float64) {
		fa += x / na
		fb += y / nb
		d = max(d, math.Abs(fa-fb))
	})
	return d, kolmogorov(d * math.Sqrt(na*nb/(na+nb)))
}

// kolmogorov is the upper tail of Kolmogorov's distribution. Below 0.2 it is 1 to within 10⁻¹², and the
// series converges too slowly to say so.
func kolmogorov(lambda float64) float64 {
	if lambda < 0.2 {
		return 1
	}
	sum, sign := 0.0, 1.0
	for k := 1.0; k <= 100; k++ {
		term := math.Exp(-2 * k * k * lambda * lambda)
		sum += sign * term
		if term < 1e-16 {
			break
		}
		sign = -sign
	}
	return min(max(2*sum, 0), 1)
}

// TailShare says how much of two samples lies beyond a quantile of the first.
type TailShare struct {
	Threshold      int64  // ns: what counts as beyond is at least so large
	A, NA          uint64 // beyond the threshold, of all
	B, NB          uint64
	P              float64  // that the shares are equal, two-sided
	Difference     Interval // of share b − share a, 95 %
	ShareA, ShareB float64
}

// Ratio is how many times larger the second share is. A share of nothing counts as half a value.
func (t TailShare) Ratio() float64 {
	if t.NA == 0 || t.NB == 0 {
		return 1
	}
	return max(t.ShareB, 0.5/float64(t.NB)) / max(t.ShareA, 0.5/float64(t.NA))
}

// Tail compares how much of a and b lies above the bin of quantile q of a: a two-proportion test
// (Association) with Newcombe's interval. It sees what tests of shift and shape do not: one request in a
// hundred that takes ten times as long.
func Tail(a, b *hist.Histogram, q float64) TailShare {
	t := TailShare{NA: a.Count(), NB: b.Count(), P: 1}
	if t.NA == 0 || t.NB == 0 {
		return t
	}
	bin := hist.Bin(a.Quantile(q))
	t.Threshold = hist.Low(bin + 1)
	eachBin(a, b, func(at int, x, y float64) {
		if at > bin {
			t.A += uint64(x)
			t.B += uint64(y)
		}
	})
	t.ShareA, t.ShareB = Ratio(t.A, t.NA), Ratio(t.B, t.NB)
	t.P = Association(t.A, t.NA, t.B, t.NB)
	t.Difference = Newcombe(t.B, t.NB, t.A, t.NA, Z95)
	return t
}

// ShiftRatio is how many times longer b takes than a: exp of the median of the differences of the
// logarithms of their deciles, q = 0.1…0.9. It stands in for the shift of Hodges & Lehmann (1963), which
// needs all pairs. 1 where a sample is empty.
func ShiftRatio(a, b *hist.Histogram) float64 {
	if a.Count() == 0 || b.Count() == 0 {
		return 1
	}
	var d [9]float64
	for i := range d {
		q := float64(i+1) / 10
		d[i] = math.Log(float64(b.Quantile(q))) - math.Log(float64(a.Quantile(q)))
	}
	slices.Sort(d[:])
	return math.Exp(d[len(d)/2])
}
