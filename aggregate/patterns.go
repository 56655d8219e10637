// Calls that requests need not make.

package aggregate

import (
	"context"

	"oteltop/aggregate/patterns"
)

// Patterns is calls that requests need not make, or not one after the other, see package patterns.
type Patterns struct {
	Provenance Provenance
	patterns.Result
}

// Patterns implements Engine.
func (m *Memory) Patterns(ctx context.Context, q Query) (*Patterns, error) {
	return ask(ctx, m, questionOf("patterns", q), func() (*Patterns, error) {
		f := patterns.New(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Patterns{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d times there was no room for another statement, caller or pattern")
		return out, nil
	})
}
