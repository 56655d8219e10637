package failures

import (
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Cause is why a call was sent again.
type Cause uint8

// The causes. Only the first is a retry: a redirect and a request for credentials are answers.
const (
	AfterFailure Cause = iota
	Redirect
	Authentication
	OtherCause // the attempt before did not fail, or was not seen
	causes
)

var causeNames = [...]string{"failure", "redirect", "authentication", "other"}

// String is the name in reports.
func (c Cause) String() string { return causeNames[c] }

// Keys that number the attempts of a call, the present name first. The last is gRPC's, on the spans of attempts.
var resendKeys = [...]string{"http.request.resend_count", "http.resend_count", "http.retry_count", "previous-rpc-attempts"}

// Keys that say what exactly is asked for: of two calls that differ in one of these, the second is no attempt of
// the first. The first two tell calls apart fully; statements may have other values each time.
var targetKeys = [...]string{
	"url.full", "http.url", "url.path", "http.target", "url.template", "rpc.method", "db.query.text", "db.statement", "messaging.message.id",
}

const exactKeys = 2

// maxBack is how many earlier calls of the same parent are looked at for the attempt that one with a number repeats.
const maxBack = 64

// attempt is a call that another one follows, or that follows one.
type attempt struct {
	node   int32
	before int32 // index of the attempt that it repeats, −1 for none
	next   int32 // index of the attempt that repeats it, −1 for none
	count  int   // as numbered, 0 for the first and where nothing says
	cause  Cause // why it was sent, where it repeats one
	failed bool
	alone  bool // numbered, but what it repeats was not seen here
}

// attempts finds what is sent again in one trace, among the calls of one parent: never across traces, and not
// among calls whose parent is not known at all. Memory is reused.
type attempts struct {
	list  []attempt // calls of the parent that is being looked at, by start
	like  map[likeness]int32
	chain []int32 // by attempt: the call before it that is alike, −1 for none
	last  []int32 // the last of each kind

	numbered map[*store.Class]bool
}

// likeness is what an attempt has in common with the one that it repeats.
type likeness struct{ op, peer uint32 }

func newAttempts() *attempts {
	return &attempts{like: map[likeness]int32{}, numbered: map[*store.Class]bool{}}
}

// below finds the attempts among the children of a node. The result holds until the next call; it is empty where
// nothing was sent again.
func (a *attempts) below(t *request.Trace, parent int32) []attempt {
	a.list = a.list[:0]
	again := false
	nodes := t.Tree.Nodes
	for i := parent + 1; i < nodes[parent].End; i = nodes[i].End {
		if s := t.Span(i); s != nil && isCall(s) {
			x := attempt{node: i, before: -1, next: -1, count: a.number(t, i)}
			again = again || x.count > 0
			a.list = append(a.list, x)
		}
	}
	if len(a.list) < 2 && !again {
		return nil
	}
	if again {
		a.explicit(t)
	}
	if inferred := a.inferred(t); !inferred && !again {
		return nil
	}
	return a.list
}

// isCall reports whether a span can be an attempt: as its client sees it, and where that does not show
// attempts (gRPC has one span for all of them) as the server does.
func isCall(s *store.Settled) bool {
	return s.Kind.IsExit() || s.Kind == model.KindServer
}

// number is how many attempts came before, as the span says.
func (a *attempts) number(t *request.Trace, node int32) int {
	c := t.Class(node)
	numbered, known := a.numbered[c]
	if !known {
		for _, key := range c.Keys {
			for _, k := range resendKeys {
				numbered = numbered || key == k
			}
		}
		if len(a.numbered) >= maxClasses {
			clear(a.numbered)
		}
		a.numbered[c] = numbered
	}
	if !numbered {
		return 0
	}
	n, _ := number(t, node, resendKeys[:])
	return max(n, 0)
}

// explicit links attempts that carry their number to the ones before.
func (a *attempts) explicit(t *request.Trace) {
	for i := range a.list {
		x := &a.list[i]
		if x.count == 0 {
			continue
		}
		x.alone, x.cause = true, OtherCause
		j := a.predecessor(t, i)
		if j < 0 {
			continue
		}
		y := &a.list[j]
		x.before, y.next, x.alone = int32(j), int32(i), false
		x.cause = causeOf(t, y.node)
		y.failed = x.cause == AfterFailure
	}
	for i := range a.list {
		if x := &a.list[i]; x.count > 0 && x.next < 0 {
			x.failed = causeOf(t, x.node) == AfterFailure
		}
	}
}

// predecessor is the attempt that a numbered one repeats: the last to end before it began of those with the number
// before, of the same operation where there is one. A redirect leads elsewhere.
func (a *attempts) predecessor(t *request.Trace, i int) int {
	x, s := &a.list[i], t.Span(a.list[i].node)
	best := -1
	for j := i - 1; j >= max(0, i-maxBack); j-- {
		y := &a.list[j]
		o := t.Span(y.node)
		if y.count != x.count-1 || y.next >= 0 || o.End > s.Start || o.Service != s.Service || o.Kind != s.Kind {
			continue
		}
		if o.Op == s.Op && o.Peer == s.Peer {
			return j
		}
		if best < 0 {
			best = j
		}
	}
	return best
}

// inferred finds attempts that do not carry their number: calls that are alike, of which each failed before the
// next began. A loop over many items whose parameters do not show looks the same once one of them fails, so
// that all of the like calls have to be attempts of one, unless they say exactly what they ask for.
func (a *attempts) inferred(t *request.Trace) (found bool) {
	if len(a.like) > 1024 { // one huge trace must not make clearing slow for ever
		a.like = map[likeness]int32{}
	}
	clear(a.like)
	a.chain, a.last = a.chain[:0], a.last[:0]
	for i := range a.list {
		s := t.Span(a.list[i].node)
		k := likeness{s.Op, s.Peer}
		kind, ok := a.like[k]
		if !ok {
			kind = int32(len(a.last))
			a.like[k] = kind
			a.last = append(a.last, -1)
		}
		a.chain = append(a.chain, a.last[kind])
		a.last[kind] = int32(i)
	}
	for _, last := range a.last {
		if a.chain[last] >= 0 && a.repeats(t, last) {
			found = true
		}
	}
	return found
}

// repeats links the attempts among calls that are alike, given the last of them.
func (a *attempts) repeats(t *request.Trace, last int32) bool {
	for i := last; a.chain[i] >= 0; i = a.chain[i] {
		x, y := &a.list[i], &a.list[a.chain[i]]
		if x.count > 0 || y.count > 0 || t.Span(y.node).End > t.Span(x.node).Start {
			return false // they carry their numbers, or run at the same time
		}
	}
	links, others, exact := 0, 0, true
	for i := last; a.chain[i] >= 0; i = a.chain[i] {
		x, y := &a.list[i], &a.list[a.chain[i]]
		cause := causeOf(t, y.node)
		same, precise := cause != OtherCause, false
		if same {
			same, precise = sameTarget(t, x.node, y.node)
		}
		if !same {
			others++
			continue
		}
		exact = exact && precise
		x.before, x.cause, y.next = a.chain[i], cause, i
		y.failed = cause == AfterFailure
		links++
	}
	if links > 0 && others > 0 && !exact {
		a.unlink(last)
		return false
	}
	for i := last; i >= 0; i = a.chain[i] {
		if x := &a.list[i]; x.before >= 0 && x.next < 0 {
			x.failed = causeOf(t, x.node) == AfterFailure
		}
	}
	return links > 0
}

// unlink takes back what was linked of calls that are alike.
func (a *attempts) unlink(last int32) {
	for i := last; i >= 0; i = a.chain[i] {
		x := &a.list[i]
		x.before, x.next, x.failed = -1, -1, false
	}
}

// sameTarget reports whether two like calls ask for the same, as far as they say, and whether they say exactly.
func sameTarget(t *request.Trace, a, b int32) (same, exact bool) {
	for i, key := range targetKeys {
		x, okA := t.Attribute(a, key)
		y, okB := t.Attribute(b, key)
		if okA != okB || okA && x.String() != y.String() {
			return false, false
		}
		exact = exact || okA && i < exactKeys
	}
	return true, exact
}

// causeOf is why a call that had this outcome would be sent again.
func causeOf(t *request.Trace, node int32) Cause {
	code, coded := number(t, node, httpStatusKeys[:])
	switch {
	case coded && code >= 300 && code < 400 && code != 304:
		return Redirect
	case coded && (code == 401 || code == 407):
		return Authentication
	case t.Span(node).Status == model.StatusError, coded && (code >= 500 || code == 429 || code == 408):
		return AfterFailure
	}
	return OtherCause
}
