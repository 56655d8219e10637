package model

import "cmp"

// Place is where in a system something happens: an operation by its names, or a service where Operation is empty.
type Place struct {
	Service, Operation string
	Kind               Kind
}

// Compare orders places by their names.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Service, q.Service), cmp.Compare(p.Operation, q.Operation), cmp.Compare(p.Kind, q.Kind))
}
