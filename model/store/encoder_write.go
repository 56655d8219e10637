// Encoding a span, last step: its class, and its record and values in a segment.

package store

import (
	"encoding/binary"
	"math"

	"oteltop/model"
)

// add appends the span that was read to the segment.
func (e *encoder) add(s *incoming) {
	g := e.segment
	if g == nil || len(g.records) == segmentSpans || e.full(g) {
		g = e.newSegment()
	}
	t := e.template(s)
	off := len(g.data)
	g.reserve(s.size + 2*len(e.attrs) + 32) // every value inline and the lengths that do not stand in the message
	data := g.data[:off+2*len(e.attrs)]
	inline := false
	for i := range e.attrs {
		code := e.dict.place(&t.at[i], e.attrs[i].value)
		binary.LittleEndian.PutUint16(data[off+2*i:], code)
		inline = inline || code == inlined
	}
	if s.rawEnd {
		data = binary.LittleEndian.AppendUint64(data, uint64(s.end))
	}
	for i := 0; inline && i < len(e.attrs); i++ {
		if binary.LittleEndian.Uint16(data[off+2*i:]) == inlined {
			data = binary.AppendUvarint(data, uint64(len(e.attrs[i].value)))
			data = append(data, e.attrs[i].value...)
		}
	}
	e.commit(s, t, data)
}

// commit makes the span whose attributes have been written behind the segment's data part of the request.
func (e *encoder) commit(s *incoming, t *template, data []byte) {
	g := e.segment
	off := len(g.data)
	if n := len(e.staged); n == 0 || e.staged[n-1].segment != g {
		e.staged = append(e.staged, stage{g, len(g.records), off})
	}
	if len(s.rest) > 0 {
		data = binary.AppendUvarint(data, uint64(len(s.rest)))
		data = append(data, s.rest...)
	}
	g.data = data
	e.grown += recordBytes + int64(len(data)-off)
	r := Record{ID: s.id, Parent: s.parent, Start: s.start, Duration: duration(s.start, s.end), Class: t.id}
	g.records = append(g.records, record{Record: r, off: uint32(off), prev: none})
	c := t.class
	e.batch = append(e.batch, Arrival{Trace: s.trace, Head: model.Head{
		ID: s.id, Parent: s.parent, Start: s.start, End: s.start + r.Duration, Service: c.Service, Op: c.Op,
		Kind: s.kind, Status: s.status, Negative: s.end < s.start,
	}})
}

// duration is never negative, and start+duration never overflows.
func duration(start, end int64) int64 {
	if end < start {
		return 0
	}
	if d := end - start; d >= 0 {
		return d
	}
	return math.MaxInt64
}

// template finds or makes the class of the span that was read, and registers it with the segment.
func (e *encoder) template(s *incoming) *template {
	w, mark := e.recentOf(s, len(e.attrs))
	for k := range w.marks {
		if t := w.templates[k]; w.marks[k] == mark && t.class.fits(s, e.attrs) {
			w.toFront(k, mark, t)
			e.register(t, s)
			return t
		}
	}
	t := e.lookUp(s)
	w.toFront(recentWays-1, mark, t)
	e.register(t, s)
	return t
}

// register gives a template its id in the segment being written.
func (e *encoder) register(t *template, s *incoming) {
	g := e.segment
	if t.segment == g.serial {
		return
	}
	t.segment, t.id = g.serial, uint32(len(g.classes))
	for i := range t.at {
		t.at[i].forget()
	}
	g.classes = append(g.classes, t.class)
	g.extra += t.class.bytes
	if r := s.resource; r.segment != g.serial {
		r.segment = g.serial
		g.extra += size(r.raw)
	}
	if c := s.scope; c.segment != g.serial {
		c.segment = g.serial
		g.extra += size(c.raw)
	}
}

// recentOf is where the latest templates of a span's operation are remembered, by the ends of its name, which
// differ between the operations of a resource as a rule; and the mark of those that may be the span's.
func (e *encoder) recentOf(s *incoming, attributes int) (w *ways, mark uint32) {
	h := s.resource.id*31 + uint32(len(s.name))
	if n := len(s.name); n >= 4 {
		h ^= binary.LittleEndian.Uint32(s.name[n-4:])*0x9e3779b1 ^ binary.LittleEndian.Uint32(s.name[n/2-2:])*0x85ebca6b
	}
	h *= 0x9e3779b1
	mark = uint32(attributes)<<20 ^ s.scope.id<<14 ^ s.flags<<6 ^ uint32(s.kind)<<3 ^ uint32(s.status)<<1
	if len(s.rest) > 0 {
		mark ^= 1 << 31
	}
	return &e.recent[h>>23%recentOperations], (mark*0x85ebca6b ^ h) | 1
}

// lookUp finds or makes the template by the signature of the span that was read.
func (e *encoder) lookUp(s *incoming) *template {
	e.signature = sign(e.signature[:0], s, e.attrs)
	t, ok := e.templates[string(e.signature)]
	if ok {
		return t
	}
	c := newClass(s, e.attrs, e.ring.names)
	at, bytes := newPositions(e.attrs)
	t = &template{class: c, at: at}
	e.remember(c.bytes + int64(len(e.signature)) + bytes)
	e.templates[string(e.signature)] = t
	return t
}

// full says whether a segment has as many bytes as one should have.
func (e *encoder) full(g *segment) bool {
	return int64(len(g.records))*recordBytes+int64(len(g.data)+len(e.dict.values))+g.extra > e.ring.segmentBytes
}

// newSegment starts a segment. The one before is sealed when the request is published.
func (e *encoder) newSegment() *segment {
	next := &segment{serial: e.ring.serial.Add(1), reason: e.reason, encoder: e}
	if g := e.segment; g != nil {
		g.values, g.ends = e.dict.values, e.dict.ends
		e.left = append(e.left, g)
		// The next one will be much like the last: grown from nothing it would be copied many times over,
		// which took a fifth of Append.
		next.records = make([]record, 0, len(g.records))
		next.data = make([]byte, 0, len(g.data)+len(g.data)/64)
	}
	e.dict.reset()
	e.segment = next
	return e.segment
}
