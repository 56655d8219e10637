package model

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

// Scope is the instrumentation scope of a span. Shared by many spans; immutable.
type Scope struct {
	Name, Version string
	Attributes    []Attribute
	Dropped       uint32
	SchemaURL     string
}
