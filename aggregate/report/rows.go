package report

import (
	"cmp"
	"context"
	"math"
	"slices"

	"oteltop/aggregate"
	"oteltop/aggregate/order"
	"oteltop/aggregate/whatif"
	"oteltop/model"
)

// latencyFields are the figures of a set of spans. Percentiles are nearest-rank; these and the maximum are
// within the histogram's 1.1 %.
type latencyFields struct {
	Calls      uint64  `json:"calls"`
	Errors     uint64  `json:"errors"`
	ErrorShare float64 `json:"error_share"`
	Rate       float64 `json:"calls_per_second"`
	P50        int64   `json:"p50_ns"`
	P95        int64   `json:"p95_ns"`
	P99        int64   `json:"p99_ns"`
	Max        int64   `json:"max_ns"`
}

func newLatencyFields(r aggregate.RED) latencyFields {
	return latencyFields{r.Calls, r.Errors, r.ErrorShare(), r.Rate, r.P50, r.P95, r.P99, r.Max}
}

// serviceRow counts the entry spans of a service: servers, consumers, roots, and spans whose parent is in
// another service. self_ns is of all its spans.
type serviceRow struct {
	Service string `json:"service"`
	latencyFields
	Self      int64   `json:"self_ns"`
	TimeShare float64 `json:"time_share"`
}

// operationRow counts all spans of an operation.
type operationRow struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	latencyFields
	Self      int64   `json:"self_ns"`
	TimeShare float64 `json:"time_share"`
}

func operations(ctx context.Context, e aggregate.Engine, v View, q aggregate.Query) (*document, error) {
	o, err := e.Operations(ctx, q)
	if err != nil {
		return nil, err
	}
	if v == ViewServices {
		rows := make([]serviceRow, 0, len(o.Services))
		for _, r := range o.Services {
			rows = append(rows, serviceRow{r.Service, newLatencyFields(r.RED), r.Self, r.TimeShare})
		}
		return &document{View: v, Provenance: o.Provenance, Rows: rows}, nil
	}
	rows := make([]operationRow, 0, len(o.Rows))
	for _, r := range o.Rows {
		rows = append(rows, operationRow{r.Service, r.Operation, r.Kind.String(), newLatencyFields(r.RED), r.Self, r.TimeShare})
	}
	return &document{View: v, Provenance: o.Provenance, Rows: rows}, nil
}

// edgeRow is the calls from one node to another. The figures of a side that no span speaks for are 0.
// The gap is what the client waited beyond the server's own time; of messaging the time in the queue, which
// is as right as the clocks of both sides. Calls whose gap is negative count as 0 in its quantiles.
type edgeRow struct {
	Client    string             `json:"client"`
	Server    string             `json:"server"`
	Kind      aggregate.EdgeKind `json:"kind"`
	Calls     uint64             `json:"calls"`
	Failed    uint64             `json:"failed"`
	Rate      float64            `json:"calls_per_second"`
	ClientP50 int64              `json:"client_p50_ns"`
	ClientP95 int64              `json:"client_p95_ns"`
	ServerP50 int64              `json:"server_p50_ns"`
	ServerP95 int64              `json:"server_p95_ns"`
	GapP50    int64              `json:"gap_p50_ns"`
	GapP95    int64              `json:"gap_p95_ns"`

	ClientP99   int64  `json:"client_p99_ns"`
	ServerP99   int64  `json:"server_p99_ns"`
	GapP99      int64  `json:"gap_p99_ns"`
	Answered    uint64 `json:"answered_calls"`     // with a span on the server's side
	Gaps        uint64 `json:"gap_calls"`          // with a span on both sides
	GapNegative uint64 `json:"negative_gap_calls"` // of these
}

