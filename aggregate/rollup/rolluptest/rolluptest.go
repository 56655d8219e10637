// Package rolluptest stands in for the store in tests of rollups: it interns names and gives spans the
// form in which a store settles them.
package rolluptest

import (
	"oteltop/model"
	"oteltop/model/store"
)

// Names interns what tests feed. The zero value is ready; not safe for concurrent interning.
type Names struct {
	operations []store.Operation
	services   []string
	peers      []string
}

var _ store.Names = (*Names)(nil)

// Operation and the other lookups implement store.Names.
func (n *Names) Operation(op uint32) store.Operation { return n.operations[op-1] }

// Operations is the number of operations.
func (n *Names) Operations() int { return len(n.operations) }

// Service is the name of a service id.
func (n *Names) Service(service uint32) string { return n.services[service-1] }

// Services is the number of services.
func (n *Names) Services() int { return len(n.services) }

// Peer is the name of a peer id.
func (n *Names) Peer(peer uint32) string { return n.peers[peer-1] }

func intern(names *[]string, name string) uint32 {
	for i, s := range *names {
		if s == name {
			return uint32(i + 1)
		}
	}
	*names = append(*names, name)
	return uint32(len(*names))
}

// ServiceID is the id of a service, new or known.
func (n *Names) ServiceID(name string) uint32 { return intern(&n.services, name) }

// OperationID is the id of an operation, new or known.
func (n *Names) OperationID(service, name string, kind model.Kind) uint32 {
	for i, o := range n.operations {
		if o.ServiceName == service && o.Name == name && o.Kind == kind {
			return uint32(i + 1)
		}
	}
	n.operations = append(n.operations, store.Operation{
		Service: n.ServiceID(service), ServiceName: service, Name: name, Kind: kind,
	})
	return uint32(len(n.operations))
}

// Settle gives spans their settled form. A span names a peer by the attribute "peer"; it is a database
// when "db.system" is there, else a queue when "messaging.system" is there, else a service.
func (n *Names) Settle(spans []model.Span) []store.Settled {
	out := make([]store.Settled, len(spans))
	for i := range spans {
		s := &spans[i]
		start, end := s.Start, s.End
		if end < start {
			end = start
		}
		out[i] = store.Settled{Head: model.Head{
			ID: s.ID, Parent: s.Parent, Start: start, End: end, Kind: s.Kind, Status: s.Status,
			Service: n.ServiceID(s.Resource.Service), Op: n.OperationID(s.Resource.Service, s.Name, s.Kind),
			Negative: s.End < s.Start,
		}}
		for _, l := range s.Links {
			out[i].Links = append(out[i].Links, store.LinkRef{Trace: l.TraceID, Span: l.SpanID})
		}
		peer, ok := s.Attribute("peer")
		if !ok {
			continue
		}
		out[i].Peer, out[i].Role = intern(&n.peers, peer.Str()), store.PeerService
		if _, ok := s.Attribute("messaging.system"); ok {
			out[i].Role = store.PeerMessaging
		}
		if _, ok := s.Attribute("db.system"); ok {
			out[i].Role = store.PeerDatabase
		}
	}
	return out
}

// Arrivals is the form in which spans are told to an observer when they arrive.
func Arrivals(trace model.TraceID, spans []store.Settled) []store.Arrival {
	out := make([]store.Arrival, len(spans))
	for i := range spans {
		out[i] = store.Arrival{Head: spans[i].Head, Trace: trace}
	}
	return out
}

// Traces is a store of whole traces, for finding the targets of links.
type Traces map[model.TraceID][]store.Settled

// Find returns a span of a trace that was put in.
func (t Traces) Find(trace model.TraceID, span model.SpanID) (store.Settled, bool) {
	for _, s := range t[trace] {
		if s.ID == span {
			return s, true
		}
	}
	return store.Settled{}, false
}
