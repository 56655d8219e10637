package failures

import (
	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

// Retries counts attempts and logical calls by edge. Requests have to come in order of their start. Not safe for
// concurrent use.
//
// A logical call is what a caller wanted done; each time that it was sent is an attempt. What happens inside of
// one span is not seen: gRPC shows all attempts of a call as one span of the client, and then only the spans of
// the server tell.
type Retries struct {
	names    store.Names
	peerName func(*store.Settled) string
	periods  periods

	callees  map[string]int32 // names of services and peers
	list     []string
	services map[uint32]int32
	peers    map[peerKey]int32
	ids      map[edgeKey]int32
	edges    []*edge

	traces, retried uint64
	dropped         uint64

	attempts *attempts
	above    []int32 // by node: the edge of the call that it is part of, −1 for none
}

type peerKey struct {
	peer uint32
	role store.PeerRole
}

type edgeKey struct {
	op     uint32 // of the span of the attempt
	callee int32
}

// edge is the calls of an operation to a callee.
type edge struct {
	edgeKey
	calls, resends series
	sent           uint64 // attempts
	again          [causes]uint64
	numbered       uint64 // sent again, and the span says so
	chains         uint64 // logical calls that were retried
	recovered      uint64 // of which succeeded in the end
	most           int    // attempts of one call
	failedTime     int64  // of failed attempts of retried calls, ns
	waited         int64  // between attempts, ns
	traces, failed uint64 // requests with a retry; of which are errors themselves
	seen           uint64
	served         uint32 // operation of a server span below an attempt
	above          []int32
	sample         latest
	first, last    int64
}

// maxAbove is how many edges are known to lead to the caller of one.
const maxAbove = 16

// NewRetries returns an empty count. peerName is how the map names the peer of an exit span.
func NewRetries(names store.Names, peerName func(*store.Settled) string) *Retries {
	return &Retries{
		names: names, peerName: peerName, callees: map[string]int32{}, services: map[uint32]int32{}, peers: map[peerKey]int32{},
		ids: map[edgeKey]int32{}, attempts: newAttempts(),
	}
}

// Add counts a trace.
func (r *Retries) Add(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	r.traces++
	at, halve := r.periods.next(t.Start)
	if halve {
		for _, e := range r.edges {
			e.calls.halve()
			e.resends.halve()
		}
	}
	r.above = scratch.Cleared(r.above, len(t.Tree.Nodes))
	for i := range t.Tree.Nodes {
		r.call(t, int32(i), at)
	}
	retried := r.retried
	for i := range t.Tree.Nodes {
		n := &t.Tree.Nodes[i]
		if n.End-int32(i) < 2 {
			continue
		}
		list := r.attempts.below(t, int32(i))
		for k := range list {
			r.attempt(t, &list[k], at)
		}
	}
	if r.retried != retried {
		r.retried = retried + 1 // requests, however many calls
	}
}

// call counts a call at a node, and notes by which edge its children are reached.
func (r *Retries) call(t *request.Trace, i int32, at int) {
	r.above[i] = -1
	p := t.Parent(i)
	if p >= 0 {
		r.above[i] = r.above[p]
	}
	s := t.Span(i)
	if s == nil || !isCall(s) || s.Kind == model.KindServer && t.Tree.Nodes[i].Parent < 0 {
		return
	}
	id := r.edge(t, i, s)
	if id < 0 {
		return
	}
	e := r.edges[id]
	e.sent++
	e.calls[at]++
	if up := r.above[i]; up >= 0 && up != id && len(e.above) < maxAbove && !contains(e.above, up) {
		e.above = append(e.above, up)
	}
	r.above[i] = id
	if t.Tree.Nodes[i].Parent < 0 && r.attempts.number(t, i) > 0 {
		e.again[OtherCause]++ // what it repeats is in another trace
		e.numbered++
	}
}

func contains(list []int32, x int32) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// edge is that of a call, −1 where there is no room for more.
func (r *Retries) edge(t *request.Trace, i int32, s *store.Settled) int32 {
	k := edgeKey{op: s.Op, callee: -1}
	served := uint32(0)
	switch child := answering(t, i, s); {
	case s.Kind == model.KindServer:
		k.callee = r.service(s.Service)
	case child >= 0:
		k.callee, served = r.service(t.Span(child).Service), t.Span(child).Op
	case s.Role != store.PeerNone:
		k.callee = r.peer(s)
	}
	id, ok := r.ids[k]
	if !ok {
		if len(r.edges) >= maxEdges {
			r.dropped++
			return -1
		}
		id = int32(len(r.edges))
		r.ids[k] = id
		r.edges = append(r.edges, &edge{edgeKey: k})
	}
	if served != 0 {
		r.edges[id].served = served
	}
	return id
}

// answering is the span of another service below a call, −1 for none. A wrapper of the same service may stand
// in between.
func answering(t *request.Trace, i int32, s *store.Settled) int32 {
	for child := i + 1; child < t.Tree.Nodes[i].End && child <= i+maxWrappers+1; child++ {
		if t.Span(child).Service != s.Service {
			return child
		}
	}
	return -1
}

// maxWrappers is how many spans of the same service may stand between a call and whoever answers.
const maxWrappers = 3

func (r *Retries) callee(name string) int32 {
	id, ok := r.callees[name]
	if !ok {
		id = int32(len(r.list))
		r.callees[name] = id
		r.list = append(r.list, name)
	}
	return id
}

func (r *Retries) service(id uint32) int32 {
	at, ok := r.services[id]
	if !ok {
		at = r.callee(r.names.Service(id))
		r.services[id] = at
	}
	return at
}

func (r *Retries) peer(s *store.Settled) int32 {
	k := peerKey{s.Peer, s.Role}
	at, ok := r.peers[k]
	if !ok {
		at = r.callee(r.peerName(s))
		r.peers[k] = at
	}
	return at
}

// attempt counts a call that was sent again or sends one again, for its edge.
func (r *Retries) attempt(t *request.Trace, x *attempt, at int) {
	s := t.Span(x.node)
	id := r.above[x.node]
	if id < 0 || x.before < 0 && x.next < 0 && !x.alone {
		return
	}
	e := r.edges[id]
	if x.before >= 0 || x.alone {
		e.again[x.cause]++
		if x.count > 0 {
			e.numbered++
		}
		if x.cause == AfterFailure && x.before >= 0 {
			e.resends[at]++
			r.retry(t, e, x, s)
		}
	}
	if x.next < 0 && x.before >= 0 {
		r.finish(t, e, x)
	}
}

// retry counts an attempt that follows a failed one.
func (r *Retries) retry(t *request.Trace, e *edge, x *attempt, s *store.Settled) {
	before := t.Span(r.attempts.list[x.before].node)
	e.failedTime = bounded.Sum(e.failedTime, before.Duration())
	e.waited = bounded.Sum(e.waited, max(0, s.Start-before.End))
	r.retried++
	if e.sample.n == 0 || s.Start < e.first {
		e.first = s.Start
	}
	e.last = max(e.last, s.Start)
	if e.seen == r.traces {
		return
	}
	e.seen = r.traces
	e.traces++
	if t.Span(t.Root).Status == model.StatusError {
		e.failed++
	}
	e.sample.add(Exemplar{t.ID, s.ID})
}

// finish counts a logical call by its last attempt.
func (r *Retries) finish(t *request.Trace, e *edge, x *attempt) {
	n, retried := 1, false
	for y := x; y.before >= 0; y = &r.attempts.list[y.before] {
		n++
		retried = retried || y.cause == AfterFailure
	}
	if !retried {
		return
	}
	e.chains++
	e.most = max(e.most, n)
	if x.failed {
		e.failedTime = bounded.Sum(e.failedTime, t.Span(x.node).Duration())
	} else {
		e.recovered++
	}
}
