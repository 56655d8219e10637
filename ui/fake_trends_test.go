package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/growth"
	"oteltop/model"
)

func (e *fakeEngine) Trends(_ context.Context, q aggregate.Query) (*aggregate.Trends, error) {
	frontend := model.Place{Service: "frontend", Operation: "GET /frontend/{id}", Kind: model.KindServer}
	catalog := model.Place{Service: "catalog", Operation: "GET /catalog/{id}", Kind: model.KindServer}
	return &aggregate.Trends{Provenance: fakeRollups(), Rows: []growth.Row{
		{Place: catalog, Windows: 60, Step: 5e9, Calls: 7200, Shape: growth.Grows, Quantile: .95, Before: 12e6, After: 48e6, Doubling: 150e9, OwnShare: .97, Lost: 91e9, Q: 1e-8},
		{Place: model.Place{Service: "cart"}, Windows: 60, Step: 5e9, Calls: 900, Shape: growth.Step, Quantile: .5, Before: 2e6, After: 3e6, At: epoch.UnixNano() - 90e9, OwnShare: .8, Lost: 1e9, Q: 3e-4},
		{Place: frontend, Windows: 60, Step: 5e9, Calls: 12000, Shape: growth.Grows, Quantile: .95, Before: 40e6, After: 75e6, Doubling: 300e9, Because: &catalog, Q: 2e-5},
		{Place: model.Place{Service: "shipping"}, Windows: 60, Step: 5e9, Calls: 600, Quantile: .5, Before: 5e6, After: 5e6, Growth50: 1, Growth95: 1.02, Q: .8},
	}}, e.note(q)
}
