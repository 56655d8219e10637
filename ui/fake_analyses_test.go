package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
)

func (e *fakeEngine) Compare(_ context.Context, q aggregate.CompareQuery) (*aggregate.Comparison, error) {
	return &aggregate.Comparison{}, e.note(q)
}

func (e *fakeEngine) Profile(_ context.Context, q aggregate.Query) (*compare.Profile, error) {
	return &compare.Profile{}, e.note(q)
}
