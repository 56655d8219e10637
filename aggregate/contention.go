// What is slow because it is busy.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/contention"
)

// maxContended is how many traces are looked at for contention, evenly chosen where there are more: what is in
// flight is then estimated.
const maxContended = 100_000

// Contention is what may be slow because it is busy, see package contention.
type Contention struct {
	Provenance Provenance
	contention.Result
}

// Contention implements Engine. A filter narrows what counts as being in flight as well.
func (m *Memory) Contention(ctx context.Context, q Query) (*Contention, error) {
	return ask(ctx, m, questionOf("contention", q), func() (*Contention, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		f := contention.New(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.sweep(ctx, s, q.Window, maxContended, f.Fold)
		if err != nil {
			return nil, err
		}
		f.Thinned(s.thinned)
		out := &Contention{Provenance: p, Result: *f.Result()}
		note := fmt.Sprintf("%d of %d operations tested, %d have too few spans", out.Tests, out.Tests+out.TooFew+out.Even, out.TooFew)
		if out.Even > 0 {
			note += fmt.Sprintf(", %d cannot be tested: about as many run all the time, or they take no time of their own", out.Even)
		}
		if out.Forgotten > 0 {
			note += fmt.Sprintf("; the oldest %d spans are left out", out.Forgotten)
		}
		if out.Dropped > 0 {
			note += fmt.Sprintf("; %d spans of further resources are left out", out.Dropped)
		}
		if s.thinned > 1 {
			note += "; what is in flight is estimated"
		}
		out.Provenance.AddNote(note)
		return out, nil
	})
}
