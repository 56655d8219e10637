package bounded_test

import (
	"math"
	"testing"

	"oteltop/aggregate/bounded"
)

func TestEntry(t *testing.T) {
	m, dropped := map[int]*int{}, uint64(0)
	for i := range 5 {
		*bounded.Entry(m, i%4, 2, &dropped) += i + 1
	}
	if len(m) != 2 || *m[0] != 1+5 || *m[1] != 2 || dropped != 2 {
		t.Errorf("%v, %d dropped", m, dropped)
	}
}

func TestSum(t *testing.T) {
	for _, c := range [][3]int64{{1, 2, 3}, {math.MaxInt64, 0, math.MaxInt64}, {math.MaxInt64, 1, math.MaxInt64}, {1, math.MaxInt64, math.MaxInt64}} {
		if got := bounded.Sum(c[0], c[1]); got != c[2] {
			t.Errorf("%d + %d = %d", c[0], c[1], got)
		}
	}
}
