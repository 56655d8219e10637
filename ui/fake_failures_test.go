package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Origins(_ context.Context, q aggregate.Query) (*aggregate.Origins, error) {
	return &aggregate.Origins{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) ErrorGroups(_ context.Context, q aggregate.Query) (*aggregate.ErrorGroups, error) {
	return &aggregate.ErrorGroups{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Retries(_ context.Context, q aggregate.Query) (*aggregate.Retries, error) {
	return &aggregate.Retries{Provenance: fakeRollups()}, e.note(q)
}
