// The scope of a filter: which retained traces match, and rollups of those alone.

package aggregate

import (
	"context"
	"fmt"
	"slices"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/rollup"
	"oteltop/model/store"
)

// Count is how much a filter matches among what is retained.
type Count struct {
	Provenance Provenance
	Spans      uint64
	Traces     uint64
	OfTraces   uint64
}

// scope is the retained traces at one moment and what a filter matches of them.
type scope struct {
	snap     store.Snapshot
	matches  *filter.Matches // nil: no filter, everything
	received uint64          // spans, so far
	traces   uint64          // retained
	spans    uint64          // retained
	evicted  uint64          // spans
	thinned  int             // the last sweep looked at every n-th trace only
}

// scope takes a snapshot and applies a filter.
func (m *Memory) scope(ctx context.Context, f *filter.Expr) (*scope, error) {
	c := m.store.Counters()
	s := &scope{snap: m.store.Snapshot(), received: c.Stored, traces: c.Traces, spans: c.Spans, evicted: c.Evicted}
	if f == nil {
		return s, ctx.Err()
	}
	matches, err := f.Scan(ctx, s.snap, m.store.Names())
	if err != nil {
		return nil, err
	}
	s.matches = matches
	return s, nil
}

// has reports whether the filter matches a trace.
func (s *scope) has(trace uint32) bool { return s.matches == nil || s.matches.Trace(trace) }

// provenance says that an answer comes from the retained traces.
func (s *scope) provenance() Provenance {
	return Provenance{Basis: BasisRing, Spans: s.spans, Traces: s.traces, Of: s.received, Note: s.note()}
}

func (s *scope) note() string {
	if s.evicted == 0 {
		return ""
	}
	return fmt.Sprintf("of retained traces: %d spans were evicted before", s.evicted)
}

// folded is rollups of the traces that a filter matches. It does not hold the snapshot, which would keep
// evicted segments in memory for as long as the answer is cached.
type folded struct {
	view       *rollup.View
	provenance Provenance
}

