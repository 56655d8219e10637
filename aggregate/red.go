// Rate, errors, durations: of series of the rollups, and over time.
//
// This file and its neighbours (servicemap, operations, heatmap) turn a rollup.View into the answers of an Engine. The
// view may be of the live rollups, or of a fresh Rollup into which only the traces that match a filter were folded: the
// answers are computed the same way.

package aggregate

import (
	"strconv"

	"oteltop/aggregate/prose"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/stats"
	"oteltop/model/store"
)

// RED is rate, errors, duration of a set of spans.
type RED struct {
	Calls  uint64
	Errors uint64
	Rate   float64 // calls per second over the window in which there was data
	P50    int64   // ns; 0 when Calls is 0
	P95    int64
	P99    int64
	Max    int64
}

// ErrorShare is Errors/Calls, 0 for no calls.
func (r RED) ErrorShare() float64 {
	if r.Calls == 0 {
		return 0
	}
	return float64(r.Errors) / float64(r.Calls)
}

// Trend is a figure over equal steps of time, oldest first; all slices have the same length. Steps of
// which the window, or the present, cuts off a part are left out.
type Trend struct {
	Start, Step int64 // Unix ns, ns
	Calls       []uint64
	Errors      []uint64
	P95         []int64 // 0 where there were no calls
}

// trendPoints is how many steps a Trend has at most: a sparkline on the widest screen.
const trendPoints = 60

func rollupWindow(w Window) rollup.Window { return rollup.Window(w) }

// redOf makes a RED of a series' sum. seconds is the time that the calls are spread over.
func redOf(s *rollup.Stat, seconds float64) RED {
	r := RED{Calls: s.Latency.Count(), Errors: uint64(s.Errors)}
	if r.Calls == 0 {
		return RED{}
	}
	r.Rate = float64(r.Calls) / seconds
	r.P50, r.P95, r.P99 = quantiles(&s.Latency)
	r.Max = s.Latency.Max()
	return r
}

// rollupProvenance says what an answer from a view was computed from. Basis is left to the engine where
// the view is of a scan.
func rollupProvenance(v *rollup.View, w Window) Provenance {
	p := Provenance{Basis: BasisRollups, Of: v.Counters.Spans, Traces: v.Counters.Traces}
	if first, last, ok := v.Extent(rollupWindow(w)); ok {
		p.From, p.To = first, last
	}
	if w == (Window{}) {
		p.Spans = v.Counters.Spans
	}
	if width := v.Rounding(rollupWindow(w)); width > 0 && !v.Live { // of a live window, which moves on, nobody expects to the second
		p.Note = "the period is rounded to whole steps of " + prose.Duration(width)
	}
	if n := v.Counters.Undated; n > 0 {
		p.AddNote(countNote(n, "span lies outside the time range and counts in totals only", "spans lie outside the time range and count in totals only"))
	}
	return p
}

// grouping maps series to the groups that an answer reports on: by series up to two groups, -1 for none.
type grouping [][2]int

func newGrouping(v *rollup.View) grouping {
	g := make(grouping, len(v.Subjects))
	for i := range g {
		g[i] = [2]int{-1, -1}
	}
	return g
}

// sums adds up the series of each of n groups.
func (g grouping) sums(n int, stats []rollup.Stat) []rollup.Stat {
	sums := make([]rollup.Stat, n)
	g.addTo(sums, stats)
	return sums
}

func (g grouping) addTo(sums, stats []rollup.Stat) {
	for series := range stats {
		if stats[series].IsZero() {
			continue
		}
		for _, group := range g[series] {
			if group >= 0 {
				sums[group].Merge(&stats[series])
			}
		}
	}
}

// history returns the sum of every series over the window, and one Trend for each of n groups over at
// most trendPoints steps. Both come from one reading of the buckets, which is what costs time.
func (g grouping) history(n int, v *rollup.View, w Window) ([]rollup.Stat, []Trend) {
	steps := v.Steps(rollupWindow(w), trendPoints)
	trends := make([]Trend, n)
	for i := range trends {
		trends[i] = Trend{
			Start: steps.Start, Step: steps.Step,
			Calls: make([]uint64, steps.Columns), Errors: make([]uint64, steps.Columns), P95: make([]int64, steps.Columns),
		}
	}
	total := make([]rollup.Stat, len(v.Subjects))
	if rollupWindow(w).IsZero() {
		v.AddUndated(total)
	}
	sums := make([]rollup.Stat, n)
	v.Columns(rollupWindow(w), steps, func(column int, stats []rollup.Stat) {
		for i := range stats {
			if !stats[i].IsZero() {
				total[i].Merge(&stats[i])
			}
		}
		g.addTo(sums, stats)
		for i := range sums {
			t, s := &trends[i], &sums[i]
			if s.IsZero() {
				continue
			}
			t.Calls[column] = s.Latency.Count()
			t.Errors[column] = uint64(s.Errors)
			t.P95[column] = s.Latency.Quantile(.95)
			s.Reset()
		}
	})
	for i := range total {
		total[i].Clip()
	}
	from, to := v.Whole(rollupWindow(w), steps)
	for i := range trends {
		trends[i].cut(from, to)
	}
	return total, trends
}

// cut keeps a run of the steps.
func (t *Trend) cut(from, to int) {
	t.Start += int64(from) * t.Step
	t.Calls, t.Errors, t.P95 = t.Calls[from:to], t.Errors[from:to], t.P95[from:to]
}

// deltaOf compares with the baseline; nil where it has too few calls to compare with.
func deltaOf(now, base *rollup.Stat, nowSeconds, baseSeconds float64) *Delta {
	const enough = 10 // calls; see OperationRow.Delta
	n := base.Latency.Count()
	if n < enough {
		return nil
	}
	a, b := redOf(now, nowSeconds), redOf(base, baseSeconds)
	return &Delta{
		Calls:      n,
		RateRatio:  a.Rate / b.Rate,
		P50Ratio:   stats.Ratio(a.P50, b.P50),
		P95Ratio:   stats.Ratio(a.P95, b.P95),
		ErrorShare: a.ErrorShare() - b.ErrorShare(),
	}
}

// serviceName is the name of a service id; 0 stands for services beyond the bound on series.
func serviceName(v *rollup.View, id uint32) string {
	if id == 0 {
		return store.Overflow
	}
	return v.Names.Service(id)
}

// countNote is "n text" with the noun in the right number.
func countNote(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatUint(n, 10) + " " + many
}
