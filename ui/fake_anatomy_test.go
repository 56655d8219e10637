package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/anatomy"
	"oteltop/aggregate/hist"
)

// fakeAnatomy has calls whose way there is long, calls of which nothing is known but the gap, and messages.
func fakeAnatomy() *aggregate.Anatomy {
	return &aggregate.Anatomy{Provenance: fakeRollups(), Result: anatomy.Result{Rows: []anatomy.Row{
		{
			Client: "frontend", Server: "cart", Calls: 900, Negative: 3, Split: 800, LongerThere: 700, LongerBack: 40, Uncertainty: 300_000,
			Works: hist.Quantiles{P50: 8_200_000, P95: 20_000_000}, GapShare: .41,
			Gap: hist.Quantiles{P50: 4_100_000, P95: 31_000_000, P99: 80_000_000}, There: hist.Quantiles{P50: 3_600_000, P95: 29_000_000},
			Back: hist.Quantiles{P50: 500_000, P95: 2_000_000}, Example: fakeTrace(40),
		},
		{Client: "cart", Server: "payments", Calls: 7, Works: hist.Quantiles{P50: 9_100_000, P95: 12_000_000}, GapShare: .12, Gap: hist.Quantiles{P50: 1_200_000, P95: 1_900_000}, Example: fakeTrace(41)},
		{
			Client: "checkout", Server: "mailer", Messaging: true, Messages: 120, Corrected: 100, Uncertainty: 450_000,
			Age: hist.Quantiles{P50: 2_300_000_000, P95: 9_000_000_000}, Wait: hist.Quantiles{P50: 2_200_000_000}, Example: fakeTrace(42),
		},
	}}}
}

func (e *fakeEngine) Anatomy(_ context.Context, q aggregate.Query) (*aggregate.Anatomy, error) {
	return fakeAnatomy(), e.note(q)
}

func (e hostile) Anatomy(context.Context, aggregate.Query) (*aggregate.Anatomy, error) {
	x := fakeAnatomy()
	for i := range x.Rows {
		x.Rows[i].Client, x.Rows[i].Server = hostileName, hostileName
	}
	return x, nil
}
