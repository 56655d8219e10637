package hist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBinMatchesLogarithm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	values := []int64{1, 2, 3, 4, 5, 7, 8, 1000, 1 << 20, 1<<20 + 1, 1<<53 + 1, math.MaxInt64}
	for range 200_000 {
		values = append(values, 1+rng.Int64N(1<<(1+rng.Int64N(62))))
	}
	for _, v := range values {
		exact := math.Log2(float64(v)) * PerOctave
		if near := math.Round(exact); math.Abs(exact-near) < 1e-9 && v&(v-1) != 0 {
			continue // too close to a bound for the oracle's own rounding
		}
		want := min(int(math.Floor(exact+1e-12)), Bins-1)
		if got := Bin(v); got != want {
			t.Fatalf("Bin(%d) = %d, want %d", v, got, want)
		}
	}
}

func TestBinEdges(t *testing.T) {
	for _, c := range []struct {
		ns   int64
		want int
	}{{math.MinInt64, 0}, {-1, 0}, {0, 0}, {1, 0}, {2, 32}, {4, 64}, {1 << 40, 40 * 32}, {math.MaxInt64, Bins - 1}} {
		if got := Bin(c.ns); got != c.want {
			t.Errorf("Bin(%d) = %d, want %d", c.ns, got, c.want)
		}
	}
}

func TestLowIsTheBound(t *testing.T) {
	for bin := 1; bin < Bins; bin++ {
		low := Low(bin)
		if low >= 1<<53 { // beyond, neighbouring integers are one float64
			break
		}
		if Bin(low) < bin {
			t.Fatalf("Bin(Low(%d) = %d) = %d", bin, low, Bin(low))
		}
		if Bin(low-1) >= bin {
			t.Fatalf("Bin(%d) = %d, but Low(%d) = %d", low-1, Bin(low-1), bin, low)
		}
	}
}

// random returns log-uniform durations and their histogram.
func random(rng *rand.Rand, n int) ([]int64, *Histogram) {
	values, h := make([]int64, n), new(Histogram)
	for i := range values {
		values[i] = int64(math.Exp(rng.Float64()*14 + 7))
		h.Add(values[i])
	}
	return values, h
}

func TestQuantileWithinErrorOfExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		values, h := random(rng, 1+rng.IntN(500))
		slices.Sort(values)
		for _, q := range []float64{0, .01, .25, .5, .75, .9, .95, .99, .999, 1} {
			rank := max(int(math.Ceil(q*float64(len(values))-1e-9)), 1)
			exact, got := values[rank-1], h.Quantile(q)
			if err := math.Abs(float64(got-exact)) / float64(exact); err > 0.0115 {
				t.Fatalf("n=%d q=%v: got %d, exact %d: error %.4f", len(values), q, got, exact, err)
			}
			if got := h.QuantileWithin(q, values[0], values[len(values)-1]); got < values[0] || got > values[len(values)-1] {
				t.Fatalf("QuantileWithin(%v) = %d outside %d…%d", q, got, values[0], values[len(values)-1])
			}
		}
		if err := math.Abs(float64(h.Max()-values[len(values)-1])) / float64(values[len(values)-1]); err > 0.0115 {
			t.Fatalf("Max %d, exact %d", h.Max(), values[len(values)-1])
		}
	}
}

func TestNearestRankAtExactMultiples(t *testing.T) {
	for _, c := range []struct {
		q    float64
		n    int64
		want int64
	}{{.95, 100, 95}, {.99, 100, 99}, {.5, 2, 1}, {.5, 3, 2}, {0, 5, 1}, {1, 5, 5}, {.95, 20, 19}, {.1, 30, 3}} {
		if got := nearestRank(c.q, c.n); got != c.want {
			t.Errorf("nearestRank(%v, %d) = %d, want %d", c.q, c.n, got, c.want)
		}
	}
}

