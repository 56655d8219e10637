package report

import (
	"context"
	"fmt"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/suspects"
)

// ViewFindings is what is worth a look, without being asked for anything.
const ViewFindings View = "findings"

// findingOnset is the kind of a moment from which on requests are different, and the service behind it.
const findingOnset = "onset"

// findingRow is something that was found, the largest score first. score is that of the view suspects.
type findingRow struct {
	Kind      string          `json:"kind"`
	Score     float64         `json:"score"`
	Title     string          `json:"title"`
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Evidence  findingEvidence `json:"evidence"`
	TraceIDs  []string        `json:"trace_ids"`
}

// findingEvidence is of an onset: when, from how many traces, and every suspect with its changes.
type findingEvidence struct {
	At       int64        `json:"at_unix_nano"`
	Baseline int          `json:"baseline_traces"` // of up to five minutes before
	Focus    int          `json:"focus_traces"`    // of the minute in which the difference was largest
	Suspects []suspectRow `json:"suspects"`
}

// String is what a table shows.
func (e findingEvidence) String() string {
	return fmt.Sprintf("%s, %d against %d traces", time.Unix(0, e.At).UTC().Format(time.RFC3339), e.Focus, e.Baseline)
}

func findingsView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	found, err := e.Onsets(ctx, aggregate.OnsetsQuery{Query: q, Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	rows := make([]findingRow, 0, len(found.Rows))
	for i := range found.Rows {
		rows = append(rows, newFindingRow(&found.Rows[i]))
	}
	return &document{View: ViewFindings, Provenance: found.Provenance, Rows: rows}, nil
}

func newFindingRow(x *suspects.Onset) findingRow {
	evidence := findingEvidence{At: x.At, Baseline: x.Baseline, Focus: x.Focus}
	for i := range x.Suspects {
		evidence.Suspects = append(evidence.Suspects, newSuspectRow(i+1, &x.Suspects[i]))
	}
	first := &evidence.Suspects[0]
	return findingRow{
		Kind: findingOnset, Score: first.Score, Service: first.Service, Operation: first.Operation,
		Title: "since " + time.Unix(0, x.At).UTC().Format(time.TimeOnly) + " " + first.Why, Evidence: evidence, TraceIDs: first.TraceIDs,
	}
}
