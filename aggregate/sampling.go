// What the spans that arrived stand for.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/sampling"
)

// leafBias is the share of traces that begin in the middle of a request from which on a warning is given.
const leafBias = .05

// Sampling is what the spans stand for, see package sampling.
type Sampling struct {
	Provenance Provenance
	sampling.Result
	Refused uint64 // spans and requests that were not taken
	Evicted uint64 // spans that were forgotten since
}

// Sampling implements Engine.
func (m *Memory) Sampling(ctx context.Context, q Query) (*Sampling, error) {
	return ask(ctx, m, questionOf("sampling", q), func() (*Sampling, error) {
		f := sampling.New(m.store.Names())
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		status, err := m.Status(ctx)
		if err != nil {
			return nil, err
		}
		out := &Sampling{Provenance: p, Result: *f.Result(), Refused: status.Refused, Evicted: status.Evicted}
		if n := out.LeafStarted(); n > 0 && float64(n) >= leafBias*float64(out.Traces) {
			out.Provenance.AddNote(fmt.Sprintf("%d of %d traces begin at a client, or at a server whose caller is elsewhere: "+
				"where such decide on sampling by themselves, what calls them is missing and figures are biased", n, out.Traces))
		}
		out.Provenance.count(out.Dropped, "%d spans of operations beyond the bound are only in the totals")
		return out, nil
	})
}
