// The same by operation, service or kind of work.

package aggregate

import (
	"errors"
	"fmt"

	"oteltop/model"
	"oteltop/model/store"
)

// CostBy is what costs are added up by.
type CostBy string

// What costs can be added up by.
const (
	ByOperation CostBy = ""
	ByService   CostBy = "service"
	ByCategory  CostBy = "category"
)

// ErrCostBy is returned by ParseCostBy and Engine.Critical for anything else.
var ErrCostBy = errors.New("want service, category or, for costs by operation, nothing")

// category is what a span's own time is spent on, whatever the operation.
type category uint32

// The categories.
const (
	categoryServer    category = 1 + iota // code between a request and its answer
	categoryInternal                      // code within
	categoryCall                          // waiting for another service beyond its own time: the network, its queue
	categoryDatabase                      // waiting for a database
	categoryMessaging                     // sending, waiting for and handling messages
)

// String is what screens show and reports print.
func (c category) String() string {
	return [...]string{"other", "server", "internal", "call", "database", "messaging"}[c]
}

// categoryOf needs no attributes: the store has looked at them, under their present and their older names.
func categoryOf(s *store.Settled) category {
	switch {
	case s.Kind == model.KindProducer || s.Kind == model.KindConsumer || s.Role == store.PeerMessaging:
		return categoryMessaging
	case s.Role == store.PeerDatabase:
		return categoryDatabase
	case s.Kind == model.KindClient:
		return categoryCall
	case s.Kind == model.KindServer:
		return categoryServer
	}
	return categoryInternal
}

// costKey says what the costs of a node are added to; nil: its operation's.
func (w *requestWorker) costKey(by CostBy) func(node int32) uint32 {
	switch by {
	case ByService:
		return func(node int32) uint32 { return w.heads[w.tree.Nodes[node].Span].Service }
	case ByCategory:
		return func(node int32) uint32 { return uint32(categoryOf(&w.spans[w.tree.Nodes[node].Span])) }
	}
	return nil
}

// ParseCostBy reads what costs are to be added up by.
func ParseCostBy(text string) (CostBy, error) {
	switch by := CostBy(text); by {
	case ByOperation, ByService, ByCategory:
		return by, nil
	}
	return "", fmt.Errorf("%q: %w", text, ErrCostBy)
}

// cost names what costs were added up by.
func (m *Memory) cost(by CostBy, key uint32) CostRow {
	switch {
	case by == ByCategory:
		return CostRow{Category: category(key).String()}
	case by == ByService && key != 0:
		return CostRow{Place: model.Place{Service: m.store.Names().Service(key)}}
	}
	return CostRow{Place: m.place(key)}
}
