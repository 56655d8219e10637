package filter

import (
	"fmt"
	"strings"
)

// field is what a comparison looks at.
type field uint8

const (
	fieldWord field = iota // a bare word: service, operation or id
	fieldService
	fieldName
	fieldKind
	fieldStatus
	fieldStatusMessage
	fieldDuration
	fieldSpanID
	fieldParentID
	fieldTraceID
	fieldID // trace or span id
	fieldRootName
	fieldRootService
	fieldTraceDuration
	fieldShape
	fieldEventName
	fieldScopeName
	fieldScopeVersion
	fieldSpanKey
	fieldResourceKey
	fieldAnyKey
	fieldEventKey
	fieldScopeKey
)

// fieldSpec describes a field that has a name of its own.
type fieldSpec struct {
	field   field
	name    string   // as Canonical writes it
	aliases []string // lower case; TraceQL's spellings
	values  valueSort
	note    string
}

// valueSort says what a field may be compared with.
type valueSort uint8

const (
	sortText valueSort = iota
	sortDuration
	sortKind
	sortStatus
	sortID
	sortAny
)

var fieldSpecs = [...]fieldSpec{
	{fieldService, "service", nil, sortText, "service name"},
	{fieldName, "name", []string{"span:name", "operation"}, sortText, "operation: the span's name"},
	{fieldKind, "kind", []string{"span:kind"}, sortKind, "server, client, producer, consumer, internal, unspecified"},
	{fieldStatus, "status", []string{"span:status"}, sortStatus, "error, ok, unset"},
	{fieldStatusMessage, "statusMessage", []string{"statusmessage", "span:statusmessage"}, sortText, "text of the status"},
	{fieldDuration, "duration", []string{"span:duration"}, sortDuration, "duration of the span"},
	{fieldSpanID, "spanId", []string{"spanid", "span:id"}, sortID, "id of the span"},
	{fieldParentID, "parentId", []string{"parentid", "span:parentid"}, sortID, "id of its parent; nil for a root"},
	{fieldTraceID, "traceId", []string{"traceid", "trace:id"}, sortID, "id of the trace"},
	{fieldID, "id", nil, sortID, "id of the trace or the span"},
	{fieldRootName, "rootName", []string{"rootname", "trace:rootname", "rootoperation"}, sortText, "operation of the trace's root"},
	{fieldRootService, "rootService", []string{"rootservice", "rootservicename", "trace:rootservice"}, sortText, "service of the trace's root"},
	{fieldTraceDuration, "traceDuration", []string{"traceduration", "trace:duration"}, sortDuration, "duration of the trace's root"},
	{fieldShape, "shape", []string{"trace:shape"}, sortText, "shape of the trace: 8 hex digits, as the lens Shapes lists them"},
	{fieldEventName, "event:name", nil, sortText, "name of any event of the span"},
	{fieldScopeName, "scope:name", []string{"instrumentation:name"}, sortText, "instrumentation library"},
	{fieldScopeVersion, "scope:version", []string{"instrumentation:version"}, sortText, "its version"},
}

// scopeSpecs are the prefixes of attribute keys.
var scopeSpecs = [...]struct {
	prefix string
	field  field
	note   string
}{
	{".", fieldAnyKey, "attribute of the span, else of its resource"},
	{"span.", fieldSpanKey, "attribute of the span"},
	{"resource.", fieldResourceKey, "attribute of the resource"},
	{"event.", fieldEventKey, "attribute of any event of the span"},
	{"scope.", fieldScopeKey, "attribute of the instrumentation scope"},
	{"instrumentation.", fieldScopeKey, "attribute of the instrumentation scope"},
}

func isScopePrefix(s string) bool {
	for _, x := range scopeSpecs {
		if s == x.prefix {
			return true
		}
	}
	return false
}

// specOf finds the description of a named field.
func specOf(f field) (fieldSpec, bool) {
	for _, s := range fieldSpecs {
		if s.field == f {
			return s, true
		}
	}
	return fieldSpec{values: sortAny}, false
}

// parseField reads the left side of a comparison: a named field, a scoped attribute, or a bare key,
// which means the attribute of the span or its resource.
func parseField(t token) (field, string, *Error) {
	lower := strings.ToLower(t.text)
	for _, s := range fieldSpecs {
		if lower == strings.ToLower(s.name) {
			return s.field, "", nil
		}
		for _, a := range s.aliases {
			if lower == a {
				return s.field, "", nil
			}
		}
	}
	for _, s := range scopeSpecs {
		if key, ok := strings.CutPrefix(t.text, s.prefix); ok {
			if key == "" {
				return 0, "", fail(t.to, "the name of an attribute is missing after %s", t.text)
			}
			return s.field, key, nil
		}
	}
	for _, p := range [...]string{"span:", "trace:", "event:", "scope:", "instrumentation:", "link:", "resource:"} {
		if strings.HasPrefix(lower, p) {
			return 0, "", fail(t.from, "there is no field %s", t.text)
		}
	}
	return fieldAnyKey, t.text, nil
}

// label writes a field as Canonical does.
func (c *comparison) label() string {
	if s, ok := specOf(c.field); ok {
		return s.name
	}
	for _, s := range scopeSpecs {
		if s.field == c.field {
			return s.prefix + QuoteKey(c.key)
		}
	}
	return ""
}

// allows reports whether a field can be compared so, and why not.
func (s fieldSpec) allows(op compareOp, l literal) error {
	ordered := op == opGT || op == opGE || op == opLT || op == opLE
	switch {
	case s.values == sortAny:
		return nil
	case l.kind == literalNil:
		if s.field == fieldParentID || s.field == fieldEventName || s.field == fieldScopeName ||
			s.field == fieldScopeVersion || s.field == fieldStatusMessage {
			return nil
		}
		return fmt.Errorf("%s always has a value, nil only makes sense for attributes", s.name)
	case s.values == sortDuration:
		if op == opMatch || op == opNotMatch {
			return fmt.Errorf("%s takes = != > >= < <= and a duration such as 250ms", s.name)
		}
		if l.kind != literalDuration {
			return fmt.Errorf("%s needs a duration with a unit, such as 250ms, 1.5s or 2m", s.name)
		}
		return nil
	case ordered:
		return fmt.Errorf("%s takes = != =~ !~ only", s.name)
	case (s.values == sortKind || s.values == sortStatus) && (op == opEQ || op == opNE) && !s.knows(l.text):
		return fmt.Errorf("%s is one of %s", s.name, s.note)
	}
	return nil
}

// knows reports whether a value is one of the few that the field can have.
func (s fieldSpec) knows(value string) bool {
	for _, v := range strings.Split(s.note, ", ") {
		if v == value {
			return true
		}
	}
	return false
}
