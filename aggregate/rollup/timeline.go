package rollup

import (
	"slices"
	"sort"
)

// Tuning of the time buckets.
const (
	// fineStep is the resolution of heatmaps and trends while data is young, and for short files.
	fineStep = 2e9
	// coarseStep is the resolution of a live session beyond fineKeep. A multiple of fineStep, so that
	// fine buckets fold into coarse ones exactly.
	coarseStep = 30e9
	// fineKeep and coarseKeep are how far back the tiers of a live session go. The fine tier goes a
	// minute beyond the five that screens show at first: one coarse bucket at the edge of a window would
	// make every column of it coarse.
	fineKeep   = 360e9
	coarseKeep = 3600e9 + coarseStep
	// minFineKeep is what memory pressure leaves of the fine tier.
	minFineKeep = 30e9
	// maxFuture is how far ahead of arrival a start may lie before it counts as a wrong clock.
	maxFuture = 120e9
	// maxBuckets bounds the buckets of event-time mode; more make the step double. 720 columns are
	// more than any terminal has.
	maxBuckets = 720
	// sane bounds times in event-time mode, 146 years after 1970, so that bucket bounds cannot overflow.
	// Spans without a timestamp have a start of 0.
	sane = 1 << 62

	// scratchCells is the scratch space that is kept between sweeps: enough for 500 operations.
	scratchCells = 1 << 15

	cacheSlots = 64
	// cacheShift maps neighbouring fine buckets to neighbouring slots: 2³¹ ns is about fineStep.
	cacheShift = 31
)

// tier is a sequence of buckets of equal width, ascending, empty stretches left out.
type tier struct {
	step    int64
	origin  int64 // a bound of buckets, Unix ns
	buckets []*bucket
}

// floor rounds t down to a multiple of step, also before 1970.
func floor(t, step int64) int64 {
	r := t % step
	if r < 0 {
		r += step
	}
	return t - r
}

// at returns the bucket of a start, made where there is none, and its index.
func (t *tier) at(start int64) (*bucket, int) {
	i := sort.Search(len(t.buckets), func(i int) bool { return t.buckets[i].to > start })
	if i == len(t.buckets) || t.buckets[i].from > start {
		from := t.origin + floor(start-t.origin, t.step)
		t.buckets = slices.Insert(t.buckets, i, newBucket(from, from+t.step))
	}
	return t.buckets[i], i
}

// writable returns the bucket of a start, ready to be written: a copy replaces one that a View shares.
func (t *tier) writable(start int64) *bucket {
	b, i := t.at(start)
	if b.shared {
		b = b.clone()
		t.buckets[i] = b
	}
	b.touched = true
	return b
}

// timeline finds the bucket of a start time. A live timeline has two tiers that move with the clock; in
// event-time mode there is one tier, whose step doubles when the data covers more time.
type timeline struct {
	live         bool
	fine, coarse tier
	now          int64 // of the last ageing; live only
	fineFrom     int64 // starts before it belong to the coarse tier; live only
	coarseFrom   int64 // starts before it belong to the base; live only
	keep         int64 // how far back the fine tier goes at present
	base         base

	cache   [cacheSlots]cached
	scratch []cell
	undated uint64 // spans that were out of range when they came
	lostEx  uint64 // exemplar rows that found no room
}

// cached is a bucket that may be written without further checks. Forgotten whenever a View is taken or
// buckets move.
type cached struct {
	from  int64
	width uint64
	b     *bucket
}

// newTimeline makes a timeline; extent is about how much time event-time data will cover, 0 for unknown, and origin
// a bound of its buckets.
func newTimeline(live bool, extent, origin int64) timeline {
	t := timeline{
		live: live, keep: fineKeep,
		fine: tier{step: fineStep, origin: origin}, coarse: tier{step: coarseStep},
		base: base{cells: map[uint32]wide{}},
	}
	for !live && extent/t.fine.step >= maxBuckets && t.fine.step < sane/4 {
		t.fine.step *= 2
	}
	return t
}

// at returns the bucket that a start is to be counted in, nil for the base.
func (t *timeline) at(start int64) *bucket {
	c := &t.cache[uint64(start)>>cacheShift&(cacheSlots-1)]
	if uint64(start-c.from) < c.width {
		return c.b
	}
	return t.find(start, c)
}

func (t *timeline) find(start int64, c *cached) *bucket {
	to := int64(sane)
	var b *bucket
	switch {
	case t.live && (start < t.coarseFrom || start > t.now+maxFuture):
		return nil
	case start <= 0 || start >= sane:
		return nil
	case t.live && start < t.fineFrom:
		b, to = t.coarse.writable(start), t.fineFrom
	default:
		b = t.fine.writable(start)
		if len(t.fine.buckets) > maxBuckets {
			t.widen()
			return t.at(start)
		}
	}
	*c = cached{b.from, uint64(min(b.to, to) - b.from), b}
	return b
}

