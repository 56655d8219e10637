// What is special about some traces against others.

package aggregate

import (
	"context"
	"fmt"
	"strings"

	"oteltop/aggregate/explain"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/model/store"
)

// ExplainQuery asks what is special about some traces of a scope, against other traces of it.
type ExplainQuery struct {
	Query
	// Select and Selection say which traces: those with a span that matches, those with a subject span
	// in a part of the heatmap. Where both are set, both have to hold; with neither there is no answer.
	Select    *filter.Expr
	Selection *Selection
	// Against says what they are compared with: the traces with a span that matches, but for the selected
	// ones. nil: the other traces of the scope that have a root operation of a selected trace.
	Against *filter.Expr
	Limit   int // rows; default 50
}

// Explanation is what is special about the selected traces: rows by the least that the difference can be.
type Explanation struct {
	Provenance Provenance
	Rows       []explain.Row
	// Selected and Baseline are how many traces were compared, of how many there are.
	Selected, SelectedOf int
	Baseline, BaselineOf int
	Comparisons          int // how many were made
	Passed               int // of them, those with q below 5 %; redundant ones are folded into rows
}

// Explain implements Engine.
func (m *Memory) Explain(ctx context.Context, q ExplainQuery) (*Explanation, error) {
	k := questionOf("explain", q.Query)
	k.limit = q.Limit
	if q.Selection != nil {
		k.selected, k.selection = true, *q.Selection
	}
	// The length of the first tells where the second begins.
	k.key = canonical(q.Select)
	k.rows = len(k.key)
	k.key += canonical(q.Against)
	return ask(ctx, m, k, func() (*Explanation, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		cohorts, subject, err := m.cohorts(ctx, s, q)
		if err != nil {
			return nil, err
		}
		r, err := explain.Explain(ctx, s.snap, m.store.Names(), cohorts, explain.Options{Subject: subject, Except: chosenBy(q), Limit: q.Limit})
		if err != nil {
			return nil, err
		}
		p := s.provenance()
		p.Traces, p.Spans = uint64(r.Selected+r.Baseline), r.SpansExamined
		p.From, p.To = extentOf(s.infos(cohorts.Selected, cohorts.Baseline))
		p.Note = joinNotes(r.Note(), p.Note)
		if keys := chosenBy(q); len(keys) > 0 {
			p.AddNote(fmt.Sprintf("not compared, because chosen by: %s", strings.Join(keys, ", ")))
		}
		if q.Against == nil {
			p.AddNote("baseline: other traces of the same root operations")
		}
		return &Explanation{
			Provenance: p, Rows: r.Rows, Selected: r.Selected, SelectedOf: r.SelectedOf,
			Baseline: r.Baseline, BaselineOf: r.BaselineOf, Comparisons: r.Comparisons, Passed: r.Passed,
		}, nil
	})
}

// infos are some traces of a snapshot, by their indexes in it.
func (s *scope) infos(lists ...[]uint32) (traces []store.TraceInfo) {
	for _, list := range lists {
		for _, index := range list {
			if t, ok := s.snap.Trace(index); ok {
				traces = append(traces, t)
			}
		}
	}
	return traces
}

// chosenBy are the keys that the cohorts were chosen by: that they differ in these is no news.
func chosenBy(q ExplainQuery) (keys []string) {
	for _, f := range [2]*filter.Expr{q.Select, q.Against} {
		if f != nil {
			keys = append(keys, f.Keys()...)
		}
	}
	if q.Selection == nil || q.Selection.Column.Expr == "" {
		return keys
	}
	if x, err := features.Parse(q.Selection.Column.Expr); err == nil { // a column that is none has no cohorts
		keys = append(keys, x.Keys()...)
	}
	return keys
}

// canonical is the canonical form of a filter, empty for none.
func canonical(f *filter.Expr) string {
	if f == nil {
		return ""
	}
	return f.Canonical()
}

