package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Sampling(_ context.Context, q aggregate.Query) (*aggregate.Sampling, error) {
	return &aggregate.Sampling{Provenance: fakeRollups()}, e.note(q)
}
