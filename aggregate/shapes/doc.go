// Package shapes says what requests do, apart from how long it takes them (ANALYSES A20, A36): traces that
// make the same calls have one shape, and a shape has a typical trace.
//
//	request.Trace ─▶ Census.Fold ─▶ Rows: one per shape of a root operation, the most frequent first
//	              └▶ Typical.Fold ─▶ Nodes, Representatives: the traces of one shape laid over each other
//
// The key is k2 (see model.Shape): neither the order of calls nor how often exactly one is repeated makes
// another shape, nor do INTERNAL spans. Variants counts what of this is told apart after all (k3).
//
// Memory is bounded: shapes by Frequent (SpaceSaving) per root operation, call paths by Paths. What was
// given up for it is counted, and a row says by how much its count may be too large.
package shapes
