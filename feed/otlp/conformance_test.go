package otlp

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

func request(spans ...*trace.Span) *trace.TracesData {
	return &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{
		Resource:   &resource.Resource{Attributes: []*common.KeyValue{str("service.name", "checkout")}},
		ScopeSpans: []*trace.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "test"}, Spans: spans}},
	}}}
}

func str(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}

func span(n byte) *trace.Span {
	return &trace.Span{
		TraceId: []byte{n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, SpanId: []byte{n, 2, 3, 4, 5, 6, 7, 8},
		Name: "GET /", Kind: trace.Span_SPAN_KIND_SERVER, StartTimeUnixNano: 1700000000000000000, EndTimeUnixNano: 1700000000001000000,
	}
}

// everyValue is a span with attributes of every kind.
func everyValue() *trace.Span {
	array := &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: []*common.AnyValue{
		{Value: &common.AnyValue_StringValue{StringValue: "s"}}, {Value: &common.AnyValue_IntValue{IntValue: -1}}, {},
	}}}}
	s := span(9)
	s.Attributes = []*common.KeyValue{
		str("s", "ü\x00\n"),
		{Key: "empty", Value: &common.AnyValue{}},
		{Key: "none"},
		{Key: "b", Value: &common.AnyValue{Value: &common.AnyValue_BoolValue{}}},
		{Key: "i", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: -1 << 63}}},
		{Key: "d", Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: 1e-300}}},
		{Key: "bytes", Value: &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte{0, 255, 7}}}},
		{Key: "array", Value: array},
		{Key: "map", Value: &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: []*common.KeyValue{{Key: "a", Value: array}}}}}},
	}
	return s
}

// statuses are the HTTP statuses beside gRPC's codes.
var statuses = map[codes.Code]int{
	codes.OK: http.StatusOK, codes.InvalidArgument: http.StatusBadRequest, codes.ResourceExhausted: http.StatusRequestEntityTooLarge,
}

func TestConformance(t *testing.T) {
	const limit = 1 << 20
	large := span(3)
	large.Attributes = []*common.KeyValue{str("large", strings.Repeat("x", 300<<10))} // several frames
	bomb := span(4)
	bomb.Attributes = []*common.KeyValue{str("bomb", strings.Repeat("x", 2*limit))}
	short := span(5)
	short.SpanId = short.SpanId[:7]
	damaged := []byte("\x0a\xff\xff\xff\xff\x7f{")

	cases := []struct {
		name     string
		call     call
		code     codes.Code
		rejected int
		spans    int // that reach the sink
	}{
		{"a span", call{request: request(span(1))}, codes.OK, 0, 1},
		{"empty request", call{request: &trace.TracesData{}}, codes.OK, 0, 0},
		{"empty parts", call{request: &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{}, {ScopeSpans: []*trace.ScopeSpans{{}}}}}}, codes.OK, 0, 0},
		{"every kind of value", call{request: request(everyValue())}, codes.OK, 0, 1},
		{"large", call{request: request(large, span(1))}, codes.OK, 0, 2},
		{"over the limit", call{request: request(bomb)}, codes.ResourceExhausted, 0, 0},
		{"malformed", call{body: damaged}, codes.InvalidArgument, 0, 0},
		{"a span with a short id", call{request: request(span(1), short, span(2))}, codes.OK, 1, 3},
	}
	for _, transport := range transports {
		for _, compression := range []string{"", "gzip", "zstd", "deflate"} {
			for _, c := range cases {
				t.Run(strings.Join([]string{transport, compression, c.name}, "/"), func(t *testing.T) {
					f := start(t, Options{MaxBody: limit}, nil)
					c.call.transport, c.call.compression = transport, compression
					a := f.send(t, c.call)
					if a.code != c.code {
						t.Fatalf("code %v (%s), want %v", a.code, a.text, c.code)
					}
					if transport != "grpc" && a.status != statuses[c.code] {
						t.Errorf("HTTP status %d, want %d", a.status, statuses[c.code])
					}
					if want := map[string]string{"http/protobuf": protobufType, "http/json": jsonType}[transport]; a.header.Get("Content-Type") != want {
						t.Errorf("content type %q, want %q", a.header.Get("Content-Type"), want)
					}
					if a.rejected != c.rejected || a.partial != (c.rejected > 0) {
						t.Errorf("rejected %d, partial success %v; want %d", a.rejected, a.partial, c.rejected)
					}
					if a.code != codes.OK && a.text == "" || a.partial && a.text != "invalid ids" {
						t.Errorf("text %q", a.text)
					}
					if a.grpc != nil && c.code == codes.ResourceExhausted && len(a.grpc.Details()) > 0 {
						t.Errorf("details %v: a request that is too large must not be tried again", a.grpc.Details())
					}
					checkTaken(t, f, c.call, c.spans)
					checkCounted(t, f, transport, c.code, c.spans, c.rejected)
				})
			}
		}
	}
}

