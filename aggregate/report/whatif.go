package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewWhatIf is what requests would take if an operation ran faster or slower.
const ViewWhatIf View = "whatif"

// whatIfFactor is what is asked for unless told otherwise: twice as fast.
const whatIfFactor = .5

// whatIfRow is the requests of one operation, of which calling_requests call what would run its own time by the
// factor. most_ns is how much of the mean request that time is on the critical path, times the change: more
// cannot be gained. In doubtful_requests calls stay where they are because their order is not certain.
type whatIfRow struct {
	RootService   string  `json:"root_service"`
	RootOperation string  `json:"root_operation"`
	Kind          string  `json:"root_kind"`
	Factor        float64 `json:"factor"`
	Requests      uint64  `json:"requests"`
	Calling       uint64  `json:"calling_requests"`
	Changed       uint64  `json:"changed_requests"`
	Doubtful      uint64  `json:"doubtful_requests"`
	P50Before     int64   `json:"p50_before_ns"`
	P50After      int64   `json:"p50_after_ns"`
	P95Before     int64   `json:"p95_before_ns"`
	P95After      int64   `json:"p95_after_ns"`
	P99Before     int64   `json:"p99_before_ns"`
	P99After      int64   `json:"p99_after_ns"`
	Gained        float64 `json:"gained_mean_ns"` // negative: they take longer
	Most          float64 `json:"most_mean_ns"`
	TraceID       string  `json:"trace_id"` // of the request that changes most; empty where none does
}

func whatIfView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	query := aggregate.WhatIfQuery{Query: q, Service: o.Service, Operation: o.Operation, Factor: whatIfFactor}
	if o.Factor != nil {
		query.Factor = *o.Factor
	}
	x, err := e.WhatIf(ctx, query)
	if err != nil {
		return nil, err
	}
	rows := make([]whatIfRow, 0, len(x.Requests))
	for _, r := range x.Requests {
		rows = append(rows, whatIfRow{
			RootService: r.Service, RootOperation: r.Operation, Kind: r.Kind.String(), Factor: query.Factor,
			Requests: r.Requests, Calling: r.Calling, Changed: r.Changed, Doubtful: r.Doubtful,
			P50Before: r.Before.P50, P50After: r.After.P50, P95Before: r.Before.P95, P95After: r.After.P95,
			P99Before: r.Before.P99, P99After: r.After.P99, Gained: r.Gained, Most: r.Most, TraceID: idText(r.Exemplar),
		})
	}
	return &document{View: ViewWhatIf, Provenance: x.Provenance, Rows: rows}, nil
}
