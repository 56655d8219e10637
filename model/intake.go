package model

import "sync/atomic"

// Refusal is a reason for which something that was sent was not taken.
type Refusal uint8

// The reasons. Spans are counted where their number is known, else requests (see Intake).
const (
	RefusedMalformed   Refusal = iota // could not be decoded
	RefusedTooLarge                   // over the size limit after decompression
	RefusedInvalidID                  // a zero or wrong-length trace or span id
	RefusedBudget                     // over the span, attribute or event budget of a request
	RefusedOverload                   // the in-flight budget was used up; the sender was told to retry
	RefusedUnsupported                // content type or encoding not supported
	RefusedHost                       // HTTP Host header not allowed (DNS rebinding)
	RefusedAuth                       // no or wrong token
	RefusedInternal                   // a panic in a handler was recovered
	Refusals                          // how many reasons there are
)

var refusalNames = [Refusals]string{"malformed", "too_large", "invalid_id", "over_budget", "overload", "unsupported", "host", "auth", "internal"}

// String is the stable snake_case name used in reports.
func (r Refusal) String() string { return refusalNames[r] }

// Transport is a way in which telemetry arrives.
type Transport uint8

// The transports.
const (
	TransportGRPC Transport = iota
	TransportHTTPProto
	TransportHTTPJSON
	TransportFile
	TransportDemo
	Transports
)

var transportNames = [Transports]string{"grpc", "http_protobuf", "http_json", "file", "demo"}

// String is the stable snake_case name used in reports.
func (t Transport) String() string { return transportNames[t] }

// Intake counts what reached the receivers. Feeds add to it, screens read it; all fields are atomic and
// only grow (Connections goes up and down). One Intake per process, made in main.
type Intake struct {
	Requests [Transports]atomic.Uint64
	Bytes    [Transports]atomic.Uint64 // after decompression
	Spans    [Transports]atomic.Uint64 // that were in those requests, taken or not

	RefusedSpans    [Refusals]atomic.Uint64
	RefusedRequests [Refusals]atomic.Uint64

	LogRecords   atomic.Uint64 // received
	MetricPoints atomic.Uint64 // received, not shown
	Connections  atomic.Int64  // open now
	InFlight     atomic.Int64  // bytes of requests being handled now
}

// Receipt is what became of the spans of one request: Received = Stored + Duplicate + ΣRefused.
type Receipt struct {
	Received  int
	Stored    int
	Duplicate int
	Refused   [Refusals]int
	Message   string // for partial success: what was refused and why; empty when nothing was
}

// RefusedTotal is the sum over reasons.
func (r *Receipt) RefusedTotal() int {
	n := 0
	for _, c := range r.Refused {
		n += c
	}
	return n
}
