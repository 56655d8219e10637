// How unusual a duration is among those of its operation.

package aggregate

import (
	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
)

// latencies are the durations of operations over everything received, for saying how unusual a span or
// a trace is (ANALYSES A37). Kept for one query.
type latencies struct {
	v       *rollup.View
	measure rollup.Measure
	series  map[uint32]uint32 // by operation id
	sums    map[uint32]*latency
}

// latency is the durations of one operation.
type latency struct {
	durations   *hist.Histogram
	median, p95 int64
	strip       Strip // but for At
	low, width  int   // bins: where it begins, and how wide its cells are
}

// newLatencies looks at all spans of an operation (rollup.MeasureOperation) or at main roots only
// (rollup.MeasureRoot). Operations are read when they are first asked for.
func newLatencies(v *rollup.View, m rollup.Measure) *latencies {
	l := &latencies{v: v, measure: m, series: map[uint32]uint32{}, sums: map[uint32]*latency{}}
	for i := range v.Subjects {
		if s := &v.Subjects[i]; s.Measure == m && s.Op != 0 {
			l.series[s.Op] = uint32(i)
		}
	}
	return l
}

// read reads some operations in one pass: one by one, each would take a pass.
func (l *latencies) read(ops map[uint32]struct{}) {
	var wanted, series []uint32
	for op := range ops {
		if s, known := l.series[op]; known && l.sums[op] == nil {
			wanted, series = append(wanted, op), append(series, s)
		}
	}
	sums := l.v.SumEach(rollup.Window{}, series)
	for i, op := range wanted {
		l.sums[op] = newLatency(&sums[i])
	}
}

// of says how unusual a duration (ns) is for an operation; it is the zero SpanContext where nothing is known of the
// operation.
func (l *latencies) of(op uint32, ns int64) SpanContext {
	x, ok := l.sums[op]
	if !ok {
		series, known := l.series[op]
		if !known {
			return SpanContext{}
		}
		sum := l.v.Sum(rollup.Window{}, []uint32{series})
		x = newLatency(&sum)
		l.sums[op] = x
	}
	rank, ok := x.durations.Rank(ns)
	if !ok {
		return SpanContext{}
	}
	c := SpanContext{N: x.durations.Count(), Percentile: 100 * rank, Median: x.median, P95: x.p95, Strip: x.strip}
	c.Strip.At = cellOf(hist.Bin(ns), x.low, x.width)
	return c
}

func newLatency(s *rollup.Stat) *latency {
	x := &latency{durations: &s.Latency}
	x.median, x.p95 = s.Latency.Quantile(.5), s.Latency.Quantile(.95)
	x.strip, x.low, x.width = stripOf(&s.Latency)
	return x
}
