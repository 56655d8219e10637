// Who calls a service or an operation, and what it calls.

package aggregate

import (
	"context"
	"errors"

	"oteltop/aggregate/dependencies"
	"oteltop/model"
	"oteltop/model/store"
)

// ErrFocus is returned by Engine.Dependencies without a service to look at.
var ErrFocus = errors.New("no service is named")

// Dependencies is who calls a service or an operation and what it calls, see package dependencies.
type Dependencies struct {
	Provenance Provenance
	Focus      Focus
	dependencies.Result
}

// Dependencies implements Engine.
func (m *Memory) Dependencies(ctx context.Context, q Query) (*Dependencies, error) {
	if q.Focus.Service == "" {
		return nil, ErrFocus
	}
	return ask(ctx, m, questionOf("dependencies", q), func() (*Dependencies, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		focal := dependencies.Focal{Name: q.Focus.Service}
		wanted := func(uint32) bool { return true }
		if q.Focus.Operation != "" {
			focal.Operations = m.operationsNamed(q.Focus)
			// Traces without such a span need not be linked. Services have calls where they send no spans.
			wanted, err = s.tracesWith(ctx, func(c *store.Class) bool {
				_, ok := focal.Operations[c.Op]
				return ok
			})
			if err != nil {
				return nil, err
			}
		}
		e := dependencies.NewExplorer(focal, newNamer(m.store.Names()).called)
		p, err := m.sweepWanted(ctx, s, q.Window, 0, wanted, e.Fold)
		if err != nil {
			return nil, err
		}
		out := &Dependencies{Provenance: p, Focus: q.Focus, Result: *e.Result(m.store.Names())}
		out.Provenance.count(out.Collapsed, "%d calls are on paths beyond the bound")
		out.Provenance.count(out.Dropped, "%d calls are by or of services beyond the bound")
		out.Provenance.count(out.Uncounted, "%d focal calls are in traces too large to count frequencies in")
		return out, nil
	})
}

// operationsNamed are the operations that a focus means. Where it leaves the kind open these are the ones
// that serve, if there are any: a client's span often has the name of what it calls.
func (m *Memory) operationsNamed(f Focus) map[uint32]struct{} {
	names := m.store.Names()
	all, serving := map[uint32]struct{}{}, map[uint32]struct{}{}
	for op := 1; op <= names.Operations(); op++ {
		o := names.Operation(uint32(op))
		if o.ServiceName != f.Service || o.Name != f.Operation || f.Kind != model.KindUnspecified && f.Kind != o.Kind {
			continue
		}
		all[uint32(op)] = struct{}{}
		if o.Kind.IsEntry() {
			serving[uint32(op)] = struct{}{}
		}
	}
	if len(serving) > 0 {
		return serving
	}
	return all
}
