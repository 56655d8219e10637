package aggregate_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/findings"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// ringOf is an engine over spans that were sent: of a shop that asks its cache three times and its database
// once, with these names of attributes.
func ringOf(t *testing.T, system, address, user string) *aggregate.Memory {
	t.Helper()
	ring := store.New(store.Options{})
	e := enginetest.Over(ring)
	text := func(key, value string) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
	}
	spans := &otlp.ScopeSpans{}
	add := func(trace, id, parent byte, name string, kind otlp.Span_SpanKind, attributes ...*common.KeyValue) {
		s := &otlp.Span{
			TraceId: []byte{15: trace}, SpanId: []byte{7: id}, Name: name, Kind: kind, Attributes: attributes,
			StartTimeUnixNano: 1e18 + uint64(id), EndTimeUnixNano: 1e18 + 1e6,
		}
		if parent > 0 {
			s.ParentSpanId = []byte{7: parent}
		}
		spans.Spans = append(spans.Spans, s)
	}
	for trace := byte(1); trace <= 2; trace++ {
		add(trace, 1, 0, "GET /", otlp.Span_SPAN_KIND_SERVER, text(user, "u"))
		for id := byte(2); id < 5; id++ {
			add(trace, id, 1, "GET", otlp.Span_SPAN_KIND_CLIENT, text(system, "redis"), text(address, "cache"))
		}
		add(trace, 5, 1, "SELECT", otlp.Span_SPAN_KIND_CLIENT, text(system, "postgresql"), text(address, "db"))
	}
	raw, err := proto.Marshal(&otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{
		Resource: &resource.Resource{Attributes: []*common.KeyValue{text("service.name", "shop")}}, ScopeSpans: []*otlp.ScopeSpans{spans},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Append(raw); err != nil {
		t.Fatal(err)
	}
	ring.Flush()
	return e
}

// Old and new names of attributes give the same callees and the same sessions.
func TestNamesOfAttributes(t *testing.T) {
	ctx := context.Background()
	q := aggregate.Query{Focus: aggregate.Focus{Service: "shop"}}
	old, now := ringOf(t, "db.system", "net.peer.name", "enduser.id"), ringOf(t, "db.system.name", "server.address", "user.id")
	a, err := old.Dependencies(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	b, err := now.Dependencies(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a.Below, b.Below) || a.Caused != 8 || len(a.Below) != 4 || a.Below[0].Service != "cache" || a.Below[0].Amplification != 3 || !a.Below[0].Peer {
		t.Errorf("%+v\n%+v", a.Below, b.Below)
	}
	for _, m := range []*aggregate.Memory{old, now} {
		x, err := m.Sessions(ctx, aggregate.SessionsQuery{})
		if err != nil || len(x.Sessions) != 1 || x.Sessions[0].Count != 2 || x.Sessions[0].Value != "u" {
			t.Errorf("%+v, %v", x, err)
		}
	}
	// What is asked of an operation whose kind is not said is asked of the one that serves.
	q.Focus.Operation = "GET"
	if a, err = old.Dependencies(ctx, q); err != nil || a.Calls != 6 || a.Below[0].Service != "cache" {
		t.Errorf("%+v, %v", a, err)
	}
	x, err := old.Breakdown(ctx, q, "net.peer.name")
	if err != nil || len(x.Rows) != 1 || x.Rows[0].Value != "cache" || x.Rows[0].RED.Calls != 6 || x.Provenance.Traces != 2 {
		t.Errorf("%+v, %v", x, err)
	}
	q.Focus.Operation, q.Filter = "", parse(t, `name = nothing`)
	if a, err = old.Dependencies(ctx, q); err != nil || a.Calls != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

// A question without its object says so.
func TestWithoutAnObject(t *testing.T) {
	m := ringOf(t, "db.system", "net.peer.name", "user.id")
	ctx := context.Background()
	if _, err := m.Dependencies(ctx, aggregate.Query{}); !errors.Is(err, aggregate.ErrFocus) {
		t.Error(err)
	}
	if _, err := m.Features(ctx, aggregate.FeaturesQuery{}); !errors.Is(err, aggregate.ErrExpression) {
		t.Error(err)
	}
	if _, err := m.Breakdown(ctx, aggregate.Query{}, ""); !errors.Is(err, aggregate.ErrKey) {
		t.Error(err)
	}
	for text, says := range map[string]string{"a b": "column 1: first takes one value, and then a filter after where", "count(": "column 6: this ( is not closed"} {
		if _, err := aggregate.ParseBy(text); err == nil || err.Error() != says {
			t.Errorf("%s: %v", text, err)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Sessions(done, aggregate.SessionsQuery{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The demo without faults has no caller that causes far more calls than others, in 8 × 10 minutes: 120,000
// requests, 0 for each 1,000.
func TestNoAmplificationInTheDemo(t *testing.T) {
	modeltest.Statistic(t)
	seeds := uint64(1) // 8 are quiet, too
	if testing.Short() {
		t.Skip("generates 15,000 requests")
	}
	for seed := range seeds {
		if got := kindTitles(t, ringEngine(t, healthyDemo(seed)), findings.Amplification); got != nil {
			t.Errorf("seed %d: %q", seed, got)
		}
	}
}

// Among 19,569 recorded requests without any fault no caller is said to cause far more calls than others: 0 for
// each 1,000 requests.
func TestNoAmplificationInHealthyTraffic(t *testing.T) {
	modeltest.Statistic(t)
	if testing.Short() {
		t.Skip("reads 480,000 spans")
	}
	m, _ := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	x, err := m.Findings(context.Background(), aggregate.FindingsQuery{Limit: 1000})
	if err != nil || x.Provenance.Traces < 10_000 {
		t.Fatal(x, err)
	}
	for _, f := range x.Rows {
		if f.Kind == findings.Amplification {
			t.Errorf("%s (%v)", f.Title, f.Traces)
		}
	}
	d, err := m.Dependencies(context.Background(), aggregate.Query{Focus: aggregate.Focus{Service: "ts-basic-service", Operation: "/api/v1/basicservice/basic/travel", Kind: model.KindServer}})
	if err != nil || d.Calls == 0 || d.Provenance.Traces >= x.Provenance.Traces {
		t.Errorf("%d calls in %d traces, %v", d.Calls, d.Provenance.Traces, err)
	}
}
