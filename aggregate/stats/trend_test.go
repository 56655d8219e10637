package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/hist"
)

func TestSpreadMatchesSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 17))
	v := lognormal(rng, 4001, 2e6, .5)
	s, ok := Spread(histogram(v...))
	logs := make([]float64, len(v))
	for i, x := range v {
		logs[i] = math.Log(float64(x))
	}
	slices.Sort(logs)
	centre := logs[2000]
	for i := range logs {
		logs[i] = math.Abs(logs[i] - centre)
	}
	slices.Sort(logs)
	bin := math.Ln2 / hist.PerOctave
	if !ok {
		t.Fatal("no spread")
	}
	near(t, "median", s.Median, centre, bin)
	near(t, "MAD", s.MAD, logs[2000], 1.5*bin)
	near(t, "z of the median", s.Z(int64(math.Exp(s.Median))), 0, .001)
	near(t, "z", s.Z(2e7), .6745*(math.Log(2e7)-s.Median)/s.MAD, 1e-9)
	if _, ok := Spread(histogram()); ok {
		t.Error("a spread of nothing")
	}
}

// Section 3.2: on the logarithm hardly any healthy request is an outlier, constant latency with a jitter of
// 0.1 % has none.
func TestOutliersOfHealthyTraffic(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 19))
	flagged := func(v []int64) (share float64) {
		s, _ := Spread(histogram(v...))
		for _, x := range v {
			share += count(s.Z(x) > OutlierZ) / float64(len(v))
		}
		return share
	}
	if f := flagged(lognormal(rng, 100_000, 1e6, .6)); f > .0006 {
		t.Errorf("log-normal: %v flagged", f)
	}
	constant := make([]int64, 10_000)
	for i := range constant {
		constant[i] = int64(1e8 * (1 + .001*rng.NormFloat64()))
	}
	if f := flagged(constant); f != 0 {
		t.Errorf("constant: %v flagged", f)
	}
}

func TestTheilSen(t *testing.T) {
	y := []float64{1, 3, 5, 7, 900, 11, 13, -400, 17, 19} // 2i+1 but for two
	slope, intercept := TheilSen(y)
	near(t, "slope", slope, 2, 1e-9)
	near(t, "intercept", intercept, 1, 1e-9)
	for _, c := range []struct {
		y                []float64
		slope, intercept float64
	}{{nil, 0, 0}, {[]float64{4}, 0, 4}, {[]float64{1, 4}, 3, 1}} {
		slope, intercept := TheilSen(c.y)
		near(t, "slope", slope, c.slope, 0)
		near(t, "intercept", intercept, c.intercept, 0)
	}
}

// s of all orders of four values sums to 0 with variance n(n−1)(2n+5)/18 = 26/3, as permutations say.
func TestMannKendallPermutations(t *testing.T) {
	sum, squares, n := 0, 0, 0
	for _, a := range []float64{1, 2, 3, 4} {
		for _, b := range []float64{1, 2, 3, 4} {
			for _, c := range []float64{1, 2, 3, 4} {
				d := 10 - a - b - c
				if a == b || a == c || b == c || d < 1 || d > 4 || d == a || d == b || d == c {
					continue
				}
				s, z, _ := MannKendall([]float64{a, b, c, d})
				want := 0.0
				if s != 0 {
					want = math.Copysign(math.Abs(float64(s))-1, float64(s)) / math.Sqrt(26.0/3)
				}
				near(t, "z", z, want, 1e-12)
				sum, squares, n = sum+s, squares+s*s, n+1
			}
		}
	}
	near(t, "orders", float64(n), 24, 0)
	near(t, "mean", float64(sum), 0, 0)
	near(t, "variance", float64(squares)/float64(n), 26.0/3, 1e-12)
	if s, z, p := MannKendall([]float64{5, 5, 5}); s != 0 || z != 0 || p != .5 {
		t.Errorf("constant: %v %v %v", s, z, p)
	}
	if _, _, p := MannKendall(nil); p != .5 {
		t.Errorf("nothing: %v", p)
	}
}

// Section 3.5: a flat series hardly ever rises at 1 %, one that doubles over 30 windows always does, and its
// slope is found.
func TestTrendRates(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 21))
	const windows, runs = 30, 400
	series := func(growth float64) []float64 {
		y := make([]float64, windows)
		for i := range y {
			y[i] = growth*float64(i)/windows + .044*rng.NormFloat64()
		}
		return y
	}
	flat, doubled, slopes := 0.0, 0.0, 0.0
	for range runs {
		if _, _, p := MannKendall(series(0)); p < .01 {
			flat++
		}
		y := series(math.Ln2)
		if _, _, p := MannKendall(y); p < .01 {
			doubled++
		}
		slope, _ := TheilSen(y)
		slopes += slope * windows
	}
	if flat/runs > .03 || doubled != runs {
		t.Errorf("flat %v, doubled %v of %d", flat, doubled, runs)
	}
	near(t, "growth", math.Exp(slopes/runs), 2, .03)
}
