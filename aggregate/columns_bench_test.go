package aggregate_test

import (
	"context"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
)

// benchmarkColumns asks what puts traces together or makes columns of them.
func benchmarkColumns(b *testing.B, run benchmark) {
	ctx := context.Background()
	run("dependencies", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Dependencies(ctx, aggregate.Query{Focus: aggregate.Focus{Service: "service-1"}})
		return err == nil && x.Calls == 300_000 && x.Nested == 200_000, err
	})
	run("sessions", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Sessions(ctx, aggregate.SessionsQuery{By: "key-5"})
		return err == nil && x.Total == 44 && x.Without == 0, err
	})
	for name, text := range map[string]string{
		"features, self times": `sum(self where service = "service-2")`,
		"features, few":        `count(duration > 90ms)`,
		"features, attribute":  `max(.size)`,
	} {
		column, err := features.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		run(name, func(m *aggregate.Memory) (bool, error) {
			x, err := m.Features(ctx, aggregate.FeaturesQuery{Expr: column})
			return err == nil && x.N == 100_000, err
		})
	}
	run("breakdown", func(m *aggregate.Memory) (bool, error) {
		x, err := m.Breakdown(ctx, aggregate.Query{}, "key-5")
		return err == nil && x.Values == 44 && x.Calls == 100_000, err
	})
}
