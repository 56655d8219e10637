package dependencies

import "oteltop/model"

const (
	// maxPaths bounds the dictionary of call paths (ANALYSES A05); calls on further paths are counted, but
	// not told apart.
	maxPaths = 4096
	// maxPathDepth bounds the length of a path, so that listing all of them takes a bounded amount of memory.
	maxPathDepth = 64
	// maxPathTraces is how many traces a path names.
	maxPathTraces = 3
)

// step is what a path has at one place. Of service-level paths op is 0.
type step struct {
	parent   int32
	name, op uint32
}

// pathNode is a call path: that of its parent and one step more.
type pathNode struct {
	step
	depth    int32
	calls    uint64
	errors   uint64
	traces   uint64
	focal    uint64 // of calls, those that are focal calls
	leaf     bool   // some call on this path made no further call
	last     uint64 // number of the last trace
	examples []model.TraceID
}

// paths is a prefix tree of call paths.
type paths struct {
	nodes     []pathNode
	at        map[step]int32
	limit     int
	collapsed uint64 // calls on paths beyond the bound
}

func newPaths(limit int) *paths {
	return &paths{at: map[step]int32{}, limit: limit}
}

// collapsedPath is the place of calls on paths beyond the bound, and of what is below them.
const collapsedPath = -2

// below finds or makes the path that extends another by a step; −1 is the empty path.
func (p *paths) below(parent int32, name, op uint32) int32 {
	if parent == collapsedPath {
		return collapsedPath
	}
	key := step{parent, name, op}
	if i, ok := p.at[key]; ok {
		return i
	}
	n := pathNode{step: key}
	if parent >= 0 {
		n.depth = p.nodes[parent].depth + 1
	}
	if len(p.nodes) >= p.limit || n.depth >= maxPathDepth {
		return collapsedPath
	}
	i := int32(len(p.nodes))
	p.nodes = append(p.nodes, n)
	p.at[key] = i
	return i
}

// visit counts a call on a path.
func (p *paths) visit(i int32, failed, focal bool, trace uint64, id model.TraceID) {
	if i < 0 {
		p.collapsed++
		return
	}
	n := &p.nodes[i]
	n.calls++
	if failed {
		n.errors++
	}
	if focal {
		n.focal++
	}
	if n.last != trace {
		n.last = trace
		n.traces++
		if len(n.examples) < maxPathTraces {
			n.examples = append(n.examples, id)
		}
	}
}
