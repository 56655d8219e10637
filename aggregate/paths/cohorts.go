package paths

import (
	"math"
	"slices"
)

const (
	// tailShare is the part of the requests that are called slow (above the 95th percentile).
	tailShare = .05
	// minTail is how many slow requests a decomposition needs; where 5 % are fewer, the tail begins
	// earlier, but never below loosestTail.
	minTail     = 20
	loosestTail = .75
)

// Cohorts are the bounds of the fast and the slow requests of one operation. Durations between them
// belong to neither.
type Cohorts struct {
	Requests   uint64
	Median     int64   // fast requests take at most so long, ns
	Tail       int64   // slow requests take at least so long, ns
	Percentile float64 // of Tail: 95, or less where there are few requests
	Fast, Slow uint64  // requests
}

// Split finds the cohorts of the requests with these durations, which it sorts. ok is false where there
// are too few to compare (80), or none that is slower than the median.
func Split(durations []int64) (c Cohorts, ok bool) {
	slices.Sort(durations)
	n := len(durations)
	c.Requests = uint64(n)
	if n == 0 {
		return c, false
	}
	slow := max(int(math.Round(tailShare*float64(n))), minTail)
	if float64(slow) > (1-loosestTail)*float64(n) {
		return c, false
	}
	c.Median, c.Tail = durations[(n-1)/2], durations[n-slow]
	c.Percentile = 100 * (1 - float64(slow)/float64(n))
	past, _ := slices.BinarySearch(durations, c.Median+1)
	first, _ := slices.BinarySearch(durations, c.Tail)
	c.Fast, c.Slow = uint64(past), uint64(n-first)
	return c, c.Tail > c.Median
}

// Of is the cohort that a duration belongs to: 0 fast, 1 slow, −1 neither.
func (c *Cohorts) Of(ns int64) int {
	switch {
	case ns <= c.Median:
		return 0
	case ns >= c.Tail:
		return 1
	}
	return -1
}
