package report

import (
	"context"
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/failures"
	"oteltop/aggregate/stats"
)

// The views of what fails: where errors begin, of what kinds they are, what is tried again.
const (
	ViewOrigins View = "origins"
	ViewErrors  View = "errors"
	ViewRetries View = "retries"
)

// originRow is where errors of a type begin; rows stand by the requests that fail because of them. A request
// counts once for an origin, by how the gravest of its errors there ends: user_visible_requests fail themselves
// because of it; absorbed_requests have a span above that is no error; in async_requests nobody waited; in
// lost_requests a span above is missing, or it ended at the root of another part of the trace.
//
// saved_least_ns and saved_most_ns are what saved_requests together would gain if the calls that failed with these errors,
// and attempts of which another followed, had not been made: for sure (only what is known to wait for them begins
// earlier), and at best (all that followed them does, and without the pause before another attempt). saved_work_ns is
// what ran in them, whether anyone waited or not. Requests that are the error themselves are left out. Each row stands
// for its own errors, so rows do not add up.
type originRow struct {
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Kind      string          `json:"kind"`
	Peer      string          `json:"peer"`        // whom the span calls; empty for none
	Type      string          `json:"error_type"`  // empty: nothing tells
	Source    string          `json:"type_source"` // where the type was read
	Errors    uint64          `json:"errors"`      // spans
	Requests  uint64          `json:"requests"`
	Visible   uint64          `json:"user_visible_requests"`
	Absorbed  uint64          `json:"absorbed_requests"`
	Async     uint64          `json:"async_requests"`
	Lost      uint64          `json:"lost_requests"`
	Roots     []failedRootRow `json:"roots"`
	Length    float64         `json:"mean_length"` // spans with an error from here to the first without
	Hops      float64         `json:"mean_hops"`   // from service to service
	MaxHops   int             `json:"max_hops"`
	Depth     float64         `json:"mean_depth"` // the root's is 1
	Saved     uint64          `json:"saved_requests"`
	Gaining   uint64          `json:"gaining_requests"` // of which gain anything for sure
	Least     int64           `json:"saved_least_ns"`
	Most      int64           `json:"saved_most_ns"`
	Work      int64           `json:"saved_work_ns"`
	First     int64           `json:"first_unix_nano"`
	Last      int64           `json:"last_unix_nano"`
	Verdict   string          `json:"verdict"` // of the first trace; empty beyond the first 100 rows
	Select    string          `json:"select"`
	TraceIDs  []string        `json:"trace_ids"`
}

// failedRootRow is a kind of request that fails because of an origin.
type failedRootRow struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	Visible   uint64 `json:"user_visible_requests"`
	Failed    uint64 `json:"failed_requests"` // for any reason
	Requests  uint64 `json:"requests"`        // of that kind
}

// String is what a table shows.
func (r failedRootRow) String() string {
	return fmt.Sprintf("%s %s %d/%d", r.Service, r.Operation, r.Visible, r.Requests)
}

// failingRow is what errors did at an operation. resilience_share is that of the errors handed to it which it stops;
// null where none was.
type failingRow struct {
	Service    string   `json:"service"`
	Operation  string   `json:"operation"`
	Kind       string   `json:"kind"`
	Spans      uint64   `json:"spans"`
	Errors     uint64   `json:"errors"`
	Self       uint64   `json:"self"`
	Propagated uint64   `json:"propagated"`
	Stopped    uint64   `json:"stopped"`
	Affected   uint64   `json:"affected"` // errors below that it did not wait for
	Resilience *float64 `json:"resilience_share"`
}

// chainRow is an operation on the ways of errors to the roots of requests, depth first.
type chainRow struct {
	Depth     int    `json:"depth"` // 0: the root
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	Errors    uint64 `json:"errors"`
	Begin     uint64 `json:"begin"` // of these, how many begin here
	TraceID   string `json:"trace_id"`
}

// depthRow is what errors did at a depth (the root's is 1), and how many errors go through as many spans.
type depthRow struct {
	Depth      int    `json:"depth"`
	Self       uint64 `json:"self"`
	Propagated uint64 `json:"propagated"`
	Stopped    uint64 `json:"stopped"`
	OfLength   uint64 `json:"of_length"`
}

// failureTables are further tables of ViewOrigins.
type failureTables struct {
	Operations []failingRow `json:"operations"`
	Chains     []chainRow   `json:"chains"`
	Depths     []depthRow   `json:"depths"`
}

