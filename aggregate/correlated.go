// Which services' latencies move together.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/correlated"
	"oteltop/aggregate/growth"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/stats"
)

// Correlated is which services move together, and whose time decides how long requests take: associations, see package
// correlated. Pairs come from the rollups, Operations from the retained traces; Provenance is that of the latter.
type Correlated struct {
	Provenance Provenance
	Pairs      []correlated.Pair
	Operations []OperationImportance
	Tests      int // of pairs, at each lag
}

// OperationImportance is an operation in the requests of a root operation.
type OperationImportance struct {
	correlated.Importance
	// Congestion is p99/p50 of all spans of the operation (FIRM's congestion intensity); 0 where there are none.
	Congestion float64
}

// Correlated implements Engine.
func (m *Memory) Correlated(ctx context.Context, q Query) (*Correlated, error) {
	return ask(ctx, m, questionOf("correlated", q), func() (*Correlated, error) {
		v, err := m.view(ctx, q)
		if err != nil {
			return nil, err
		}
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		f := correlated.New(m.store.Names())
		out := &Correlated{}
		if out.Provenance, err = m.sweep(ctx, s, q.Window, maxSearched, f.Fold); err != nil {
			return nil, err
		}
		out.Pairs, out.Tests = correlated.Pairs(serviceSeries(v, q.Window), newReach(v).reaches)
		rows, dropped := f.Importance()
		congestion := congestionOf(v, q.Window)
		for _, r := range rows {
			out.Operations = append(out.Operations, OperationImportance{r, congestion[r.Op]})
		}
		note := fmt.Sprintf("%d comparisons of services, from rollups", out.Tests)
		if dropped > 0 {
			note += fmt.Sprintf("; %d times there was no room for another operation", dropped)
		}
		out.Provenance.AddNote(note)
		return out, nil
	})
}

// serviceSeries is the p95 of services over windows of several widths: two services can be compared only over the
// same, and a rare one needs wide ones.
func serviceSeries(v *rollup.View, w Window) (all []correlated.Series) {
	x := newTrendSeries(v)
	for _, columns := range trendColumns {
		if columns < correlated.MinWindows {
			break
		}
		for _, s := range x.over(w, hasPairWindows, columns) {
			if s.Operation != "" || !hasPairWindows(&s) {
				continue
			}
			c := correlated.Series{Service: s.Service, Step: s.Step}
			for _, x := range s.Windows {
				if x.Calls >= correlated.MinSamples {
					c.At, c.P95 = append(c.At, x.At), append(c.P95, x.P95)
					c.Calls += x.Calls
				}
			}
			all = append(all, c)
		}
	}
	return all
}

// hasPairWindows reports whether a series has enough windows to be compared with another.
func hasPairWindows(s *growth.Series) bool {
	n := 0
	for i := range s.Windows {
		if s.Windows[i].Calls >= correlated.MinSamples {
			n++
		}
	}
	return n >= correlated.MinWindows
}

// congestionOf is p99/p50 by operation id.
func congestionOf(v *rollup.View, w Window) map[uint32]float64 {
	found := map[uint32]float64{}
	sums := v.Sums(rollupWindow(w))
	for i := range v.Subjects {
		s := &v.Subjects[i]
		if s.Measure != rollup.MeasureOperation || s.Op == 0 || sums[i].Latency.Count() == 0 {
			continue
		}
		found[s.Op] = stats.Ratio(sums[i].Latency.Quantile(.99), sums[i].Latency.Quantile(.5))
	}
	return found
}
