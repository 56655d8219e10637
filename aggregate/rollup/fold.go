package rollup

import (
	"oteltop/aggregate/hist"
	"oteltop/model"
	"oteltop/model/store"
)

// maxSelf is the most self time that one span adds, 13 days: a span that says more has a wrong clock, and
// a few of these must not overflow the sum of all the others.
const maxSelf = 1 << 50

// traceFold is what one trace contributes, computed without any lock and reused from trace to trace.
// It depends on the spans only: what holds only once a trace is final, and what holds only before, are
// kept apart, so that finishing a trace costs no second analysis.
type traceFold struct {
	trace model.TraceID
	heads []model.Head
	tree  model.Tree
	self  []int64 // per node
	spans []store.Settled

	exit     []int32 // per node: the exit span that a crossing below this node belongs to, -1 none
	answered []bool  // per node: an exit span whose other side was seen
	nodeOf   map[model.SpanID]int32
	seen     map[store.LinkRef]struct{}

	entries   []int32 // nodes that are entry spans though neither their kind nor a missing parent says so
	root      int32   // node of the main root, -1 none
	calls     []call
	virtuals  []call // only once final: calls to or from peers that sent nothing
	waiting   int    // exit spans without a peer: pending until final
	broken    int    // non-root server spans without their parent: counted once final
	consumers []consumer
	links     []link
}

// fold analyses the spans of a trace, whose parents may be known as in store.Settlement. The result aliases spans
// until the next fold.
func (f *traceFold) fold(trace model.TraceID, spans []store.Settled, parents []int32) {
	f.trace, f.spans = trace, spans
	f.heads = f.heads[:0]
	for i := range spans {
		f.heads = append(f.heads, spans[i].Head)
	}
	if parents != nil {
		f.tree.LinkKnown(f.heads, parents)
	} else {
		f.tree.Link(f.heads)
	}
	f.self = model.SelfTimes(f.heads, &f.tree, f.self)
	f.root = f.tree.MainRoot()
	f.foldEntries()
	f.foldEdges()
}

// foldEntries finds the entry spans that Arrived could not know: those below a span of another service,
// and those whose parent link was cut because it closed a cycle (D4).
func (f *traceFold) foldEntries() {
	f.entries = f.entries[:0]
	for i := range f.tree.Nodes {
		n := &f.tree.Nodes[i]
		if n.Span < 0 {
			continue
		}
		h := &f.heads[n.Span]
		if h.Kind.IsEntry() || h.Parent == 0 {
			continue
		}
		if n.Parent < 0 || f.crosses(n, h) {
			f.entries = append(f.entries, int32(i))
		}
	}
}

// crosses reports whether a node's parent was seen and belongs to another service.
func (f *traceFold) crosses(n *model.Node, h *model.Head) bool {
	if n.Parent < 0 {
		return false
	}
	above := f.tree.Nodes[n.Parent].Span
	return above >= 0 && f.heads[above].Service != h.Service
}

// Settled counts what only a whole trace shows: self time, entry and root spans, edges. A trace that was
// settled before is first taken back as it was then. The split of a trace into settlements does not
// change what is counted in the end.
func (r *Rollup) Settled(t *store.Settlement) {
	if len(t.Spans) == 0 {
		return
	}
	now := r.clock()
	f := r.scratch.Get().(*traceFold)
	defer r.release(f)
	f.fold(t.Trace, t.Spans, t.Parents)
	before := f
	if t.Previous > 0 && t.Previous < len(t.Spans) {
		before = r.scratch.Get().(*traceFold)
		defer r.release(before)
		before.fold(t.Trace, t.Spans[:t.Previous], nil) // a parent may have come later
	}
	r.refold(t, f, before, now)
	if len(f.consumers) > 0 {
		r.foldLinks(f, t.Final)
	}
}

// refold takes back what a trace was counted as before and counts it as it is now.
func (r *Rollup) refold(t *store.Settlement, f, before *traceFold, now int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin(now, 0)
	if t.Previous == 0 {
		r.counters.Traces++
		r.rate(now).traces++
	} else {
		r.unfoldWaiting(before, t.PreviousFinal)
	}
	if t.Previous != len(t.Spans) {
		if t.Previous > 0 {
			r.replay(before, -1)
		}
		r.replay(f, 1)
	}
	r.foldWaiting(f, t.Final)
}

