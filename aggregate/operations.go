// Rates, errors and durations by operation and by service.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/rollup"
	"oteltop/model"
)

// Operations is the table of operations and of services.
type Operations struct {
	Provenance Provenance
	Rows       []OperationRow // by time share, then name
	Services   []OperationRow // Operation "", Kind 0; RED over entry spans
}

// OperationRow is one (service, operation, kind), or one service.
type OperationRow struct {
	Service   string
	Operation string
	Kind      model.Kind
	RED       RED
	Self      int64   // total self time, ns
	TimeShare float64 // Self / Σ Self of the answer
	Trend     Trend
	Delta     *Delta // nil without a baseline or where it had fewer than 10 calls
}

// Delta compares with the baseline window. Ratios are now/baseline, 0 where the baseline was 0.
type Delta struct {
	Calls      uint64 // in the baseline
	RateRatio  float64
	P50Ratio   float64
	P95Ratio   float64
	ErrorShare float64 // now − baseline
}

// Operations implements Engine.
func (m *Memory) Operations(ctx context.Context, q Query) (*Operations, error) {
	return ask(ctx, m, questionOf("operations", q), func() (*Operations, error) {
		v, err := m.view(ctx, q)
		if err != nil {
			return nil, err
		}
		out := operationsOf(v, q)
		return out, m.completeProvenance(ctx, q, &out.Provenance)
	})
}

// operationsOf answers Engine.Operations from a view. Operation rows count all spans of the operation,
// service rows its entry spans; self time of a service is that of all its operations. A focus keeps the
// rows of its service, of its operation, or of its edge's server.
func operationsOf(v *rollup.View, q Query) *Operations {
	o := &Operations{Provenance: rollupProvenance(v, q.Window)}
	t := newOperationTable(v, q)
	window, baseline := rollupWindow(q.Window), rollupWindow(q.Baseline)
	seconds := v.Seconds(window)
	stats, trends := t.groups.history(len(t.rows), v, q.Window)
	sums := t.sums(stats)
	var before []rollup.Stat
	var beforeSeconds float64
	if !baseline.IsZero() {
		before, beforeSeconds = t.sums(v.Sums(baseline)), v.Seconds(baseline)
	}
	total := int64(0)
	for i := range t.rows {
		r := &t.rows[i]
		r.RED, r.Self, r.Trend = redOf(&sums[i], seconds), sums[i].Self, trends[i]
		if !t.isService[i] {
			total += r.Self
			if q.Window != (Window{}) {
				o.Provenance.Spans += r.RED.Calls
			}
		}
		if before != nil {
			r.Delta = deltaOf(&sums[i], &before[i], seconds, beforeSeconds)
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		if total > 0 {
			r.TimeShare = float64(r.Self) / float64(total)
		}
		switch {
		case r.RED.Calls == 0 && r.Self == 0 && (before == nil || before[i].Latency.Count() == 0):
		case t.isService[i]:
			o.Services = append(o.Services, *r)
		default:
			o.Rows = append(o.Rows, *r)
		}
	}
	slices.SortFunc(o.Rows, compareOperations)
	slices.SortFunc(o.Services, compareOperations)
	return o
}

// compareOperations is by time share, then name.
func compareOperations(a, b OperationRow) int {
	return cmp.Or(cmp.Compare(b.TimeShare, a.TimeShare), cmp.Compare(b.Self, a.Self),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
}

// operationTable maps series to rows: every operation series to its operation's row and, when its spans
// are entry spans, to its service's. Series of folded operations share one row per service and kind.
type operationTable struct {
	rows      []OperationRow
	isService []bool
	groups    grouping
	selfOf    []int // by series: the service row that takes only its self time, -1
}

type operationKey struct {
	service   uint32
	name      string
	kind      model.Kind
	isService bool
}

// newOperationTable makes rows in the focus of a query. Self time is known of operations, so a service takes it from
// all of its operations, also from those whose spans are no entry spans (selfOf).
func newOperationTable(v *rollup.View, q Query) *operationTable {
	t := &operationTable{groups: newGrouping(v), selfOf: make([]int, len(v.Subjects))}
	rows := map[operationKey]int{}
	row := func(k operationKey) int {
		i, ok := rows[k]
		if !ok {
			i = len(t.rows)
			rows[k] = i
			t.rows = append(t.rows, OperationRow{Service: serviceName(v, k.service), Operation: k.name, Kind: k.kind})
			t.isService = append(t.isService, k.isService)
		}
		return i
	}
	for i := range v.Subjects {
		t.selfOf[i] = -1
		s := &v.Subjects[i]
		if i == 0 || s.Measure != rollup.MeasureOperation && s.Measure != rollup.MeasureEntry || !inFocus(v, q.Focus, s) {
			continue
		}
		if q.Focus.Operation == "" {
			service := row(operationKey{service: s.Service, isService: true})
			if s.Measure == rollup.MeasureEntry || s.Entry() {
				t.groups[i][0] = service
			} else {
				t.selfOf[i] = service
			}
		}
		if s.Measure == rollup.MeasureOperation {
			t.groups[i][1] = row(operationKey{service: s.Service, name: s.OperationName(v.Names), kind: s.Kind})
		}
	}
	return t
}

// inFocus reports whether the rows of a series are asked for.
func inFocus(v *rollup.View, f Focus, s *rollup.Subject) bool {
	service := serviceName(v, s.Service)
	switch {
	case f.Operation != "":
		return f.Service == service && s.Measure == rollup.MeasureOperation && f.Kind == s.Kind &&
			f.Operation == s.OperationName(v.Names)
	case f.Service != "":
		return f.Service == service
	case f.Server != "":
		return f.Server == service
	}
	return true
}

// sums adds up the series of each row.
func (t *operationTable) sums(stats []rollup.Stat) []rollup.Stat {
	sums := t.groups.sums(len(t.rows), stats)
	for i := range stats {
		if r := t.selfOf[i]; r >= 0 {
			sums[r].Self += stats[i].Self
		}
	}
	return sums
}
