package ui

import (
	"context"

	"oteltop/aggregate"
)

func (e *fakeEngine) Suspects(_ context.Context, q aggregate.SuspectsQuery) (*aggregate.Suspects, error) {
	return &aggregate.Suspects{}, e.note(q)
}

func (e *fakeEngine) Onsets(_ context.Context, q aggregate.OnsetsQuery) (*aggregate.Onsets, error) {
	return &aggregate.Onsets{}, e.note(q)
}
