package wire

import (
	"encoding/binary"

	"oteltop/model"
)

// Tags of ExportTraceServiceRequest, ResourceSpans and ScopeSpans. Resource spans stand in field 1 of a
// request; Inner, Children and SchemaURL are the fields that ResourceSpans and ScopeSpans share.
const (
	ResourceSpans = 1<<3 | uint32(Bytes)
	Inner         = 1<<3 | uint32(Bytes) // the Resource or Scope
	Children      = 2<<3 | uint32(Bytes) // the ScopeSpans or Spans
	SchemaURL     = 3<<3 | uint32(Bytes)
)

// Tags of Span.
const (
	SpanTraceID           = 1<<3 | uint32(Bytes)
	SpanID                = 2<<3 | uint32(Bytes)
	SpanTraceState        = 3<<3 | uint32(Bytes)
	SpanParent            = 4<<3 | uint32(Bytes)
	SpanName              = 5<<3 | uint32(Bytes)
	SpanKind              = 6<<3 | uint32(Varint)
	SpanStart             = 7<<3 | uint32(Fixed64)
	SpanEnd               = 8<<3 | uint32(Fixed64)
	SpanAttribute         = 9<<3 | uint32(Bytes)
	SpanDroppedAttributes = 10<<3 | uint32(Varint)
	SpanEvent             = 11<<3 | uint32(Bytes)
	SpanDroppedEvents     = 12<<3 | uint32(Varint)
	SpanLink              = 13<<3 | uint32(Bytes)
	SpanDroppedLinks      = 14<<3 | uint32(Varint)
	SpanStatus            = 15<<3 | uint32(Bytes)
	SpanFlags             = 16<<3 | uint32(Fixed32)
)

// Tags of Status, Event, Link, Resource and InstrumentationScope.
const (
	StatusMessage = 2<<3 | uint32(Bytes)
	StatusCode    = 3<<3 | uint32(Varint)

	eventTime      = 1<<3 | uint32(Fixed64)
	eventName      = 2<<3 | uint32(Bytes)
	eventAttribute = 3<<3 | uint32(Bytes)
	eventDropped   = 4<<3 | uint32(Varint)

	linkTraceID    = 1<<3 | uint32(Bytes)
	linkSpanID     = 2<<3 | uint32(Bytes)
	linkTraceState = 3<<3 | uint32(Bytes)
	linkAttribute  = 4<<3 | uint32(Bytes)
	linkDropped    = 5<<3 | uint32(Varint)
	linkFlags      = 6<<3 | uint32(Fixed32)

	resourceAttribute = 1<<3 | uint32(Bytes)
	resourceDropped   = 2<<3 | uint32(Varint)

	scopeName      = 1<<3 | uint32(Bytes)
	scopeVersion   = 2<<3 | uint32(Bytes)
	scopeAttribute = 3<<3 | uint32(Bytes)
	scopeDropped   = 4<<3 | uint32(Varint)
)

// TraceID reads 16 bytes; any other length gives the zero id.
func TraceID(b []byte) model.TraceID {
	if len(b) != 16 {
		return model.TraceID{}
	}
	return model.TraceID{Hi: binary.BigEndian.Uint64(b), Lo: binary.BigEndian.Uint64(b[8:])}
}

// ID reads 8 bytes; any other length gives zero.
func ID(b []byte) model.SpanID {
	if len(b) != 8 {
		return 0
	}
	return model.SpanID(binary.BigEndian.Uint64(b))
}

