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
// ordinary length. Where a side has none of what changed, one of the root operation of the other stands for it.
func (x pairing) put(ctx context.Context, e aggregate.Engine) (any, error) {
	a := &pairAnswer{about: x.about}
	scopes, err := x.scopes()
	if err != nil {
		return nil, err
	}
	ids := [pairSides]model.TraceID{x.change.ExemplarBefore, x.change.Exemplar}
	words := [pairSides]string{"the extreme", "the extreme"}
	if x.about.typical {
		ids, words = [pairSides]model.TraceID{}, [pairSides]string{}
	}
	row := changeRow{Change: &x.change}
	root := aggregate.Focus{}
	for _, s := range [...]pairSideID{pairNow, pairBefore} { // now decides on the root operation, or else before does
		if !ids[s].IsZero() {
			continue
		}
		t, n, err := typicalTrace(ctx, e, scopes[s], row.focus(), &root)
		if err != nil {
			return nil, err
		}
		if t != nil {
			ids[s], words[s] = t.ID, "the middle one of "+countText(uint64(n))
		}
	}
	var traces [pairSides]*model.Trace
	for s := range pairSides {
		if traces[s], err = a.sides[s].open(ctx, e, ids[s], words[s]); err != nil {
			return nil, err
		}
	}
	for s := range pairSides { // what changed is not on one side: an ordinary request without it
		if other := &a.sides[1-s]; ids[s].IsZero() && traces[1-s] != nil {
			of := rootFocus(traces[1-s])
			t, n, err := typicalTrace(ctx, e, scopes[s], of, &of)
			if err != nil {
				return nil, err
			}
			if t != nil && t.ID != other.id {
				if traces[s], err = a.sides[s].open(ctx, e, t.ID, "has none of it; the middle one of "+countText(uint64(n))); err != nil {
					return nil, err
				}
			}
		}
	}
	a.rows, a.more = mergePair(traces)
	a.end = max(1, a.sides[pairBefore].duration, a.sides[pairNow].duration)
	for i := range a.rows {
		a.end = max(a.end, a.rows[i].at[pairBefore].end, a.rows[i].at[pairNow].end)
	}
	return a, nil
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
		return cmp.Or(cmp.Compare(a.Duration, b.Duration), cmp.Compare(a.ID.Hi, b.ID.Hi), cmp.Compare(a.ID.Lo, b.ID.Lo))
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
