package otlpjson

import "google.golang.org/protobuf/encoding/protowire"

// message names a message of OTLP, as an index of schema: indices, because AnyValue holds itself.
type message uint8

const (
	msgRequest message = iota
	msgResourceSpans
	msgResource
	msgEntityRef
	msgScopeSpans
	msgScope
	msgSpan
	msgEvent
	msgLink
	msgStatus
	msgLogsRequest
	msgResourceLogs
	msgScopeLogs
	msgLogRecord
	msgKeyValue
	msgAnyValue
	msgArray
	msgMap
	messages
)

// form is how a field stands in JSON and in protobuf.
type form uint8

const (
	formMessage  form = iota
	formString        // text
	formTraceID       // hex → bytes
	formSpanID        // hex → bytes
	formBytes         // base64 → bytes
	formBool          // varint
	formInt64         // varint
	formUint32        // varint
	formFixed64       // unsigned
	formFixed32       // unsigned
	formDouble        // fixed 64
	formKind          // enum as a number or a name → varint
	formStatus        // enum as a number or a name → varint
	formSeverity      // enum as a number or a name → varint
)

// field is one field of a message, made by the functions below.
type field struct {
	name, snake string
	member      string // the name as most senders write it: "name":
	tag         uint64 // number and wire type
	form        form
	message     message // of formMessage
	room        int     // of formMessage: bytes set aside for its length; a wrong guess costs a move
	repeated    bool
	oneof       bool // presence matters: written even when zero
}

// schema lists the fields of each message in the order in which SDKs write them, because the next field
// is looked for behind the last one. It is never written to.
var schema = [messages][]field{
	msgRequest:       {list("resourceSpans", "resource_spans", 1, msgResourceSpans, 3)},
	msgResourceSpans: {one("resource", 1, msgResource, 2), list("scopeSpans", "scope_spans", 2, msgScopeSpans, 3), scalar("schemaUrl", "schema_url", 3, formString)},
	msgResource: {
		list("attributes", "", 1, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 2, formUint32),
		list("entityRefs", "entity_refs", 3, msgEntityRef, 1),
	},
	msgEntityRef: {
		scalar("schemaUrl", "schema_url", 1, formString), scalar("type", "", 2, formString),
		scalars("idKeys", "id_keys", 3, formString), scalars("descriptionKeys", "description_keys", 4, formString),
	},
	msgScopeSpans: {one("scope", 1, msgScope, 1), list("spans", "", 2, msgSpan, 2), scalar("schemaUrl", "schema_url", 3, formString)},
	msgScope: {
		scalar("name", "", 1, formString), scalar("version", "", 2, formString),
		list("attributes", "", 3, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 4, formUint32),
	},
	msgSpan: {
		scalar("traceId", "trace_id", 1, formTraceID), scalar("spanId", "span_id", 2, formSpanID),
		scalar("traceState", "trace_state", 3, formString), scalar("parentSpanId", "parent_span_id", 4, formSpanID),
		scalar("flags", "", 16, formFixed32), scalar("name", "", 5, formString), scalar("kind", "", 6, formKind),
		scalar("startTimeUnixNano", "start_time_unix_nano", 7, formFixed64), scalar("endTimeUnixNano", "end_time_unix_nano", 8, formFixed64),
		list("attributes", "", 9, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 10, formUint32),
		list("events", "", 11, msgEvent, 1), scalar("droppedEventsCount", "dropped_events_count", 12, formUint32),
		list("links", "", 13, msgLink, 1), scalar("droppedLinksCount", "dropped_links_count", 14, formUint32),
		one("status", 15, msgStatus, 1),
	},
	msgEvent: {
		scalar("timeUnixNano", "time_unix_nano", 1, formFixed64), scalar("name", "", 2, formString),
		list("attributes", "", 3, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 4, formUint32),
	},
	msgLink: {
		scalar("traceId", "trace_id", 1, formTraceID), scalar("spanId", "span_id", 2, formSpanID), scalar("traceState", "trace_state", 3, formString),
		list("attributes", "", 4, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 5, formUint32),
		scalar("flags", "", 6, formFixed32),
	},
	msgStatus:      {scalar("message", "", 2, formString), scalar("code", "", 3, formStatus)},
	msgLogsRequest: {list("resourceLogs", "resource_logs", 1, msgResourceLogs, 3)},
	msgResourceLogs: {
		one("resource", 1, msgResource, 2), list("scopeLogs", "scope_logs", 2, msgScopeLogs, 3), scalar("schemaUrl", "schema_url", 3, formString),
	},
	msgScopeLogs: {
		one("scope", 1, msgScope, 1), list("logRecords", "log_records", 2, msgLogRecord, 2), scalar("schemaUrl", "schema_url", 3, formString),
	},
	msgLogRecord: {
		scalar("timeUnixNano", "time_unix_nano", 1, formFixed64), scalar("observedTimeUnixNano", "observed_time_unix_nano", 11, formFixed64),
		scalar("severityNumber", "severity_number", 2, formSeverity), scalar("severityText", "severity_text", 3, formString),
		scalar("eventName", "event_name", 12, formString), one("body", 5, msgAnyValue, 2),
		list("attributes", "", 6, msgKeyValue, 1), scalar("droppedAttributesCount", "dropped_attributes_count", 7, formUint32),
		scalar("flags", "", 8, formFixed32), scalar("traceId", "trace_id", 9, formTraceID), scalar("spanId", "span_id", 10, formSpanID),
	},
	msgKeyValue: {scalar("key", "", 1, formString), one("value", 2, msgAnyValue, 1)},
	msgAnyValue: {
		member("stringValue", "string_value", 1, formString), member("boolValue", "bool_value", 2, formBool),
		member("intValue", "int_value", 3, formInt64), member("doubleValue", "double_value", 4, formDouble),
		memberMessage("arrayValue", "array_value", 5, msgArray), memberMessage("kvlistValue", "kvlist_value", 6, msgMap),
		member("bytesValue", "bytes_value", 7, formBytes),
	},
	msgArray: {list("values", "", 1, msgAnyValue, 1)},
	msgMap:   {list("values", "", 1, msgKeyValue, 1)},
}

