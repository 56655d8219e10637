package rollup

import (
	"oteltop/model"
	"oteltop/model/store"
)

// linkMemory bounds how many links across traces, and how many producers, are remembered. What is
// forgotten (oldest first, counted) can be counted twice if its trace settles once more.
const linkMemory = 1 << 16

// linkBook remembers which links across traces have been counted. Unlike all else that a trace
// contributes, a link's call depends on a second trace that comes and goes on its own; but once both
// ends were seen the call is a fact, so it is counted once and never taken back.
type linkBook struct {
	linked    memory[linkKey, struct{}]
	producers memory[store.LinkRef, producerState]
}

// linkKey is a link: from a span, to a target.
type linkKey struct {
	trace  model.TraceID
	span   model.SpanID
	target store.LinkRef
}

// producerState is what happened to an exit span that waits for consumers of other traces.
type producerState struct {
	claimed bool // a consumer was found: it is no longer a call to the broker
	virtual bool // the call to the broker is counted at present
}

func newLinkBook() linkBook {
	return linkBook{linked: newMemory[linkKey, struct{}](), producers: newMemory[store.LinkRef, producerState]()}
}

func (b *linkBook) forgotten() uint64 { return b.linked.forgotten + b.producers.forgotten }

func (b *linkBook) bytes() int64 {
	const linkBytes, producerBytes = 48 * 3, 24 * 3 // the key in the queue and in the half-empty map
	return int64(len(b.linked.values))*linkBytes + int64(len(b.producers.values))*producerBytes
}

// open reports whether the virtual call of an exit span is to be counted, and notes that it is.
func (b *linkBook) open(ref store.LinkRef, claimable bool) bool {
	if !claimable {
		return true
	}
	p, _ := b.producers.values[ref]
	if p.claimed {
		return false
	}
	b.producers.put(ref, producerState{virtual: true})
	return true
}

// close reports whether the virtual call of an exit span is counted, and notes that it no longer is.
func (b *linkBook) close(ref store.LinkRef, claimable bool) bool {
	if !claimable {
		return true
	}
	p, known := b.producers.values[ref]
	if known && !p.virtual {
		return false
	}
	b.producers.put(ref, producerState{claimed: p.claimed})
	return true
}

// anyLinked reports whether a consumer's producer was found by any of its links.
func (b *linkBook) anyLinked(f *traceFold, c *consumer) bool {
	for i := c.from; i < c.to; i++ {
		if _, ok := b.linked.values[linkKey{f.trace, c.span.ID, f.links[i].target}]; ok {
			return true
		}
	}
	return false
}

// foldLinks counts the calls of links across traces whose target can be found now. Find is called
// without the lock, because the store may be busy telling us about other traces.
func (r *Rollup) foldLinks(f *traceFold, final bool) {
	r.mu.Lock()
	for i := range f.consumers {
		c := &f.consumers[i]
		for l := c.from; l < c.to; l++ {
			_, f.links[l].found = r.links.linked.values[linkKey{f.trace, c.span.ID, f.links[l].target}]
		}
	}
	r.mu.Unlock()
	if r.options.Find != nil {
		for i := range f.links {
			l := &f.links[i]
			if l.found {
				l.found = false // counted before
				continue
			}
			l.producer, l.found = r.options.Find(l.target.Trace, l.target.Span)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range f.consumers {
		r.foldConsumer(f, &f.consumers[i], final)
	}
}

func (r *Rollup) foldConsumer(f *traceFold, c *consumer, final bool) {
	for i := c.from; i < c.to; i++ {
		l := &f.links[i]
		if !l.found || !Produces(&l.producer.Head, c.span) {
			continue
		}
		key := linkKey{f.trace, c.span.ID, l.target}
		if _, done := r.links.linked.values[key]; done {
			continue
		}
		r.links.linked.put(key, struct{}{})
		counted := linkedCall(&l.producer.Head, c.span)
		r.replayCall(f.trace, &counted, 1)
		r.claim(l.target, &l.producer)
		if c.span.Kind == model.KindClient {
			// It received, so its own call is not one to the broker.
			r.claim(store.LinkRef{Trace: f.trace, Span: c.span.ID}, c.span)
		}
	}
	if final && c.hasInstead && !r.links.anyLinked(f, c) {
		r.replayCall(f.trace, &c.instead, 1)
	}
}

// claim notes that the other side of an exit span was found, and takes back its call to the broker if
// that was counted.
func (r *Rollup) claim(ref store.LinkRef, exit *store.Settled) {
	virtual, ok := peerCall(exit)
	if !ok || !exit.Kind.IsExit() || !virtual.claimable {
		return
	}
	if r.links.producers.values[ref].virtual {
		r.replayCall(ref.Trace, &virtual, -1)
	}
	r.links.producers.put(ref, producerState{claimed: true})
}

// memory is a bounded map that forgets what was put in first.
type memory[K comparable, V any] struct {
	values    map[K]V
	queue     []K // a ring once full
	next      int
	forgotten uint64
}

func newMemory[K comparable, V any]() memory[K, V] { return memory[K, V]{values: map[K]V{}} }

func (m *memory[K, V]) put(k K, v V) {
	if _, known := m.values[k]; !known {
		if len(m.queue) < linkMemory {
			m.queue = append(m.queue, k)
		} else {
			delete(m.values, m.queue[m.next])
			m.queue[m.next] = k
			m.next = (m.next + 1) % linkMemory
			m.forgotten++
		}
	}
	m.values[k] = v
}
