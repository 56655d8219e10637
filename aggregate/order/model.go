package order

import "oteltop/model"

const (
	// maxPaths bounds the call paths that are learned from, and maxCells the pairs of operations below them: 8 MB.
	maxPaths = 16_384
	maxCells = 1 << 20
	// maxOps is how many operations below one path are told apart: pairs grow with its square.
	maxOps = 32
)

// Count is how often something held in the requests that could tell, and how often it did not.
type Count struct{ Held, Broken uint32 }

// Holds reports whether it was seen, and never contradicted.
func (c Count) Holds() bool { return c.Held > 0 && c.Broken == 0 }

func (c *Count) tell(held bool) {
	if held {
		c.Held++
	} else {
		c.Broken++
	}
}

// Model is what many requests say about the order of calls. It does not depend on the order of requests,
// unless its bounds were reached. Not safe for concurrent writing: make several and Merge them.
type Model struct {
	Folded uint64 // calls beyond the bounds, whose order is not known

	parents []Parent // by path
	index   map[uint64]int32
	cells   int
	place   []int32
	turns   turns
}

// Parent is a call path with the operations that it calls.
type Parent struct {
	above int32
	op    uint32
	ops   []uint32
	ends  []Count // by slot: ended before the parent
	pairs []Count // earlier slot·stride + later slot: ended before the later began
	width int     // stride
}

// New returns a model of no requests.
func New() *Model { return &Model{index: map[uint64]int32{}} }

// Find is the path that extends another (−1: none) by an operation, −1 where it is not known. Safe to call
// while nobody writes.
func (m *Model) Find(above int32, op uint32) int32 {
	if at, ok := m.index[key(above, op)]; ok {
		return at
	}
	return unknown
}

const (
	noPath  = -1 // what the path of a request extends
	unknown = -2 // a path beyond the bounds, and all that extend it
)

func key(above int32, op uint32) uint64 { return uint64(uint32(above))<<32 | uint64(op) }

// Parent is that of a path which Find found, nil for an unknown one.
func (m *Model) Parent(path int32) *Parent {
	if path < 0 {
		return nil
	}
	return &m.parents[path]
}

// Slot is the number of an operation below a parent, −1 where it is not told apart.
func (p *Parent) Slot(op uint32) int {
	if p != nil {
		for i, o := range p.ops {
			if o == op {
				return i
			}
		}
	}
	return -1
}

// Order counts whether calls in one slot ended before those in another began.
func (p *Parent) Order(earlier, later int) Count {
	if earlier < 0 || later < 0 {
		return Count{}
	}
	return p.pairs[earlier*p.width+later]
}

// Ends counts whether calls in a slot ended before their parent did.
func (p *Parent) Ends(slot int) Count {
	if slot < 0 {
		return Count{}
	}
	return p.ends[slot]
}

// child makes the path that extends another.
func (m *Model) child(above int32, op uint32) int32 {
	if above == unknown {
		return unknown
	}
	if at, ok := m.index[key(above, op)]; ok {
		return at
	}
	if len(m.parents) >= maxPaths {
		return unknown
	}
	at := int32(len(m.parents))
	m.index[key(above, op)] = at
	m.parents = append(m.parents, Parent{above: above, op: op})
	return at
}

// slot makes a slot for an operation below a parent; −1 where there is no room.
func (m *Model) slot(p *Parent, op uint32) int {
	if i := p.Slot(op); i >= 0 {
		return i
	}
	n := len(p.ops)
	if n >= maxOps {
		return -1
	}
	if n == p.width {
		width := min(max(4, 2*n), maxOps)
		if m.cells+width*width-n*n > maxCells {
			return -1
		}
		m.cells += width*width - n*n
		p.widen(width)
	}
	p.ops = append(p.ops, op)
	p.ends = append(p.ends, Count{})
	return n
}

func (p *Parent) widen(width int) {
	pairs := make([]Count, width*width)
	for i := range p.ops {
		copy(pairs[i*width:], p.pairs[i*p.width:][:p.width])
	}
	p.pairs, p.width = pairs, width
}

// Fold learns from the request of a node: all below it. heads and tree are those of its trace.
func (m *Model) Fold(heads []model.Head, tree *model.Tree, root int32) {
	nodes := tree.Nodes
	m.place = m.place[:0]
	for i := root; i < nodes[root].End; i++ {
		above := int32(noPath)
		if i > root {
			above = m.place[nodes[i].Parent-root]
		}
		m.place = append(m.place, m.child(above, heads[nodes[i].Span].Op))
	}
	for i := root; i < nodes[root].End; i++ {
		if nodes[i].End > i+1 {
			m.learn(heads, tree, i, m.place[i-root])
		}
	}
}

// Merge adds all that o learned from other requests.
func (m *Model) Merge(o *Model) {
	place := make([]int32, len(o.parents))
	for i := range o.parents {
		from := &o.parents[i]
		above := from.above
		if above >= 0 {
			above = place[above]
		}
		place[i] = m.child(above, from.op)
		if place[i] == unknown {
			m.Folded += uint64(len(from.ops))
			continue
		}
		m.merge(&m.parents[place[i]], from)
	}
	m.Folded += o.Folded
}

func (m *Model) merge(to, from *Parent) {
	slots := make([]int, len(from.ops))
	for i, op := range from.ops {
		if slots[i] = m.slot(to, op); slots[i] < 0 {
			m.Folded++
			continue
		}
		to.ends[slots[i]].add(from.ends[i])
	}
	for a, sa := range slots {
		for b, sb := range slots {
			if sa >= 0 && sb >= 0 {
				to.pairs[sa*to.width+sb].add(from.pairs[a*from.width+b])
			}
		}
	}
}

func (c *Count) add(o Count) {
	c.Held += o.Held
	c.Broken += o.Broken
}