// folded scans for a filter and folds the traces that match, whole, as if only they had ever arrived.
func (m *Memory) folded(ctx context.Context, f *filter.Expr) (*folded, error) {
	return ask(ctx, m, questionOf("folded", Query{Filter: f}), func() (*folded, error) {
		s, err := m.scope(ctx, f)
		if err != nil {
			return nil, err
		}
		r := rollup.New(rollup.Options{Names: m.store.Names(), Find: m.store.Find, Extent: s.extent()})
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

// each calls yield for every trace that the filter matches.
func (s *scope) each(ctx context.Context, yield func(t *store.TraceInfo)) error {
	n := 0
	var err error
	s.snap.Traces(func(t *store.TraceInfo) bool {
		if n++; n%ctxEvery == 0 {
			if err = ctx.Err(); err != nil {
				return false
			}
		}
		if s.has(t.Index) {
			yield(t)
		}
		return true
	})
	return err
}

// contains reports whether a time lies in a window.
func (w Window) contains(t int64) bool { return t >= w.From && (w.To == 0 || t < w.To) }

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

// subject is a span that stands for its trace in a scope (see Focus), by its start and duration.
type subject struct {
	start, duration int64
	failed          bool
	node            int32 // in the linked tree, where the trace was linked
}

// fits reports whether a subject lies in a selection. No duration counts as 1 ns, as in histograms.
func (s Selection) fits(x subject) bool {
	d := max(x.duration, 1)
	return s.Window.contains(x.start) && d >= s.MinDur && (s.MaxDur == 0 || d < s.MaxDur) && (!s.ErrorsOnly || x.failed)
}

// narrow combines the selection with a window.
func (s Selection) narrow(w Window) Selection {
	s.Window.From = max(s.Window.From, w.From)
	if w.To != 0 && (s.Window.To == 0 || w.To < s.Window.To) {
		s.Window.To = w.To
	}
	return s
}

// subjects finds the traces of a scope that have a subject span within a selection.
func (m *Memory) subjects(ctx context.Context, s *scope, q Query, in Selection) (map[uint32]store.TraceInfo, error) {
	found := map[uint32]store.TraceInfo{}
	err := m.eachSubject(ctx, s, q.Focus, in, func(t *store.TraceInfo, x subject) bool {
		if in.fits(x) {
			found[t.Index] = *t
			return false
		}
		return true
	})
	if err != nil || in.Column.Expr == "" {
		return found, err
	}
	return found, m.keepColumn(ctx, s, found, in.Column)
}

// eachSubject calls yield with the subject spans of the traces of a scope until it returns false, which
// ends the trace. in says what the caller is interested in: traces that lie wholly outside its times are
// passed over, and failed is only looked up for it where that costs something.
func (m *Memory) eachSubject(ctx context.Context, s *scope, f Focus, in Selection, yield func(t *store.TraceInfo, x subject) bool) error {
	l := linked{names: m.store.Names(), name: newNamer(m.store.Names()), find: m.store.Find, focus: f}
	wanted, err := s.candidates(ctx, &l)
	if err != nil {
		return err
	}
	return s.each(ctx, func(t *store.TraceInfo) {
		if in.Window.From > t.End || in.Window.To != 0 && in.Window.To <= t.Start || !wanted(t.Index) {
			return
		}
		if f.IsZero() && t.HasRoot && !in.ErrorsOnly {
			yield(t, subject{start: t.RootStart, duration: t.RootDur})
			return
		}
		l.link(s.snap.Spans(t.Index, l.spans[:0]))
		l.subjects(func(x subject) bool { return yield(t, x) })
	})
}

// candidates reports which traces may have subject spans, from the classes of their spans alone: linking
// is only needed for those.
func (s *scope) candidates(ctx context.Context, l *linked) (func(trace uint32) bool, error) {
	if l.focus.IsZero() {
		return func(uint32) bool { return true }, nil
	}
	return s.with(ctx, l.concerns)
}

// with reports which traces have a span of some classes.
func (s *scope) with(ctx context.Context, concerns func(c *store.Class) bool) (func(trace uint32) bool, error) {
	found := map[uint32]struct{}{}
	for _, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		wanted := make([]bool, seg.Classes())
		for c := range wanted {
			wanted[c] = concerns(seg.Class(uint32(c)))
		}
		last := ^uint32(0)
		seg.Records(wanted, func(_ int, r *store.Record) bool {
			if r.Trace != last {
				last = r.Trace
				found[r.Trace] = struct{}{}
			}
			return true
		})
	}
	return func(trace uint32) bool {
		_, ok := found[trace]
		return ok
	}, nil
}

// fillExemplars gives every cell that has none a retained trace, where there is one.
func (m *Memory) fillExemplars(ctx context.Context, snap store.Snapshot, q Query, h *Heatmap) error {
	missing := 0
	for i, n := range h.Counts {
		if n > 0 && h.Exemplars[i].IsZero() {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	s := &scope{snap: snap}
	if q.Filter != nil {
		matches, err := q.Filter.Scan(ctx, snap, m.store.Names())
		if err != nil {
			return err
		}
		s.matches = matches
	}
	return m.eachSubject(ctx, s, q.Focus, Selection{Window: q.Window}, func(t *store.TraceInfo, x subject) bool {
		if i, ok := h.cell(x); ok && h.Counts[i] > 0 && h.Exemplars[i].IsZero() {
			h.Exemplars[i] = t.ID
			missing--
		}
		return missing > 0
	})
}

// cell is the index of the cell that a subject falls into.
func (h *Heatmap) cell(x subject) (int, bool) {
	if h.Step == 0 || x.start < h.Start || x.duration >= h.RowHigh {
		return 0, false
	}
	column := int((x.start - h.Start) / h.Step)
	row := len(h.RowLow) - 1
	for row > 0 && h.RowLow[row] > x.duration {
		row--
	}
	return column*len(h.RowLow) + row, column < h.Columns
}
