package failures

import (
	"strconv"
	"strings"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxDecoded is how many spans are decoded for their events and status messages, of one sweep: each takes
	// about two microseconds, and a type that the attributes tell needs none.
	maxDecoded = 200_000
	// undecoded is the type of those beyond.
	undecoded = "(not looked at)"
)

// Source is where the type of an error was read.
type Source uint8

// The sources, in the order in which they are looked at.
const (
	FromNothing   Source = iota
	FromType             // attribute error.type
	FromException        // type of an exception, an event
	FromStatus           // HTTP status code, which error.type may repeat
	FromRPC              // gRPC status code
	FromMessage          // status message, normalised, or several of these
)

var sourceNames = [...]string{"none", "error.type", "exception.type", "http.status_code", "rpc.status_code", "status_message"}

// String is the name in reports.
func (s Source) String() string { return sourceNames[s] }

// Keys of the semantic conventions, the present name first.
var (
	httpStatusKeys = [...]string{"http.response.status_code", "http.status_code"}
	rpcStatusKeys  = [...]string{"rpc.response.status_code", "rpc.grpc.status_code"}
)

// errorType is a kind of error: what groups are made by.
type errorType struct {
	text   string
	source Source
}

// kinds tells the types of errors. Their numbers are handed out in order of appearance; 0 is what all beyond the
// bound count as.
type kinds struct {
	ids       map[string]uint32
	list      []errorType
	decoded   int
	Undecoded uint64 // errors whose events were not looked at, for the bound
	Dropped   uint64 // errors whose type found no room

	trace model.TraceID // that memo is of
	memo  []uint32      // by node, one more than its type; 0: not looked at yet
}

func newKinds() *kinds {
	return &kinds{ids: map[string]uint32{}, list: []errorType{{text: store.Overflow}}}
}

// id is the number of a type. Errors of one name are of one type wherever it was read, so that what sends present
// and what sends former attributes falls together.
func (k *kinds) id(text string, source Source) uint32 {
	text = cut(text)
	id, ok := k.ids[text]
	if ok {
		if x := &k.list[id]; x.source != source {
			x.source = mixed(x.source, source)
		}
		return id
	}
	if len(k.list) >= maxTypes {
		k.Dropped++
		return 0
	}
	id = uint32(len(k.list))
	text = strings.Clone(text)
	k.ids[text] = id
	k.list = append(k.list, errorType{text, source})
	return id
}

// mixed is the source of a type that was read in two places: a status code can be looked for in both.
func mixed(a, b Source) Source {
	if min(a, b) == FromType && max(a, b) == FromStatus {
		return FromStatus
	}
	return FromMessage
}

// of is the type of the error at a node.
func (k *kinds) of(t *request.Trace, node int32) uint32 {
	if k.trace != t.ID || len(k.memo) != len(t.Tree.Nodes) {
		k.trace, k.memo = t.ID, scratch.Cleared(k.memo, len(t.Tree.Nodes))
	}
	if k.memo[node] == 0 {
		k.memo[node] = k.read(t, node) + 1
	}
	return k.memo[node] - 1
}

// read reads the type of the error at a node. The type that the instrumentation states goes first, except where it
// merely repeats the status code, or says that there is no better name: then the exception behind it tells more.
func (k *kinds) read(t *request.Trace, node int32) uint32 {
	stated, _ := t.Attribute(node, "error.type")
	text := stated.String()
	if isTelling(text) {
		return k.id(text, FromType)
	}
	var message string
	if t.Class(node).Extra {
		if k.decoded < maxDecoded {
			k.decoded++
			span := t.Decode(node)
			if typ, source := exceptionType(&span); typ != "" {
				return k.id(typ, source)
			}
			message = normalise(span.StatusText)
		} else {
			k.Undecoded++
			message = undecoded
		}
	}
	if code, ok := number(t, node, httpStatusKeys[:]); ok && code >= 400 {
		return k.id(strconv.Itoa(code), FromStatus)
	}
	if text != "" && text != otherType {
		return k.id(text, FromStatus)
	}
	if name := rpcStatus(t, node); name != "" {
		return k.id(name, FromRPC)
	}
	if message != "" {
		return k.id(message, FromMessage)
	}
	if text != "" {
		return k.id(text, FromType)
	}
	return k.id("", FromNothing)
}

// otherType is what error.type is where the instrumentation has no name for the error.
const otherType = "_OTHER"

func isTelling(typ string) bool {
	return typ != "" && typ != otherType && strings.Trim(typ, "0123456789") != ""
}

func cut(text string) string {
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "")
	}
	return text
}

// number is an attribute as an integer, whichever type it was sent as.
func number(t *request.Trace, node int32, keys []string) (int, bool) {
	v, ok := t.Attribute(node, keys...)
	if !ok {
		return 0, false
	}
	if n, ok := v.Number(); ok && n == float64(int(n)) {
		return int(n), true
	}
	n, err := strconv.Atoi(v.Str())
	return n, err == nil
}

// exceptionType is the type of the last exception of a span: what escaped in the end. Events of OpenTracing
// call it error.kind.
func exceptionType(s *model.Span) (string, Source) {
	for i := len(s.Events) - 1; i >= 0; i-- {
		e := &s.Events[i]
		if e.Name != "exception" && e.Name != "error" {
			continue
		}
		for _, key := range [...]string{"exception.type", "error.kind", "exception.message"} {
			if v, ok := model.Lookup(e.Attributes, key); ok && v.String() != "" {
				switch key {
				case "exception.type":
					return v.String(), FromException
				case "exception.message":
					return normalise(v.String()), FromMessage
				}
				return v.String(), FromMessage
			}
		}
	}
	return "", FromNothing
}

// exceptionMessage is the message of the last exception of a span, and its status message without one.
func exceptionMessage(s *model.Span) string {
	for i := len(s.Events) - 1; i >= 0; i-- {
		for _, key := range [...]string{"exception.message", "message"} {
			if v, ok := model.Lookup(s.Events[i].Attributes, key); ok && v.String() != "" {
				return cut(v.String())
			}
		}
	}
	return cut(s.StatusText)
}

var rpcNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// rpcStatus is the name of the gRPC status of a node, which used to be sent as a number; empty for OK and none.
func rpcStatus(t *request.Trace, node int32) string {
	v, ok := t.Attribute(node, rpcStatusKeys[:]...)
	if !ok {
		return ""
	}
	name := v.String()
	if code, err := strconv.Atoi(name); err == nil && code >= 0 && code < len(rpcNames) {
		name = rpcNames[code]
	}
	if name == rpcNames[0] {
		return ""
	}
	return name
}

// selects is a filter for the spans of an operation, errors of a type where wanted, as far as a filter can tell:
// messages that were normalised are not compared.
func selects(o store.Operation, x errorType, errors bool) string {
	f := "service = " + filter.Quote(o.ServiceName) + " && name = " + filter.Quote(o.Name)
	if errors {
		f += " && status = error"
	}
	if o.Kind != model.KindUnspecified {
		f += " && kind = " + o.Kind.String()
	}
	switch x.source {
	case FromType:
		f += " && span.error.type = " + filter.Quote(x.text)
	case FromException:
		f += " && event.exception.type = " + filter.Quote(x.text)
	case FromStatus:
		f += " && (span.error.type = " + filter.Quote(x.text) + " || span.http.response.status_code = " + x.text + " || span.http.status_code = " + x.text + ")"
	}
	return f
}
