// Package wire walks OTLP trace messages in protobuf without copying them.
//
//	ExportTraceServiceRequest ─▶ Fields (resource spans) ─▶ Fields (scope spans) ─▶ Fields (spans) ─▶ Head, KeyValue
//	                                                                                         └─▶ Span: everything, decoded
//
// Everything returned by the walk aliases its input. Lengths are checked before they are used; nothing
// panics whatever the bytes are. Fields with an unexpected wire type count as unknown, as in protobuf.
package wire

import "fmt"

// MaxValueDepth is how deep nested attribute values (arrays, maps) are checked and decoded. What lies
// deeper is kept as received and decodes to the empty value. OTLP's SDKs nest 2 or 3 deep.
const MaxValueDepth = 64

// Error says where in a message the bytes stop making sense.
type Error struct {
	Offset int    // of the byte, from the start of the message first walked
	Field  string // what was being read
	Reason string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("malformed OTLP at byte %d, %s: %s", e.Offset, e.Field, e.Reason)
}
