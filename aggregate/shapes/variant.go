package shapes

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
)

// variantSeed separates variants from shapes.
const variantSeed = 0x76617269616e74

// variants tells apart what a shape does not (A20's k3): how often exactly calls are repeated, and whether
// they run one after the other or side by side. INTERNAL spans count no more than in shapes.
type variants struct {
	stack []call
	pend  []int32
}

// call is a folded child: the hash of all that is below it, and when it ran.
type call struct {
	hash       uint64
	start, end int64
}

// of is the variant of a trace. Iterative, as model.Shape.
func (v *variants) of(t *request.Trace, operation func(op uint32) uint64) uint64 {
	nodes := t.Tree.Nodes
	v.stack = v.stack[:0]
	v.pend = slices.Grow(v.pend[:0], len(nodes))[:len(nodes)]
	clear(v.pend)
	roots := int32(0)
	for i := len(nodes) - 1; i >= 0; i-- {
		n := &nodes[i]
		given := v.pend[i]
		if n.Parent < 0 || t.Heads[n.Span].Kind != model.KindInternal {
			x := call{}
			if n.Span >= 0 {
				h := &t.Heads[n.Span]
				x = call{operation(h.Op), h.Start, h.End}
			}
			v.fold(x, int(given))
			given = 1
		}
		if n.Parent < 0 {
			roots += given
		} else {
			v.pend[n.Parent] += given
		}
	}
	v.fold(call{}, int(roots))
	return v.stack[0].hash
}

// fold replaces the last n calls of the stack by the one that made them.
func (v *variants) fold(x call, n int) {
	made := v.stack[len(v.stack)-n:]
	slices.SortFunc(made, func(a, b call) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	parallel, until := uint64(0), int64(0)
	for i := range made {
		if i > 0 && made[i].start < until {
			parallel = 1
		}
		until = max(until, made[i].end)
	}
	slices.SortFunc(made, func(a, b call) int { return cmp.Compare(a.hash, b.hash) })
	x.hash = model.Mix(x.hash^variantSeed, parallel)
	for i := range made {
		x.hash = model.Mix(x.hash, made[i].hash)
	}
	v.stack = append(v.stack[:len(v.stack)-n], x)
}