func edges(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	m, err := e.Map(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]edgeRow, 0, len(m.Edges))
	for _, x := range m.Edges {
		rows = append(rows, edgeRow{
			x.Client, x.Server, x.Kind, x.Calls, x.Failed, x.Rate,
			x.ClientP50, x.ClientP95, x.ServerP50, x.ServerP95, x.GapP50, x.GapP95,
			x.ClientP99, x.ServerP99, x.GapP99, x.Answered, x.Gaps, x.GapNegative,
		})
	}
	return &document{View: ViewEdges, Provenance: m.Provenance, Rows: rows}, nil
}

// traceRow is a trace. percentile is the rank of its duration within its root operation, from 0 to 100.
type traceRow struct {
	TraceID       string   `json:"trace_id"`
	RootService   string   `json:"root_service"`
	RootOperation string   `json:"root_operation"`
	RootKind      string   `json:"root_kind"`
	Start         int64    `json:"start_unix_nano"`
	Duration      int64    `json:"duration_ns"`
	Percentile    *float64 `json:"percentile"`
	Spans         int      `json:"spans"`
	Services      int      `json:"services"`
	Errors        int      `json:"errors"`
	Complete      bool     `json:"complete"`
	Orphans       int      `json:"orphans"`
	Shape         string   `json:"shape"`
	Settled       bool     `json:"settled"`
	Kept          string   `json:"kept_because"`
}

func newTraceRow(r aggregate.TraceRow) traceRow {
	return traceRow{
		r.ID.String(), r.RootService, r.RootOperation, r.RootKind.String(), r.Start, r.Duration,
		known(r.Percentile, r.Percentile >= 0), r.Spans, r.Services, r.Errors, r.Complete, r.Orphans, r.Shape,
		r.Settled, r.Kept.String(),
	}
}

func known(f float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &f
}

func traces(ctx context.Context, e aggregate.Engine, q aggregate.Query, limit int) (*document, error) {
	if limit <= 0 {
		limit = math.MaxInt
	}
	l, err := e.Traces(ctx, aggregate.TracesQuery{Query: q, Limit: limit})
	if err != nil {
		return nil, err
	}
	rows := make([]traceRow, 0, len(l.Rows))
	for _, r := range l.Rows {
		rows = append(rows, newTraceRow(r))
	}
	return &document{View: ViewTraces, Provenance: l.Provenance, Rows: rows}, nil
}

// spanRow is a span of a trace. critical_ns is its own time on the critical path; depth counts a missing
// parent as a level; skew_ns is what the clock-skew view adds to its times.
type spanRow struct {
	SpanID     string   `json:"span_id"`
	ParentID   string   `json:"parent_id"` // empty for a root
	Service    string   `json:"service"`
	Operation  string   `json:"operation"`
	Kind       string   `json:"kind"`
	Status     string   `json:"status"`
	Start      int64    `json:"start_unix_nano"`
	Duration   int64    `json:"duration_ns"`
	Self       int64    `json:"self_ns"`
	Critical   int64    `json:"critical_ns"`
	Depth      int32    `json:"depth"`
	Orphan     bool     `json:"orphan"`
	Skew       int64    `json:"skew_ns"`
	SkewHalf   *int64   `json:"skew_half_width_ns"` // null where skew_ns is what the trace alone suggests
	Percentile *float64 `json:"percentile"`
	Median     *int64   `json:"operation_median_ns"`
	Presence   *float64 `json:"presence_share"` // of the traces of the root operation with its parent's call path, those with its own
	Slack      *int64   `json:"slack_ns"`       // by how much longer it could take before the root does; null: nothing waits for it
	Drag       int64    `json:"drag_ns"`        // what the root gains at most if it took no time
	OwnDrag    int64    `json:"own_drag_ns"`    // and if only its own time, without what it calls, took none
	Doubt      *string  `json:"doubt_after_id"` // on the critical path: it began after this span, but other traces contradict that it waits for it
}

// sectionRow is a stretch of the critical path.
type sectionRow struct {
	SpanID    string `json:"span_id"`
	Start     int64  `json:"start_unix_nano"`
	End       int64  `json:"end_unix_nano"`
	Service   string `json:"service"`
	Operation string `json:"operation"`
}

