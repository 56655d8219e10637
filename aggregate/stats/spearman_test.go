package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A published example without ties (IQ against hours of television, r = −29/165); with ties the
// coefficient is Pearson's of the mean ranks.
func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5}, []float64{2, 4, 8, 16, 32}, 1},
		{[]float64{1, 2, 3, 4, 5}, []float64{9, 7, 5, 3, 1}, -1},
		{[]float64{86, 97, 99, 100, 101, 103, 106, 110, 112, 113}, []float64{2, 20, 28, 27, 50, 29, 7, 17, 6, 12}, -29. / 165},
		{[]float64{1, 1, 2}, []float64{1, 2, 3}, math.Sqrt(3) / 2},
		{[]float64{1, 1, 1}, []float64{1, 2, 3}, 0},
		{nil, nil, 0},
	} {
		if got := Spearman(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, %v: %g, want %g", c.x, c.y, got, c.want)
		}
	}
}

// No order of the pairs and no monotone change of a scale makes a difference.
func TestSpearmanIsOfRanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 34))
	var x, y []float64
	for range 200 {
		v := float64(rng.IntN(40))
		x, y = append(x, v), append(y, v+10*rng.NormFloat64())
	}
	want := Spearman(x, y)
	rng.Shuffle(len(x), func(i, j int) { x[i], x[j], y[i], y[j] = x[j], x[i], y[j], y[i] })
	z := slices.Clone(y)
	for i := range z {
		z[i] = math.Exp(z[i] / 10)
	}
	if a, b := Spearman(x, y), Spearman(x, z); math.Abs(a-want) > 1e-12 || math.Abs(b-want) > 1e-12 || want < .5 {
		t.Errorf("%g, shuffled %g, on another scale %g", want, a, b)
	}
}

// The sample is bounded, does not depend on the order, and tells what all pairs would.
func TestPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 34))
	var keys []uint64
	for i := range uint64(20_000) {
		keys = append(keys, i)
	}
	sample := func(related float64) (rho, p float64, n int) {
		var s Pairs
		rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for _, k := range keys {
			own := rand.New(rand.NewPCG(k, 7))
			x := own.NormFloat64()
			s.Add(k, x, related*x+own.NormFloat64())
		}
		rho, p = s.Spearman()
		return rho, p, len(s.all)
	}
	a, p, n := sample(1)
	b, _, _ := sample(1)
	if a != b || a < .55 || a > .8 || p > 1e-9 || n > maxPairs || n < maxPairs/4 {
		t.Errorf("%g and %g of %d pairs, p %g", a, b, n, p)
	}
	if rho, p, _ := sample(0); math.Abs(rho) > .25 || p < .001 {
		t.Errorf("unrelated: %g, p %g", rho, p)
	}
	var s Pairs
	for range 10 * maxPairs {
		s.Add(0, 1, 2)
	}
	if len(s.all) > maxPairs {
		t.Errorf("%d pairs of one key", len(s.all))
	}
	if rho, p := new(Pairs).Spearman(); rho != 0 || p != 1 {
		t.Errorf("of nothing %g, p %g", rho, p)
	}
}
