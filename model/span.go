package model

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// TraceID is the 128-bit identifier of a trace, big-endian halves. The zero value is invalid.
type TraceID struct{ Hi, Lo uint64 }

// IsZero reports whether the id is the invalid all-zero id.
func (t TraceID) IsZero() bool { return t.Hi|t.Lo == 0 }

// String returns 32 lower-case hex digits.
func (t TraceID) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], t.Hi)
	binary.BigEndian.PutUint64(b[8:], t.Lo)
	return hex.EncodeToString(b[:])
}

// Compare orders ids as numbers: the order in which ties are broken.
func (t TraceID) Compare(u TraceID) int {
	return cmp.Or(cmp.Compare(t.Hi, u.Hi), cmp.Compare(t.Lo, u.Lo))
}

// ErrID is returned for text that is not an identifier of the right length in hex.
var ErrID = errors.New("not a hexadecimal identifier of the right length")

// ParseTraceID reads 32 hex digits of either case (16 are taken as the low half, as Zipkin writes).
func ParseTraceID(s string) (TraceID, error) {
	var b [16]byte
	switch len(s) {
	case 32:
		if _, err := hex.Decode(b[:], []byte(s)); err != nil {
			return TraceID{}, ErrID
		}
	case 16:
		if _, err := hex.Decode(b[8:], []byte(s)); err != nil {
			return TraceID{}, ErrID
		}
	default:
		return TraceID{}, ErrID
	}
	return TraceID{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, nil
}

// SpanID is the 64-bit identifier of a span, big-endian. Zero is invalid (as a parent: no parent).
type SpanID uint64

// String returns 16 lower-case hex digits.
func (s SpanID) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(s))
	return hex.EncodeToString(b[:])
}

// ParseSpanID reads 16 hex digits of either case.
func ParseSpanID(s string) (SpanID, error) {
	var b [8]byte
	if len(s) != 16 {
		return 0, ErrID
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return 0, ErrID
	}
	return SpanID(binary.BigEndian.Uint64(b[:])), nil
}

// Kind is the OTLP span kind, with OTLP's numbers.
type Kind uint8

// The kinds of OTLP.
const (
	KindUnspecified Kind = iota
	KindInternal
	KindServer
	KindClient
	KindProducer
	KindConsumer
)

var kindNames = [...]string{"unspecified", "internal", "server", "client", "producer", "consumer"}

// String returns the lower-case name, "unspecified" for numbers that OTLP does not define.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// IsEntry reports whether such a span begins the work of its service: a request or a message came in.
func (k Kind) IsEntry() bool { return k == KindServer || k == KindConsumer }

// IsExit reports whether such a span is a call or a message that leaves its service.
func (k Kind) IsExit() bool { return k == KindClient || k == KindProducer }

// StatusCode is the OTLP status code, with OTLP's numbers.
type StatusCode uint8

// The status codes of OTLP.
const (
	StatusUnset StatusCode = iota
	StatusOK
	StatusError
)

// String returns "unset", "ok" or "error".
func (s StatusCode) String() string {
	switch s {
	case StatusOK:
		return "ok"
	case StatusError:
		return "error"
	}
	return "unset"
}

// Span is one decoded span. It is immutable and owns its memory: nothing aliases the store.
// Strings are the raw bytes that were received; only Sanitise makes them fit for a terminal.
type Span struct {
	TraceID    TraceID
	ID, Parent SpanID // Parent 0: a root
	Name       string
	Kind       Kind
	Status     StatusCode
	StatusText string
	Start, End int64 // Unix ns, as received: End may lie before Start
	Attributes []Attribute
	Events     []Event
	Links      []Link
	TraceState string
	Flags      uint32

	DroppedAttributes, DroppedEvents, DroppedLinks uint32

	Resource *Resource
	Scope    *Scope
}

// Duration is End−Start in ns, 0 where End lies before Start (D3).
func (s *Span) Duration() int64 {
	if s.End < s.Start {
		return 0
	}
	return s.End - s.Start
}

// Attribute finds the first attribute with the key.
func (s *Span) Attribute(key string) (Value, bool) { return Lookup(s.Attributes, key) }

// Attribute is a key with its value.
type Attribute struct {
	Key   string
	Value Value
}

// Lookup finds the first attribute with the key.
func Lookup(as []Attribute, key string) (Value, bool) {
	for i := range as {
		if as[i].Key == key {
			return as[i].Value, true
		}
	}
	return Value{}, false
}

// Event is a span event (an exception, a log line attached to the span).
type Event struct {
	Name       string
	Time       int64 // Unix ns
	Attributes []Attribute
	Dropped    uint32
}

// Link points from a span to a span of the same or another trace.
type Link struct {
	TraceID    TraceID
	SpanID     SpanID
	TraceState string
	Flags      uint32
	Attributes []Attribute
	Dropped    uint32
}

// Resource is what produced a span. Shared by many spans; immutable.
type Resource struct {
	// Service is the name that every table and map uses: service.name, or UnknownService. Where two
	// namespaces use one name, the later one to arrive is "namespace/name" (D4).
	Service    string
	Attributes []Attribute
	Dropped    uint32
	SchemaURL  string
}

// UnknownService stands for a resource without service.name. Such spans are kept (peers drop them).
const UnknownService = "unknown_service"

// Scope is the instrumentation scope of a span. Shared by many spans; immutable.
type Scope struct {
	Name, Version string
	Attributes    []Attribute
	Dropped       uint32
	SchemaURL     string
}