func scalar(name, snake string, number protowire.Number, f form) field {
	return field{name: name, snake: snake, member: `"` + name + `":`, tag: protowire.EncodeTag(number, f.wireType()), form: f}
}

func scalars(name, snake string, number protowire.Number, f form) field {
	x := scalar(name, snake, number, f)
	x.repeated = true
	return x
}

func member(name, snake string, number protowire.Number, f form) field {
	x := scalar(name, snake, number, f)
	x.oneof = true
	return x
}

func one(name string, number protowire.Number, m message, room int) field {
	x := scalar(name, "", number, formMessage)
	x.message, x.room = m, room
	return x
}

func memberMessage(name, snake string, number protowire.Number, m message) field {
	x := one(name, number, m, 1)
	x.snake = snake
	return x
}

func list(name, snake string, number protowire.Number, m message, room int) field {
	x := one(name, number, m, room)
	x.snake, x.repeated = snake, true
	return x
}

func (f form) wireType() protowire.Type {
	switch f {
	case formBool, formInt64, formUint32, formKind, formStatus, formSeverity:
		return protowire.VarintType
	case formFixed64, formDouble:
		return protowire.Fixed64Type
	case formFixed32:
		return protowire.Fixed32Type
	}
	return protowire.BytesType
}

// find looks for the field that a key names, first where senders that keep OTLP's order would have it.
// next is the index to try first; the result is the index found, or -1.
func find(fields []field, key []byte, next int) int {
	for i := next; i < len(fields); i++ {
		if string(key) == fields[i].name {
			return i
		}
	}
	for i := range min(next, len(fields)) {
		if string(key) == fields[i].name {
			return i
		}
	}
	for i := range fields {
		if fields[i].snake != "" && string(key) == fields[i].snake {
			return i
		}
	}
	return -1
}
