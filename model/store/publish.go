package store

import (
	"math"

	"oteltop/model"
)

// maxWalk bounds the search for a retry among different spans of one id, which only hostile senders make
// many of.
const maxWalk = 1024

// publish makes what an encoder has staged part of the store: traces are found or made, duplicates fall
// out, records are linked. Called with r.mu held.
func (r *Ring) publish(e *encoder, rc *model.Receipt) {
	now := r.options.Now().UnixNano()
	r.publishing = e
	r.lookUp(e)
	at, stored := 0, 0
	for _, s := range e.staged {
		g := s.segment
		staged := g.records[s.from:]
		r.admit(g, now)
		n := s.from
		for k := range staged {
			a := &e.batch[at+k]
			if r.link(g, n, &staged[k], a, e.known[at+k], now) {
				rc.Duplicate++
				continue
			}
			n++
			if stored != at+k {
				e.batch[stored] = *a
			}
			stored++
			if over := g.classes[g.records[n-1].Class].overflow; over != NameFits {
				r.counters.Overflowed[over]++
			}
		}
		at += len(staged)
		g.live += n - s.from
		g.records = g.records[:n]
		r.show(g)
	}
	r.publishing = nil
	e.staged = e.staged[:0]
	e.batch = e.batch[:stored]
	r.sealLeft(e)
	e.counted = e.cache
	rc.Stored = stored
	r.count(rc, now)
}

// lookUp finds the traces of a batch that are known already. Each look-up misses the caches twice; in a
// loop that does nothing else the misses of several spans overlap, which they do not once link writes.
func (r *Ring) lookUp(e *encoder) {
	e.known = e.known[:0]
	for i := range e.batch {
		if i > 0 && e.batch[i].Trace == e.batch[i-1].Trace { // as a service's spans of a trace come
			e.known = append(e.known, e.known[i-1])
			continue
		}
		at, ok := r.index.find(e.batch[i].Trace)
		if !ok {
			at = none
		}
		e.known = append(e.known, at)
	}
}

func (r *Ring) count(rc *model.Receipt, now int64) {
	c := &r.counters
	c.Received += uint64(rc.Received)
	c.Stored += uint64(rc.Stored)
	c.Spans += uint64(rc.Stored)
	c.Duplicate += uint64(rc.Duplicate)
	for k, n := range rc.Refused {
		c.Refused[k] += uint64(n)
	}
	if rc.Stored > 0 {
		c.Newest = max(c.Newest, now)
	}
}

// admit gives a segment its place when it is published for the first time.
func (r *Ring) admit(g *segment, now int64) {
	if g.view != nil {
		return
	}
	g.first, g.epoch = now, r.index.epoch
	if n := len(r.noSlots); n > 0 {
		g.slot, r.noSlots = r.noSlots[n-1], r.noSlots[:n-1]
	} else {
		g.slot = uint32(len(r.slots))
		r.slots = append(r.slots, nil)
	}
	r.slots[g.slot] = g
	g.view = new(view)
	r.queues[g.reason] = append(r.queues[g.reason], g)
}

// show publishes all that a segment holds now.
func (r *Ring) show(g *segment) {
	values, ends := g.values, g.ends
	if g.encoder != nil && g.encoder.segment == g {
		values, ends = g.encoder.dict.values, g.encoder.dict.ends
	}
	g.view = &view{serial: g.serial, records: g.records, data: g.data, values: values, ends: ends, classes: g.classes, dead: g.view.dead}
	g.shown = g.extra
	r.weigh(g)
}

// weigh counts the memory of a segment.
func (r *Ring) weigh(g *segment) {
	v := g.view
	n := 512 + int64(cap(v.records))*recordBytes + int64(cap(v.data)+cap(v.values)) + 4*int64(cap(v.ends)) +
		8*int64(cap(v.classes)+cap(v.dead)) + g.shown
	r.bytesOf[g.reason] += n - g.bytes
	g.bytes = n
}

// sealLeft seals the segments that an encoder has left behind.
func (r *Ring) sealLeft(e *encoder) {
	for _, g := range e.left {
		if g.view != nil {
			r.seal(g)
		}
	}
	clear(e.left)
	e.left = e.left[:0]
}

// seal cuts what a segment grew to down to what it needs.
func (r *Ring) seal(g *segment) {
	v := *g.view
	v.records, v.data, v.values = clip(v.records), clip(v.data), clip(v.values)
	v.ends, v.classes = clip(v.ends), clip(v.classes)
	g.view, g.encoder = &v, nil
	g.records, g.data, g.classes, g.values, g.ends = nil, nil, nil, nil, nil
	r.weigh(g)
}

// clip copies a slice into what it needs where more than a sixteenth of it is unused.
func clip[T any](s []T) []T {
	if cap(s)-len(s) <= len(s)/16 {
		return s
	}
	return append(make([]T, 0, len(s)), s...)
}

