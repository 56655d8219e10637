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
	run := asking(b, ring, r)
	run("trends", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Trends(ctx, aggregate.Query{})
		return err == nil && len(x.Rows) > 0, err
	})
	run("hotspots", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Hotspots(ctx, aggregate.Query{})
		return err == nil && x.Traces == 100_000, err
	})
	run("contention", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Contention(ctx, aggregate.Query{})
		return err == nil && len(x.Rows) > 0, err
	})
	run("correlated", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Correlated(ctx, aggregate.Query{})
		return err == nil && x.Provenance.Traces > 0, err
	})
}
