package store

import (
	"sync"
	"sync/atomic"

	"oteltop/model"
)

// Bounds of what is interned for good, generous for real fleets (Uber's largest published call graph has
// 40,000 endpoints). What comes later counts under Overflow.
const (
	maxOperations        = 65_536
	maxServiceOperations = 4_096
	maxServices          = 8_192
	maxPeers             = 16_384
	maxName              = 1_024 // bytes; longer names are no names
	nameOverhead         = 160   // bytes of map entry, headers and growth per name, measured
)

// column is an append-only list: one writer at a time, readers take no lock. Index 0 is unused.
type column[T any] struct{ items atomic.Pointer[[]T] }

func (c *column[T]) at(i uint32) (v T) {
	if items := c.items.Load(); items != nil && int(i) < len(*items) {
		v = (*items)[i]
	}
	return v
}

func (c *column[T]) count() int {
	if items := c.items.Load(); items != nil {
		return len(*items) - 1
	}
	return 0
}

func (c *column[T]) add(v T) uint32 {
	items := make([]T, 1)
	if p := c.items.Load(); p != nil {
		items = *p
	}
	items = append(items, v)
	c.items.Store(&items)
	return uint32(len(items) - 1)
}

type operationKey struct {
	service uint32
	name    string
	kind    model.Kind
}

// names interns services, operations and peers. Implements Names.
type names struct {
	services   column[string]
	operations column[Operation]
	peers      column[string]
	bytes      atomic.Int64

	mu           sync.RWMutex
	limit        int64             // bytes of names
	serviceOf    map[string]uint32 // by the name shown
	namespaceOf  map[string]string // who came first with a service.name
	operationOf  map[operationKey]uint32
	perService   map[uint32]int
	busiest      int // operations of the service that has most
	peerOf       map[string]uint32
	longest      int                       // bytes of the longest name
	peerOverflow [NameBounds]atomic.Uint64 // spans whose peer counts under Overflow
}

func newNames(limit int64) *names {
	return &names{
		limit: limit, serviceOf: map[string]uint32{}, namespaceOf: map[string]string{},
		operationOf: map[operationKey]uint32{}, perService: map[uint32]int{}, peerOf: map[string]uint32{},
	}
}

// Operation implements Names.
func (n *names) Operation(op uint32) Operation { return n.operations.at(op) }

// Operations implements Names.
func (n *names) Operations() int { return n.operations.count() }

// count notes how many names there are, what they take, and what bounds them.
func (n *names) count(c *Counters) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	c.Services, c.ServiceLimit = n.services.count(), maxServices
	c.Operations, c.Limits = n.operations.count(), maxOperations
	c.Busiest, c.BusiestLimit = n.busiest, maxServiceOperations
	c.Peers, c.PeerLimit = n.peers.count(), maxPeers
	c.LongestName, c.NameLimit = n.longest, maxName
	c.NameBytes, c.NameBytesLimit = n.bytes.Load(), n.limit
	for k := range n.peerOverflow {
		c.Overflowed[k] += n.peerOverflow[k].Load()
	}
}

// Service implements Names.
func (n *names) Service(service uint32) string { return n.services.at(service) }

// Services implements Names.
func (n *names) Services() int { return n.services.count() }

// Peer implements Names.
func (n *names) Peer(peer uint32) string { return n.peers.at(peer) }

// fit says whether there is room for a name, of which full is the bound on their number, and counts it in if so. Overflow
// itself always fits.
func (n *names) fit(name string, have, most int, full NameBound) NameBound {
	switch {
	case name == Overflow:
	case len(name) > maxName:
		return NameTooLong
	case have >= most:
		return full
	case n.bytes.Load()+int64(len(name))+nameOverhead > n.limit:
		return NamesFull
	}
	n.bytes.Add(int64(len(name)) + nameOverhead)
	n.longest = max(n.longest, len(name))
	return NameFits
}

// namesake is the bound for a name that is itself Overflow: it cannot be told from those that met one.
func namesake(name string, full NameBound) NameBound {
	if name == Overflow {
		return full
	}
	return NameFits
}

// service interns a service by service.name and service.namespace. The first namespace to use a name has
// it for its own; others, once they come, are "namespace/name" (D4). over: the bound for which it counts under Overflow.
func (n *names) service(name, namespace string) (id uint32, shown string, over NameBound) {
	n.mu.Lock()
	defer n.mu.Unlock()
	first, known := n.namespaceOf[name]
	if known && namespace != "" && namespace != first {
		name = namespace + "/" + name
	}
	if id, ok := n.serviceOf[name]; ok {
		return id, name, namesake(name, ServicesFull)
	}
	if over = n.fit(name, n.services.count(), maxServices-1, ServicesFull); over != NameFits {
		name = Overflow
		if id, ok := n.serviceOf[name]; ok {
			return id, name, over
		}
		n.fit(name, 0, 0, over)
	} else if !known {
		n.namespaceOf[name] = namespace
	}
	id = n.services.add(name)
	n.serviceOf[name] = id
	return id, name, over
}

// operation interns an operation. over: the bound for which it counts under Overflow.
func (n *names) operation(service uint32, serviceName, name string, kind model.Kind) (id uint32, over NameBound) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := operationKey{service, name, kind}
	if id, ok := n.operationOf[key]; ok {
		return id, namesake(name, OperationsFull)
	}
	have, most := n.operations.count(), maxOperations-maxServices
	if n.perService[service] >= maxServiceOperations-1 {
		have = most
	}
	if over = n.fit(name, have, most, OperationsFull); over != NameFits {
		key = operationKey{service, Overflow, model.KindUnspecified}
		if id, ok := n.operationOf[key]; ok {
			return id, over
		}
		n.fit(Overflow, 0, 0, over)
	}
	id = n.operations.add(Operation{Service: service, ServiceName: serviceName, Name: key.name, Kind: key.kind})
	n.operationOf[key] = id
	n.perService[service]++
	n.busiest = max(n.busiest, n.perService[service])
	return id, over
}

// peer interns what a span says is at the other end.
func (n *names) peer(name []byte) uint32 {
	n.mu.RLock()
	id, ok := n.peerOf[string(name)]
	n.mu.RUnlock()
	if ok {
		return id
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	text := string(name)
	if id, ok := n.peerOf[text]; ok {
		return id
	}
	if over := n.fit(text, n.peers.count(), maxPeers-1, PeersFull); over != NameFits {
		n.peerOverflow[over].Add(1)
		if id, ok := n.peerOf[Overflow]; ok {
			return id
		}
		text = Overflow
		n.fit(text, 0, 0, over)
	}
	id = n.peers.add(text)
	n.peerOf[text] = id
	return id
}
