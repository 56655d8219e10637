// Why slow requests are slower than ordinary ones.

package aggregate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"oteltop/aggregate/paths"
	"oteltop/model"
)

// maxTails bounds how many kinds of request are taken apart at once: the ones that lose most time.
const maxTails = 50

// Tail says why slow requests are slower than ordinary ones (ANALYSES A12): one decomposition for each
// operation that requests begin with, by the time that its slow requests lose.
type Tail struct {
	Provenance Provenance
	Requests   []TailRow
	TooFew     int // operations with fewer requests than can be compared
	Even       int // operations whose slow requests take no longer than the others
	Left       int // operations beyond the bound
	Folded     uint64
}

// TailRow is one kind of request.
type TailRow struct {
	model.Place
	Cohorts    paths.Cohorts
	Fast, Slow float64       // mean duration of either cohort, ns
	Lost       float64       // (Slow − Fast) · slow requests, ns
	Parts      []TailPart    // by size of Delta; their shares sum to 1
	Exemplar   model.TraceID // the slowest
}

// TailPart is the part of a call path in the difference Slow − Fast; see paths.Contribution.
type TailPart struct {
	paths.Contribution
	Path    []model.Place // from the request to here
	Slowest []paths.Exemplar
}

// Tail implements Engine.
func (m *Memory) Tail(ctx context.Context, q Query) (*Tail, error) {
	return ask(ctx, m, questionOf("tail", q), func() (*Tail, error) {
		scan, err := m.requests(ctx, q)
		if err != nil {
			return nil, err
		}
		durations, err := scan.durations(ctx)
		if err != nil {
			return nil, err
		}
		out := &Tail{}
		cohorts := map[uint32]*paths.Cohorts{}
		for op, ds := range durations {
			c, ok := paths.Split(ds)
			switch {
			case ok:
				cohorts[op] = &c
			case c.Tail != 0 || c.Median != 0:
				out.Even++
			default:
				out.TooFew++
			}
		}
		tree, err := scan.cohorts(ctx, cohorts)
		if err != nil {
			return nil, err
		}
		out.Folded = tree.Folded
		out.Provenance = scan.provenance()
		m.decompose(out, tree, cohorts)
		return out, nil
	})
}

// durations are those of the requests by their operation.
func (x *requestScan) durations(ctx context.Context) (map[uint32][]int64, error) {
	all := map[uint32][]int64{}
	var mu sync.Mutex // protects all
	err := x.each(ctx, func(int) func(w *requestWorker) {
		return func(w *requestWorker) {
			if w.request.Countable() {
				mu.Lock()
				all[w.request.Op()] = append(all[w.request.Op()], w.request.Duration())
				mu.Unlock()
			}
		}
	})
	return all, err
}

// cohorts folds the fast and the slow requests into the two cohorts of a tree.
func (x *requestScan) cohorts(ctx context.Context, of map[uint32]*paths.Cohorts) (*paths.Tree, error) {
	trees := make([]*paths.Tree, x.workers())
	err := x.each(ctx, func(i int) func(w *requestWorker) {
		t := paths.New(2)
		trees[i] = t
		return func(w *requestWorker) {
			c, ok := of[w.request.Op()]
			if !ok || !w.request.Countable() {
				return
			}
			if cohort := c.Of(w.request.Duration()); cohort >= 0 {
				t.Fold(cohort, &w.request)
			}
		}
	})
	for i := range trees[1:] {
		trees[0].Merge(trees[i+1])
	}
	return trees[0], err
}

// decompose takes apart every kind of request and keeps those that lose most.
func (m *Memory) decompose(out *Tail, t *paths.Tree, cohorts map[uint32]*paths.Cohorts) {
	for i := 1; i < len(t.Nodes); i++ {
		n := &t.Nodes[i]
		c, ok := cohorts[n.Op]
		if n.Parent != 0 || !ok {
			continue
		}
		d := paths.Decompose(t, int32(i), 0, 1)
		if d.Unexplainable {
			out.Even++
			continue
		}
		row := TailRow{Place: m.place(n.Op), Cohorts: *c, Fast: d.Fast, Slow: d.Slow, Lost: (d.Slow - d.Fast) * float64(d.CountSlow)}
		for _, p := range d.Parts {
			row.Parts = append(row.Parts, TailPart{p, m.pathOf(t, p.Node), t.Stats[1][p.Node].Slowest})
		}
		slices.SortStableFunc(row.Parts, func(a, b TailPart) int {
			return cmp.Or(cmp.Compare(max(b.Delta, -b.Delta), max(a.Delta, -a.Delta)), slices.CompareFunc(a.Path, b.Path, model.Place.Compare))
		})
		row.Exemplar = slowestOf(row.Parts)
		out.Requests = append(out.Requests, row)
	}
	slices.SortFunc(out.Requests, func(a, b TailRow) int { return cmp.Or(cmp.Compare(b.Lost, a.Lost), a.Place.Compare(b.Place)) })
	if out.Left = max(len(out.Requests)-maxTails, 0); out.Left > 0 {
		out.Requests = out.Requests[:maxTails]
		out.Provenance.AddNote(fmt.Sprintf("the %d kinds of request that lose most, of %d", maxTails, maxTails+out.Left))
	}
}

// slowestOf is a slow request in which the largest part shows.
func slowestOf(parts []TailPart) model.TraceID {
	for _, p := range parts {
		if p.Delta > 0 && len(p.Slowest) > 0 {
			return p.Slowest[0].Trace
		}
	}
	return model.TraceID{}
}

// pathOf names the operations from a request to a node.
func (m *Memory) pathOf(t *paths.Tree, node int32) []model.Place {
	steps := make([]model.Place, t.Nodes[node].Depth)
	for ; node > 0; node = t.Nodes[node].Parent {
		steps[t.Nodes[node].Depth-1] = m.place(t.Nodes[node].Op)
	}
	return steps
}
