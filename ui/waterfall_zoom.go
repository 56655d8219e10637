// Waterfall: zoom and pan.

package ui

import (
	"math"
	"slices"

	"oteltop/model"
)

const (
	// zoomStep is how much + and - change the range.
	zoomStep = 2.0
	// panShare is the part of the range that < and > move it by.
	panShare = 0.25
	// zoomLeast is the shortest range in ns: timestamps are integers.
	zoomLeast = 64
	// strayShare: when all spans together take this many times as long as most of them, a few strays (other
	// clocks, years 1970 and 2500) would squeeze the trace into one column: then they stay outside.
	strayShare = 50
	// coreReach is how far from the middle spans are still taken in, in lengths of the middle.
	coreReach = 5
)

// timeRange is the stretch of time that the bars show, Unix ns, lo < hi.
type timeRange struct{ lo, hi int64 }

// since is t−from in ns; unlike the difference of int64s it cannot overflow.
func since(t, from int64) float64 {
	if t >= from {
		return float64(uint64(t) - uint64(from))
	}
	return -float64(uint64(from) - uint64(t))
}

// width is the length of the range in ns.
func (r timeRange) width() float64 { return since(r.hi, r.lo) }

// column is where t lies, in columns of w.
func (r timeRange) column(t int64, w int) float64 { return since(t, r.lo) / r.width() * float64(w) }

// at is the time at a column of w.
func (r timeRange) at(x float64, w int) int64 {
	return later(r.lo, x/float64(max(1, w))*r.width())
}

// later adds ns to t and stays in range.
func later(t int64, ns float64) int64 {
	v := float64(t) + ns
	switch {
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return t + int64(ns)
}

// zoomed is the range f times as long, with the moment t staying where it is.
func (r timeRange) zoomed(f float64, t int64) timeRange {
	w := max(zoomLeast, r.width()*f)
	left := since(t, r.lo) / r.width()
	lo := later(t, -left*w)
	return timeRange{lo, later(lo, w)}.sound()
}

// moved is the range moved by a share of its length.
func (r timeRange) moved(share float64) timeRange {
	d := share * r.width()
	return timeRange{later(r.lo, d), later(r.hi, d)}.sound()
}

// within keeps the range inside of all without changing its length where it fits.
func (r timeRange) within(all timeRange) timeRange {
	if r.width() >= all.width() {
		return all
	}
	if r.lo < all.lo {
		return timeRange{all.lo, later(all.lo, r.width())}.sound()
	}
	if r.hi > all.hi {
		return timeRange{later(all.hi, -r.width()), all.hi}.sound()
	}
	return r
}

// sound makes sure that the range has a length.
func (r timeRange) sound() timeRange {
	if r.hi > r.lo {
		return r
	}
	if r.lo > math.MaxInt64-zoomLeast {
		r.lo = math.MaxInt64 - zoomLeast
	}
	r.hi = r.lo + zoomLeast
	return r
}

// clock gives times as shown: as received, or moved by the clock-skew view.
type clock struct {
	t      *model.Trace
	skewed bool // the skew view is on
}

// interval is when a real node ran.
func (c clock) interval(node int32) (start, end int64) {
	h := &c.t.Heads[c.t.Tree.Nodes[node].Span]
	d := c.shift(node)
	return later(h.Start, d), later(h.End, d)
}

// shift is what the view adds to the times of a node, ns.
func (c clock) shift(node int32) float64 {
	if c.skewed {
		return float64(c.t.Skew[node])
	}
	return 0
}

// extents are the ranges that the bars start with: all is every span of the nodes [from, end); home is the
// same unless strays would make it useless.
func (c clock) extents(from, end int32) (home, all timeRange) {
	first := true
	for i := from; i < end; i++ {
		if c.t.Tree.Nodes[i].Span < 0 {
			continue
		}
		s, e := c.interval(i)
		if first || s < all.lo {
			all.lo = s
		}
		if first || e > all.hi {
			all.hi = e
		}
		first = false
	}
	all = all.sound()
	home = all
	root := c.t.Root
	if from > 0 || end < int32(len(c.t.Tree.Nodes)) {
		root = from
	}
	if root < 0 || c.t.Tree.Nodes[root].Span < 0 {
		return home, all
	}
	s, e := c.interval(root)
	core := timeRange{s, e}.sound()
	if all.width() <= strayShare*core.width() {
		return home, all
	}
	core = c.core(from, end, core)
	if all.width() > strayShare*core.width() {
		margin := core.width() / 20
		home = timeRange{later(core.lo, -margin), later(core.hi, margin)}.within(all)
	}
	return home, all
}

// core is where the work is: what the middle 80 % of the spans and the root span together, widened to the
// spans not much further away. O(n log n), so it is asked for only when something lies far out.
func (c clock) core(from, end int32, root timeRange) timeRange {
	var starts, ends []int64
	for i := from; i < end; i++ {
		if c.t.Tree.Nodes[i].Span >= 0 {
			s, e := c.interval(i)
			starts, ends = append(starts, s), append(ends, e)
		}
	}
	slices.Sort(starts)
	slices.Sort(ends)
	tenth := min((len(starts)+9)/10, len(starts)-1) // at least one: a stray among three is a stray
	r := timeRange{min(root.lo, starts[tenth]), max(root.hi, ends[len(ends)-1-tenth])}.sound()
	near := timeRange{later(r.lo, -coreReach*r.width()), later(r.hi, coreReach*r.width())}
	lo, _ := slices.BinarySearch(starts, near.lo)
	hi, found := slices.BinarySearch(ends, near.hi)
	if !found {
		hi--
	}
	return timeRange{min(r.lo, starts[lo]), max(r.hi, ends[max(hi, 0)])}
}
