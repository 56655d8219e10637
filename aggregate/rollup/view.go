package rollup

import (
	"math"

	"oteltop/aggregate/hist"
	"oteltop/model"
	"oteltop/model/store"
)

// Window is a stretch of start times [From, To) in Unix ns; a zero end is open. It is rounded to the
// nearest bucket bounds, so windows that touch never count a span twice; one that is narrower than a
// bucket takes the buckets that it overlaps. The zero Window also counts what has no place in time.
type Window struct{ From, To int64 }

// IsZero reports whether the window is everything.
func (w Window) IsZero() bool { return w == Window{} }

// View is a Rollup at one moment. Immutable, safe for concurrent use; taking one costs O(buckets).
type View struct {
	Names    store.Names
	Subjects []Subject // by series; index 0 is unused
	Edges    []Edge
	Counters Counters
	Live     bool
	Now      int64 // of the clock, Unix ns; 0 in event-time mode

	buckets []*bucket // ascending
	base    map[uint32]wide
	step    int64 // width of the narrowest bucket
	origin  int64 // see Options
}

// View returns the present state. Writers copy a bucket before they change it, so nothing waits for the
// holder of a View, and a View that is kept stays as it is.
func (r *Rollup) View() *View {
	now := r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(now, 0)
	t := &r.time
	if n := len(t.fine.buckets); !t.live && n > 1 && t.fine.buckets[n-1].to-t.fine.buckets[0].from > 2*fenceMargin {
		t.fence()
	}
	t.forgetCache()
	v := &View{
		Names: r.options.Names, Subjects: r.registry.subjects, Edges: r.registry.edges,
		Counters: r.countersLocked(), Live: t.live, Now: now, step: t.fine.step, origin: t.fine.origin,
		buckets: make([]*bucket, 0, len(t.coarse.buckets)+len(t.fine.buckets)),
	}
	for _, tier := range []*tier{&t.coarse, &t.fine} {
		for _, b := range tier.buckets {
			b.shared = true
			v.buckets = append(v.buckets, b)
		}
	}
	t.base.shared = true
	v.base = t.base.cells
	return v
}

// within is the run of buckets that a window takes.
func (v *View) within(w Window) []*bucket {
	if w.IsZero() {
		return v.buckets
	}
	to := w.To
	if to == 0 {
		to = math.MaxInt64
	}
	run := v.run(func(b *bucket) (before, after bool) {
		middle := b.from + (b.to-b.from)/2
		return middle < w.From, middle >= to
	})
	if len(run) == 0 {
		run = v.run(func(b *bucket) (before, after bool) { return b.to <= w.From, b.from >= to })
	}
	return run
}

// Rounding is the width, ns, of the buckets to whose bounds a window was rounded, where that makes a difference:
// spans outside of it are counted, or spans inside are not. Else 0.
func (v *View) Rounding(w Window) (width int64) {
	if w.IsZero() {
		return 0
	}
	run := v.within(w)
	for _, b := range v.buckets {
		taken := len(run) > 0 && b.from >= run[0].from && b.to <= run[len(run)-1].to
		wholly := b.first >= w.From && (w.To == 0 || b.last < w.To)
		partly := b.last >= w.From && (w.To == 0 || b.first < w.To)
		if b.first <= b.last && (taken && !wholly || !taken && partly) {
			width = max(width, b.to-b.from)
		}
	}
	return width
}

// run is the buckets that are neither before nor after.
func (v *View) run(side func(b *bucket) (before, after bool)) []*bucket {
	from, to := 0, len(v.buckets)
	for from < to {
		if before, _ := side(v.buckets[from]); !before {
			break
		}
		from++
	}
	for to > from {
		if _, after := side(v.buckets[to-1]); !after {
			break
		}
		to--
	}
	return v.buckets[from:to]
}

// Extent is the earliest and the latest start counted in a window; ok is false when there is none.
func (v *View) Extent(w Window) (first, last int64, ok bool) {
	first, last = math.MaxInt64, math.MinInt64
	for _, b := range v.within(w) {
		first, last = min(first, b.first), max(last, b.last)
	}
	return first, last, first <= last
}

// Seconds is how long the data of a window lasts, for rates: from its first start to its last, or to now
// in a live view whose window is not over. At least 1.
func (v *View) Seconds(w Window) float64 {
	first, last, ok := v.Extent(w)
	if !ok {
		return 1
	}
	if v.Live {
		end := v.Now
		if w.To != 0 {
			end = min(end, w.To)
		}
		last = max(last, end)
	}
	return max(float64(last-first)/1e9, 1)
}

