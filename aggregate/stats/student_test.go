package stats

import (
	"math"
	"testing"
)

// TestStudent compares with tabulated quantiles of Student's t.
func TestStudent(t *testing.T) {
	for _, x := range []struct{ t, freedom, p float64 }{
		{12.706, 1, .05}, {4.303, 2, .05}, {2.571, 5, .05}, {2.042, 30, .05}, {1.960, 1e6, .05},
		{63.657, 1, .01}, {4.032, 5, .01}, {2.576, 1e6, .01}, {0, 7, 1}, {-2.571, 5, .05},
		{.5, 1, 1 - 2/math.Pi*math.Atan(.5)}, // Cauchy's distribution
	} {
		if p := Student(x.t, x.freedom); math.Abs(p-x.p) > .001*x.p+2e-5 {
			t.Errorf("t %v, %v degrees of freedom: %v, want %v", x.t, x.freedom, p, x.p)
		}
	}
	last := 1.0
	for x := .25; x < 60; x += .25 {
		p := Student(x, 8)
		if !(p < last && p > 0) {
			t.Fatalf("not falling at %v: %v after %v", x, p, last)
		}
		last = p
	}
}
