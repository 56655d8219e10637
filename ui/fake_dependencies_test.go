package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Dependencies(_ context.Context, q aggregate.Query) (*aggregate.Dependencies, error) {
	return &aggregate.Dependencies{Provenance: fakeRollups(), Focus: q.Focus}, e.note(q)
}
