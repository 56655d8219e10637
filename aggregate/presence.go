// How many traces of the same kind have what a span does.

package aggregate

import (
	"context"

	"oteltop/aggregate/order"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxPeers and maxPeerSpans bound what a trace is compared with when it is opened, some 10 ms: 500 peers tell
	// 99 % from 99.5 %.
	maxPeers     = 500
	maxPeerSpans = 200_000
)

// peers loads retained traces of the same root operation as another, evenly chosen.
func (m *Memory) peers(ctx context.Context, s *scope, of *store.TraceInfo, yield func(t *request.Trace)) error {
	isPeer := func(t *store.TraceInfo) bool { return t.RootOp == of.RootOp && t.Settled && t.ID != of.ID }
	all := 0
	err := s.each(ctx, func(t *store.TraceInfo) {
		if isPeer(t) {
			all++
		}
	})
	if err != nil {
		return err
	}
	step := max(1, (all+maxPeers-1)/maxPeers)
	t := &request.Trace{}
	at, spans := 0, 0
	return s.each(ctx, func(info *store.TraceInfo) {
		if !isPeer(info) {
			return
		}
		if at++; at%step == 0 && spans+info.Spans <= maxPeerSpans {
			spans += info.Spans
			t.Load(s.snap, m.store.Names(), info)
			yield(t)
		}
	})
}

// fillPeers says how common each call of a trace is among those of its peers that get to the place where it is made
// (A37), and which hops of its critical path they contradict (A10).
func (m *Memory) fillPeers(ctx context.Context, s *scope, of *store.TraceInfo, v *TraceView) error {
	t := v.Trace
	p, o := newPresence(t), order.New()
	learn := func(heads []model.Head, tree *model.Tree, root int32) {
		if root >= 0 && tree.Nodes[root].Span >= 0 {
			o.Fold(heads, tree, root)
		}
	}
	learn(t.Heads, &t.Tree, t.PathRoot())
	err := m.peers(ctx, s, of, func(x *request.Trace) {
		p.add(x.Heads, &x.Tree)
		learn(x.Heads, &x.Tree, x.Root)
	})
	if err != nil {
		return err
	}
	for i := range v.Context {
		v.Context[i].Presence, v.Context[i].PresenceOf = p.of(i)
	}
	v.Doubts = o.Doubts(t.Heads, &t.Tree, t.PathRoot(), t.Sections)
	return nil
}

// presence counts traces by call path.
type presence struct {
	paths  shapes.Paths
	own    []int32  // by node of the trace that is looked at
	counts []uint64 // by path
	last   []int    // by path: the last trace that had it
	traces int
	place  []int32
}

// newPresence begins with the trace itself.
func newPresence(t *model.Trace) *presence {
	p := &presence{}
	p.add(t.Heads, &t.Tree)
	p.own = p.place
	p.place = nil
	return p
}

func (p *presence) add(heads []model.Head, tree *model.Tree) {
	p.place = p.paths.Place(heads, tree, false, p.place)
	p.traces++
	for len(p.counts) < len(p.paths.List) {
		p.counts = append(p.counts, 0)
		p.last = append(p.last, 0)
	}
	for _, at := range p.place {
		if at >= 0 && p.last[at] != p.traces {
			p.last[at] = p.traces
			p.counts[at]++
		}
	}
}

// of is the share of a node of the trace, and how many traces it is a share of.
func (p *presence) of(node int) (share float64, of uint64) {
	at := p.own[node]
	if at < 0 || p.paths.List[at].Parent < 0 {
		return 0, 0
	}
	of = p.counts[p.paths.List[at].Parent]
	return float64(p.counts[at]) / float64(of), of
}
