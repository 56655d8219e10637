// How much a filter matches.

package aggregate

import (
	"context"

	"oteltop/model/store"
)

// Count is how much a filter matches among what is retained.
type Count struct {
	Provenance Provenance
	Spans      uint64
	Traces     uint64
	OfTraces   uint64
}

// Count implements Engine.
func (m *Memory) Count(ctx context.Context, q Query) (*Count, error) {
	return ask(ctx, m, questionOf("count", q), func() (*Count, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		c := &Count{Provenance: s.provenance(), OfTraces: s.traces}
		if q.Window == (Window{}) && q.Focus.IsZero() {
			c.Spans, c.Traces = s.spans, s.traces
			if s.matches != nil {
				c.Spans, c.Traces = s.matches.Spans, s.matches.Traces
			}
			return c, nil
		}
		c.Spans, err = s.spansIn(ctx, q.Window)
		if err != nil {
			return nil, err
		}
		subjects, err := m.subjects(ctx, s, q, Selection{Window: q.Window})
		if err != nil {
			return nil, err
		}
		c.Traces = uint64(len(subjects))
		return c, nil
	})
}

// spansIn counts the matching spans that start in a window.
func (s *scope) spansIn(ctx context.Context, w Window) (n uint64, err error) {
	for at, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		seg.Records(nil, func(i int, r *store.Record) bool {
			if w.contains(r.Start) && (s.matches == nil || s.matches.Span(at, i)) {
				n++
			}
			return true
		})
	}
	return n, nil
}
