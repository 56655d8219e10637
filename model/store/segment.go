package store

import (
	"encoding/binary"
	"math"
	"unsafe"

	"oteltop/model"
	"oteltop/model/wire"
)

// segmentSpans is how many spans share a dictionary: enough that it pays, few enough that eviction is
// gradual.
const segmentSpans = 32_768

// record is a span at rest: 48 bytes, no pointers. What it says of attributes stands at off in the
// segment's bytes:
//
//	code(2 bytes) per key │ end(8, class.rawEnd) │ length, value per inlined code │ length, rest (Class.Extra)
type record struct {
	Record
	off  uint32
	prev uint32 // ref of the span of the same trace that arrived before this one, none for the first
}

const recordBytes = int64(unsafe.Sizeof(record{}))

// A ref is the place of a record: the slot of its segment and its index there.
const (
	refBits  = 15 // 1<<refBits = segmentSpans
	none     = math.MaxUint32
	maxSlots = 1<<(32-refBits) - 1
)

func refOf(slot uint32, i int) uint32 { return slot<<refBits | uint32(i) }
func slotOf(ref uint32) uint32        { return ref >> refBits }
func indexOf(ref uint32) int          { return int(ref & (segmentSpans - 1)) }

// segment is a run of spans. The encoder that writes it appends beyond what is published; everything
// published is immutable, except for dead, which is copied before it changes under a snapshot.
type segment struct {
	serial  uint64
	slot    uint32
	reason  model.KeptBecause // KeptRecent: in the ring; else on that part of the shelf
	view    *view             // published; replaced, never changed, under Ring.mu
	epoch   uint64            // of the snapshots that may see view.dead
	live    int               // published spans whose trace is retained
	first   int64             // arrival of the first span, Unix ns
	bytes   int64             // counted into Ring.bytes
	shown   int64             // extra, as of the last publish
	encoder *encoder          // nil once sealed
	leaving bool              // being evicted

	// The encoder's side: all that was encoded, published or not.
	records []record
	data    []byte
	classes []*class
	values  []byte // the dictionary's, once the encoder went on to another segment
	ends    []uint32
	extra   int64 // bytes of classes, resources and scopes
}

// reserve makes room for n more bytes. Where enough spans are there to judge by, it makes as much as all of
// the segment will take: grown by and by, the bytes would be copied several times over and then cut.
func (g *segment) reserve(n int) {
	if cap(g.data)-len(g.data) >= n {
		return
	}
	want := 2 * (len(g.data) + n)
	if have := len(g.records); have >= 1024 {
		want = max(len(g.data)+n, len(g.data)*segmentSpans/have/64*65)
	}
	g.data = append(make([]byte, 0, want), g.data...)
}

// view is what readers see of a segment. Implements Segment.
type view struct {
	serial  uint64 // of the segment
	records []record
	data    []byte
	values  []byte
	ends    []uint32
	classes []*class
	dead    []uint64 // bit set: the span's trace has left
}

// Len implements Segment.
func (v *view) Len() int { return len(v.records) }

// Record implements Segment.
func (v *view) Record(i int) Record { return v.records[i].Record }

// Records implements Segment.
func (v *view) Records(wanted []bool, yield func(i int, r *Record) bool) {
	for i := range v.records {
		r := &v.records[i]
		if wanted != nil && !wanted[r.Class] || v.dead != nil && v.isDead(i) {
			continue
		}
		if !yield(i, &r.Record) {
			return
		}
	}
}

func (v *view) isDead(i int) bool { return v.dead[i>>6]&(1<<(i&63)) != 0 }

// Classes implements Segment.
func (v *view) Classes() int { return len(v.classes) }

// Class implements Segment.
func (v *view) Class(c uint32) *Class { return &v.classes[c].Class }

// Code implements Segment.
func (v *view) Code(i, pos int) (uint32, bool) {
	off := int(v.records[i].off) + 2*pos
	code := binary.LittleEndian.Uint16(v.data[off:])
	return uint32(code), code != inlined
}

// Codes implements Segment.
func (v *view) Codes() int { return len(v.ends) }

// Decode implements Segment.
func (v *view) Decode(code uint32) model.Value { return wire.Value(valueOf(v.values, v.ends, code)) }

// Value implements Segment.
func (v *view) Value(i, pos int) model.Value {
	raw, odd := v.raw(i, pos)
	if odd {
		return wire.Attribute(raw).Value
	}
	return wire.Value(raw)
}

// raw is the AnyValue at a position, or the whole KeyValue where odd.
func (v *view) raw(i, pos int) (b []byte, odd bool) {
	if code, ok := v.Code(i, pos); ok {
		return valueOf(v.values, v.ends, code), false
	}
	r := &v.records[i]
	c := v.classes[r.Class]
	w := v.tail(r, c)
	for p := 0; p < pos; p++ {
		if _, ok := v.Code(i, p); !ok {
			w.next()
		}
	}
	return w.next(), c.odd[pos]
}