// checkTaken compares what the sink got with what was sent.
func checkTaken(t *testing.T, f *fixture, c call, spans int) {
	t.Helper()
	if got := f.sink.spans(); len(got) != spans {
		t.Fatalf("%d spans reached the sink, want %d", len(got), spans)
	}
	if spans > 0 && !proto.Equal(f.sink.requests[0], c.request) {
		t.Errorf("the sink got %.1000v\nwant %.1000v", f.sink.requests[0], c.request)
	}
}

// checkCounted: every request is counted, and either its spans or why it was refused.
func checkCounted(t *testing.T, f *fixture, transport string, code codes.Code, spans, rejected int) {
	t.Helper()
	at := map[string]model.Transport{"grpc": model.TransportGRPC, "http/protobuf": model.TransportHTTPProto, "http/json": model.TransportHTTPJSON}[transport]
	if n := f.intake.Requests[at].Load(); n != 1 {
		t.Errorf("%d requests counted", n)
	}
	if n := f.intake.Spans[at].Load(); n != uint64(spans) {
		t.Errorf("%d spans counted, want %d", n, spans)
	}
	if n := f.intake.RefusedSpans[model.RefusedInvalidID].Load(); n != uint64(rejected) {
		t.Errorf("%d refused spans counted, want %d", n, rejected)
	}
	var want [model.Refusals]uint64
	switch code {
	case codes.InvalidArgument:
		want[model.RefusedMalformed] = 1
	case codes.ResourceExhausted:
		want[model.RefusedTooLarge] = 1
	}
	if got := refusedRequests(f.intake); got != want {
		t.Errorf("refused requests %v, want %v", got, want)
	}
}

func refusedRequests(intake *model.Intake) (out [model.Refusals]uint64) {
	for i := range out {
		out[i] = intake.RefusedRequests[i].Load()
	}
	return out
}

func TestBytesAreCountedAfterDecompression(t *testing.T) {
	for _, transport := range transports {
		f := start(t, Options{}, nil)
		body := encode(t, transport, request(span(1)))
		f.send(t, call{transport: transport, compression: "gzip", body: body})
		var sum uint64
		for i := range f.intake.Bytes {
			sum += f.intake.Bytes[i].Load()
		}
		if sum != uint64(len(body)) {
			t.Errorf("%s: %d bytes, want %d", transport, sum, len(body))
		}
	}
}

func TestExactlyTheLimit(t *testing.T) {
	body := encode(t, "grpc", request(span(1)))
	for over, want := range map[int]codes.Code{0: codes.OK, 1: codes.ResourceExhausted} {
		for _, transport := range transports[:2] {
			for _, compression := range []string{"", "gzip"} {
				t.Run(fmt.Sprintf("%s/%s/%d over", transport, compression, over), func(t *testing.T) {
					f := start(t, Options{MaxBody: len(body) - over}, nil)
					if a := f.send(t, call{transport: transport, compression: compression, body: body}); a.code != want {
						t.Errorf("code %v, want %v", a.code, want)
					}
				})
			}
		}
	}
}
