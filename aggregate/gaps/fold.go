package gaps

import (
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxSpans = 1 << 19 // calls without an answer, and server spans without a parent: 48 bytes each
	maxPeers = 1 << 14 // by caller
)

// peerKey is what one service calls by one name.
type peerKey struct {
	client, peer uint32
}

// edgeKey is a caller and who answers it.
type edgeKey struct{ client, server uint32 }

// Fold collects calls that nobody answered and server spans without a parent. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	peerName func(*store.Settled) string

	at       *addresses
	peers    map[peerKey]int32
	called   []string  // of peers, by number
	keys     []peerKey // likewise
	open     [][]span  // likewise: calls without an answer
	answers  map[uint32]*answers
	answered map[edgeKey]uint64
	roots    map[uint32][]span // by service
	kept     int
	traces   uint64
	dropped  uint64
	calledBy []int32 // by node of the trace: whether an exit was counted already
}

// New returns an empty Fold. peerName is the name that the peer of a span has on the map.
func New(names store.Names, peerName func(*store.Settled) string) *Fold {
	return &Fold{
		names: names, peerName: peerName, at: newAddresses(names), peers: map[peerKey]int32{},
		answers: map[uint32]*answers{}, answered: map[edgeKey]uint64{}, roots: map[uint32][]span{},
	}
}

// Fold looks at a trace. Producers, databases and queues are no calls that anybody has to answer.
func (f *Fold) Fold(t *request.Trace) {
	f.traces++
	exits, answered := t.Exits(), t.Answered()
	f.calledBy = f.calledBy[:0]
	for range exits {
		f.calledBy = append(f.calledBy, -1)
	}
	for i, exit := range exits {
		node := int32(i)
		s := t.Span(node)
		if s == nil {
			continue
		}
		if s.Kind == model.KindServer {
			f.at.learn(t.Class(node).Resource, s.Service)
			if s.Parent == 0 && s.Start != 0 {
				f.keepRoot(s, t.ID)
			}
		}
		if exit >= 0 && t.Span(exit).Kind == model.KindClient && f.calledBy[exit] < 0 {
			f.calledBy[exit] = node
			f.countAnswer(t.Span(exit), s)
		}
	}
	// Of nested clients the innermost is the call; the others are marked as wrappers first.
	for i := range exits {
		if s := t.Span(int32(i)); s != nil && s.Kind == model.KindClient {
			if around := t.Around(int32(i)); around >= 0 {
				f.calledBy[around] = int32(i)
			}
		}
	}
	for i := range exits {
		s := t.Span(int32(i))
		if s != nil && s.Kind == model.KindClient && !answered[i] && f.calledBy[i] < 0 && s.Role == store.PeerService && s.Peer != 0 && s.Start != 0 {
			f.keepCall(s, t.ID)
		}
	}
}

func (f *Fold) keepRoot(s *store.Settled, trace model.TraceID) {
	if f.kept == maxSpans {
		f.dropped++
		return
	}
	f.kept++
	f.roots[s.Service] = append(f.roots[s.Service], span{start: s.Start, end: s.End, trace: trace})
}

func (f *Fold) countAnswer(client, server *store.Settled) {
	key := edgeKey{client.Service, server.Service}
	if _, ok := f.answered[key]; !ok && len(f.answered) == maxPeers {
		f.dropped++
		return
	}
	f.answered[key]++
	if client.Role != store.PeerService || client.Peer == 0 {
		return
	}
	x := f.answers[client.Peer]
	if x == nil {
		if len(f.answers) == maxPeers {
			f.dropped++
			return
		}
		x = &answers{service: server.Service}
		f.answers[client.Peer] = x
	}
	x.all++
	if x.service == server.Service {
		x.by++
	}
}

func (f *Fold) keepCall(s *store.Settled, trace model.TraceID) {
	key := peerKey{s.Service, s.Peer}
	at, ok := f.peers[key]
	if !ok {
		if len(f.keys) == maxPeers {
			f.dropped++
			return
		}
		at = int32(len(f.keys))
		f.peers[key] = at
		f.keys, f.open, f.called = append(f.keys, key), append(f.open, nil), append(f.called, f.peerName(s))
	}
	if f.kept == maxSpans {
		f.dropped++
		return
	}
	f.kept++
	f.open[at] = append(f.open[at], span{start: s.Start, end: s.End, trace: trace, failed: s.Status == model.StatusError})
}
