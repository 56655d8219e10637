package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model"
)

// fakeComparison has changes of most kinds, and call paths of every class.
func fakeComparison() *aggregate.Comparison {
	part := 0.82
	op := func(service, name string, k model.Kind) compare.Operation {
		return compare.Operation{Service: service, Name: name, Kind: k}
	}
	rank, charge := op("recommendation", "rank candidates", model.KindInternal), op("payments", "charge", model.KindServer)
	change := func(c compare.Change) compare.Change {
		if c.Before > 0 {
			c.Ratio = c.After / c.Before
		}
		if c.TracesAfter == 0 {
			c.TracesBefore, c.TracesAfter = 1150, 1203
		}
		c.Exemplar, c.ExemplarBefore = fakeTrace(3), fakeTrace(4)
		return c
	}
	return &aggregate.Comparison{
		Provenance: aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 48_112, Traces: 2353, Of: 1_234_567},
		Passed:     8, Comparisons: 812, Before: 1150, After: 1203, TreeOf: 43,
		Changes: []compare.Change{
			change(compare.Change{Kind: compare.LatencyShift, Operation: rank, Before: 12.1e6, After: 84e6, Lower: 0.41, Q: 1e-12, Origin: true, Critical: 61e6, CriticalShare: &part}),
			change(compare.Change{Kind: compare.Calls, Operation: charge, Client: "checkout", Path: []string{"frontend GET /checkout", "checkout place order", "payments charge"},
				At: 4, Before: 1, After: 4, Lower: 0.3, Q: 0.0002, Origin: true}),
			change(compare.Change{Kind: compare.NewOperation, Operation: op("fraud", "check", model.KindServer), After: 0.54, Lower: 0.5, Origin: true}),
			change(compare.Change{Kind: compare.NewError, Operation: charge, Error: "timeout", After: 0.031, Lower: 0.02, Q: 0.004, Origin: true, TracesBefore: 4400, TracesAfter: 4812}),
			change(compare.Change{Kind: compare.Errors, Operation: op("checkout", "place order", model.KindServer), Before: 0.004, After: 0.035, Lower: 0.021, Q: 0.011}),
			change(compare.Change{Kind: compare.LatencyTail, Operation: op("frontend", "GET /checkout", model.KindServer), Before: 0.01, After: 0.12, Lower: 0.08, Q: 0.002}),
			change(compare.Change{Kind: compare.NewEdge, Operation: compare.Operation{Service: "fraud"}, Client: "payments", After: 0.54, Lower: 0.5}),
			change(compare.Change{Kind: compare.VanishedOperation, Operation: op("cart", "HGET", model.KindClient), Before: 0.2, Lower: 0.18}),
		},
		Unsure: []compare.Change{
			change(compare.Change{Kind: compare.NewOperation, Operation: op("checkout", "refund", model.KindServer), After: 0.0017, Lower: 0.0001, Q: 0.31, Origin: true}),
		},
		UnsurePassed: 1,
		Tree: []compare.Node{
			{Operation: op("frontend", "GET /checkout", model.KindServer), At: 1, TracesBefore: 1150, TracesAfter: 1203, OfBefore: 1150, OfAfter: 1203, CallsBefore: 1, CallsAfter: 1,
				SelfBefore: 3e6, SelfAfter: 3.1e6, CriticalBefore: 3e6, CriticalAfter: 3.1e6, BelowBefore: 40e6, BelowAfter: 130e6, Class: compare.Same},
			{Operation: op("checkout", "place order", model.KindServer), At: 2, Depth: 1, TracesBefore: 1150, TracesAfter: 1203, OfBefore: 1150, OfAfter: 1203, CallsBefore: 1, CallsAfter: 1,
				SelfBefore: 2e6, SelfAfter: 2e6, CriticalBefore: 2e6, CriticalAfter: 2e6, BelowBefore: 30e6, BelowAfter: 120e6, Class: compare.Same},
			{Operation: rank, At: 3, Depth: 2, TracesBefore: 1150, TracesAfter: 1203, OfBefore: 1150, OfAfter: 1203, CallsBefore: 1, CallsAfter: 1.01,
				SelfBefore: 11e6, SelfAfter: 80e6, CriticalBefore: 11e6, CriticalAfter: 72e6, BelowBefore: 11e6, BelowAfter: 72e6, Class: compare.Same},
			{Operation: charge, At: 4, Depth: 2, TracesBefore: 1150, TracesAfter: 1203, OfBefore: 1150, OfAfter: 1203, CallsBefore: 1, CallsAfter: 4,
				SelfBefore: 5e6, SelfAfter: 20e6, CriticalBefore: 5e6, CriticalAfter: 19e6, BelowBefore: 5e6, BelowAfter: 25e6, Class: compare.More},
			{Operation: op("fraud", "check", model.KindServer), At: 5, Depth: 3, TracesAfter: 650, OfBefore: 1150, OfAfter: 1203, CallsAfter: 0.54,
				SelfAfter: 6e6, CriticalAfter: 6e6, BelowAfter: 6e6, Class: compare.Added},
			{Operation: op("cart", "HGET", model.KindClient), At: 6, Depth: 2, TracesBefore: 230, OfBefore: 1150, OfAfter: 1203, CallsBefore: 0.2,
				SelfBefore: 1e6, CriticalBefore: 1e6, BelowBefore: 1e6, Class: compare.Removed},
			{Operation: op("catalog", "list", model.KindServer), At: 7, Depth: 1, TracesBefore: 1150, TracesAfter: 1203, OfBefore: 1150, OfAfter: 1203, CallsBefore: 1, CallsAfter: 1,
				SelfBefore: 2e6, SelfAfter: 2.1e6, CriticalBefore: 2e6, CriticalAfter: 2.1e6, BelowBefore: 2e6, BelowAfter: 2.1e6, Class: compare.Same},
		},
	}
}

func (e *fakeEngine) Compare(_ context.Context, q aggregate.CompareQuery) (*aggregate.Comparison, error) {
	if e.unremarkable {
		return &aggregate.Comparison{Before: 1150, After: 1203, Comparisons: 812, Tree: fakeComparison().Tree[:1], TreeOf: 1}, e.note(q)
	}
	return fakeComparison(), e.note(q)
}

func (e *fakeEngine) Releases(context.Context) ([]aggregate.Release, error) { return e.releases, nil }

func (e hostile) Compare(ctx context.Context, q aggregate.CompareQuery) (*aggregate.Comparison, error) {
	x, err := e.fakeEngine.Compare(ctx, q)
	for i := range x.Changes {
		x.Changes[i].Service, x.Changes[i].Name, x.Changes[i].Client, x.Changes[i].Error = hostileName, hostileName, hostileName, hostileName
	}
	for i := range x.Tree {
		x.Tree[i].Service, x.Tree[i].Name = hostileName, hostileName
	}
	return x, err
}
