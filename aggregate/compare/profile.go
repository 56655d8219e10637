// Package compare says what changed between two sets of traces: latency (shift, shape, tail), errors, calls
// per trace, structure, and operations, edges and error types that are new or gone (ANALYSES A24, A25,
// section 3.4).
//
//	traces ─▶ Fold ─▶ Profile (before) ─┐
//	traces ─▶ Fold ─▶ Profile (after) ──┴─▶ Compare ─▶ changes, causes first
//
// A profile knows operations by name, so that it can be kept, and compared with one of another store.
// The unit is the trace: of an operation that a trace calls often, tests take one call, because calls of
// one trace depend on each other.
package compare

import (
	"context"

	"oteltop/aggregate/hist"
	"oteltop/model"
	"oteltop/model/store"
)

// Tuning.
const (
	// foldedTraces is how many traces of a side are linked. Section 3.4 asks for at least 2,000; more
	// finds rarer changes, and 10,000 can be linked while a person waits.
	foldedTraces = 10_000
	// The bounds of a profile. What is beyond is counted in Dropped.
	maxOperations = 2_048
	maxNodes      = 8_192
	maxEdges      = 4_096
	maxErrors     = 1_024
	// maxCalls bounds the calls per trace that are told apart.
	maxCalls = 255
)

// Operation names an operation, whichever store it came from.
type Operation struct {
	Service, Name string
	Kind          model.Kind
}

// Profile is what a set of traces looks like. Immutable.
type Profile struct {
	Traces  uint64 // linked, of
	Of      uint64 // how many there are
	Spans   uint64 // of the linked traces
	From    int64  // start of the first trace and end of the last, Unix ns
	To      int64
	Dropped uint64 // operations, paths, edges and error types beyond the bounds

	operations map[Operation]*operation
	nodes      map[uint64]*node
	roots      map[uint64]*node // by hash as in nodes: the main roots
	edges      map[edge]*edgeCount
	errors     map[errorType]*errorCount
	seen       map[Operation]uint64 // spans of all traces, linked or not
}

// operation is the calls of one operation.
type operation struct {
	traces   uint64 // traces that call it
	failed   uint64 // of them, those in which a call failed
	first    uint64 // of them, those in which one did so without a callee that failed (A15: self)
	calls    uint64
	critical float64        // Σ own time on the critical path, ns
	all      hist.Histogram // of every call
	one      hist.Histogram // of one call per trace
	self     hist.Histogram // the self time of that call

	slowest   model.TraceID // the trace with the slowest of them
	slowestNs int64
	failedIn  model.TraceID // a trace in which a call failed

	in perTrace
}

// perTrace is what is known of an operation in the trace that is being folded.
type perTrace struct {
	trace          int // 1 + its number
	failed, first  bool
	pick           uint64 // the call with the smallest hash stands for the trace
	duration, self int64
}

// node is a call path: an operation below its ancestors.
type node struct {
	op     Operation
	above  uint64   // hash of the path of the caller, 0 for a root
	root   uint64   // hash of the root's path
	below  []uint64 // hashes of the paths of what it calls
	traces uint64   // traces that have it
	calls  uint64
	counts []uint64 // by calls per trace (at most maxCalls): traces; of those that have it
	own    float64  // Σ own time on the critical path, ns
	self   float64  // Σ self time, ns
	total  float64  // Σ with everything below it
	length float64  // of a root: Σ duration, ns
	most   int      // most calls of a trace, and which
	mostIn model.TraceID

	latest  int // 1 + the number of the trace being folded
	inTrace int
}

// edge is calls from one service to another, or to a peer that it names.
type edge struct{ Client, Server string }

type edgeCount struct {
	traces uint64
	latest int
	in     model.TraceID
}

// errorCount is the spans that failed in one way, among those that were looked at.
type errorCount struct {
	spans uint64
	in    model.TraceID
}

// errorType is a way in which an operation fails.
type errorType struct {
	Operation
	Type string
}

// Fold makes the profile of traces of a snapshot. It returns ctx's error when that ends.
func Fold(ctx context.Context, snap store.Snapshot, names store.Names, traces []store.TraceInfo) (*Profile, error) {
	f := newFolder(snap, names)
	f.Of = uint64(len(traces))
	for i := range traces {
		t := &traces[i]
		if i == 0 || t.Start < f.From {
			f.From = t.Start
		}
		f.To = max(f.To, t.End)
	}
	n := min(len(traces), foldedTraces)
	for i := range n {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.fold(&traces[i*len(traces)/n])
	}
	if err := f.census(ctx, traces); err != nil {
		return nil, err
	}
	return &f.Profile, nil
}
