package compare

import (
	"hash/fnv"

	"oteltop/model"
	"oteltop/model/store"
)

// folder adds traces to a profile, in memory that it keeps from trace to trace.
type folder struct {
	Profile
	snap  store.Snapshot
	names store.Names
	ops   map[uint32]named // by id of the store

	number   int // of the trace being folded, from 1
	trace    model.TraceID
	spans    []store.Settled
	heads    []model.Head
	tree     model.Tree
	self     []int64
	critical []int64
	sections []model.Section
	passedOn []bool   // per node: a span that it called failed
	paths    []uint64 // per node: the hash of its path, 0 where it has none
	below    []int64  // per node: time of its subtree on the critical path, ns
	touched  []*operation
	called   []*node
}

// named is an operation of the store with a hash that is the same in every process.
type named struct {
	Operation
	hash uint64
}

func newFolder(snap store.Snapshot, names store.Names) *folder {
	f := &folder{snap: snap, names: names, ops: map[uint32]named{}}
	f.operations = map[Operation]*operation{}
	f.nodes, f.roots = map[uint64]*node{}, map[uint64]*node{}
	f.edges, f.errors = map[edge]*edgeCount{}, map[errorType]*errorCount{}
	f.seen = map[Operation]uint64{}
	return f
}

func (f *folder) op(id uint32) named {
	n, ok := f.ops[id]
	if !ok {
		o := f.names.Operation(id)
		n.Operation = Operation{o.ServiceName, o.Name, o.Kind}
		h := fnv.New64a()
		_, _ = h.Write([]byte{byte(o.Kind)}) // a hash takes everything
		_, _ = h.Write([]byte(o.ServiceName + "\x00" + o.Name))
		n.hash = h.Sum64()
		f.ops[id] = n
	}
	return n
}

// fold adds one trace.
func (f *folder) fold(t *store.TraceInfo) {
	f.number++
	f.trace = t.ID
	f.spans = f.snap.Spans(t.Index, f.spans[:0])
	f.heads = f.heads[:0]
	for i := range f.spans {
		f.heads = append(f.heads, f.spans[i].Head)
	}
	f.Traces++
	f.Spans += uint64(len(f.spans))
	f.tree.Link(f.heads)
	f.self = model.SelfTimes(f.heads, &f.tree, f.self)
	root := f.tree.MainRoot()
	f.sections = model.CriticalPath(f.heads, &f.tree, root, f.sections)
	f.critical = model.CriticalTimes(f.sections, len(f.tree.Nodes), f.critical)
	f.notePassedOn()
	f.touched, f.called = f.touched[:0], f.called[:0]
	f.paths = f.paths[:0]
	for i := range f.tree.Nodes {
		f.paths = append(f.paths, 0)
		if n := &f.tree.Nodes[i]; n.Span >= 0 {
			f.foldCall(i)
			f.foldEdge(i)
			if root >= 0 && int32(i) >= root && int32(i) < f.tree.Nodes[root].End {
				f.foldNode(i, int(root))
			}
		}
	}
	f.foldTotals()
	f.finish()
}

// foldTotals adds the time that call paths and all below them are on the critical path.
func (f *folder) foldTotals() {
	f.below = append(f.below[:0], make([]int64, len(f.paths))...)
	for i := len(f.paths) - 1; i >= 0; i-- { // callees before callers
		n := f.nodes[f.paths[i]]
		if n == nil {
			continue
		}
		f.below[i] += f.critical[i]
		n.total += float64(f.below[i])
		if p := f.tree.Nodes[i].Parent; p >= 0 {
			f.below[p] += f.below[i]
		}
	}
}

// notePassedOn finds the spans with a callee that failed.
func (f *folder) notePassedOn() {
	f.passedOn = f.passedOn[:0]
	for i := range f.tree.Nodes {
		f.passedOn = append(f.passedOn, false)
		n := &f.tree.Nodes[i]
		if n.Parent >= 0 && n.Span >= 0 && f.heads[n.Span].Status == model.StatusError {
			f.passedOn[n.Parent] = true
		}
	}
}

