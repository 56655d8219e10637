package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Explain(_ context.Context, q aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	return &aggregate.Explanation{}, e.note(q)
}
