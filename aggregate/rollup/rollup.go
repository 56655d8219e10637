// Package rollup folds every span at ingest into time series that are exact for everything received:
// per (service, operation, kind), per service entry, per root operation and per edge of the service map.
//
//	store ─▶ Rollup.Arrived (each batch, a few ns per span)      durations and errors per operation
//	      ─▶ Rollup.Settled (each quiet trace, ~100 ns per span) edges, self time, entry and root spans
//	Rollup.View ─▶ immutable ─▶ aggregate: map, operations, heatmap, ranks
//
// A time bucket is one table of (series, bin) → (calls, errors): memory follows the cells in use, there
// is no pointer for the garbage collector to follow, and merging is addition. Buckets that are no longer
// written are sealed into a compact sorted form. Counts are exact; durations are known to their
// histogram bin, 1.1 % (see package hist).
//
// Live rollups keep 2 s buckets for 6 minutes and 30 s buckets for an hour, by start time; older ones
// fold into a base without time, so totals never lose anything. In event-time mode (files, scans) the
// step starts at 2 s and doubles so that there are at most 720 buckets. Spans whose start is out of
// range (over an hour before arrival or two minutes after it; in files: far outside the bulk) are
// counted in the base and in Counters.Undated.
//
// To answer a question about some traces only, fold these into a fresh Rollup and ask its View:
//
//	r := rollup.New(rollup.Options{Names: names, Find: ring.Find}) // event time, no clock
//	for each matching trace {
//		r.Fold(id, spans, final) // all spans of the trace, e.g. from store.Snapshot.Spans
//	}
//	view := r.View()
package rollup

import (
	"sync"
	"time"

	"oteltop/aggregate/hist"
	"oteltop/model"
	"oteltop/model/store"
)

// Defaults and tuning.
const (
	// defaultMaxBytes holds an hour of some 500 busy operations.
	defaultMaxBytes = 64 << 20
	// defaultMaxEdges is four times what the largest public dependency graph has (1,238 services).
	defaultMaxEdges = 16384
	// sweepSpans is after how many spans buckets are sealed and memory is measured.
	sweepSpans = 1 << 17
	// rateSeconds is the window of Rates: long enough for a steady figure, short enough to follow.
	rateSeconds = 5
	rateSlots   = 8 // seconds kept; a power of two above rateSeconds
)

// Options configure a Rollup.
type Options struct {
	Names store.Names
	// Find resolves links across traces; nil: such links give no edges. Called without locks held.
	Find func(trace model.TraceID, span model.SpanID) (store.Settled, bool)
	// Now is the clock of a live rollup. nil: event-time mode, for files and scans.
	Now func() time.Time
	// Extent is about how much time the data will cover, ns, in event-time mode: with the right step from
	// the start nothing has to be merged on the way. 0: not known.
	Extent int64
	// Origin is a time, Unix ns, at which a bucket begins in event-time mode, so that windows from there on are exact.
	// 0: bounds are multiples of the step.
	Origin   int64
	MaxBytes int64 // default 64 MiB
	MaxEdges int   // default 16,384
}

// Counters say what a Rollup has taken in and what it had to leave out.
type Counters struct {
	Spans   uint64 // received
	Traces  uint64 // settled at least once
	Undated uint64 // spans counted in totals but in no time bucket, because their time was out of range
	Broken  uint64 // non-root server spans of finished traces whose parent was not seen
	Pending uint64 // exit spans of unfinished traces that still wait for their peer
	Dropped uint64 // calls on no edge because MaxEdges was reached

	FoldedOperations uint64 // operations counted under store.Overflow because MaxBytes was reached
	LostExemplars    uint64 // candidates for heatmap cells dropped because a bound was reached
	ForgottenLinks   uint64 // links whose bookkeeping was given up because of its bound
	Bytes, MaxBytes  int64
	Edges, MaxEdges  int
	Buckets          int
}

// Rollup is the observer of a store. Safe for concurrent use.
type Rollup struct {
	options Options
	scratch sync.Pool // of *traceFold

	mu       sync.Mutex // protects all below
	registry registry
	time     timeline
	links    linkBook
	counters Counters
	pending  int64 // signed while a settlement is being replaced
	broken   int64
	dropped  int64
	unswept  int           // spans since the last sweep
	ageAt    int64         // when to age next, ns of the clock
	arrival  chan struct{} // see Arrival; nil: nobody waits
	rates    [rateSlots]rateSlot
}

var _ store.Observer = (*Rollup)(nil)

// rateSlot counts what arrived in one second of the clock.
type rateSlot struct {
	second        int64
	spans, traces uint64
}

// New returns an empty rollup.
func New(o Options) *Rollup {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxEdges == 0 {
		o.MaxEdges = defaultMaxEdges
	}
	r := &Rollup{options: o, registry: newRegistry(o.MaxEdges), time: newTimeline(o.Now != nil, o.Extent, o.Origin), links: newLinkBook()}
	r.scratch.New = func() any { return new(traceFold) }
	return r
}

