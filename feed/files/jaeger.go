package files

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// The JSON of Jaeger's query API and of the download button of its UI. Times are microseconds.
type (
	jaegerTrace struct {
		Spans     []jaegerSpan
		Processes map[string]jaegerProcess
	}
	jaegerSpan struct {
		TraceID, SpanID, ParentSpanID string
		OperationName                 string
		References                    []jaegerReference
		Flags                         uint32
		StartTime, Duration           json.Number
		Tags                          []jaegerTag
		Logs                          []jaegerLog
		ProcessID                     string
		Process                       *jaegerProcess // where there are no Processes
		Warnings                      []string
	}
	jaegerReference struct{ RefType, TraceID, SpanID string }
	jaegerProcess   struct {
		ServiceName string
		Tags        []jaegerTag
	}
	jaegerTag struct {
		Key, Type string
		Value     any
	}
	jaegerLog struct {
		Timestamp json.Number
		Fields    []jaegerTag
	}
)

// jaegerRequests turns {"data":[trace…]}, one trace or a list of traces into one request a trace, the
// earliest first (Jaeger lists the latest first). The error says what is wrong with some of it; the rest
// is returned all the same.
func jaegerRequests(v []byte) ([][]byte, error) {
	traces, err := jaegerTraces(v)
	var mistyped *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &mistyped) {
		return nil, fmt.Errorf("jaeger: %w", err)
	}
	type dated struct {
		start   uint64
		request []byte
	}
	var all []dated
	for i := range traces {
		start, request, bad := traces[i].request()
		if bad != nil {
			err = firstError(err, fmt.Errorf("trace %d: %w", i+1, bad))
		}
		all = append(all, dated{start, request})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Compare(a.start, b.start) })
	var out [][]byte
	for _, d := range all {
		out = append(out, d.request)
	}
	if err != nil {
		err = fmt.Errorf("jaeger: %w", err)
	}
	return out, err
}

// request is the trace in OTLP protobuf, and when it starts in ns. The error is about a span that has no
// valid ids; it is in the request without one, so that the sink refuses and counts it.
func (t *jaegerTrace) request() (start uint64, request []byte, bad error) {
	g := newGroups()
	for k := range t.Spans {
		s := &t.Spans[k]
		p, ok := t.Processes[s.ProcessID]
		key := s.ProcessID
		if !ok {
			if s.Process != nil {
				p = *s.Process
			}
			key = "\x00" + p.ServiceName
		}
		span, scope, err := s.span()
		if err != nil {
			span.SpanId = nil
			bad = firstError(bad, fmt.Errorf("span %d: %w", k+1, err))
		}
		if at := span.StartTimeUnixNano; start == 0 || at != 0 && at < start {
			start = at
		}
		g.add(key, p.resource, scope, span)
	}
	request, err := proto.Marshal(g.request())
	return start, request, firstError(bad, err)
}

// jaegerTraces finds the traces of any of the three shapes. UseNumber keeps 64-bit integers exact.
func jaegerTraces(v []byte) ([]jaegerTrace, error) {
	decode := func(into any) error {
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		return d.Decode(into)
	}
	if v[0] == '[' {
		var list []jaegerTrace
		err := decode(&list)
		return list, err
	}
	var one struct {
		Data []jaegerTrace
		jaegerTrace
		Errors []struct{ Msg string } // of the query API
	}
	err := decode(&one)
	if len(one.Spans) > 0 {
		one.Data = append(one.Data, one.jaegerTrace)
	}
	if len(one.Data) == 0 && len(one.Errors) > 0 {
		err = firstError(err, fmt.Errorf("an answer without traces: %.200q", one.Errors[0].Msg))
	}
	return one.Data, err
}

// resource holds the process's tags under its service name.
func (p *jaegerProcess) resource() *resource.Resource {
	r := &resource.Resource{Attributes: []*common.KeyValue{textAttribute("service.name", serviceName(p.ServiceName))}}
	for _, t := range p.Tags {
		r.Attributes = append(r.Attributes, &common.KeyValue{Key: t.Key, Value: t.value()})
	}
	return r
}

