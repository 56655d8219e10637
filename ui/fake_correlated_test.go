package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Correlated(_ context.Context, q aggregate.Query) (*aggregate.Correlated, error) {
	return &aggregate.Correlated{Provenance: fakeRollups()}, e.note(q)
}
