package failures

import (
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

// Role is what an error did at a span.
type Role uint8

// The roles. A span that is not an error and lets one of its own service pass has none.
const (
	NoRole     Role = iota // no error, or a failure that only its attributes tell
	Self                   // an error, and none was handed to it: it begins here
	Propagated             // an error that was handed to it
	Stopped                // no error, though one was handed to it
)

// Outcome is where the way of an error ends.
type Outcome uint8

// The outcomes.
const (
	Absorbed  Outcome = iota // a span above is not an error
	Reached                  // the root of the request is an error because of it
	Async                    // nobody waited: what failed was a message or work that outlived its parent
	OtherRoot                // it reached the root of a part that is not the request itself
	Unknown                  // a span above is missing
)

var outcomeNames = [...]string{"absorbed", "user_visible", "asynchronous", "other_root", "unknown"}

// String is the name in reports.
func (o Outcome) String() string { return outcomeNames[o] }

// way is how an error at a node goes on upwards.
type way struct {
	outcome Outcome
	end     int32 // the node where it ends: what absorbs it, the root, or what it merely affects
	length  int32 // spans with an error from here to there
	hops    int32 // of these ways from one service to another
}

// spread is how errors go through one trace. Memory is reused from trace to trace.
//
// Errors are handed from child to parent, except where the parent does not wait (see async). An INTERNAL span
// whose status is unset hands on what it is handed by its own service to its own service: code in between
// rarely sets a status. One that says ok does not. So does a span with a failing status code or an error type and
// no status, as proxies send them, whoever handed it the error: it failed, though it is no error by itself.
type spread struct {
	roles    []Role
	affected []uint32 // by node: errors below that it did not wait for
	carries  []bool   // by node: it hands an error to its parent
	handed   []uint8  // by node: flags
	ways     []way    // by node that carries
}

const (
	handedOwn   uint8 = 1 << iota // by a span of its own service
	handedOther                   // by one of another
	soft                          // it failed by its attributes, not by its status
)

// of works out how errors go through a trace.
func (x *spread) of(t *request.Trace) {
	n := len(t.Tree.Nodes)
	x.roles, x.affected = scratch.Cleared(x.roles, n), scratch.Cleared(x.affected, n)
	x.carries, x.handed, x.ways = scratch.Cleared(x.carries, n), scratch.Cleared(x.handed, n), scratch.Cleared(x.ways, n)
	for i := int32(n - 1); i >= 0; i-- { // children stand after their parents
		if s := t.Span(i); s != nil {
			x.judge(t, i, s)
		}
	}
	for i := range int32(n) {
		if x.carries[i] {
			x.ways[i] = x.follow(t, i)
		}
	}
}

// judge says what a span does with the errors that were handed to it, and hands its own to its parent. All of its
// children have been judged.
func (x *spread) judge(t *request.Trace, i int32, s *store.Settled) {
	h, p := x.handed[i], t.Parent(i)
	switch {
	case s.Status == model.StatusError && h != 0:
		x.roles[i], x.carries[i] = Propagated, true
	case s.Status == model.StatusError:
		x.roles[i], x.carries[i] = Self, true
	case h == 0:
		return
	case isSoft(t, i, s):
		x.handed[i] |= soft
		x.carries[i] = true
	default:
		x.carries[i] = h&handedOwn != 0 && passes(t, p, s)
		if !x.carries[i] || h&handedOther != 0 {
			x.roles[i] = Stopped
		}
	}
	if !x.carries[i] || p < 0 {
		return
	}
	switch above := t.Span(p); {
	case async(above, s):
		x.affected[p]++
	case above.Service == s.Service:
		x.handed[p] |= handedOwn
	default:
		x.handed[p] |= handedOther
	}
}

// passes reports whether a span that is not an error hands one on.
func passes(t *request.Trace, parent int32, s *store.Settled) bool {
	return (s.Kind == model.KindInternal || s.Kind == model.KindUnspecified) && s.Status == model.StatusUnset &&
		parent >= 0 && t.Span(parent).Service == s.Service
}

// isSoft reports whether a span says that it failed in its attributes only.
func isSoft(t *request.Trace, node int32, s *store.Settled) bool {
	if s.Status != model.StatusUnset {
		return false
	}
	if _, typed := t.Attribute(node, "error.type"); typed {
		return true
	}
	code, coded := number(t, node, httpStatusKeys[:])
	return coded && code >= 500
}

// async reports whether a parent did not wait for its child: the consumer of a message, and what began when the
// parent was over, by the clock of one service.
func async(parent, child *store.Settled) bool {
	return child.Kind == model.KindConsumer && (parent.Kind == model.KindProducer || parent.Service != child.Service) ||
		parent.Service == child.Service && child.Start >= parent.End && parent.End > parent.Start
}

// follow is the way of a node that carries an error; that of its parent is known already.
func (x *spread) follow(t *request.Trace, i int32) way {
	s, p := t.Span(i), t.Parent(i)
	w := way{end: i}
	switch {
	case p >= 0:
		above := t.Span(p)
		switch own := above.Service == s.Service; {
		case async(above, s):
			w.outcome, w.end = Async, p
		case above.Status == model.StatusError || x.carries[p] && (own || x.handed[p]&soft != 0):
			w = x.ways[p]
			if !own {
				w.hops++
			}
		default:
			w.outcome, w.end = Absorbed, p
		}
	case t.Tree.Nodes[i].Flags&model.Orphan != 0:
		w.outcome = Unknown
	case i == t.Root:
		w.outcome = Reached
	default:
		w.outcome = OtherRoot
	}
	if s.Status == model.StatusError {
		w.length++
	}
	return w
}
