// Where the time of requests goes, by call path.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/paths"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// Critical says where the time of the requests in scope went (ANALYSES A09, A11).
type Critical struct {
	Provenance Provenance
	Requests   uint64 // subject spans (see Focus), each with all that is below it
	Total      int64  // their durations, ns: what the shares of latency are of
	Work       int64  // self times of all their spans, ns: what the shares of work are of
	Paths      []PathRow
	Operations []CostRow // or services, or categories; by time on the critical path, then work, then name
	Folded     uint64    // spans on paths beyond the bound, counted on paths that end in store.Overflow
	Odd        uint64    // requests left out because their duration cannot be believed
}

// PathRow is one call path. Rows are in depth-first order, siblings by inclusive time, so that the rows of
// a subtree follow its root. Exclusive times of all rows sum to Critical.Total exactly.
type PathRow struct {
	model.Place
	Parent    int // row of the path that it extends, -1 for the requests themselves
	Depth     int // 0 for the requests themselves
	Exclusive int64
	Inclusive int64   // with all paths that extend it, ns
	Share     float64 // Exclusive / Critical.Total
	Self      int64   // self time on the critical path or not, ns
	Calls     uint64  // spans
	OnPath    uint64  // of these, on the critical path
	Requests  uint64  // requests with this path on their critical path
	Present   uint64  // requests with any such span
	Traces    uint64  // traces with this path on a critical path
	Slowest   []paths.Exemplar
}

// CostRow is what an operation costs the requests of a scope, wherever it stands in them. By service, only
// Service is set; by category only Category.
type CostRow struct {
	model.Place
	Category      string
	Calls         uint64
	Errors        uint64
	Requests      uint64  // requests with such a span
	Self          int64   // work: self time, ns
	WorkShare     float64 // Self / Critical.Work
	Critical      int64   // latency: own time on critical paths, ns
	LatencyShare  float64 // Critical / Critical.Total
	P50, P95, P99 int64   // self time per request that has it, ns
}

// CriticalQuery asks where the time of requests goes.
type CriticalQuery struct {
	Query
	Band paths.Band // of the requests of each operation only the slowest, say
	By   CostBy
}

// Critical implements Engine.
func (m *Memory) Critical(ctx context.Context, q CriticalQuery) (*Critical, error) {
	if _, err := ParseCostBy(string(q.By)); err != nil {
		return nil, err
	}
	k := questionOf("critical", q.Query)
	k.band, k.key = q.Band, string(q.By)
	return ask(ctx, m, k, func() (*Critical, error) {
		scan, err := m.requests(ctx, q.Query)
		if err != nil {
			return nil, err
		}
		bounds, err := scan.bounds(ctx, q.Band)
		if err != nil {
			return nil, err
		}
		trees, costs := make([]*paths.Tree, scan.workers()), make([]*paths.Costs, scan.workers())
		err = scan.each(ctx, func(i int) func(w *requestWorker) {
			t, c := paths.New(1), paths.NewCosts()
			trees[i], costs[i] = t, c
			return func(w *requestWorker) {
				if !bounds.has(&w.request) {
					return
				}
				t.Fold(0, &w.request)
				c.Fold(&w.request, w.costKey(q.By))
			}
		})
		if err != nil {
			return nil, err
		}
		for i := range trees[1:] {
			trees[0].Merge(trees[i+1])
			costs[0].Merge(costs[i+1])
		}
		return m.criticalOf(scan, trees[0], costs[0], q.By), nil
	})
}

// durationBounds are the durations [0] to [1] of a band, ns, by operation; nil: all requests are in it.
type durationBounds map[uint32][2]int64

// has reports whether a request is in the band.
func (b durationBounds) has(r *paths.Request) bool {
	if b == nil {
		return true
	}
	in, ok := b[r.Op()]
	return ok && r.Duration() >= in[0] && r.Duration() <= in[1]
}

// bounds finds the durations of a band of each operation's requests.
func (x *requestScan) bounds(ctx context.Context, band paths.Band) (durationBounds, error) {
	if band.IsAll() {
		return nil, nil
	}
	durations, err := x.durations(ctx)
	if err != nil {
		return nil, err
	}
	b := durationBounds{}
	for op, ds := range durations {
		if low, high, ok := band.Of(ds); ok {
			b[op] = [2]int64{low, high}
		}
	}
	return b, nil
}

func (m *Memory) criticalOf(scan *requestScan, t *paths.Tree, costs *paths.Costs, by CostBy) *Critical {
	c := &Critical{
		Provenance: scan.provenance(), Requests: t.Count[0], Total: t.Total[0], Folded: t.Folded, Odd: t.Odd,
		Paths: m.pathRows(t),
	}
	for op, x := range costs.Of {
		row := m.cost(by, op)
		row.Calls, row.Errors, row.Requests, row.Self, row.Critical = x.Calls, x.Failed, x.Requests, x.Self, x.Critical
		row.LatencyShare = stats.Ratio(x.Critical, c.Total)
		row.P50, row.P95, row.P99 = quantiles(&x.PerRequest)
		c.Work += x.Self
		c.Operations = append(c.Operations, row)
	}
	for i := range c.Operations {
		c.Operations[i].WorkShare = stats.Ratio(c.Operations[i].Self, c.Work)
	}
	slices.SortFunc(c.Operations, func(a, b CostRow) int {
		return cmp.Or(cmp.Compare(b.Critical, a.Critical), cmp.Compare(b.Self, a.Self), a.Place.Compare(b.Place), cmp.Compare(a.Category, b.Category))
	})
	return c
}

// pathRows lays out a tree of one cohort depth first.
func (m *Memory) pathRows(t *paths.Tree) []PathRow {
	inclusive := t.Inclusive(0)
	children := make([][]int32, len(t.Nodes))
	steps := make([]model.Place, len(t.Nodes))
	for i := 1; i < len(t.Nodes); i++ {
		steps[i] = m.place(t.Nodes[i].Op)
		children[t.Nodes[i].Parent] = append(children[t.Nodes[i].Parent], int32(i))
	}
	for _, c := range children {
		slices.SortFunc(c, func(a, b int32) int { // the last is taken from the stack first
			return cmp.Or(cmp.Compare(inclusive[a], inclusive[b]), steps[b].Compare(steps[a]))
		})
	}
	rows := make([]PathRow, 0, len(t.Nodes)-1)
	rowOf := make([]int, len(t.Nodes))
	rowOf[0] = -1
	stack := slices.Clone(children[0])
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], children[i]...)
		rowOf[i] = len(rows)
		n, x := &t.Nodes[i], &t.Stats[0][i]
		rows = append(rows, PathRow{
			Place: steps[i], Parent: rowOf[n.Parent], Depth: int(n.Depth) - 1,
			Exclusive: x.Exclusive, Inclusive: inclusive[i], Share: stats.Ratio(x.Exclusive, t.Total[0]), Self: x.Self,
			Calls: x.Calls, OnPath: x.OnPath, Requests: x.Requests, Present: x.Present, Traces: x.Traces, Slowest: x.Slowest,
		})
	}
	return rows
}

// place names an operation.
func (m *Memory) place(op uint32) model.Place {
	if op == paths.Other {
		return model.Place{Service: store.Overflow, Operation: store.Overflow}
	}
	o := m.store.Names().Operation(op)
	return model.Place{Service: o.ServiceName, Operation: o.Name, Kind: o.Kind}
}
