package dependencies

import (
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model/store"
)

// call is one call of a trace: an entry span, the span of a focal operation, or an exit span as seen by the
// peer that it names.
type call struct {
	node   int32  // of the trace's tree
	name   uint32 // service or peer, in the table of names
	op     uint32 // operation of the span
	parent int32  // the call that made it, −1 for none that was seen
	end    int32  // one past the last call below it: the calls below call i are (i, end)
	orphan bool   // its parent was not seen
	peer   bool   // of a peer: it calls nothing that is seen
	serves bool   // a server or consumer: it never merges with a call of the same service above it
}

// names numbers services and peers, so that a peer that also sends spans is one with its service.
type names struct {
	called   func(s *store.Settled) string
	ids      map[string]uint32
	texts    []string // by number, 1 and up
	services []uint32 // by the store's number
	peers    map[peerKey]uint32
}

type peerKey struct {
	peer uint32
	role store.PeerRole
}

func newNames(called func(s *store.Settled) string) *names {
	return &names{called: called, ids: map[string]uint32{}, texts: []string{""}, peers: map[peerKey]uint32{}}
}

func (n *names) id(text string) uint32 {
	id, ok := n.ids[text]
	if !ok {
		id = uint32(len(n.texts))
		n.ids[text] = id
		n.texts = append(n.texts, text)
	}
	return id
}

func (n *names) service(t *request.Trace, service uint32) uint32 {
	for int(service) >= len(n.services) {
		n.services = append(n.services, 0)
	}
	if n.services[service] == 0 {
		n.services[service] = n.id(t.Names.Service(service))
	}
	return n.services[service]
}

func (n *names) peer(s *store.Settled) uint32 {
	key := peerKey{s.Peer, s.Role}
	id, ok := n.peers[key]
	if !ok {
		id = n.id(n.called(s))
		n.peers[key] = id
	}
	return id
}

// calls are those of one trace, parents first. Memory is reused from trace to trace.
type calls struct {
	names *names
	// focal marks operations whose spans are calls whatever their kind; nil: none.
	focal map[uint32]struct{}
	list  []call

	within []int32 // by node: the call that it is part of, −1 for none
}

// of finds the calls of a trace.
func (c *calls) of(t *request.Trace) {
	nodes := t.Tree.Nodes
	c.list = c.list[:0]
	c.within = scratch.Resized(c.within, len(nodes))
	answered := t.Answered()
	for i := range nodes {
		c.enter(t, int32(i), answered[i])
	}
	for i := len(c.list) - 1; i >= 0; i-- {
		x := &c.list[i]
		x.end = max(x.end, int32(i)+1)
		if x.parent >= 0 {
			c.list[x.parent].end = max(c.list[x.parent].end, x.end)
		}
	}
}

// enter appends the calls that a node stands for: none, one, or two where a root or a focal span is itself
// the call of a peer that did not answer.
func (c *calls) enter(t *request.Trace, i int32, answered bool) {
	n := &t.Tree.Nodes[i]
	c.within[i] = -1
	if n.Span < 0 {
		return
	}
	s := &t.Spans[n.Span]
	p := t.Parent(i)
	caller := int32(-1)
	if p >= 0 {
		caller = c.within[p]
	}
	_, focal := c.focal[s.Op]
	entry := p < 0 || s.Kind.IsEntry() || t.Span(p).Service != s.Service
	if entry || focal {
		c.list = append(c.list, call{
			node: i, name: c.names.service(t, s.Service), op: s.Op, parent: caller,
			orphan: p < 0 && s.Parent != 0, serves: s.Kind.IsEntry(),
		})
		caller = int32(len(c.list) - 1)
	}
	c.within[i] = caller
	if s.Kind.IsExit() && s.Peer != 0 && !answered {
		c.list = append(c.list, call{node: i, name: c.names.peer(s), op: s.Op, parent: caller, peer: true})
	}
}
