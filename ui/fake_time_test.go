package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Critical(_ context.Context, q aggregate.CriticalQuery) (*aggregate.Critical, error) {
	return &aggregate.Critical{}, e.note(q)
}

func (e *fakeEngine) Tail(_ context.Context, q aggregate.Query) (*aggregate.Tail, error) {
	return &aggregate.Tail{}, e.note(q)
}
