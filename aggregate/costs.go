// What requests cost.

package aggregate

import (
	"context"

	"oteltop/aggregate/costs"
)

// Costs is what requests cost, by kind, and what operations carry, see package costs.
type Costs struct {
	Provenance Provenance
	costs.Result
}

// Costs implements Engine.
func (m *Memory) Costs(ctx context.Context, q Query) (*Costs, error) {
	return ask(ctx, m, questionOf("costs", q), func() (*Costs, error) {
		f := costs.New(m.store.Names())
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Costs{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d times there was no room for another operation")
		return out, nil
	})
}
