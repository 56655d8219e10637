// A walk over the requests of a scope on several cores, each with its critical path.

package aggregate

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"oteltop/aggregate/paths"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// scanShare is how many traces a worker of a scan takes at a time.
	scanShare = 128
	// maxScanners bounds the cores that one question takes from the receiver.
	maxScanners = 4
)

// requestScan walks over the requests of a scope: its subject spans (see Focus) with everything below
// them. A subject below another subject is part of that one's request. Traces that are still open are
// left out, because what has not arrived yet would look like time that nobody spent.
type requestScan struct {
	m      *Memory
	s      *scope
	q      Query
	traces []store.TraceInfo
	open   uint64 // traces left out
}

// requests prepares a scan.
func (m *Memory) requests(ctx context.Context, q Query) (*requestScan, error) {
	s, err := m.scope(ctx, q.Filter)
	if err != nil {
		return nil, err
	}
	x := &requestScan{m: m, s: s, q: q}
	l := linked{names: m.store.Names(), focus: q.Focus}
	wanted, err := s.candidates(ctx, &l)
	if err != nil {
		return nil, err
	}
	w := q.Window
	err = s.each(ctx, func(t *store.TraceInfo) {
		switch {
		case w.From > t.End || w.To != 0 && w.To <= t.Start || !wanted(t.Index):
		case !t.Settled:
			x.open++
		default:
			x.traces = append(x.traces, *t)
		}
	})
	return x, err
}

// workers is how many goroutines a scan is worth.
func (x *requestScan) workers() int {
	return max(1, min(runtime.GOMAXPROCS(0), maxScanners, len(x.traces)/scanShare))
}

// requestWorker is what one goroutine of a scan works in.
type requestWorker struct {
	linked
	info     *store.TraceInfo
	request  paths.Request
	sections []model.Section
	nodes    []int32
}

// each calls yield for the requests of every trace, from workers() goroutines; those of one trace come
// one after the other from one of them. start is called with the number of each worker before, and
// returns what to do with its requests.
func (x *requestScan) each(ctx context.Context, start func(worker int) func(w *requestWorker)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	var caught faults
	names := newNamer(x.m.store.Names())
	for i := range x.workers() {
		yield := start(i)
		group.Go(func() {
			defer caught.catch()
			w := &requestWorker{linked: linked{names: x.m.store.Names(), name: names, find: x.m.store.Find, focus: x.q.Focus}}
			for ctx.Err() == nil {
				from := int(next.Add(scanShare)) - scanShare
				if from >= len(x.traces) {
					return
				}
				for k := from; k < min(from+scanShare, len(x.traces)); k++ {
					w.info = &x.traces[k]
					w.link(x.s.snap.Spans(w.info.Index, w.spans[:0]))
					w.each(x.q.Window, yield)
				}
			}
		})
	}
	group.Wait()
	caught.raise()
	return ctx.Err()
}

// each yields the requests of the linked trace that start in a window.
func (w *requestWorker) each(in Window, yield func(w *requestWorker)) {
	worked := false
	until := int32(-1)
	for _, node := range w.requestNodes() {
		if node < until {
			continue
		}
		until = w.tree.Nodes[node].End
		if !in.contains(w.heads[w.tree.Nodes[node].Span].Start) {
			continue
		}
		if !worked {
			worked = true
			w.request.Self = model.SelfTimes(w.heads, &w.tree, w.request.Self)
		}
		w.sections = model.CriticalPath(w.heads, &w.tree, node, w.sections)
		w.request.Critical = model.CriticalTimes(w.sections, len(w.tree.Nodes), w.request.Critical)
		w.request.Trace, w.request.Heads, w.request.Tree, w.request.Root = w.info.ID, w.heads, &w.tree, node
		yield(w)
	}
}

// requestNodes are the nodes of the subject spans, ascending.
func (w *requestWorker) requestNodes() []int32 {
	w.nodes = w.nodes[:0]
	if w.focus.IsZero() {
		if root := w.tree.MainRoot(); root >= 0 {
			w.nodes = append(w.nodes, root)
		}
		return w.nodes
	}
	w.subjects(func(x subject) bool {
		w.nodes = append(w.nodes, x.node)
		return true
	})
	slices.Sort(w.nodes)
	return w.nodes
}

// provenance says what an answer about requests was computed from.
func (x *requestScan) provenance() Provenance {
	p := x.s.provenance()
	p.Spans, p.Traces = 0, uint64(len(x.traces))
	for i := range x.traces {
		p.Spans += uint64(x.traces[i].Spans)
	}
	p.From, p.To = extentOf(x.traces)
	p.count(x.open, "traces not complete yet, left out: %d")
	return p
}
