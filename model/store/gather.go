package store

import (
	"math/bits"
	"math/rand/v2"
	"slices"

	"oteltop/model"
)

// gathering reads the spans of a batch of traces and finds out what is known of each: whether its parents
// are there, and which of its spans still need the name of a peer. Its memory is used again for the next
// batch.
//
// By the time a trace is quiet its records have left the caches, and the chain that leads through them
// makes each wait for the one before. The chains of many traces are followed side by side instead, so
// that their waits overlap.
type gathering struct {
	traces []gathered
	spans  []Settled // of all traces, each oldest arrival first
	from   []origin  // parallel to spans
	parent []int32   // parallel to spans: index of the parent within the trace, −1 for none
	told   []Settlement

	active   []chain
	answered []bool // of the trace linked last: an exit span whose other side is its child
	twins    bool   // of the trace linked last: two spans share an id
	early    bool   // of the trace linked last: a span starts no later than its parent
	heads    []model.Head
	tree     model.Tree // of the trace whose main root was looked for last
	slots    []int32    // ids of a trace by open addressing: index+1
	shift    int        // of a product, to an index into slots
	mix      uint64
	scratch  []byte
	known    []knownPeer // nil: peers are not remembered
	touched  byte        // keeps touch's reads
}

// gathered is a trace of a gathering: spans[from:to].
type gathered struct {
	index    uint32
	head     uint32
	from, to int
}

// origin is where a gathered span was read.
type origin struct {
	view  *view
	class *class
	i     int32
}

// chain is how far a trace has been read: the ref to follow, and the place for what is found there.
type chain struct {
	ref uint32
	at  int32
	end int32
}

func (g *gathering) reset() {
	clear(g.from)
	clear(g.spans) // they hold links
	clear(g.told)
	g.traces, g.spans, g.from, g.told = g.traces[:0], g.spans[:0], g.from[:0], g.told[:0]
	if cap(g.spans) > 4*settleBatch {
		g.spans, g.from, g.parent = nil, nil, nil // after a trace of uncommon size
		g.heads, g.tree = nil, model.Tree{}
	}
}

// add lets read include a trace.
func (g *gathering) add(i uint32, e *entry) {
	from := 0
	if n := len(g.traces); n > 0 {
		from = g.traces[n-1].to
	}
	g.traces = append(g.traces, gathered{index: i, head: e.head, from: from, to: from + int(e.spans)})
}

// of is the spans of a trace.
func (g *gathering) of(k int) []Settled {
	t := &g.traces[k]
	return g.spans[t.from:t.to:t.to]
}

// parentsOf is the parents of the spans of a trace.
func (g *gathering) parentsOf(k int) []int32 {
	t := &g.traces[k]
	return g.parent[t.from:t.to:t.to]
}

// read follows the chains of all traces that were added. Called with r.mu held.
func (g *gathering) read(r *Ring) {
	if len(g.traces) == 0 {
		return
	}
	n := g.traces[len(g.traces)-1].to
	g.spans = slices.Grow(g.spans, n)[:n]
	g.from = slices.Grow(g.from, n)[:n]
	g.parent = slices.Grow(g.parent[:0], n)[:n]
	g.active = g.active[:0]
	for _, t := range g.traces {
		g.active = append(g.active, chain{t.head, int32(t.to), int32(t.from)})
	}
	for active := g.active; len(active) > 0; {
		for k := 0; k < len(active); {
			c := &active[k]
			if c.ref == none || c.at == c.end {
				*c = active[len(active)-1]
				active = active[:len(active)-1]
				continue
			}
			c.at--
			c.ref = g.take(r, c.ref, c.at)
			k++
		}
	}
}

// take reads the span at ref into place at, and returns the ref of the one that came before it.
func (g *gathering) take(r *Ring, ref uint32, at int32) uint32 {
	v := r.slots[slotOf(ref)].view
	i := indexOf(ref)
	rec := &v.records[i]
	c := v.classes[rec.Class]
	g.spans[at].Head = v.headOf(rec, c)
	g.from[at] = origin{v, c, int32(i)}
	return rec.prev
}