func trace(ctx context.Context, e aggregate.Engine, id model.TraceID) (*document, error) {
	v, err := e.Trace(ctx, id)
	if err != nil {
		return nil, err
	}
	row := newTraceRow(v.Row)
	d := &document{
		View: ViewTrace, Provenance: v.Provenance, Rows: []traceRow{row}, Trace: &row,
		Verdict: v.Verdict, Spans: []spanRow{}, Critical: []sectionRow{}, Trust: newTraceTrustRow(v.Trace, v.Row.Complete),
		Logs: logRows(v), MoreLogs: v.MoreLogs,
	}
	t := v.Trace
	for i := range t.Tree.Nodes {
		if t.Tree.Nodes[i].Span >= 0 {
			d.Spans = append(d.Spans, newSpanRow(v, i))
		}
	}
	for _, s := range t.Sections {
		span := &t.Spans[t.Tree.Nodes[s.Node].Span]
		d.Critical = append(d.Critical, sectionRow{span.ID.String(), s.Start, s.End, model.ServiceOf(span.Resource), span.Name})
	}
	return d, nil
}

func newSpanRow(v *aggregate.TraceView, node int) spanRow {
	t, n := v.Trace, v.Trace.Tree.Nodes[node]
	s, c := &t.Spans[n.Span], v.Context[node]
	row := spanRow{
		SpanID: s.ID.String(), Service: model.ServiceOf(s.Resource), Operation: s.Name,
		Kind: s.Kind.String(), Status: s.Status.String(), Start: s.Start, Duration: s.Duration(),
		Self: t.Self[node], Critical: t.Critical[node], Depth: n.Depth, Orphan: n.Flags&model.Orphan != 0,
		Skew: t.Skew[node], Percentile: known(c.Percentile, c.N > 0), Presence: known(c.Presence, c.PresenceOf > 0),
	}
	if s.Parent != 0 {
		row.ParentID = s.Parent.String()
	}
	if c.N > 0 {
		row.Median = &c.Median
	}
	if t.SkewHalf != nil && t.SkewHalf[node] != model.SkewUnknown {
		row.SkewHalf = &t.SkewHalf[node]
	}
	row.Drag, row.OwnDrag = v.Single.Drag[node], v.Single.Own[node]
	if slack := v.Single.Slack[node]; slack != whatif.Unawaited {
		row.Slack = &slack
	}
	at, ok := slices.BinarySearchFunc(v.Doubts, int32(node), func(d order.Doubt, node int32) int { return cmp.Compare(d.Node, node) })
	if ok {
		before := t.Spans[t.Tree.Nodes[v.Doubts[at].Before].Span].ID.String()
		row.Doubt = &before
	}
	return row
}

// cellRow is a cell of the heatmap with something in it: subject spans that start in [start, start+step)
// and last [low, high).
type cellRow struct {
	Start  int64  `json:"start_unix_nano"`
	Step   int64  `json:"step_ns"`
	Low    int64  `json:"duration_low_ns"`
	High   int64  `json:"duration_high_ns"`
	Count  uint64 `json:"count"`
	Errors uint64 `json:"errors"`
	Trace  string `json:"trace_id"` // an exemplar; empty where none is retained
}

func heatmap(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	h, err := e.Heatmap(ctx, aggregate.HeatmapQuery{Query: q})
	if err != nil {
		return nil, err
	}
	rows := []cellRow{}
	height := len(h.RowLow)
	for i, n := range h.Counts {
		if n == 0 {
			continue
		}
		column, row := i/height, i%height
		c := cellRow{
			Start: h.Start + int64(column)*h.Step, Step: h.Step, Low: h.RowLow[row], High: h.RowHigh,
			Count: n, Errors: h.Errors[i],
		}
		if row+1 < height {
			c.High = h.RowLow[row+1]
		}
		if !h.Exemplars[i].IsZero() {
			c.Trace = h.Exemplars[i].String()
		}
		rows = append(rows, c)
	}
	return &document{View: ViewHeatmap, Provenance: h.Provenance, Rows: rows}, nil
}
