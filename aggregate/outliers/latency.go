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
	// maxRoots bounds the root operations, maxPopulations the shapes of all of them together whose durations
	// are told apart. Those beyond are judged together with the rare shapes of their root operation.
	maxRoots       = 2_048
	maxPopulations = 1_024
	// maxPaths bounds the call paths of all root operations together, maxSums the sums of own time by path
	// and population: what is beyond is taken for usual, so that it makes no request slow.
	maxPaths = 65_536
	maxSums  = 262_144
	// maxCandidates is how many of the slowest traces of a shape are remembered: more outliers are counted
	// but not assigned to a path.
	maxCandidates = 128
	// maxOwn is how many paths are remembered of a slow trace, those with the most own time: the one that
	// made it slow is among them.
	maxOwn = 8
)

// Latency looks for requests that take far longer than those that do the same (A22). Not safe for
// concurrent use.
type Latency struct {
	Traces  uint64 // looked at
	Dropped uint64 // of root operations beyond the bound
	Folded  uint64 // own times of paths beyond the bound

	names       store.Names
	roots       map[uint32]*latencyRoot
	populations int
	left        int // paths
	sums        int
	place       []int32
	own         map[int32]ownTime
}

// latencyRoot is a root operation.
type latencyRoot struct {
	n      uint64
	paths  shapes.Paths
	shapes map[uint64]*population
	pooled population // of shapes beyond the bound
}

// population is requests that can be compared: one root operation and shape.
type population struct {
	duration hist.Histogram
	critical map[int32]float64 // sum of own times on the critical path by call path, ns
	slowest  []candidate       // a heap, the fastest of them first
}

// candidate is a slow request.
type candidate struct {
	trace     model.TraceID
	start, ns int64
	failed    bool
	own       []ownTime // by time, descending
}

// ownTime is what a call path took of a request.
type ownTime struct {
	path    int32
	ns      int64
	longest int64 // of it, in one span
	span    model.SpanID
}

// NewLatency looks at traces of one store.
func NewLatency(names store.Names) *Latency {
	return &Latency{names: names, roots: map[uint32]*latencyRoot{}, own: map[int32]ownTime{}, left: maxPaths}
}

// Fold looks at a settled trace. One without a root is no request.
func (l *Latency) Fold(t *request.Trace) {
	if t.Root < 0 || t.Parent(t.Root) >= 0 || t.Span(t.Root).Parent != 0 {
		return
	}
	op := t.Span(t.Root).Op
	r := l.roots[op]
	if r == nil {
		if len(l.roots) >= maxRoots {
			l.Dropped++
			return
		}
		r = &latencyRoot{shapes: map[uint64]*population{}, paths: shapes.Paths{Left: &l.left}}
		l.roots[op] = r
	}
	l.Traces++
	r.n++
	shape := t.Shape()
	p := r.shapes[shape]
	if p == nil {
		p = &r.pooled
		if l.populations < maxPopulations {
			p = &population{}
			r.shapes[shape] = p
			l.populations++
		}
	}
	l.fold(t, r, p)
}

// fold adds a trace to its population.
func (l *Latency) fold(t *request.Trace, r *latencyRoot, p *population) {
	ns := t.Span(t.Root).Duration()
	p.duration.Add(ns)
	l.place = r.paths.Place(t.Heads, &t.Tree, false, l.place)
	if p.critical == nil {
		p.critical = map[int32]float64{}
	}
	critical := t.Critical()
	isSlow := p.isSlow(ns, t.ID)
	clear(l.own)
	for node, own := range critical {
		if own == 0 || l.place[node] < 0 {
			continue
		}
		at := l.place[node]
		sum, ok := p.critical[at]
		if !ok && l.sums >= maxSums {
			l.Folded++
			continue
		}
		if !ok {
			l.sums++
		}
		p.critical[at] = sum + float64(own)
		if !isSlow {
			continue
		}
		x := l.own[at]
		x.path = at
		x.ns += own
		if own > x.longest {
			x.longest, x.span = own, t.Span(int32(node)).ID
		}
		l.own[at] = x
	}
	if isSlow {
		p.remember(l.candidate(t, ns))
	}
}

func (l *Latency) candidate(t *request.Trace, ns int64) candidate {
	c := candidate{trace: t.ID, start: t.Start, ns: ns, failed: t.Errors > 0}
	for _, x := range l.own {
		c.own = append(c.own, x)
	}
	slices.SortFunc(c.own, func(a, b ownTime) int { return cmp.Or(cmp.Compare(b.ns, a.ns), cmp.Compare(a.path, b.path)) })
	c.own = slices.Clone(c.own[:min(len(c.own), maxOwn)])
	return c
}

// isSlow reports whether a request is among the slowest so far.
func (p *population) isSlow(ns int64, id model.TraceID) bool {
	return len(p.slowest) < maxCandidates || compareCandidates(&candidate{trace: id, ns: ns}, &p.slowest[0]) > 0
}

func compareCandidates(a, b *candidate) int {
	return cmp.Or(cmp.Compare(a.ns, b.ns), b.trace.Compare(a.trace))
}

// remember enters a request among the slowest, in place of the fastest of them where they are many.
func (p *population) remember(c candidate) {
	s := p.slowest
	if len(s) < maxCandidates {
		s = append(s, c)
		for i := len(s) - 1; i > 0 && compareCandidates(&s[i], &s[(i-1)/2]) < 0; i = (i - 1) / 2 {
			s[i], s[(i-1)/2] = s[(i-1)/2], s[i]
		}
		p.slowest = s
		return
	}
	s[0] = c
	for i := 0; ; {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(s); k++ {
			if compareCandidates(&s[k], &s[least]) < 0 {
				least = k
			}
		}
		if least == i {
			return
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}

// add pools another population with p.
func (p *population) add(o *population) {
	p.duration.Merge(&o.duration)
	if p.critical == nil {
		p.critical = map[int32]float64{}
	}
	for path, ns := range o.critical {
		p.critical[path] += ns
	}
	for i := range o.slowest {
		if c := &o.slowest[i]; p.isSlow(c.ns, c.trace) {
			p.remember(*c)
		}
	}
}
