// Trends as findings.

package aggregate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/growth"
	"oteltop/aggregate/prose"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/store"
)

// sameMoment is how far a step may lie from an onset to be the same event: onsets are found to a few
// seconds, steps to a window.
const sameMoment = 30e9

// leastGrowth is how much longer, in ns, an operation has to take for its growth to be a finding: nobody looks
// for a quarter of a millisecond, however certain it is.
const leastGrowth = 1e6

// trendFindings are growth and steps as findings. What an onset tells already is left out: it says whose
// fault it is, and one event is one line.
func (m *Memory) trendFindings(ctx context.Context, q Query, s *scope, onsets []suspects.Onset) ([]findings.Finding, error) {
	q.Focus = Focus{}
	trends, err := m.Trends(ctx, q)
	if err != nil {
		return nil, err
	}
	alarms := growth.Alarms(trends.Rows)
	if len(alarms) == 0 {
		return nil, nil
	}
	v, err := m.view(ctx, q)
	if err != nil {
		return nil, err
	}
	retained := map[model.TraceID]struct{}{}
	err = s.each(ctx, func(t *store.TraceInfo) { retained[t.ID] = struct{}{} })
	if err != nil {
		return nil, err
	}
	var found []findings.Finding
	for _, r := range alarms {
		known := slices.ContainsFunc(onsets, func(o suspects.Onset) bool {
			return r.Shape == growth.Step && r.At > o.At-sameMoment-r.Step && r.At < max(o.At, o.To)+sameMoment
		})
		if known || r.After-r.Before < leastGrowth {
			continue
		}
		f := trendFinding(r, dependents(trends.Rows, r))
		f.Of = max(rootCalls(v, r), 1)
		f.Harmed = min(r.Slower, f.Of)
		f.Traces = trendExemplars(v, r, findings.MaxTraces, func(id model.TraceID) bool {
			_, ok := retained[id]
			return ok
		})
		found = append(found, f)
	}
	return found, nil
}

// rootCalls is how many requests began in the time of a row.
func rootCalls(v *rollup.View, r *growth.Row) uint64 {
	series := v.Series(func(s *rollup.Subject) bool { return s.Measure == rollup.MeasureRoot })
	sum := v.Sum(rollup.Window{From: r.From, To: r.To}, series)
	return sum.Latency.Count()
}

// dependents are the services that are slower because of a row, by name.
func dependents(rows []growth.Row, origin *growth.Row) []string {
	var names []string
	for i := range rows {
		r := &rows[i]
		if r.Because != nil && *r.Because == origin.Place && r.Service != origin.Service && !slices.Contains(names, r.Service) {
			names = append(names, r.Service)
		}
	}
	slices.Sort(names)
	return names
}

func trendFinding(r *growth.Row, also []string) findings.Finding {
	f := findings.Finding{
		Kind: findings.Growth, Title: trendTitle(r, also), Service: r.Service, Operation: r.Operation, OpKind: r.Kind,
		Lost: r.Lost, Q: r.Q,
		Figures: []findings.Figure{
			{Name: "ratio", Number: r.Ratio()},
			{Name: "quantile", Number: r.Quantile},
			{Name: "before_ns", Number: r.Before},
			{Name: "after_ns", Number: r.After},
			{Name: "windows", Number: float64(r.Windows)},
			{Name: "self_share", Number: r.OwnShare},
		},
	}
	if r.Shape == growth.Step {
		f.Kind, f.From, f.To = findings.Step, r.At, r.To
	} else {
		f.Figures = append(f.Figures, findings.Figure{Name: "law", Text: string(r.Law)}, findings.Figure{Name: "doubling_ns", Number: float64(r.Doubling)})
	}
	if len(also) > 0 {
		f.Figures = append(f.Figures, findings.Figure{Name: "also", Text: strings.Join(also, ", ")})
	}
	return f
}

// trendTitle is a sentence: "search in catalog grows: p95 12ms → 48ms in 30m00s, twice every 15m00s; web waits for it".
func trendTitle(r *growth.Row, also []string) string {
	who := r.Service
	if r.Operation != "" {
		who = r.Operation + " in " + r.Service
	}
	var b strings.Builder
	figure := fmt.Sprintf("p%.0f %s → %s", 100*r.Quantile, prose.Duration(int64(r.Before)), prose.Duration(int64(r.After)))
	switch {
	case r.Shape == growth.Step:
		fmt.Fprintf(&b, "%s takes ×%.3g: %s", who, r.Ratio(), figure)
	case r.Law == growth.Exponential:
		fmt.Fprintf(&b, "%s grows exponentially: %s in %s, twice every %s", who, figure, prose.Duration(r.To-r.From), prose.Duration(r.Doubling))
	default:
		fmt.Fprintf(&b, "%s grows steadily: %s in %s", who, figure, prose.Duration(r.To-r.From))
	}
	switch len(also) {
	case 0:
	case 1:
		fmt.Fprintf(&b, "; %s waits for it", also[0])
	case 2:
		fmt.Fprintf(&b, "; %s and %s wait for it", also[0], also[1])
	default:
		fmt.Fprintf(&b, "; %s and %d other services wait for it", also[0], len(also)-1)
	}
	return b.String()
}
