package paths

import (
	"cmp"

	"oteltop/aggregate/scratch"
	"oteltop/model"
)

const (
	// maxNodes bounds the call paths that are told apart, some 5 MB. Recorded systems have hundreds to some
	// thousands; names made from ids have as many as there are requests.
	maxNodes = 16384
	// maxDepth bounds the length of a path: below it all operations share one node per path.
	maxDepth = 128
	// exemplars is how many requests a path remembers (CRISP keeps three).
	exemplars = 3
)

// Other is the operation of nodes that stand for paths beyond the bounds.
const Other = 0

// Node is a call path: the operations from a request's root to here.
type Node struct {
	Parent int32 // index of the path that it extends, -1 for node 0, which is the empty path
	Op     uint32
	Depth  int32 // operations in the path; 1 for the root of requests
}

// Stat is what one cohort of requests did on a path.
type Stat struct {
	Exclusive int64   // own time on the critical path, ns
	Squares   float64 // sum over requests of the square of their exclusive time, ns²
	Self      int64   // self time, ns, on the critical path or not
	Calls     uint64  // spans
	OnPath    uint64  // of these, spans with time on the critical path
	Requests  uint64  // requests with such a span
	Present   uint64  // requests with any span
	Traces    uint64  // traces with a span on the critical path
	Slowest   []Exemplar
}

// Exemplar is a request that spent much time on a path.
type Exemplar struct {
	Trace     model.TraceID
	Exclusive int64 // ns
}

// Tree is the call paths of many requests, with one Stat per node and cohort. What it says does not
// depend on the order of requests, unless its bounds were reached. Not safe for concurrent use: make
// several and Merge them.
type Tree struct {
	Nodes  []Node   // parents before children; node 0 is the empty path
	Stats  [][]Stat // by cohort, then node
	Count  []uint64 // requests by cohort
	Total  []int64  // their durations by cohort, ns
	Folded uint64   // spans counted under Other
	Odd    uint64   // requests left out because their duration cannot be believed

	limit int
	index map[uint64]int32 // parent<<32 | op → node
	trace model.TraceID    // of the last request
	serie uint32           // number of that trace, of Tree's own making
	round uint32           // number of the request
	marks []mark           // parallel to Nodes
	hit   []int32          // nodes with a span in this request
	place []int32          // tree node → path
}

// mark is what the current request has done to a node so far.
type mark struct {
	round, serie uint32
	critical     int64
}

// New returns an empty tree for a number of cohorts of requests.
func New(cohorts int) *Tree { return newTree(cohorts, maxNodes) }

func newTree(cohorts, limit int) *Tree {
	return &Tree{
		Nodes: []Node{{Parent: -1}}, marks: make([]mark, 1),
		Stats: makeStats(cohorts), Count: make([]uint64, cohorts), Total: make([]int64, cohorts),
		limit: limit, index: map[uint64]int32{},
	}
}

func makeStats(cohorts int) [][]Stat {
	s := make([][]Stat, cohorts)
	for i := range s {
		s[i] = make([]Stat, 1)
	}
	return s
}

// Fold counts a request in a cohort. Requests of one trace are to be folded one after the other.
func (t *Tree) Fold(cohort int, r *Request) {
	duration := r.Duration()
	if !r.Countable() || t.Total[cohort] > 1<<62-duration {
		t.Odd++
		return
	}
	t.Count[cohort]++
	t.Total[cohort] += duration
	t.begin(r.Trace)
	nodes := r.Tree.Nodes
	from, to := r.Root, nodes[r.Root].End
	t.place = scratch.Resized(t.place, int(to-from))
	place := t.place
	for i := from; i < to; i++ {
		above := int32(0)
		if i > from {
			above = place[nodes[i].Parent-from]
		}
		at := t.child(above, r.head(i).Op)
		place[i-from] = at
		t.span(cohort, at, r.Self[i], r.Critical[i])
	}
	t.end(cohort, r.Trace)
}

func (t *Tree) begin(trace model.TraceID) {
	if trace != t.trace || t.serie == 0 {
		t.trace = trace
		t.serie++
	}
	t.round++
	t.hit = t.hit[:0]
}

// child is the path that extends another by an operation.
func (t *Tree) child(above int32, op uint32) int32 {
	if t.Nodes[above].Op == Other && above != 0 {
		t.Folded++
		return above // all that is below an overflow is in it
	}
	if at, ok := t.index[pathKey(above, op)]; ok {
		return at
	}
	if len(t.Nodes) >= t.limit || t.Nodes[above].Depth >= maxDepth {
		t.Folded++
		op = Other
		if at, ok := t.index[pathKey(above, op)]; ok {
			return at
		}
	}
	return t.grow(above, op)
}

