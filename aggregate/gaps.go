// Where trace context is lost.

package aggregate

import (
	"context"

	"oteltop/aggregate/gaps"
)

// Gaps is where trace context is lost, see package gaps.
type Gaps struct {
	Provenance Provenance
	gaps.Result
}

// Gaps implements Engine.
func (m *Memory) Gaps(ctx context.Context, q Query) (*Gaps, error) {
	return ask(ctx, m, questionOf("gaps", q), func() (*Gaps, error) {
		f := gaps.New(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Gaps{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d calls, traces and addresses were not looked at: there was no room")
		return out, nil
	})
}
