package report

import (
	"oteltop/aggregate"
	"oteltop/model"
)

// logRow is a log record of a trace. Secrets that can be recognised in its body are masked, as on the screen.
type logRow struct {
	Time     int64  `json:"time_unix_nano"`
	SpanID   string `json:"span_id"`  // empty: of the trace as a whole
	Service  string `json:"service"`  // that logged it
	Severity string `json:"severity"` // TRACE, DEBUG, INFO, WARN, ERROR, FATAL, with 2–4 behind it; else the log library's word
	Event    string `json:"event"`    // the name of an event record; empty for most
	Body     string `json:"body"`
}

func logRows(v *aggregate.TraceView) []logRow {
	var rows []logRow
	for i := range v.Logs {
		l := &v.Logs[i]
		body, _ := model.Mask("body", l.Body.String())
		row := logRow{Time: l.Time, Service: model.ServiceOf(l.Resource), Severity: l.Level(), Event: l.Event, Body: body}
		if l.Span != 0 {
			row.SpanID = l.Span.String()
		}
		rows = append(rows, row)
	}
	return rows
}
