package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/sessions"
)

// ViewSessions is traces put together by user, or by flow of messages (--by).
const ViewSessions View = "sessions"

// sessionRow is a session, the one with most failed traces first, then the slowest. key is the attribute that tells it, or
// "(linked traces)"; value is then the id of the first trace.
type sessionRow struct {
	Key         string   `json:"key"`
	Value       string   `json:"value"`
	Traces      int      `json:"traces"`
	Start       int64    `json:"start_unix_nano"`
	End         int64    `json:"end_unix_nano"`
	Failed      int      `json:"failed_traces"` // whose root has status error
	Errors      int      `json:"errors"`        // spans
	Retries     int      `json:"retries"`       // traces with the root operation of one before that failed
	Worst       int64    `json:"worst_ns"`
	WorstTrace  string   `json:"worst_trace_id"`
	Verdict     string   `json:"verdict"`
	FirstError  *string  `json:"first_error"` // "service operation" of the earliest error that no error below explains
	FirstTrace  *string  `json:"first_error_trace_id"`
	FirstSpan   *string  `json:"first_error_span_id"`
	FirstErrAt  *int64   `json:"first_error_unix_nano"`
	Gap         int64    `json:"longest_gap_ns"`
	GapAfter    *string  `json:"longest_gap_after_trace_id"`
	Services    []string `json:"services"`
	TraceIDs    []string `json:"trace_ids"` // by start, at most 200
	NamedTraces int      `json:"named_traces"`
}

func sessionsView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	x, err := e.Sessions(ctx, aggregate.SessionsQuery{Query: q, By: o.By, Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Sessions, newSessionRow)
	return &document{View: ViewSessions, Provenance: x.Provenance, Rows: rows}, nil
}

func newSessionRow(s *sessions.Session) sessionRow {
	row := sessionRow{
		Key: s.Key, Value: s.Value, Traces: s.Count, Start: s.Start, End: s.End, Failed: s.Failed, Errors: s.Errors, Retries: s.Retries,
		Worst: s.Worst.Duration, WorstTrace: idText(s.Worst.ID), Verdict: s.Verdict(), Gap: s.Gap,
		Services: append([]string{}, s.Services...), TraceIDs: []string{}, NamedTraces: len(s.Traces),
	}
	if f := s.First; f != nil {
		where, trace, span := f.Service+" "+f.Operation, idText(f.Trace), f.Span.String()
		row.FirstError, row.FirstTrace, row.FirstSpan, row.FirstErrAt = &where, &trace, &span, &f.At
	}
	if s.Gap > 0 {
		after := idText(s.GapAfter)
		row.GapAfter = &after
	}
	for _, t := range s.Traces {
		row.TraceIDs = append(row.TraceIDs, idText(t.ID))
	}
	return row
}
