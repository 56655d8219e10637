package aggregate_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/model/store"
)

// outage is an engine over a ring with so many traces, of ten spans: a request passes four services. Of one in five the
// last call fails, is tried up to three times, and takes the request with it when all of these fail.
func outage(b *testing.B, traces int) *aggregate.Memory {
	b.Helper()
	ring := store.New(store.Options{Budget: 2 << 30})
	e := enginetest.Over(ring)
	rng := rand.New(rand.NewPCG(1, 15))
	const perRequest = 200
	for first := 0; first < traces; first += perRequest {
		request := &otlp.TracesData{}
		for s := range 4 {
			request.ResourceSpans = append(request.ResourceSpans, &otlp.ResourceSpans{
				Resource: &resource.Resource{Attributes: []*common.KeyValue{benchText("service.name", fmt.Sprint("service-", s))}}, ScopeSpans: []*otlp.ScopeSpans{{}},
			})
		}
		for i := first; i < first+perRequest; i++ {
			failingRequest(request, rng, i)
		}
		raw, err := proto.Marshal(request)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ring.Append(raw); err != nil {
			b.Fatal(err)
		}
	}
	ring.Flush()
	return e
}

func benchText(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}

// failingRequest adds the spans of the i-th trace of an outage.
func failingRequest(request *otlp.TracesData, rng *rand.Rand, i int) {
	start, id := uint64(1e18)+uint64(i)*1e6, uint64(i)*16
	var spans []*otlp.Span
	add := func(service, parent int, kind otlp.Span_SpanKind, from, to uint64, failed bool) int {
		id++
		span := &otlp.Span{
			TraceId: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i)+1), SpanId: binary.BigEndian.AppendUint64(nil, id), Name: fmt.Sprint("call-", service), Kind: kind,
			StartTimeUnixNano: start + from, EndTimeUnixNano: start + to, Attributes: []*common.KeyValue{benchText("http.request.method", "GET"), benchText("user.id", fmt.Sprint(i))},
		}
		if parent >= 0 {
			span.ParentSpanId = spans[parent].SpanId
		}
		if failed {
			span.Status = &otlp.Status{Code: otlp.Status_STATUS_CODE_ERROR, Message: fmt.Sprintf("item %d is locked", i)}
			span.Events = []*otlp.Span_Event{{Name: "exception", Attributes: []*common.KeyValue{benchText("exception.type", fmt.Sprint("shop.Locked", i%8))}}}
		}
		spans = append(spans, span)
		request.ResourceSpans[service].ScopeSpans[0].Spans = append(request.ResourceSpans[service].ScopeSpans[0].Spans, span)
		return len(spans) - 1
	}
	tries := 1
	if rng.IntN(5) == 0 {
		tries = 3
	}
	lost := tries > 1 && rng.IntN(2) == 0
	parent := -1
	for s := range 3 {
		parent = add(s, parent, otlp.Span_SPAN_KIND_SERVER, uint64(s)*1e4, 9e6-uint64(s)*1e4, lost)
		if s < 2 {
			parent = add(s, parent, otlp.Span_SPAN_KIND_CLIENT, uint64(s)*1e4+5e3, 9e6-uint64(s)*1e4-5e3, lost)
		}
	}
	for k := range tries {
		failed := tries > 1 && (lost || k < 2)
		call := add(2, parent, otlp.Span_SPAN_KIND_CLIENT, 1e5+uint64(k)*1e6, 9e5+uint64(k)*1e6, failed)
		add(3, call, otlp.Span_SPAN_KIND_SERVER, 2e5+uint64(k)*1e6, 8e5+uint64(k)*1e6, failed)
	}
}

// BenchmarkFailures asks each question about failing calls, and where the time of all calls goes, of 100,000 traces of which a fifth has errors, anew: the window differs each time.
func BenchmarkFailures(b *testing.B) {
	e := outage(b, 100_000)
	ctx := context.Background()
	scope := func(n int) aggregate.Query { return aggregate.Query{Window: aggregate.Window{From: int64(n) + 1}} }
	b.Run("origins", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if x, err := e.Origins(ctx, scope(n)); err != nil || x.Traces != 100_000 || len(x.Rows) != 8 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("errors", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if x, err := e.ErrorGroups(ctx, scope(n)); err != nil || x.Traces != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("retries", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if x, err := e.Retries(ctx, scope(n)); err != nil || len(x.Rows) != 1 || x.Rows[0].Logical != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("anatomy", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if x, err := e.Anatomy(ctx, scope(n)); err != nil || x.Traces != 100_000 || len(x.Rows) == 0 {
				b.Fatal(x, err)
			}
		}
	})
}
