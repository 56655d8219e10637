package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/hist"
)

func histogram(values ...int64) *hist.Histogram {
	h := new(hist.Histogram)
	for _, v := range values {
		h.Add(v)
	}
	return h
}

// Without shared bins the histogram's U is the textbook's. The second sample exceeds the first in 20 of 25
// pairs.
func TestMannWhitneyByHand(t *testing.T) {
	a, b := []int64{10, 30, 50, 70, 200}, []int64{40, 80, 100, 160, 400}
	pairs := 0
	for _, x := range a {
		for _, y := range b {
			if y > x {
				pairs++
			}
		}
	}
	r := MannWhitney(histogram(a...), histogram(b...))
	near(t, "AUC", r.AUC, float64(pairs)/25, 1e-12)
	near(t, "binning", r.Binning, 0, 0)
	near(t, "z", r.Z, (float64(pairs)-12.5-.5)/math.Sqrt(25*11/12.0), 1e-12)
	back := MannWhitney(histogram(b...), histogram(a...))
	near(t, "swapped AUC", back.AUC, 1-r.AUC, 1e-12)
	near(t, "swapped z", back.Z, -r.Z, 1e-12)
}

// Against all pairs and ranks with ties, on counts.
func TestMannWhitneyTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for range 50 {
		a, b := make([]int, 1+rng.IntN(40)), make([]int, 1+rng.IntN(40))
		var ca, cb [6]uint64
		for i := range a {
			a[i] = rng.IntN(6)
			ca[a[i]]++
		}
		for i := range b {
			b[i] = rng.IntN(6)
			cb[b[i]]++
		}
		u := 0.0
		for _, x := range a {
			for _, y := range b {
				switch {
				case y > x:
					u++
				case y == x:
					u += .5
				}
			}
		}
		// The variance of the sum of mid-ranks under permutation: n_a n_b/(N(N−1)) Σ(rank−mean)².
		all := slices.Concat(a, b)
		slices.Sort(all)
		n, spread := float64(len(all)), 0.0
		for i := 0; i < len(all); {
			j := i
			for j < len(all) && all[j] == all[i] {
				j++
			}
			mid := float64(i+j+1) / 2
			spread += float64(j-i) * (mid - (n+1)/2) * (mid - (n+1)/2)
			i = j
		}
		na, nb := float64(len(a)), float64(len(b))
		r := MannWhitneyCounts(ca[:], cb[:])
		near(t, "AUC", r.AUC, u/(na*nb), 1e-12)
		if sigma := math.Sqrt(na * nb * spread / (n * (n - 1))); sigma > 0 {
			near(t, "|z|", math.Abs(r.Z), max(math.Abs(u-na*nb/2)-.5, 0)/sigma, 1e-9)
		}
	}
}

// The true difference is hardly ever less than the bound, and never for samples that say nothing.
func TestRankDistanceIsABound(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 31))
	const shift, runs = 1.0, 400
	truth := math.Erf(shift / 2) // P(X+1 > Y) − P(X+1 < Y) of standard normal X and Y
	above := 0
	for range runs {
		a, b := lognormal(rng, 40, 1e6, 1), lognormal(rng, 60, 1e6*math.E, 1)
		if MannWhitney(histogram(a...), histogram(b...)).Distance(40, 60, Z95) > truth {
			above++
		}
	}
	if above > runs/20 {
		t.Errorf("%d of %d bounds lie above the truth", above, runs)
	}
	apart := RankSum{AUC: 1}
	near(t, "three against many: too few to say", apart.Distance(3, 1000, Z95), 0, 0)
	near(t, "thirty against many, all larger", apart.Distance(30, 1000, Z95), 2*(Wilson(30, 30, Z95).Lower-.5), 1e-12)
	near(t, "mirrored", RankSum{AUC: 0}.Distance(50, 60, Z95), apart.Distance(50, 60, Z95), 1e-12)
	near(t, "nothing", apart.Distance(0, 9, Z95), 0, 0)
}

func TestMannWhitneyEdges(t *testing.T) {
	for name, r := range map[string]RankSum{
		"empty":    MannWhitney(histogram(), histogram(1, 2)),
		"both":     MannWhitney(histogram(), histogram()),
		"one bin":  MannWhitney(histogram(5, 5), histogram(5, 5, 5)),
		"no count": MannWhitneyCounts(nil, nil),
	} {
		if r.AUC != .5 || r.P != 1 || r.Z != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	near(t, "binning of one bin", MannWhitney(histogram(5), histogram(5)).Binning, .5, 0)
}

// Binning bounds what the bins can have changed.
func TestMannWhitneyBinningBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	a, b := lognormal(rng, 300, 1e6, .3), lognormal(rng, 300, 1.1e6, .3)
	u := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case y > x:
				u++
			case y == x:
				u += .5
			}
		}
	}
	r := MannWhitney(histogram(a...), histogram(b...))
	if off := math.Abs(r.AUC - u/90_000); off > r.Binning || r.Binning > .02 {
		t.Errorf("AUC %v off by %v, bound %v", r.AUC, off, r.Binning)
	}
}

