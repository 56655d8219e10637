package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exact computes Fisher's test in rational arithmetic.
func exact(a, n, c, m int64) float64 {
	with := a + c
	weight := func(x int64) *big.Int {
		return new(big.Int).Mul(new(big.Int).Binomial(n, x), new(big.Int).Binomial(m, with-x))
	}
	observed, sum, all := weight(a), new(big.Int), new(big.Int)
	for x := max(0, with-m); x <= min(n, with); x++ {
		w := weight(x)
		all.Add(all, w)
		if w.Cmp(observed) <= 0 {
			sum.Add(sum, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(sum, all).Float64()
	return p
}

func TestFisherPublished(t *testing.T) {
	near(t, "the lady tasting tea, three of four", Fisher(3, 4, 1, 4), 34.0/70, 1e-9) // Fisher 1935
	near(t, "the lady tasting tea, all", Fisher(4, 4, 0, 4), 2.0/70, 1e-9)
	near(t, "convicts' twins", Fisher(2, 17, 10, 13), 0.0005367, 5e-7) // Fisher 1935, R's example
	near(t, "of nothing", Fisher(0, 0, 3, 10), 1, 0)
}

func TestFisherMatchesRationals(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for range 500 {
		n, m := 1+rng.Int64N(60), 1+rng.Int64N(60)
		a, c := rng.Int64N(n+1), rng.Int64N(m+1)
		want := exact(a, n, c, m)
		near(t, "p", Fisher(uint64(a), uint64(n), uint64(c), uint64(m)), want, 1e-6*want+1e-15)
	}
}

// G of 2×2 tables by the form Σ O ln O − Σ margins + N ln N, and χ²₁ by integration of its density.
func TestGTestMatchesIntegration(t *testing.T) {
	xlogx := func(x float64) float64 {
		if x == 0 {
			return 0
		}
		return x * math.Log(x)
	}
	for _, c := range [][4]uint64{{60, 100, 40, 100}, {12, 600, 300, 9000}, {5, 50, 0, 50}, {30, 40, 30, 40}} {
		a, n, k, m := float64(c[0]), float64(c[1]), float64(c[2]), float64(c[3])
		g := 2 * (xlogx(a) + xlogx(n-a) + xlogx(k) + xlogx(m-k) - xlogx(n) - xlogx(m) - xlogx(a+k) - xlogx(n+m-a-k) + xlogx(n+m))
		// P(χ²₁ < g) = 2∫₀^√g φ: Simpson's rule.
		const steps = 20_000
		h, sum := math.Sqrt(max(g, 0))/steps, 0.0
		for i := 0; i <= steps; i++ {
			w := 2.0
			switch {
			case i == 0 || i == steps:
				w = 1
			case i%2 == 1:
				w = 4
			}
			x := float64(i) * h
			sum += w * math.Exp(-x*x/2)
		}
		want := 1 - 2*sum*h/3/math.Sqrt(2*math.Pi)
		near(t, "p", GTest(c[0], c[1], c[2], c[3]), want, 1e-9)
	}
	near(t, "empty margin", GTest(0, 10, 0, 20), 1, 0)
	near(t, "full margin", GTest(10, 10, 20, 20), 1, 0)
	near(t, "empty side", GTest(0, 0, 5, 20), 1, 0)
}

func TestAssociationChooses(t *testing.T) {
	if got, want := Association(3, 4, 1, 4), Fisher(3, 4, 1, 4); got != want {
		t.Errorf("small cells: %v, want Fisher's %v", got, want)
	}
	if got, want := Association(60, 100, 40, 100), GTest(60, 100, 40, 100); got != want {
		t.Errorf("large cells: %v, want G's %v", got, want)
	}
}

// Under the null about 5 % of tests at 5 % reject, whichever test is chosen.
func TestAssociationRejects(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	rejected, runs := 0, 4000
	for range runs {
		p := 0.05 + 0.9*rng.Float64()
		var a, c uint64
		for range 200 {
			if rng.Float64() < p {
				a++
			}
			if rng.Float64() < p {
				c++
			}
		}
		if Association(a, 200, c, 200) < 0.05 {
			rejected++
		}
	}
	near(t, "rejection rate", float64(rejected)/float64(runs), 0.05, 0.015)
}

// The worked example of Benjamini & Hochberg 1995, section 3.2: fifteen p-values, four discoveries at 5 %.
func TestBenjaminiHochbergPublished(t *testing.T) {
	p := []float64{1, .0001, .0004, .0095, .0019, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590}
	q := BenjaminiHochberg(p)
	found := 0
	for _, v := range q {
		if v <= .05 {
			found++
		}
	}
	if found != 4 {
		t.Errorf("%d discoveries, want 4: %v", found, q)
	}
	near(t, "q of .0095", q[3], .0095*15/4, 1e-12)
	near(t, "q of .0201: monotone", q[5], min(.0201*15/5, .0278*15/6, .0298*15/7, .0344*15/8), 1e-12)
	near(t, "q of 1", q[0], 1, 0)
	if len(BenjaminiHochberg(nil)) != 0 {
		t.Error("q-values of nothing")
	}
}

// The simulation of section 3.3: 6,700 true nulls. Naive p < 5 % gives hundreds of false hits, BH hardly one
// in twenty runs.
func TestBenjaminiHochbergHoldsTheRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	naive, wrong, runs := 0, 0, 60
	for range runs {
		p := make([]float64, 6700)
		for i := range p {
			if p[i] = rng.Float64(); p[i] < .05 {
				naive++
			}
		}
		for _, q := range BenjaminiHochberg(p) {
			if q < .05 {
				wrong++
			}
		}
	}
	near(t, "naive hits per run", float64(naive)/float64(runs), 335, 20)
	if wrong > runs/5 {
		t.Errorf("%d false discoveries in %d runs", wrong, runs)
	}
}

// The admissions to Berkeley's six largest departments in 1973 (Bickel, Hammel & O'Connell 1975): women are
// admitted less often over all, but not within departments; R's mantelhaen.test says X² = 1.4269 on
// 1 degree of freedom, p = 0.2323 (with correction).
func TestMantelHaenszelPublished(t *testing.T) {
	departments := []Stratum{
		{512, 825, 89, 108}, {353, 560, 17, 25}, {120, 325, 202, 593},
		{138, 417, 131, 375}, {53, 191, 94, 393}, {22, 373, 24, 341},
	}
	var all Stratum
	for _, d := range departments {
		all.A, all.N, all.C, all.M = all.A+d.A, all.N+d.N, all.C+d.C, all.M+d.M
	}
	if p := GTest(all.A, all.N, all.C, all.M); p > 1e-15 {
		t.Errorf("over all: p = %v", p)
	}
	near(t, "within departments", MantelHaenszel(departments...), .2323, .00005)
	near(t, "nothing to compare", MantelHaenszel(Stratum{3, 3, 4, 4}, Stratum{}), 1, 0)
}
