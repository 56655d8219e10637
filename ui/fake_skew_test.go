package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Skew(_ context.Context, q aggregate.Query) (*aggregate.Skew, error) {
	return &aggregate.Skew{Provenance: fakeRollups()}, e.note(q)
}