// span converts a span; scope is what wrote it, where OpenTelemetry noted that in tags. The span is
// returned with an error as well.
func (s *jaegerSpan) span() (*trace.Span, scopeName, error) {
	var scope scopeName
	id, err1 := hexID(s.TraceID, 16)
	self, err2 := hexID(s.SpanID, 8)
	start, duration := micros(s.StartTime), micros(s.Duration)
	o := &trace.Span{TraceId: id, SpanId: self, Name: s.OperationName, Kind: trace.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: start, EndTimeUnixNano: start + duration, Flags: s.Flags & 1}
	err3 := s.references(o)
	for _, t := range s.Tags {
		if !t.meaning(o, &scope) {
			o.Attributes = append(o.Attributes, &common.KeyValue{Key: t.Key, Value: t.value()})
		}
	}
	for _, w := range s.Warnings {
		o.Attributes = append(o.Attributes, textAttribute("jaeger.warning", w))
	}
	for _, l := range s.Logs {
		o.Events = append(o.Events, l.event())
	}
	return o, scope, firstError(err1, err2, err3)
}

// references takes the first CHILD_OF of the same trace as parent and everything else as links.
func (s *jaegerSpan) references(o *trace.Span) error {
	var bad error
	if strings.Trim(s.ParentSpanID, "0") != "" {
		o.ParentSpanId, bad = hexID(s.ParentSpanID, 8)
	}
	for _, r := range s.References {
		t, err1 := hexID(r.TraceID, 16)
		p, err2 := hexID(r.SpanID, 8)
		if err := firstError(err1, err2); err != nil {
			bad = firstError(bad, fmt.Errorf("reference: %w", err))
			continue
		}
		if r.RefType == "CHILD_OF" && bytes.Equal(t, o.TraceId) && (o.ParentSpanId == nil || bytes.Equal(p, o.ParentSpanId)) {
			o.ParentSpanId = p
			continue
		}
		o.Links = append(o.Links, &trace.Span_Link{TraceId: t, SpanId: p,
			Attributes: []*common.KeyValue{textAttribute("opentracing.ref_type", strings.ToLower(r.RefType))}})
	}
	return bad
}

// meaning takes tags that are fields in OTLP; false for every other tag.
func (t jaegerTag) meaning(o *trace.Span, scope *scopeName) bool {
	text := fmt.Sprint(t.Value)
	switch t.Key {
	case "span.kind":
		k, ok := trace.Span_SpanKind_value["SPAN_KIND_"+strings.ToUpper(text)]
		if ok {
			o.Kind = trace.Span_SpanKind(k)
		}
		return ok
	case "error":
		// Instrumentations before OpenTelemetry put the message here.
		if text == "false" || text == "" {
			return text == "false"
		}
		setStatus(o, trace.Status_STATUS_CODE_ERROR, "")
		return text == "true"
	case "otel.status_code":
		switch text {
		case "ERROR":
			setStatus(o, trace.Status_STATUS_CODE_ERROR, "")
		case "OK":
			setStatus(o, trace.Status_STATUS_CODE_OK, "")
		}
		return true
	case "otel.status_description":
		setStatus(o, trace.Status_STATUS_CODE_UNSET, text)
		return true
	case "otel.scope.name", "otel.library.name":
		scope.name = text
		return true
	case "otel.scope.version", "otel.library.version":
		scope.version = text
		return true
	case "w3c.tracestate":
		o.TraceState = text
		return true
	}
	return false
}

// setStatus sets what is given; an error stays one.
func setStatus(o *trace.Span, code trace.Status_StatusCode, message string) {
	if o.Status == nil {
		o.Status = &trace.Status{}
	}
	if o.Status.Code != trace.Status_STATUS_CODE_ERROR && code != trace.Status_STATUS_CODE_UNSET {
		o.Status.Code = code
	}
	if message != "" {
		o.Status.Message = message
	}
}

func (t jaegerTag) value() *common.AnyValue {
	if t.Type == "binary" {
		if s, ok := t.Value.(string); ok {
			if b, err := base64.StdEncoding.DecodeString(s); err == nil {
				return &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: b}}
			}
		}
	}
	if n, ok := t.Value.(json.Number); ok && t.Type == "float64" {
		if f, err := n.Float64(); err == nil {
			return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: f}}
		}
	}
	if s, ok := t.Value.(string); ok && t.Type == "int64" { // the API writes large ones as text
		return anyValue(json.Number(s))
	}
	return anyValue(t.Value)
}

// event is named by its "event" field, else by its "message".
func (l jaegerLog) event() *trace.Span_Event {
	e := &trace.Span_Event{TimeUnixNano: micros(l.Timestamp)}
	for _, key := range []string{"event", "message"} {
		for _, f := range l.Fields {
			if f.Key == key && e.Name == "" {
				e.Name, _ = f.Value.(string)
			}
		}
	}
	for _, f := range l.Fields {
		if f.Key != "event" {
			e.Attributes = append(e.Attributes, &common.KeyValue{Key: f.Key, Value: f.value()})
		}
	}
	if e.Name == "" {
		e.Name = "log"
	}
	return e
}
