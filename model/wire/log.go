package wire

import "oteltop/model"

// ResourceLogs stand in field 1 of an ExportLogsServiceRequest, in the form of ResourceSpans.
const ResourceLogs = ResourceSpans

// Tags of LogRecord.
const (
	logTime         = 1<<3 | uint32(Fixed64)
	logSeverity     = 2<<3 | uint32(Varint)
	logSeverityText = 3<<3 | uint32(Bytes)
	logBody         = 5<<3 | uint32(Bytes)
	logAttribute    = 6<<3 | uint32(Bytes)
	logDropped      = 7<<3 | uint32(Varint)
	logTraceID      = 9<<3 | uint32(Bytes)
	logSpanID       = 10<<3 | uint32(Bytes)
	logObserved     = 11<<3 | uint32(Fixed64)
	logEventName    = 12<<3 | uint32(Bytes)
)

// CheckLog walks a log record with its body and all its attributes, and returns the trace it names, or the
// first error. An id of a wrong length counts as none.
func CheckLog(b []byte, base int) (t model.TraceID, err error) {
	f := Of(b, base, "log record")
	for f.Next() {
		switch f.Tag {
		case logTraceID:
			t = TraceID(f.Bytes)
		case logBody:
			_, err = ValueKind(f.Bytes, f.At())
		case logAttribute:
			err = CheckAttribute(f.Bytes, f.At())
		}
		if err != nil {
			return t, err
		}
	}
	return t, f.Err()
}

// Log decodes a log record that was checked, without its resource and scope. The result owns its memory.
func Log(b []byte) (l model.Log) {
	var observed int64
	for f := Of(b, 0, "log record"); f.Next(); {
		switch f.Tag {
		case logTime:
			l.Time = int64(f.Num)
		case logSeverity:
			l.Severity = severity(f.Num)
		case logSeverityText:
			l.Text = string(f.Bytes)
		case logBody:
			l.Body = Value(f.Bytes)
		case logAttribute:
			l.Attributes = append(l.Attributes, Attribute(f.Bytes))
		case logDropped:
			l.Dropped = uint32(f.Num)
		case logTraceID:
			l.Trace = TraceID(f.Bytes)
		case logSpanID:
			l.Span = ID(f.Bytes)
		case logObserved:
			observed = int64(f.Num)
		case logEventName:
			l.Event = string(f.Bytes)
		}
	}
	if l.Time == 0 {
		l.Time = observed
	}
	return l
}

// severity is the severity of an enum value; numbers that OTLP does not define count as unknown.
func severity(n uint64) model.Severity {
	if n > uint64(model.SeverityFatal)+3 {
		return model.SeverityUnknown
	}
	return model.Severity(n)
}
