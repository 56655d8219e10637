package aggregate

import (
	"context"

	"oteltop/aggregate/rollup"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/store"
)

// maxShapePeers bounds how many traces of the same root operation are looked at for a shape's share.
const maxShapePeers = 5000

// Trace implements Engine.
func (m *Memory) Trace(ctx context.Context, id model.TraceID) (*TraceView, error) {
	k := questionOf("trace", Query{})
	k.id, k.logs = id, m.options.Logs.Latest(id)
	return ask(ctx, m, k, func() (*TraceView, error) {
		t, ok := m.store.Trace(id)
		if !ok {
			return nil, ErrNoTrace
		}
		t, err := m.adjusted(ctx, t)
		if err != nil {
			return nil, err
		}
		s, err := m.scope(ctx, nil)
		if err != nil {
			return nil, err
		}
		var info store.TraceInfo
		found := false
		err = s.each(ctx, func(x *store.TraceInfo) {
			if x.ID == id {
				info, found = *x, true
			}
		})
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, ErrNoTrace
		}
		view := m.rollup.View()
		roots := newLatencies(view, rollup.MeasureRoot)
		d := detailer{m: m, snap: s.snap}
		detail := d.of(&info)
		v := &TraceView{Provenance: s.provenance(), Trace: t, Row: m.row(&info, detail, roots)}
		v.Provenance.From, v.Provenance.To = t.Start, t.End
		v.RootCount = roots.of(info.RootOp, info.RootDur).N
		v.Context = contextOf(t, newLatencies(view, rollup.MeasureOperation))
		v.Verdict = m.verdict(s, &info)
		v.Logs, v.MoreLogs = m.options.Logs.Of(id)
		v.Single = whatif.Of(t.Heads, &t.Tree, t.Root, t.Critical)
		if err := m.fillPeers(ctx, s, &info, v); err != nil {
			return nil, err
		}
		return v, m.shareShape(ctx, s, &d, &info, detail.shape, v)
	})
}

// contextOf ranks every span within its operation.
func contextOf(t *model.Trace, operations *latencies) []SpanContext {
	out := make([]SpanContext, len(t.Tree.Nodes))
	ops := map[uint32]struct{}{}
	for i := range t.Heads {
		ops[t.Heads[i].Op] = struct{}{}
	}
	operations.read(ops)
	for i := range t.Tree.Nodes {
		if s := t.Tree.Nodes[i].Span; s >= 0 {
			out[i] = operations.of(t.Heads[s].Op, t.Heads[s].Duration())
		}
	}
	return out
}

// shareShape counts how common the trace's shape is among retained traces of its root operation.
func (m *Memory) shareShape(ctx context.Context, s *scope, d *detailer, of *store.TraceInfo, shape uint64, v *TraceView) error {
	peers := uint64(0)
	err := s.each(ctx, func(t *store.TraceInfo) {
		if t.RootOp != of.RootOp || peers == maxShapePeers {
			return
		}
		peers++
		if t.ID == of.ID || d.of(t).shape == shape {
			v.ShapeCount++
		}
	})
	if peers > 0 {
		v.ShapeShare = float64(v.ShapeCount) / float64(peers)
	}
	if peers == maxShapePeers {
		v.Provenance.Note = joinNotes(v.Provenance.Note, "the shape's share is among 5000 traces of the same root operation")
	}
	return err
}
