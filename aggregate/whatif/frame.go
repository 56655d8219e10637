package whatif

import (
	"cmp"
	"slices"

	"oteltop/aggregate/order"
	"oteltop/model"
)

const (
	// wrapperShare is the part of a span that a call has to take for the span to be its wrapper.
	wrapperShare = .75
	// wrapperLooks is at how many siblings that end about when a span does is looked for such a call.
	wrapperLooks = 8
)

// Frame is a request cut to what can delay it (D9): every span to its parent, leaving out those that nothing
// waits for. Its memory is reused.
type Frame struct {
	heads []model.Head
	nodes []model.Node
	root  int32
	spans []interval // by node − root

	kids []kid // of the parent that is looked at, in order of start
	ends []int // indexes into kids, in order of end
}

// interval is when a span can delay its parent, Unix ns.
type interval struct {
	start, end int64
	outlives   bool // it ends after its parent, who did not wait for that
	idle       bool // nothing waits for any of it
}

// kid is a child, in ns from the start of its parent.
type kid struct {
	node       int32
	start, end int64
	own        int64 // time before start in which the parent ran without any child
	outlives   bool
	inside     int // the kid that this one seems to be a wrapper of, −1 for none
}

// Set takes the request of a node: all below it.
func (f *Frame) Set(heads []model.Head, tree *model.Tree, root int32) {
	f.heads, f.nodes, f.root = heads, tree.Nodes, root
	f.spans = f.spans[:0]
	for i := root; i < f.nodes[root].End; i++ {
		h := f.head(i)
		if i == root {
			f.spans = append(f.spans, interval{start: h.Start, end: h.End})
			continue
		}
		parent := f.nodes[i].Parent
		above, p := &f.spans[parent-root], f.head(parent)
		x := interval{
			start: max(h.Start, above.start), end: min(h.End, above.end),
			outlives: h.End > p.End && !order.IsCall(p.Kind, h.Kind),
		}
		x.idle = above.idle || x.start >= x.end || !order.Waits(p.Kind, h.Kind)
		f.spans = append(f.spans, x)
	}
}

func (f *Frame) head(node int32) *model.Head { return &f.heads[f.nodes[node].Span] }

func (f *Frame) span(node int32) *interval { return &f.spans[node-f.root] }

// open gathers the children of a node and returns its duration and the time in which it runs without any, ns.
func (f *Frame) open(node int32) (duration, own int64) {
	p := f.span(node)
	f.kids, f.ends = f.kids[:0], f.ends[:0]
	seen := int64(0) // up to here it is known whether a child ran
	for c := node + 1; c < f.nodes[node].End; c = f.nodes[c].End {
		x := f.span(c)
		if x.idle {
			continue
		}
		k := kid{node: c, start: x.start - p.start, end: x.end - p.start, outlives: x.outlives}
		own += max(k.start-seen, 0)
		k.own = own
		seen = max(seen, k.end)
		f.ends = append(f.ends, len(f.kids))
		f.kids = append(f.kids, k)
	}
	slices.SortStableFunc(f.ends, func(a, b int) int { return cmp.Compare(f.kids[a].end, f.kids[b].end) })
	duration = p.end - p.start
	for k := range f.kids {
		f.kids[k].inside = f.wrapped(k, model.Tolerance(duration))
	}
	return duration, own + duration - seen
}

// wrapped finds the sibling that a kid seems to wrap, −1 for none: a span of kind internal without children of its own
// that takes place while a call does, and hardly longer, did not work on something else. Reactive frameworks record
// such pairs where they lose the context between handler and client.
func (f *Frame) wrapped(k int, tolerance int64) int {
	x := &f.kids[k]
	if f.nodes[x.node].End > x.node+1 || f.head(x.node).Kind != model.KindInternal {
		return -1
	}
	near, _ := slices.BinarySearchFunc(f.ends, x.end+tolerance+1, func(i int, end int64) int { return cmp.Compare(f.kids[i].end, end) })
	for i := near - 1; i >= max(near-wrapperLooks, 0); i-- {
		y := &f.kids[f.ends[i]]
		both := min(x.end, y.end) - max(x.start, y.start)
		if f.head(y.node).Kind == model.KindClient && y.start >= x.start && float64(both) >= wrapperShare*float64(x.end-x.start) {
			return f.ends[i]
		}
	}
	return -1
}

// ownAt is the time before a kid's end in which the parent ran without any child.
func (f *Frame) ownAt(k int) int64 {
	// Up to its end no gap opens after the last child that began before it.
	at, _ := slices.BinarySearchFunc(f.kids, f.kids[k].end, func(x kid, end int64) int { return cmp.Compare(x.start, end) })
	return f.kids[at-1].own
}