func pathKey(above int32, op uint32) uint64 { return uint64(above)<<32 | uint64(op) }

// grow adds a node. Overflow nodes may exceed the limit by one per node, so at most by as much again.
func (t *Tree) grow(above int32, op uint32) int32 {
	at := int32(len(t.Nodes))
	t.index[pathKey(above, op)] = at
	t.Nodes = append(t.Nodes, Node{Parent: above, Op: op, Depth: t.Nodes[above].Depth + 1})
	t.marks = append(t.marks, mark{})
	for c := range t.Stats {
		t.Stats[c] = append(t.Stats[c], Stat{})
	}
	return at
}

func (t *Tree) span(cohort int, at int32, self, critical int64) {
	s, m := &t.Stats[cohort][at], &t.marks[at]
	if m.round != t.round {
		m.round, m.critical = t.round, 0
		t.hit = append(t.hit, at)
	}
	s.Calls++
	s.Self = saturated(s.Self, self)
	s.Exclusive += critical
	if critical > 0 {
		m.critical += critical
		s.OnPath++
	}
}

// saturated adds what a hostile clock may have made large.
func saturated(a, b int64) int64 {
	if b = min(b, maxDuration); a > 1<<62-b {
		return 1 << 62
	}
	return a + b
}

func (t *Tree) end(cohort int, trace model.TraceID) {
	for _, at := range t.hit {
		s, m := &t.Stats[cohort][at], &t.marks[at]
		s.Present++
		if m.critical == 0 {
			continue
		}
		s.Requests++
		if m.serie != t.serie {
			m.serie = t.serie
			s.Traces++
		}
		s.Squares += float64(m.critical) * float64(m.critical)
		s.Slowest = remember(s.Slowest, Exemplar{trace, m.critical})
	}
}

// remember enters an exemplar where it is among the slowest, one per trace: slowest first, then by id.
func remember(top []Exemplar, x Exemplar) []Exemplar {
	if len(top) == exemplars && compareExemplars(x, top[exemplars-1]) >= 0 {
		return top
	}
	for i := range top {
		if top[i].Trace == x.Trace {
			if compareExemplars(x, top[i]) >= 0 {
				return top
			}
			top = append(top[:i], top[i+1:]...)
			break
		}
	}
	at := 0
	for at < len(top) && compareExemplars(top[at], x) < 0 {
		at++
	}
	if len(top) < exemplars {
		top = append(top, Exemplar{})
	}
	copy(top[at+1:], top[at:])
	top[at] = x
	return top
}

func compareExemplars(a, b Exemplar) int {
	return cmp.Or(cmp.Compare(b.Exclusive, a.Exclusive), a.Trace.Compare(b.Trace))
}

// Merge adds all that o counted; o must hold other traces and the same cohorts.
func (t *Tree) Merge(o *Tree) {
	place := make([]int32, len(o.Nodes))
	for i := 1; i < len(o.Nodes); i++ {
		place[i] = t.child(place[o.Nodes[i].Parent], o.Nodes[i].Op)
	}
	for c := range o.Stats {
		t.Count[c] += o.Count[c]
		t.Total[c] = saturated64(t.Total[c], o.Total[c])
		for i := range o.Stats[c] {
			t.Stats[c][place[i]].merge(&o.Stats[c][i])
		}
	}
	t.Folded += o.Folded
	t.Odd += o.Odd
}

func saturated64(a, b int64) int64 {
	if a > 1<<62-b {
		return 1 << 62
	}
	return a + b
}

func (s *Stat) merge(o *Stat) {
	s.Exclusive = saturated64(s.Exclusive, o.Exclusive)
	s.Self = saturated64(s.Self, o.Self)
	s.Squares += o.Squares
	s.Calls += o.Calls
	s.OnPath += o.OnPath
	s.Requests += o.Requests
	s.Present += o.Present
	s.Traces += o.Traces
	for _, x := range o.Slowest {
		s.Slowest = remember(s.Slowest, x)
	}
}

// Inclusive sums exclusive times over each node and all paths that extend it, ns.
func (t *Tree) Inclusive(cohort int) []int64 {
	sums := make([]int64, len(t.Nodes))
	for i := len(t.Nodes) - 1; i >= 0; i-- {
		sums[i] += t.Stats[cohort][i].Exclusive
		if p := t.Nodes[i].Parent; p >= 0 {
			sums[p] += sums[i]
		}
	}
	return sums
}
