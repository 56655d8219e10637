package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
)

// twoEndpoints is an engine over 400 requests, one a second: of the even ones, to GET /a, those from the
// west take long, one in ten; of the odd ones, to GET /b, all do. From the 300th on, GET /a calls the back twice.
func twoEndpoints(t *testing.T) *aggregate.Memory {
	t.Helper()
	s := storetest.New(nil)
	e := enginetest.Over(s)
	front, back := &model.Resource{Service: "front"}, &model.Resource{Service: "back"}
	for i := range int64(400) {
		start, ms, name, region := i*1e9+1e18, 20+i%7, "GET /a", "east"
		if i%20 == 0 {
			ms, region = 300+i%7, "west"
		}
		if i%2 == 1 {
			ms, name = 310+i%7, "GET /b"
		}
		id := model.TraceID{Lo: uint64(i) + 1}
		span := func(k int64, name string, r *model.Resource) model.Span {
			x := model.Span{TraceID: id, ID: model.SpanID(k + 1), Name: name, Kind: model.KindServer, Resource: r, Scope: &model.Scope{}}
			x.Start, x.End = start+k*5e6, start+k*5e6+4e6
			if k == 0 {
				x.End = start + ms*1e6
				x.Attributes = []model.Attribute{
					{Key: "region", Value: model.StringValue(region)}, {Key: "n", Value: model.StringValue(fmt.Sprint(i % 7))},
				}
			} else {
				x.Parent = 1
			}
			return x
		}
		s.Add(span(0, name, front), span(1, "Get", back))
		if i%2 == 0 && i >= 300 {
			s.Add(span(2, "Get", back))
		}
	}
	s.Flush()
	return e
}

// A part of the heatmap is explained against the rest of the same endpoint, by a selection as by a filter.
func TestExplainSelections(t *testing.T) {
	e := twoEndpoints(t)
	slow := &aggregate.Selection{MinDur: 200e6}
	ofA := aggregate.Query{Focus: aggregate.Focus{Service: "front", Operation: "GET /a", Kind: model.KindServer}}
	for name, q := range map[string]aggregate.ExplainQuery{
		"selection in a focus":   {Query: ofA, Selection: slow},
		"selection and filter":   {Selection: slow, Select: parse(t, `name = "GET /a"`)},
		"filter":                 {Select: parse(t, `name = "GET /a" && duration > 200ms`)},
		"filter in a filter":     {Query: aggregate.Query{Filter: parse(t, `name = "GET /a"`)}, Select: parse(t, "duration > 200ms")},
		"filter against another": {Select: parse(t, `name = "GET /a" && duration > 200ms`), Against: parse(t, `name = "GET /a"`)},
	} {
		x, err := e.Explain(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if x.Selected != 20 || x.Baseline != 180 || len(x.Rows) == 0 {
			t.Errorf("%s: %+v", name, x)
			continue
		}
		if r := x.Rows[0]; r.Key != "region" || r.Value != "west" || r.Selected != 20 || r.Baseline != 0 || r.Exemplar.IsZero() {
			t.Errorf("%s: first is %+v", name, r)
		}
	}
	x, err := e.Explain(context.Background(), aggregate.ExplainQuery{Query: aggregate.Query{Window: aggregate.Window{From: 1e18 + 200e9}}, Select: parse(t, `region = "west"`)})
	if err != nil || x.Selected != 10 || x.Baseline != 90 {
		t.Errorf("the second half: %+v, %v", x, err)
	}
	if x, err := e.Explain(context.Background(), aggregate.ExplainQuery{}); err != nil || len(x.Rows) > 0 || x.Selected != 0 {
		t.Errorf("nothing selected: %+v, %v", x, err)
	}
}

// Questions that differ in anything are not answered with each other's answers.
func TestExplainTellsQuestionsApart(t *testing.T) {
	e := twoEndpoints(t)
	ctx := context.Background()
	ask := func(selected, against string) *aggregate.Explanation {
		t.Helper()
		q := aggregate.ExplainQuery{Select: parse(t, selected)}
		if against != "" {
			q.Against = parse(t, against)
		}
		x, err := e.Explain(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	const a, b = `{ name = "GET /a" }`, `{ name = "GET /b" }`
	if x := ask(a, b); x.Selected != 200 || x.Baseline != 200 {
		t.Errorf("a against b: %+v", x)
	}
	if x := ask(a, ""); x.Selected != 200 || x.Baseline != 0 {
		t.Errorf("all of an endpoint has nothing to be compared with: %+v", x)
	}
	if x, y := ask(`region = "west"`, a), ask(`region = "west"`, a); x != y || x.Baseline != 180 {
		t.Errorf("asked twice: %p, %p: %+v", x, y, x)
	}
}

// Every way to say what the baseline is finds the second call.
func TestCompareBaselines(t *testing.T) {
	e := twoEndpoints(t)
	ctx := context.Background()
	const turn = 1e18 + 300e9
	before := aggregate.Query{Window: aggregate.Window{To: turn}}
	after := aggregate.Query{Window: aggregate.Window{From: turn}}
	saved, err := e.Profile(ctx, before)
	if err != nil {
		t.Fatal(err)
	}
	window := after
	window.Baseline = aggregate.Window{From: 1e18 + 100e9, To: turn}
	for name, c := range map[string]struct {
		q      aggregate.CompareQuery
		traces uint64 // before
	}{
		"time":   {aggregate.CompareQuery{At: turn}, 300},
		"saved":  {aggregate.CompareQuery{Query: after, Saved: saved}, 300},
		"window": {aggregate.CompareQuery{Query: window}, 200},
	} {
		x, err := e.Compare(ctx, c.q)
		if err != nil {
			t.Fatal(err)
		}
		if x.Before != c.traces || x.After != 100 || len(x.Changes) != 1 {
			t.Fatalf("%s: %+v", name, x)
		}
		if k := x.Changes[0]; k.Kind != "calls" || k.Service != "back" || k.Before != 1 || k.After != 2 || k.TracesAfter != 50 {
			t.Errorf("%s: %+v", name, k)
		}
	}
	x, err := e.Compare(ctx, aggregate.CompareQuery{Against: parse(t, `name = "GET /b"`)})
	if err != nil || x.Before != 200 || x.After != 200 || len(x.Changes) == 0 {
		t.Errorf("against a filter: %+v, %v", x, err)
	}
	if _, err := e.Compare(ctx, aggregate.CompareQuery{}); !errors.Is(err, aggregate.ErrBaseline) {
		t.Errorf("without a baseline: %v", err)
	}
}
