// Retained traces as a list: which, in what order, with what in a row.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/features"
	"oteltop/aggregate/request"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

// Selection is a part of a heatmap: subject spans that start in the window and last [MinDur, MaxDur) ns.
// A zero bound is open.
type Selection struct {
	Window         Window
	MinDur, MaxDur int64
	ErrorsOnly     bool
	Column         ColumnRange // and whose traces have certain values in a column
}

// ColumnRange is the traces that have some of the values of a column, see package features. Comparable; the zero
// value is all traces.
type ColumnRange struct {
	Expr string // an expression; empty: all traces
	features.Range
}

// TraceSort is a column of the trace list.
type TraceSort string

// The sort orders; ties are broken by trace id.
const (
	SortStart    TraceSort = "start"
	SortDuration TraceSort = "duration"
	SortSpans    TraceSort = "spans"
	SortErrors   TraceSort = "errors"
	SortServices TraceSort = "services"
	SortRoot     TraceSort = "root"
	SortColumn   TraceSort = "column" // of TracesQuery.Column; traces that have no value come last
)

// TracesQuery asks for retained traces in scope: those with a span that matches the filter and, where a
// focus or selection is set, with a subject span inside it.
type TracesQuery struct {
	Query
	Selection *Selection
	Sort      TraceSort // default start, newest first
	Ascending bool
	Limit     int            // default 1000
	Column    *features.Expr // works out TraceRow.Column; nil: none
}

// TraceList is the traces of a scope.
type TraceList struct {
	Provenance Provenance
	Rows       []TraceRow
	Matched    uint64 // traces in scope, of which Rows are the first
}

// TraceRow is one trace in a list.
type TraceRow struct {
	ID            model.TraceID
	RootService   string
	RootOperation string
	RootKind      model.Kind
	Start         int64   // Unix ns
	Duration      int64   // ns, see model.Trace.Duration
	Percentile    float64 // rank of Duration within its root operation, 0–100; -1 with n < 10
	Spans         int
	Services      int
	Errors        int
	Complete      bool
	Orphans       int
	Settled       bool
	Shape         string // short stable hash of the call structure (A20 k2)
	Kept          model.KeptBecause
	Column        features.Cell // of TracesQuery.Column; nothing without
}

const (
	// defaultTraces is how many rows a list has when the query leaves it open.
	defaultTraces = 1000
	// minRankCalls is how many calls a percentile needs to mean anything.
	minRankCalls = 10
	// maxDetails bounds the memory of worked-out traces: some screens' worth, 100 bytes each.
	maxDetails = 16384
)

// traceDetail is what a list shows of a trace beyond its summary: it needs the tree. Valid as long as
// the trace has this many spans and is in this state.
type traceDetail struct {
	spans    int
	settled  bool
	start    int64 // of its earliest span that has a time (0 is OTLP's unset)
	services int
	orphans  int
	complete bool
	shape    uint64
}

// Traces implements Engine.
func (m *Memory) Traces(ctx context.Context, q TracesQuery) (*TraceList, error) {
	k := questionOf("traces", q.Query)
	k.sort, k.ascending, k.limit = q.Sort, q.Ascending, q.Limit
	if q.Selection != nil {
		k.selected, k.selection = true, *q.Selection
	}
	if q.Column != nil {
		k.key = q.Column.String()
	}
	return ask(ctx, m, k, func() (*TraceList, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		matched, err := m.tracesIn(ctx, s, q)
		if err != nil {
			return nil, err
		}
		list := &TraceList{Provenance: s.provenance(), Matched: uint64(len(matched))}
		list.Provenance.From, list.Provenance.To = extentOf(matched)
		if err := m.sortTraces(ctx, s, matched, q); err != nil {
			return nil, err
		}
		matched = matched[:min(len(matched), positive(q.Limit, defaultTraces))]
		if list.Rows, err = m.rows(ctx, s, matched); err != nil {
			return nil, err
		}
		cells, err := m.columnOf(ctx, s, matched, q.Column)
		for i := range matched {
			list.Rows[i].Column = cells[matched[i].Index]
		}
		return list, err
	})
}

// tracesIn are the summaries of the traces in scope.
func (m *Memory) tracesIn(ctx context.Context, s *scope, q TracesQuery) ([]store.TraceInfo, error) {
	var matched []store.TraceInfo
	if q.Window == (Window{}) && q.Focus.IsZero() && q.Selection == nil {
		err := s.each(ctx, func(t *store.TraceInfo) { matched = append(matched, *t) })
		return matched, err
	}
	in := Selection{}
	if q.Selection != nil {
		in = *q.Selection
	}
	found, err := m.subjects(ctx, s, q.Query, in.narrow(q.Window))
	for _, t := range found {
		matched = append(matched, t)
	}
	// In the order of a map, what samples them or keeps the first of them would answer otherwise each time.
	slices.SortFunc(matched, func(a, b store.TraceInfo) int { return cmp.Compare(a.Index, b.Index) })
	return matched, err
}

