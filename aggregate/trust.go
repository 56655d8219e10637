// How complete traces are, and how good the spans of each service.

package aggregate

import (
	"context"

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
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Trust{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d spans and traces were not looked at: there was no room")
		return out, nil
	})
}
