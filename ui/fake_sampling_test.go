package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/sampling"
	"oteltop/model"
)

// fakeSampling has operations that say how likely their spans were kept, and one that does not.
func fakeSampling() *aggregate.Sampling {
	return &aggregate.Sampling{Provenance: fakeRollups(), Evicted: 331_455, Result: sampling.Result{
		Operations: []sampling.Operation{
			{Service: "frontend", Name: "GET /", Kind: model.KindServer, Seen: 4000, Told: 4000, Estimate: 40_000, Least: .1, Most: .1},
			{Service: "cart", Name: "HGET", Kind: model.KindClient, Seen: 9000, Told: 9000, Estimate: 36_000, Least: .25, Most: .25},
			{Service: "payments", Name: "charge", Kind: model.KindServer, Seen: 700, Estimate: 700, Least: 1, Most: 1},
		},
		Total: sampling.Operation{Seen: 13_700, Told: 13_000, Estimate: 76_700, Least: .1, Most: .25}, Traces: 4120, LeafServer: 12,
		LeafSample: []model.TraceID{fakeTrace(40)},
	}}
}

func (e *fakeEngine) Sampling(_ context.Context, q aggregate.Query) (*aggregate.Sampling, error) {
	return fakeSampling(), e.note(q)
}

func (e hostile) Sampling(context.Context, aggregate.Query) (*aggregate.Sampling, error) {
	x := fakeSampling()
	for i := range x.Operations {
		x.Operations[i].Service, x.Operations[i].Name = hostileName, hostileName
	}
	return x, nil
}