// appendText appends a value as text. Strings, which nearly all are, are not decoded first.
func (v *view) appendText(b []byte, i, pos int) []byte {
	raw, odd := v.raw(i, pos)
	if !odd && len(raw) >= 2 && raw[0] == 1<<3|byte(wire.Bytes) && raw[1] < 0x80 && int(raw[1])+2 == len(raw) {
		return append(b, raw[2:]...)
	}
	return append(b, v.Value(i, pos).String()...)
}

// tail reads the length-prefixed parts that follow the codes of a span.
type tail struct {
	data []byte
	at   int
}

func (v *view) tail(r *record, c *class) tail {
	at := int(r.off) + 2*len(c.Keys)
	if c.rawEnd {
		at += 8
	}
	return tail{v.data, at}
}

func (t *tail) next() []byte {
	n, at := wire.Uvarint(t.data, t.at)
	t.at = at + int(n)
	return t.data[at:t.at]
}

// end is the end of a span as received.
func (v *view) end(r *record, c *class) int64 {
	if !c.rawEnd {
		return r.Start + r.Duration
	}
	return int64(binary.LittleEndian.Uint64(v.data[int(r.off)+2*len(c.Keys):]))
}

// rest is what the codes do not hold of a span, as received.
func (v *view) rest(i int) []byte {
	r := &v.records[i]
	c := v.classes[r.Class]
	if !c.Extra {
		return nil
	}
	w := v.tail(r, c)
	for p := range c.Keys {
		if _, ok := v.Code(i, p); !ok {
			w.next()
		}
	}
	return w.next()
}

// Rare implements Segment.
func (v *view) Rare(i int) (r Rare) {
	for f := wire.Of(v.rest(i), 0, ""); f.Next(); {
		switch f.Tag {
		case wire.SpanTraceState:
			r.TraceState = f.Bytes
		case wire.SpanDroppedAttributes:
			r.DroppedAttributes = uint32(f.Num)
		case wire.SpanDroppedEvents:
			r.DroppedEvents = uint32(f.Num)
		case wire.SpanDroppedLinks:
			r.DroppedLinks = uint32(f.Num)
		}
	}
	return r
}

// head is the head of span i.
func (v *view) head(i int) model.Head {
	r := &v.records[i]
	return v.headOf(r, v.classes[r.Class])
}

// headOf is the head of a span whose record and class are at hand.
func (v *view) headOf(r *record, c *class) model.Head {
	return model.Head{
		ID: r.ID, Parent: r.Parent, Start: r.Start, End: r.Start + r.Duration,
		Service: c.Service, Op: c.Op, Kind: c.Kind, Status: c.Status, Negative: c.rawEnd && v.end(r, c) < r.Start,
	}
}

// Span implements Segment. The trace id is that of the view's reader: see spanOf.
func (v *view) Span(i int) model.Span {
	r := &v.records[i]
	c := v.classes[r.Class]
	s := model.Span{
		ID: r.ID, Parent: r.Parent, Name: c.Name, Kind: c.Kind, Status: c.Status, Start: r.Start, End: v.end(r, c),
		Flags: c.flags, Resource: c.Resource, Scope: c.Scope,
	}
	if len(c.Keys) > 0 {
		s.Attributes = make([]model.Attribute, len(c.Keys))
	}
	w := v.tail(r, c)
	for p, key := range c.Keys {
		s.Attributes[p].Key = key
		if code, ok := v.Code(i, p); ok {
			s.Attributes[p].Value = v.Decode(code)
		} else if raw := w.next(); c.odd[p] {
			s.Attributes[p].Value = wire.Attribute(raw).Value
		} else {
			s.Attributes[p].Value = wire.Value(raw)
		}
	}
	if c.Extra {
		wire.Span(w.next(), &s)
	}
	return s
}

// settled is the settled form of span i.
func (v *view) settled(i int, n *names, scratch *[]byte) Settled {
	r := &v.records[i]
	c := v.classes[r.Class]
	s := Settled{Head: v.headOf(r, c)}
	if c.role != PeerNone {
		if s.Peer = v.peer(i, c, n, scratch); s.Peer != 0 {
			s.Role = c.role
		}
	}
	v.links(i, c, &s)
	return s
}

// links reads where the links of span i point.
func (v *view) links(i int, c *class, s *Settled) {
	if !c.Extra {
		return
	}
	for f := wire.Of(v.rest(i), 0, ""); f.Next(); {
		if f.Tag == wire.SpanLink {
			t, id := wire.LinkTarget(f.Bytes)
			s.Links = append(s.Links, LinkRef{t, id})
		}
	}
}