// errorRow is the errors of an operation and type. change is new, increasing or steady: whether more of the requests
// that pass the operation have the error after since_unix_nano than before. What is new comes first.
type errorRow struct {
	Service     string   `json:"service"`
	Operation   string   `json:"operation"`
	Kind        string   `json:"kind"`
	Type        string   `json:"error_type"`
	Source      string   `json:"type_source"`
	Message     string   `json:"message"` // of one of them, as it was
	Errors      uint64   `json:"errors"`  // spans
	Begin       uint64   `json:"begin"`   // of which begin here
	Requests    uint64   `json:"requests"`
	Failed      uint64   `json:"failed_requests"` // that are errors themselves
	Of          uint64   `json:"of_requests"`     // that pass the operation
	Share       float64  `json:"request_share"`
	First       int64    `json:"first_unix_nano"`
	Last        int64    `json:"last_unix_nano"`
	Change      string   `json:"change"`
	Over        bool     `json:"over"`            // it has stopped
	Since       *int64   `json:"since_unix_nano"` // null where there was too little to compare
	BeforeShare *float64 `json:"before_share"`
	AfterShare  *float64 `json:"after_share"`
	MoreAtLeast *float64 `json:"more_at_least_share"` // lower bound of the difference, 95 %
	Q           *float64 `json:"q"`
	Trend       []uint32 `json:"trend"` // requests with the error, in stretches of equally many requests
	Select      string   `json:"select"`
	TraceIDs    []string `json:"trace_ids"`
}

// retryRow is the calls of an operation to a callee of which some are sent again. A logical call is what was wanted,
// an attempt each time that it was sent; only what follows a failure is a retry.
type retryRow struct {
	Client         string   `json:"client"`
	Operation      string   `json:"operation"`
	Kind           string   `json:"kind"`
	Callee         string   `json:"callee"`
	Served         string   `json:"callee_operation"` // empty: it sends no spans
	Attempts       uint64   `json:"attempts"`
	Logical        uint64   `json:"logical_calls"`
	Retries        uint64   `json:"retries"`
	Redirects      uint64   `json:"redirects"`
	Authentication uint64   `json:"authentication_resends"`
	Other          uint64   `json:"other_resends"`
	Amplification  float64  `json:"amplification_ratio"` // attempts by logical call, retries only
	Peak           *float64 `json:"peak_amplification_ratio"`
	PeakAt         *int64   `json:"peak_unix_nano"` // null without ten retries in any sixteenth of the requests
	Retried        uint64   `json:"retried_calls"`
	Recovered      uint64   `json:"recovered_calls"` // succeeded in the end
	Most           int      `json:"most_attempts"`   // of one call
	FailedTime     int64    `json:"failed_attempts_ns"`
	Backoff        int64    `json:"backoff_ns"`
	Wasted         int64    `json:"wasted_ns"`
	Requests       uint64   `json:"requests"`        // with a retry
	Failing        uint64   `json:"failed_requests"` // of which are errors themselves
	First          *int64   `json:"first_unix_nano"` // null without a retry
	Last           *int64   `json:"last_unix_nano"`
	Storm          *float64 `json:"storm_ratio"` // attempts at the end of a path that ends here for each call at its beginning; null: no storm
	StormPath      []string `json:"storm_path"`
	Select         string   `json:"select"`
	TraceIDs       []string `json:"trace_ids"`
}

func originsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Origins(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]originRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		row := originRow{
			Service: r.Service, Operation: r.Operation, Kind: r.Kind.String(), Peer: r.Peer, Type: r.Type, Source: r.Source.String(),
			Errors: r.Errors, Requests: r.Traces, Visible: r.Visible, Absorbed: r.Absorbed, Async: r.Async, Lost: r.Lost, Roots: []failedRootRow{},
			Length: r.MeanLength, Hops: r.MeanHops, MaxHops: r.MaxHops, Depth: r.MeanDepth, First: r.First, Last: r.Last,
			Saved: r.Saving.Requests, Gaining: r.Saving.Gaining, Least: r.Saving.Least, Most: r.Saving.Most, Work: r.Saving.Work,
			Select: r.Select, TraceIDs: failedIDs(r.Exemplars), Verdict: x.Verdicts[i],
		}
		for _, root := range r.Roots {
			row.Roots = append(row.Roots, failedRootRow{root.Service, root.Operation, root.Kind.String(), root.Visible, root.Failed, root.Traces})
		}
		rows = append(rows, row)
	}
	return &document{View: ViewOrigins, Provenance: x.Provenance, Rows: rows, failureTables: newFailureTables(&x.OriginsResult)}, nil
}

