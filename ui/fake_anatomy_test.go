package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Anatomy(_ context.Context, q aggregate.Query) (*aggregate.Anatomy, error) {
	return &aggregate.Anatomy{Provenance: fakeRollups()}, e.note(q)
}
