package store

import (
	"encoding/binary"

	"oteltop/model"
	"oteltop/model/wire"
)

// follow encodes a span in one walk, straight into the segment, on the guess that it has one of the classes
// that the latest spans of its operation had. Then most attributes are, byte for byte, those that stood there
// last: they cost one comparison and are never taken apart.
//
// It is false for a span that is not as guessed, and for any that is not written as SDKs write it: read and
// add do those from the start. Nothing has changed then but what positions saw last, which is no more than a
// guess itself. 98 % of the load generator's spans are followed, which took a third off Append.
func (e *encoder) follow(s *incoming, b []byte, at int) bool {
	if g := e.segment; g == nil || len(g.records) == segmentSpans || e.full(g) {
		return false
	}
	*s = incoming{resource: s.resource, scope: s.scope, size: len(b)}
	i := s.lead(b)
	if i < 0 || s.trace.IsZero() || s.id == 0 {
		return false
	}
	n, end := attributesOf(b, i)
	before := e.attributes
	events, ok := e.trail(s, b[end:], at+end)
	within := e.attributes-before+n <= maxSpanFields && events <= maxSpanFields && e.room(n, events)
	if !ok || !within || !e.fill(s, b[i:end], n) {
		e.attributes = before
		return false
	}
	e.spans++
	e.events += events
	e.attributes += n
	return true
}

// fill adds a span with n attributes under the first of its operation's latest templates that it fits.
func (e *encoder) fill(s *incoming, attributes []byte, n int) bool {
	g := e.segment
	g.reserve(s.size + 2*n + 32) // as add does
	off := len(g.data)
	w, mark := e.recentOf(s, n)
	for k := range w.marks {
		if w.marks[k] != mark {
			continue
		}
		t := w.templates[k]
		if len(t.at) != n || !t.class.heads(s) {
			continue
		}
		e.register(t, s)
		if wrote := e.values(t, g.data[off:cap(g.data)], attributes); wrote >= 0 {
			data := g.data[:off+wrote]
			if s.rawEnd {
				binary.LittleEndian.PutUint64(data[off+2*n:], uint64(s.end))
			}
			e.commit(s, t, data)
			return true
		}
	}
	return false
}

// lead reads what stands before the attributes, in the order of field numbers. It returns how many bytes
// that is, −1 where there are no ids; whatever else is out of the ordinary is left to trail.
func (s *incoming) lead(b []byte) int {
	const ids = 2 + 16 + 2 + 8
	flags := [2]byte{byte(wire.SpanFlags) | 0x80, byte(wire.SpanFlags >> 7)} // a tag of two bytes
	if len(b) < ids || b[0] != byte(wire.SpanTraceID) || b[1] != 16 || b[18] != byte(wire.SpanID) || b[19] != 8 {
		return -1
	}
	s.trace, s.id = wire.TraceID(b[2:18]), wire.ID(b[20:ids])
	i := ids
	if len(b)-i >= 10 && b[i] == byte(wire.SpanParent) && b[i+1] == 8 {
		s.parent = wire.ID(b[i+2 : i+10])
		i += 10
	}
	if len(b)-i >= 6 && b[i] == flags[0] && b[i+1] == flags[1] { // where OTLP JSON was written by the Collector
		s.flags = binary.LittleEndian.Uint32(b[i+2:])
		i += 6
	}
	if len(b)-i >= 2 && b[i] == byte(wire.SpanName) && b[i+1] < 0x80 && int(b[i+1]) <= len(b)-i-2 {
		s.name = b[i+2 : i+2+int(b[i+1])]
		i += 2 + len(s.name)
	}
	if len(b)-i >= 2 && b[i] == byte(wire.SpanKind) && b[i+1] <= byte(model.KindConsumer) {
		s.kind = model.Kind(b[i+1])
		i += 2
	}
	if len(b)-i >= 18 && b[i] == byte(wire.SpanStart) && b[i+9] == byte(wire.SpanEnd) {
		s.start = int64(binary.LittleEndian.Uint64(b[i+1:]))
		s.end = int64(binary.LittleEndian.Uint64(b[i+10:]))
		i += 18
	}
	return i
}

