package aggregate

import (
	"context"
	"fmt"

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
		p, err := m.over(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Costs{Provenance: p, Result: *f.Result()}
		if out.Dropped > 0 {
			out.Provenance.Note = joinNotes(out.Provenance.Note, fmt.Sprintf("%d times there was no room for another operation", out.Dropped))
		}
		return out, nil
	})
}
