package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
)

// ViewFindings is what is worth a look, without being asked for anything.
const ViewFindings View = "findings"

// findingRow is something that was found, the largest score first; see findings.Merge. select is a filter
// that the traces match, empty where none is known.
type findingRow struct {
	Kind      string          `json:"kind"`
	Score     float64         `json:"score"`
	Title     string          `json:"title"`
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Edge      *string         `json:"edge"` // "client → server"; null where it is no edge
	Select    string          `json:"select"`
	Evidence  findingEvidence `json:"evidence"`
	TraceIDs  []string        `json:"trace_ids"`
}

// findingEvidence is written as one object: the figures that all kinds have, then those of the kind.
type findingEvidence struct {
	common   evidenceFigures
	figures  []findings.Figure
	suspects []suspectRow
}

// evidenceFigures are what the evidence of every kind has. Of an onset, requests are those of the minute
// in which the difference was largest.
type evidenceFigures struct {
	At     *int64   `json:"at_unix_nano"` // null: all through the scope
	To     *int64   `json:"to_unix_nano"`
	MinDur *int64   `json:"min_duration_ns"` // from which on the calls of the place show a change; null where durations do not tell
	Ended  *int64   `json:"ended_unix_nano"` // of a change, or of errors that began and stopped; null where it is not known to be over
	Harmed uint64   `json:"harmed_requests"`
	Failed uint64   `json:"failed_requests"`
	Of     uint64   `json:"of_requests"`
	Lost   int64    `json:"lost_ns"` // all requests together
	Q      *float64 `json:"q"`       // null where nothing was tested
}

// MarshalJSON implements json.Marshaler.
func (e findingEvidence) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(e.common)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(bytes.TrimSuffix(b, []byte("}")))
	add := func(name string, value any) {
		b, problem := json.Marshal(value)
		if problem != nil {
			err = problem
		}
		fmt.Fprintf(out, ",%q:%s", name, b)
	}
	for _, f := range e.figures {
		if f.Text != "" {
			add(f.Name, f.Text)
		} else {
			add(f.Name, f.Number)
		}
	}
	if e.suspects != nil {
		add("suspects", e.suspects)
	}
	out.WriteByte('}')
	return out.Bytes(), err
}

// String is what a table shows.
func (e findingEvidence) String() string {
	text := fmt.Sprintf("%d of %d requests", e.common.Harmed, e.common.Of)
	if e.common.At != nil {
		text += ", " + time.Unix(0, *e.common.At).UTC().Format(time.RFC3339)
	}
	return text
}

func findingsView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	found, err := e.Findings(ctx, aggregate.FindingsQuery{Query: q, Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	rows := rowsOf(found.Rows, newFindingRow)
	return &document{View: ViewFindings, Provenance: found.Provenance, Rows: rows}, nil
}

func newFindingRow(f *findings.Finding) findingRow {
	row := findingRow{
		Kind: string(f.Kind), Score: f.Score, Title: f.Title, Service: f.Service, Operation: f.Operation, Select: f.Select,
		Evidence: findingEvidence{
			common:  evidenceFigures{Harmed: f.Harmed, Failed: f.Failed, Of: f.Of, Lost: f.Lost, Q: known(f.Q, f.Q != 0)},
			figures: f.Figures,
		},
		TraceIDs: idTexts(f.Traces),
	}
	if f.Client != "" {
		edge := f.Client + " → " + f.Service
		row.Edge = &edge
	}
	if f.From != 0 {
		row.Evidence.common.At, row.Evidence.common.To = &f.From, &f.To
		row.Title = "since " + clock(f.From) + " " + f.Title
	}
	if f.MinDur != 0 {
		row.Evidence.common.MinDur = &f.MinDur
	}
	if f.Ended != 0 {
		row.Evidence.common.Ended = &f.Ended
		row.Title = "from " + clock(f.From) + " to " + clock(f.Ended) + " " + f.Title
	}
	for i := range f.Suspects {
		row.Evidence.suspects = append(row.Evidence.suspects, newSuspectRow(i+1, &f.Suspects[i]))
	}
	return row
}

// clock is the time of a day, UTC.
func clock(ns int64) string { return time.Unix(0, ns).UTC().Format(time.TimeOnly) }
