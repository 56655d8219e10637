package dependencies

import "math"

const (
	// exactCounts is up to which number of calls every number has a bin of its own; above, bins are an eighth
	// of an octave wide (9 %), which ranks and percentiles of hundreds of calls can bear.
	exactCounts    = 64
	binsPerOctave  = 8
	exactOctaves   = 6  // log2 of exactCounts
	highestOctaves = 31 // of the last bin
)

// counts is how many calls had so many calls below: by bin, zero included.
type counts struct {
	bins []uint64
	n    uint64 // values
	sum  uint64 // of them
	max  uint64
}

func countBin(v uint64) int {
	if v < exactCounts {
		return int(v)
	}
	octaves := min(math.Log2(float64(v)), highestOctaves)
	return exactCounts + int((octaves-exactOctaves)*binsPerOctave)
}

// binCount is the number in the middle of a bin.
func binCount(bin int) uint64 {
	if bin < exactCounts {
		return uint64(bin)
	}
	return uint64(math.Round(math.Exp2(exactOctaves + (float64(bin-exactCounts)+.5)/binsPerOctave)))
}

func (c *counts) add(v, times uint64) {
	if times == 0 {
		return
	}
	b := countBin(v)
	for b >= len(c.bins) {
		c.bins = append(c.bins, 0)
	}
	c.bins[b] += times
	c.n += times
	c.sum += v * times
	c.max = max(c.max, v)
}

func (c *counts) merge(o *counts) {
	for len(c.bins) < len(o.bins) {
		c.bins = append(c.bins, 0)
	}
	for b, k := range o.bins {
		c.bins[b] += k
	}
	c.n += o.n
	c.sum += o.sum
	c.max = max(c.max, o.max)
}

func (c *counts) mean() float64 {
	if c.n == 0 {
		return 0
	}
	return float64(c.sum) / float64(c.n)
}

// quantile is the nearest rank, 0 of nothing.
func (c *counts) quantile(q float64) uint64 {
	rank := max(uint64(math.Ceil(q*float64(c.n))), 1)
	seen := uint64(0)
	for b, k := range c.bins {
		if seen += k; seen >= rank {
			return min(binCount(b), c.max)
		}
	}
	return 0
}

// FrequencyBin is how many focal calls made From to To calls.
type FrequencyBin struct {
	From, To uint64 // both inclusive
	Calls    uint64
}

// histogram is over 0, 1, 2, 3–4, 5–8, 9–16, … up to the largest number. The bins beyond exactCounts are
// assigned by their middle.
func (c *counts) histogram() []FrequencyBin {
	out := []FrequencyBin{}
	from, to := uint64(0), uint64(0)
	next := 0
	for {
		b := FrequencyBin{From: from, To: to}
		for next < len(c.bins) && binCount(next) <= to {
			b.Calls += c.bins[next]
			next++
		}
		out = append(out, b)
		if next >= len(c.bins) {
			return out
		}
		from = to + 1
		to = max(1, 2*to)
	}
}
