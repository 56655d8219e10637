package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Features(_ context.Context, q aggregate.FeaturesQuery) (*aggregate.Features, error) {
	return &aggregate.Features{Provenance: fakeRollups()}, e.note(q.Query)
}

func (e *fakeEngine) Breakdown(_ context.Context, q aggregate.Query, key string) (*aggregate.Breakdown, error) {
	return &aggregate.Breakdown{Provenance: fakeRollups(), Key: key}, e.note(q)
}
