// Which latencies grow, and which changed at once.

package aggregate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"oteltop/aggregate/growth"
	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// recent is how far back the second look at trends goes: what began minutes ago does not show among
	// the windows of an hour. It is what the finest buckets cover.
	recent = 360e9
	// unsettled is how long it takes in a live engine until most spans of a time have arrived. The fast
	// ones arrive first, so younger windows would look faster than they are.
	unsettled = 10e9
)

// trendColumns are into how many windows a stretch is divided, in turn, until those of a series have
// enough samples: the more windows, the better can growth be told from noise.
var trendColumns = [...]int{60, 30, 15}

// Trends is which latencies grow, and which changed at once. Rows that changed by themselves come first,
// then those that wait for others, then the rest.
type Trends struct {
	Provenance Provenance
	Rows       []growth.Row
	Tests      int // that were made, all rows and quantiles together
	TooFew     int // operations and services with too few spans to be judged
}

// Trends implements Engine. A focus narrows the rows, not what explains them.
func (m *Memory) Trends(ctx context.Context, q Query) (*Trends, error) {
	return ask(ctx, m, questionOf("trends", q), func() (*Trends, error) {
		v, err := m.view(ctx, q)
		if err != nil {
			return nil, err
		}
		out := trendsOf(v, q)
		return out, m.completeProvenance(ctx, q, &out.Provenance)
	})
}

func trendsOf(v *rollup.View, q Query) *Trends {
	out := &Trends{Provenance: rollupProvenance(v, q.Window)}
	x := newTrendSeries(v)
	series := x.over(q.Window, (*growth.Series).Fits, trendColumns[:]...)
	all := len(series)
	if first, last, ok := v.Extent(rollupWindow(q.Window)); ok && last-first > 2*recent {
		series = append(series, x.over(Window{From: max(q.Window.From, last-recent), To: q.Window.To}, (*growth.Series).Fits, trendColumns[:]...)...)
	}
	rows, tests := growth.Judge(series)
	out.Tests = tests
	rows = longest(rows)
	out.TooFew = all - len(rows)
	growth.Explain(rows, newReach(v).reaches)
	rows = slices.DeleteFunc(rows, func(r growth.Row) bool {
		return q.Focus.Operation != "" && (r.Operation != q.Focus.Operation || r.Kind != q.Focus.Kind) ||
			q.Focus.Service != "" && r.Service != q.Focus.Service ||
			q.Focus.Server != "" && r.Service != q.Focus.Server
	})
	slices.SortStableFunc(rows, compareTrends)
	out.Rows = rows
	p := &out.Provenance
	p.AddNote(fmt.Sprintf("%d tests; %d operations and services have fewer than %d windows of %d spans", tests, out.TooFew, growth.MinWindows, growth.MinSamples))
	return out
}

// longest keeps one row of each place: that of the whole stretch, unless only the recent one shows a change.
func longest(rows []growth.Row) []growth.Row {
	at := map[model.Place]int{}
	kept := rows[:0]
	for _, r := range rows {
		i, twice := at[r.Place]
		switch {
		case !twice:
			at[r.Place] = len(kept)
			kept = append(kept, r)
		case r.Alarm() && !kept[i].Alarm():
			kept[i] = r
		}
	}
	return kept
}