// attributesOf says how many attributes begin at b[i], and where they end.
func attributesOf(b []byte, i int) (n, end int) {
	for ; len(b)-i >= 3 && b[i] == byte(wire.SpanAttribute); n++ {
		size, from := short(b, i+1)
		if size < 0 || size > len(b)-from {
			break
		}
		i = from + size
	}
	return n, i
}

// values encodes the attributes behind the segment's data: codes, and behind them what is inline. It returns
// how many bytes it wrote, −1 where keys or types are not those of the template. attributesOf has checked
// lengths and number.
func (e *encoder) values(t *template, data, b []byte) (wrote int) {
	inline := t.class.codes()
	for n := range t.at {
		size, from := short(b, 1)
		p, kv := &t.at[n], b[from:from+size]
		b = b[from+size:]
		if p.last != inlined && string(p.raw) == string(kv) {
			binary.LittleEndian.PutUint16(data[2*n:], p.last)
			continue
		}
		v := p.under(kv)
		if v == nil {
			if v = valueUnder(t.class.Keys[n], kv); v == nil || t.class.odd[n] {
				return -1
			}
		}
		if kind, err := wire.ValueKind(v, 0); err != nil || kind != p.kind {
			return -1
		}
		code := e.dict.place(p, v)
		binary.LittleEndian.PutUint16(data[2*n:], code)
		if code == inlined {
			inline += binary.PutUvarint(data[inline:], uint64(len(v)))
			inline += copy(data[inline:], v)
		} else if len(kv) <= maxRaw {
			p.raw = append(p.raw[:0], kv...)
		}
	}
	return inline
}

// short reads a length of one or two bytes at b[i], −1 where it is longer, and says what follows it.
// b[i+1] exists.
func short(b []byte, i int) (n, next int) {
	if n = int(b[i]); n < 0x80 {
		return n, i + 1
	}
	if b[i+1] >= 0x80 {
		return -1, i
	}
	return n&0x7f | int(b[i+1])<<7, i + 2
}

// under is the value of a KeyValue whose key and form are those of the one that stood here before: a comparison
// with bytes that have just been looked at. It is nil of any other, where none is remembered, and where the value
// is empty.
func (p *position) under(kv []byte) []byte {
	k := int(p.key)
	if len(p.raw) == 0 || len(kv) < k+2 || string(kv[:k]) != string(p.raw[:k]) {
		return nil
	}
	return valueAt(kv, k)
}

// valueUnder is the value of a KeyValue that consists of a key shorter than 128 bytes and a value that is not
// empty; nil of any other, and under another key.
func valueUnder(key string, kv []byte) []byte {
	k := 2 + len(key)
	if len(kv) < k+3 || len(key) >= 0x80 || kv[0] != byte(wire.AttributeKey) || int(kv[1]) != len(key) || kv[k] != byte(wire.AttributeValue) || string(kv[2:k]) != key {
		return nil
	}
	return valueAt(kv, k+1)
}

// valueAt is what follows a length at kv[i], nil where that is not all the rest. kv[i+1] exists.
func valueAt(kv []byte, i int) []byte {
	n, from := short(kv, i)
	if n != len(kv)-from {
		return nil
	}
	return kv[from:]
}

// trail reads what stands behind the attributes. It is false for what belongs before them, and on errors.
func (e *encoder) trail(s *incoming, b []byte, at int) (events int, ok bool) {
	e.rest = e.rest[:0]
	if len(b) >= 2 && b[0] == byte(wire.SpanStatus) && b[1] == 0 { // as most spans end
		b, at = b[2:], at+2
	}
	if len(b) == 6 && b[0] == byte(wire.SpanFlags)|0x80 && b[1] == byte(wire.SpanFlags>>7) {
		s.flags, b = binary.LittleEndian.Uint32(b[2:]), nil
	}
	f := wire.Of(b, at, "span")
	for f.Next() {
		if f.Tag <= wire.SpanAttribute|uint32(wire.Fixed32) {
			return 0, false
		}
		n, err := e.behind(s, &f)
		if events += n; err != nil {
			return 0, false
		}
	}
	e.finish(s)
	return events, f.Err() == nil
}
