package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Patterns(_ context.Context, q aggregate.Query) (*aggregate.Patterns, error) {
	return &aggregate.Patterns{Provenance: fakeRollups()}, e.note(q)
}
