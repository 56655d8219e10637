package store

import (
	"context"
	"time"
)

// settleEvery is how often quiet traces are looked for while some are about to be: half of what a person would
// notice. longestSleep is how long nothing is looked for when none are.
const (
	settleEvery  = 100 * time.Millisecond
	longestSleep = time.Hour
)

// settleBatch is how many spans are gathered under the lock at a time, but for the last trace's.
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
	r.leave(e)
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
func (r *Ring) leave(e *entry) {
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
	for {
		r.settle(false)
		sleep, arrived := r.quietFor(), r.arrived
		if sleep <= settleEvery { // whatever arrives can wait for that
			sleep, arrived = settleEvery, nil
		}
		t := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		case <-arrived:
			t.Stop()
		}
	}
}

// quietFor is how long no trace that waits now is due: an idle program is not woken for nothing.
func (r *Ring) quietFor() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, least := r.options.Now().UnixNano(), int64(longestSleep)
	for s := awaitQuiet; s < stages; s++ {
		if first := r.lists[s].first; first != 0 {
			least = min(least, r.index.look(first-1).arrival+int64(r.wait(s))-now)
		}
	}
	return time.Duration(least)
}

// wake tells Run that something arrived.
func (r *Ring) wake() {
	select {
	case r.arrived <- struct{}{}:
	default: // it has not heard of the last time yet
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
		for r.due(s, now, all) {
			r.deliver(r.gathering.told)
		}
	}
}

// due takes the next traces whose time in a stage is over and leaves what is to be told of them in
// r.gathering. It is false when there are none.
func (r *Ring) due(s waiting, now int64, all bool) bool {
	g := &r.gathering
	g.reset()
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := 0
	for next := r.lists[s].first; next != 0 && spans < settleBatch; {
		e := r.index.look(next - 1)
		if !all && now-e.arrival < int64(r.wait(s)) {
			break
		}
		g.add(next-1, e)
		spans += int(e.spans)
		next = e.next
	}
	g.read(r)
	for k := range g.traces {
		r.advance(g, k, s, all)
	}
	return len(g.traces) > 0
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

// advance moves a gathered trace to its next stage, and settles it where that is due on the way.
func (r *Ring) advance(g *gathering, k int, s waiting, all bool) {
	i := g.traces[k].index
	rooted := r.index.look(i).flags&hasRoot != 0
	complete := g.link(k)
	if !rooted {
		r.nameRoot(g, k)
	}
	switch {
	case all || s == awaitHard:
		r.await(i, awaitNothing)
		g.peers(r.names, k)
		r.tellOf(g, k, complete, true)
	case s == awaitIdle && !rooted:
		r.await(i, awaitHard)
	case s == awaitQuiet && !(rooted && complete):
		r.await(i, awaitIdle)
	default:
		// Where no peer is awaited, nothing can change but by late spans, and those reopen the trace.
		final := g.peers(r.names, k) && complete && rooted
		if final {
			r.await(i, awaitNothing)
		} else {
			r.await(i, awaitHard)
		}
		r.tellOf(g, k, complete, final)
	}
}

// nameRoot makes a trace that was linked last and has no root one of the span that analyses take for it. Until a trace is
// quiet, that is the earliest.
func (r *Ring) nameRoot(g *gathering, k int) {
	i := g.traces[k].index
	e := r.index.look(i)
	if h := g.mainRoot(k, e.rootStart); h != nil && (h.Op != e.rootOp || h.Start != e.rootStart) {
		e = r.index.at(i)
		e.rootOp, e.rootStart = h.Op, h.Start
	}
}

// tellOf notes that the observer knows a trace, the one linked last, and adds its settlement to those to be told.
func (r *Ring) tellOf(g *gathering, k int, complete, final bool) {
	e := r.index.at(g.traces[k].index)
	t := Settlement{
		Trace: e.id, Spans: g.of(k), Previous: int(e.told), Final: final, PreviousFinal: e.flags&wasFinal != 0,
	}
	if complete && !g.twins {
		t.Parents = g.parentsOf(k)
	}
	g.told = append(g.told, t)
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
}

// tell delivers settlements of evicted traces. Called without r.mu.
func (r *Ring) tell(ts []Settlement) {
	if len(ts) == 0 {
		return
	}
	r.settling.Lock()
	defer r.settling.Unlock()
	r.deliver(ts)
}

func (r *Ring) deliver(ts []Settlement) {
	if o := r.observer.Load(); o != nil {
		for i := range ts {
			(*o).Settled(&ts[i])
		}
	}
}
