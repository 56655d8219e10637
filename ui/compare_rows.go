// Lens 7, Compare: a change, and a call path of both sides, as rows with their words.

package ui

import (
	"math"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// changeID identifies a change from answer to answer.
type changeID struct {
	kind                   compare.Kind
	operation              compare.Operation
	client, callee, reason string
	at                     uint64
}

func idOfChange(c *compare.Change) changeID {
	return changeID{c.Kind, c.Operation, c.Client, c.Callee, c.Error, c.At}
}

// changeRow is a change with its texts.
type changeRow struct {
	*compare.Change
	verb          canvas.Literal
	service, what model.Text
	more          model.Text // the error, or who is at the other end: dropped where there is no room for it, unless it is an error
	why, verdict  model.Text
	unsure        bool // new or gone, in too few traces to be a change
}

// newChangeRows are the changes, and after them what is new or gone in too few traces to be sure.
func newChangeRows(x *aggregate.Comparison) []changeRow {
	rows := make([]changeRow, 0, len(x.Changes)+len(x.Unsure))
	for i := range x.Changes {
		rows = append(rows, newChangeRow(&x.Changes[i], false))
	}
	for i := range x.Unsure {
		rows = append(rows, newChangeRow(&x.Unsure[i], true))
	}
	return rows
}

func newChangeRow(c *compare.Change, unsure bool) changeRow {
	r := changeRow{Change: c, unsure: unsure, verb: verbOf(c), service: model.Sanitise(c.Service), why: model.Sanitise(c.Why(durationText))}
	if unsure {
		r.verb = unsureVerb(c.Kind)
	}
	what, more := c.Name, ""
	switch {
	case c.Kind == compare.NewEdge || c.Kind == compare.VanishedEdge:
		r.service, what = model.Sanitise(c.Client), "→ "+c.Service
	case c.Error != "":
		more = " " + c.Error
	case c.Callee != "":
		more = " → " + c.Callee
	case c.Client != "" && c.Client != c.Service:
		more = " ← " + c.Client
	}
	r.what, r.more, r.verdict = model.Sanitise(what), model.Sanitise(more), model.Sanitise(r.judge())
	return r
}

// isCause reports whether a change is sure, and begins where it is.
func (r *changeRow) isCause() bool { return r.Origin && !r.unsure }

// unsureVerb says what may have become of what only one side has.
func unsureVerb(k compare.Kind) canvas.Literal {
	switch k {
	case compare.VanishedOperation, compare.VanishedEdge, compare.VanishedError:
		return "gone?"
	}
	return "new?"
}

// verbOf says in a word what became of it.
func verbOf(c *compare.Change) canvas.Literal {
	more := c.After > c.Before
	either := func(yes, no canvas.Literal) canvas.Literal {
		if more {
			return yes
		}
		return no
	}
	switch c.Kind {
	case compare.Calls:
		return either("more calls", "fewer calls")
	case compare.Structure:
		return either("more often", "less often")
	case compare.NewOperation, compare.NewEdge:
		return "new"
	case compare.VanishedOperation, compare.VanishedEdge:
		return "gone"
	case compare.NewError:
		return "new error"
	case compare.VanishedError:
		return "error gone"
	case compare.Errors:
		return either("fails more", "fails less")
	case compare.LatencyTail:
		return either("slow tail", "less tail")
	case compare.LatencyShape:
		return either("wider", "narrower")
	case compare.OwnTime:
		return either("own time +", "own time -")
	}
	return either("slower", "faster")
}

// judge says how sure a change is, and what it is worth.
func (r *changeRow) judge() string {
	c, s := r.Change, "follows from other changes"
	switch {
	case r.unsure:
		s = "may be chance: too few traces to be sure"
	case c.Origin:
		s = "begins here"
	}
	if ns := int64(c.Critical); ns >= 1000 || ns <= -1000 {
		s += "; critical path " + signedText(ns) + " a trace"
		if c.CriticalShare != nil && *c.CriticalShare > 0 {
			s += ", " + string(num.Share(nil, min(1, *c.CriticalShare))) + " of the whole change"
		}
	}
	of := " traces"
	if c.Error != "" {
		of = " spans"
	}
	s += "; " + string(num.Count(nil, c.TracesBefore)) + of + " before, " + string(num.Count(nil, c.TracesAfter)) + " now" +
		"; " + r.bound() + ", q " + string(appendQ(nil, c.Q))
	if len(c.Path) > 1 {
		s += "; " + strings.Join(c.Path, " → ")
	}
	if c.Twins > 0 {
		s += ", and likewise by " + string(num.Count(nil, uint64(c.Twins))) + " more call paths"
	}
	return s
}

// bound says how large a change is at least, with 95 % confidence. Of a number that is no difference of the medians, but
// in how many pairs of one of before and one of now that of now is the larger one, or the smaller one.
func (r *changeRow) bound() string {
	c := r.Change
	if c.Kind.Unit() == compare.Share || c.Kind == compare.LatencyShape {
		return "differs by " + string(num.Share(nil, c.Lower)) + " at least"
	}
	more := "less"
	if c.After > c.Before {
		more = "more"
	}
	return more + " in " + string(num.Share(nil, (1+c.Lower)/2)) + " of pairs at least"
}

// appendFigure writes a figure of a change in its unit.
func appendFigure(b []byte, u compare.Unit, v float64) []byte {
	switch u {
	case compare.Nanoseconds:
		return num.Duration(b, int64(v))
	case compare.CallsPerTrace:
		return appendCalls(b, v)
	}
	return num.Share(b, v)
}

// appendCalls writes calls per trace.
func appendCalls(b []byte, v float64) []byte {
	switch {
	case v == 0:
		return append(b, '0')
	case v < 0.005:
		return append(b, "<.01"...)
	case v < 9.995:
		return strconv.AppendFloat(b, v, 'f', 2, 64)
	case v < 99.95:
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return num.Count(b, uint64(v+0.5))
}

// changeOf is the change as a figure, a factor or a difference of shares, and its size for a bar in [0,1]:
// a factor of 16 is a full one.
func (r *changeRow) changeOf(b []byte) ([]byte, float64) {
	if r.Kind.Unit() == compare.Share {
		d := r.After - r.Before
		if d < 0 {
			return num.Share(append(b, '-'), -d), -d
		}
		return num.Share(append(b, '+'), d), d
	}
	if r.Before <= 0 || r.After <= 0 {
		return append(b, '-'), 1
	}
	if r.Ratio >= 0.995 && r.Ratio < 1.095 { // a factor of 1.0 would say that nothing changed
		return strconv.AppendFloat(append(b, 'x'), r.Ratio, 'f', 2, 64), math.Abs(math.Log2(r.Ratio)) / 4
	}
	return num.Ratio(b, r.Ratio), min(1, math.Abs(math.Log2(r.Ratio))/4)
}

// isJudged reports whether more is worse, and less better.
func (r *changeRow) isJudged() bool {
	switch r.Kind {
	case compare.Calls, compare.Errors, compare.NewError, compare.VanishedError, compare.LatencyShift, compare.LatencyTail, compare.LatencyShape, compare.OwnTime:
		return true
	}
	return false
}

// slower is 1 for a latency that is certainly longer, −1 for a shorter one, 0 for other changes.
func (r *changeRow) slower() int8 {
	switch r.Kind {
	case compare.LatencyShift, compare.LatencyTail, compare.LatencyShape, compare.OwnTime:
	default:
		return 0
	}
	switch {
	case r.After > r.Before:
		return 1
	}
	return -1
}

// focus is what a change is about, as part of a scope.
func (r *changeRow) focus() aggregate.Focus {
	if r.Name == "" {
		return aggregate.Focus{Client: r.Client, Server: r.Service}
	}
	return focusOf(r.Operation)
}

func focusOf(o compare.Operation) aggregate.Focus {
	return aggregate.Focus{Service: o.Service, Operation: o.Name, Kind: o.Kind}
}

// isGone reports whether there is nothing of it any more. What no longer fails in some way is still there.
func (r *changeRow) isGone() bool {
	return r.Kind == compare.VanishedOperation || r.Kind == compare.VanishedEdge
}

// nodeRow is a call path with its texts.
type nodeRow struct {
	*compare.Node
	service, what model.Text
	inside        bool // its caller is of the same service, which need not be named again
	changed       bool // it is among the changes, or taken more or less often
	slower        int8 // 1, −1: its operation is certainly slower, faster
}

// weight is how much more or less time of the critical path a call path takes, over all traces that have it.
func (n *nodeRow) weight() float64 {
	return math.Abs(n.CriticalAfter-n.CriticalBefore) * float64(max(n.TracesBefore, n.TracesAfter))
}

// nodeRows makes the rows of a tree: of what changed and what calls it, or of all.
func nodeRows(tree []compare.Node, changes []changeRow, all bool) []nodeRow {
	marks := make(map[compare.Operation]int8, len(changes)) // whether they are slower
	for i := range changes {
		if c := &changes[i]; c.Name != "" && !c.unsure {
			marks[c.Operation] += c.slower()
		}
	}
	changed := func(n *compare.Node) bool {
		_, marked := marks[n.Operation]
		return marked || n.Class != compare.Same
	}
	shown := make([]bool, len(tree))
	callers := make([]int, len(tree)) // of a path, -1 for a root
	var above []int                   // from the root down to the path at hand
	for i := range tree {
		n := &tree[i]
		above = append(above[:n.Depth], i)
		callers[i] = -1
		if n.Depth > 0 {
			callers[i] = above[n.Depth-1]
		}
		if all || changed(n) {
			for k := i; k >= 0 && !shown[k]; k = callers[k] {
				shown[k] = true
			}
		}
	}
	var out []nodeRow
	for i := range tree {
		if n := &tree[i]; shown[i] {
			inside := callers[i] >= 0 && tree[callers[i]].Service == n.Service
			out = append(out, nodeRow{n, model.Sanitise(n.Service), model.Sanitise(n.Name), inside, changed(n), marks[n.Operation]})
		}
	}
	return out
}