// cohorts finds the selected traces and their baseline, and the operations that the selection is about;
// nil where it is about all.
func (m *Memory) cohorts(ctx context.Context, s *scope, q ExplainQuery) (c explain.Cohorts, subject map[uint32]struct{}, err error) {
	if q.Select == nil && q.Selection == nil {
		return c, nil, nil
	}
	all, err := m.tracesIn(ctx, s, TracesQuery{Query: q.Query})
	if err != nil {
		return c, nil, err
	}
	var chosen, against *filter.Matches
	if q.Select != nil {
		if chosen, err = q.Select.Scan(ctx, s.snap, m.store.Names()); err != nil {
			return c, nil, err
		}
	}
	if q.Against != nil {
		if against, err = q.Against.Scan(ctx, s.snap, m.store.Names()); err != nil {
			return c, nil, err
		}
	}
	var inPart map[uint32]store.TraceInfo
	if q.Selection != nil {
		if inPart, err = m.subjects(ctx, s, q.Query, q.Selection.narrow(q.Window)); err != nil {
			return c, nil, err
		}
	}
	isSelected := func(t uint32) bool {
		_, in := inPart[t]
		return (inPart == nil || in) && (chosen == nil || chosen.Trace(t))
	}
	c = split(all, isSelected, against)
	if chosen != nil {
		subject, err = matchedOperations(ctx, s, chosen, c.Selected)
	} else {
		subject = m.focusOperations(q.Focus, all, isSelected)
	}
	return c, subject, err
}

// split divides the traces of a scope. Without a filter for the baseline, it is the traces with a root
// operation that a selected trace has: a mixture of other endpoints would explain itself.
func split(all []store.TraceInfo, isSelected func(uint32) bool, against *filter.Matches) (c explain.Cohorts) {
	roots := map[uint32]struct{}{}
	for i := range all {
		if isSelected(all[i].Index) {
			c.Selected = append(c.Selected, all[i].Index)
			roots[all[i].RootOp] = struct{}{}
		}
	}
	for i := range all {
		t := &all[i]
		_, alike := roots[t.RootOp]
		if against != nil {
			alike = against.Trace(t.Index)
		}
		if alike && !isSelected(t.Index) {
			c.Baseline = append(c.Baseline, t.Index)
		}
	}
	return c
}

// matchedOperations are the operations of the spans that a filter matches in the selected traces.
func matchedOperations(ctx context.Context, s *scope, chosen *filter.Matches, selected []uint32) (map[uint32]struct{}, error) {
	in := make(map[uint32]struct{}, len(selected))
	for _, t := range selected {
		in[t] = struct{}{}
	}
	ops := map[uint32]struct{}{}
	for at, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seg.Records(nil, func(i int, r *store.Record) bool {
			if chosen.Span(at, i) {
				if _, ok := in[r.Trace]; ok {
					ops[seg.Class(r.Class).Op] = struct{}{}
				}
			}
			return true
		})
	}
	return ops, nil
}

// focusOperations are the operations of the subject spans of a focus: without one, the root operations of
// the selected traces. Those of an edge are on two services, so nothing is singled out.
func (m *Memory) focusOperations(f Focus, all []store.TraceInfo, isSelected func(uint32) bool) map[uint32]struct{} {
	ops := map[uint32]struct{}{}
	switch {
	case f.Client != "" || f.Server != "":
		return nil
	case f.IsZero():
		for i := range all {
			if isSelected(all[i].Index) {
				ops[all[i].RootOp] = struct{}{}
			}
		}
		return ops
	}
	names := m.store.Names()
	for id := 1; id <= names.Operations(); id++ {
		op := names.Operation(uint32(id))
		if op.ServiceName == f.Service && (f.Operation == "" || op.Name == f.Operation && op.Kind == f.Kind) {
			ops[uint32(id)] = struct{}{}
		}
	}
	return ops
}
