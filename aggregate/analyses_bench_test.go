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
	"oteltop/aggregate/request"
	"oteltop/aggregate/rollup"
	"oteltop/model/store"
)

// fleet is an engine over a ring with so many traces: a request passes four services and has ten spans with
// eight attributes each, of which one identifies the request. One in a hundred is slow.
func fleet(b *testing.B, traces int) (*store.Ring, *rollup.Rollup) {
	b.Helper()
	ring := store.New(store.Options{Budget: 2 << 30})
	r := rollup.New(rollup.Options{Names: ring.Names(), Find: ring.Find})
	ring.Observe(r)
	rng := rand.New(rand.NewPCG(1, 1))
	text := func(key, value string) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
	}
	const perRequest = 200
	for first := 0; first < traces; first += perRequest {
		request := &otlp.TracesData{}
		for s := range 4 {
			request.ResourceSpans = append(request.ResourceSpans, &otlp.ResourceSpans{
				Resource:   &resource.Resource{Attributes: []*common.KeyValue{text("service.name", fmt.Sprint("service-", s)), text("k8s.pod.name", fmt.Sprint("pod-", rng.IntN(5)))}},
				ScopeSpans: []*otlp.ScopeSpans{{}},
			})
		}
		for i := first; i < first+perRequest; i++ {
			start := uint64(1e18) + uint64(i)*1e6
			ns := uint64(1e7 + rng.Int64N(1e7))
			if i%100 == 0 {
				ns *= 10
			}
			for k := range uint64(10) {
				id := binary.BigEndian.AppendUint64(nil, uint64(i)*16+k+1)
				span := &otlp.Span{
					TraceId: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i)+1), SpanId: id,
					Name: fmt.Sprint("operation-", k), Kind: otlp.Span_SPAN_KIND_SERVER,
					StartTimeUnixNano: start + k*1e3, EndTimeUnixNano: start + ns - k*1e3,
				}
				if k > 0 {
					span.ParentSpanId = binary.BigEndian.AppendUint64(nil, uint64(i)*16+k)
				}
				span.Attributes = append(span.Attributes, text("request.id", fmt.Sprint(i)), text("size", fmt.Sprint(rng.IntN(50))))
				for a := range 6 {
					span.Attributes = append(span.Attributes, text(fmt.Sprint("key-", a), fmt.Sprint(rng.IntN(4+8*a))))
				}
				to := request.ResourceSpans[k%4].ScopeSpans[0]
				to.Spans = append(to.Spans, span)
			}
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
	return ring, r
}

// BenchmarkAnalyses asks each question of 100,000 traces anew.
func BenchmarkAnalyses(b *testing.B) {
	ring, r := fleet(b, 100_000)
	ctx := context.Background()
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		slow := parse(b, "traceDuration > 90ms")
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Explain(ctx, aggregate.ExplainQuery{Select: slow})
			if err != nil || x.SelectedOf != 1000 || x.BaselineOf != 99_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("findings", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Findings(ctx, aggregate.FindingsQuery{})
			if err != nil || x.Provenance.Traces != 20_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("critical", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Critical(ctx, aggregate.CriticalQuery{})
			if err != nil || x.Requests != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("tail", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Tail(ctx, aggregate.Query{})
			if err != nil || len(x.Requests) != 1 {
				b.Fatal(x, err)
			}
		}
	})
	benchmarkColumns(b, ring, r)
	b.Run("whatif", func(b *testing.B) {
		b.ReportAllocs()
		op := r.View().Names.Operation(2)
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).WhatIf(ctx, aggregate.WhatIfQuery{Service: op.ServiceName, Operation: op.Name, Factor: .5})
			if err != nil || len(x.Requests) != 1 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("compare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Compare(ctx, aggregate.CompareQuery{At: 1e18 + 50_000*1e6})
			if err != nil || x.Before != 50_000 || x.After != 50_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("shapes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Shapes(ctx, aggregate.Query{})
			if err != nil || len(x.Rows) != 1 || x.Rows[0].Count != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("shape", func(b *testing.B) {
		b.ReportAllocs()
		x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Shapes(ctx, aggregate.Query{})
		if err != nil {
			b.Fatal(err)
		}
		name := request.ShapeName(x.Rows[0].Shape)
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Shape(ctx, aggregate.Query{}, name)
			if err != nil || x.Traces != 20_000 || len(x.Nodes) != 10 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("patterns", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Patterns(ctx, aggregate.Query{})
			if err != nil || x.Traces != 100_000 || len(x.Rows) != 1 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("costs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Costs(ctx, aggregate.Query{})
			if err != nil || len(x.Kinds) != 1 || x.Kinds[0].Requests != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("trust", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Trust(ctx, aggregate.Query{})
			if err != nil || x.Requests.Complete != 100_000 || len(x.Services) != 4 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("sampling", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Sampling(ctx, aggregate.Query{})
			if err != nil || x.Total.Seen != 1_000_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("skew", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Skew(ctx, aggregate.Query{}); err != nil || x.Provenance.Traces != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("gaps", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Gaps(ctx, aggregate.Query{}); err != nil || x.Traces != 100_000 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("outliers", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Outliers(ctx, aggregate.Query{})
			if err != nil || x.Provenance.Traces != 100_000 || len(x.Slow) == 0 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("origins", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Origins(ctx, aggregate.Query{})
			if err != nil || x.Traces != 100_000 || len(x.Rows) != 0 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("errors", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).ErrorGroups(ctx, aggregate.Query{})
			if err != nil || x.Traces != 100_000 || len(x.Rows) != 0 {
				b.Fatal(x, err)
			}
		}
	})
	b.Run("retries", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Retries(ctx, aggregate.Query{})
			if err != nil || x.Traces != 100_000 || len(x.Rows) != 0 {
				b.Fatal(x, err)
			}
		}
	})
}

// BenchmarkPatterns looks for patterns in 100,000 traces of ten calls each to a database, whose statements differ in
// their values: few, that are stored once, or all different.
func BenchmarkPatterns(b *testing.B) {
	for name, statement := range map[string]func(trace, call int) string{
		"few": func(_, call int) string {
			return fmt.Sprintf("SELECT * FROM item WHERE id = %d AND shop IN (1, 2, 3)", call)
		},
		"different": func(trace, call int) string {
			return fmt.Sprintf("SELECT * FROM item WHERE id = %d AND shop IN (%d, 2, 3)", call, trace)
		},
	} {
		ring := store.New(store.Options{Budget: 2 << 30})
		r := rollup.New(rollup.Options{Names: ring.Names(), Find: ring.Find})
		ring.Observe(r)
		for first := 0; first < 100_000; first += 1000 {
			if _, err := ring.Append(wide(b, first, 1000, 10, statement)); err != nil {
				b.Fatal(err)
			}
		}
		ring.Flush()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Patterns(context.Background(), aggregate.Query{})
				if err != nil || x.Traces != 100_000 {
					b.Fatal(x, err)
				}
			}
		})
	}
}
