// What traffic passes through.

package aggregate

import (
	"context"

	"oteltop/aggregate/hotspots"
)

// Hotspots is what traffic passes through, see package hotspots.
type Hotspots struct {
	Provenance Provenance
	hotspots.Result
}

// Hotspots implements Engine.
func (m *Memory) Hotspots(ctx context.Context, q Query) (*Hotspots, error) {
	return ask(ctx, m, questionOf("hotspots", q), func() (*Hotspots, error) {
		f := hotspots.New(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Hotspots{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d times there was no room for another service, edge or kind of request")
		return out, nil
	})
}
