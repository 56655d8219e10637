// What is worth a look, of all kinds: one sweep through all detectors.

package aggregate

import (
	"context"
	"slices"

	"oteltop/aggregate/contention"
	"oteltop/aggregate/dependencies"
	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/gaps"
	"oteltop/aggregate/hist"
	"oteltop/aggregate/hotspots"
	"oteltop/aggregate/outliers"
	"oteltop/aggregate/patterns"
	"oteltop/aggregate/request"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/sampling"
	"oteltop/aggregate/skew"
	"oteltop/aggregate/suspects"
	"oteltop/aggregate/trust"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// defaultFindings is how many findings are listed when the query leaves it open.
	defaultFindings = 100
	// maxSearched is how many traces are searched for findings: what some detectors keep of each takes some
	// kB (some 20 MB in all), and what one trace in many thousands does is no finding.
	maxSearched = 20_000
)

// FindingsQuery asks what is worth a look in a scope.
type FindingsQuery struct {
	Query
	Limit int // default 100
}

// Findings is what is worth a look, the most important first (see findings.Merge).
type Findings struct {
	Provenance Provenance
	Rows       []findings.Finding
	Found      int // of which Rows are the first

	// Traces are those that the first defaultFindings name, as the list of traces has them: what a person sees of an
	// example before opening it. Shared, not to be changed.
	Traces map[model.TraceID]TraceRow
}

// detectors are all that looks for findings, over traces of one store.
func detectors(names store.Names) []findings.Detector {
	called := newNamer(names).called // they run one after the other on each trace
	return []findings.Detector{
		dependencies.NewDetector(names, called),
		failures.NewDetector(names, called),
		hotspots.New(names, called),
		contention.New(names, called),
		outliers.NewLatency(names),
		outliers.NewStructure(names),
		patterns.New(names, called),
		gaps.New(names, called),
		sampling.New(names),
		skew.New(),
		trust.New(names, called),
	}
}

