package failures

import (
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/request"
	"oteltop/aggregate/whatif"
	"oteltop/model"
)

const (
	// maxBlamed is how many errors are remembered until the order of calls is known, 24 bytes each.
	maxBlamed = 1 << 18
	// maxSavedSpans is the size of the largest trace that is worked out: each of its origins takes a walk over all of it.
	maxSavedSpans = 20_000
)

// Saving is what requests would gain if the errors of an origin had not been: not the calls that failed, with all that
// they made, as though they had not been made, and not the attempts that failed of calls that were made again. How
// long they had taken without the error nobody knows, so of a call that is needed some of it comes back; and rows do
// not add up, because each stands for its own errors only, while the others stay (ANALYSES A13, after CRISP).
type Saving struct {
	Requests uint64 // that it was worked out for: not those that are the error themselves
	Gaining  uint64 // of which some time is saved for sure
	// All of them together, ns: for sure and at best (see whatif.Removed) of the time that was waited for, and the time
	// that what failed ran itself, whether anyone waited for it or not.
	Least, Most, Work int64
}

// Savings works out what the origins of errors cost, in a second look at the traces that have any. It is made before
// the first look, and for as many as there is room: Left counts the errors beyond.
type Savings struct {
	Left uint64 // errors that were not worked out

	blamed []blame // in the order in which the traces came
	next   int     // of the second look
	retime whatif.Retimer
	x      paths.Request
	of     []*origin // of the trace that is being looked at, each once
	gone   []int32   // nodes
}

// blame is an error that begins somewhere.
type blame struct {
	trace uint32 // store.TraceInfo.Index
	node  int32
	to    *origin
}

// Savings makes o remember its errors.
func (o *Origins) Savings() *Savings {
	if o.savings == nil {
		o.savings = &Savings{}
	}
	return o.savings
}

func (s *Savings) note(trace uint32, node int32, g *origin) {
	if len(s.blamed) == maxBlamed {
		s.Left++
		return
	}
	s.blamed = append(s.blamed, blame{trace, node, g})
}

// Any reports whether there is anything to work out.
func (s *Savings) Any() bool { return len(s.blamed) > 0 }

// Wanted are the traces to be looked at again, in the same order.
func (s *Savings) Wanted() map[uint32]bool {
	wanted := make(map[uint32]bool)
	for i := range s.blamed {
		wanted[s.blamed[i].trace] = true
	}
	return wanted
}

// Add works out a trace, by an order of calls that was learned from all requests.
func (s *Savings) Add(t *request.Trace, ordered *order.Model) {
	for s.next < len(s.blamed) && s.blamed[s.next].trace != t.Index {
		s.next++
	}
	from := s.next
	for s.next < len(s.blamed) && s.blamed[s.next].trace == t.Index {
		s.next++
	}
	list := s.blamed[from:s.next]
	s.x = paths.Request{Trace: t.ID, Heads: t.Heads, Tree: &t.Tree, Root: t.Root}
	if len(list) == 0 || len(t.Spans) > maxSavedSpans || !s.x.Countable() {
		s.Left += uint64(len(list))
		return
	}
	s.x.Self, s.x.Critical = t.Self(), t.Critical()
	s.retime.Model = ordered
	s.of = s.of[:0]
	for i := range list {
		if g := list[i].to; !slices.Contains(s.of, g) {
			s.of = append(s.of, g)
			s.origin(t, list[i:], g)
		}
	}
}

// origin works out what the errors of one origin cost one trace.
func (s *Savings) origin(t *request.Trace, list []blame, g *origin) {
	s.gone = s.gone[:0]
	for _, b := range list {
		if b.to != g {
			continue
		}
		top := failedCall(t, b.node)
		if t.Root >= top && t.Root < t.Tree.Nodes[top].End {
			return // without it there is no request
		}
		s.gone = append(s.gone, top)
	}
	r := s.retime.Without(&s.x, s.gone)
	x := &g.saving
	x.Requests++
	if r.Least > 0 {
		x.Gaining++
	}
	x.Least, x.Most, x.Work = bounded.Sum(x.Least, r.Least), bounded.Sum(x.Most, r.Most), bounded.Sum(x.Work, r.Work)
}

// failedCall is the call that failed with an error at a node: the span itself, or the exit span whose other side it
// is where that failed too, with those of its service around it.
func failedCall(t *request.Trace, node int32) int32 {
	for exit := t.Exits()[node]; exit >= 0 && t.Span(exit).Status == model.StatusError; exit = t.Around(exit) {
		node = exit
	}
	return node
}