// Arrived counts spans by operation, and roots as entry spans of their service.
func (r *Rollup) Arrived(batch []store.Arrival) {
	now := r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(now, len(batch))
	r.counters.Spans += uint64(len(batch))
	r.rate(now).spans += uint64(len(batch))
	for i := range batch {
		a := &batch[i]
		b := r.time.at(a.Start)
		bin := hist.Bin(a.End - a.Start)
		failed := a.Status == model.StatusError
		r.count(b, a.Start, r.registry.operation(MeasureOperation, &a.Head), bin, failed, a.Trace)
		if a.Parent == 0 && !a.Kind.IsEntry() {
			r.count(b, a.Start, r.registry.entry(a.Service), bin, failed, a.Trace)
		}
		if b == nil {
			r.time.undated++
		}
	}
	if r.arrival != nil {
		close(r.arrival)
		r.arrival = nil
	}
}

// Arrival returns a channel that is closed when spans arrive next.
func (r *Rollup) Arrival() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrival == nil {
		r.arrival = make(chan struct{})
	}
	return r.arrival
}

// count adds one to a bin of a series. A trace becomes an exemplar when it makes a count or an error
// count a power of two: the first ones always, later ones ever more rarely, so that the cost vanishes
// under load.
func (r *Rollup) count(b *bucket, start int64, series uint32, bin int, failed bool, trace model.TraceID) {
	key := series<<binBits | uint32(bin)
	if b == nil {
		r.time.base.add(cell{key, 1, errorBit(failed)})
		return
	}
	c := b.open.at(key)
	c.n++
	c.errs += errorBit(failed)
	if start < b.first {
		b.first = start
	}
	if start > b.last {
		b.last = start
	}
	if c.n&(c.n-1) == 0 || failed && c.errs&(c.errs-1) == 0 {
		if !b.exemplars.offer(series, bin, failed, trace) {
			r.time.lostEx++
		}
	}
}

func errorBit(failed bool) uint32 {
	if failed {
		return 1
	}
	return 0
}

// uncount takes back what count added.
func (r *Rollup) uncount(start int64, series uint32, bin int, failed bool) {
	r.apply(start, cell{series<<binBits | uint32(bin), ^uint32(0), -errorBit(failed)})
}

// apply adds a cell, which may stand for a difference, at a start time.
func (r *Rollup) apply(start int64, c cell) {
	if b := r.time.at(start); b != nil {
		b.open.add(c)
		return
	}
	r.time.base.add(c)
}

// clock is the time of a live rollup in Unix ns, 0 in event-time mode.
func (r *Rollup) clock() int64 {
	if r.options.Now == nil {
		return 0
	}
	return r.options.Now().UnixNano()
}

// begin does what is due before spans are counted. Callers hold r.mu.
func (r *Rollup) begin(now int64, spans int) {
	r.unswept += spans
	aged := false
	if r.time.live && now >= r.ageAt {
		r.time.age(now)
		r.ageAt = now + fineStep
		aged = true
	}
	if aged || r.unswept >= sweepSpans {
		r.unswept = 0
		r.time.sweep()
		r.bound()
	}
}

// rate is the slot of the second that the clock is in.
func (r *Rollup) rate(now int64) *rateSlot {
	second := now / 1e9
	s := &r.rates[second&(rateSlots-1)]
	if s.second != second {
		*s = rateSlot{second: second}
	}
	return s
}

// Rates are the spans and traces per second over the last few seconds by the clock. 0 without a clock.
func (r *Rollup) Rates() (spans, traces float64) {
	if !r.time.live {
		return 0, 0
	}
	now := r.clock() / 1e9
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.rates {
		if s.second < now && s.second >= now-rateSeconds { // the running second is not over
			spans += float64(s.spans)
			traces += float64(s.traces)
		}
	}
	return spans / rateSeconds, traces / rateSeconds
}

// Counters are the counts at this moment.
func (r *Rollup) Counters() Counters {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.countersLocked()
}

func (r *Rollup) countersLocked() Counters {
	c := r.counters
	c.Undated, c.LostExemplars = r.time.undated, c.LostExemplars+r.time.lostEx
	c.Broken, c.Pending, c.Dropped = clip(r.broken), clip(r.pending), clip(r.dropped)
	c.ForgottenLinks = r.links.forgotten()
	c.Bytes, c.MaxBytes = r.time.bytes()+r.links.bytes()+r.registry.bytes(), r.options.MaxBytes
	c.Edges, c.MaxEdges = len(r.registry.edges), r.options.MaxEdges
	c.Buckets = len(r.time.coarse.buckets) + len(r.time.fine.buckets)
	return c
}

func clip(n int64) uint64 { return uint64(max(n, 0)) }