func TestMergeIsFoldOfBothAndSubUndoesIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		va, a := random(rng, rng.IntN(80))
		vb, b := random(rng, rng.IntN(80))
		all := new(Histogram)
		for _, v := range slices.Concat(va, vb) {
			all.Add(v)
		}
		merged := a.Clone()
		merged.Merge(b)
		requireEqual(t, &merged, all, "merge")
		merged.Sub(b)
		requireEqual(t, &merged, a, "sub")
	}
}

func requireEqual(t *testing.T, got, want *Histogram, what string) {
	t.Helper()
	if got.Count() != want.Count() {
		t.Fatalf("%s: count %d, want %d", what, got.Count(), want.Count())
	}
	for bin := range Bins {
		if got.At(bin) != want.At(bin) {
			t.Fatalf("%s: bin %d holds %d, want %d", what, bin, got.At(bin), want.At(bin))
		}
	}
}

func TestCoarserViewsPreserveCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for shift := 0; shift <= OctaveShift+1; shift++ {
		values, h := random(rng, 400)
		want := map[int]int64{}
		for _, v := range values {
			want[Bin(v)>>shift]++
		}
		last, total := -1, int64(0)
		h.Coarsen(shift, func(row int, n int64) {
			if row <= last {
				t.Fatalf("shift %d: row %d after %d", shift, row, last)
			}
			if n != want[row] {
				t.Fatalf("shift %d: row %d holds %d, want %d", shift, row, n, want[row])
			}
			last, total = row, total+n
		})
		if total != int64(len(values)) {
			t.Fatalf("shift %d: %d in total, want %d", shift, total, len(values))
		}
	}
}

func TestRank(t *testing.T) {
	h := new(Histogram)
	if _, ok := h.Rank(5); ok {
		t.Error("an empty histogram ranks")
	}
	for _, v := range []int64{10, 100, 100, 1000} {
		h.Add(v)
	}
	for _, c := range []struct {
		ns   int64
		want float64
	}{{1, 0}, {10, .125}, {50, .25}, {100, .5}, {1000, .875}, {5000, 1}} {
		if got, _ := h.Rank(c.ns); got != c.want {
			t.Errorf("Rank(%d) = %v, want %v", c.ns, got, c.want)
		}
	}
}

func TestClipDropsWhatIsNegative(t *testing.T) {
	h := new(Histogram)
	h.AddBin(10, 3)
	h.AddBin(12, -2)
	h.Clip()
	if h.Count() != 3 || h.At(12) != 0 || h.At(10) != 3 {
		t.Errorf("count %d, bins %d and %d", h.Count(), h.At(10), h.At(12))
	}
}

func TestEmpty(t *testing.T) {
	h := new(Histogram)
	if h.Quantile(.5) != 0 || h.Max() != 0 || h.QuantileWithin(.5, 3, 9) != 0 || h.Count() != 0 {
		t.Error("an empty histogram has figures")
	}
	h.Add(7)
	h.Reset()
	if h.Count() != 0 || h.Quantile(1) != 0 {
		t.Error("Reset leaves figures")
	}
}

func ExampleHistogram_Quantile() {
	var h Histogram
	for ms := int64(1); ms <= 100; ms++ {
		h.Add(ms * 1e6)
	}
	fmt.Printf("%.1f ms\n", float64(h.Quantile(.95))/1e6)
	// Output: 95.9 ms
}

func BenchmarkBin(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	values, _ := random(rng, 4096)
	sum := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		sum += Bin(values[i&4095])
	}
	if sum == 0 {
		b.Fatal("no bins")
	}
}

func BenchmarkAdd(b *testing.B) {
	values, h := random(rand.New(rand.NewPCG(1, 1)), 4096)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.Add(values[i&4095])
	}
}

func BenchmarkMerge(b *testing.B) {
	_, h := random(rand.New(rand.NewPCG(1, 1)), 4096)
	_, o := random(rand.New(rand.NewPCG(2, 1)), 4096)
	b.ReportAllocs()
	for b.Loop() {
		h.Merge(o)
	}
}

func BenchmarkQuantile(b *testing.B) {
	_, h := random(rand.New(rand.NewPCG(1, 1)), 4096)
	b.ReportAllocs()
	for b.Loop() {
		h.Quantile(.95)
	}
}