// Findings implements Engine. It is asked all the time, so answers are given again for longer than others.
func (m *Memory) Findings(ctx context.Context, q FindingsQuery) (*Findings, error) {
	all, err := m.allFindings(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	some := *all
	some.Rows = all.Rows[:min(all.Found, positive(q.Limit, defaultFindings))]
	return &some, nil
}

// allFindings is every finding: whoever asks for the first few and who asks for many share one search.
func (m *Memory) allFindings(ctx context.Context, q Query) (*Findings, error) {
	return ask(ctx, m, questionOf(whatFindings, q), func() (*Findings, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		x := newSearch(m.store.Names(), q.Window)
		if err := m.lookBack(ctx, s, q.Window, x.history); err != nil {
			return nil, err
		}
		p, err := m.sweep(ctx, s, q.Window, maxSearched, x.fold)
		if err != nil {
			return nil, err
		}
		p.count(x.history.Dropped(), "%d observations of operations found no room and were not searched for onsets")
		onsets, err := x.history.Onsets(ctx)
		if err != nil {
			return nil, err
		}
		trends, err := m.trendFindings(ctx, q, s, onsets)
		if err != nil {
			return nil, err
		}
		changes, err := m.changeFindings(ctx, q, onsets)
		if err != nil {
			return nil, err
		}
		lists := append([][]findings.Finding{trends, changes}, x.found(s.thinned)...) // of equals the first comes first
		rows := findings.Merge(lists...)
		wholeFirst(rows, x.torn)
		traces, err := m.named(ctx, s, rows[:min(len(rows), defaultFindings)])
		return &Findings{Provenance: p, Found: len(rows), Rows: rows, Traces: traces}, err
	})
}

// search is what looks at each trace for findings.
type search struct {
	detectors []findings.Detector
	history   *suspects.History
	torn      map[model.TraceID]struct{} // traces that lack a span
}

func newSearch(names store.Names, w Window) *search {
	x := &search{detectors: detectors(names), history: suspects.NewHistory(names), torn: map[model.TraceID]struct{}{}}
	x.history.Since(w.From)
	return x
}

func (x *search) fold(t *request.Trace) {
	remember(x.history, t)
	if len(t.Tree.Missing) > 0 {
		x.torn[t.ID] = struct{}{}
	}
	for _, d := range x.detectors {
		d.Fold(t)
	}
}

// found is what each detector has found, when every thinned-th trace was looked at.
func (x *search) found(thinned int) (lists [][]findings.Finding) {
	for _, d := range x.detectors {
		if e, ok := d.(findings.Estimator); ok {
			e.Thinned(thinned)
		}
		lists = append(lists, d.Findings())
	}
	return lists
}

// changeFindings are the findings about onsets, with which calls these made slow.
func (m *Memory) changeFindings(ctx context.Context, q Query, onsets []suspects.Onset) ([]findings.Finding, error) {
	var changes []findings.Finding
	for i := range onsets {
		changes = append(changes, findings.OfOnset(&onsets[i])...)
	}
	return changes, m.findSlow(ctx, q.Filter, changes)
}

// lookBack adds the time before a window to a history.
func (m *Memory) lookBack(ctx context.Context, s *scope, w Window, to *suspects.History) error {
	if w.From == 0 {
		return nil
	}
	before := Window{From: w.From - int64(suspects.Lookback), To: w.From}
	_, err := m.sweep(ctx, s, before, maxSearched, func(t *request.Trace) { remember(to, t) })
	return err
}

// remember adds a trace to a history, unless it outlived the others of its time for being slow, failed or rare: what is
// left of that time is not what it was like.
func remember(h *suspects.History, t *request.Trace) {
	if t.Kept == model.KeptRecent {
		h.Add(t.ID, t.Start, t.Spans)
	}
}

// leastRise is how much the share of slow calls of a place has to grow for durations to tell which of them a change made
// slow.
const leastRise = .01

// findSlow notes which calls of their places changes made slow: by the durations of a baseline's time before, against
// those since.
func (m *Memory) findSlow(ctx context.Context, f *filter.Expr, changes []findings.Finding) error {
	if len(changes) == 0 {
		return nil
	}
	v, err := m.view(ctx, Query{Filter: f})
	if err != nil {
		return err
	}
	for i := range changes {
		x := &changes[i]
		if x.Kind != findings.Onset {
			continue // what recovered is not slow any more
		}
		series := subjectSeries(v, FocusOf(x))
		before := v.Sum(rollup.Window{From: x.From - int64(suspects.Before), To: x.From}, series)
		since := v.Sum(rollup.Window{From: x.From, To: x.Ended}, series)
		if from, share := hist.Rise(&before.Latency, &since.Latency); share >= leastRise {
			x.MinDur = from
		}
	}
	return nil
}

// FocusOf is the place that a finding is about: an edge, an operation of a known kind, or a service.
func FocusOf(f *findings.Finding) Focus {
	switch {
	case f.Client != "":
		return Focus{Client: f.Client, Server: f.Service}
	case f.Operation != "" && f.OpKind != model.KindUnspecified:
		return Focus{Service: f.Service, Operation: f.Operation, Kind: f.OpKind}
	}
	return Focus{Service: f.Service}
}

// wholeFirst puts traces that lack no span before the others, where a finding names no span of the first.
func wholeFirst(rows []findings.Finding, torn map[model.TraceID]struct{}) {
	rank := func(id model.TraceID) int {
		if _, ok := torn[id]; ok {
			return 1
		}
		return 0
	}
	for i := range rows {
		if rows[i].Span != 0 {
			continue
		}
		ids := slices.Clone(rows[i].Traces)
		slices.SortStableFunc(ids, func(a, b model.TraceID) int { return rank(a) - rank(b) })
		rows[i].Traces = ids
	}
}
