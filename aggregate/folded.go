// The rollups that answer for a scope: of everything received, or of what a filter matches.

package aggregate

import (
	"context"
	"slices"

	"oteltop/aggregate/rollup"
	"oteltop/model/store"
)

// view is the rollups that answer for a scope: those of all spans, or with a filter those of the
// matching traces.
func (m *Memory) view(ctx context.Context, q Query) (*rollup.View, error) {
	if !m.refolds(q) {
		return m.rollup.View(), nil
	}
	folded, err := m.folded(ctx, q)
	if err != nil {
		return nil, err
	}
	return folded.view, nil
}

// refolds reports whether the rollups of all spans cannot answer for a scope.
func (m *Memory) refolds(q Query) bool { return q.Filter != nil || m.origin(q) != 0 }

// origin is where a step of rollups must begin for the window of a scope to be exact; 0: anywhere.
func (m *Memory) origin(q Query) int64 {
	if !q.Exact || m.options.Live || m.store.Counters().Evicted > 0 {
		return 0
	}
	if q.Filter == nil && m.rollup.View().Rounding(rollupWindow(q.Window)) == 0 {
		return 0
	}
	return q.Window.From
}

// folded is rollups of the traces that a filter matches. It does not hold the snapshot, which would keep
// evicted segments in memory for as long as the answer is cached.
type folded struct {
	view       *rollup.View
	provenance Provenance
}

// folded scans for a filter and folds the traces that match, whole, as if only they had ever arrived.
func (m *Memory) folded(ctx context.Context, q Query) (*folded, error) {
	q = Query{Filter: q.Filter, Window: Window{From: m.origin(q)}}
	return ask(ctx, m, questionOf("folded", q), func() (*folded, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		r := rollup.New(rollup.Options{Names: m.store.Names(), Find: m.store.Find, Extent: s.extent(), Origin: q.Window.From})
		var spans []store.Settled
		err = s.each(ctx, func(t *store.TraceInfo) {
			spans = s.snap.Spans(t.Index, spans[:0])
			r.Fold(t.ID, spans, t.Settled)
		})
		if err != nil {
			return nil, err
		}
		return &folded{r.View(), s.provenance()}, nil
	})
}

// extent is about how much time the retained traces cover, ns. A hundredth of them at either end does not
// count: a few clocks that are wrong by years must not make the steps of all the others coarse.
func (s *scope) extent() int64 {
	starts := make([]int64, 0, s.traces)
	s.snap.Traces(func(t *store.TraceInfo) bool {
		starts = append(starts, t.Start)
		return true
	})
	if len(starts) == 0 {
		return 0
	}
	slices.Sort(starts)
	cut := len(starts) / 100
	return starts[len(starts)-1-cut] - starts[cut]
}

// completeProvenance says of an answer from rollups what they were made from, where that is a scan.
func (m *Memory) completeProvenance(ctx context.Context, q Query, p *Provenance) error {
	if !m.refolds(q) {
		return nil
	}
	f, err := m.folded(ctx, q)
	if err != nil {
		return err
	}
	from, to, note := p.From, p.To, p.Note
	*p = f.provenance
	p.From, p.To, p.Note = from, to, joinNotes(note, p.Note)
	return nil
}
