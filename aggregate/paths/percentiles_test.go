package paths

import (
	"math"
	"testing"
)

// inBand are the requests in a band, by number, and the mean of their durations.
func inBand(t *Tree, b Band, durations []int64, requests []*Request) (n int, mean float64) {
	low, high, ok := b.Of(append([]int64(nil), durations...))
	for _, r := range requests {
		if d := r.Duration(); ok && d >= low && d <= high {
			t.Fold(0, r)
			n++
			mean += float64(d)
		}
	}
	return n, mean / float64(max(n, 1))
}

// The situations of CRISP's tests of percentiles (github.com/uber-research/CRISP, tests/metrics/
// test_percentile_calculator.py): five requests that take 100 to 500, of which the fastest and the slowest fifth, two
// fifths and so on are averaged; then the same with a call of 20 in each made free, which is 20 less of every mean.
func TestMeansOfPercentiles(t *testing.T) {
	for _, free := range []int64{0, 20} {
		var durations []int64
		var requests []*Request
		for i := range int64(5) {
			r := two(uint64(i)+1, 20-free, 100*(i+1)-20)
			requests, durations = append(requests, r), append(durations, r.Duration())
		}
		for i := range 5 {
			share := float64(20 * (i + 1))
			for _, c := range []struct {
				band Band
				want float64 // mean of the first i+1 of 100 … 500, or of the last
			}{
				{Band{0, share}, 50 * float64(i+2)},
				{Band{100 - share, 100}, 500 - 50*float64(i)},
			} {
				tree := New(1)
				n, mean := inBand(tree, c.band, durations, requests)
				if n != i+1 || mean != c.want-float64(free) || tree.Count[0] != uint64(n) {
					t.Errorf("%v of what takes %d less: %d requests of %v, want %d of %v", c.band, free, n, mean, i+1, c.want-float64(free))
				}
				// What the paths of those requests take is what they take.
				own := int64(0)
				for _, x := range view(tree) {
					own += x.Exclusive
				}
				if got := float64(own) / float64(n); got != mean {
					t.Errorf("%v: %v a request on its paths, %v as a whole", c.band, got, mean)
				}
			}
		}
	}
}

// A metric of a chunk of requests is one figure a request and operation; its percentiles are over the requests that
// have the operation, by the nearest rank of a histogram, and its share is of all that the requests take. A request of
// which the operation is no part counts for neither.
func TestPercentilesOfAnOperation(t *testing.T) {
	costs := NewCosts()
	for i, c := range [][2]int64{{30e6, 70e6}, {40e6, 160e6}, {50e6, 250e6}} {
		costs.Fold(two(uint64(i)+1, c[0], c[1]), nil)
	}
	for _, c := range []struct {
		op            uint32
		p50, p99, sum int64
	}{{2, 40e6, 50e6, 120e6}, {3, 160e6, 250e6, 480e6}} {
		x := costs.Of[c.op]
		for q, want := range map[float64]int64{.5: c.p50, .99: c.p99} {
			if got := x.PerRequest.Quantile(q); math.Abs(float64(got-want)) > .0115*float64(want) {
				t.Errorf("operation %d: %v is %d ns, want %d", c.op, q, got, want)
			}
		}
		if x.Requests != 3 || x.Calls != 3 || x.Self != c.sum || x.Critical != c.sum {
			t.Errorf("operation %d: %+v", c.op, x)
		}
	}
	costs.Fold(linked(9, two(9, 1, 1).Heads[:1]), nil)
	if x := costs.Of[2]; x.Requests != 3 || costs.Of[1].Requests != 4 {
		t.Errorf("%+v", x)
	}
}
