package report

import (
	"context"
	"math"

	"oteltop/aggregate"
)

// ViewContention is what may be slow because it is busy.
const ViewContention View = "contention"

// contentionRow is an operation on a resource: of a service on its instances, by self time, or of its calls on a peer
// that sends no spans, by duration. What is contended comes first, by lost_ns, then the rest by rho.
//
// busy_p50_ns is of the quarter of the spans that began with the most others in flight, busy_in_flight or more with
// themselves; quiet_p50_ns of the quarter that began with the fewest, quiet_in_flight or fewer. What cannot be tested,
// because the number in flight hardly varies, is no row: the note counts it. slower_ratio is busy_p50_ns by
// quiet_p50_ns; per_one_ratio is what one more in flight comes with within short stretches of time, their trend
// taken out. What is contended is slower by both.
type contentionRow struct {
	Resource    string   `json:"resource"`
	Service     string   `json:"service"`
	Operation   string   `json:"operation"`
	Kind        string   `json:"kind"`
	Contended   bool     `json:"contended"`
	Slower      float64  `json:"slower_ratio"`
	Busy        float64  `json:"busy_in_flight"`
	BusyP50     int64    `json:"busy_p50_ns"`
	Quiet       float64  `json:"quiet_in_flight"`
	QuietP50    int64    `json:"quiet_p50_ns"`
	Lost        int64    `json:"lost_ns"` // by the busy quarter, beyond quiet_p50_ns
	Rho         float64  `json:"rho"`     // Spearman's, in flight against time taken, within stretches
	ArrivalsRho float64  `json:"arrivals_rho"`
	PerOne      float64  `json:"per_one_ratio"`
	P           float64  `json:"p"`
	Q           float64  `json:"q"`
	Spans       int      `json:"spans"`     // compared, at most one of each trace
	Stretches   int      `json:"stretches"` // of time
	InFlight    float64  `json:"in_flight"` // on average
	Little      float64  `json:"little_in_flight"`
	TraceIDs    []string `json:"trace_ids"` // the slowest of the busy quarter
}

func contentionView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Contention(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]contentionRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		rows = append(rows, contentionRow{
			Resource: r.Resource, Service: r.Service, Operation: r.Operation, Kind: r.Kind.String(), Contended: r.Contended, Lost: r.Lost,
			Rho: r.Rho, ArrivalsRho: r.RhoArrive, PerOne: r.PerOne, P: r.P, Q: r.Q, Spans: r.Spans, Stretches: r.Stretches,
			InFlight: r.InFlight, Little: r.Little, TraceIDs: idTexts(r.Traces),
			Slower: r.Ratio(), Busy: r.Busy, Quiet: r.Quiet, BusyP50: int64(math.Round(r.BusyNs)), QuietP50: int64(math.Round(r.QuietNs)),
		})
	}
	return &document{View: ViewContention, Provenance: x.Provenance, Rows: rows}, nil
}
