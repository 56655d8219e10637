package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewHotspots is what traffic passes through: services and peers by betweenness, then edges by calls.
const ViewHotspots View = "hotspots"

// hotspotRow is a service, a peer that sends no spans, or an edge. Of an edge, everything from inner_traces on but
// calls and failed is null, and trace_share is of the requests that make such a call.
//
// betweenness_share is the share of all requests in which it is called and calls another service. failing_share is of the
// requests with an error that pass it; healthy_share how large that would be if they passed it as often as the
// requests without an error do, root operation by root operation.
type hotspotRow struct {
	Node        string   `json:"node"` // of an edge: whom it leads to
	Kind        string   `json:"kind"` // service, peer or edge
	Edge        *string  `json:"edge"` // "client → server"; null where it is no edge
	Traces      uint64   `json:"traces"`
	TraceShare  float64  `json:"trace_share"`
	Calls       uint64   `json:"calls"`
	Failed      uint64   `json:"failed"`
	CallShare   float64  `json:"call_share"` // of all calls between services
	Inner       *uint64  `json:"inner_traces"`
	Betweenness *float64 `json:"betweenness_share"`
	FanIn       *int     `json:"fan_in"` // distinct callers
	FanOut      *int     `json:"fan_out"`
	Critical    *int64   `json:"critical_ns"`    // on the critical paths of all requests
	CritShare   *float64 `json:"critical_share"` // of their duration
	Failing     *float64 `json:"failing_share"`  // null where fewer than 20 requests with an error can be compared
	Healthy     *float64 `json:"healthy_share"`
	MoreAtLeast *float64 `json:"more_at_least_share"` // lower bound of the difference, 95 %
	Q           *float64 `json:"q"`
	Chokepoint  *bool    `json:"chokepoint"`
}

func hotspotsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Hotspots(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]hotspotRow, 0, len(x.Nodes)+len(x.Edges))
	for i := range x.Nodes {
		n := &x.Nodes[i]
		row := hotspotRow{
			Node: n.Name, Kind: "service", Traces: n.Traces, TraceShare: n.TraceShare, Calls: n.Calls, Failed: n.Failed, CallShare: n.CallShare,
			Inner: &n.Inner, Betweenness: &n.Betweenness, FanIn: &n.Callers, FanOut: &n.Callees, Critical: &n.Critical, CritShare: &n.CriticalShare,
			Chokepoint: &n.Chokepoint,
		}
		if n.Peer {
			row.Kind = "peer"
		}
		if n.Tested {
			row.Failing, row.Healthy, row.MoreAtLeast, row.Q = &n.FailingShare, &n.HealthyShare, &n.MoreAtLeast, &n.Q
		}
		rows = append(rows, row)
	}
	for i := range x.Edges {
		c := &x.Edges[i]
		name := c.Client + " → " + c.Server
		rows = append(rows, hotspotRow{
			Node: c.Server, Kind: "edge", Edge: &name, Traces: c.Traces, TraceShare: c.TraceShare, Calls: c.Calls, Failed: c.Failed, CallShare: c.CallShare,
		})
	}
	return &document{View: ViewHotspots, Provenance: x.Provenance, Rows: rows}, nil
}
