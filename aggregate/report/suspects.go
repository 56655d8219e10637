package report

import (
	"context"
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/suspects"
)

// ViewSuspects is which services account for the change from --baseline to --focus.
const ViewSuspects View = "suspects"

// suspectRow is a service, or a peer that sends no spans, and how much of the change it accounts for.
// score is in requests: 1 is as much as the whole of an average request of the baseline, on every request.
// It is 0 where nothing is beyond chance; such rows are ranked by estimate alone.
type suspectRow struct {
	Rank      int             `json:"rank"`
	Service   string          `json:"service"`
	Peer      bool            `json:"peer"`      // it sends no spans of its own: a database, say
	Operation string          `json:"operation"` // of the largest change
	Edge      *string         `json:"edge"`      // of the largest change, "client → server"; null where it is no edge
	Score     float64         `json:"score"`
	Share     float64         `json:"score_share"` // of all scores
	Why       string          `json:"why"`
	Evidence  suspectEvidence `json:"evidence"`
	TraceIDs  []string        `json:"trace_ids"` // of the focus, those that show the largest change most
}

type suspectEvidence struct {
	Changes  []suspectChange   `json:"changes"`  // largest first
	Appeared []suspectAppeared `json:"appeared"` // resource attributes that no span of the baseline has
}

// suspectAppeared is an attribute of what sends the suspect's spans; share is of its spans in the focus.
type suspectAppeared struct {
	Key   string  `json:"key"`
	Value string  `json:"value"`
	Share float64 `json:"span_share"`
}

// String is what a table shows: why says the rest.
func (e suspectEvidence) String() string {
	return fmt.Sprintf("%d changes", len(e.Changes))
}

// suspectChange is a change that a suspect accounts for. before and after are per call, in unit.
type suspectChange struct {
	Mechanism string  `json:"mechanism"` // work, wait, calls, unanswered, errors
	Service   string  `json:"service"`
	Operation string  `json:"operation"`
	Callee    *string `json:"callee"` // of mechanism calls: the operation that is called
	Edge      *string `json:"edge"`
	Unit      string  `json:"unit"` // ns, calls, share
	Before    float64 `json:"before"`
	After     float64 `json:"after"`
	Calls     uint64  `json:"calls"` // in the focus
	Score     float64 `json:"score"`
	Q         float64 `json:"q"`
}

func suspectsView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	var err error
	if q.Baseline, q.Window, err = periods(ctx, e, o); err != nil {
		return nil, err
	}
	s, err := e.Suspects(ctx, aggregate.SuspectsQuery{Query: q, Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	rows := make([]suspectRow, 0, len(s.Rows))
	for i := range s.Rows {
		rows = append(rows, newSuspectRow(i+1, &s.Rows[i]))
	}
	return &document{View: ViewSuspects, Provenance: s.Provenance, Rows: rows}, nil
}

// periods places the two periods in the data. Without a baseline it is everything before the focus.
func periods(ctx context.Context, e aggregate.Engine, o Options) (baseline, focus aggregate.Window, err error) {
	s, err := e.Status(ctx)
	if err != nil {
		return baseline, focus, err
	}
	end := s.Newest
	if s.Live {
		end = s.Now.UnixNano()
	}
	focus = o.Focus.window(s.Oldest, end)
	baseline = aggregate.Window{To: focus.From}
	if o.Before != nil {
		baseline = o.Before.window(s.Oldest, end)
	}
	if isBackwards(focus) || isBackwards(baseline) {
		return baseline, focus, fmt.Errorf("%w; here one ends before it begins", ErrPeriods)
	}
	overlap := (baseline.To == 0 || focus.From < baseline.To) && (focus.To == 0 || baseline.From < focus.To)
	if overlap {
		return baseline, focus, ErrPeriods
	}
	return baseline, focus, nil
}

// isBackwards reports whether a window can hold nothing because of how it was written.
func isBackwards(w aggregate.Window) bool { return w.To != 0 && w.To <= w.From }

func newSuspectRow(rank int, s *suspects.Suspect) suspectRow {
	row := suspectRow{
		Rank: rank, Service: s.Service, Peer: s.Peer, Score: s.Score, Share: s.Share, Why: s.Why(), TraceIDs: idTexts(s.Traces),
	}
	for i := range s.Changes {
		row.Evidence.Changes = append(row.Evidence.Changes, newSuspectChange(&s.Changes[i]))
	}
	row.Evidence.Appeared = make([]suspectAppeared, 0, len(s.Appeared))
	for _, a := range s.Appeared {
		row.Evidence.Appeared = append(row.Evidence.Appeared, suspectAppeared(a))
	}
	if len(s.Changes) > 0 {
		row.Operation, row.Edge = s.Changes[0].Operation, row.Evidence.Changes[0].Edge
	}
	return row
}

func newSuspectChange(c *suspects.Change) suspectChange {
	x := suspectChange{
		Mechanism: string(c.Mechanism), Service: c.Service, Operation: c.Operation, Unit: "ns",
		Before: c.Before, After: c.After, Calls: c.Calls, Score: c.Score, Q: c.Q,
	}
	switch c.Mechanism {
	case suspects.Calls, suspects.Unanswered:
		x.Unit = "calls"
	case suspects.Errors:
		x.Unit = "share"
	}
	if c.Callee != "" {
		x.Callee = &c.Callee
	}
	if c.Server != "" {
		edge := c.Client + " → " + c.Server
		x.Edge = &edge
	}
	return x
}
