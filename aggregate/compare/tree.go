package compare

import (
	"cmp"
	"math"
	"slices"
)

// maxTree bounds the call paths of Comparison.Tree: those that changed most are kept, with their callers.
const maxTree = 400

// Class says how a call path changed.
type Class string

// The classes.
const (
	Same    Class = "same" // or not certainly different
	More    Class = "more"
	Less    Class = "less"
	Added   Class = "added"
	Removed Class = "removed"
)

// Node is a call path of either side. Figures are means per trace of the root operation, 0 where a side has
// no such trace; times are ns.
type Node struct {
	Operation
	At    uint64 // identifies the path
	Depth int    // 0: a root

	TracesBefore, TracesAfter     uint64 // traces that have it, of
	OfBefore, OfAfter             uint64 // so many of its root operation
	CallsBefore, CallsAfter       float64
	SelfBefore, SelfAfter         float64
	CriticalBefore, CriticalAfter float64 // its own time on the critical path
	BelowBefore, BelowAfter       float64 // that with all that it calls
	Class                         Class
}

// tree merges the call paths of both sides: callers before what they call, and of those what changed the
// critical path most first. changed are the paths that are certainly taken more or less often, oneSided the operations
// that are certainly new or gone.
func (t *tester) tree(changed map[uint64]bool, oneSided map[Operation]bool) (out []Node, of int) {
	b := &treeBuilder{tester: t, changed: changed, oneSided: oneSided, nodes: map[uint64]*Node{}, below: map[uint64][]uint64{}}
	hashes := t.hashes()
	for _, hash := range hashes {
		b.add(hash)
	}
	b.prune(hashes)
	b.walk(0, 0, &out)
	return out, len(hashes)
}

// treeBuilder merges call paths.
type treeBuilder struct {
	*tester
	changed  map[uint64]bool
	oneSided map[Operation]bool
	nodes    map[uint64]*Node
	below    map[uint64][]uint64 // by caller, 0 for the roots
	keep     map[uint64]bool
}

func (b *treeBuilder) either(hash uint64) *node {
	if n := b.tester.b.nodes[hash]; n != nil {
		return n
	}
	return b.tester.a.nodes[hash]
}

// add makes the merged node of a path.
func (b *treeBuilder) add(hash uint64) {
	n := b.either(hash)
	x := &Node{Operation: n.op, At: hash}
	side := func(p *Profile) (traces, of uint64, calls, self, own, below float64) {
		root, n := p.roots[n.root], counts(p.nodes[hash])
		if root == nil {
			return 0, 0, 0, 0, 0, 0
		}
		per := float64(root.traces)
		return n.traces, root.traces, float64(n.calls) / per, n.self / per, n.own / per, n.total / per
	}
	x.TracesBefore, x.OfBefore, x.CallsBefore, x.SelfBefore, x.CriticalBefore, x.BelowBefore = side(b.tester.a)
	x.TracesAfter, x.OfAfter, x.CallsAfter, x.SelfAfter, x.CriticalAfter, x.BelowAfter = side(b.tester.b)
	x.Class = b.class(hash, n, x)
	b.nodes[hash] = x
	b.below[n.above] = append(b.below[n.above], hash)
}

func (b *treeBuilder) class(hash uint64, n *node, x *Node) Class {
	switch {
	case !b.changed[hash] && !b.oneSided[n.op]:
		return Same
	case x.CallsBefore == 0:
		return Added
	case x.CallsAfter == 0:
		return Removed
	case x.CallsAfter > x.CallsBefore:
		return More
	}
	return Less
}

// weight is how much a path matters: what changed, then how much more or less time it takes, then how much.
func (b *treeBuilder) weight(hash uint64) (isChanged bool, change, size float64) {
	x := b.nodes[hash]
	traces := float64(x.OfBefore + x.OfAfter)
	return x.Class != Same, math.Abs(x.BelowAfter-x.BelowBefore) * traces, max(x.BelowAfter, x.BelowBefore) * traces
}

func (b *treeBuilder) compare(x, y uint64) int {
	_, changeX, sizeX := b.weight(x)
	_, changeY, sizeY := b.weight(y)
	return cmp.Or(cmp.Compare(changeY, changeX), cmp.Compare(sizeY, sizeX), compareOperations(b.nodes[x].Operation, b.nodes[y].Operation), cmp.Compare(x, y))
}

// prune decides which paths stay.
func (b *treeBuilder) prune(hashes []uint64) {
	b.keep = make(map[uint64]bool, maxTree)
	order := slices.Clone(hashes)
	slices.SortFunc(order, func(x, y uint64) int {
		changedX, _, _ := b.weight(x)
		changedY, _, _ := b.weight(y)
		if changedX != changedY {
			if changedX {
				return -1
			}
			return 1
		}
		return b.compare(x, y)
	})
	for _, hash := range order {
		if len(b.keep) >= maxTree {
			return
		}
		for at := hash; at != 0 && !b.keep[at]; at = b.either(at).above {
			b.keep[at] = true
		}
	}
}

// walk appends what is called by a path. Callers come before callees in a profile, so there is no cycle.
func (b *treeBuilder) walk(above uint64, depth int, out *[]Node) {
	kids := b.below[above]
	slices.SortFunc(kids, b.compare)
	for _, hash := range kids {
		if b.keep[hash] {
			x := b.nodes[hash]
			x.Depth = depth
			*out = append(*out, *x)
			b.walk(hash, depth+1, out)
		}
	}
}
