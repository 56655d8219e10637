package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Trends(_ context.Context, q aggregate.Query) (*aggregate.Trends, error) {
	return &aggregate.Trends{Provenance: fakeRollups()}, e.note(q)
}
