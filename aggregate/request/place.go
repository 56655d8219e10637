package request

import "oteltop/model/store"

// Place is where the span of a node stands in the store, for analyses that work out once per class or per code
// what many spans share.
func (t *Trace) Place(node int32) store.Place { return t.place(node) }