func TestKolmogorovQuantiles(t *testing.T) { // Smirnov's table (1948)
	for _, c := range []struct{ lambda, p float64 }{{1.2238, .10}, {1.3581, .05}, {1.6276, .01}, {1.9495, .001}} {
		near(t, "p", kolmogorov(c.lambda), c.p, 5e-5)
	}
	near(t, "no difference", kolmogorov(0), 1, 0)
	d, _ := KolmogorovSmirnov(histogram(1, 10, 100), histogram(1, 1000, 1000))
	near(t, "d", d, 2.0/3, 1e-12)
	if d, p := KolmogorovSmirnov(histogram(), histogram(1)); d != 0 || p != 1 {
		t.Errorf("of nothing: %v, %v", d, p)
	}
}

func TestTail(t *testing.T) {
	a, b := new(hist.Histogram), new(hist.Histogram)
	for i := range int64(1000) {
		a.Add(1e6 + i*1e3)
		b.Add(1e6 + i*1e3)
	}
	for range 40 {
		b.Add(1e8)
	}
	x := Tail(a, b, .99)
	if x.NA != 1000 || x.NB != 1040 || x.B != x.A+40 || x.A > 10 {
		t.Fatalf("%+v", x)
	}
	if x.P > 1e-6 || x.Difference.Lower <= 0 || x.Ratio() < 3 {
		t.Errorf("%+v, ratio %v", x, x.Ratio())
	}
	if y := Tail(a, a, .99); y.P != 1 || math.Abs(y.Ratio()-1) > 1e-12 {
		t.Errorf("of itself: %+v", y)
	}
	if y := Tail(histogram(), b, .99); y.P != 1 || y.Ratio() != 1 {
		t.Errorf("of nothing: %+v", y)
	}
}

func TestShiftRatio(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 13))
	a := lognormal(rng, 5000, 1e6, .6)
	b := make([]int64, len(a))
	for i, v := range a {
		b[i] = v * 3 / 2
	}
	near(t, "ratio", ShiftRatio(histogram(a...), histogram(b...)), 1.5, .03)
	near(t, "of nothing", ShiftRatio(histogram(), histogram(b...)), 1, 0)
}

func lognormal(rng *rand.Rand, n int, median, sigma float64) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(median * math.Exp(sigma*rng.NormFloat64()))
	}
	return v
}

// The table of section 3.4 at n = 1000: which of the three tests sees which change. The figures there are
// of a log-normal latency; what matters here is that each test has its domain, and that all keep their
// level under the null.
func TestRejectionRates(t *testing.T) {
	const runs, n, sigma = 150, 1000, .6
	change := func(alter func(rng *rand.Rand, i int, v int64) int64) (shift, shape, tail float64) {
		rng := rand.New(rand.NewPCG(14, 15))
		for range runs {
			a, b := lognormal(rng, n, 5e6, sigma), lognormal(rng, n, 5e6, sigma)
			for i, v := range b {
				b[i] = alter(rng, i, v)
			}
			x, y := histogram(a...), histogram(b...)
			_, p := KolmogorovSmirnov(x, y)
			shift += count(MannWhitney(x, y).P < .01)
			shape += count(p < .01)
			tail += count(Tail(x, y, .99).P < .01)
		}
		return shift / runs, shape / runs, tail / runs
	}
	within := func(what string, got, low, high float64) {
		t.Helper()
		if got < low || got > high {
			t.Errorf("%s rejects %.3f, want %.3f…%.3f", what, got, low, high)
		}
	}
	shift, shape, tail := change(func(_ *rand.Rand, _ int, v int64) int64 { return v })
	within("shift of the null", shift, 0, .04)
	within("shape of the null", shape, 0, .03)
	within("tail of the null", tail, 0, .03)
	shift, shape, _ = change(func(_ *rand.Rand, _ int, v int64) int64 { return v * 6 / 5 })
	within("shift of ×1.2", shift, .99, 1)
	within("shape of ×1.2", shape, .95, 1)
	shift, shape, tail = change(func(rng *rand.Rand, _ int, v int64) int64 {
		if rng.Float64() < .01 {
			return v * 10
		}
		return v
	})
	within("shift of 1 % ×10", shift, 0, .06)
	within("shape of 1 % ×10", shape, 0, .05)
	within("tail of 1 % ×10", tail, .08, .6)
	_, _, tail = change(func(rng *rand.Rand, _ int, v int64) int64 {
		if rng.Float64() < .05 {
			return v * 10
		}
		return v
	})
	within("tail of 5 % ×10", tail, .97, 1)
	shift, shape, _ = change(func(_ *rand.Rand, _ int, v int64) int64 {
		return int64(5e6 * math.Pow(float64(v)/5e6, 1.35))
	})
	within("shift of a wider spread", shift, 0, .06)
	within("shape of a wider spread", shape, .2, 1)
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
