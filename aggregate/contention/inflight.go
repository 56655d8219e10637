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

// sweepResource walks through the runs of one resource in order of start, and calls yield for each that is compared.
func sweepResource(runs []run, thinned float64, yield func(op uint32, b begun)) load {
	slices.SortFunc(runs, func(a, b run) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.trace, b.trace)) })
	ends := make([]int, len(runs)) // runs by their end
	busy := 0.0
	for i := range ends {
		ends[i] = i
		busy += float64(runs[i].end - runs[i].start)
	}
	slices.SortFunc(ends, func(a, b int) int { return cmp.Or(cmp.Compare(runs[a].end, runs[b].end), cmp.Compare(a, b)) })
	recent := arrivalSpan * medianDuration(runs)
	running, arrived := counter{of: map[uint32]int{}}, counter{of: map[uint32]int{}}
	ended, left := 0, 0
	first, last := runs[0].start, runs[ends[len(ends)-1]].end
	area, at := 0.0, first
	advance := func(to int64) {
		area += float64(running.n) * float64(to-at)
		at = to
	}
	for i := range runs {
		r := &runs[i]
		for ; ended < len(ends) && runs[ends[ended]].end <= r.start; ended++ {
			if e := ends[ended]; runs[e].end > runs[e].start { // what takes no time never runs
				advance(max(runs[e].end, at))
				running.add(runs[e].trace, -1)
			}
		}
		for ; left < i && runs[left].start <= r.start-recent; left++ {
			arrived.add(runs[left].trace, -1)
		}
		if !math.IsNaN(float64(r.log)) {
			yield(r.op, begun{
				start: r.start, trace: r.trace, log: r.log,
				inFlight: float32(thinned) * float32(running.others(r.trace)), arrived: float32(thinned) * float32(arrived.others(r.trace)),
			})
		}
		advance(r.start)
		if r.end > r.start {
			running.add(r.trace, 1)
		}
		arrived.add(r.trace, 1)
	}
	for ; ended < len(ends); ended++ {
		if e := ends[ended]; runs[e].end > runs[e].start {
			advance(max(runs[e].end, at))
			running.add(runs[e].trace, -1)
		}
	}
	span := max(float64(last-first), 1)
	return load{little: thinned * busy / span, measured: thinned * area / span}
}

// counter counts spans, and how many of them are of each trace.
type counter struct {
	n  int
	of map[uint32]int
}

func (c *counter) add(trace uint32, n int) {
	c.n += n
	if k := c.of[trace] + n; k != 0 {
		c.of[trace] = k
	} else {
		delete(c.of, trace)
	}
}

// others is how many are not of a trace.
func (c *counter) others(trace uint32) int { return c.n - c.of[trace] }

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
