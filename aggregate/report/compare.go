package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
)

// ViewCompare is what changed: between two files, before and after --at, or against --baseline.
const ViewCompare View = "compare"

// changeRow is something that changed. Rows with origin come first: the others follow from them.
//
//	calls                              calls per trace that makes any
//	structure                          share of the traces of a root operation that have a call path
//	new_operation, vanished_operation  share of traces that call it; new_edge, vanished_edge likewise
//	errors                             share of the traces that call an operation in which it fails
//	new_error, vanished_error          share of an operation's spans that fail in this way
//	latency_shift, latency_shape       median, 95th percentile of the duration
//	own_time                           median of the duration without that of its callees
//	latency_tail                       share beyond the 99th percentile before
type changeRow struct {
	Kind          string   `json:"kind"`
	Why           string   `json:"why"`
	Service       string   `json:"service"`
	Operation     string   `json:"operation"` // empty for an edge
	SpanKind      string   `json:"span_kind"`
	Client        string   `json:"client"` // the service that calls it, where the change is of calls
	Callee        string   `json:"callee"` // of the latency of an exit span: the service that it waits for
	ErrorType     string   `json:"error_type"`
	Before        float64  `json:"before" text:"unit"`
	After         float64  `json:"after" text:"unit"`
	Unit          string   `json:"unit"`          // calls_per_trace, share, ns
	Ratio         *float64 `json:"ratio"`         // after/before; null where there was nothing before
	TracesBefore  uint64   `json:"traces_before"` // what the figures are of; of error types: spans
	TracesAfter   uint64   `json:"traces_after"`
	Lower         float64  `json:"lower"` // the change is at least so large, with 95 % confidence
	Q             float64  `json:"q"`
	Sure          bool     `json:"sure"` // false: new or gone, but in so few traces that it may be chance; such rows are last
	Origin        bool     `json:"origin"`
	CriticalDelta int64    `json:"critical_delta_ns"`    // of its time on the critical path, mean per trace
	CriticalShare *float64 `json:"critical_delta_share"` // of the change of the traces' duration; null: that did not change
	Path          []string `json:"path"`                 // of calls and structure: from the root down
	Twins         int      `json:"twin_paths"`           // likewise: so many other paths of the same call change alike
	TraceID       string   `json:"trace_id"`             // an example after the change; empty for what is gone
	TraceIDBefore string   `json:"trace_id_before"`      // and before it
}

// Before makes the baseline that a report of ViewCompare is given with Options.Saved: the traces of a
// scope of another engine.
func Before(ctx context.Context, e aggregate.Engine, o Options) (*compare.Profile, error) {
	q, err := scopeOf(ctx, e, o)
	if err != nil {
		return nil, err
	}
	return e.Profile(ctx, q)
}

func compareView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	c := aggregate.CompareQuery{Query: q, Saved: o.Saved, Against: o.Baseline, Limit: o.Limit}
	if o.At != nil {
		s, err := e.Status(ctx)
		if err != nil {
			return nil, err
		}
		end := s.Newest
		if s.Live {
			end = s.Now.UnixNano()
		}
		c.At = o.At.unixNano(s.Oldest, end)
	}
	x, err := e.Compare(ctx, c)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Changes, func(c *compare.Change) changeRow { return newChangeRow(c, true) })
	rows = append(rows, rowsOf(x.Unsure, func(c *compare.Change) changeRow { return newChangeRow(c, false) })...)
	return &document{View: ViewCompare, Provenance: x.Provenance, Rows: rows}, nil
}

func newChangeRow(c *compare.Change, sure bool) changeRow {
	row := changeRow{
		Kind: string(c.Kind), Service: c.Service, Operation: c.Name, Client: c.Client, Callee: c.Callee, ErrorType: c.Error,
		Before: c.Before, After: c.After, Unit: string(c.Kind.Unit()), Ratio: known(c.Ratio, c.Before > 0),
		TracesBefore: c.TracesBefore, TracesAfter: c.TracesAfter, Lower: c.Lower, Q: c.Q, Sure: sure, Origin: c.Origin,
		CriticalDelta: int64(c.Critical), CriticalShare: c.CriticalShare, Path: append([]string{}, c.Path...), Twins: c.Twins, Why: c.Why(duration),
		TraceID: idText(c.Exemplar), TraceIDBefore: idText(c.ExemplarBefore),
	}
	if c.Name != "" {
		row.SpanKind = c.Operation.Kind.String()
	}
	return row
}