func failedIDs(list []failures.Exemplar) []string {
	ids := make([]string, 0, len(list))
	for i := range list {
		ids = append(ids, idText(list[i].Trace))
	}
	return ids
}

func newFailureTables(x *failures.OriginsResult) *failureTables {
	t := &failureTables{Operations: []failingRow{}, Chains: []chainRow{}, Depths: []depthRow{}}
	for _, o := range x.Operations {
		t.Operations = append(t.Operations, failingRow{
			Service: o.Service, Operation: o.Operation, Kind: o.Kind.String(), Spans: o.Spans, Errors: o.Errors(), Self: o.Self, Propagated: o.Propagated,
			Stopped: o.Stopped, Affected: o.Affected, Resilience: known(o.Resilience(), o.Stopped+o.Propagated > 0),
		})
	}
	for _, c := range x.Chains {
		t.Chains = append(t.Chains, chainRow{c.Depth, c.Service, c.Operation, c.Kind.String(), c.Errors, c.Begin, idText(c.Exemplar.Trace)})
	}
	for i := range max(len(x.Depths), len(x.Lengths)) {
		row := depthRow{Depth: i + 1}
		if i < len(x.Depths) {
			row.Self, row.Propagated, row.Stopped = x.Depths[i].Self, x.Depths[i].Propagated, x.Depths[i].Stopped
		}
		if i < len(x.Lengths) {
			row.OfLength = x.Lengths[i]
		}
		t.Depths = append(t.Depths, row)
	}
	return t
}

func errorsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.ErrorGroups(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]errorRow, 0, len(x.Rows))
	for i := range x.Rows {
		g := &x.Rows[i]
		row := errorRow{
			Service: g.Service, Operation: g.Operation, Kind: g.Kind.String(), Type: g.Type, Source: g.Source.String(), Message: g.Message,
			Errors: g.Spans, Begin: g.Begin, Requests: g.Traces, Failed: g.Failed, Of: g.Of, Share: stats.Ratio(g.Traces, g.Of), First: g.First, Last: g.Last,
			Change: string(g.Change), Over: g.Over, Trend: g.Counts, Select: g.Select, TraceIDs: failedIDs(g.Exemplars),
		}
		if g.Since != 0 {
			row.Since, row.Q = &g.Since, &g.Q
			row.BeforeShare, row.AfterShare, row.MoreAtLeast = known(stats.Ratio(g.Before, g.BeforeOf), true), known(stats.Ratio(g.After, g.AfterOf), true), &g.MoreAtLeast
		}
		rows = append(rows, row)
	}
	return &document{View: ViewErrors, Provenance: x.Provenance, Rows: rows}, nil
}

func retriesView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Retries(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]retryRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		row := retryRow{
			Client: r.Client, Operation: r.Operation, Kind: r.Kind.String(), Callee: r.Callee, Served: r.Served, Attempts: r.Attempts, Logical: r.Logical,
			Retries: r.Retries, Redirects: r.Redirects, Authentication: r.Authentication, Other: r.Other, Amplification: r.Amplification,
			Retried: r.Retried, Recovered: r.Recovered, Most: r.Most, FailedTime: r.Failed, Backoff: r.Backoff, Wasted: r.Wasted(),
			Requests: r.Traces, Failing: r.Failing, StormPath: []string{}, Select: r.Select, TraceIDs: failedIDs(r.Exemplars),
		}
		if r.Retries > 0 {
			row.First, row.Last = &r.First, &r.Last
		}
		if r.Peak.From != 0 {
			row.Peak, row.PeakAt = &r.Peak.Amplification, &r.Peak.From
		}
		row.storm(r, x.Storms)
		rows = append(rows, row)
	}
	return &document{View: ViewRetries, Provenance: x.Provenance, Rows: rows}, nil
}

// storm notes the storm that ends at a row.
func (row *retryRow) storm(r *failures.RetryRow, storms []failures.Storm) {
	for i := range storms {
		s := &storms[i]
		if last := &s.Path[len(s.Path)-1]; last.Client != r.Client || last.Operation != r.Operation || last.Callee != r.Callee || last.Kind != r.Kind {
			continue
		}
		row.Storm = &s.Product
		for k := range s.Path {
			row.StormPath = append(row.StormPath, s.Path[k].Client)
		}
		row.StormPath = append(row.StormPath, r.Callee)
		return
	}
}
