package outliers

import (
	"cmp"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxPerRoot and maxShapes bound the shapes that are told apart, of one root operation and of all. Where
	// there are more, rarity is normal, and is not reported: see rareMass.
	maxPerRoot = 512
	maxShapes  = 8_192
	// maxStored bounds the paths of all shapes together: 4 MB.
	maxStored = 1 << 20
	// maxLargest is how many of the largest traces of a root operation are remembered.
	maxLargest = 16
)

// size is a measure of how much a request does.
type size int

const (
	width size = iota // calls of one operation by one span
	depth             // levels
	spans
	sizes
)

// Structure looks for requests that do something which hardly any other of their root operation does, or
// that lack what nearly all others do (A21). Traces with parents that were never seen are left out: what
// got lost looks like what did not happen. Not safe for concurrent use.
type Structure struct {
	Traces     uint64 // looked at
	Incomplete uint64 // left out, because a parent is missing
	Dropped    uint64 // of root operations beyond the bound

	names  store.Names
	roots  map[uint32]*structureRoot
	shapes int
	stored int // paths of shapes
	left   int // paths that may still be told apart
	// A lost span with children leaves orphans, so the share of inner spans that are missing tells how many spans get
	// lost on the way, with or without children.
	missing, inner uint64

	place    []int32
	children []child
}

// structureRoot is a root operation. Its paths are without INTERNAL spans, as shapes are.
type structureRoot struct {
	shapes    shapes.Frequent[form]
	paths     shapes.Paths
	displaced []uint64 // by path: traces of shapes that were given up
	lost      uint64   // such traces
	size      [sizes]hist.Histogram
	largest   [sizes][]large // the largest first
}

// form is a shape.
type form struct {
	paths  []int32 // ascending
	failed uint64
	traces []seen // the newest first
}

// seen is a trace that shows something.
type seen struct {
	trace model.TraceID
	start int64
}

// large is a trace of a size.
type large struct {
	seen
	n      int
	span   model.SpanID // of width: the caller, of depth: the deepest
	op     uint32       // of width: what is called
	caller uint32       // of width: by what
	failed bool
}

// child is a call of a span.
type child struct {
	parent int32
	op     uint32
}

// NewStructure looks at traces of one store.
func NewStructure(names store.Names) *Structure {
	return &Structure{names: names, roots: map[uint32]*structureRoot{}, left: maxPaths}
}

// Fold looks at a settled trace.
func (x *Structure) Fold(t *request.Trace) {
	x.missing += uint64(len(t.Tree.Missing))
	for i := range t.Tree.Nodes {
		if n := &t.Tree.Nodes[i]; n.Span >= 0 && n.Parent >= 0 && n.End > int32(i)+1 {
			x.inner++
		}
	}
	if t.Root < 0 || len(t.Tree.Missing) > 0 {
		x.Incomplete++
		return
	}
	op := t.Span(t.Root).Op
	r := x.roots[op]
	if r == nil {
		if len(x.roots) >= maxRoots {
			x.Dropped++
			return
		}
		r = &structureRoot{paths: shapes.Paths{Left: &x.left}}
		x.roots[op] = r
	}
	x.Traces++
	isFull := x.shapes >= maxShapes || x.stored >= maxStored
	room := len(r.shapes.Counters()) < maxPerRoot && (!isFull || len(r.shapes.Counters()) == 0)
	c, fresh := r.shapes.Count(t.Shape(), room, func(c *shapes.Counter[form]) { x.displace(r, c) })
	if fresh {
		c.Of.paths = x.pathsOf(t, r)
		x.stored += len(c.Of.paths)
		if room {
			x.shapes++
		}
	}
	if t.Errors > 0 {
		c.Of.failed++
	}
	c.Of.remember(seen{t.ID, t.Start})
	x.measure(t, r)
}

// displace keeps what is known of the paths of a shape that is given up.
func (x *Structure) displace(r *structureRoot, c *shapes.Counter[form]) {
	x.stored -= len(c.Of.paths)
	r.lost += c.Known()
	for len(r.displaced) < len(r.paths.List) {
		r.displaced = append(r.displaced, 0)
	}
	for _, p := range c.Of.paths {
		r.displaced[p] += c.Known()
	}
}

// pathsOf are the call paths of a trace, ascending.
func (x *Structure) pathsOf(t *request.Trace, r *structureRoot) []int32 {
	x.place = r.paths.Place(t.Heads, &t.Tree, true, x.place)
	paths := slices.Clone(x.place)
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for len(paths) > 0 && paths[0] < 0 {
		paths = paths[1:]
	}
	return slices.Clone(paths)
}

func (f *form) remember(s seen) {
	at := 0
	for at < len(f.traces) && isNewer(f.traces[at], s) {
		at++
	}
	if at == maxTraces {
		return
	}
	f.traces = slices.Insert(f.traces, at, s)
	f.traces = f.traces[:min(len(f.traces), maxTraces)]
}

// isNewer orders traces by start, then id.
func isNewer(a, b seen) bool {
	return cmp.Or(cmp.Compare(a.start, b.start), a.trace.Compare(b.trace)) > 0
}

// measure counts the sizes of a trace.
func (x *Structure) measure(t *request.Trace, r *structureRoot) {
	of := seen{t.ID, t.Start}
	failed := t.Errors > 0
	r.add(spans, large{seen: of, n: len(t.Spans), failed: failed})
	deepest := int32(0)
	for i := range t.Tree.Nodes {
		if t.Tree.Nodes[i].Depth > t.Tree.Nodes[deepest].Depth {
			deepest = int32(i)
		}
	}
	r.add(depth, large{seen: of, n: int(t.Tree.Nodes[deepest].Depth) + 1, span: t.Span(deepest).ID, failed: failed})
	w := large{seen: of, n: 1, failed: failed}
	if parent, op, n := x.widest(t); n > 0 {
		w.n, w.op, w.span, w.caller = n, op, t.Span(parent).ID, t.Span(parent).Op
	}
	r.add(width, w)
}

// widest is the span with the most calls of one operation; of several the first.
func (x *Structure) widest(t *request.Trace) (parent int32, op uint32, most int) {
	x.children = x.children[:0]
	for i := range t.Tree.Nodes {
		if p := t.Tree.Nodes[i].Parent; p >= 0 {
			x.children = append(x.children, child{p, t.Heads[t.Tree.Nodes[i].Span].Op})
		}
	}
	slices.SortFunc(x.children, func(a, b child) int { return cmp.Or(cmp.Compare(a.parent, b.parent), cmp.Compare(a.op, b.op)) })
	for i := 0; i < len(x.children); {
		k := i
		for k < len(x.children) && x.children[k] == x.children[i] {
			k++
		}
		if k-i > most {
			parent, op, most = x.children[i].parent, x.children[i].op, k-i
		}
		i = k
	}
	return parent, op, most
}

// add counts a size and remembers the trace where it is among the largest.
func (r *structureRoot) add(of size, l large) {
	r.size[of].Add(int64(l.n))
	top := r.largest[of]
	if len(top) == maxLargest && !isLarger(&l, &top[len(top)-1]) {
		return
	}
	at := len(top)
	for at > 0 && isLarger(&l, &top[at-1]) {
		at--
	}
	top = slices.Insert(top, at, l)
	r.largest[of] = top[:min(len(top), maxLargest)]
}

func isLarger(a, b *large) bool {
	return a.n > b.n || a.n == b.n && isNewer(b.seen, a.seen)
}