// Span decodes the fields of a span into s, over what s holds already. The result owns its memory.
func Span(b []byte, s *model.Span) {
	for f := Of(b, 0, "span"); f.Next(); {
		switch f.Tag {
		case SpanTraceID:
			s.TraceID = TraceID(f.Bytes)
		case SpanID:
			s.ID = ID(f.Bytes)
		case SpanTraceState:
			s.TraceState = string(f.Bytes)
		case SpanParent:
			s.Parent = ID(f.Bytes)
		case SpanName:
			s.Name = string(f.Bytes)
		case SpanKind:
			s.Kind = Kind(f.Num)
		case SpanStart:
			s.Start = int64(f.Num)
		case SpanEnd:
			s.End = int64(f.Num)
		case SpanAttribute:
			s.Attributes = append(s.Attributes, Attribute(f.Bytes))
		case SpanDroppedAttributes:
			s.DroppedAttributes = uint32(f.Num)
		case SpanEvent:
			s.Events = append(s.Events, event(f.Bytes))
		case SpanDroppedEvents:
			s.DroppedEvents = uint32(f.Num)
		case SpanLink:
			s.Links = append(s.Links, Link(f.Bytes))
		case SpanDroppedLinks:
			s.DroppedLinks = uint32(f.Num)
		case SpanStatus:
			status(f.Bytes, s)
		case SpanFlags:
			s.Flags = uint32(f.Num)
		}
	}
}

// Kind is the span kind of an enum value; kinds that OTLP does not define count as unspecified.
func Kind(n uint64) model.Kind {
	if n > uint64(model.KindConsumer) {
		return model.KindUnspecified
	}
	return model.Kind(n)
}

// Status is the status code of an enum value; codes that OTLP does not define count as unset.
func Status(n uint64) model.StatusCode {
	if n > uint64(model.StatusError) {
		return model.StatusUnset
	}
	return model.StatusCode(n)
}

func status(b []byte, s *model.Span) {
	for f := Of(b, 0, "status"); f.Next(); {
		switch f.Tag {
		case StatusMessage:
			s.StatusText = string(f.Bytes)
		case StatusCode:
			s.Status = Status(f.Num)
		}
	}
}

func event(b []byte) (e model.Event) {
	for f := Of(b, 0, "event"); f.Next(); {
		switch f.Tag {
		case eventTime:
			e.Time = int64(f.Num)
		case eventName:
			e.Name = string(f.Bytes)
		case eventAttribute:
			e.Attributes = append(e.Attributes, Attribute(f.Bytes))
		case eventDropped:
			e.Dropped = uint32(f.Num)
		}
	}
	return e
}

// Link decodes a span link.
func Link(b []byte) (l model.Link) {
	for f := Of(b, 0, "link"); f.Next(); {
		switch f.Tag {
		case linkTraceID:
			l.TraceID = TraceID(f.Bytes)
		case linkSpanID:
			l.SpanID = ID(f.Bytes)
		case linkTraceState:
			l.TraceState = string(f.Bytes)
		case linkAttribute:
			l.Attributes = append(l.Attributes, Attribute(f.Bytes))
		case linkDropped:
			l.Dropped = uint32(f.Num)
		case linkFlags:
			l.Flags = uint32(f.Num)
		}
	}
	return l
}

// LinkTarget reads only where a link points.
func LinkTarget(b []byte) (t model.TraceID, s model.SpanID) {
	for f := Of(b, 0, "link"); f.Next(); {
		switch f.Tag {
		case linkTraceID:
			t = TraceID(f.Bytes)
		case linkSpanID:
			s = ID(f.Bytes)
		}
	}
	return t, s
}

// Resource decodes a resource; its service name is left to the store, which knows the namespaces.
func Resource(b []byte) *model.Resource {
	r := new(model.Resource)
	for f := Of(b, 0, "resource"); f.Next(); {
		switch f.Tag {
		case resourceAttribute:
			r.Attributes = append(r.Attributes, Attribute(f.Bytes))
		case resourceDropped:
			r.Dropped = uint32(f.Num)
		}
	}
	return r
}

// Scope decodes an instrumentation scope.
func Scope(b []byte) *model.Scope {
	s := new(model.Scope)
	for f := Of(b, 0, "scope"); f.Next(); {
		switch f.Tag {
		case scopeName:
			s.Name = string(f.Bytes)
		case scopeVersion:
			s.Version = string(f.Bytes)
		case scopeAttribute:
			s.Attributes = append(s.Attributes, Attribute(f.Bytes))
		case scopeDropped:
			s.Dropped = uint32(f.Num)
		}
	}
	return s
}
