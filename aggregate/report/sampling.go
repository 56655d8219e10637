package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/sampling"
)

// ViewSampling is what the spans that arrived stand for: everything first, then operations by their estimate.
const ViewSampling View = "sampling"

// samplingRow is seen n, ≈N, of an operation; the first row is of everything, with the traces: there service and
// operation are empty, and the figures from traces on are not null.
//
// Spans say the probability with which they were kept in their trace state (ot=th); those that do not count once.
type samplingRow struct {
	Service     string  `json:"service"`
	Operation   string  `json:"operation"`
	Kind        string  `json:"kind"`
	Seen        uint64  `json:"seen"`
	Estimated   float64 `json:"estimated"` // about how many spans there were
	Probability float64 `json:"probability_share"`
	Told        uint64  `json:"with_threshold"`
	Malformed   uint64  `json:"malformed_threshold"`
	Least       float64 `json:"least_probability_share"`
	Most        float64 `json:"most_probability_share"`

	Traces      *uint64  `json:"traces"`
	Mixed       *uint64  `json:"mixed_traces"`  // with spans of different probabilities
	Partly      *uint64  `json:"partly_traces"` // some spans tell it, some do not
	LeafClient  *uint64  `json:"client_started_traces"`
	LeafServer  *uint64  `json:"remote_started_traces"` // begin at a server that says that its parent is remote
	Headless    *uint64  `json:"headless_traces"`       // no root, and the first span says that its parent is remote
	LeafShare   *float64 `json:"leaf_started_share"`
	Refused     *uint64  `json:"refused"` // spans and requests
	Evicted     *uint64  `json:"evicted"` // spans
	MixedTraces []string `json:"mixed_trace_ids"`
	LeafTraces  []string `json:"leaf_trace_ids"`
}

func samplingView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Sampling(ctx, q)
	if err != nil {
		return nil, err
	}
	all := newSamplingRow(&x.Total)
	all.Kind = ""
	share := 0.0
	if x.Traces > 0 {
		share = float64(x.LeafStarted()) / float64(x.Traces)
	}
	all.Traces, all.Mixed, all.Partly, all.LeafClient, all.LeafServer, all.Headless = &x.Traces, &x.Mixed, &x.Partly, &x.LeafClient, &x.LeafServer, &x.Headless
	all.LeafShare, all.Refused, all.Evicted = &share, &x.Refused, &x.Evicted
	all.MixedTraces, all.LeafTraces = idTexts(x.MixedSample), idTexts(x.LeafSample)
	rows := []samplingRow{all}
	for i := range x.Operations {
		rows = append(rows, newSamplingRow(&x.Operations[i]))
	}
	return &document{View: ViewSampling, Provenance: x.Provenance, Rows: rows}, nil
}

func newSamplingRow(o *sampling.Operation) samplingRow {
	return samplingRow{
		Service: o.Service, Operation: o.Name, Kind: o.Kind.String(), Seen: o.Seen, Estimated: o.Estimate, Probability: o.Probability(),
		Told: o.Told, Malformed: o.Malformed, Least: o.Least, Most: o.Most, MixedTraces: []string{}, LeafTraces: []string{},
	}
}
