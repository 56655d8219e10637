package model

import "strconv"

// Log is an OTLP log record that names a trace: what a service said while it handled a request.
type Log struct {
	Trace    TraceID
	Span     SpanID // 0: of the trace as a whole
	Time     int64  // Unix ns; when it happened, or where that was not said when it was observed
	Severity Severity
	Text     string // the severity in the words of the log library; often empty
	Event    string // the name of an event record; of most logs empty
	Body     Value
	Resource *Resource
	Scope    *Scope

	Attributes []Attribute
	Dropped    uint32 // attributes
}

// Severity is OTLP's severity number: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal;
// 0 is not known.
type Severity uint8

// The lowest number of each range.
const (
	SeverityUnknown Severity = 0
	SeverityTrace   Severity = 1
	SeverityDebug   Severity = 5
	SeverityInfo    Severity = 9
	SeverityWarn    Severity = 13
	SeverityError   Severity = 17
	SeverityFatal   Severity = 21
	severityEnd     Severity = 25
)

// String is the short name of OTLP's data model: "WARN", "ERROR2"; empty where it is not known.
func (s Severity) String() string {
	if s == SeverityUnknown || s >= severityEnd {
		return ""
	}
	name := [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}[(s-1)/4]
	if n := (s-1)%4 + 1; n > 1 {
		return name + strconv.Itoa(int(n))
	}
	return name
}

// Level is what a record says of its severity: the number's name, else the text.
func (l *Log) Level() string {
	if s := l.Severity.String(); s != "" {
		return s
	}
	return l.Text
}

// LogReceipt is what became of the log records of one request: Received = Stored + Untraced + Refused + Duplicate.
type LogReceipt struct {
	Received  int
	Stored    int
	Untraced  int // of no trace: there is no span to show them with
	Refused   int // larger than what is kept of a record
	Duplicate int // came in an earlier request
}

// Message says what was refused and why, for OTLP's partial success; empty when nothing was.
func (r *LogReceipt) Message() string {
	if r.Refused == 0 {
		return ""
	}
	return "log records refused: larger than 64 KiB with their resource"
}