// Steps divides a window into columns of equal width.
type Steps struct {
	Start, Step int64 // Unix ns, ns; Start is a multiple of Step from Options.Origin
	Columns     int
}

// Steps returns at most n ≥ 1 columns that cover the data of a window, on bounds that buckets share.
// No columns where there is no data.
func (v *View) Steps(w Window, n int) Steps {
	run := v.within(w)
	if len(run) == 0 || n < 1 {
		return Steps{}
	}
	unit := v.step
	for _, b := range run {
		unit = max(unit, b.to-b.from)
	}
	from, to := run[0].from, run[len(run)-1].to
	if v.Live && w.To == 0 {
		to = max(to, floor(v.Now, v.step)+v.step)
	}
	for step := unit; ; step += unit {
		// Jump close to the answer first: ranges may be thousands of units wide.
		if least := (to - from) / int64(n) / unit * unit; step < least {
			step = least
		}
		start := v.origin + floor(from-v.origin, step)
		if columns := (to - start + step - 1) / step; columns <= int64(n) {
			return Steps{start, step, int(columns)}
		}
	}
}

const (
	arriving    = 2e9 // ns that most spans of a live step take to arrive
	sparedLeast = 3   // columns of which some can be left out
)

// Whole is the run of columns that are there from beginning to end: one that the window cuts, or that is still being
// filled, looks beside the others as if traffic had broken down. All columns where there are few.
func (v *View) Whole(w Window, s Steps) (from, to int) {
	run := v.within(w)
	if len(run) == 0 || s.Columns < sparedLeast {
		return 0, s.Columns
	}
	first, last := run[0], run[len(run)-1]
	if first.from > s.Start && first != v.buckets[0] {
		from = 1
	}
	over := last.to
	switch newest := last == v.buckets[len(v.buckets)-1]; {
	case newest && v.Live:
		over = v.Now - arriving
	case newest: // a recording ends somewhere
		over = last.last + s.Step/20
	}
	for to = s.Columns; to > from+1 && s.Start+int64(to)*s.Step > over; {
		to--
	}
	return from, to
}

// Stat is what a series counted.
type Stat struct {
	Latency hist.Histogram // durations
	Errors  int64
	Self    int64 // ns; operation series only
}

func (s *Stat) add(bin int, n, errs int64) {
	s.Latency.AddBin(bin, n)
	s.Errors += errs
}

// Merge adds all of o.
func (s *Stat) Merge(o *Stat) {
	s.Latency.Merge(&o.Latency)
	s.Errors += o.Errors
	s.Self += o.Self
}

// Reset empties the sum and keeps its memory.
func (s *Stat) Reset() {
	s.Latency.Reset()
	s.Errors, s.Self = 0, 0
}

// IsZero reports whether nothing was counted.
func (s *Stat) IsZero() bool { return s.Latency.Count() == 0 && s.Self == 0 }

// Sums returns the Stat of every series in a window, by series.
func (v *View) Sums(w Window) []Stat {
	stats := make([]Stat, len(v.Subjects))
	for _, b := range v.within(w) {
		b.addTo(stats)
	}
	if w.IsZero() {
		v.AddUndated(stats)
	}
	clipAll(stats)
	return stats
}

func (b *bucket) addTo(stats []Stat) {
	b.sealed.addTo(stats)
	for _, c := range b.open.cells {
		if c.key != 0 {
			addCell(stats, c)
		}
	}
}

func addCell(stats []Stat, c cell) { stats[c.key>>binBits].addCell(c) }

func (s *Stat) addCell(c cell) {
	if bin := int(c.key & binMask); bin != binSum {
		s.add(bin, int64(int32(c.n)), int64(int32(c.errs)))
	} else {
		s.Self += c.sum()
	}
}

func (s *Stat) addWide(key uint32, w wide) {
	if bin := int(key & binMask); bin != binSum {
		s.add(bin, w.n, w.errs)
	} else {
		s.Self += w.n
	}
}

// AddUndated adds what has no place in time (see Window) to the Stat of every series.
func (v *View) AddUndated(stats []Stat) {
	for key, w := range v.base {
		stats[key>>binBits].addWide(key, w)
	}
}

// Clip removes what is left of differences whose two halves fell on both sides of a window bound.
func (s *Stat) Clip() {
	s.Latency.Clip()
	s.Errors, s.Self = max(s.Errors, 0), max(s.Self, 0)
}

func clipAll(stats []Stat) {
	for i := range stats {
		stats[i].Clip()
	}
}

