// Lens 7, Compare: which traces stand for the two sides of a change.

package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model"
)

// pairSample is of how many traces of a side, the latest ones, the one in the middle by duration is taken as typical.
const pairSample = 401

// pairAnswer is a pair of traces.
type pairAnswer struct {
	about pairAbout
	sides [pairSides]pairSide
	rows  []pairRow
	more  int   // call paths beyond the bound
	end   int64 // of the longer trace, ns from its start
}

// pairSide is the trace of a side. Without an id there is none: none says why.
type pairSide struct {
	id            model.TraceID
	name          model.Text // of the trace, short
	service, root model.Text
	words         model.Text // why it is this one
	none          model.Text
	duration      int64 // ns
	start         int64 // Unix ns
	spans, errors int
	seriesOf      string // service of the root, for its colour
}

// pairing is what a question about a pair is put together from, outside of the update loop.
type pairing struct {
	comparing
	about  pairAbout
	base   baseline
	change compare.Change
}

// put finds and lays over each other a trace of before and one of now: those that show the change best, or those of
// ordinary length.
func (x pairing) put(ctx context.Context, e aggregate.Engine) (any, error) {
	f := &pairFinder{ctx: ctx, engine: e, answer: &pairAnswer{about: x.about}}
	var err error
	if f.scopes, err = x.scopes(); err != nil {
		return nil, err
	}
	if !x.about.typical {
		// Of what fails more or less often, the side where it fails less is shown by an ordinary request: one that fails as
		// well would hide the change.
		c := &x.change
		if c.Kind != compare.Errors || c.After < c.Before {
			f.open(pairBefore, c.ExemplarBefore, "the extreme")
		}
		if c.Kind != compare.Errors || c.After > c.Before {
			f.open(pairNow, c.Exemplar, "the extreme")
		}
		f.align()
	}
	row := changeRow{Change: &x.change}
	f.fill(pairNow, row.focus(), "") // now decides on the root operation, or else before does
	f.fill(pairBefore, row.focus(), "")
	// Where a side has none of what changed, an ordinary request without it stands for it.
	f.fill(pairNow, f.root, "has none of it; ")
	f.fill(pairBefore, f.root, "has none of it; ")
	if f.err != nil {
		return nil, f.err
	}
	a := f.answer
	a.rows, a.more = mergePair(f.traces)
	a.end = max(1, a.sides[pairBefore].duration, a.sides[pairNow].duration)
	for i := range a.rows {
		a.end = max(a.end, a.rows[i].at[pairBefore].end, a.rows[i].at[pairNow].end)
	}
	return a, nil
}

// pairFinder looks for the traces of a pair, until something fails.
type pairFinder struct {
	ctx    context.Context
	engine aggregate.Engine
	scopes [pairSides]aggregate.Query
	answer *pairAnswer
	traces [pairSides]*model.Trace // nil where there is none yet
	root   aggregate.Focus         // the operation that both begin with; zero: not known yet
	err    error
}

// open takes a trace for a side, if it is retained.
func (f *pairFinder) open(s pairSideID, id model.TraceID, words string) {
	if f.err != nil {
		return
	}
	if f.traces[s], f.err = f.answer.sides[s].open(f.ctx, f.engine, id, words); f.traces[s] != nil {
		f.root = rootFocus(f.traces[s])
	}
}

// align drops the trace of before where it begins with another operation than that of now: call paths of different
// requests have nothing in common.
func (f *pairFinder) align() {
	before, now := f.traces[pairBefore], f.traces[pairNow]
	if before != nil && now != nil && rootFocus(before) != rootFocus(now) {
		f.traces[pairBefore] = nil
		f.answer.sides[pairBefore] = pairSide{none: model.Sanitise("no request begins like the one of now")}
	}
}

// fill takes the typical trace of a side that has none yet and has what a focus is about.
func (f *pairFinder) fill(s pairSideID, focus aggregate.Focus, words string) {
	if f.err != nil || f.traces[s] != nil || focus.IsZero() {
		return
	}
	t, of, err := typicalTrace(f.ctx, f.engine, f.scopes[s], focus, &f.root)
	if f.err = err; t != nil {
		f.open(s, t.ID, words+"the middle one of "+countText(uint64(of)))
	}
}

