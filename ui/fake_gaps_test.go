package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/gaps"
	"oteltop/model"
)

// fakeGaps has a hop that loses context, one with calls that nobody answered, and one with a single such call.
func fakeGaps() *aggregate.Gaps {
	return &aggregate.Gaps{Provenance: fakeRollups(), Result: gaps.Result{Traces: 4120, Pairs: []gaps.Pair{
		{Client: "frontend", Server: "shipping", Calls: 1240, Unanswered: 1240, Matched: 1235, Excused: 5, Failed: 5, Roots: 1240, RootsMatched: 1235, Chance: .02, Lost: true,
			ClientTraces: []model.TraceID{fakeTrace(20)}, ServerTraces: []model.TraceID{fakeTrace(21)}},
		{Client: "checkout", Server: "payments", Calls: 800, Unanswered: 12, Failed: 2, Chance: .1, SilentTraces: []model.TraceID{fakeTrace(22)}},
		{Client: "frontend", Server: "cart", Calls: 4000, Unanswered: 1},
	}}}
}

func (e *fakeEngine) Gaps(_ context.Context, q aggregate.Query) (*aggregate.Gaps, error) {
	return fakeGaps(), e.note(q)
}

func (e hostile) Gaps(context.Context, aggregate.Query) (*aggregate.Gaps, error) {
	x := fakeGaps()
	for i := range x.Pairs {
		x.Pairs[i].Client, x.Pairs[i].Server = hostileName, hostileName
	}
	return x, nil
}
