package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// The views of where time goes.
const (
	// ViewCritical is the critical paths of all requests in scope, merged by call path.
	ViewCritical View = "critical"
	// ViewProfile is what operations cost the requests in scope: work (self time) and latency (critical path).
	ViewProfile View = "profile"
	// ViewTail is what makes slow requests slower than ordinary ones.
	ViewTail View = "tail"
)

// pathRow is a call path, depth first. exclusive_ns of all rows sum to the duration of all requests; share is
// of that sum. traces and requests have the path on a critical path, present_requests at all.
type pathRow struct {
	Path      []string `json:"path"` // "service operation", from the request to here
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Kind      string   `json:"kind"`
	Depth     int      `json:"depth"`
	Traces    uint64   `json:"traces"`
	Requests  uint64   `json:"requests"`
	Present   uint64   `json:"present_requests"`
	Share     float64  `json:"share"`
	Exclusive int64    `json:"exclusive_ns"`
	Inclusive int64    `json:"inclusive_ns"` // with all paths that extend it
	Self      int64    `json:"self_ns"`      // on the critical path or not
	Calls     uint64   `json:"calls"`
	OnPath    uint64   `json:"critical_calls"`
	TraceIDs  []string `json:"trace_ids"` // those with most exclusive time, one request each
}

func criticalView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	c, err := e.Critical(ctx, aggregate.CriticalQuery{Query: q, Band: o.Band})
	if err != nil {
		return nil, err
	}
	rows := make([]pathRow, len(c.Paths))
	for i := range c.Paths {
		p := &c.Paths[i]
		rows[i] = pathRow{
			Path: []string{stepText(p.Place)}, Service: p.Service, Operation: p.Operation, Kind: p.Kind.String(), Depth: p.Depth,
			Traces: p.Traces, Requests: p.Requests, Present: p.Present, Share: p.Share, Exclusive: p.Exclusive, Inclusive: p.Inclusive,
			Self: p.Self, Calls: p.Calls, OnPath: p.OnPath, TraceIDs: exemplarIDs(p.Slowest),
		}
		if p.Parent >= 0 {
			above := rows[p.Parent].Path
			rows[i].Path = append(above[:len(above):len(above)], rows[i].Path...)
		}
	}
	return &document{View: ViewCritical, Provenance: c.Provenance, Rows: rows}, nil
}

func stepText(s model.Place) string { return s.Service + " " + s.Operation }

func exemplarIDs(of []paths.Exemplar) []string {
	ids := []string{}
	for _, x := range of {
		ids = append(ids, idText(x.Trace))
	}
	return ids
}

// costRow is what an operation costs the requests in scope, wherever it stands in them; with --by what a service or
// a category of spans costs. Quantiles are of its
// self time per request that has it.
type costRow struct {
	Service      string  `json:"service"`
	Operation    string  `json:"operation"`
	Kind         string  `json:"kind"`
	Category     string  `json:"category"` // with --by category only: server, internal, call, database or messaging
	Calls        uint64  `json:"calls"`
	Errors       uint64  `json:"errors"`
	Requests     uint64  `json:"requests"` // with such a span
	Critical     int64   `json:"critical_ns"`
	LatencyShare float64 `json:"latency_share"` // of the duration of all requests
	Self         int64   `json:"self_ns"`
	WorkShare    float64 `json:"work_share"` // of the self time of all spans
	P50          int64   `json:"self_p50_ns"`
	P95          int64   `json:"self_p95_ns"`
	P99          int64   `json:"self_p99_ns"`
}

func profileView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	c, err := e.Critical(ctx, aggregate.CriticalQuery{Query: q, Band: o.Band, By: aggregate.CostBy(o.By)})
	if err != nil {
		return nil, err
	}
	rows := make([]costRow, len(c.Operations))
	for i, o := range c.Operations {
		rows[i] = costRow{
			Service: o.Service, Operation: o.Operation, Kind: o.Kind.String(), Category: o.Category, Calls: o.Calls, Errors: o.Errors, Requests: o.Requests,
			Critical: o.Critical, LatencyShare: o.LatencyShare, Self: o.Self, WorkShare: o.WorkShare, P50: o.P50, P95: o.P95, P99: o.P99,
		}
		if o.Operation == "" {
			rows[i].Kind = ""
		}
	}
	return &document{View: ViewProfile, Provenance: c.Provenance, Rows: rows}, nil
}

// tailRow is the part of a call path in the difference between the slow and the fast requests of a kind:
// those of at least tail_from_ns and those of at most the median. Means are ns per request, on the critical
// path. The delta_share of all rows of a kind sum to 1.
type tailRow struct {
	RootService   string   `json:"root_service"`
	RootOperation string   `json:"root_operation"`
	Path          []string `json:"path"`
	Service       string   `json:"service"`
	Operation     string   `json:"operation"`
	Delta         float64  `json:"delta_ns"`
	Low           float64  `json:"delta_low_ns"` // 95 % interval
	High          float64  `json:"delta_high_ns"`
	Share         float64  `json:"delta_share"`
	More          float64  `json:"more_calls_ns"`
	Slower        float64  `json:"slower_calls_ns"`
	Fast          float64  `json:"fast_mean_ns"`
	Slow          float64  `json:"slow_mean_ns"`
	CallsFast     float64  `json:"fast_calls_per_request"`
	CallsSlow     float64  `json:"slow_calls_per_request"`
	FastRequests  uint64   `json:"fast_requests"`
	SlowRequests  uint64   `json:"slow_requests"`
	RootFast      float64  `json:"root_fast_mean_ns"`
	RootSlow      float64  `json:"root_slow_mean_ns"`
	TailFrom      int64    `json:"tail_from_ns"`
	Percentile    float64  `json:"tail_percentile"`
	TraceIDs      []string `json:"trace_ids"`
}

func tailView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	t, err := e.Tail(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := []tailRow{}
	for i := range t.Requests {
		r := &t.Requests[i]
		for k := range r.Parts {
			p := &r.Parts[k]
			last := p.Path[len(p.Path)-1]
			row := tailRow{
				RootService: r.Service, RootOperation: r.Operation, Service: last.Service, Operation: last.Operation,
				Delta: p.Delta, Low: p.Low, High: p.High, Share: p.Share, More: p.More, Slower: p.Slower, Fast: p.Fast, Slow: p.Slow,
				CallsFast: p.CallsFast, CallsSlow: p.CallsSlow, FastRequests: r.Cohorts.Fast, SlowRequests: r.Cohorts.Slow,
				RootFast: r.Fast, RootSlow: r.Slow, TailFrom: r.Cohorts.Tail, Percentile: r.Cohorts.Percentile, TraceIDs: exemplarIDs(p.Slowest),
			}
			for _, s := range p.Path {
				row.Path = append(row.Path, stepText(s))
			}
			rows = append(rows, row)
		}
	}
	return &document{View: ViewTail, Provenance: t.Provenance, Rows: rows}, nil
}
