package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/model"
)

// load makes requests like those INGEST.md was measured with: 20 services, 200 operations, 10 attributes.
type load struct {
	rand *rand.Rand
	now  int64
}

func newLoad(seed uint64) *load {
	return &load{rand.New(rand.NewPCG(seed, 1)), 1_700_000_000_000_000_000}
}

func text(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}

func number(key string, value int64) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
}

func traceID(hi, lo uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, hi), lo)
}

func spanID(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// request is n spans of one service, in traces of ten.
func (l *load) request(n int) *trace.TracesData {
	service := l.rand.IntN(20)
	scope := &trace.ScopeSpans{Scope: &common.InstrumentationScope{Name: "go.opentelemetry.io/contrib/net/http", Version: "0.60.0"}}
	var id []byte
	var parent []byte
	for k := range n {
		if k%10 == 0 {
			id, parent = traceID(l.rand.Uint64()|1, l.rand.Uint64()), nil
		}
		s := l.span(service, id, parent)
		scope.Spans = append(scope.Spans, s)
		if parent == nil {
			parent = s.SpanId
		}
	}
	r := &resourcepb.Resource{Attributes: []*common.KeyValue{
		text("service.name", fmt.Sprintf("service-%d", service)), text("service.version", "1.4.2"), text("host.name", "node-7"),
	}}
	return &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{Resource: r, ScopeSpans: []*trace.ScopeSpans{scope}}}}
}

func (l *load) span(service int, id, parent []byte) *trace.Span {
	op := l.rand.IntN(10)
	l.now += int64(l.rand.IntN(20_000))
	status := &trace.Status{}
	if l.rand.IntN(100) == 0 {
		status.Code = trace.Status_STATUS_CODE_ERROR
	}
	return &trace.Span{
		TraceId: id, SpanId: spanID(l.rand.Uint64() | 1), ParentSpanId: parent, Flags: 257,
		Name: fmt.Sprintf("GET /api/v%d/items/{id}", op), Kind: trace.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: uint64(l.now), EndTimeUnixNano: uint64(l.now + 1_000 + l.rand.Int64N(50_000_000)), Status: status,
		Attributes: []*common.KeyValue{
			text("http.request.method", "GET"), number("http.response.status_code", 200+int64(l.rand.IntN(3))),
			text("http.route", fmt.Sprintf("/api/v%d/items/{id}", op)), text("url.path", fmt.Sprintf("/api/v%d/items/%d", op, l.rand.IntN(1_000_000))),
			text("server.address", fmt.Sprintf("service-%d.default.svc.cluster.local", service)), number("server.port", 8080),
			text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"), text("network.protocol.version", "1.1"),
			number("user.id", int64(l.rand.IntN(5000))), text("client.address", fmt.Sprintf("10.0.%d.%d", l.rand.IntN(4), l.rand.IntN(250))),
		},
	}
}

func encode(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func idOf(b []byte) model.TraceID {
	return model.TraceID{Hi: binary.BigEndian.Uint64(b), Lo: binary.BigEndian.Uint64(b[8:])}
}

func append1(tb testing.TB, r *Ring, m *trace.TracesData) model.Receipt {
	tb.Helper()
	rc, err := r.Append(encode(tb, m))
	if err != nil {
		tb.Fatal(err)
	}
	return rc
}