// Columns calls yield with the Stat of every series for each column in turn. stats is reused for the
// next column. Buckets are never split: one that a column bound would cut belongs to the column in
// which it starts.
func (v *View) Columns(w Window, s Steps, yield func(column int, stats []Stat)) {
	stats := make([]Stat, len(v.Subjects))
	v.columns(w, s, func(b *bucket) { b.addTo(stats) }, func(column int) {
		clipAll(stats)
		yield(column, stats)
		for i := range stats {
			stats[i].Reset()
		}
	})
}

// columns calls visit for each bucket of a window and done after the last bucket of each column that
// has one.
func (v *View) columns(w Window, s Steps, visit func(b *bucket), done func(column int)) {
	column := -1
	for _, b := range v.within(w) {
		at := int((b.from - s.Start) / s.Step)
		if at != column && column >= 0 {
			done(column)
		}
		column = at
		visit(b)
	}
	if column >= 0 {
		done(column)
	}
}

// Series are the series that match, ascending.
func (v *View) Series(match func(s *Subject) bool) []uint32 {
	var found []uint32
	for i := 1; i < len(v.Subjects); i++ {
		if match(&v.Subjects[i]) {
			found = append(found, uint32(i))
		}
	}
	return found
}

// Sum adds up some series over a window. Unlike Sums it reads only those.
func (v *View) Sum(w Window, series []uint32) Stat {
	var s Stat
	wanted := seriesSet(series)
	for _, b := range v.within(w) {
		b.only(series, wanted, s.addCell)
	}
	if w.IsZero() {
		for key, c := range v.base {
			if wanted.has(key >> binBits) {
				s.addWide(key, c)
			}
		}
	}
	s.Clip()
	return s
}

// SumEach is Sum of each series by itself, in the order of series, in one pass over all.
func (v *View) SumEach(w Window, series []uint32) []Stat {
	stats := make([]Stat, len(series))
	at := make(map[uint32]int, len(series))
	for i, id := range series {
		at[id] = i
	}
	wanted := seriesSet(series)
	for _, b := range v.within(w) {
		b.only(series, wanted, func(c cell) { stats[at[c.key>>binBits]].addCell(c) })
	}
	if w.IsZero() {
		for key, c := range v.base {
			if i, ok := at[key>>binBits]; ok {
				stats[i].addWide(key, c)
			}
		}
	}
	clipAll(stats)
	return stats
}

// Column is the durations of some series in one column of time: all, and those that failed.
type Column struct{ All, Failed hist.Histogram }

// Heat returns the columns of some series.
func (v *View) Heat(w Window, s Steps, series []uint32) []Column {
	columns := make([]Column, s.Columns)
	wanted := seriesSet(series)
	for _, b := range v.within(w) {
		c := &columns[(b.from-s.Start)/s.Step]
		b.only(series, wanted, func(x cell) {
			bin := int(x.key & binMask)
			if bin == binSum {
				return
			}
			c.All.AddBin(bin, int64(int32(x.n)))
			if x.errs != 0 {
				c.Failed.AddBin(bin, int64(int32(x.errs)))
			}
		})
	}
	for i := range columns {
		columns[i].All.Clip()
		columns[i].Failed.Clip()
	}
	return columns
}

// Exemplars calls yield with the traces that can stand for √2 rows [row, row+rows) of some series in a
// column, likely the best first, until yield returns false: errors, then the slowest, then samples.
func (v *View) Exemplars(s Steps, column int, series []uint32, row, rows int, yield func(id model.TraceID) bool) {
	from := s.Start + int64(column)*s.Step
	run := v.run(func(b *bucket) (before, after bool) { return b.from < from, b.from >= from+s.Step })
	for place := 0; place < exemplarsPerRow; place++ {
		for i := len(run) - 1; i >= 0; i-- { // newest first: the likeliest to be retained
			for _, id := range series {
				for at := row; at < row+rows; at++ {
					found := run[i].exemplars.find(id, at)
					if found == nil || found.traces[place].IsZero() {
						continue
					}
					if !yield(found.traces[place]) {
						return
					}
				}
			}
		}
	}
}

// set is a set of series as a bitmap.
type set []uint64

func seriesSet(series []uint32) set {
	var s set
	for _, id := range series {
		for int(id>>6) >= len(s) {
			s = append(s, 0)
		}
		s[id>>6] |= 1 << (id & 63)
	}
	return s
}

func (s set) has(id uint32) bool { return int(id>>6) < len(s) && s[id>>6]>>(id&63)&1 != 0 }

// only calls yield for the cells of some series.
func (b *bucket) only(series []uint32, wanted set, yield func(c cell)) {
	for _, id := range series {
		b.sealed.series(id, yield)
	}
	for _, c := range b.open.cells {
		if c.key != 0 && wanted.has(c.key>>binBits) {
			yield(c)
		}
	}
}
