package report_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/model"
)

func expression(t *testing.T, text string) *filter.Expr {
	t.Helper()
	x, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// canary is 600 requests to a front and a back, of which those that meet the version v2 of the back take
// long; every other request is to another endpoint, which is slow always.
func canary() []*span {
	rng := rand.New(rand.NewPCG(1, 2))
	back := func(version string) *model.Resource {
		return &model.Resource{Service: "back", Attributes: []model.Attribute{
			{Key: "service.name", Value: model.StringValue("back")}, {Key: "service.version", Value: model.StringValue(version)},
		}}
	}
	front, v1, v2 := &model.Resource{Service: "front"}, back("v1"), back("v2")
	var out []*span
	for i := range 1200 {
		start := 1_700_000_000_000_000_000 + int64(i)*1e9
		name, resource, ms := "GET /", v1, 10+rng.Int64N(40)
		if rng.IntN(10) == 0 {
			resource, ms = v2, 500+rng.Int64N(100)
		}
		if i%2 == 1 {
			name, ms = "GET /report", 700+rng.Int64N(100)
		}
		root := model.Span{
			TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: name, Kind: model.KindServer, Start: start, End: start + ms*1e6, Resource: front,
			Attributes: []model.Attribute{{Key: "customer", Value: model.StringValue(fmt.Sprint(rng.IntN(40)))}},
		}
		child := root
		child.ID, child.Parent, child.Name, child.Resource, child.Attributes = 2, 1, "Get", resource, nil
		out = append(out, &span{fed: root}, &span{fed: child})
	}
	return out
}

func TestExplainReport(t *testing.T) {
	spans := canary()
	e := feed(spans)
	o := report.Options{Select: expression(t, `name = "GET /" && duration > 300ms`)}
	a := ask(t, e, report.ViewExplain, o)
	last := spans[len(spans)-4].fed // the trace of the other endpoint after it is in neither cohort
	wantInt(t, "provenance", a.Provenance, "from_unix_nano", spans[0].fed.Start)
	wantInt(t, "provenance", a.Provenance, "to_unix_nano", last.End)
	requireFields(t, "explain", a.Rows, "key value scope selected selected_total baseline baseline_total lower q service operation also trace_id")
	first := a.Rows[0]
	if first["key"] != "service.version" || first["value"] != "v2" || first["scope"] != "trace" || first["service"] != "back" {
		t.Errorf("first is %v", first)
	}
	// The other endpoint, as slow, is no part of the baseline.
	slow := integer(t, first, "selected_total")
	wantInt(t, "explain", first, "selected", slow)
	wantInt(t, "explain", first, "baseline", 0)
	wantInt(t, "explain", first, "baseline_total", 600-slow)
	if slow < 30 || slow > 100 {
		t.Errorf("%d slow", slow)
	}
	o.Baseline = expression(t, `name = "GET /report"`)
	for _, row := range ask(t, e, report.ViewExplain, o).Rows {
		wantInt(t, "with a baseline", row, "baseline_total", 600)
	}
	o.Limit = 1
	if n := len(ask(t, e, report.ViewExplain, o).Rows); n != 1 {
		t.Errorf("%d rows with a limit of 1", n)
	}
	// What the traces were chosen by is no news, and nothing else is special about a customer.
	o = report.Options{Select: expression(t, `customer = "7"`)}
	if a := ask(t, e, report.ViewExplain, o); len(a.Rows) > 0 {
		t.Errorf("a customer like all others: %v", a.Rows)
	}
}
