package store

import "oteltop/model"

// evict makes room until the budget holds: first what the shelf has beyond its share, then the oldest
// segment of the ring, with all traces that have a span in it. Called with r.mu held.
func (r *Ring) evict() {
	for r.bytes() > r.options.Budget || r.shelfBytes() > r.options.Budget/shelfShare {
		if r.shelfBytes() > r.options.Budget/shelfShare {
			if r.evictOldest(r.shelf.overfull(r)) {
				continue
			}
		}
		if r.bytes() <= r.options.Budget || !r.evictOldest(model.KeptRecent) {
			return
		}
	}
}

// shelfBytes is the memory of the shelf: all its segments, and what its traces take elsewhere.
func (r *Ring) shelfBytes() int64 {
	n := r.shelf.indexed()
	for _, b := range r.bytesOf[1:] {
		n += b
	}
	return n
}

// evictOldest evicts the oldest segment of a queue that no encoder is busy with; false when there is none.
func (r *Ring) evictOldest(k model.KeptBecause) bool {
	for _, g := range r.queues[k] {
		if g.encoder != nil && r.busy(g.encoder) {
			continue
		}
		r.evictSegment(g)
		return true
	}
	return false
}

// busy says whether an encoder may be appending to its segment at this moment.
func (r *Ring) busy(e *encoder) bool {
	if e.reason != model.KeptRecent {
		return false // those of the shelf work under r.mu
	}
	for _, idle := range r.encoders {
		if idle == e {
			return false
		}
	}
	return true
}

// evictSegment removes a segment. Its traces go to the shelf or leave altogether.
func (r *Ring) evictSegment(g *segment) {
	if g.encoder != nil {
		g.encoder.segment = nil
		r.seal(g)
	}
	g.leaving = true
	r.shelf.leaves(g, r.options.Now().UnixNano())
	for i := 0; i < len(g.view.records); i++ {
		if g.view.dead != nil && g.view.isDead(i) {
			continue
		}
		t := g.view.records[i].Trace
		if why := r.shelf.keeps(r, t, g.reason); why != model.KeptRecent {
			r.shelve(t, why)
		} else {
			r.drop(t)
		}
	}
	r.remove(g)
}

// remove forgets a segment that has no live spans. Readers may still hold its view.
func (r *Ring) remove(g *segment) {
	q := r.queues[g.reason]
	for i := range q {
		if q[i] == g {
			copy(q[i:], q[i+1:])
			q[len(q)-1] = nil
			r.queues[g.reason] = q[:len(q)-1]
			break
		}
	}
	r.bytesOf[g.reason] -= g.bytes
	r.slots[g.slot] = nil
	r.noSlots = append(r.noSlots, g.slot)
}

// drop evicts a trace as a whole. What the observer does not know of it is told first.
func (r *Ring) drop(i uint32) {
	e := r.index.at(i)
	r.await(i, awaitNothing)
	if e.told < e.spans && r.observer.Load() != nil {
		r.tellLast(i, e)
		e = r.index.at(i)
	}
	if e.flags&isSettled != 0 {
		r.counters.Settled--
	}
	if e.flags&isPinned != 0 {
		r.shelf.pins--
	}
	r.shelf.forget(r, i, e)
	r.counters.Evicted += uint64(e.spans)
	r.counters.Spans -= uint64(e.spans)
	r.counters.EvictedTraces++
	r.kill(e.head)
	r.index.remove(i)
}

// tellLast lets the observer know all that it does not know of a trace that leaves.
func (r *Ring) tellLast(i uint32, e *entry) {
	var g gathering // what is pending outlives the next batch
	g.add(i, e)
	g.read(r)
	complete := g.link(0)
	g.peers(r.names, 0)
	r.tellOf(&g, 0, complete, true)
	r.pending = append(r.pending, g.told...)
}

// kill marks the records of a chain dead, and lets go of segments of which nothing is left.
func (r *Ring) kill(head uint32) {
	for ref := head; ref != none; {
		g := r.slots[slotOf(ref)]
		i := indexOf(ref)
		ref = r.recordAt(ref).prev
		if g.view.dead == nil {
			g.kill(i, r.index.epoch)
			r.weigh(g)
		} else {
			g.kill(i, r.index.epoch)
		}
		if g.live--; g.live == 0 && g.encoder == nil && !g.leaving {
			r.remove(g)
		}
	}
}

// kill sets the dead bit of a record, in a copy where a snapshot may see the bits.
func (g *segment) kill(i int, epoch uint64) {
	if g.view.dead == nil || g.epoch < epoch {
		v := *g.view
		v.dead = append(make([]uint64, 0, segmentSpans/64), v.dead...)
		v.dead = v.dead[:segmentSpans/64]
		g.view, g.epoch = &v, epoch
	}
	g.view.dead[i>>6] |= 1 << (i & 63)
}
