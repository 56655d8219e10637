// Package failures says where errors begin and how far they go (ANALYSES A15), of what kinds they are and
// which of these are new (A16), and what is tried again (A17).
//
//	request.Trace ─┬▶ Origins.Add … ─▶ Origins.Result   where errors begin, how far they go, who absorbs them
//	               │      └▶ Savings.Add                and, looking twice, what requests would gain without them (A13)
//	               ├▶ Groups.Add  … ─▶ Groups.Result    errors by operation and type, and since when
//	               ├▶ Retries.Add … ─▶ Retries.Result   attempts and logical calls by edge
//	               └▶ Detector, all three ─▶ findings
//
// An error is a span with the status error, nothing else (D6): an instrumentation leaves the status alone
// where a failure was handled, so the failure of a parent is never inferred from that of a child, nor from a
// status code. What carries an error type without that status is counted as soft.
package failures

import "oteltop/model"

// Bounds of what is kept; what does not fit is counted.
const (
	maxTypes  = 1 << 14 // kinds of errors
	maxGroups = 1 << 13 // of operation and kind
	maxChains = 1 << 12 // nodes of the tree of ways that errors take to the root
	maxEdges  = 1 << 14 // callers and callees
	maxDepth  = 64      // levels told apart in histograms; what is deeper counts as the last
)

// Exemplar is a span in a trace.
type Exemplar struct {
	Trace model.TraceID
	Span  model.SpanID
}

// latest keeps the last few exemplars of different traces, whatever comes in between.
type latest struct {
	ring [maxExemplars]Exemplar
	n    int
}

const maxExemplars = 5

func (l *latest) add(x Exemplar) {
	if l.n > 0 && l.ring[(l.n-1)%maxExemplars].Trace == x.Trace {
		return
	}
	l.ring[l.n%maxExemplars] = x
	l.n++
}

// list is what was kept, the last first.
func (l *latest) list() []Exemplar {
	out := make([]Exemplar, 0, min(l.n, maxExemplars))
	for i := l.n - 1; i >= max(0, l.n-maxExemplars); i-- {
		out = append(out, l.ring[i%maxExemplars])
	}
	return out
}

func traceIDs(list []Exemplar) []model.TraceID {
	out := make([]model.TraceID, 0, len(list))
	for i := range list {
		out = append(out, list[i].Trace)
	}
	return out
}
