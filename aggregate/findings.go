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
		all := detectors(m.store.Names())
		history := suspects.NewHistory(m.store.Names())
		history.Since(q.Window.From)
		if err := m.lookBack(ctx, s, q.Window, history); err != nil {
			return nil, err
		}
		torn := map[model.TraceID]struct{}{} // traces that lack a span
		p, err := m.sweep(ctx, s, q.Window, maxSearched, func(t *request.Trace) {
			remember(history, t)
			if len(t.Tree.Missing) > 0 {
				torn[t.ID] = struct{}{}
			}
			for _, d := range all {
				d.Fold(t)
			}
		})
		if err != nil {
			return nil, err
		}
		p.count(history.Dropped(), "%d observations of operations found no room and were not searched for onsets")
		onsets, err := history.Onsets(ctx)
		if err != nil {
			return nil, err
		}
		trends, err := m.trendFindings(ctx, q, s, onsets)
		if err != nil {
			return nil, err
		}
		lists := make([][]findings.Finding, 0, 2+len(all))
		lists = append(lists, trends)
		var changes []findings.Finding
		for i := range onsets {
			changes = append(changes, findings.OfOnset(&onsets[i])...)
		}
		if err := m.findSlow(ctx, q.Filter, changes); err != nil {
			return nil, err
		}
		lists = append(lists, changes)
		for _, d := range all {
			if x, ok := d.(findings.Estimator); ok {
				x.Thinned(s.thinned)
			}
			lists = append(lists, d.Findings())
		}
		rows := findings.Merge(lists...)
		wholeFirst(rows, torn)
		return &Findings{Provenance: p, Found: len(rows), Rows: rows}, nil
	})
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
	v, err := m.view(ctx, f)
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
