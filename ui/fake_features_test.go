package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
)

func (e *fakeEngine) Features(_ context.Context, q aggregate.FeaturesQuery) (*aggregate.Features, error) {
	f := &aggregate.Features{Provenance: fakeRollups(), LeastTrace: fakeTrace(1), MostTrace: fakeTrace(2)}
	f.Summary = features.Summary{N: 1200, Missing: 34, P50: 1, P90: 3, P95: 4, P99: 6, Max: 7,
		Bins: []features.Bin{{Low: 0, High: 0, N: 500}, {Low: 1, High: 1, N: 420}, {Low: 2, High: 4, N: 240}, {Low: 4, High: 8, N: 40}}}
	return f, e.note(q.Query)
}

func (e *fakeEngine) Breakdown(_ context.Context, q aggregate.Query, key string) (*aggregate.Breakdown, error) {
	return &aggregate.Breakdown{Provenance: fakeRollups(), Key: key}, e.note(q)
}
