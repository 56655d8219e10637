package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/patterns"
)

// ViewPatterns is calls that requests need not make, or not one after the other.
const ViewPatterns View = "patterns"

// patternRow is a pattern in one place, the one that could save the most first. kind is n_plus_one, serial (calls
// one after the other that could be made side by side), fan_out, duplicates, cycle, or deep (requests with more spans
// on one way down than all but one in a thousand; calls_max are these spans, width the services entered), or
// cross_region (calls that leave the region of their caller: path is the two regions, or zones, and what is lost is the
// time on the way; served_here says whether the caller's region has the operation, too).
//
// harmed_requests are those that it costs at least 50 ms and 5 %. save_ns is what could be saved at most, never more than
// critical_ns, the part of time_ns that is on the critical path. calls are per occurrence, per_caller of all callers
// that make such a call at all. Of a chain whose calls may depend on each other, independent is false.
type patternRow struct {
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	Service     string   `json:"service"` // the caller
	Operation   string   `json:"operation"`
	OpKind      string   `json:"operation_kind"`
	Within      *string  `json:"within"` // operation inside of which the calls are made
	Call        *string  `json:"call"`
	Peer        *string  `json:"peer"`
	Protocol    *string  `json:"protocol"`
	Statement   *string  `json:"statement"` // or route, values left out
	Path        []string `json:"path"`      // services of a cycle, calls of a chain, two regions; null for others
	Requests    uint64   `json:"requests"`
	Harmed      uint64   `json:"harmed_requests"`
	Of          uint64   `json:"of_requests"` // in which the caller makes calls
	Share       float64  `json:"request_share"`
	Calls       int      `json:"calls_p50"`
	CallsP95    int      `json:"calls_p95"`
	CallsMax    int      `json:"calls_max"`
	PerCaller   *int     `json:"per_caller_p50"`
	PerP95      *int     `json:"per_caller_p95"`
	PerMax      *int     `json:"per_caller_max"`
	Width       *int     `json:"width"`           // most calls at work at the same time
	Straggler   *float64 `json:"straggler_ratio"` // of a fan-out: slowest over median call
	Grows       *float64 `json:"grows_rho"`       // Spearman's of calls and the caller's duration; null below 20 callers
	GrowsP      *float64 `json:"grows_p"`
	Sourced     float64  `json:"sourced_share"` // right after a read of something else: the list of the items
	Independent *bool    `json:"independent"`   // of a chain
	Cache       bool     `json:"cache"`
	Across      bool     `json:"across_services"`
	ServedHere  *bool    `json:"served_here"` // of a call that leaves its region
	Time        int64    `json:"time_ns"`
	Critical    int64    `json:"critical_ns"`
	Save        int64    `json:"save_ns"`
	TimeP50     int64    `json:"time_p50_ns"` // of an occurrence
	SaveP50     int64    `json:"save_p50_ns"`
	RequestP50  int64    `json:"request_p50_ns"`
	Select      string   `json:"select"` // a filter; empty where none is known
	TraceIDs    []string `json:"trace_ids"`
	SpanIDs     []string `json:"span_ids"` // parallel: the first call, of a fan-out the slowest
}

func patternsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Patterns(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]patternRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		row := patternRow{
			Kind: string(r.Kind), Title: r.Title(), Service: r.Service, Operation: r.Operation, OpKind: r.OpKind.String(), Within: present(r.Within, r.Within != ""),
			Call: present(r.Call, r.Call != ""), Peer: present(r.Peer, r.Peer != ""), Protocol: present(r.Protocol, r.Protocol != ""),
			Statement: present(r.Statement, r.Statement != ""), Path: r.Path, Requests: r.Requests, Harmed: r.Harmed, Of: r.Of,
			Share: float64(r.Requests) / float64(max(r.Of, 1)), Calls: r.Calls, CallsP95: r.CallsP95, CallsMax: r.CallsMax,
			PerCaller: present(r.PerCallerP50, r.PerCallerMax > 0), PerP95: present(r.PerCallerP95, r.PerCallerMax > 0), PerMax: present(r.PerCallerMax, r.PerCallerMax > 0),
			Width: present(r.Width, r.Width > 0), Straggler: present(r.Straggler, r.Straggler > 0), Grows: present(r.Grows, r.GrowsP < 1), GrowsP: present(r.GrowsP, r.GrowsP < 1),
			Sourced: r.Sourced, Independent: present(r.Independent, r.Kind == "serial"), Cache: r.Cache, Across: r.AcrossService, ServedHere: present(r.ServedHere, r.Kind == patterns.CrossRegion),
			Time: r.Time, Critical: r.Critical, Save: r.Save, TimeP50: r.TimeP50, SaveP50: r.SaveP50, RequestP50: r.RootP50, Select: r.Filter(),
			TraceIDs: []string{}, SpanIDs: []string{},
		}
		for _, x := range r.Examples {
			row.TraceIDs, row.SpanIDs = append(row.TraceIDs, idText(x.Trace)), append(row.SpanIDs, x.Span.String())
		}
		rows = append(rows, row)
	}
	return &document{View: ViewPatterns, Provenance: x.Provenance, Rows: rows}, nil
}

// present is a value, null where there is none.
func present[T any](v T, ok bool) *T {
	if !ok {
		return nil
	}
	return &v
}
