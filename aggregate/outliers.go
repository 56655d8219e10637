// Requests unlike their own kind.

package aggregate

import (
	"context"

	"oteltop/aggregate/outliers"
	"oteltop/aggregate/request"
)

// Outliers are requests that are unlike their own kind (A21, A22). Of a root operation at most three groups
// of each sort are listed, also those that chance may explain: their Q says so.
type Outliers struct {
	Provenance Provenance
	Slow       []outliers.Slow // the most significant first
	Odd        []outliers.Odd  // the rarest first
}

// Outliers implements Engine. A focus narrows what is compared to the traces with a subject span.
func (m *Memory) Outliers(ctx context.Context, q Query) (*Outliers, error) {
	return ask(ctx, m, questionOf("outliers", q), func() (*Outliers, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		slow, odd := outliers.NewLatency(m.store.Names()), outliers.NewStructure(m.store.Names())
		p, err := m.sweepFocus(ctx, s, q, func(t *request.Trace) {
			slow.Fold(t)
			odd.Fold(t)
		})
		if err != nil {
			return nil, err
		}
		p.count(odd.Incomplete, "traces that lack spans, not looked at for what they do: %d")
		p.count(max(slow.Dropped, odd.Dropped), "%d traces of further root operations are left out")
		return &Outliers{Provenance: p, Slow: slow.Slow(), Odd: odd.Odd()}, nil
	})
}