// link makes a record part of its trace, unless it is a duplicate. i is the trace, where it is known.
func (r *Ring) link(g *segment, n int, rec *record, a *Arrival, i uint32, now int64) (duplicate bool) {
	x := r.index
	if i == none { // but an earlier span of the batch may have made it
		var ok bool
		if i, ok = x.find(a.Trace); !ok {
			i = x.insert(a.Trace)
		}
	}
	e := x.at(i)
	if e.mayHave(a.ID) {
		same, taken := r.same(i, e, rec, a)
		if same {
			return true
		}
		if taken {
			r.counters.IDCollision++
		}
	}
	ref := refOf(g.slot, n)
	rec.Trace, rec.prev = i, e.head
	g.records[n] = *rec // where duplicates fell out, behind its place
	e.head = ref
	queued := e.stage == awaitQuiet && e.arrival == now // by an earlier span of the batch
	e.take(a, now)
	r.note(i, e, a.ID, ref)
	if e.flags&isSettled != 0 {
		e.flags &^= isSettled
		r.counters.Settled--
		r.counters.Late++
	}
	if !queued {
		r.await(i, awaitQuiet)
	}
	return false
}

// filterBits is how many bits of the filter a span sets: at five a trace of 50 spans, as most of a large
// system are, errs in 0.9 % of cases, at three in 1.6 %.
const filterBits = 5

// mayHave is false when no span of the trace has the id: a Bloom filter of 512 bits. A false answer costs a
// walk over cold records, so that the filter is worth its size: half of it made the walks a fifth of Append.
func (e *entry) mayHave(id model.SpanID) bool {
	h := spanHash(id)
	for range filterBits {
		if e.filter[h>>61]&(1<<(h>>55&63)) == 0 {
			return false
		}
		h <<= 9
	}
	return true
}

// remember enters an id into the filter.
func (e *entry) remember(id model.SpanID) {
	h := spanHash(id)
	for range filterBits {
		e.filter[h>>61] |= 1 << (h >> 55 & 63)
		h <<= 9
	}
}

// spanHash spreads ids of any pattern over its upper bits (Fibonacci hashing).
func spanHash(id model.SpanID) uint64 { return uint64(id) * 0x9e3779b97f4a7c15 }

// same looks for a span with the id: whether it is the same span (an OTLP retry), else whether the id is
// taken. Ids of a large trace are in a table, where the latest of one id counts.
func (r *Ring) same(i uint32, e *entry, rec *record, a *Arrival) (same, taken bool) {
	ref := e.head
	if e.flags&hasTable != 0 {
		var ok bool
		if ref, ok = r.index.large[i].get(a.ID); !ok {
			return false, false
		}
	}
	for range maxWalk {
		if ref == none {
			break
		}
		o := r.recordAt(ref)
		if o.ID == a.ID {
			if taken = true; r.equal(ref, o, rec, a) {
				return true, true
			}
		}
		ref = o.prev
	}
	return false, taken
}

// equal says whether a record is a span's retry. Classes are compared by what they mean, since a retry
// may go through another encoder.
func (r *Ring) equal(ref uint32, o, rec *record, a *Arrival) bool {
	c := r.classAt(ref, o.Class)
	return o.Start == rec.Start && o.Duration == rec.Duration && o.Parent == rec.Parent && c.Op == a.Op && c.Kind == a.Kind && c.Status == a.Status
}

// recordAt and class read what is published, and of the encoder that is publishing all that it has: other
// encoders may be appending at this moment.
func (r *Ring) recordAt(ref uint32) *record {
	g := r.slots[slotOf(ref)]
	if r.publishing != nil && g.encoder == r.publishing {
		return &g.records[indexOf(ref)]
	}
	return &g.view.records[indexOf(ref)]
}

func (r *Ring) classAt(ref, c uint32) *class {
	g := r.slots[slotOf(ref)]
	if r.publishing != nil && g.encoder == r.publishing {
		return g.classes[c]
	}
	return g.view.classes[c]
}

// note enters a span id where duplicates are looked for.
func (r *Ring) note(i uint32, e *entry, id model.SpanID, ref uint32) {
	e.remember(id)
	if e.flags&hasTable != 0 {
		t := r.index.large[i]
		r.index.tables -= t.bytes()
		t.put(id, ref)
		r.index.tables += t.bytes()
		return
	}
	if e.spans < largeTrace {
		return
	}
	r.tabulate(i, e)
}

// tabulate makes the table of a trace that became large.
func (r *Ring) tabulate(i uint32, e *entry) {
	t := newSpanTable(largeTrace)
	for ref := e.head; ref != none; {
		o := r.recordAt(ref)
		if _, ok := t.get(o.ID); !ok {
			t.put(o.ID, ref)
		}
		ref = o.prev
	}
	r.index.large[i] = t
	r.index.tables += t.bytes()
	e.flags |= hasTable
}

// take folds a span into the summary of its trace.
func (e *entry) take(a *Arrival, now int64) {
	if e.spans == 0 {
		e.start, e.end = math.MaxInt64, math.MinInt64
	}
	e.start, e.end = min(e.start, a.Start), max(e.end, a.End)
	switch {
	case a.Parent == 0 && (e.flags&hasRoot == 0 || a.Start < e.rootStart || a.Start == e.rootStart && a.Duration() > e.rootDuration):
		// Of roots that start together the longest: as linking orders them.
		e.flags |= hasRoot
		e.rootOp, e.rootStart, e.rootDuration = a.Op, a.Start, a.Duration()
	case e.flags&hasRoot == 0 && (e.spans == 0 || a.Start < e.rootStart):
		e.rootOp, e.rootStart = a.Op, a.Start
	}
	if a.Status == model.StatusError {
		e.errors++
	}
	e.spans++
	e.arrival = now
}
