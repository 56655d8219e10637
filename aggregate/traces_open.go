// A single trace among those of its kind.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/order"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/store"
)

// TraceView is one trace in the context of its population.
type TraceView struct {
	Provenance Provenance
	Trace      *model.Trace
	Row        TraceRow
	// Spans of the same (service, operation, kind) in the rollups, per node of Trace.Tree.
	Context    []SpanContext
	Single     whatif.Single // slack and drag, per node
	Doubts     []order.Doubt // hops of the critical path that other traces contradict, by node
	RootCount  uint64        // root spans of the same operation that the rank is among
	ShapeShare float64       // share of the retained traces of this root operation with this shape; 0 unknown
	ShapeCount uint64
	Verdict    string      // where its errors begin and how far they go (A15); empty without errors
	Logs       []model.Log // in time order
	MoreLogs   int         // older ones that are kept, but not in Logs: there are too many
}

// SpanContext says how unusual a span is within its operation (A37). The zero value: unknown.
type SpanContext struct {
	N          uint64  // spans of the operation
	Percentile float64 // 0–100
	Median     int64   // ns
	P95        int64   // ns
	Strip      Strip   // where in the operation's durations it lies

	// Presence is the share of traces of the same root operation that have a span like it (of its call path),
	// among PresenceOf that have one like its parent. 0 of PresenceOf: unknown, or a root.
	Presence   float64
	PresenceOf uint64
}

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
		v.Single = whatif.Of(t.Heads, &t.Tree, t.PathRoot(), t.Critical)
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
		v.Provenance.AddNote(fmt.Sprintf("the shape's share is among %d traces of the same root operation", maxShapePeers))
	}
	return err
}