// foldCall adds a span to its operation.
func (f *folder) foldCall(i int) {
	h := &f.heads[f.tree.Nodes[i].Span]
	name := f.op(h.Op).Operation
	o := f.operations[name]
	if o == nil {
		if len(f.operations) >= maxOperations {
			f.Dropped++
			return
		}
		o = &operation{}
		f.operations[name] = o
	}
	if o.in.trace != f.number {
		o.in = perTrace{trace: f.number, pick: ^uint64(0)}
		f.touched = append(f.touched, o)
	}
	o.calls++
	o.all.Add(h.Duration())
	o.critical += float64(f.critical[i])
	if h.Status == model.StatusError {
		o.in.failed = true
		o.in.first = o.in.first || !f.passedOn[i]
	}
	if pick := model.Mix(uint64(h.ID), 1); pick < o.in.pick {
		o.in.pick, o.in.duration, o.in.self = pick, h.Duration(), f.self[i]
	}
}

// foldNode adds a span below the main root to its call path. Depth-first order: a caller comes before
// those it calls.
func (f *folder) foldNode(i, root int) {
	h := &f.heads[f.tree.Nodes[i].Span]
	name := f.op(h.Op)
	above := uint64(0)
	if i != root {
		if above = f.paths[f.tree.Nodes[i].Parent]; above == 0 {
			return
		}
	}
	hash := model.Mix(above, name.hash)
	n := f.nodes[hash]
	if n == nil {
		if len(f.nodes) >= maxNodes {
			f.Dropped++
			return
		}
		n = &node{op: name.Operation, above: above, root: hash}
		if i != root {
			n.root = f.paths[root]
			f.nodes[above].below = append(f.nodes[above].below, hash)
		}
		f.nodes[hash] = n
	}
	f.paths[i] = hash
	if n.latest != f.number {
		n.latest, n.inTrace = f.number, 0
		f.called = append(f.called, n)
	}
	n.inTrace++
	n.calls++
	own := float64(f.critical[i])
	n.own += own
	n.self += float64(f.self[i])
	if i == root {
		f.roots[hash] = n
		n.length += float64(h.Duration())
	}
}

// foldEdge adds the call that a span answers, or that it makes to a peer that sends no spans.
func (f *folder) foldEdge(i int) {
	n := &f.tree.Nodes[i]
	s := &f.spans[n.Span]
	if n.Parent >= 0 {
		if above := f.tree.Nodes[n.Parent].Span; above >= 0 && f.heads[above].Service != s.Service {
			f.countEdge(edge{f.names.Service(f.heads[above].Service), f.names.Service(s.Service)})
		}
	}
	if s.Peer == 0 || (s.Kind != model.KindClient && s.Kind != model.KindProducer) {
		return
	}
	for c := int32(i) + 1; c < n.End; c = f.tree.Nodes[c].End {
		if f.heads[f.tree.Nodes[c].Span].Service != s.Service {
			return // the peer speaks for itself
		}
	}
	f.countEdge(edge{f.names.Service(s.Service), f.names.Peer(s.Peer)})
}

func (f *folder) countEdge(e edge) {
	c := f.edges[e]
	if c == nil {
		if len(f.edges) >= maxEdges {
			f.Dropped++
			return
		}
		c = &edgeCount{}
		f.edges[e] = c
	}
	if c.latest != f.number {
		c.latest, c.in = f.number, f.trace
		c.traces++
	}
}

// finish counts what holds for the trace as a whole.
func (f *folder) finish() {
	for _, o := range f.touched {
		o.traces++
		if o.in.failed {
			o.failed++
			o.failedIn = f.trace
		}
		if o.in.first {
			o.first++
		}
		if o.in.duration > o.slowestNs || o.slowest.IsZero() {
			o.slowest, o.slowestNs = f.trace, o.in.duration
		}
		o.one.Add(o.in.duration)
		o.self.Add(o.in.self)
	}
	for _, n := range f.called {
		n.traces++
		if n.inTrace > n.most {
			n.most, n.mostIn = n.inTrace, f.trace
		}
		c := min(n.inTrace, maxCalls)
		for len(n.counts) <= c {
			n.counts = append(n.counts, 0)
		}
		n.counts[c]++
	}
}
