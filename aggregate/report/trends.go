package report

import (
	"context"
	"math"

	"oteltop/aggregate"
	"oteltop/aggregate/growth"
)

// ViewTrends is which latencies grow, and which changed at once.
const ViewTrends View = "trends"

// trendRow is the verdict on an operation, or on a service where operation is empty. shape is none, growing,
// step, unclear: larger, but that may be chance, or mixed: a service that is slower although no operation of it
// is. What changed by itself comes first, then what merely waits for something that did: because_service and
// because_operation say for what.
//
// before_ns, after_ns and growth_ratio are of the quantile that shows the change: of what grows, by the line
// through its logarithms over all windows; of a step, the means before and after it.
type trendRow struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Kind      string   `json:"kind"`
	Shape     string   `json:"shape"`
	Quantile  float64  `json:"quantile"`
	Before    int64    `json:"before_ns"`
	After     int64    `json:"after_ns"`
	Growth    float64  `json:"growth_ratio"`
	Growth50  float64  `json:"p50_growth_ratio"`
	Growth95  float64  `json:"p95_growth_ratio"`
	At        *int64   `json:"step_unix_nano"` // null where it is no step
	Law       *string  `json:"law"`            // exponential or linear; null where it does not grow
	Doubling  *int64   `json:"doubling_ns"`    // null where it does not grow
	SelfShare *float64 `json:"self_share"`     // of the change, that is time of its own; null without a change
	Because   *string  `json:"because_service"`
	BecauseOp *string  `json:"because_operation"`
	Lost      int64    `json:"lost_ns"` // what the change cost all calls together
	P         float64  `json:"p"`
	Q         float64  `json:"q"`
	Windows   int      `json:"windows"`
	Window    int64    `json:"window_ns"`
	Calls     uint64   `json:"calls"`
	From      int64    `json:"from_unix_nano"`
	To        int64    `json:"to_unix_nano"`
	Tail      float64  `json:"tail_exponent"` // log₂(p99/p50)
}

func trendsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Trends(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Rows, newTrendRow)
	return &document{View: ViewTrends, Provenance: x.Provenance, Rows: rows}, nil
}

func newTrendRow(r *growth.Row) trendRow {
	row := trendRow{
		Service: r.Service, Operation: r.Operation, Kind: r.Kind.String(), Shape: string(r.Shape), Quantile: r.Quantile,
		Before: int64(math.Round(r.Before)), After: int64(math.Round(r.After)), Growth: r.Ratio(), Growth50: r.Growth50, Growth95: r.Growth95,
		SelfShare: known(r.OwnShare, r.Alarm()), Lost: r.Lost, P: r.P, Q: r.Q,
		Windows: r.Windows, Window: r.Step, Calls: r.Calls, From: r.From, To: r.To, Tail: r.Tail,
	}
	if r.Operation == "" {
		row.Kind = ""
	}
	switch r.Shape {
	case growth.Step:
		row.At = &r.At
	case growth.Grows:
		law := string(r.Law)
		row.Law, row.Doubling = &law, &r.Doubling
	}
	if r.Because != nil {
		row.Because, row.BecauseOp = &r.Because.Service, &r.Because.Operation
	}
	return row
}
