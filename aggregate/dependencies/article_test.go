package dependencies_test

import (
	"fmt"
	"slices"
	"testing"

	"oteltop/aggregate/dependencies"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
)

// builder makes traces of servers that call servers.
type builder struct {
	*storetest.Store
	trace     uint64
	next      model.SpanID
	resources map[string]*model.Resource
	spans     []model.Span
}

func newBuilder() *builder {
	return &builder{Store: storetest.New(nil), trace: 1, resources: map[string]*model.Resource{}}
}

// span adds one; parent 0 is a root.
func (b *builder) span(parent model.SpanID, service, name string, kind model.Kind, attributes ...model.Attribute) model.SpanID {
	r, ok := b.resources[service]
	if !ok {
		r = &model.Resource{Service: service}
		b.resources[service] = r
	}
	b.next++
	b.spans = append(b.spans, model.Span{
		TraceID: model.TraceID{Lo: b.trace}, ID: b.next, Parent: parent, Name: name, Kind: kind,
		Start: 1000 + int64(b.next), End: 1_000_000, Attributes: attributes, Resource: r, Scope: &model.Scope{},
	})
	return b.next
}

// call is n server spans.
func (b *builder) call(parent model.SpanID, service string, n int) []model.SpanID {
	ids := make([]model.SpanID, n)
	for i := range ids {
		ids[i] = b.span(parent, service, "serve", model.KindServer)
	}
	return ids
}

// end stores the trace, its spans in an order.
func (b *builder) end(order func(spans []model.Span)) {
	if order != nil {
		order(b.spans)
	}
	b.Add(b.spans...)
	b.spans = nil
	b.trace++
}

func (b *builder) explore(f dependencies.Focal) *dependencies.Result {
	e := dependencies.NewExplorer(f, requesttest.Peer(b))
	requesttest.Each(b, e.Fold)
	return e.Result(b.Names())
}

func relative(rows []dependencies.Relative, service string) dependencies.Relative {
	i := slices.IndexFunc(rows, func(r dependencies.Relative) bool { return r.Service == service && r.Operation == "" })
	if i < 0 {
		return dependencies.Relative{}
	}
	return rows[i]
}

// routes writes service-level paths as "A>B 10".
func routes(paths []dependencies.Path) []string {
	var out []string
	for _, p := range paths {
		text := ""
		for _, s := range p.Steps {
			text += ">" + s.Service
		}
		out = append(out, fmt.Sprintf("%s %d", text[1:], p.Calls))
	}
	slices.Sort(out)
	return out
}

// article is the smallest tree that has all figures of the service dependency explorer in Dan Luu's "A simple
// way to get more value from tracing", whichever of the services is selected:
//
//	C 20×, D 4×     B is called 10 times; beneath it are 200 calls of C and 40 of D
//	110 RPCs to D   so 70 more, not beneath B
//	3 unique paths  to D: A>B>D (40), A>D (40) and A>E>D (30)
//	2.1k caused     2,100 RPCs beneath B, and 2,100 beneath D
//
// What else B and D cause is left open, so it is leaves, of a service F: 2,100 beneath D are 19 for each of its
// 110 calls and 10 more, here for ten of those beneath B. These are 40·19+10 = 770 beneath B, which leaves
// 2,100−200−40−770 = 1,090 for C: 5 for each call and 90 more.
func article() *builder {
	b := newBuilder()
	root := b.call(0, "A", 1)[0]
	extraC, extraD := 90, 10
	callD := func(parent model.SpanID, n int) {
		for _, d := range b.call(parent, "D", n) {
			more := min(extraD, 1)
			extraD -= more
			b.call(d, "F", 19+more)
		}
	}
	for _, id := range b.call(root, "B", 10) {
		for _, c := range b.call(id, "C", 20) {
			more := min(extraC, 1)
			extraC -= more
			b.call(c, "F", 5+more)
		}
		callD(id, 4)
	}
	callD(root, 40)
	callD(b.call(root, "E", 1)[0], 30)
	return b
}

func TestArticle(t *testing.T) {
	b := article()
	b.end(nil)
	r := b.explore(dependencies.Focal{Name: "B"})
	c, d := relative(r.Below, "C"), relative(r.Below, "D")
	if r.Calls != 10 || r.Caused != 2100 || c.Calls != 200 || c.Amplification != 20 || d.Calls != 40 || d.Amplification != 4 {
		t.Errorf("B: %d calls cause %d; C %d %g×, D %d %g×", r.Calls, r.Caused, c.Calls, c.Amplification, d.Calls, d.Amplification)
	}
	if got := routes(r.Routes); !slices.Equal(got, []string{"A>B 10"}) {
		t.Errorf("to B: %q", got)
	}
	r = b.explore(dependencies.Focal{Name: "D"})
	if r.Calls != 110 || r.Caused != 2100 || len(r.Routes) != 3 {
		t.Errorf("%d RPCs to D cause %d", r.Calls, r.Caused)
	}
	if got := routes(r.Routes); !slices.Equal(got, []string{"A>B>D 40", "A>D 40", "A>E>D 30"}) {
		t.Errorf("to D: %q", got)
	}
	want := []dependencies.Caller{{Service: "A", Calls: 40, Share: 40. / 110}, {Service: "B", Calls: 40, Share: 40. / 110}, {Service: "E", Calls: 30, Share: 30. / 110}}
	if !slices.Equal(r.Callers, want) {
		t.Errorf("callers of D: %+v", r.Callers)
	}
	above := relative(r.Above, "B")
	if above.Calls != 10 || above.Distance != 1 || above.Frequency.Present != 40 || relative(r.Above, "A").Farthest != 1 {
		t.Errorf("above D: %+v", above)
	}
	// Selecting F keeps those that contribute to it.
	by := relative(r.Below, "F").By
	if len(by) != 3 || by[0].Service != "B" || by[0].Beneath != 770 || by[0].Mean != 19.25 || by[1].Beneath != 760 || by[2].Beneath != 570 {
		t.Errorf("F is called by D for %+v", by)
	}
}
