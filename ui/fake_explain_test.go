package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/explain"
	"oteltop/model"
)

// fakeExplanation has a row of every kind.
func fakeExplanation() *aggregate.Explanation {
	row := func(r explain.Row) explain.Row {
		r.SelectedTotal, r.BaselineTotal, r.Exemplar = 312, 40_579, fakeTrace(7)
		return r
	}
	return &aggregate.Explanation{
		Provenance: aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 903_112, Traces: 40_891, Of: 1_234_567},
		Selected:   312, SelectedOf: 312, Baseline: 20_000, BaselineOf: 40_579, Comparisons: 6700, Passed: 23,
		Rows: []explain.Row{
			row(explain.Row{Scope: explain.ScopeTrace, Service: "payments", Key: "service.version", Value: "2.1.0", Selected: 296, Baseline: 1203,
				Lower: 0.887, Q: 1e-40, AlsoCount: 4, Also: []string{"payments host.name=p7", "payments k8s.pod.name=payments-7d9f"}}),
			row(explain.Row{Scope: explain.ScopeTrace, Service: "payments", Operation: "charge", Kind: model.KindClient, Key: explain.KeyPath, Selected: 280, Baseline: 811,
				Steps: []explain.Step{{Service: "frontend", Operation: "GET /checkout"}, {Service: "checkout", Operation: "place order"}, {Service: "payments", Operation: "charge"}},
				Value: "frontend GET /checkout → checkout place order → payments charge", Lower: 0.83, Q: 1e-30}),
			row(explain.Row{Scope: explain.ScopeSpan, Key: "http.request.header.content_type", Value: "application/json", Selected: 150, Baseline: 6087, Lower: 0.271, Q: 0.0004}),
			row(explain.Row{Scope: explain.ScopeResource, Key: "k8s.pod.name", Absent: true, Selected: 31, Baseline: 812, Lower: 0.051, Q: 0.013}),
			row(explain.Row{Scope: explain.ScopeSpan, Key: "cart.items", Numeric: true, AUC: 0.81, SelectedMedian: 48, BaselineMedian: 12, Selected: 312, Baseline: 40_579, Lower: 0.31, Q: 0.002}),
			row(explain.Row{Scope: explain.ScopeTrace, Service: "payments", Operation: "charge", Kind: model.KindClient, Key: explain.KeyCritical, Value: "payments charge",
				Numeric: true, AUC: 0.93, SelectedMedian: 0.61, BaselineMedian: 0.04, SelectedTime: 634e6, BaselineTime: 22e6, Selected: 300, Baseline: 1800, Lower: 0.8, Q: 0}),
			row(explain.Row{Scope: explain.ScopeSpan, Key: "user.id", Value: "u-81234", IDLike: true, Selected: 9, Baseline: 3, Lower: 0.013, Q: 0.02}),
		},
	}
}

func (e *fakeEngine) Explain(_ context.Context, q aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	if e.unremarkable {
		return &aggregate.Explanation{Selected: 312, SelectedOf: 312, Baseline: 40_579, BaselineOf: 40_579, Comparisons: 6700}, e.note(q)
	}
	return fakeExplanation(), e.note(q)
}

func (e hostile) Explain(ctx context.Context, q aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	x, err := e.fakeEngine.Explain(ctx, q)
	for i := range x.Rows {
		x.Rows[i].Service, x.Rows[i].Key, x.Rows[i].Value = hostileName, hostileName, hostileName
		x.Rows[i].Also = append(x.Rows[i].Also, hostileName)
	}
	return x, err
}
