// Package hotspots counts what traffic passes through: how many requests pass a service, how many calls an
// edge carries, and what requests that fail pass that others do not (ANALYSES A28).
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ nodes, edges
//
// Betweenness is counted on traces, not computed on the graph of services: the share of requests in which a
// service is called and calls others itself, which is exact, while shortest paths through a graph of services
// are taken by nobody.
package hotspots

import (
	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxPlaces = 1 << 14
	maxEdges  = 1 << 16
	maxPairs  = 1 << 17 // places by root operation
	maxSample = 5       // failing traces by place
)

// flags of a place in one trace.
const (
	present uint8 = 1 << iota
	called        // by another place
	calls         // another service: its own database is not what others pass it for
	onPath        // between the root and where an error begins
	begins        // an error begins here
)

// place is a service, or a peer that sends no spans.
type place struct {
	name       string
	peer       bool
	traces     uint64
	inner      uint64
	path       uint64 // of these, it lies on the way to where the error begins
	origin     uint64 // or the error begins there
	in, failed uint64 // calls to it
	critical   int64  // ns on critical paths
	callers    int
	callees    int
	sample     []model.TraceID // failing traces, the first few
}

type edgeKey struct{ client, server int32 }

type edge struct{ calls, failed, traces, seen uint64 }

// kind is what requests of one root operation have in common: n of each outcome.
type kind struct{ failing, healthy uint64 }

type pairKey struct {
	root  uint32
	place int32
}

// Fold counts traces. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	peerName func(*store.Settled) string

	services map[uint32]int32
	ids      map[string]uint32 // of services
	peers    map[string]int32
	places   []place
	edges    map[edgeKey]*edge
	kinds    map[uint32]*kind
	pairs    map[pairKey]*kind

	traces, failing uint64
	calls           uint64
	duration        int64 // of all roots, ns
	dropped         uint64

	// Of the trace that is being looked at.
	flags   []uint8 // by place
	touched []int32
	crossed []bool // by node: a child belongs to another service
	below   []bool // by node: a child failed
	passed  []bool // by node: the way to an error was followed through it
}

// New returns an empty fold. peerName is how the map names the peer of an exit span.
func New(names store.Names, peerName func(*store.Settled) string) *Fold {
	ids := make(map[string]uint32, names.Services())
	for id := 1; id <= names.Services(); id++ {
		ids[names.Service(uint32(id))] = uint32(id)
	}
	return &Fold{
		names: names, peerName: peerName, ids: ids, services: map[uint32]int32{}, peers: map[string]int32{},
		edges: map[edgeKey]*edge{}, kinds: map[uint32]*kind{}, pairs: map[pairKey]*kind{},
	}
}

// Fold counts a trace.
func (f *Fold) Fold(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	f.traces++
	f.duration += t.Span(t.Root).Duration()
	f.touched = f.touched[:0]
	f.cross(t)
	failing := f.follow(t)
	root := t.Span(t.Root).Op
	k := bounded.Entry(f.kinds, root, maxPlaces, &f.dropped)
	if failing {
		f.failing++
		k.failing++
	} else {
		k.healthy++
	}
	for _, at := range f.touched {
		f.settle(t.ID, root, at, failing)
	}
}

// cross counts the calls of a trace. A call is a span below one of another service, or an exit span that names a
// peer and has no such span below it.
func (f *Fold) cross(t *request.Trace) {
	nodes := t.Tree.Nodes
	f.crossed = append(f.crossed[:0], make([]bool, len(nodes))...)
	critical := t.Critical()
	for i := range nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		at := f.service(s.Service)
		if at < 0 {
			continue
		}
		f.mark(at, present)
		f.places[at].critical += critical[i]
		p := t.Parent(int32(i))
		if p < 0 {
			continue
		}
		above := t.Span(p)
		if above.Service == s.Service {
			continue
		}
		for up := p; up >= 0 && t.Span(up) != nil && t.Span(up).Service == above.Service && !f.crossed[up]; up = t.Parent(up) {
			f.crossed[up] = true
		}
		f.call(f.service(above.Service), at, s.Status == model.StatusError || above.Status == model.StatusError && above.Kind.IsExit())
	}
	for i := range nodes {
		if s := t.Span(int32(i)); s != nil && f.asks(int32(i), s) {
			if at := f.peer(s); at >= 0 {
				f.mark(at, present)
				f.places[at].critical += critical[i] // what sends no spans spent it
				if of := f.service(s.Service); of >= 0 {
					f.places[of].critical -= critical[i]
				}
				f.call(f.service(s.Service), at, s.Status == model.StatusError)
			}
		}
	}
}

