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
	run := asking(b, ring, r)
	slow := parse(b, "traceDuration > 90ms")
	op := r.View().Names.Operation(2)
	shapes, err := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{}).Shapes(ctx, aggregate.Query{})
	if err != nil {
		b.Fatal(err)
	}
	shape := request.ShapeName(shapes.Rows[0].Shape)
	run("explain", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Explain(ctx, aggregate.ExplainQuery{Select: slow})
		return err == nil && x.SelectedOf == 1000 && x.BaselineOf == 99_000, err
	})
	run("findings", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Findings(ctx, aggregate.FindingsQuery{})
		return err == nil && x.Provenance.Traces == 20_000, err
	})
	run("critical", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Critical(ctx, aggregate.CriticalQuery{})
		return err == nil && x.Requests == 100_000, err
	})
	run("tail", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Tail(ctx, aggregate.Query{})
		return err == nil && len(x.Requests) == 1, err
	})
	benchmarkColumns(b, run)
	run("whatif", func(m *aggregate.Memory) (bool, error) {
		x, err := m.WhatIf(ctx, aggregate.WhatIfQuery{Service: op.ServiceName, Operation: op.Name, Factor: .5})
		return err == nil && len(x.Requests) == 1, err
	})
	run("compare", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Compare(ctx, aggregate.CompareQuery{At: 1e18 + 50_000*1e6})
		return err == nil && x.Before == 50_000 && x.After == 50_000, err
	})
	run("shapes", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Shapes(ctx, aggregate.Query{})
		return err == nil && len(x.Rows) == 1 && x.Rows[0].Count == 100_000, err
	})
	run("shape", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Shape(ctx, aggregate.Query{}, shape)
		return err == nil && x.Traces == 20_000 && len(x.Nodes) == 10, err
	})
	run("patterns", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Patterns(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000 && len(x.Rows) == 1, err
	})
	run("costs", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Costs(ctx, aggregate.Query{})
		return err == nil && len(x.Kinds) == 1 && x.Kinds[0].Requests == 100_000, err
	})
	run("trust", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Trust(ctx, aggregate.Query{})
		return err == nil && x.Requests.Complete == 100_000 && len(x.Services) == 4, err
	})
	run("sampling", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Sampling(ctx, aggregate.Query{})
		return err == nil && x.Total.Seen == 1_000_000, err
	})
	run("skew", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Skew(ctx, aggregate.Query{})
		return err == nil && x.Provenance.Traces == 100_000, err
	})
	run("gaps", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Gaps(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000, err
	})
	run("outliers", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Outliers(ctx, aggregate.Query{})
		return err == nil && x.Provenance.Traces == 100_000 && len(x.Slow) > 0, err
	})
	run("origins", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Origins(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000 && len(x.Rows) == 0, err
	})
	run("errors", func(m *aggregate.Memory) (bool, error) {
		x, err := m.ErrorGroups(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000 && len(x.Rows) == 0, err
	})
	run("retries", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Retries(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000 && len(x.Rows) == 0, err
	})
}

// benchmark runs a question, which tells whether the answer is right.
type benchmark func(name string, question func(m *aggregate.Memory) (right bool, err error))

// asking asks engines that have not answered the question yet.
func asking(b *testing.B, ring *store.Ring, r *rollup.Rollup) benchmark {
	return func(name string, question func(m *aggregate.Memory) (bool, error)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if right, err := question(aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{})); !right || err != nil {
					b.Fatal("the wrong answer", err)
				}
			}
		})
	}
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
		asking(b, ring, r)(name, func(m *aggregate.Memory) (bool, error) {
			x, err := m.Patterns(context.Background(), aggregate.Query{})
			return err == nil && x.Traces == 100_000, err
		})
	}
}
