package paths

import "oteltop/model"

// maxDuration is the longest request that is counted, ns (13 days): one that says more has a wrong clock,
// and would drown all others.
const maxDuration = 1 << 50

// Request is a linked span with everything below it. Folding reads it and keeps nothing of it.
type Request struct {
	Trace model.TraceID
	Heads []model.Head
	Tree  *model.Tree
	Root  int32 // node of the request in Tree; its subtree is looked at
	// Self are the self times of all nodes of Tree, and Critical the own times on the critical path of
	// Root, ns (model.SelfTimes, model.CriticalTimes).
	Self, Critical []int64
}

// Duration is that of the request, ns.
func (r *Request) Duration() int64 { return r.head(r.Root).Duration() }

// Op is the operation of the request itself.
func (r *Request) Op() uint32 { return r.head(r.Root).Op }

// Countable reports whether the request's duration can be believed.
func (r *Request) Countable() bool { return r.Duration() <= maxDuration }

func (r *Request) head(node int32) *model.Head { return &r.Heads[r.Tree.Nodes[node].Span] }
