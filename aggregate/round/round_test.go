package round

import (
	"math"
	"testing"
)

func TestUp(t *testing.T) {
	inf := math.Inf(1)
	axis := []float64{1, 2, 5}
	bars := []float64{10, 12, 15, 20, 25, 30, 40, 50, 60, 80}
	for _, c := range []struct {
		name        string
		steps       []float64
		least, want float64
	}{
		{"a step itself", axis, 1, 1},
		{"between two steps", axis, 3, 5},
		{"just above a step", axis, math.Nextafter(5, 6), 10},
		{"beyond the last step", axis, 7, 10},
		{"a power of ten", axis, 1e9, 1e9},
		{"far up", axis, 2.5e17, 5e17},
		{"other steps", bars, 1_200_001, 1_500_000},
		{"beyond the last of other steps", bars, 81, 100},
		{"below the first step", bars, 3, 10},
		{"nothing", axis, 0, 1},
		{"below nothing", axis, -40, 1},
		{"the longest duration", axis, math.MaxInt64, 1e19},
		{"no number", axis, math.NaN(), 1},
		{"without end", axis, inf, inf},
		{"below everything", axis, -inf, 1},
		{"the largest number", axis, math.MaxFloat64, inf},
	} {
		if got := Up(c.least, c.steps...); got != c.want {
			t.Errorf("%s: Up(%v) = %v, want %v", c.name, c.least, got, c.want)
		}
	}
}
