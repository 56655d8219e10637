package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/trust"
)

// Trust is how far the traces can be believed, see package trust.
type Trust struct {
	Provenance Provenance
	trust.Result
}

// Trust implements Engine.
func (m *Memory) Trust(ctx context.Context, q Query) (*Trust, error) {
	return ask(ctx, m, questionOf("trust", q), func() (*Trust, error) {
		f := trust.New(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.over(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Trust{Provenance: p, Result: *f.Result()}
		if out.Dropped > 0 {
			out.Provenance.Note = joinNotes(out.Provenance.Note, fmt.Sprintf("%d spans and traces were not looked at: there was no room", out.Dropped))
		}
		return out, nil
	})
}
