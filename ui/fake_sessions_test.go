package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Sessions(_ context.Context, q aggregate.SessionsQuery) (*aggregate.Sessions, error) {
	return &aggregate.Sessions{Provenance: fakeRollups()}, e.note(q.Query)
}