// asks reports whether a node is a call to a peer that sends no spans.
func (f *Fold) asks(node int32, s *store.Settled) bool {
	return s.Kind.IsExit() && s.Peer != 0 && !f.crossed[node]
}

// follow marks the ways to where errors begin, and reports whether there are any. An error begins where no span
// below has one.
func (f *Fold) follow(t *request.Trace) (failing bool) {
	if t.Errors == 0 {
		return false
	}
	nodes := t.Tree.Nodes
	f.below = append(f.below[:0], make([]bool, len(nodes))...)
	f.passed = append(f.passed[:0], make([]bool, len(nodes))...)
	for i := range nodes {
		if s := t.Span(int32(i)); s != nil && s.Status == model.StatusError {
			failing = true
			if p := t.Parent(int32(i)); p >= 0 {
				f.below[p] = true
			}
		}
	}
	for i := range nodes {
		s := t.Span(int32(i))
		if s == nil || s.Status != model.StatusError || f.below[i] {
			continue
		}
		f.mark(f.service(s.Service), begins)
		if f.asks(int32(i), s) {
			f.mark(f.peer(s), onPath|begins)
		}
		for up := int32(i); up >= 0 && !f.passed[up]; up = t.Parent(up) {
			f.passed[up] = true
			f.mark(f.service(t.Span(up).Service), onPath)
		}
	}
	return failing
}

// settle counts what a trace had of a place.
func (f *Fold) settle(id model.TraceID, root uint32, at int32, failing bool) {
	p, flags := &f.places[at], f.flags[at]
	f.flags[at] = 0
	p.traces++
	if flags&called != 0 && flags&calls != 0 {
		p.inner++
	}
	pair := bounded.Entry(f.pairs, pairKey{root, at}, maxPairs, &f.dropped)
	if !failing {
		pair.healthy++
		return
	}
	pair.failing++
	if len(p.sample) < maxSample {
		p.sample = append(p.sample, id)
	}
	if flags&onPath != 0 {
		p.path++
	}
	if flags&begins != 0 {
		p.origin++
	}
}

func (f *Fold) mark(at int32, flag uint8) {
	if at < 0 {
		return
	}
	if f.flags[at] == 0 {
		f.touched = append(f.touched, at)
	}
	f.flags[at] |= flag
}

func (f *Fold) call(client, server int32, failed bool) {
	if client < 0 || server < 0 {
		return
	}
	f.calls++
	if !f.places[server].peer {
		f.mark(client, calls)
	}
	f.mark(server, called)
	known := len(f.edges)
	e := bounded.Entry(f.edges, edgeKey{client, server}, maxEdges, &f.dropped)
	c, s := &f.places[client], &f.places[server]
	if len(f.edges) > known {
		c.callees++
		s.callers++
	}
	e.calls++
	s.in++
	if failed {
		e.failed++
		s.failed++
	}
	if e.seen != f.traces {
		e.seen = f.traces
		e.traces++
	}
}

// service is the place of a service, −1 where there is no room for more.
func (f *Fold) service(id uint32) int32 {
	at, ok := f.services[id]
	if !ok {
		if at = f.place(f.names.Service(id), false); at >= 0 {
			f.services[id] = at
		}
	}
	return at
}

// peer is the place of the peer that an exit span names: a service that did not answer, where it is the name of one.
func (f *Fold) peer(s *store.Settled) int32 {
	name := f.peerName(s)
	if id, sends := f.ids[name]; sends && s.Role == store.PeerService {
		return f.service(id)
	}
	at, ok := f.peers[name]
	if !ok {
		if at = f.place(name, true); at >= 0 {
			f.peers[name] = at
		}
	}
	return at
}

func (f *Fold) place(name string, peer bool) int32 {
	if len(f.places) >= maxPlaces {
		f.dropped++
		return -1
	}
	f.places = append(f.places, place{name: name, peer: peer})
	f.flags = append(f.flags, 0)
	return int32(len(f.places) - 1)
}
