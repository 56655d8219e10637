package aggregate_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// What was slow in the planted tail is what pays off: its median does not change, its 99th percentile does.
func TestWhatIf(t *testing.T) {
	e := tailed(t)
	ctx := context.Background()
	now, err := e.Critical(ctx, aggregate.CriticalQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range now.Operations {
		x, err := e.WhatIf(ctx, aggregate.WhatIfQuery{Operation: row.Service + "/" + row.Operation, Factor: .5})
		if err != nil || len(x.Requests) != 1 || len(x.Operations) == 0 {
			t.Fatalf("%s: %v, %+v", row.Operation, err, x)
		}
		r := x.Requests[0]
		if r.Requests != 1000 || r.Calling == 0 || r.Gained < 0 || r.Gained > r.Most+1 || r.After.P99 > r.Before.P99 {
			t.Errorf("%s: %+v", row.Operation, r)
		}
		same, err := e.WhatIf(ctx, aggregate.WhatIfQuery{Service: row.Service, Operation: row.Operation, Factor: 1})
		if err != nil || same.Requests[0].Before != same.Requests[0].After || same.Requests[0].Changed != 0 || !same.Requests[0].Exemplar.IsZero() {
			t.Errorf("%s: nothing changed, %v, %+v", row.Operation, err, same.Requests[0])
		}
		slower, err := e.WhatIf(ctx, aggregate.WhatIfQuery{Service: row.Service, Operation: row.Operation, Factor: 3})
		if err != nil || slower.Requests[0].Gained > 0 || slower.Requests[0].After.P50 < r.Before.P50 {
			t.Errorf("%s: slower, %v, %+v", row.Operation, err, slower.Requests[0])
		}
	}
	// The database takes 250 of 420 ms in one of twenty requests, and 50 of 110 ms in the others.
	x, err := e.WhatIf(ctx, aggregate.WhatIfQuery{Operation: "store/SELECT", Factor: .2})
	if err != nil || x.Requests[0].Before.P50 != 110.2*1e6 || x.Requests[0].After.P50 != 70.2*1e6 || x.Requests[0].Before.P99 != 420e6 || x.Requests[0].After.P99 != 220e6 || x.Requests[0].Doubtful != 0 {
		t.Errorf("%v, %+v", err, x.Requests)
	}
	for _, q := range []aggregate.WhatIfQuery{
		{Factor: .5}, {Service: "web", Factor: -1}, {Service: "web", Factor: math.NaN()}, {Service: "web", Factor: 1e9},
	} {
		if _, err := e.WhatIf(ctx, q); !errors.Is(err, aggregate.ErrWhatIf) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if x, err := e.WhatIf(ctx, aggregate.WhatIfQuery{Service: "nobody", Factor: .5}); err != nil || len(x.Requests) != 0 || len(x.Operations) != 0 {
		t.Errorf("nobody: %v, %+v", err, x)
	}
}

// All of a request's services without any time leave what nobody spent: nothing, where calls follow each other.
func TestWhatIfOfAService(t *testing.T) {
	e := tailed(t)
	x, err := e.WhatIf(context.Background(), aggregate.WhatIfQuery{Service: "web", Factor: 0})
	if err != nil || len(x.Requests) != 1 {
		t.Fatal(err, x)
	}
	one, err := e.WhatIf(context.Background(), aggregate.WhatIfQuery{
		Query: aggregate.Query{Focus: aggregate.Focus{Service: "web", Operation: "GET", Kind: model.KindClient}}, Service: "web", Operation: "GET", Factor: 0,
	})
	if err != nil || len(one.Requests) != 1 || one.Requests[0].Kind != model.KindClient || one.Requests[0].After.P99 >= one.Requests[0].Before.P99 {
		t.Fatalf("%v, %+v", err, one)
	}
	slow, err := e.Critical(context.Background(), aggregate.CriticalQuery{Band: paths.Band{}})
	if err != nil {
		t.Fatal(err)
	}
	var web float64
	for _, op := range slow.Operations {
		if op.Service == "web" {
			web += float64(op.Critical)
		}
	}
	if r := x.Requests[0]; math.Abs(r.Most*float64(r.Requests)-web) > 1e3 || r.Gained > r.Most {
		t.Errorf("gained %v, at most %v, of %v ns", r.Gained, r.Most, web/float64(r.Requests))
	}
}

// Opening a trace says which hops of its critical path other traces contradict, and what is left of each span.
func TestSingleTraceAmongOthers(t *testing.T) {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	web := &model.Resource{Service: "web"}
	trace := func(id uint64, calls ...[2]int64) {
		spans := []model.Span{{TraceID: model.TraceID{Lo: id}, ID: 1, Name: "GET /", Kind: model.KindServer, Start: 1e18, End: 1e18 + 100, Resource: web, Scope: &model.Scope{}}}
		for i, c := range calls {
			spans = append(spans, model.Span{
				TraceID: model.TraceID{Lo: id}, ID: model.SpanID(i + 2), Parent: 1, Name: string(rune('a' + i)), Kind: model.KindClient,
				Start: 1e18 + c[0], End: 1e18 + c[1], Resource: web, Scope: &model.Scope{},
			})
		}
		s.Add(spans...)
	}
	trace(1, [2]int64{0, 40}, [2]int64{50, 60}, [2]int64{70, 90}, [2]int64{0, 30})
	for id := range uint64(20) {
		trace(id+2, [2]int64{0, 10}, [2]int64{20, 60}, [2]int64{40 + 30*int64(id%2), 90})
	}
	s.Flush()
	v, err := e.Trace(context.Background(), model.TraceID{Lo: 1})
	if err != nil {
		t.Fatal(err)
	}
	name := func(node int32) string { return v.Trace.Spans[v.Trace.Tree.Nodes[node].Span].Name }
	if len(v.Doubts) != 1 || name(v.Doubts[0].Node) != "c" || name(v.Doubts[0].Before) != "b" || v.Doubts[0].Count != (order.Count{Held: 11, Broken: 10}) {
		t.Errorf("doubts %+v", v.Doubts)
	}
	for node, want := range map[string][2]int64{"GET /": {0, 100}, "a": {0, 10}, "b": {0, 10}, "c": {0, 20}, "d": {10, 0}} {
		for i := range v.Trace.Tree.Nodes {
			if name(int32(i)) == node && (v.Single.Slack[i] != want[0] || v.Single.Drag[i] != want[1]) {
				t.Errorf("%s: slack %d, drag %d, want %v", node, v.Single.Slack[i], v.Single.Drag[i], want)
			}
		}
	}
}
