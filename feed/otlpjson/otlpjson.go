// Package otlpjson reads OTLP/JSON. It turns requests of traces and logs into OTLP protobuf, the one form
// that sinks take, and counts the data points of metrics.
//
//	JSON text ─▶ scanner ─▶ schema (which key is which field) ─▶ protobuf, written as the text is read
//
// Nothing is built in between: there is no tree, no struct per span and no reflection.
//
// What is accepted beyond the letter of the specification, because senders do it: snake_case keys,
// enum names, 64-bit integers as numbers, null for any value, base64 of either alphabet with or without
// padding. Unknown keys are ignored. A key that stands twice counts twice, and then protobuf's rule
// holds: the last scalar that is not zero wins, messages merge, lists grow.
package otlpjson

import (
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of objects and arrays. An attribute value of 64 levels, the deepest that
// anybody has been seen to send, takes 3 objects and arrays a level and about 10 around it; the rest is room.
const maxDepth = 1000

// ToProto transcodes one OTLP/JSON ExportTraceServiceRequest and appends it to dst as protobuf. The
// result always decodes: text that is not UTF-8 and lone surrogates become U+FFFD. Ids of the wrong
// length stay of the wrong length, for the sink to refuse and count span by span. Fields that hold the
// zero value are left out, as every protobuf encoder does.
//
// The error is an *Error; dst is then returned as it was given.
func ToProto(dst, src []byte) ([]byte, error) { return toProto(dst, src, msgRequest) }

// LogsToProto does the same for an ExportLogsServiceRequest.
func LogsToProto(dst, src []byte) ([]byte, error) { return toProto(dst, src, msgLogsRequest) }

func toProto(dst, src []byte, m message) ([]byte, error) {
	s := scanner{src: src, dst: dst}
	if err := s.document(func() *Error { return s.message(m, 1) }); err != nil {
		return dst, err
	}
	return s.dst, nil
}

// Error says why text is not OTLP/JSON.
type Error struct {
	Offset int    // byte offset in the text
	Path   string // where in the document, as in resourceSpans[0].scopeSpans[2].spans[11].kind
	Reason string // what is wrong there
}

// Error tells all three.
func (e *Error) Error() string {
	where := ""
	if e.Path != "" {
		where = " in " + e.Path
	}
	return "otlp json: offset " + strconv.Itoa(e.Offset) + where + ": " + e.Reason
}

// What an error repeats of an unknown key and of a path is bounded, because senders choose both.
const (
	longestName = 64
	longestPath = 512
)

// inKey adds an object key in front of the path; errors gather their path on the way out, so that
// correct text pays nothing for it.
func (e *Error) inKey(key string) *Error {
	if len(key) > longestName {
		key = key[:longestName]
	}
	e.prepend(strings.ToValidUTF8(key, "\uFFFD"))
	return e
}

// inElement adds an array index in front of the path.
func (e *Error) inElement(i int) *Error {
	e.prepend("[" + strconv.Itoa(i) + "]")
	return e
}

func (e *Error) prepend(step string) {
	switch {
	case e.Path == "":
		e.Path = step
	case len(e.Path) > longestPath:
		if e.Path[0] != '.' {
			e.Path = "..." + e.Path
		}
	case e.Path[0] == '[':
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
}