// sortTraces orders summaries. Only the orders by services and by a column have to look into every trace.
func (m *Memory) sortTraces(ctx context.Context, s *scope, ts []store.TraceInfo, q TracesQuery) error {
	names := m.store.Names()
	services := map[uint32]int{}
	var cells map[uint32]features.Cell
	var err error
	switch {
	case q.Sort == SortServices:
		services, err = s.countServices(ctx)
	case q.Sort == SortColumn:
		cells, err = m.columnOf(ctx, s, ts, q.Column)
	}
	if err != nil {
		return err
	}
	compare := func(a, b *store.TraceInfo) int {
		switch q.Sort {
		case SortDuration:
			return cmp.Compare(a.RootDur, b.RootDur)
		case SortSpans:
			return cmp.Compare(a.Spans, b.Spans)
		case SortErrors:
			return cmp.Compare(a.Errors, b.Errors)
		case SortServices:
			return cmp.Compare(services[a.Index], services[b.Index])
		case SortColumn:
			x, y := cells[a.Index], cells[b.Index]
			return compareCells(&x, &y)
		case SortRoot:
			x, y := names.Operation(a.RootOp), names.Operation(b.RootOp)
			return cmp.Or(cmp.Compare(x.ServiceName, y.ServiceName), cmp.Compare(x.Name, y.Name))
		}
		return cmp.Compare(a.Start, b.Start)
	}
	sign := -1
	if q.Ascending {
		sign = 1
	}
	isMissing := func(t *store.TraceInfo) int {
		if q.Sort == SortColumn && cells[t.Index].Sort == features.Missing {
			return 1
		}
		return 0
	}
	slices.SortFunc(ts, func(a, b store.TraceInfo) int {
		return cmp.Or(cmp.Compare(isMissing(&a), isMissing(&b)), sign*compare(&a, &b), a.ID.Compare(b.ID))
	})
	return ctx.Err()
}

// countServices counts the distinct services of every retained trace in one pass over the records.
func (s *scope) countServices(ctx context.Context) (map[uint32]int, error) {
	type member struct{ trace, service uint32 }
	seen := map[member]struct{}{}
	counts := map[uint32]int{}
	for _, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		services := make([]uint32, seg.Classes())
		for c := range services {
			services[c] = seg.Class(uint32(c)).Service
		}
		last := member{}
		seg.Records(nil, func(_ int, r *store.Record) bool {
			k := member{r.Trace, services[r.Class]}
			if k == last || !s.has(r.Trace) {
				return true
			}
			last = k
			if _, ok := seen[k]; !ok {
				seen[k] = struct{}{}
				counts[r.Trace]++
			}
			return true
		})
	}
	return counts, nil
}

// rows works out what a list shows.
func (m *Memory) rows(ctx context.Context, s *scope, ts []store.TraceInfo) ([]TraceRow, error) {
	roots := newLatencies(m.rollup.View(), rollup.MeasureRoot)
	ops := map[uint32]struct{}{}
	for i := range ts {
		ops[ts[i].RootOp] = struct{}{}
	}
	roots.read(ops)
	d := detailer{m: m, snap: s.snap}
	rows := make([]TraceRow, 0, len(ts))
	for i := range ts {
		if i%ctxEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rows = append(rows, m.row(&ts[i], d.of(&ts[i]), roots))
	}
	return rows, nil
}

func (m *Memory) row(t *store.TraceInfo, d traceDetail, roots *latencies) TraceRow {
	op := m.store.Names().Operation(t.RootOp)
	row := TraceRow{
		ID: t.ID, RootService: op.ServiceName, RootOperation: op.Name, RootKind: op.Kind,
		Start: d.start, Duration: t.RootDur, Percentile: -1,
		Spans: t.Spans, Services: d.services, Errors: t.Errors,
		Complete: d.complete && t.Settled, Orphans: d.orphans, Settled: t.Settled,
		Shape: request.ShapeName(d.shape), Kept: t.Kept,
	}
	if !t.HasRoot {
		row.Duration = t.End - d.start
	}
	if c := roots.of(t.RootOp, t.RootDur); t.HasRoot && c.N >= minRankCalls {
		row.Percentile = c.Percentile
	}
	return row
}

// detailer works out details, in memory that it keeps from trace to trace.
type detailer struct {
	m      *Memory
	snap   store.Snapshot
	trace  linked
	shaper request.Shaper
	seen   map[uint32]struct{}
}

// of is the detail of a trace, remembered until the trace changes.
func (d *detailer) of(t *store.TraceInfo) traceDetail {
	d.m.mu.Lock()
	old, ok := d.m.details[t.ID]
	d.m.mu.Unlock()
	if ok && old.spans == t.Spans && old.settled == t.Settled {
		return old
	}
	x := d.workOut(t)
	d.m.mu.Lock()
	if len(d.m.details) >= maxDetails {
		clear(d.m.details)
	}
	d.m.details[t.ID] = x
	d.m.mu.Unlock()
	return x
}

func (d *detailer) workOut(t *store.TraceInfo) traceDetail {
	l := &d.trace
	l.link(d.snap.Spans(t.Index, l.spans[:0]))
	x := traceDetail{spans: t.Spans, settled: t.Settled, shape: d.shaper.Shape(l.heads, &l.tree, d.m.store.Names())}
	if d.seen == nil {
		d.seen = map[uint32]struct{}{}
	}
	clear(d.seen)
	for i := range l.heads {
		h := &l.heads[i]
		d.seen[h.Service] = struct{}{}
		if h.Start != 0 && (x.start == 0 || h.Start < x.start) {
			x.start = h.Start
		}
	}
	x.services = len(d.seen)
	for i := range l.tree.Nodes {
		if l.tree.Nodes[i].Flags&model.Orphan != 0 {
			x.orphans++
		}
	}
	x.complete = t.Settled && l.tree.Whole() && !d.snap.Dropped(t.Index)
	return x
}
