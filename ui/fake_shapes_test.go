package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Shapes(_ context.Context, q aggregate.Query) (*aggregate.Shapes, error) {
	return &aggregate.Shapes{}, e.note(q)
}

func (e *fakeEngine) Outliers(_ context.Context, q aggregate.Query) (*aggregate.Outliers, error) {
	return &aggregate.Outliers{}, e.note(q)
}

func (e *fakeEngine) Shape(_ context.Context, q aggregate.Query, shape string) (*aggregate.Shape, error) {
	return &aggregate.Shape{}, e.note(q)
}
