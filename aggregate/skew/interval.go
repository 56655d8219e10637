package skew

import (
	"cmp"
	"slices"
)

const (
	// maxCalls and maxAge bound the calls that an estimate is made of: clocks drift.
	maxCalls = 500
	maxAge   = int64(60e9) // ns before the latest call of the pair
	// violators is the share of the calls that may contradict the others: one in so many, and one at least
	// once there are fewVotes.
	violators = 100
	fewVotes  = 20
)

// bound is what one call says: the offset of the server's clock lies in [low, high], ns.
type bound struct{ low, high, at int64 }

// estimate is what calls say together.
type estimate struct {
	low, high int64
	calls     int
	dropped   int  // calls that contradict the others
	agreed    bool // else no interval is left
}

// middle is the correction: 0 where that is possible. half is half the width of what is.
func (e estimate) middle() (offset, half int64) {
	half = (e.high - e.low + 1) / 2
	if e.low <= 0 && e.high >= 0 {
		return 0, half
	}
	return e.low + (e.high-e.low)/2, half
}

// intersect combines calls. Where they contradict each other it leaves out as few as it must, of those the ones
// that leave the widest interval; at most one in violators.
func intersect(calls []bound) estimate {
	e := estimate{calls: len(calls)}
	if len(calls) == 0 {
		return e
	}
	most := len(calls) / violators
	if len(calls) >= fewVotes {
		most = max(most, 1)
	}
	lows, highs := make([]int, len(calls)), make([]int, len(calls))
	for i := range calls {
		lows[i], highs[i] = i, i
	}
	slices.SortFunc(lows, func(a, b int) int {
		return cmp.Or(cmp.Compare(calls[b].low, calls[a].low), cmp.Compare(calls[a].high, calls[b].high))
	})
	slices.SortFunc(highs, func(a, b int) int {
		return cmp.Or(cmp.Compare(calls[a].high, calls[b].high), cmp.Compare(calls[b].low, calls[a].low))
	})
	for drop := 0; drop <= most; drop++ {
		for fromLow := 0; fromLow <= drop; fromLow++ {
			low, high, left := without(calls, lows, highs, fromLow, drop-fromLow)
			if left && low <= high && (!e.agreed || high-low > e.high-e.low) {
				e.low, e.high, e.agreed, e.dropped = low, high, true, drop
			}
		}
		if e.agreed {
			break
		}
	}
	return e
}

// without is the intersection of all calls but the n with the greatest lower bound and the m with the least upper
// bound; false where none is left.
func without(calls []bound, lows, highs []int, n, m int) (low, high int64, left bool) {
	if n+m >= len(calls) {
		return 0, 0, false
	}
	gone := func(i int) bool { return slices.Contains(lows[:n], i) || slices.Contains(highs[:m], i) }
	for _, i := range lows[n:] {
		if !gone(i) {
			low = calls[i].low
			break
		}
	}
	for _, i := range highs[m:] {
		if !gone(i) {
			high = calls[i].high
			break
		}
	}
	return low, high, true
}