// scopes are the questions for the traces of both sides.
func (x *pairing) scopes() (out [pairSides]aggregate.Query, err error) {
	q, err := x.ask(x.base)
	if err != nil {
		return out, err
	}
	now, before := q.Query, q.Query
	now.Baseline, before.Baseline = aggregate.Window{}, aggregate.Window{}
	switch {
	case q.Against != nil:
		before.Filter = q.Against
	case q.At != 0:
		before.Window.To, now.Window.From = q.At, q.At
	default:
		before.Window = q.Baseline
	}
	return [pairSides]aggregate.Query{before, now}, nil
}

// typicalTrace is the trace in the middle by duration among the latest of a side that have what a focus is about and
// begin with the same root operation; nil of none. root is that operation: where it is not known yet, the most
// frequent one.
func typicalTrace(ctx context.Context, e aggregate.Engine, q aggregate.Query, focus aggregate.Focus, root *aggregate.Focus) (t *aggregate.TraceRow, of int, err error) {
	q.Focus = focus
	list, err := e.Traces(ctx, aggregate.TracesQuery{Query: q, Sort: aggregate.SortStart, Limit: pairSample})
	if err != nil {
		return nil, 0, err
	}
	if root.IsZero() {
		*root = frequentRoot(list.Rows)
	}
	rows := make([]aggregate.TraceRow, 0, len(list.Rows))
	for i := range list.Rows {
		if r := &list.Rows[i]; rootOf(r) == *root {
			rows = append(rows, *r)
		}
	}
	if len(rows) == 0 {
		return nil, 0, nil
	}
	slices.SortFunc(rows, func(a, b aggregate.TraceRow) int {
		return cmp.Or(cmp.Compare(a.Duration, b.Duration), a.ID.Compare(b.ID))
	})
	return &rows[(len(rows)-1)/2], len(rows), nil
}

func rootOf(r *aggregate.TraceRow) aggregate.Focus {
	return aggregate.Focus{Service: r.RootService, Operation: r.RootOperation, Kind: r.RootKind}
}

// frequentRoot is the root operation that most traces begin with; of equals the first in the list.
func frequentRoot(rows []aggregate.TraceRow) (most aggregate.Focus) {
	n := map[aggregate.Focus]int{}
	for i := range rows {
		n[rootOf(&rows[i])]++
	}
	best := 0
	for i := range rows {
		if root := rootOf(&rows[i]); n[root] > best {
			best, most = n[root], root
		}
	}
	return most
}

// rootFocus is the operation of the main root of a trace.
func rootFocus(t *model.Trace) (f aggregate.Focus) {
	if t.Root < 0 || t.Tree.Nodes[t.Root].Span < 0 {
		return f
	}
	s := &t.Spans[t.Tree.Nodes[t.Root].Span]
	return aggregate.Focus{Service: model.ServiceOf(s.Resource), Operation: s.Name, Kind: s.Kind}
}

// open asks for the trace of a side; nil where there is none, or none any more.
func (s *pairSide) open(ctx context.Context, e aggregate.Engine, id model.TraceID, words string) (*model.Trace, error) {
	*s = pairSide{none: model.Sanitise("no request has it")}
	if id.IsZero() {
		return nil, nil
	}
	v, err := e.Trace(ctx, id)
	if errors.Is(err, aggregate.ErrNoTrace) {
		s.none = model.Sanitise("trace " + shortID(id) + " is not retained any more")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t := v.Trace
	root := rootFocus(t)
	*s = pairSide{
		id: id, name: model.Sanitise(shortID(id)), service: model.Sanitise(root.Service), root: model.Sanitise(root.Operation), seriesOf: root.Service,
		words: model.Sanitise(words), duration: t.Duration(), start: t.Start, spans: len(t.Spans), errors: t.Errors,
	}
	return t, nil
}