func (t *timeline) forgetCache() { t.cache = [cacheSlots]cached{} }

// age moves the tiers of a live timeline up to now: fine buckets fold into coarse ones, and those that
// leave retention into the base.
func (t *timeline) age(now int64) {
	t.now = now
	t.fineFrom = max(t.fineFrom, floor(now-t.keep, fineStep))
	t.coarseFrom = max(t.coarseFrom, floor(now-coarseKeep, coarseStep))
	t.forgetCache()
	n := 0
	for ; n < len(t.fine.buckets) && t.fine.buckets[n].to <= t.fineFrom; n++ {
		b := t.fine.buckets[n]
		t.lostEx += uint64(t.coarse.writable(b.from).absorb(b))
	}
	t.fine.buckets = slices.Delete(t.fine.buckets, 0, n)
	for n = 0; n < len(t.coarse.buckets) && t.coarse.buckets[n].to <= t.coarseFrom; n++ {
		t.coarse.buckets[n].each(t.base.add)
	}
	t.coarse.buckets = slices.Delete(t.coarse.buckets, 0, n)
}

// widen makes room in event-time mode: it first takes out buckets whose times cannot belong to the rest,
// and where that is not enough doubles the step.
func (t *timeline) widen() {
	t.forgetCache()
	t.fence()
	if len(t.fine.buckets) > maxBuckets*3/4 {
		t.double()
	}
}

// Fences for times that cannot belong to the rest, after Tukey: this many interquartile ranges and at
// least a week beyond the quartiles. A file of a month with a steady load keeps all of it, a week with
// one burst too; a clock that says 1970 or 2500 is out.
const (
	fenceRanges = 8
	fenceMargin = 7 * 24 * 3600e9
)

// fence moves buckets far outside the bulk of the spans to the base and counts their spans as undated.
func (t *timeline) fence() {
	counts := make([]uint64, len(t.fine.buckets))
	total := uint64(0)
	for i, b := range t.fine.buckets {
		b.each(func(c cell) {
			if c.key&binMask != binSum {
				counts[i] += uint64(max(int32(c.n), 0))
			}
		})
		total += counts[i]
	}
	var q1, q3 int64
	sum := uint64(0)
	for i, n := range counts {
		if sum*4 < total && (sum+n)*4 >= total {
			q1 = t.fine.buckets[i].from
		}
		if sum*4 < total*3 && (sum+n)*4 >= total*3 {
			q3 = t.fine.buckets[i].to
		}
		sum += n
	}
	margin := max((q3-q1)/2*(2*fenceRanges), fenceMargin)
	if (q3 - q1) > sane/(2*fenceRanges) {
		return // half of all spans are spread over decades: there is no bulk to protect
	}
	i := 0
	t.fine.buckets = slices.DeleteFunc(t.fine.buckets, func(b *bucket) bool {
		out := b.to < q1-margin || b.from > q3+margin
		if out {
			b.each(t.base.add)
			t.undated += counts[i]
		}
		i++
		return out
	})
}

// double merges pairs of neighbouring buckets into buckets of twice the width.
func (t *timeline) double() {
	t.forgetCache()
	wide := tier{step: 2 * t.fine.step, origin: t.fine.origin}
	for _, b := range t.fine.buckets {
		w, _ := wide.at(b.from)
		t.lostEx += uint64(w.absorb(b))
	}
	for _, b := range wide.buckets {
		t.scratch = b.seal(t.scratch)
	}
	t.trim()
	t.fine = wide
}

// sweep seals the buckets that nobody wrote to since the last sweep.
func (t *timeline) sweep() {
	t.seal(func(b *bucket) bool {
		idle := !b.touched
		b.touched = false // the writer's own: Views do not look at it, so a shared bucket needs no copy for it
		return idle
	})
}

// seal compacts some buckets.
func (t *timeline) seal(which func(b *bucket) bool) {
	t.forgetCache()
	for _, tier := range []*tier{&t.coarse, &t.fine} {
		for i, b := range tier.buckets {
			if !which(b) || b.open.used == 0 {
				continue
			}
			if b.shared {
				b = b.clone()
				tier.buckets[i] = b
			}
			t.scratch = b.seal(t.scratch)
		}
	}
	t.trim()
}

// trim lets go of scratch space that a large bucket needed.
func (t *timeline) trim() {
	if cap(t.scratch) > scratchCells {
		t.scratch = nil
	}
}

// bytes is the memory of all buckets and the base.
func (t *timeline) bytes() int64 {
	n := t.base.bytes() + int64(cap(t.scratch))*12
	for _, b := range t.coarse.buckets {
		n += b.bytes()
	}
	for _, b := range t.fine.buckets {
		n += b.bytes()
	}
	return n
}
