// What changed from a baseline.

package aggregate

import (
	"context"
	"errors"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter"
	"oteltop/model/store"
)

// ErrBaseline is returned by Engine.Compare when the query does not say what to compare with.
var ErrBaseline = errors.New("nothing to compare with: neither a time, a window, a filter nor a saved baseline")

// CompareQuery asks what changed between a baseline and the traces of the scope. The first of these that is
// set says what the baseline is.
type CompareQuery struct {
	Query
	// Saved is a baseline that was kept, or that comes from another store.
	Saved *compare.Profile
	// Against matches the baseline's traces: another service.version, another environment. Filter does
	// not apply to them, and they are no part of what they are compared with.
	Against *filter.Expr
	// At divides the scope by the start of traces, Unix ns: the baseline is what was before.
	At int64
	// Query.Baseline is the window of the baseline; filter and focus are those of the scope.
	Limit int // changes; 0: all
}

// Comparison is what changed: causes first, then by how large a change is at least.
type Comparison struct {
	Provenance    Provenance
	Changes       []compare.Change
	Passed        int              // changes, before the limit
	Unsure        []compare.Change // new or gone in too few traces to be sure, see compare.Comparison
	UnsurePassed  int              // likewise
	Comparisons   int              // how many were made
	Before, After uint64
	Tree          []compare.Node // the call paths of both sides, depth first, of
	TreeOf        int            // so many
}

// Profile implements Engine.
func (m *Memory) Profile(ctx context.Context, q Query) (*compare.Profile, error) {
	return ask(ctx, m, questionOf("profile", q), func() (*compare.Profile, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		return m.profile(ctx, s, q, nil)
	})
}

// Compare implements Engine.
func (m *Memory) Compare(ctx context.Context, q CompareQuery) (*Comparison, error) {
	k := questionOf("compare", q.Query)
	k.limit, k.saved, k.at, k.key = q.Limit, q.Saved, q.At, canonical(q.Against)
	return ask(ctx, m, k, func() (*Comparison, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		before, after, err := m.sides(ctx, s, q)
		if err != nil {
			return nil, err
		}
		c := compare.Compare(before, after)
		out := &Comparison{
			Provenance: s.provenance(), Changes: c.Changes, Passed: len(c.Changes), Unsure: c.Unsure, UnsurePassed: len(c.Unsure), Comparisons: c.Comparisons,
			Before: before.Of, After: after.Of,
			Tree: c.Tree, TreeOf: c.TreeOf,
		}
		if q.Limit > 0 {
			out.Changes = c.Changes[:min(len(c.Changes), q.Limit)]
			out.Unsure = c.Unsure[:min(len(c.Unsure), q.Limit-len(out.Changes))]
		}
		p := &out.Provenance
		p.Spans, p.Traces, p.From, p.To = after.Spans, after.Traces, after.From, after.To
		if q.Saved == nil {
			p.Spans += before.Spans
			p.Traces += before.Traces
			p.From, p.To = span(before, after)
		}
		p.Note = joinNotes(c.Note(), p.Note)
		return out, nil
	})
}

// span is the time of two profiles together. Either may be the earlier one, or have no traces and so no time.
func span(a, b *compare.Profile) (from, to int64) {
	if a.Traces == 0 || b.Traces > 0 && b.From < a.From {
		a, b = b, a
	}
	return a.From, max(a.To, b.To)
}

// sides are the profiles that a query compares.
func (m *Memory) sides(ctx context.Context, s *scope, q CompareQuery) (before, after *compare.Profile, err error) {
	now, then := q.Query, q.Query
	scopeBefore := s
	var chosen func(trace uint32) bool
	switch {
	case q.Saved != nil:
		after, err = m.profile(ctx, s, now, nil)
		return q.Saved, after, err
	case q.Against != nil:
		against, err := q.Against.Scan(ctx, s.snap, m.store.Names())
		if err != nil {
			return nil, nil, err
		}
		chosen = func(t uint32) bool { return !against.Trace(t) }
		scopeBefore = &scope{snap: s.snap, matches: against}
	case q.At != 0:
		then.Window = Selection{Window: Window{To: q.At}}.narrow(q.Window).Window
		now.Window = Selection{Window: Window{From: q.At}}.narrow(q.Window).Window
	case q.Baseline != (Window{}):
		then.Window = q.Baseline
	default:
		return nil, nil, ErrBaseline
	}
	if before, err = m.profile(ctx, scopeBefore, then, nil); err != nil {
		return nil, nil, err
	}
	after, err = m.profile(ctx, s, now, chosen)
	return before, after, err
}

// profile folds the traces of a scope that are chosen; nil: all.
func (m *Memory) profile(ctx context.Context, s *scope, q Query, chosen func(trace uint32) bool) (*compare.Profile, error) {
	all, err := m.tracesIn(ctx, s, TracesQuery{Query: q})
	if err != nil {
		return nil, err
	}
	traces := make([]store.TraceInfo, 0, len(all))
	for i := range all {
		if chosen == nil || chosen(all[i].Index) {
			traces = append(traces, all[i])
		}
	}
	// Subjects come in the order of a map; samples are to be the same every time, and spread over time.
	sortByStart(traces)
	return compare.Fold(ctx, s.snap, m.store.Names(), traces)
}
