package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Suspects(_ context.Context, q aggregate.SuspectsQuery) (*aggregate.Suspects, error) {
	return &aggregate.Suspects{}, e.note(q)
}

func (e *fakeEngine) Findings(_ context.Context, q aggregate.FindingsQuery) (*aggregate.Findings, error) {
	return fakeFindings(), e.note(q)
}
