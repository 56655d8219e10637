package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// autoregressive is noise of so large a standard deviation whose neighbours correlate by phi.
func autoregressive(rng *rand.Rand, n int, phi, deviation float64) []float64 {
	y := make([]float64, n)
	last := rng.NormFloat64()
	for i := range y {
		last = phi*last + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		y[i] = deviation * last
	}
	return y
}

// Section 3.5: in series whose neighbours correlate by .6, the plain test finds trends far more often than
// at its 1 %, the corrected one does not, and still finds what doubles over 30 windows.
func TestMannKendallSerialRates(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	const runs, windows = 2000, 30
	var plain, corrected, independent, doubled float64
	for range runs {
		y := autoregressive(rng, windows, .6, .044)
		if _, _, p := MannKendall(y); p < .01 {
			plain++
		}
		if _, p := MannKendallSerial(y); p < .01 {
			corrected++
		}
		if _, p := MannKendallSerial(autoregressive(rng, windows, 0, .044)); p < .01 {
			independent++
		}
		for i := range y {
			y[i] += math.Ln2 * float64(i) / windows
		}
		if _, p := MannKendallSerial(y); p < .01 {
			doubled++
		}
	}
	t.Logf("plain %.4f, corrected %.4f, independent %.4f, doubled %.4f", plain/runs, corrected/runs, independent/runs, doubled/runs)
	if plain/runs < .05 || corrected/runs > .025 || independent/runs > .01 || doubled/runs < .97 {
		t.Errorf("plain %v, corrected %v, independent %v, doubled %v of %d", plain, corrected, independent, doubled, runs)
	}
}

func TestBestSplit(t *testing.T) {
	s := BestSplit([]float64{1, 1.1, .9, 1, 5, 5.1, 4.9})
	near(t, "at", float64(s.At), 4, 0)
	near(t, "before", s.Before, 1, 1e-12)
	near(t, "after", s.After, 5, 1e-12)
	if s.Explained < .99 || s.P > 1e-5 {
		t.Errorf("%+v", s)
	}
	line := make([]float64, 200)
	for i := range line {
		line[i] = float64(i)
	}
	near(t, "of a line", BestSplit(line).Explained, .75, .001)
	for _, y := range [][]float64{nil, {1, 2, 3, 4, 5}, {2, 2, 2, 2, 2, 2, 2}, {.1, .1, .1, .1, .1, .1, .1}} {
		if s := BestSplit(y); s.At != 0 || s.P != 1 {
			t.Errorf("%v: %+v", y, s)
		}
	}
	if s := BestSplit([]float64{0, 0, 0, 1, 1, 1}); s.At != 3 || s.P != 0 || s.Explained != 1 {
		t.Errorf("without noise: %+v", s)
	}
}

// The p-value of a split holds although the best of many is taken: 5 % of flat series are split at most.
func TestBestSplitRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	const runs = 2000
	split := 0.0
	for range runs {
		if BestSplit(autoregressive(rng, 30, 0, 1)).P < .05 {
			split++
		}
	}
	if split/runs > .05 || split == 0 {
		t.Errorf("%v of %d", split, runs)
	}
}

func TestCorrelation(t *testing.T) {
	// Anscombe's first set (1973).
	x := []float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}
	y := []float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}
	near(t, "r", Pearson(x, y), .81642, 1e-5)
	near(t, "fit", LineFit([]float64{3, 5, 7}), 1, 1e-12)
	near(t, "constant", Pearson(x, make([]float64, len(x))), 0, 0)
	near(t, "p", CorrelationP(.5, 28), TwoSided(math.Atanh(.5)*5), 1e-15)
	near(t, "too few", CorrelationP(.99, 3), 1, 0)
	near(t, "lag", LagOne([]float64{1, -1, 1, -1}), -.75, 1e-12)
}

func TestRanksAndMeans(t *testing.T) {
	for i, want := range []float64{2.5, 1, 4, 2.5, 5} {
		near(t, "rank", Ranks([]float64{3, 1, 4, 3, 9})[i], want, 0)
	}
	if len(Ranks(nil)) != 0 {
		t.Error("ranks of nothing")
	}
	// Student's own example (1908): the sleep that a drug gained ten patients, t = 1.3257, and another, t = 3.6799.
	first := []float64{.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2}
	second := []float64{1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	m, p := PositiveMean(first)
	near(t, "mean", m, .75, 1e-12)
	near(t, "p", p, .1088, 1e-4)
	m, p = PositiveMean(second)
	near(t, "mean", m, 2.33, 1e-12)
	near(t, "p", p, .00253, 1e-5)
	for i := range first {
		first[i] = -first[i]
	}
	_, p = PositiveMean(first)
	near(t, "p of what falls", p, 1-.1088, 1e-4)
	_, p = PositiveMean([]float64{1})
	near(t, "of one", p, 1, 0)
}
