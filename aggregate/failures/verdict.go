package failures

import (
	"fmt"
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Verdict is what a failed trace comes down to: the error that decides its outcome.
type Verdict struct {
	Service, Operation string
	Peer               string // whom the span calls that sends no spans itself, where it is such a call
	Type               string
	Outcome            Outcome
	End                string // of Absorbed: the service and operation that absorbs it
	Hops               int    // from service to service
	Origins            int    // errors that begin in the trace
}

// String is the line under a trace: "origin: inventory GET /stock (timeout) → propagated 3 hops → user-visible".
func (v Verdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "origin: %s %s", v.Service, v.Operation)
	if v.Peer != "" && v.Peer != v.Service {
		fmt.Fprintf(&b, " to %s", v.Peer)
	}
	if v.Type != "" {
		fmt.Fprintf(&b, " (%s)", v.Type)
	}
	switch v.Hops {
	case 0:
	case 1:
		b.WriteString(" → propagated 1 hop")
	default:
		fmt.Fprintf(&b, " → propagated %d hops", v.Hops)
	}
	switch v.Outcome {
	case Reached:
		b.WriteString(" → user-visible")
	case Absorbed:
		b.WriteString(" → absorbed by " + v.End)
	case Async:
		b.WriteString(" → nobody waited for it")
	case OtherRoot:
		b.WriteString(" → reached the root of a part of the trace")
	case Unknown:
		b.WriteString(" → lost: a span above is missing")
	}
	if v.Origins > 1 {
		fmt.Fprintf(&b, " (the decisive of %d)", v.Origins)
	}
	return b.String()
}

// decisive is the node whose error decides the outcome of a trace, −1 without any, and how many errors begin in
// it: one that reaches the root goes before others, and of these the one that ended last, because what came
// before it did not end the request.
func (x *spread) decisive(t *request.Trace) (node int32, origins int) {
	node = -1
	for i, r := range x.roles {
		if r != Self {
			continue
		}
		origins++
		if node < 0 || x.decides(t, int32(i), node) {
			node = int32(i)
		}
	}
	return node, origins
}

func (x *spread) decides(t *request.Trace, i, than int32) bool {
	a, b := x.ways[i].outcome == Reached, x.ways[than].outcome == Reached
	if a != b {
		return a
	}
	s, o := t.Span(i), t.Span(than)
	return s.End > o.End || s.End == o.End && s.ID < o.ID
}

// Verdict is what a trace comes down to; false for one without errors.
func (o *Origins) Verdict(t *request.Trace) (Verdict, bool) {
	if t.Root < 0 || t.Errors == 0 {
		return Verdict{}, false
	}
	x := &o.spread
	x.of(t)
	node, n := x.decisive(t)
	if node < 0 {
		return Verdict{}, false
	}
	s, w := t.Span(node), x.ways[node]
	op := t.Names.Operation(s.Op)
	v := Verdict{
		Service: op.ServiceName, Operation: op.Name, Type: o.kinds.list[o.kinds.of(t, node)].text,
		Outcome: w.outcome, Hops: int(w.hops), Origins: n,
	}
	if isCall(s) && s.Kind != model.KindServer && s.Role != store.PeerNone {
		v.Peer = o.peerName(s)
	}
	if w.outcome == Absorbed {
		end := t.Operation(w.end)
		v.End = end.ServiceName + " " + end.Name
	}
	return v, true
}