// Fold counts a trace as if its spans had arrived and settled just now: for scans. final says that no
// more spans are awaited (store.TraceInfo.Settled is a good answer).
func (r *Rollup) Fold(trace model.TraceID, spans []store.Settled, final bool) {
	const batch = 64
	var arrivals [batch]store.Arrival
	for at := 0; at < len(spans); at += batch {
		part := spans[at:min(at+batch, len(spans))]
		for i := range part {
			arrivals[i] = store.Arrival{Head: part[i].Head, Trace: trace}
		}
		r.Arrived(arrivals[:len(part)])
	}
	r.Settled(&store.Settlement{Trace: trace, Spans: spans, Final: final})
}

func (r *Rollup) release(f *traceFold) {
	f.spans = nil
	r.scratch.Put(f)
}

// replay counts what holds for a trace whether it is final or not; sign −1 takes it back.
func (r *Rollup) replay(f *traceFold, sign int64) {
	for i := range f.tree.Nodes {
		n := &f.tree.Nodes[i]
		if n.Span < 0 || f.self[i] == 0 {
			continue
		}
		h := &f.heads[n.Span]
		r.apply(h.Start, sumCell(r.registry.operation(MeasureOperation, h), sign*min(f.self[i], maxSelf)))
	}
	for _, i := range f.entries {
		h := &f.heads[f.tree.Nodes[i].Span]
		r.replaySpan(f, h, r.registry.entry(h.Service), sign)
	}
	if f.root >= 0 {
		h := &f.heads[f.tree.Nodes[f.root].Span]
		r.replaySpan(f, h, r.registry.operation(MeasureRoot, h), sign)
	}
	for i := range f.calls {
		r.replayCall(f.trace, &f.calls[i], sign)
	}
}

func (r *Rollup) replaySpan(f *traceFold, h *model.Head, series uint32, sign int64) {
	bin, failed := hist.Bin(h.Duration()), h.Status == model.StatusError
	if sign < 0 {
		r.uncount(h.Start, series, bin, failed)
		return
	}
	r.count(r.time.at(h.Start), h.Start, series, bin, failed, f.trace)
}

// replayCall counts a call on its edge, or takes it back.
func (r *Rollup) replayCall(trace model.TraceID, c *call, sign int64) {
	first := r.registry.edge(c.edge)
	if first == 0 {
		r.dropped += sign
		return
	}
	seen := c.client
	if seen < 0 {
		seen = c.server
	}
	bin := hist.Bin(seen)
	if sign < 0 {
		r.uncount(c.start, first, bin, c.failed)
	} else {
		r.count(r.time.at(c.start), c.start, first, bin, c.failed, trace)
	}
	side := func(m Measure, ns int64, flag bool) {
		key := (first+uint32(m-MeasureCall))<<binBits | uint32(hist.Bin(ns))
		r.apply(c.start, cell{key, uint32(sign), uint32(sign) * errorBit(flag)})
	}
	if c.client < 0 {
		side(MeasureBare, seen, c.failed)
	}
	if c.server >= 0 {
		side(MeasureServer, c.server, c.failed)
	}
	if c.hasGap {
		side(MeasureGap, c.gap, c.gap < 0)
	}
}

// foldWaiting counts what depends on whether peers are still awaited.
func (r *Rollup) foldWaiting(f *traceFold, final bool) {
	if !final {
		r.pending += int64(f.waiting)
		return
	}
	r.broken += int64(f.broken)
	for i := range f.virtuals {
		if c := &f.virtuals[i]; r.links.open(store.LinkRef{Trace: f.trace, Span: c.exit}, c.claimable) {
			r.replayCall(f.trace, c, 1)
		}
	}
}

// unfoldWaiting takes back what foldWaiting and foldLinks counted for exit spans and consumers
// whose other side was not seen.
func (r *Rollup) unfoldWaiting(f *traceFold, final bool) {
	if !final {
		r.pending -= int64(f.waiting)
		return
	}
	r.broken -= int64(f.broken)
	for i := range f.virtuals {
		if c := &f.virtuals[i]; r.links.close(store.LinkRef{Trace: f.trace, Span: c.exit}, c.claimable) {
			r.replayCall(f.trace, c, -1)
		}
	}
	for i := range f.consumers {
		if c := &f.consumers[i]; c.hasInstead && !r.links.anyLinked(f, c) {
			r.replayCall(f.trace, &c.instead, -1)
		}
	}
}
