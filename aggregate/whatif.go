// What requests would take if an operation were faster.

package aggregate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/order"
	"oteltop/aggregate/whatif"
	"oteltop/model"
)

// maxFactor bounds how much slower a WhatIf can be asked for: enough for every question, and no time overflows.
const maxFactor = 1000

// IsWhatIfFactor reports whether a WhatIf can be asked for with this factor.
func IsWhatIfFactor(factor float64) bool { return factor >= 0 && factor <= maxFactor }

// ErrWhatIf is returned by Engine.WhatIf without an operation, or with a factor out of bounds.
var ErrWhatIf = errors.New("want a service or an operation (service/operation), and a factor from 0 to 1000")

// WhatIfQuery asks what requests would take if an operation ran its own time by Factor: 0.5 is twice as fast.
type WhatIfQuery struct {
	Query
	Service   string // "": Operation is "service/operation"
	Operation string // "": all of Service
	Factor    float64
}

// WhatIf says what requests would take then (ANALYSES A13); see package whatif for what is assumed.
type WhatIf struct {
	Provenance Provenance
	Operations []model.Place // that are faster
	Requests   []WhatIfRow   // operations of requests that call any of them, by time gained
	Unordered  uint64        // calls beyond the bounds of the ordering model, which stay where they are
}

// WhatIfRow is the requests of one root operation. Calling of them call the operation that is made faster.
type WhatIfRow struct {
	model.Place
	Requests uint64
	Calling  uint64
	Changed  uint64 // requests that take another time then
	Before   Quantiles
	After    Quantiles
	Gained   float64 // mean over all requests, ns; negative where they take longer
	Most     float64 // mean of what the operation's own time on critical paths changes by, ns: no more can be gained
	Doubtful uint64  // requests in which calls stay where they are because their order is in doubt
	Exemplar model.TraceID
}

// Quantiles are those of durations, ns.
type Quantiles = hist.Quantiles

// WhatIf implements Engine.
func (m *Memory) WhatIf(ctx context.Context, q WhatIfQuery) (*WhatIf, error) {
	if q.Service == "" && q.Operation == "" || !IsWhatIfFactor(q.Factor) {
		return nil, ErrWhatIf
	}
	k := questionOf("whatif", q.Query)
	k.key = fmt.Sprintf("%q %q %g", q.Service, q.Operation, q.Factor)
	return ask(ctx, m, k, func() (*WhatIf, error) {
		scan, err := m.requests(ctx, q.Query)
		if err != nil {
			return nil, err
		}
		ordered, err := scan.order(ctx)
		if err != nil {
			return nil, err
		}
		ops := m.operationsOf(q)
		changes, err := scan.retime(ctx, ordered, ops, q.Factor)
		if err != nil {
			return nil, err
		}
		out := &WhatIf{Provenance: scan.provenance(), Unordered: ordered.Folded}
		for op := range ops {
			out.Operations = append(out.Operations, m.place(op))
		}
		slices.SortFunc(out.Operations, model.Place.Compare)
		for op, c := range changes {
			if c.calling > 0 {
				out.Requests = append(out.Requests, c.row(m.place(op)))
			}
		}
		slices.SortFunc(out.Requests, func(a, b WhatIfRow) int {
			return cmp.Or(cmp.Compare(math.Abs(b.Gained)*float64(b.Requests), math.Abs(a.Gained)*float64(a.Requests)), a.Place.Compare(b.Place))
		})
		return out, nil
	})
}

// operationsOf finds the operations that are faster.
func (m *Memory) operationsOf(q WhatIfQuery) map[uint32]bool {
	names := m.store.Names()
	ops := map[uint32]bool{}
	for op := uint32(1); op <= uint32(names.Operations()); op++ {
		o := names.Operation(op)
		switch {
		case q.Service == "" && o.ServiceName+"/"+o.Name == q.Operation,
			q.Service != "" && o.ServiceName == q.Service && (q.Operation == "" || o.Name == q.Operation):
			ops[op] = true
		}
	}
	return ops
}

