package suspects

import (
	"slices"

	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

// party is a service, or a peer that sends no spans.
type party struct {
	peer bool
	id   uint32 // store.Names.Service or Peer
}

// key is one thing that is observed of many traces.
//
//	Work        from works in op
//	Wait        from waits for to; op answers, or is the exit span where to sends no spans
//	Calls       from, in parent, calls op
//	Unanswered  from's exit span parent is answered by to
//	Errors      an error begins in from's op
type key struct {
	mechanism Mechanism
	from, to  party
	op        uint32
	parent    uint32
	exit      bool // Errors: of an exit span that nobody answered
}

// sample is what one trace says about a key.
type sample struct {
	key   int32
	calls uint32 // Work, Wait: of op; Calls, Unanswered: of the child; Errors: 1
	hits  uint32 // Calls, Unanswered: calls of the parent with at least one of the child
	time  int64  // ns: own time on the critical path; Calls, Unanswered: that of everything below the call
	self  int64  // Work: own time, on the critical path or not, ns
}

// visit counts the calls of an operation of a trace that tell what it usually calls: those that failed are
// left out, because what is missing there is missing because of the error.
type visit struct {
	op    uint32
	place int32 // of op in observer.places
	calls uint32
}

// observation is all that is kept of a trace.
type observation struct {
	id       model.TraceID
	start    int64 // Unix ns; set in a History
	duration int64 // ns, of the main root
	samples  []sample
	visits   []visit
}

// maxKeys bounds what is told apart, 250 bytes each; Train Ticket has 800 in a day of recordings. Names made
// from ids would have as many as spans.
const maxKeys = 1 << 16

// observer turns traces into observations. Its working memory is reused from trace to trace.
type observer struct {
	names store.Names
	ids   map[key]int32
	keys  []key
	most  int // maxKeys
	// dropped is how often something was seen of which there was no room for a key.
	dropped uint64
	spare   sample // what such a thing is noted in, and forgotten
	// places numbers operations that were visited or call others; parents is the place of the parent of each key.
	places  map[uint32]int32
	parents []int32
	// databases are the peers that spans call databases.
	databases map[party]struct{}

	samples []sample
	visits  []visit

	heads  []model.Head
	spans  []store.Settled
	tree   model.Tree
	path   []model.Section
	own    []int64 // per node: on the critical path
	below  []int64 // per node: own of its subtree
	failed []bool  // per node: an error in its subtree
	entry  []int32 // per node: where its service was entered
	asked  []party // per node: who was asked last below it, see lastAsked
	caller []int32 // per key: one more than the node of this trace that was last seen making this call
	at     []int32 // per key: where its sample is, in a trace that has one
	atOp   []int32 // per place: where its visit is, likewise
}

func newObserver(names store.Names) *observer {
	return &observer{names: names, most: maxKeys, ids: map[key]int32{}, places: map[uint32]int32{}, databases: map[party]struct{}{}}
}

// observe takes down what is compared of a trace. Children stand after their parents, so the walk from the end knows of
// each node what is below it.
func (o *observer) observe(id model.TraceID, spans []store.Settled) observation {
	o.link(spans)
	n := len(o.tree.Nodes)
	o.own, o.below = scratch.Cleared(o.own, n), scratch.Cleared(o.below, n)
	o.failed, o.entry, o.asked = scratch.Cleared(o.failed, n), scratch.Cleared(o.entry, n), scratch.Cleared(o.asked, n)
	x := observation{id: id, samples: o.samples[:0], visits: o.visits[:0]}
	o.walkPaths(&x)
	copy(o.below, o.own)
	for i := n - 1; i >= 0; i-- {
		node := &o.tree.Nodes[i]
		if node.Span >= 0 {
			o.asked[i] = o.lastAsked(int32(i))
		}
		if node.Span >= 0 && o.heads[node.Span].Status == model.StatusError {
			if !o.failed[i] {
				o.originate(&x, int32(i))
			}
			o.failed[i] = true
		}
		if p := node.Parent; p >= 0 {
			o.below[p] += o.below[i]
			o.failed[p] = o.failed[p] || o.failed[i]
		}
	}
	for i := range o.tree.Nodes {
		if o.tree.Nodes[i].Span >= 0 {
			o.observeNode(&x, int32(i))
		}
	}
	o.samples, o.visits = x.samples, x.visits
	x.samples, x.visits = slices.Clone(x.samples), slices.Clone(x.visits) // no longer than they need to be
	return x
}

// link builds the tree. Frameworks that handle requests reactively record an internal span that lasts as
// long as the call that it makes, as a sibling of it: then the time of the call would look like the
// internal span's work. Such calls are put below it.
func (o *observer) link(spans []store.Settled) {
	o.spans, o.heads = spans, o.heads[:0]
	for i := range spans {
		o.heads = append(o.heads, spans[i].Head)
	}
	o.tree.Link(o.heads)
	moved := false
	for i := range o.tree.Nodes {
		if o.tree.Nodes[i].Span >= 0 {
			moved = o.nest(int32(i)) || moved
		}
	}
	if moved {
		o.tree.Link(o.heads)
	}
}

// maxEnclosed bounds how many of the siblings after an internal span are searched for calls that it encloses: of
// 100,000 spans side by side each would be compared with each.
const maxEnclosed = 256

// nest moves the children of a node that are calls below an internal sibling without children that
// encloses them.
func (o *observer) nest(parent int32) (moved bool) {
	nodes := o.tree.Nodes
	for a := parent + 1; a < nodes[parent].End; a = nodes[a].End {
		around := &o.heads[nodes[a].Span]
		if nodes[a].End != a+1 || around.Kind != model.KindInternal || around.Service != o.heads[nodes[parent].Span].Service {
			continue
		}
		// Siblings are in order of start, equal starts with the longer first: what it encloses follows it.
		looked := 0
		for b := nodes[a].End; b < nodes[parent].End; b = nodes[b].End {
			call := &o.heads[nodes[b].Span]
			if looked++; looked > maxEnclosed || call.Start >= around.End {
				break
			}
			if call.Kind == model.KindClient && call.End <= around.End && nodes[b].End > b+1 {
				call.Parent = around.ID
				moved = true
			}
		}
	}
	return moved
}

// walkPaths sums own time on the critical path of every root, of every orphan, whose parent waited for it
// though it was not seen, and of every consumer, which nobody waits for.
func (o *observer) walkPaths(x *observation) {
	main := true
	for i := range o.tree.Nodes {
		n := &o.tree.Nodes[i]
		if n.Span < 0 {
			continue
		}
		root := n.Parent < 0 || o.tree.Nodes[n.Parent].Span < 0
		h := &o.heads[n.Span]
		if !root && (h.Kind != model.KindConsumer || o.heads[o.tree.Nodes[n.Parent].Span].Kind != model.KindProducer) {
			continue
		}
		if main {
			x.duration, main = h.Duration(), false
		}
		o.path = model.CriticalPath(o.heads, &o.tree, int32(i), o.path)
		for _, s := range o.path {
			o.own[s.Node] += s.End - s.Start
		}
	}
}

// originate notes that an error begins at a node.
func (o *observer) originate(x *observation, i int32) {
	n := &o.tree.Nodes[i]
	h := &o.heads[n.Span]
	k := key{mechanism: Errors, from: party{id: h.Service}, op: h.Op}
	if h.Kind.IsExit() && n.End == i+1 {
		k.exit = true
		if peer := o.spans[n.Span].Peer; peer != 0 {
			k.to = party{peer: true, id: peer}
		}
	}
	s := o.sample(x, k)
	s.calls, s.hits = 1, 1
}

// observeNode notes what a span does itself and whom it calls.
func (o *observer) observeNode(x *observation, i int32) {
	n := &o.tree.Nodes[i]
	h := &o.heads[n.Span]
	service := party{id: h.Service}
	o.entry[i] = i
	if p := n.Parent; p >= 0 && o.tree.Nodes[p].Span >= 0 && o.heads[o.tree.Nodes[p].Span].Service == h.Service {
		o.entry[i] = o.entry[p]
	}
	k := key{mechanism: Work, from: service, op: h.Op}
	if h.Kind.IsExit() {
		k.to, k.op = o.answerer(i)
		if k.to != (party{}) {
			k.mechanism = Wait
		}
	}
	s := o.sample(x, k)
	s.calls++
	s.time += o.own[i]
	if k.mechanism == Work {
		s.self += o.self(i)
	}
	if o.failed[o.entry[i]] {
		return
	}
	o.visit(x, h.Op)
	if !h.Kind.IsExit() {
		o.observeCalls(x, i)
		o.observeLast(x, i)
		return
	}
	if k.mechanism == Wait && !k.to.peer {
		s := o.sample(x, key{mechanism: Unanswered, from: service, to: k.to, parent: h.Op})
		s.calls++
		s.hits++
		s.time += o.below[i] - o.own[i]
	}
}

// self is how long a span lasts without any of its children, ns. Siblings are in order of start.
func (o *observer) self(i int32) int64 {
	n := &o.tree.Nodes[i]
	h := &o.heads[n.Span]
	left, until := h.Duration(), h.Start
	for c := i + 1; c < n.End; c = o.tree.Nodes[c].End {
		x := &o.heads[o.tree.Nodes[c].Span]
		from, to := max(x.Start, until), min(x.End, h.End)
		if to > from {
			left -= to - from
			until = to
		}
	}
	return left
}

// answerer is who is waited for in an exit span and the operation that answers: the server, else the peer
// that the span names, else nobody and the span's own operation. A producer does not wait for consumers.
func (o *observer) answerer(i int32) (party, uint32) {
	n := &o.tree.Nodes[i]
	h := &o.heads[n.Span]
	for c := i + 1; c < n.End; c = o.tree.Nodes[c].End {
		if x := &o.heads[o.tree.Nodes[c].Span]; x.Service != h.Service && x.Kind != model.KindConsumer {
			return party{id: x.Service}, x.Op
		}
	}
	if peer := o.spans[n.Span].Peer; peer != 0 && n.End == i+1 {
		to := party{peer: true, id: peer}
		if o.spans[n.Span].Role == store.PeerDatabase {
			o.databases[to] = struct{}{}
		}
		return to, h.Op
	}
	return party{}, h.Op
}

// observeCalls counts the children of a span by operation.
func (o *observer) observeCalls(x *observation, i int32) {
	n := &o.tree.Nodes[i]
	h := &o.heads[n.Span]
	for c := i + 1; c < n.End; c = o.tree.Nodes[c].End {
		child := &o.heads[o.tree.Nodes[c].Span]
		s := o.sample(x, key{mechanism: Calls, from: party{id: h.Service}, to: party{id: child.Service}, op: child.Op, parent: h.Op})
		s.calls++
		s.time += o.below[c]
		if s.key >= 0 && o.caller[s.key] != i+1 {
			o.caller[s.key] = i + 1
			s.hits++
		}
	}
}

// Dropped is how often something was seen that there was no room to tell apart: it is not compared.
func (o *observer) Dropped() uint64 { return o.dropped }

// sample finds or adds a trace's sample of a key; beyond the bound it is one with key −1 that nobody sees. The pointer
// is valid until the next call.
func (o *observer) sample(x *observation, k key) *sample {
	id, ok := o.ids[k]
	if !ok && len(o.keys) == o.most {
		o.dropped++
		o.spare = sample{key: -1}
		return &o.spare
	}
	if !ok {
		id = int32(len(o.keys))
		o.ids[k] = id
		o.keys = append(o.keys, k)
		o.parents = append(o.parents, o.place(k.parent))
		o.caller = append(o.caller, 0)
		o.at = append(o.at, 0)
	}
	at := int(o.at[id])
	if at >= len(x.samples) || x.samples[at].key != id { // what is noted there is of another trace
		at = len(x.samples)
		o.at[id] = int32(at)
		x.samples = append(x.samples, sample{key: id})
		o.caller[id] = 0
	}
	return &x.samples[at]
}

func (o *observer) visit(x *observation, op uint32) {
	place := o.place(op)
	at := int(o.atOp[place])
	if at >= len(x.visits) || x.visits[at].place != place {
		at = len(x.visits)
		o.atOp[place] = int32(at)
		x.visits = append(x.visits, visit{op: op, place: place})
	}
	x.visits[at].calls++
}

func (o *observer) place(op uint32) int32 {
	place, ok := o.places[op]
	if !ok {
		place = int32(len(o.atOp))
		o.places[op] = place
		o.atOp = append(o.atOp, 0)
	}
	return place
}

func (o *observer) nameOf(p party) string {
	switch {
	case p == party{}:
		return ""
	case p.peer:
		return o.names.Peer(p.id)
	}
	return o.names.Service(p.id)
}
