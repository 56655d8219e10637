package shapes

import "oteltop/model"

const (
	// maxPaths bounds the call paths that are told apart. Requests of one kind have tens to hundreds; names
	// made from ids have as many as there are requests.
	maxPaths = 4_096
	// maxDepth bounds the length of a path: deeper calls are counted on the path above them.
	maxDepth = 128
)

// Missing is the operation of paths that stand for parents which were never seen. No operation has id 0.
const Missing = 0

// Path is a call path: the operations from a root to here.
type Path struct {
	Parent int32 // index of the path that it extends, −1 for that of a root
	Op     uint32
	Depth  int32 // 0 for a root
}

// Paths are call paths, those above before those below. The zero value is empty and ready.
type Paths struct {
	List   []Path
	Folded uint64 // spans beyond the bounds, counted on the path above them
	// Left, where not nil, is how many paths may still be made: a bound that several Paths share, below that
	// of each.
	Left *int

	index map[uint64]int32
}

// Child is the path that extends another (−1: a root) by an operation; the path above itself where there is
// no room. Only of a root without room there is none: −1.
func (p *Paths) Child(above int32, op uint32) int32 {
	key := uint64(uint32(above))<<32 | uint64(op)
	if at, ok := p.index[key]; ok {
		return at
	}
	depth := int32(0)
	if above >= 0 {
		depth = p.List[above].Depth + 1
	}
	if len(p.List) >= maxPaths || depth >= maxDepth || p.Left != nil && *p.Left <= 0 {
		p.Folded++
		return above
	}
	if p.Left != nil {
		*p.Left--
	}
	if p.index == nil {
		p.index = map[uint64]int32{}
	}
	at := int32(len(p.List))
	p.index[key] = at
	p.List = append(p.List, Path{above, op, depth})
	return at
}

// Place finds the path of every node of a trace, in out's memory. With collapse, INTERNAL spans are on the
// path of what they are part of, as they are in shapes.
func (p *Paths) Place(heads []model.Head, tree *model.Tree, collapse bool, out []int32) []int32 {
	out = out[:0]
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		above, op := int32(-1), uint32(Missing)
		if n.Parent >= 0 {
			above = out[n.Parent]
		}
		if n.Span >= 0 {
			op = heads[n.Span].Op
			if collapse && above >= 0 && heads[n.Span].Kind == model.KindInternal {
				out = append(out, above)
				continue
			}
		}
		out = append(out, p.Child(above, op))
	}
	return out
}
