package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Hotspots(_ context.Context, q aggregate.Query) (*aggregate.Hotspots, error) {
	return &aggregate.Hotspots{Provenance: fakeRollups()}, e.note(q)
}
