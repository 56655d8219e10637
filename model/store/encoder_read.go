// Encoding a span, first step: what stands in the message.

package store

import (
	"oteltop/model"
	"oteltop/model/wire"
)

// incoming is the span being encoded, aliasing the request.
type incoming struct {
	size       int // bytes of the message
	resource   *resource
	scope      *scope
	trace      model.TraceID
	id, parent model.SpanID
	badID      bool
	name       []byte
	start, end int64
	flags      uint32
	kind       model.Kind
	status     model.StatusCode
	rawEnd     bool
	rest       []byte
}

// read walks a span once: what classes and records hold goes to s, e.attrs and e.signature, the rest of
// its fields verbatim to s.rest.
func (e *encoder) read(s *incoming, b []byte, at int) (events int, err error) {
	*s = incoming{resource: s.resource, scope: s.scope, size: len(b)}
	e.attrs, e.rest = e.attrs[:0], e.rest[:0]
	n := 0
	f := wire.Of(b, at, "span")
	for f.Next() {
		switch f.Tag {
		case wire.SpanTraceID:
			s.trace = wire.TraceID(f.Bytes)
		case wire.SpanID:
			s.id = wire.ID(f.Bytes)
		case wire.SpanParent:
			s.parent = wire.ID(f.Bytes)
			s.badID = len(f.Bytes) != 8 && len(f.Bytes) != 0
		case wire.SpanName:
			s.name = f.Bytes
		case wire.SpanKind:
			if s.kind = wire.Kind(f.Num); uint64(s.kind) != f.Num {
				e.rest = append(e.rest, f.Raw()...)
			}
		case wire.SpanStart:
			s.start = int64(f.Num)
		case wire.SpanEnd:
			s.end = int64(f.Num)
		case wire.SpanAttribute:
			err = e.attribute(f.Bytes, f.At(), f.Raw())
		case wire.SpanTraceState:
			if len(f.Bytes) > 0 {
				e.rest = append(e.rest, f.Raw()...)
			}
		default:
			n, err = e.behind(s, &f)
			events += n
		}
		if err != nil {
			return events, err
		}
	}
	e.finish(s)
	return events, f.Err()
}

// behind reads a field that SDKs write behind the attributes, or one that is not known, which stays verbatim.
func (e *encoder) behind(s *incoming, f *wire.Fields) (events int, err error) {
	switch f.Tag {
	case wire.SpanFlags:
		s.flags = uint32(f.Num)
	case wire.SpanStatus:
		return 0, e.status(s, f.Bytes, f.At(), f.Raw())
	case wire.SpanEvent:
		return 1, e.rare(wire.MessageEvent, f)
	case wire.SpanLink:
		return 1, e.rare(wire.MessageLink, f)
	default:
		e.rest = append(e.rest, f.Raw()...)
	}
	return 0, nil
}

// finish notes what is known once all fields of a span have been read.
func (e *encoder) finish(s *incoming) {
	s.rest = e.rest
	s.rawEnd = s.end < s.start || s.end-s.start < 0
}

// attribute notes an attribute of the span being read.
func (e *encoder) attribute(kv []byte, at int, field []byte) error {
	key, value, plain, err := wire.KeyValue(kv, at)
	if err != nil {
		return err
	}
	if len(e.attrs) == maxKeys {
		e.attributes++
		e.rest = append(e.rest, field...)
		return wire.CheckAttribute(kv, at)
	}
	kind, err := wire.ValueKind(value, at+len(kv)-len(value))
	if err != nil {
		return err
	}
	a := attr{key: key, value: value, kind: kind}
	if !plain {
		a.value, a.odd = kv, true
	}
	e.attrs = append(e.attrs, a)
	return nil
}

// status takes the code into the class; a message or an unknown code stays verbatim.
func (e *encoder) status(s *incoming, b []byte, at int, field []byte) error {
	f := wire.Of(b, at, "status")
	whole := true
	for f.Next() {
		if f.Tag == wire.StatusCode {
			s.status = wire.Status(f.Num)
			whole = whole && uint64(s.status) == f.Num
		} else {
			whole = false
		}
	}
	if !whole {
		e.rest = append(e.rest, field...)
	}
	return f.Err()
}

// rare keeps an event or a link verbatim.
func (e *encoder) rare(m wire.Message, f *wire.Fields) error {
	n, err := wire.Check(m, f.Bytes, f.At())
	e.attributes += n
	e.rest = append(e.rest, f.Raw()...)
	return err
}