// compareTrends is by rank, then by how much time the change cost, then by name.
func compareTrends(a, b growth.Row) int {
	rank := func(r *growth.Row) int {
		switch {
		case !r.Alarm():
			return 2
		case r.Because != nil || !r.Origin():
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(b.Lost, a.Lost), cmp.Compare(b.Growth95, a.Growth95),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
}

// trendSeries reads the series of operations and services from a view.
type trendSeries struct {
	v     *rollup.View
	table *operationTable
	sums  []rollup.Stat // scratch, by row of the table
}

func newTrendSeries(v *rollup.View) *trendSeries {
	t := newOperationTable(v, Query{})
	return &trendSeries{v: v, table: t, sums: make([]rollup.Stat, len(t.rows))}
}

// over is the series of every row over a window, divided into the first of some numbers of windows with which it
// fits.
func (x *trendSeries) over(w Window, fits func(*growth.Series) bool, into ...int) []growth.Series {
	out := make([]growth.Series, len(x.table.rows))
	done := make([]bool, len(out))
	whole := make([]hist.Histogram, len(out))
	for pass, columns := range into {
		steps := x.v.Steps(rollupWindow(w), columns)
		if steps.Columns < growth.MinWindows {
			break
		}
		for i := range out {
			if r := &x.table.rows[i]; !done[i] {
				out[i] = growth.Series{Place: model.Place{Service: r.Service, Operation: r.Operation, Kind: r.Kind}, Step: steps.Step}
			}
		}
		x.eachWindow(w, steps, func(at int64) {
			for i := range x.sums {
				if s := &x.sums[i]; !done[i] && !s.IsZero() {
					out[i].Windows = append(out[i].Windows, trendWindow(at, s))
				}
				if pass == 0 {
					whole[i].Merge(&x.sums[i].Latency)
				}
			}
		})
		for i := range out {
			done[i] = done[i] || len(out[i].Windows) > 0 && fits(&out[i])
		}
	}
	for i := range out {
		out[i].P50, out[i].P99 = float64(whole[i].Quantile(.5)), float64(whole[i].Quantile(.99))
	}
	// What was folded for lack of room is no one operation.
	return slices.DeleteFunc(out, func(s growth.Series) bool {
		return len(s.Windows) == 0 || s.Operation == store.Overflow || s.Service == store.Overflow
	})
}

// eachWindow tells of every window that most spans have arrived of when it starts, in Unix ns; x.sums holds what it
// has meanwhile.
func (x *trendSeries) eachWindow(w Window, steps rollup.Steps, tell func(at int64)) {
	x.v.Columns(rollupWindow(w), steps, func(column int, stats []rollup.Stat) {
		at := steps.Start + int64(column)*steps.Step
		if x.v.Live && at+steps.Step > x.v.Now-unsettled {
			return
		}
		x.add(stats)
		tell(at)
		for i := range x.sums {
			x.sums[i].Reset()
		}
	})
}

// add sums up a column by row of the table.
func (x *trendSeries) add(stats []rollup.Stat) {
	x.table.groups.addTo(x.sums, stats)
	for i := range stats {
		if r := x.table.selfOf[i]; r >= 0 {
			x.sums[r].Self += stats[i].Self
		}
	}
}

func trendWindow(at int64, s *rollup.Stat) growth.Window {
	w := growth.Window{At: at, Calls: s.Latency.Count(), P50: float64(s.Latency.Quantile(.5)), P95: float64(s.Latency.Quantile(.95))}
	if w.Calls == 0 {
		return w
	}
	s.Latency.Each(func(bin int, n int64) { w.Mean += float64(hist.Mid(bin)) * float64(n) })
	w.Mean /= float64(w.Calls)
	w.Self = float64(s.Self) / float64(w.Calls)
	return w
}

// reach is which services wait for which, directly or not, by the calls that a view has. Messages are
// left out: whoever sends one does not wait.
type reach struct {
	calls map[string][]string
	known map[string]map[string]struct{}
}

func newReach(v *rollup.View) *reach {
	r := &reach{calls: map[string][]string{}, known: map[string]map[string]struct{}{}}
	name := newNamer(v.Names)
	for _, e := range v.Edges {
		if e.Kind != rollup.EdgeMessaging {
			n := name.edge(e)
			r.calls[n.client] = append(r.calls[n.client], n.server)
		}
	}
	return r
}

func (r *reach) reaches(from, to string) bool {
	found, ok := r.known[from]
	if !ok {
		found = map[string]struct{}{}
		r.known[from] = found
		for queue := slices.Clone(r.calls[from]); len(queue) > 0; {
			next := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			if _, seen := found[next]; !seen {
				found[next] = struct{}{}
				queue = append(queue, r.calls[next]...)
			}
		}
	}
	_, ok = found[to]
	return ok
}

// trendExemplars are retained traces that show the change of a row, the latest first.
func trendExemplars(v *rollup.View, r *growth.Row, most int, retained func(model.TraceID) bool) []model.TraceID {
	series := subjectSeries(v, Focus{Service: r.Service, Operation: r.Operation, Kind: r.Kind})
	steps := v.Steps(rollup.Window{From: max(r.At, r.From), To: r.To}, 16)
	row := hist.Bin(int64(r.After)) >> hist.RowShift
	var found []model.TraceID
	for column := steps.Columns - 1; column >= 0 && len(found) < most; column-- {
		v.Exemplars(steps, column, series, row, 8, func(id model.TraceID) bool {
			if !slices.Contains(found, id) && retained(id) {
				found = append(found, id)
			}
			return len(found) < most
		})
	}
	return found
}
