package model

// Head is what linking needs of a span: pointer-free, so that a scan of the ring can link 100 k traces
// without an allocation per span. Service and Op are ids of equality only (store.Names resolves them).
type Head struct {
	ID, Parent SpanID
	Start, End int64 // Unix ns, End ≥ Start (Negative is set where it was not so)
	Service    uint32
	Op         uint32 // (service, name, kind)
	Kind       Kind
	Status     StatusCode
	Negative   bool // End lay before Start as received
}

// Duration is End−Start in ns.
func (h *Head) Duration() int64 { return h.End - h.Start }

// Outside reports whether a span does not run while its parent does, although that waits for it: all of it lies before
// or after. A producer does not wait for its consumer (D8).
func (h *Head) Outside(parent *Head) bool {
	if parent.Kind == KindProducer && h.Kind == KindConsumer {
		return false
	}
	return h.Start >= parent.End && h.Start > parent.Start || h.End < parent.Start
}

// NodeFlags say what linking found about a node.
type NodeFlags uint16

// What linking can find.
const (
	// Missing marks the synthetic node that stands for a parent that was never seen.
	Missing NodeFlags = 1 << iota
	// Orphan marks a child of a Missing node.
	Orphan
	// CycleCut marks a span whose parent link was dropped because it closed a cycle (or was itself).
	CycleCut
	// SharedID marks a server span that shared its client's id and was given a fresh place below it (D1).
	SharedID
	// DuplicateID marks a span whose id another, different span of the trace also has.
	DuplicateID
	// NegativeDuration marks a span that ended before it started.
	NegativeDuration
	// AsyncTail marks a span that ends after its parent (D8).
	AsyncTail
)

// Node is a place in the tree of a trace.
type Node struct {
	Span   int32 // index into the heads, -1 for a Missing node
	Parent int32 // index of the parent node, -1 for a root or a Missing node
	End    int32 // one past the last node of the subtree: the subtree of node i is [i, End)
	Depth  int32
	Flags  NodeFlags
}

// Tree is the linked form of a trace: nodes in depth-first order, siblings by start, then end
// descending, then id. Reusable: Link overwrites it and keeps its memory.
type Tree struct {
	Nodes   []Node
	Missing []SpanID // the id of each Missing node, in order of appearance
	Roots   int      // nodes without a parent that are real spans

	scratch treeScratch
}

// Whole reports whether the tree has one root and no parent is missing. A trace is complete (A30) when its tree is
// whole, it has settled, and nothing of it was dropped.
func (t *Tree) Whole() bool { return t.Roots == 1 && len(t.Missing) == 0 }

// MainRoot is the node whose span stands for the whole trace: the earliest root, else the earliest span that lost its
// parent to a cycle, else the earliest whose parent was not seen. What hangs below another span is nobody's root, be it
// the earliest of all (D2). -1 for no spans.
func (t *Tree) MainRoot() int32 {
	orphan, cut := int32(-1), int32(-1)
	for i := int32(0); int(i) < len(t.Nodes); i = t.Nodes[i].End {
		switch n := &t.Nodes[i]; {
		case n.Span < 0:
			if orphan < 0 {
				orphan = i + 1 // siblings are in order of start, and a Missing node has children
			}
		case n.Flags&CycleCut == 0:
			return i
		case cut < 0:
			cut = i
		}
	}
	if cut >= 0 {
		return cut
	}
	return orphan
}

// Section is a stretch of the critical path: during [Start, End) the root was waiting for Node itself.
type Section struct {
	Node       int32
	Start, End int64 // Unix ns
}
