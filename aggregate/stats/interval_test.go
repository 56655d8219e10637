package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want, by float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > by {
		t.Errorf("%s = %.6g, want %.6g ± %g", what, got, want, by)
	}
}

// The examples of Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I,
// method 3.
func TestWilsonPublished(t *testing.T) {
	for _, c := range []struct {
		k, n         uint64
		lower, upper float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		i := Wilson(c.k, c.n, Z95)
		near(t, "lower", i.Lower, c.lower, 5e-5)
		near(t, "upper", i.Upper, c.upper, 5e-5)
	}
	if i := Wilson(0, 0, Z95); i != (Interval{0, 1}) {
		t.Errorf("of nothing: %v", i)
	}
	if i := Wilson(7, 7, Z95); i.Upper != 1 {
		t.Errorf("7 of 7: %v", i)
	}
}

// The examples of Newcombe 1998, "Interval estimation for the difference between independent
// proportions", table II, method 10.
func TestNewcombePublished(t *testing.T) {
	for _, c := range []struct {
		a, n, c, m   uint64
		lower, upper float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		i := Newcombe(c.a, c.n, c.c, c.m, Z95)
		near(t, "lower", i.Lower, c.lower, 5e-5)
		near(t, "upper", i.Upper, c.upper, 5e-5)
		back := Newcombe(c.c, c.m, c.a, c.n, Z95)
		near(t, "swapped lower", back.Lower, -i.Upper, 1e-12)
		near(t, "swapped upper", back.Upper, -i.Lower, 1e-12)
	}
}

func TestNewcombeWithinCoversEveryPair(t *testing.T) {
	i := NewcombeWithin(30, 5, 100, 12, 4, 200, Z95)
	for a := uint64(25); a <= 30; a++ {
		for c := uint64(8); c <= 12; c++ {
			j := Newcombe(a, 100, c, 200, Z95)
			if j.Lower < i.Lower || j.Upper > i.Upper {
				t.Errorf("a=%d c=%d: %v outside %v", a, c, j, i)
			}
		}
	}
}

func TestIntervalDistance(t *testing.T) {
	for _, c := range []struct {
		i    Interval
		want float64
	}{{Interval{0.1, 0.4}, 0.1}, {Interval{-0.4, -0.1}, 0.1}, {Interval{-0.1, 0.4}, 0}} {
		near(t, "distance", c.i.Distance(), c.want, 0)
	}
}

// Method 10 covers the true difference in about 95 % of samples (Newcombe reports 95.2 % on average).
func TestNewcombeCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	draw := func(n int, p float64) (k uint64) {
		for range n {
			if rng.Float64() < p {
				k++
			}
		}
		return k
	}
	covered, runs := 0, 4000
	for range runs {
		p, q := rng.Float64(), rng.Float64()
		i := Newcombe(draw(30, p), 30, draw(50, q), 50, Z95)
		if i.Lower <= p-q && p-q <= i.Upper {
			covered++
		}
	}
	near(t, "coverage", float64(covered)/float64(runs), 0.95, 0.015)
}
