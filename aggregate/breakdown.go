// The subject spans of a scope by the value of an attribute.

package aggregate

import (
	"context"
	"errors"

	"oteltop/aggregate/attributes"
	"oteltop/aggregate/breakdown"
	"oteltop/model"
	"oteltop/model/store"
)

// ErrKey is returned by Engine.Breakdown without an attribute.
var ErrKey = errors.New("no attribute is named")

// Breakdown is the subject spans of a scope (see Focus) by the value of an attribute, of the span or, where it
// has none, of its resource.
type Breakdown struct {
	Provenance Provenance
	Key        string
	Rows       []BreakdownRow // by calls, at most breakdown.MaxRows, then the others, then those without it
	Values     int            // different ones
	Calls      uint64         // all subject spans
}

// BreakdownRow is the spans that have one value.
type BreakdownRow struct {
	breakdown.Row
	RED   RED
	Share float64 // of all subject spans
}

// Breakdown implements Engine.
func (m *Memory) Breakdown(ctx context.Context, q Query, key string) (*Breakdown, error) {
	if key == "" {
		return nil, ErrKey
	}
	k := questionOf("breakdown", q)
	k.key = key
	return ask(ctx, m, k, func() (*Breakdown, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		if q.Focus.Operation != "" && q.Focus.Kind == model.KindUnspecified {
			q.Focus.Kind = m.kindNamed(q.Focus)
		}
		reader := attributes.New(s.snap.Segments(), key)
		fold := breakdown.New(reader)
		out := &Breakdown{Key: key, Provenance: s.provenance()}
		if err := m.eachPlace(ctx, s, q, &out.Provenance, fold.Add); err != nil {
			return nil, err
		}
		var rows []breakdown.Row
		rows, out.Values = fold.Rows()
		for _, r := range rows {
			out.Calls += r.Calls
		}
		seconds := float64(out.Provenance.To-out.Provenance.From) / 1e9
		for _, r := range rows {
			row := BreakdownRow{Row: r, RED: RED{Calls: r.Calls, Errors: r.Errors, P50: r.P50, P95: r.P95, P99: r.P99, Max: r.Max}, Share: float64(r.Calls) / float64(out.Calls)}
			if seconds > 0 {
				row.RED.Rate = float64(r.Calls) / seconds
			}
			out.Rows = append(out.Rows, row)
		}
		out.Provenance.count(reader.Lost, "%d values are beyond the bounds and counted as one")
		return out, nil
	})
}

// kindNamed is the kind of the operation that a focus without one means: of several the first.
func (m *Memory) kindNamed(f Focus) model.Kind {
	best, found := uint32(0), m.operationsNamed(f)
	for op := range found {
		if best == 0 || op < best {
			best = op
		}
	}
	if best == 0 {
		return f.Kind
	}
	return m.store.Names().Operation(best).Kind
}

// eachPlace yields the subject spans of a scope with the place where they stand, and completes what the
// answer was computed from.
func (m *Memory) eachPlace(ctx context.Context, s *scope, q Query, p *Provenance, yield func(at store.Place, trace model.TraceID, duration int64, failed bool)) error {
	l := linked{names: m.store.Names(), name: newNamer(m.store.Names()), find: m.store.Find, focus: q.Focus}
	wanted, err := s.candidates(ctx, &l)
	if err != nil {
		return err
	}
	p.Spans, p.Traces = 0, 0
	var places []store.Place
	return s.each(ctx, func(t *store.TraceInfo) {
		if q.Window.From > t.End || q.Window.To != 0 && q.Window.To <= t.Start || !wanted(t.Index) {
			return
		}
		l.link(s.snap.Spans(t.Index, l.spans[:0]))
		places = s.snap.Places(t.Index, places[:0])
		some := false
		l.subjects(func(x subject) bool {
			if q.Window.contains(x.start) {
				some = true
				yield(places[l.tree.Nodes[x.node].Span], t.ID, x.duration, x.failed)
			}
			return true
		})
		if !some {
			return
		}
		p.Traces++
		p.Spans += uint64(t.Spans)
		if p.Traces == 1 || t.Start < p.From {
			p.From = t.Start
		}
		p.To = max(p.To, t.End)
	})
}
