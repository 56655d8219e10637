package aggregate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/findings"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

func trustKinds() []findings.Kind {
	return []findings.Kind{findings.PropagationGap, findings.ClockSkew, findings.MissingSpans, findings.PartialSampling}
}

// Of 15,000 traces of the demo without faults the only finding is right: the clock of shipping's machine is 4 ms ahead.
// Its spans are moved back by that in every trace, all alike, and no others.
func TestDemoHasOneWrongClock(t *testing.T) {
	modeltest.Statistic(t)
	e := ringEngine(t, healthyDemo(3))
	ctx := context.Background()
	titles := kindTitles(t, e, trustKinds()...)
	if len(titles) != 1 || !strings.HasPrefix(titles[0], "the clock of node-5 (shop/shipping) is 4.") && !strings.HasPrefix(titles[0], "the clock of node-5 (shipping) is ") {
		t.Fatalf("%q", titles)
	}
	list, err := e.Traces(ctx, aggregate.TracesQuery{Query: aggregate.Query{Filter: parse(t, `service = "shipping"`)}, Limit: 20})
	if err != nil || len(list.Rows) == 0 {
		t.Fatal(list, err)
	}
	for _, row := range list.Rows {
		v, err := e.Trace(ctx, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		x := v.Trace
		if x.SkewHalf == nil {
			t.Fatalf("%v is not corrected", row.ID)
		}
		for i, n := range x.Tree.Nodes {
			if n.Span < 0 {
				continue
			}
			s := &x.Spans[n.Span]
			switch {
			case s.Resource.Service == "shipping" && (x.Skew[i] > -3e6 || x.Skew[i] < -5e6 || x.SkewHalf[i] < 0):
				t.Errorf("%s is moved by %d ± %d ns", s.Name, x.Skew[i], x.SkewHalf[i])
			case s.Resource.Service != "shipping" && x.Skew[i] != 0:
				t.Errorf("%s of %s is moved by %d ns", s.Name, s.Resource.Service, x.Skew[i])
			}
		}
	}
}

// Ten hours of recorded traces: 0 findings in 19,569 traces.
func TestRecordedTrafficIsTrusted(t *testing.T) {
	modeltest.Statistic(t)
	if testing.Short() {
		t.Skip("reads 484,000 spans")
	}
	e, _ := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	if got := kindTitles(t, e, trustKinds()...); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// A trace of hosts of which few calls are known is corrected by what it says itself.
func TestLonelyHostsKeepTheRuleForSingleTraces(t *testing.T) {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	host := func(name string) *model.Resource {
		return &model.Resource{Service: name, Attributes: []model.Attribute{{Key: "host.name", Value: model.StringValue(name)}}}
	}
	a, b, c := host("a"), host("b"), host("c")
	for i := range int64(30) {
		at := int64(1e18) + i*1e9
		id := model.TraceID{Lo: uint64(i) + 1}
		// b is 5 ms ahead, and a call takes at least 0.2 ms there and as much back; the last one a lot more.
		back := 2e5 + i*1e4
		if i == 29 {
			back = 3e6
		}
		s.Add(
			model.Span{TraceID: id, ID: 1, Name: "call", Kind: model.KindClient, Resource: a, Start: at, End: at + 10e6},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: "serve", Kind: model.KindServer, Resource: b, Start: at + 2e5 + i*1e4 + 5e6, End: at + 10e6 - back + 5e6},
		)
	}
	id := model.TraceID{Lo: 30}
	at := int64(1e18 + 29e9)
	s.Add(
		model.Span{TraceID: id, ID: 3, Parent: 2, Name: "call", Kind: model.KindClient, Resource: b, Start: at + 7e6, End: at + 11e6},
		model.Span{TraceID: id, ID: 4, Parent: 3, Name: "serve", Kind: model.KindServer, Resource: c, Start: at, End: at + 2e6},
		model.Span{TraceID: id, ID: 5, Parent: 2, Name: "inner", Kind: model.KindInternal, Resource: &model.Resource{Service: "b"}, Start: at + 7e6, End: at + 8e6},
	)
	s.Flush()
	v, err := e.Trace(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := map[model.SpanID]string{}
	for i, n := range v.Trace.Tree.Nodes {
		got[v.Trace.Spans[n.Span].ID] = fmt.Sprint(v.Trace.Skew[i], " ", v.Trace.SkewHalf[i])
	}
	// Of span 4: its parent begins at 2 ms by a's clock, and it is centred there.
	want := map[model.SpanID]string{1: "0 0", 2: "-5000000 200000", 3: "-5000000 200000", 4: "3000000 -1", 5: "-5000000 200000"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if raw, _ := s.Trace(id); slices.Equal(raw.Skew, v.Trace.Skew) || raw.SkewHalf != nil {
		t.Error("the trace alone says as much, or that of the store was changed")
	}
}

// Of nothing there is nothing to say.
func TestTrustOfEmptyStore(t *testing.T) {
	e := enginetest.Over(storetest.New(nil))
	ctx := context.Background()
	if x, err := e.Trust(ctx, aggregate.Query{}); err != nil || len(x.Services) != 0 {
		t.Error(x, err)
	}
	if x, err := e.Skew(ctx, aggregate.Query{}); err != nil || len(x.Pairs) != 0 {
		t.Error(x, err)
	}
	if x, err := e.Gaps(ctx, aggregate.Query{}); err != nil || len(x.Pairs) != 0 {
		t.Error(x, err)
	}
	if x, err := e.Sampling(ctx, aggregate.Query{}); err != nil || x.Total.Probability() != 1 {
		t.Error(x, err)
	}
}

// The trace state of OTLP goes the whole way: wire, ring, estimate.
func TestSamplingOfTheRing(t *testing.T) {
	ring := store.New(store.Options{})
	e := enginetest.Over(ring)
	if _, err := ring.Append(sampledRequest(t)); err != nil {
		t.Fatal(err)
	}
	ring.Flush()
	x, err := e.Sampling(context.Background(), aggregate.Query{})
	if err != nil || x.Total.Seen != 3 || x.Total.Estimate != 2+4+1 || x.Mixed != 1 || x.LeafServer != 1 || !strings.Contains(x.Provenance.Note, "begin at a client") {
		t.Errorf("%+v, %v", x, err)
	}
}

// sampledRequest has two traces: of a server and a client kept with p of 1/2 and 1/4, and of a server whose parent is
// remote, but not named.
func sampledRequest(t *testing.T) []byte {
	t.Helper()
	span := func(trace, id byte, parent []byte, kind otlp.Span_SpanKind, state string, flags uint32) *otlp.Span {
		return &otlp.Span{TraceId: append(make([]byte, 15), trace), SpanId: append(make([]byte, 7), id), ParentSpanId: parent, Name: "work", Kind: kind,
			StartTimeUnixNano: 1e18, EndTimeUnixNano: 1e18 + 1e6, TraceState: state, Flags: flags}
	}
	raw, err := proto.Marshal(&otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{ScopeSpans: []*otlp.ScopeSpans{{Spans: []*otlp.Span{
		span(1, 1, nil, otlp.Span_SPAN_KIND_SERVER, "ot=th:8", 0x101),
		span(1, 2, append(make([]byte, 7), 1), otlp.Span_SPAN_KIND_CLIENT, "v=1,ot=th:c;rv:fedcba98765432", 0x101),
		span(2, 1, nil, otlp.Span_SPAN_KIND_SERVER, "", 0x301),
	}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
