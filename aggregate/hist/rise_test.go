package hist

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Rise is the cut that a search over all durations finds, and tells slow ones from the usual.
func TestRise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, slow float64) (h Histogram, all []int64) {
		for range n {
			ns := int64(1e6 * math.Exp(r.NormFloat64()/3))
			if r.Float64() < slow {
				ns *= 40
			}
			h.Add(ns)
			all = append(all, ns)
		}
		return h, all
	}
	share := func(all []int64, from int64) float64 {
		n := 0
		for _, ns := range all {
			if ns >= from {
				n++
			}
		}
		return float64(n) / float64(len(all))
	}
	for range 200 {
		before, was := draw(1+r.IntN(300), 0)
		after, is := draw(1+r.IntN(300), r.Float64())
		score := func(from int64) float64 {
			n, m, a, b := float64(len(was)), float64(len(is)), share(was, from), share(is, from)
			if p := (n*a + m*b) / (n + m); p > 0 && p < 1 {
				return (b - a) / math.Sqrt(p*(1-p)*(1/n+1/m))
			}
			return 0
		}
		want := 0.0
		for bin := range Bins {
			want = max(want, score(Low(bin)))
		}
		from, got := Rise(&before, &after)
		if want > 1e-9 && (math.Abs(score(from)-want) > 1e-9 || math.Abs(share(is, from)-share(was, from)-got) > 1e-9) || want <= 1e-9 && from != 0 {
			t.Fatalf("from %d on %.6f more, a score of %.6f; the largest is %.6f", from, got, score(from), want)
		}
	}
	before, _ := draw(500, 0)
	after, _ := draw(500, .2)
	if from, got := Rise(&before, &after); from < 25e5 || from > 40e6 || got < .1 || got > .3 {
		t.Errorf("a fifth is 40 times slower than about 1 ms: from %d ns on %.2f more", from, got)
	}
	var none Histogram
	for _, x := range [][2]*Histogram{{&none, &after}, {&before, &none}, {&before, &before}} {
		if from, got := Rise(x[0], x[1]); from != 0 || got != 0 {
			t.Errorf("nothing rose: from %d on %v more", from, got)
		}
	}
}
