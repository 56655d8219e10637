// What the ends of edges are called.

package aggregate

import (
	"strconv"
	"strings"

	"oteltop/aggregate/rollup"
	"oteltop/model/store"
)

// userName is the node of whoever calls the root servers. A service may have that name (one of the
// best-known demos has a service "user"); then the caller is escapedUser, so that the two stay apart.
const (
	userName    = "user"
	escapedUser = "(user)"
)

// namer gives edges the names that they have on the map and in Focus.
//
// A peer that spans name, but that also sends spans itself, is the service of that name. So is an
// inferred peer at an address whose host is the name of a service: cartservice:7070 is how containers and
// clusters reach cartservice, and two nodes would hide that the calls that went unanswered were to the
// same service as those that were not. Databases and queues are named without a port, or by the address
// of one server among many, so they are left as they are.
type namer struct {
	names    store.Names
	user     string
	services map[string]struct{}
}

func newNamer(names store.Names) namer {
	n := namer{names, userName, make(map[string]struct{}, names.Services())}
	for id := 1; id <= names.Services(); id++ {
		n.services[names.Service(uint32(id))] = struct{}{}
	}
	if _, taken := n.services[userName]; taken {
		n.user = escapedUser
	}
	return n
}

func (n namer) edge(e rollup.Edge) mapEdge {
	return mapEdge{n.node(e.Client), n.node(e.Server), edgeKinds[e.Kind]}
}

func (n namer) node(x rollup.Node) string {
	switch {
	case x.Kind == rollup.NodeService && x.ID == 0:
		return store.Overflow
	case x.Kind == rollup.NodeService:
		return n.names.Service(x.ID)
	case x.Kind == rollup.NodeUser && x.ID == 0:
		return n.user
	case x.Kind == rollup.NodeInferred:
		return n.inferred(x.ID)
	}
	return n.names.Peer(x.ID)
}

// inferred is the name of a peer that is neither a database nor a queue.
func (n namer) inferred(id uint32) string {
	name := n.names.Peer(id)
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name
	}
	if _, err := strconv.ParseUint(name[at+1:], 10, 16); err != nil {
		return name
	}
	if _, sends := n.services[name[:at]]; sends {
		return name[:at]
	}
	return name
}

// called is the name of the peer that an exit span names.
func (n namer) called(s *store.Settled) string {
	if s.Role == store.PeerService {
		return n.inferred(s.Peer)
	}
	return n.names.Peer(s.Peer)
}
