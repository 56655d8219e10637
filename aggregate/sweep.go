// A walk over the settled traces of a scope, each linked, one by one.

package aggregate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// sweepQuery is a sweep of all traces in the scope of a query.
func (m *Memory) sweepQuery(ctx context.Context, q Query, yield func(t *request.Trace)) (Provenance, error) {
	s, err := m.scope(ctx, q.Filter)
	if err != nil {
		return Provenance{}, err
	}
	return m.sweep(ctx, s, q.Window, 0, yield)
}

// sweep loads the settled traces of a scope one by one, in order of their start, and says what was looked
// at. Where there are more than limit (0: no bound), it looks at as many, evenly chosen. Traces that are
// still open are left out, because what has not arrived yet would look like something that did not happen.
func (m *Memory) sweep(ctx context.Context, s *scope, w Window, limit int, yield func(t *request.Trace)) (Provenance, error) {
	return m.sweepWanted(ctx, s, w, limit, func(uint32) bool { return true }, yield)
}

// sweepWanted is sweep of the traces that are wanted.
func (m *Memory) sweepWanted(ctx context.Context, s *scope, w Window, limit int, wanted func(trace uint32) bool, yield func(t *request.Trace)) (Provenance, error) {
	var traces []store.TraceInfo
	open := uint64(0)
	err := s.each(ctx, func(t *store.TraceInfo) {
		switch {
		case !w.contains(t.Start) || !wanted(t.Index):
		case !t.Settled:
			open++
		default:
			traces = append(traces, *t)
		}
	})
	p := s.provenance()
	p.Spans, p.Traces = 0, 0
	if err != nil {
		return p, err
	}
	sortByStart(traces)
	step := 1
	if limit > 0 {
		step = max(1, (len(traces)+limit-1)/limit)
	}
	s.thinned = step
	t := &request.Trace{}
	for i := 0; i < len(traces); i += step {
		if p.Traces%ctxEvery == 0 && ctx.Err() != nil {
			return p, ctx.Err()
		}
		t.Load(s.snap, m.store.Names(), &traces[i])
		yield(t)
		p.Traces++
		p.Spans += uint64(len(t.Spans))
	}
	p.From, p.To = extentOf(traces)
	if step > 1 {
		p.Note = joinNotes(fmt.Sprintf("%d traces, evenly chosen from %d", p.Traces, len(traces)), p.Note)
	}
	p.count(open, "traces not complete yet, left out: %d")
	return p, nil
}

// sweepFocus is sweep over all of a scope, of which only traces with a subject span are yielded.
func (m *Memory) sweepFocus(ctx context.Context, s *scope, q Query, yield func(t *request.Trace)) (Provenance, error) {
	if q.Focus.IsZero() {
		return m.sweep(ctx, s, q.Window, 0, yield)
	}
	in, err := m.subjects(ctx, s, q, Selection{Window: q.Window})
	if err != nil {
		return Provenance{}, err
	}
	n, spans := uint64(0), uint64(0)
	p, err := m.sweep(ctx, s, q.Window, 0, func(t *request.Trace) {
		if _, ok := in[t.Index]; ok {
			n++
			spans += uint64(len(t.Spans))
			yield(t)
		}
	})
	p.Traces, p.Spans = n, spans
	return p, err
}

// sortByStart orders traces by their start; of equals by their ids.
func sortByStart(ts []store.TraceInfo) {
	slices.SortFunc(ts, func(a, b store.TraceInfo) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), a.ID.Compare(b.ID))
	})
}

// extentOf is the earliest start and the latest end of traces, Unix ns; 0 of none.
func extentOf(traces []store.TraceInfo) (from, to int64) {
	for i := range traces {
		if i == 0 || traces[i].Start < from {
			from = traces[i].Start
		}
		to = max(to, traces[i].End)
	}
	return from, to
}
