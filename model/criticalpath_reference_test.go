package model_test

import (
	"cmp"
	"slices"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// reference is A10 written down as it is defined: recursive, with every search a plain loop.
type reference struct {
	tr       *model.Trace
	sections []model.Section // backwards in time
}

// clipped is a node with the interval that its ancestors leave it.
type clipped struct {
	node       int32
	start, end int64
}

func (r *reference) head(node int32) *model.Head { return &r.tr.Heads[r.tr.Tree.Nodes[node].Span] }

func (r *reference) children(p clipped) []clipped {
	var out []clipped
	for i := range r.tr.Tree.Nodes {
		c := int32(i)
		if r.tr.Tree.Nodes[i].Parent != p.node {
			continue
		}
		k := clipped{c, max(r.head(c).Start, p.start), min(r.head(c).End, p.end)}
		async := r.head(p.node).Kind == model.KindProducer && r.head(c).Kind == model.KindConsumer
		if !async && k.start < k.end {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b clipped) int {
		return cmp.Or(cmp.Compare(b.end, a.end), cmp.Compare(b.start, a.start), cmp.Compare(r.head(a.node).ID, r.head(b.node).ID))
	})
	return out
}

func (r *reference) walk(p clipped, hi int64) {
	cur := hi
	var last *clipped
	kids := r.children(p)
	for i := range kids {
		c := &kids[i]
		if c.start >= cur || (c.end > cur && !r.precedes(p, kids, c, last, cur)) {
			continue
		}
		end := min(c.end, cur)
		r.emit(p.node, end, cur)
		r.walk(*c, end)
		cur, last = c.start, c
	}
	r.emit(p.node, p.start, cur)
}

func (r *reference) precedes(p clipped, kids []clipped, c, last *clipped, cur int64) bool {
	if last == nil || (c.end-cur)*100 >= p.end-p.start || c.end >= last.end || c.start >= last.start {
		return false
	}
	events := 0
	for _, k := range kids {
		for _, at := range [...]int64{k.start, k.end} {
			if at >= cur && at <= c.end {
				events++
			}
		}
	}
	return events == 2
}

func (r *reference) emit(node int32, start, end int64) {
	if start < end {
		r.sections = append(r.sections, model.Section{Node: node, Start: start, End: end})
	}
}

func TestCriticalPathReference(t *testing.T) {
	r := modeltest.Rand(9)
	for i := range 3000 {
		var spans []model.Span
		switch i % 3 {
		case 0:
			spans = modeltest.Random(r, 1+r.IntN(60))
		case 1:
			spans = modeltest.Hostile(r, 1+r.IntN(40))
		case 2: // steps of different overlap, some of them short enough
			spans = modeltest.Staircase(30 + r.IntN(30))
			for k := range spans[1:] {
				spans[k+1].End += r.Int64N(8)
			}
		}
		tr := model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
		for node := range tr.Tree.Nodes {
			if tr.Tree.Nodes[node].Span < 0 {
				continue
			}
			want := reference{tr: tr}
			h := want.head(int32(node))
			want.walk(clipped{int32(node), h.Start, h.End}, h.End)
			slices.Reverse(want.sections)
			if got := tr.PathOf(int32(node)); !slices.Equal(got, want.sections) {
				t.Fatalf("node %d of\n%s got %v\nwant %v", node, modeltest.Draw(tr), got, want.sections)
			}
		}
	}
}
