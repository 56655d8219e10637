package store

import (
	"context"
	"slices"
	"time"

	"oteltop/model"
)

// settleEvery is how often quiet traces are looked for: half of what a person would notice.
const settleEvery = 100 * time.Millisecond

// settleBatch bounds how many spans are gathered under the lock at a time.
const settleBatch = 1024

// waiting is what an open trace waits for. In each stage traces stand in order of their latest span.
type waiting uint8

const (
	awaitNothing waiting = iota
	awaitQuiet
	awaitIdle
	awaitHard
	stages = iota
)

// list is a doubly linked list of entries by index+1.
type list struct{ first, last uint32 }

// await moves a trace to the end of a stage.
func (r *Ring) await(i uint32, s waiting) {
	e := r.index.at(i)
	r.leave(i, e)
	e.stage = s
	if s == awaitNothing {
		return
	}
	l := &r.lists[s]
	if e.prev = l.last; l.last != 0 {
		r.index.at(l.last - 1).next = i + 1
	} else {
		l.first = i + 1
	}
	l.last = i + 1
}

// leave takes a trace out of its stage.
func (r *Ring) leave(i uint32, e *entry) {
	if e.stage == awaitNothing {
		return
	}
	l := &r.lists[e.stage]
	if e.prev != 0 {
		r.index.at(e.prev - 1).next = e.next
	} else {
		l.first = e.next
	}
	if e.next != 0 {
		r.index.at(e.next - 1).prev = e.prev
	} else {
		l.last = e.prev
	}
	e.prev, e.next, e.stage = 0, 0, awaitNothing
}

// Run implements Store.
func (r *Ring) Run(ctx context.Context) error {
	t := time.NewTicker(settleEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			r.settle(false)
		}
	}
}

// Flush implements Store.
func (r *Ring) Flush() { r.settle(true) }

// settle tells the observer about all traces that are due; all: about every trace that waits.
func (r *Ring) settle(all bool) {
	r.settling.Lock()
	defer r.settling.Unlock()
	now := r.options.Now().UnixNano()
	for s := awaitQuiet; s < stages; s++ {
		for {
			batch := r.due(s, now, all)
			r.deliver(batch.told)
			if !batch.more {
				break
			}
		}
	}
}

// due is one step's worth of settlements.
type due struct {
	told []*Settlement
	more bool
}

// due takes the traces whose time in a stage is over, as many as one holding of the lock allows.
func (r *Ring) due(s waiting, now int64, all bool) (d due) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for spans := 0; spans < settleBatch; spans++ {
		first := r.lists[s].first
		if first == 0 {
			return d
		}
		i := first - 1
		e := r.index.look(i)
		if !all && now-e.arrival < int64(r.wait(s)) {
			return d
		}
		if t := r.advance(i, s, all); t != nil {
			d.told = append(d.told, t)
			spans += len(t.Spans)
		}
	}
	d.more = true
	return d
}

func (r *Ring) wait(s waiting) time.Duration {
	switch s {
	case awaitQuiet:
		return r.options.Quiet
	case awaitIdle:
		return r.options.Idle
	}
	return r.options.Hard
}

// advance moves a trace to its next stage, and returns its settlement where it settles on the way.
func (r *Ring) advance(i uint32, s waiting, all bool) *Settlement {
	e := r.index.look(i)
	switch rooted := e.flags&hasRoot != 0; {
	case all || s == awaitHard:
		r.await(i, awaitNothing)
		return r.settlement(i, true)
	case s == awaitIdle:
		r.await(i, awaitHard)
		if rooted {
			return r.settlement(i, false)
		}
	case rooted && r.gatherer.complete(r, e):
		r.await(i, awaitHard)
		return r.settlement(i, false)
	default:
		r.await(i, awaitIdle)
	}
	return nil
}

// settlement gathers a trace and notes that the observer knows it.
func (r *Ring) settlement(i uint32, final bool) *Settlement {
	e := r.index.at(i)
	t := &Settlement{Trace: e.id, Previous: int(e.told), Final: final, PreviousFinal: e.flags&wasFinal != 0}
	t.Spans = r.gatherer.settled(r, e.head, int(e.spans))
	e.told = e.spans
	if e.flags&isSettled == 0 {
		r.counters.Settled++
	}
	e.flags |= isSettled
	if final {
		e.flags |= wasFinal
	} else {
		e.flags &^= wasFinal
	}
	return t
}

// tell delivers settlements of evicted traces. Called without r.mu.
func (r *Ring) tell(ts []*Settlement) {
	if len(ts) == 0 {
		return
	}
	r.settling.Lock()
	defer r.settling.Unlock()
	r.deliver(ts)
}

func (r *Ring) deliver(ts []*Settlement) {
	if o := r.observer.Load(); o != nil {
		for _, t := range ts {
			(*o).Settled(t)
		}
	}
}

// gatherer walks the chains of traces; its memory is kept from one to the next. Ring.mu guards it.
type gatherer struct {
	ids     map[model.SpanID]struct{}
	scratch []byte
}

// smallTrace is up to where parents are looked for one by one rather than in a map.
const smallTrace = 16

// complete says whether every parent that the spans of a trace name is there.
func (g *gatherer) complete(r *Ring, e *entry) bool {
	if e.spans > smallTrace {
		return g.completeLarge(r, e.head)
	}
	var ids, parents [smallTrace]model.SpanID
	n := 0
	for ref := e.head; ref != none && n < smallTrace; n++ {
		rec := r.recordAt(ref)
		ids[n], parents[n], ref = rec.ID, rec.Parent, rec.prev
	}
	for _, p := range parents[:n] {
		if p != 0 && !slices.Contains(ids[:n], p) {
			return false
		}
	}
	return true
}

func (g *gatherer) completeLarge(r *Ring, head uint32) bool {
	if g.ids == nil || len(g.ids) > segmentSpans {
		g.ids = make(map[model.SpanID]struct{})
	}
	clear(g.ids)
	for ref := head; ref != none; {
		rec := r.recordAt(ref)
		g.ids[rec.ID] = struct{}{}
		ref = rec.prev
	}
	for ref := head; ref != none; {
		rec := r.recordAt(ref)
		if _, ok := g.ids[rec.Parent]; rec.Parent != 0 && !ok {
			return false
		}
		ref = rec.prev
	}
	return true
}

// settled reads the chain that ends at head, oldest first.
func (g *gatherer) settled(r *Ring, head uint32, n int) []Settled {
	spans := make([]Settled, n)
	for ref := head; ref != none && n > 0; {
		n--
		v := r.slots[slotOf(ref)].view
		spans[n] = v.settled(indexOf(ref), r.names, &g.scratch)
		ref = v.records[indexOf(ref)].prev
	}
	return spans
}
