package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Contention(_ context.Context, q aggregate.Query) (*aggregate.Contention, error) {
	return &aggregate.Contention{Provenance: fakeRollups()}, e.note(q)
}