// link finds the parents of the spans of a trace, and says whether all that are named are there.
func (g *gathering) link(k int) (complete bool) {
	spans := g.of(k)
	g.index(spans)
	parents := g.parentsOf(k)
	g.answered = slices.Grow(g.answered[:0], len(spans))[:len(spans)]
	clear(g.answered)
	complete, g.early = true, false
	for i := range spans {
		s := &spans[i]
		parents[i] = -1
		if s.Parent == 0 {
			continue
		}
		p := g.find(spans, s.Parent)
		if parents[i] = p; p < 0 {
			complete = false
			continue
		}
		g.early = g.early || s.Start <= spans[p].Start
		// A child that starts later stays a child whatever cycle the two are part of (D2).
		entry := s.Kind.IsEntry()
		if entry && spans[p].Kind.IsExit() && s.Start > spans[p].Start {
			g.answered[p] = true
		}
	}
	return complete
}

// mainRoot is the span that stands for the trace that was linked last, where no span without a parent has come and one
// that starts at first is the earliest; nil where that is the one.
func (g *gathering) mainRoot(k int, first int64) *model.Head {
	spans, together := g.of(k), 0
	for i := range spans {
		if spans[i].Start == first {
			together++
		}
	}
	if together == 1 && !g.early && !g.twins {
		return nil // no cycle, and the parent of the earliest span was not seen
	}
	g.heads = g.heads[:0]
	for i := range spans {
		g.heads = append(g.heads, spans[i].Head)
	}
	g.tree.Link(g.heads)
	return &g.heads[g.tree.Nodes[g.tree.MainRoot()].Span]
}

// index enters the ids of a trace.
func (g *gathering) index(spans []Settled) {
	if g.mix == 0 {
		g.mix = rand.Uint64() | 1
	}
	width := bits.Len(uint(2 * len(spans)))
	size := 1 << width
	g.shift = 64 - width
	if cap(g.slots) < size {
		g.slots = make([]int32, size)
	}
	g.slots = g.slots[:size]
	clear(g.slots)
	g.twins = false
	for i := range spans {
		slot := g.slot(spans, spans[i].ID)
		if *slot != 0 {
			g.twins = true
			continue
		}
		*slot = int32(i) + 1
	}
}

// find is the index of the span with an id, −1 where there is none.
func (g *gathering) find(spans []Settled, id model.SpanID) int32 { return *g.slot(spans, id) - 1 }

// slot is where an id stands or belongs. The multiplier is drawn at random, so that a sender cannot make
// the ids of a large trace collide.
func (g *gathering) slot(spans []Settled, id model.SpanID) *int32 {
	mask := uint64(len(g.slots) - 1)
	for at := uint64(id) * g.mix >> g.shift; ; at++ {
		s := &g.slots[at&mask]
		if *s == 0 || spans[*s-1].ID == id {
			return s
		}
	}
}

// touch reads the first byte of what peers will read of the trace that was linked last. Nothing is done with
// it, so that the waits overlap: peers would have them one after the other, half of its time.
func (g *gathering) touch(t *gathered) {
	for i := t.from; i < t.to; i++ {
		if o := &g.from[i]; !g.answered[i-t.from] && o.class.role != PeerNone {
			if r := &o.view.records[o.i]; int(r.off) < len(o.view.data) {
				g.touched ^= o.view.data[r.off]
			}
		}
	}
}

// peers reads the peers and links of the trace that was linked last, and says whether the trace waits for
// nobody: every call has both its sides or is complete without the other one.
//
// The name of a peer is a cold read of the span's attributes, and only a span without its other side
// needs it.
func (g *gathering) peers(n *names, k int) (closed bool) {
	t := &g.traces[k]
	closed = !g.twins
	g.touch(t)
	for i := range g.spans[t.from:t.to] {
		s, o := &g.spans[t.from+i], &g.from[t.from+i]
		answered := g.answered[i] && !g.twins && !o.class.Extra
		if !answered {
			if o.class.role != PeerNone {
				if s.Peer = g.peer(o, n); s.Peer != 0 {
					s.Role = o.class.role
				}
			}
			o.view.links(int(o.i), o.class, s)
		}
		switch {
		case len(s.Links) > 0:
			closed = false
		case s.Kind.IsExit():
			closed = closed && (answered || s.Role == PeerDatabase)
		case s.Kind == model.KindConsumer:
			closed = closed && g.parent[t.from+i] >= 0
		}
	}
	return closed
}