// order learns which calls of the requests wait for each other.
func (x *requestScan) order(ctx context.Context) (*order.Model, error) {
	models := make([]*order.Model, x.workers())
	err := x.each(ctx, func(i int) func(w *requestWorker) {
		o := order.New()
		models[i] = o
		return func(w *requestWorker) { o.Fold(w.heads, &w.tree, w.request.Root) }
	})
	for _, o := range models[1:] {
		models[0].Merge(o)
	}
	return models[0], err
}

// whatIfChange is the requests of one operation, before and after.
type whatIfChange struct {
	before, after              []int64
	calling, changed, doubtful uint64
	gained, most               float64 // ns, sums
	exemplar                   model.TraceID
	best                       int64 // change of the exemplar, ns
}

// retime works out the requests of every operation with some of their operations faster.
func (x *requestScan) retime(ctx context.Context, ordered *order.Model, ops map[uint32]bool, factor float64) (map[uint32]*whatIfChange, error) {
	parts := make([]map[uint32]*whatIfChange, x.workers())
	err := x.each(ctx, func(i int) func(w *requestWorker) {
		part := map[uint32]*whatIfChange{}
		parts[i] = part
		r := &whatif.Retimer{Model: ordered, Factor: factor, IsOf: func(op uint32) bool { return ops[op] }}
		return func(w *requestWorker) {
			if !w.request.Countable() {
				return
			}
			c, ok := part[w.request.Op()]
			if !ok {
				c = &whatIfChange{}
				part[w.request.Op()] = c
			}
			c.add(w.request.Trace, w.request.Duration(), r.Retime(&w.request))
		}
	})
	for _, part := range parts[1:] {
		for op, c := range part {
			if to, ok := parts[0][op]; ok {
				to.merge(c)
			} else {
				parts[0][op] = c
			}
		}
	}
	return parts[0], err
}

func (c *whatIfChange) add(trace model.TraceID, before int64, r whatif.Retimed) {
	c.before, c.after = append(c.before, before), append(c.after, r.Duration)
	c.gained += float64(before - r.Duration)
	c.most += float64(r.Most)
	if r.Calls > 0 {
		c.calling++
	}
	if r.Duration != before {
		c.changed++
	}
	if r.Doubts > 0 {
		c.doubtful++
	}
	c.offer(trace, max(before-r.Duration, r.Duration-before))
}

// offer keeps the request that changes most.
func (c *whatIfChange) offer(trace model.TraceID, change int64) {
	if change > c.best || change == c.best && change > 0 && trace.Compare(c.exemplar) < 0 {
		c.exemplar, c.best = trace, change
	}
}

func (c *whatIfChange) merge(o *whatIfChange) {
	c.before, c.after = append(c.before, o.before...), append(c.after, o.after...)
	c.calling += o.calling
	c.changed += o.changed
	c.doubtful += o.doubtful
	c.gained += o.gained
	c.most += o.most
	c.offer(o.exemplar, o.best)
}

func (c *whatIfChange) row(place model.Place) WhatIfRow {
	n := float64(len(c.before))
	return WhatIfRow{
		Place: place, Requests: uint64(len(c.before)), Calling: c.calling, Changed: c.changed, Doubtful: c.doubtful,
		Before: quantilesOf(c.before), After: quantilesOf(c.after), Gained: c.gained / n, Most: c.most / n, Exemplar: c.exemplar,
	}
}

// quantilesOf sorts durations; each quantile is one of them (nearest rank).
func quantilesOf(durations []int64) Quantiles {
	slices.Sort(durations)
	at := func(q float64) int64 {
		return durations[max(int(math.Ceil(q*float64(len(durations))))-1, 0)]
	}
	return Quantiles{P50: at(.5), P95: at(.95), P99: at(.99)}
}
