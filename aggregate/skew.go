// How far clocks disagree, and a trace corrected by that.

package aggregate

import (
	"context"

	"oteltop/aggregate/skew"
	"oteltop/model"
)

const (
	// skewBefore and skewAfter are how far from a trace, ns, the calls may start that its clocks are corrected by.
	skewBefore, skewAfter = int64(60e9), int64(10e9)
	// maxSkewTraces is how many traces are looked at to correct one.
	maxSkewTraces = 4000
)

// Skew is how far clocks disagree, see package skew.
type Skew struct {
	Provenance Provenance
	skew.Result
}

// Skew implements Engine.
func (m *Memory) Skew(ctx context.Context, q Query) (*Skew, error) {
	return m.skew(ctx, q, 0)
}

func (m *Memory) skew(ctx context.Context, q Query, limit int) (*Skew, error) {
	k := questionOf("skew", q)
	k.limit = limit
	return ask(ctx, m, k, func() (*Skew, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		f := skew.New()
		p, err := m.sweep(ctx, s, q.Window, limit, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Skew{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d times there was no room for another host or pair of hosts")
		return out, nil
	})
}

// adjusted returns a trace with the times of each host corrected by what calls made at about the same time say of its
// clock. A host of which too little is known keeps the correction that the trace alone suggests.
func (m *Memory) adjusted(ctx context.Context, t *model.Trace) (*model.Trace, error) {
	hosts := map[string]bool{}
	for i := range t.Spans {
		if host := model.HostOf(t.Spans[i].Resource); host != "" {
			hosts[host] = true
		}
	}
	root := rootHost(t)
	if len(hosts) < 2 || root == "" {
		return t, nil
	}
	// Whole steps of skewAfter, so that traces of one moment are corrected by one answer.
	until := t.End/skewAfter*skewAfter + skewAfter
	near, err := m.skew(ctx, Query{Window: Window{From: until - skewBefore - skewAfter, To: until}}, maxSkewTraces)
	if err != nil {
		return nil, err
	}
	known := near.Offsets(root)
	if len(known) < 2 {
		return t, nil
	}
	add := make(map[string]int64, len(known))
	for host, x := range known {
		add[host] = x.Add
	}
	out := *t
	out.Skew = model.SkewBy(add, t.Spans, t.Heads, &out.Tree, nil)
	out.SkewHalf = make([]int64, len(out.Skew))
	for i := range t.Tree.Nodes {
		out.SkewHalf[i] = model.SkewUnknown
		if span := t.Tree.Nodes[i].Span; span >= 0 {
			host := model.HostOf(t.Spans[span].Resource)
			if x, ok := known[host]; ok {
				out.SkewHalf[i] = x.Half
			} else if p := t.Tree.Nodes[i].Parent; host == "" && p >= 0 {
				out.SkewHalf[i] = out.SkewHalf[p]
			}
		}
	}
	return &out, nil
}

// rootHost is the host of the root, or of the first span in the tree that says its host.
func rootHost(t *model.Trace) string {
	for i := range t.Tree.Nodes {
		node := (max(int(t.Root), 0) + i) % len(t.Tree.Nodes)
		if span := t.Tree.Nodes[node].Span; span >= 0 {
			if host := model.HostOf(t.Spans[span].Resource); host != "" {
				return host
			}
		}
	}
	return ""
}
