package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewCosts is what requests cost, by kind, and what operations carry.
const ViewCosts View = "costs"

// workRow is a kind of request, with everything that it caused (kind "request", the costliest first), then a measure of
// an operation (kind "size"). Fields of the other kind are null. self_ns is the work of all spans; bytes are bodies and
// messages whose size is known, each counted once. measure ends in _bytes where the values are that. Quantiles are
// within 1.1 %.
type workRow struct {
	Kind      string `json:"kind"`
	Service   string `json:"service"`
	Operation string `json:"operation"`
	OpKind    string `json:"operation_kind"`

	Requests  *uint64  `json:"requests"`
	Errors    *uint64  `json:"errors"` // requests with an error
	Spans     *uint64  `json:"spans"`
	Calls     *uint64  `json:"calls"` // CLIENT and PRODUCER spans
	CallsP50  *int64   `json:"calls_p50"`
	CallsP95  *int64   `json:"calls_p95"`
	Self      *int64   `json:"self_ns"`
	SelfShare *float64 `json:"self_share"`
	SelfP50   *int64   `json:"self_p50_ns"`
	SelfP95   *int64   `json:"self_p95_ns"`
	Duration  *int64   `json:"duration_ns"`
	Bytes     *int64   `json:"bytes"`
	Sized     *uint64  `json:"sized_requests"` // of which any size is known
	BytesP50  *int64   `json:"bytes_p50"`      // of these
	BytesP95  *int64   `json:"bytes_p95"`

	Measure *string  `json:"measure"`
	N       *uint64  `json:"values"`
	Sum     *int64   `json:"sum"`
	P50     *int64   `json:"p50"`
	P95     *int64   `json:"p95"`
	P99     *int64   `json:"p99"`
	Min     *int64   `json:"min"`
	Max     *int64   `json:"max"`
	Rho     *float64 `json:"latency_rho"` // Spearman's of value and duration; null where it was not tested
	Q       *float64 `json:"latency_q"`

	TraceID string `json:"trace_id"` // the costliest, or the one with the largest value
}

func costsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Costs(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]workRow, 0, len(x.Kinds)+len(x.Sizes))
	for i := range x.Kinds {
		k := &x.Kinds[i]
		sized := k.Sized > 0
		rows = append(rows, workRow{
			Kind: "request", Service: k.Service, Operation: k.Operation, OpKind: k.OpKind.String(), Requests: &k.Requests, Errors: &k.Errors, Spans: &k.Spans,
			Calls: &k.Calls, CallsP50: &k.CallsP50, CallsP95: &k.CallsP95, Self: &k.Self, SelfShare: &k.SelfShare, SelfP50: &k.SelfP50, SelfP95: &k.SelfP95,
			Duration: &k.Duration, Bytes: present(k.Bytes, sized), Sized: &k.Sized, BytesP50: present(k.BytesP50, sized), BytesP95: present(k.BytesP95, sized),
			TraceID: idText(k.Costliest),
		})
	}
	for i := range x.Sizes {
		s := &x.Sizes[i]
		measure := string(s.Measure)
		rows = append(rows, workRow{
			Kind: "size", Service: s.Service, Operation: s.Operation, OpKind: s.OpKind.String(), Measure: &measure, N: &s.N, Sum: &s.Sum, P50: &s.P50, P95: &s.P95, P99: &s.P99,
			Min: &s.Least, Max: &s.Most, Rho: present(s.Rho, s.Tested), Q: present(s.Q, s.Tested), TraceID: idText(s.Largest),
		})
	}
	return &document{View: ViewCosts, Provenance: x.Provenance, Rows: rows}, nil
}
