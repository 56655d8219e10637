package hotspots_test

import (
	"fmt"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/hotspots"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// A trace as deep as it is long, with an error at every depth, and one whose parents go in a circle are looked at in
// time that grows with their spans.
func TestHostileTraces(t *testing.T) {
	s := storetest.New(nil)
	const depth = 4_000
	one, two := &model.Resource{Service: "one"}, &model.Resource{Service: "two"}
	var spans []model.Span
	for i := range depth {
		r := one
		if i%2 == 1 {
			r = two
		}
		span := model.Span{TraceID: model.TraceID{Lo: 1}, ID: model.SpanID(2*i + 1), Name: "x", Kind: model.KindServer, Resource: r, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 100}
		if i > 0 {
			span.Parent = model.SpanID(2*i - 1)
		}
		leaf := span
		leaf.ID, leaf.Parent, leaf.Status = span.ID+1, span.ID, model.StatusError
		spans = append(spans, span, leaf)
	}
	for i := range 3 {
		spans = append(spans, model.Span{
			TraceID: model.TraceID{Lo: 2}, ID: model.SpanID(i + 1), Parent: model.SpanID((i+1)%3 + 1), Name: "x", Kind: model.KindClient, Status: model.StatusError,
			Resource: []*model.Resource{one, two, one}[i], Scope: &model.Scope{}, Start: -1 << 62, End: 1 << 62,
		})
	}
	s.Add(spans...)
	s.Flush()
	f := hotspots.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, f.Fold)
	r := f.Result()
	if r.Traces != 2 || r.Failing != 2 || len(r.Nodes) != 2 || r.Calls < depth-1 {
		t.Errorf("%d traces, %d fail, %d nodes, %d calls", r.Traces, r.Failing, len(r.Nodes), r.Calls)
	}
	for _, n := range r.Nodes {
		if n.OnPath != 2 {
			t.Errorf("%+v", n)
		}
	}
}

// What passes the bound on services is counted.
func TestManyServices(t *testing.T) {
	modeltest.OneGoroutine(t)
	if testing.Short() {
		t.Skip("the store of tests is slow with many services")
	}
	s := storetest.New(nil)
	const services = 1<<14 + 50
	for i := range 2 {
		for k := range services / 2 {
			s.Add(model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: model.SpanID(k + 1), Name: fmt.Sprint(i), Kind: model.KindServer, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 9, Resource: &model.Resource{Service: fmt.Sprint(i, "-", k)}})
		}
	}
	s.Flush()
	f := hotspots.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, f.Fold)
	if r := f.Result(); len(r.Nodes) != 1<<14 || r.Dropped < 50 {
		t.Errorf("%d nodes, %d dropped", len(r.Nodes), r.Dropped)
	}
}
