// What the engine of tests answers where a test only needs that it was asked: analyses that found nothing.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
)

func (e *fakeEngine) Contention(_ context.Context, q aggregate.Query) (*aggregate.Contention, error) {
	return &aggregate.Contention{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Correlated(_ context.Context, q aggregate.Query) (*aggregate.Correlated, error) {
	return &aggregate.Correlated{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Costs(_ context.Context, q aggregate.Query) (*aggregate.Costs, error) {
	return &aggregate.Costs{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Dependencies(_ context.Context, q aggregate.Query) (*aggregate.Dependencies, error) {
	return &aggregate.Dependencies{Provenance: fakeRollups(), Focus: q.Focus}, e.note(q)
}

func (e *fakeEngine) Origins(_ context.Context, q aggregate.Query) (*aggregate.Origins, error) {
	return &aggregate.Origins{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) ErrorGroups(_ context.Context, q aggregate.Query) (*aggregate.ErrorGroups, error) {
	return &aggregate.ErrorGroups{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Retries(_ context.Context, q aggregate.Query) (*aggregate.Retries, error) {
	return &aggregate.Retries{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Hotspots(_ context.Context, q aggregate.Query) (*aggregate.Hotspots, error) {
	return &aggregate.Hotspots{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Patterns(_ context.Context, q aggregate.Query) (*aggregate.Patterns, error) {
	return &aggregate.Patterns{Provenance: fakeRollups()}, e.note(q)
}

func (e *fakeEngine) Sessions(_ context.Context, q aggregate.SessionsQuery) (*aggregate.Sessions, error) {
	return &aggregate.Sessions{Provenance: fakeRollups()}, e.note(q.Query)
}

func (e *fakeEngine) Critical(_ context.Context, q aggregate.CriticalQuery) (*aggregate.Critical, error) {
	return &aggregate.Critical{}, e.note(q)
}

func (e *fakeEngine) Tail(_ context.Context, q aggregate.Query) (*aggregate.Tail, error) {
	return &aggregate.Tail{}, e.note(q)
}

func (e *fakeEngine) WhatIf(_ context.Context, q aggregate.WhatIfQuery) (*aggregate.WhatIf, error) {
	return &aggregate.WhatIf{}, e.note(q)
}

func (e *fakeEngine) Profile(_ context.Context, q aggregate.Query) (*compare.Profile, error) {
	return &compare.Profile{}, e.note(q)
}

func (e *fakeEngine) Suspects(_ context.Context, q aggregate.SuspectsQuery) (*aggregate.Suspects, error) {
	return &aggregate.Suspects{}, e.note(q)
}
