package contention

import (
	"cmp"
	"math"
	"slices"
)

// begun is a span that is compared: what was going on when it began.
type begun struct {
	start    int64
	trace    uint32  // its number
	log      float32 // ln ns
	inFlight float32 // spans of other traces that the resource was busy with
	arrived  float32 // of other traces, in the time before that such a span usually takes
}

// load is how busy a resource was.
type load struct {
	little   float64 // arrivals per ns × mean duration: what Little's law says is in flight on average
	measured float64 // the same by adding up how long so many were
}

// arrivalSpan is how many median durations count as "just arrived": long enough to see a burst that is still being
// worked on, short enough to be of it.
const arrivalSpan = 2

// sweeper walks through the runs of one resource after the other. Its memory is reused.
type sweeper struct {
	running, arrived counter
	ends             []ending
}

// ending is when a trace is done with a resource.
type ending struct {
	at    int64
	trace uint32
}

// newSweeper returns one for runs of traces with numbers up to the last.
func newSweeper(last uint32) *sweeper {
	return &sweeper{running: counter{of: make([]int32, last+1)}, arrived: counter{of: make([]int32, last+1)}}
}

// resource walks through the runs of a resource in order of start, and calls yield for each that is compared.
func (w *sweeper) resource(runs []run, thinned float64, yield func(op uint32, b begun)) load {
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.trace, b.trace)) })
	w.ends = w.ends[:0]
	busy, last := 0.0, runs[0].end
	for i := range runs {
		r := &runs[i]
		busy += float64(r.end - r.start)
		last = max(last, r.end)
		if r.end > r.start { // what takes no time never runs
			w.ends = append(w.ends, ending{r.end, r.trace})
		}
	}
	slices.SortFunc(w.ends, func(a, b ending) int { return cmp.Compare(a.at, b.at) })
	recent := arrivalSpan * medianDuration(runs)
	ended, left := 0, 0
	area, at := 0.0, runs[0].start
	advance := func(to int64) {
		area += float64(w.running.n) * float64(to-at)
		at = to
	}
	endUntil := func(until int64) {
		for ; ended < len(w.ends) && w.ends[ended].at <= until; ended++ {
			advance(max(w.ends[ended].at, at))
			w.running.add(w.ends[ended].trace, -1)
		}
	}
	for i := range runs {
		r := &runs[i]
		endUntil(r.start)
		for ; left < i && runs[left].start <= r.start-recent; left++ {
			w.arrived.add(runs[left].trace, -1)
		}
		if !math.IsNaN(float64(r.log)) {
			yield(r.op, begun{
				start: r.start, trace: r.trace, log: r.log,
				inFlight: float32(thinned) * float32(w.running.others(r.trace)), arrived: float32(thinned) * float32(w.arrived.others(r.trace)),
			})
		}
		advance(r.start)
		if r.end > r.start {
			w.running.add(r.trace, 1)
		}
		w.arrived.add(r.trace, 1)
	}
	endUntil(last)
	for ; left < len(runs); left++ {
		w.arrived.add(runs[left].trace, -1)
	}
	span := max(float64(last-runs[0].start), 1)
	return load{little: thinned * busy / span, measured: thinned * area / span}
}

// counter counts spans, and how many of them are of each trace. Traces have numbers without large gaps: an array is
// three times as fast as a map.
type counter struct {
	n  int
	of []int32 // by number
}

func (c *counter) add(trace uint32, n int) {
	c.n += n
	c.of[trace] += int32(n)
}

// others is how many are not of a trace.
func (c *counter) others(trace uint32) int { return c.n - int(c.of[trace]) }

// medianDuration is that of some runs, by a sample of at most a thousand, ns.
func medianDuration(runs []run) int64 {
	step := (len(runs) + 999) / 1000
	var d []int64
	for i := 0; i < len(runs); i += step {
		d = append(d, runs[i].end-runs[i].start)
	}
	slices.Sort(d)
	return max(d[len(d)/2], 1)
}
