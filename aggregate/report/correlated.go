package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewCorrelated is what moves together: associations, not causes.
const ViewCorrelated View = "correlated"

// defaultCorrelated is how many rows are written when the limit is left open.
const defaultCorrelated = 100

// correlatedRow is a correlation. Of relation services, r is of the changes of ln p95 from window to window, of a
// service and of one that it reaches by calls, the other; lag_ns is by how much the first follows the other. Of
// relation request, r is of the logarithms of an operation's time on the critical path and the duration of the
// request, of those with the root operation other in which it is there. Services come first, by significance and size
// of r, then requests, by r, what takes less than 1 % of their time last.
type correlatedRow struct {
	Relation       string   `json:"relation"`
	Service        string   `json:"service"`
	Operation      string   `json:"operation"` // empty of relation services
	OtherService   string   `json:"other_service"`
	OtherOperation string   `json:"other_operation"`
	R              float64  `json:"r"`
	N              int      `json:"n"` // changes, or requests in which it is on the critical path
	P              float64  `json:"p"`
	Q              float64  `json:"q"`
	Lag            *int64   `json:"lag_ns"` // null of relation request
	Window         *int64   `json:"window_ns"`
	OnPath         *float64 `json:"on_path_share"`    // n of all requests of the root operation; null of relation services
	CritShare      *float64 `json:"critical_share"`   // of their duration
	Congestion     *float64 `json:"congestion_ratio"` // p99/p50 of the operation
}

func correlatedView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	x, err := e.Correlated(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]correlatedRow, 0, len(x.Pairs)+len(x.Operations))
	for i := range x.Pairs {
		p := &x.Pairs[i]
		rows = append(rows, correlatedRow{
			Relation: "services", Service: p.Caller, OtherService: p.Callee, R: p.R, N: p.Windows, P: p.P, Q: p.Q, Lag: &p.Lag, Window: &p.Step,
		})
	}
	for i := range x.Operations {
		r := &x.Operations[i]
		onPath := float64(r.OnPath) / float64(r.Requests)
		rows = append(rows, correlatedRow{
			Relation: "request", Service: r.Place.Service, Operation: r.Place.Operation, OtherService: r.Root.Service, OtherOperation: r.Root.Operation,
			R: r.R, N: int(r.OnPath), P: r.P, Q: r.Q, OnPath: &onPath, CritShare: &r.Share, Congestion: known(r.Congestion, r.Congestion > 0),
		})
	}
	limit := defaultCorrelated
	if o.Limit > 0 {
		limit = o.Limit
	}
	return &document{View: ViewCorrelated, Provenance: x.Provenance, Rows: first(rows, limit)}, nil
}
