package rollup

import (
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

// call is one call of an edge. Durations are ns, -1 where that side was not seen.
type call struct {
	edge           Edge
	start          int64 // of the client side where there is one
	client, server int64
	gap            int64
	hasGap         bool
	failed         bool // either side

	exit      model.SpanID // of a virtual call: the exit span
	claimable bool         // a consumer of another trace may turn out to be the other side
}

// consumer is a span with links into other traces.
type consumer struct {
	span     *store.Settled
	node     int32
	from, to int // its links
	// instead is counted once final while none of the links leads anywhere: the call by the broker, or by
	// the parent.
	instead    call
	hasInstead bool
}

// link is a link of a consumer into another trace.
type link struct {
	target   store.LinkRef
	producer store.Settled // set when found
	found    bool
}

// The rules of the service map (ANALYSES A03), in one pass over the tree with parents first:
//
//   - An exit span (client, producer) opens a call. It stays open through spans of kind internal of the
//     same service, so that wrappers between client and server make no difference.
//   - A span crosses when its parent belongs to another service, or when it is a server or consumer
//     with an open exit span above it (a service that calls itself). Each crossing is one call, of the
//     exit span and the crossing span; where no exit span is open, of the crossing span alone.
//     One exit span may have several crossings: a gateway, or retries.
//   - A consumer without an exit span above it that links to its producers is called by these, not by
//     the span that happens to be its parent.
//   - Calls of producers, or to consumers, are messaging.
//   - A database call is complete at once: an exit span that names a database and has no crossing.
//   - Exit spans without a crossing become calls to the peer that they name once the trace is final.
//   - A root server is called by a user. A server whose parent was not seen is a broken trace.
//   - A root consumer without links, and one whose links lead nowhere, is called by its broker once final.
func (f *traceFold) foldEdges() {
	f.calls, f.virtuals = f.calls[:0], f.virtuals[:0]
	f.consumers, f.links = f.consumers[:0], f.links[:0]
	f.waiting, f.broken = 0, 0
	nodes := f.tree.Nodes
	f.exit = scratch.Resized(f.exit, len(nodes))
	f.answered = scratch.Resized(f.answered, len(nodes))
	clear(f.answered)
	f.nodeOf = emptied(f.nodeOf)
	for i := range nodes {
		n := &nodes[i]
		if n.Span < 0 {
			f.exit[i] = -1
			continue
		}
		s := &f.spans[n.Span]
		f.exit[i] = f.exitBelow(int32(i), s)
		producer := f.foldCrossing(n, s)
		if len(s.Links) > 0 && Consumes(s) {
			f.foldLinked(int32(i), s, producer)
		} else if s.Kind == model.KindConsumer && producer < 0 && (n.Parent < 0 || nodes[n.Parent].Span < 0) {
			f.foldBroker(s)
		}
	}
	f.foldExits()
}

// Consumes reports whether the links of a span lead to what it received: it processes messages, or asks a broker for
// some.
func Consumes(s *store.Settled) bool {
	return s.Kind == model.KindConsumer || s.Kind == model.KindClient && s.Role == store.PeerMessaging
}

// exitBelow is the exit span that stays open below a node.
func (f *traceFold) exitBelow(i int32, s *store.Settled) int32 {
	switch s.Kind {
	case model.KindClient, model.KindProducer:
		return i
	case model.KindInternal, model.KindUnspecified:
		return f.exitAbove(i)
	}
	return -1
}

// exitAbove is the exit span of the same service that is open above a node.
func (f *traceFold) exitAbove(i int32) int32 {
	n := &f.tree.Nodes[i]
	if n.Parent < 0 {
		return -1
	}
	above := f.tree.Nodes[n.Parent].Span
	if above < 0 || f.heads[above].Service != f.heads[n.Span].Service {
		return -1
	}
	return f.exit[n.Parent]
}

// foldCrossing counts the call that ends at a node, if one does, and returns the node of its exit span,
// or -1.
func (f *traceFold) foldCrossing(n *model.Node, s *store.Settled) (exit int32) {
	if n.Parent < 0 {
		if s.Kind == model.KindServer {
			f.foldUser(s)
		}
		return -1
	}
	above := f.tree.Nodes[n.Parent].Span
	if above < 0 {
		if s.Kind == model.KindServer {
			f.broken++
		}
		return -1
	}
	exit = f.exit[n.Parent]
	parent := &f.heads[above]
	if parent.Service == s.Service && (exit < 0 || !s.Kind.IsEntry()) {
		return -1
	}
	if exit < 0 {
		if s.Kind != model.KindConsumer || len(s.Links) == 0 { // else foldLinked sees to it
			f.calls = append(f.calls, bareCall(parent, s))
		}
		return -1
	}
	f.calls = append(f.calls, pair(&f.heads[f.tree.Nodes[exit].Span], &s.Head))
	f.answer(exit)
	return exit
}

// bareCall is the call of a span below one of another service that is no exit span.
func bareCall(parent *model.Head, s *store.Settled) call {
	c := call{
		edge:  Edge{Client: serviceNode(parent.Service), Server: serviceNode(s.Service)},
		start: s.Start, client: -1, server: s.Duration(), failed: s.Status == model.StatusError,
	}
	if s.Kind == model.KindConsumer {
		c.edge.Kind = EdgeMessaging
	}
	return c
}

// answer marks an exit span, and those of the same service that it is nested in: a client library's
// span around the transport's span is the same call.
func (f *traceFold) answer(exit int32) {
	for exit >= 0 && !f.answered[exit] {
		f.answered[exit] = true
		exit = f.exitAbove(exit)
	}
}

func serviceNode(id uint32) Node { return Node{NodeService, id} }

// pair is the call from an exit span to the span on its other side.
func pair(client, server *model.Head) call {
	c := call{
		edge:   Edge{Client: serviceNode(client.Service), Server: serviceNode(server.Service)},
		start:  client.Start,
		client: client.Duration(), server: server.Duration(), hasGap: true,
		failed: client.Status == model.StatusError || server.Status == model.StatusError,
	}
	if client.Kind == model.KindProducer || server.Kind == model.KindConsumer {
		c.edge.Kind = EdgeMessaging
		c.gap = server.Start - client.End
	} else {
		c.gap = c.client - c.server
	}
	return c
}

// foldUser counts the call of a root server by whoever is outside.
func (f *traceFold) foldUser(s *store.Settled) {
	user := Node{Kind: NodeUser}
	if s.Role == store.PeerService {
		user.ID = s.Peer
	}
	f.calls = append(f.calls, call{
		edge:  Edge{Client: user, Server: serviceNode(s.Service), Kind: EdgeInferred},
		start: s.Start, client: -1, server: s.Duration(), failed: s.Status == model.StatusError,
	})
}

// foldBroker counts, once final, the call of a consumer whose producer is not known.
func (f *traceFold) foldBroker(s *store.Settled) {
	if c, ok := brokerCall(s); ok {
		f.virtuals = append(f.virtuals, c)
	}
}

func brokerCall(s *store.Settled) (call, bool) {
	return call{
		edge:  Edge{Client: Node{NodeMessaging, s.Peer}, Server: serviceNode(s.Service), Kind: EdgeMessaging},
		start: s.Start, client: -1, server: s.Duration(), failed: s.Status == model.StatusError,
	}, s.Kind == model.KindConsumer && s.Role == store.PeerMessaging && s.Peer != 0
}

// foldLinked counts one call for each link of a consumer, but none for the span that is already its
// parent. Links into other traces are left for foldLinks.
func (f *traceFold) foldLinked(i int32, s *store.Settled, producer int32) {
	f.seen = emptied(f.seen)
	local := producer >= 0
	from := len(f.links)
	for _, l := range s.Links {
		if _, twice := f.seen[l]; twice {
			continue
		}
		f.seen[l] = struct{}{}
		if l.Trace != f.trace {
			f.links = append(f.links, link{target: l})
			continue
		}
		target, ok := f.find(l.Span)
		if !ok || target == i || target == producer || target == f.tree.Nodes[i].Parent {
			continue
		}
		h := &f.heads[f.tree.Nodes[target].Span]
		if !Produces(h, s) {
			continue
		}
		f.calls = append(f.calls, linkedCall(h, s))
		f.answered[target] = true
		local = true
	}
	instead, has := f.callInstead(i, s)
	has = has && !local
	switch {
	case from < len(f.links):
		f.consumers = append(f.consumers, consumer{s, i, from, len(f.links), instead, has})
	case has && f.parentSeen(i):
		f.calls = append(f.calls, instead)
	case has:
		f.virtuals = append(f.virtuals, instead)
	}
	if local && s.Kind == model.KindClient {
		f.answered[i] = true // it received: the links are the call, not a request to the broker
	}
}

// callInstead is the call of a consumer, with no exit span above it, whose links lead nowhere: by the
// service of its parent or, where none was seen, by its broker.
func (f *traceFold) callInstead(i int32, s *store.Settled) (call, bool) {
	if !f.parentSeen(i) {
		return brokerCall(s)
	}
	n := &f.tree.Nodes[i]
	if s.Kind != model.KindConsumer || !f.crosses(n, &s.Head) {
		return call{}, false
	}
	return bareCall(&f.heads[f.tree.Nodes[n.Parent].Span], s), true
}

func (f *traceFold) parentSeen(i int32) bool {
	p := f.tree.Nodes[i].Parent
	return p >= 0 && f.tree.Nodes[p].Span >= 0
}

// find is the node of a span of this trace. The index is built for the first link only.
func (f *traceFold) find(id model.SpanID) (int32, bool) {
	if len(f.nodeOf) == 0 {
		for i := len(f.tree.Nodes) - 1; i >= 0; i-- {
			if span := f.tree.Nodes[i].Span; span >= 0 {
				f.nodeOf[f.heads[span].ID] = int32(i)
			}
		}
	}
	i, ok := f.nodeOf[id]
	return i, ok
}

// Produces reports whether the target of a consumer's link is what it consumed. A client span with links
// either received from others or sends what its own service created, which is no call.
func Produces(target *model.Head, s *store.Settled) bool {
	if target.Service != s.Service {
		return true
	}
	return s.Kind == model.KindConsumer && target.Kind.IsExit()
}

// linkedCall is the call from a producer to a consumer that links to it.
func linkedCall(producer *model.Head, s *store.Settled) call {
	c := pair(producer, &s.Head)
	c.edge.Kind = EdgeMessaging
	c.gap = s.Start - producer.End
	return c
}

// foldExits completes database calls and finds the calls to peers that sent nothing.
func (f *traceFold) foldExits() {
	for i := range f.tree.Nodes {
		n := &f.tree.Nodes[i]
		if n.Span < 0 || f.answered[i] || !f.heads[n.Span].Kind.IsExit() {
			continue
		}
		s := &f.spans[n.Span]
		c, ok := peerCall(s)
		if ok && c.edge.Kind == EdgeDatabase {
			f.calls = append(f.calls, c)
			continue
		}
		f.waiting++
		if ok {
			// Twins of one id cannot be told apart by a link; they keep their calls to the broker.
			c.claimable = c.claimable && n.Flags&model.DuplicateID == 0
			f.virtuals = append(f.virtuals, c)
		}
	}
}

// peerCall is the call of an exit span to the peer that it names; false where it names none.
func peerCall(s *store.Settled) (call, bool) {
	c := call{
		start: s.Start, client: s.Duration(), server: -1,
		failed: s.Status == model.StatusError, exit: s.ID,
	}
	c.edge.Client = serviceNode(s.Service)
	c.claimable = s.Kind == model.KindProducer
	switch s.Role {
	case store.PeerDatabase:
		c.edge.Server, c.edge.Kind = Node{NodeDatabase, s.Peer}, EdgeDatabase
	case store.PeerMessaging:
		c.edge.Server, c.edge.Kind = Node{NodeMessaging, s.Peer}, EdgeMessaging
		c.claimable = true
	default:
		c.edge.Server, c.edge.Kind = Node{NodeInferred, s.Peer}, EdgeInferred
	}
	return c, s.Peer != 0
}

// emptied returns an empty map, m itself unless it has become so large that clearing it for every span
// would take longer than the span.
func emptied[K comparable, V any](m map[K]V) map[K]V {
	const keep = 256
	if m == nil || len(m) > keep {
		return map[K]V{}
	}
	clear(m)
	return m
}
