// Package requesttest hands the traces of a store to analyses in tests, as sweeps of the engine do.
package requesttest

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// Each settles the traces of a store and hands each to the folds, in order of arrival. The trace is valid during the
// call only.
func Each(s store.Store, folds ...func(t *request.Trace)) {
	Ordered(s, func([]store.TraceInfo) {}, folds...)
}

// Ordered is Each in an order of the caller's.
func Ordered(s store.Store, order func(traces []store.TraceInfo), folds ...func(t *request.Trace)) {
	s.Flush()
	snap := s.Snapshot()
	var traces []store.TraceInfo
	snap.Traces(func(info *store.TraceInfo) bool {
		traces = append(traces, *info)
		return true
	})
	order(traces)
	var t request.Trace
	for i := range traces {
		t.Load(snap, s.Names(), &traces[i])
		for _, fold := range folds {
			fold(&t)
		}
	}
}

// ByStart is the order of sweeps.
func ByStart(traces []store.TraceInfo) {
	slices.SortStableFunc(traces, func(a, b store.TraceInfo) int { return cmp.Compare(a.Start, b.Start) })
}

// Peer names whom a span calls as the store does, without aliases.
func Peer(s store.Store) func(x *store.Settled) string {
	return func(x *store.Settled) string { return s.Names().Peer(x.Peer) }
}
