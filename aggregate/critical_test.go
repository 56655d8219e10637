package aggregate_test

import (
	"context"
	"math"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// tailed is an engine over 1000 requests to GET /cart, of which one in twenty waits 200 ms longer for its
// database, makes two calls of 40 ms more to the store's cache, and is 30 ms slower itself.
func tailed(t *testing.T) *aggregate.Memory {
	t.Helper()
	s := storetest.New(nil)
	e := enginetest.Over(s)
	web, store := &model.Resource{Service: "web"}, &model.Resource{Service: "store"}
	for i := range int64(1000) {
		id := model.TraceID{Lo: uint64(i) + 1}
		jitter := i % 5 * 1e5
		at := 1e18 + i*1e9
		next := model.SpanID(2)
		var spans []model.Span
		add := func(name string, r *model.Resource, ms int64) {
			spans = append(spans, model.Span{
				TraceID: id, ID: next, Parent: 1, Name: name, Kind: model.KindClient, Start: at, End: at + ms*1e6, Resource: r, Scope: &model.Scope{},
			})
			at += ms * 1e6
			next++
		}
		own, wait, gets := int64(20), int64(50), 1
		if i%20 == 0 {
			own, wait, gets = 50, 250, 3
		}
		add("SELECT", store, wait)
		for range gets {
			add("GET", web, 40)
		}
		spans = append(spans, model.Span{
			TraceID: id, ID: 1, Name: "GET /cart", Kind: model.KindServer, Start: 1e18 + i*1e9, End: at + own*1e6 + jitter, Resource: web, Scope: &model.Scope{},
		})
		s.Add(spans...)
	}
	s.Flush()
	return e
}

// A planted tail is taken apart into what was planted.
func TestTail(t *testing.T) {
	e := tailed(t)
	x, err := e.Tail(context.Background(), aggregate.Query{})
	if err != nil || len(x.Requests) != 1 {
		t.Fatalf("%v, %+v", err, x)
	}
	r := x.Requests[0]
	if r.Operation != "GET /cart" || r.Cohorts.Slow != 50 || r.Exemplar.IsZero() {
		t.Errorf("%+v", r.Cohorts)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > math.Max(.05*want, 1) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	shares := 0.0
	for _, p := range r.Parts {
		shares += p.Share
		switch p.Path[len(p.Path)-1].Operation {
		case "SELECT":
			near("the database", p.Delta, 200e6)
			near("its calls that are slower", p.Slower, 200e6)
			near("its calls more", p.More, 0)
		case "GET":
			near("the cache", p.Delta, 80e6)
			near("its calls more", p.More, 80e6)
			near("its calls that are slower", p.Slower, 0)
		case "GET /cart":
			near("itself", p.Delta, 30e6)
		default:
			t.Errorf("%v", p.Path)
		}
	}
	if math.Abs(shares-1) > 1e-9 || len(r.Parts) != 3 || r.Parts[0].Path[1].Operation != "SELECT" {
		t.Errorf("%d parts are %v of the difference", len(r.Parts), shares)
	}
	near("the difference", r.Slow-r.Fast, 310e6)
}

// The focus decides what a request is: calls of an operation are looked at as requests of their own.
func TestCriticalOfAFocus(t *testing.T) {
	e := tailed(t)
	whole, err := e.Critical(context.Background(), aggregate.CriticalQuery{})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := e.Critical(context.Background(), aggregate.CriticalQuery{Query: aggregate.Query{Focus: aggregate.Focus{Service: "web", Operation: "GET", Kind: model.KindClient}}})
	if err != nil {
		t.Fatal(err)
	}
	if whole.Requests != 1000 || calls.Requests != 1100 || calls.Total != 1100*40e6 || len(calls.Paths) != 1 || len(whole.Paths) != 3 {
		t.Errorf("%d requests in %d paths; %d calls of %d ns in %d paths", whole.Requests, len(whole.Paths), calls.Requests, calls.Total, len(calls.Paths))
	}
	if whole.Provenance.Traces != 1000 || whole.Paths[0].Inclusive != whole.Total || whole.Paths[0].Traces != 1000 {
		t.Errorf("%+v", whole.Paths[0])
	}
	slowest, err := e.Critical(context.Background(), aggregate.CriticalQuery{Band: paths.Band{Low: 95, High: 100}})
	if err != nil || slowest.Requests != 50 || slowest.Total < 50*420e6 {
		t.Errorf("%v; %d requests of %d ns", err, slowest.Requests, slowest.Total)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Critical(ctx, aggregate.CriticalQuery{}); err == nil {
		t.Error("a cancelled question was answered")
	}
}
