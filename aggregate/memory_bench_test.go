package aggregate_test

import (
	"context"
	"fmt"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/feed/files/filestest"
	"oteltop/model/store"
)

// recorded is 19,569 traces with 483,652 spans, seen from this package.
const recorded = "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz"

// BenchmarkMemory asks each question anew: no two are equal, so that none is answered from the cache.
func BenchmarkMemory(b *testing.B) {
	ring := store.New(store.Options{Budget: 1 << 30})
	r := rollup.New(rollup.Options{Names: ring.Names(), Find: ring.Find})
	ring.Observe(r)
	filestest.Fill(b, ring, recorded)
	spans := float64(ring.Counters().Spans)
	ctx := context.Background()
	for _, c := range []struct {
		name string
		ask  func(e *aggregate.Memory, i int) error
	}{
		{"traces", func(e *aggregate.Memory, i int) error {
			_, err := e.Traces(ctx, aggregate.TracesQuery{Limit: 1000 + i%2, Sort: aggregate.SortDuration})
			return err
		}},
		{"traces-by-services", func(e *aggregate.Memory, i int) error {
			_, err := e.Traces(ctx, aggregate.TracesQuery{Limit: 1000 + i%2, Sort: aggregate.SortServices})
			return err
		}},
		{"count-duration", func(e *aggregate.Memory, i int) error {
			_, err := e.Count(ctx, aggregate.Query{Filter: parse(b, fmt.Sprintf("duration > %dns", 900_000_000+i))})
			return err
		}},
		{"count-attribute", func(e *aggregate.Memory, i int) error {
			_, err := e.Count(ctx, aggregate.Query{Filter: parse(b, fmt.Sprintf(`.k8s.pod.name = "x%d"`, i))})
			return err
		}},
		{"count-below", func(e *aggregate.Memory, i int) error {
			_, err := e.Count(ctx, aggregate.Query{Filter: parse(b, fmt.Sprintf(`{ kind = server } >> { duration > %dns }`, 900_000_000+i))})
			return err
		}},
		{"map", func(e *aggregate.Memory, i int) error {
			_, err := e.Map(ctx, aggregate.Query{})
			return err
		}},
		{"map-filtered", func(e *aggregate.Memory, i int) error {
			_, err := e.Map(ctx, aggregate.Query{Filter: parse(b, fmt.Sprintf("duration > %dns", i))})
			return err
		}},
		{"coverage", func(e *aggregate.Memory, i int) error {
			_, err := e.Coverage(ctx)
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				e := aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{})
				if err := c.ask(e, i); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/spans, "ns/span")
		})
	}
}
