// Where the time between the two sides of calls goes.

package aggregate

import (
	"context"
	"slices"

	"oteltop/aggregate/anatomy"
)

// Anatomy is where the time between the two sides of calls goes, see package anatomy.
type Anatomy struct {
	Provenance Provenance
	anatomy.Result
}

// Anatomy implements Engine. Clocks are compared by the calls of the same scope; a focus narrows the rows to the edges
// of a service, or to one edge.
func (m *Memory) Anatomy(ctx context.Context, q Query) (*Anatomy, error) {
	return ask(ctx, m, questionOf("anatomy", q), func() (*Anatomy, error) {
		clocks, err := m.Skew(ctx, Query{Filter: q.Filter, Window: q.Window})
		if err != nil {
			return nil, err
		}
		f := anatomy.New(m.store.Names(), anatomy.NewClocks(&clocks.Result), m.store.Find)
		p, err := m.sweepQuery(ctx, q, f.Fold)
		if err != nil {
			return nil, err
		}
		out := &Anatomy{Provenance: p, Result: *f.Result()}
		out.Provenance.count(out.Dropped, "%d calls and links were not looked at: there was no room")
		out.Rows = slices.DeleteFunc(out.Rows, func(r anatomy.Row) bool {
			switch f := q.Focus; {
			case f.Client != "" || f.Server != "":
				return r.Client != f.Client || r.Server != f.Server
			case f.Service != "":
				return r.Client != f.Service && r.Server != f.Service
			}
			return false
		})
		return out, nil
	})
}
