package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/suspects"
	"oteltop/model/store"
)

const (
	// defaultOnsets is how many onsets are named when the query leaves it open.
	defaultOnsets = 20
	// maxHistory is how many traces are searched: what is kept of each takes some kB.
	maxHistory = 50_000
)

// OnsetsQuery asks when requests in the window began to be different.
type OnsetsQuery struct {
	Query
	Limit int // default 20
}

// Onsets is moments of change with the services behind them, the largest first.
type Onsets struct {
	Provenance Provenance
	Rows       []suspects.Onset
}

// Onsets implements Engine.
func (m *Memory) Onsets(ctx context.Context, q OnsetsQuery) (*Onsets, error) {
	k := questionOf("onsets", q.Query)
	k.limit = q.Limit
	return ask(ctx, m, k, func() (*Onsets, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		traces, err := s.startedIn(ctx, q.Window)
		if err != nil {
			return nil, err
		}
		h := suspects.NewHistory(m.store.Names())
		out := &Onsets{Provenance: s.provenance()}
		p := &out.Provenance
		step := (len(traces) + maxHistory - 1) / maxHistory
		var spans []store.Settled
		p.Traces = 0
		for i := 0; i < len(traces); i += step {
			if p.Traces++; p.Traces%ctxEvery == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			t := &traces[i]
			spans = s.snap.Spans(t.Index, spans[:0])
			h.Add(t.ID, t.Start, spans)
		}
		p.Spans = h.Spans()
		if step > 1 {
			p.Note = joinNotes(fmt.Sprintf("%d traces, evenly chosen from %d", p.Traces, len(traces)), p.Note)
		}
		p.From, p.To = extentOf(traces)
		if out.Rows, err = h.Onsets(ctx); err != nil {
			return nil, err
		}
		out.Rows = out.Rows[:min(len(out.Rows), positive(q.Limit, defaultOnsets))]
		return out, nil
	})
}

// extentOf is the earliest start and the latest end of traces, Unix ns; 0 of none.
func extentOf(traces []store.TraceInfo) (from, to int64) {
	for i := range traces {
		if i == 0 || traces[i].Start < from {
			from = traces[i].Start
		}
		to = max(to, traces[i].End)
	}
	return from, to
}
