package aggregate_test

import (
	"context"
	"testing"

	"oteltop/aggregate"
)

// BenchmarkTraffic asks each question about load and growth of 100,000 traces anew.
func BenchmarkTraffic(b *testing.B) {
	ring, r := fleet(b, 100_000)
	ctx := context.Background()
	for name, question := range map[string]func(m *aggregate.Memory) (n uint64, err error){
		"trends": func(m *aggregate.Memory) (uint64, error) {
			x, err := m.Trends(ctx, aggregate.Query{})
			return uint64(len(x.Rows)), err
		},
		"hotspots": func(m *aggregate.Memory) (uint64, error) {
			x, err := m.Hotspots(ctx, aggregate.Query{})
			return x.Traces, err
		},
		"contention": func(m *aggregate.Memory) (uint64, error) {
			x, err := m.Contention(ctx, aggregate.Query{})
			return uint64(len(x.Rows)), err
		},
		"correlated": func(m *aggregate.Memory) (uint64, error) {
			x, err := m.Correlated(ctx, aggregate.Query{})
			return x.Provenance.Traces, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := question(aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{})); err != nil || n == 0 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
