package files

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

type (
	zipkinSpan struct {
		TraceID       string `json:"traceId"`
		ID            string `json:"id"`
		ParentID      string `json:"parentId"`
		Name          string
		Kind          string
		Timestamp     json.Number // µs
		Duration      json.Number // µs
		Shared, Debug bool
		Local         *zipkinEndpoint `json:"localEndpoint"`
		Remote        *zipkinEndpoint `json:"remoteEndpoint"`
		Annotations   []zipkinAnnotation
		Tags          map[string]any
	}
	zipkinEndpoint struct {
		ServiceName, IPv4, IPv6 string
		Port                    int
	}
	zipkinAnnotation struct {
		Timestamp json.Number // µs
		Value     string
	}
)

// zipkinSpans decodes a span, a list of spans or a list of lists. A field of the wrong type is an error
// but costs only itself: the spans are returned as well.
func zipkinSpans(v []byte) ([]zipkinSpan, error) {
	decode := func(into any) error {
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		return d.Decode(into)
	}
	if v[0] != '[' {
		one := make([]zipkinSpan, 1)
		return one, decode(&one[0])
	}
	if bytes.HasPrefix(bytes.TrimSpace(v[1:]), []byte("[")) {
		var lists [][]zipkinSpan
		var all []zipkinSpan
		err := decode(&lists)
		for _, l := range lists {
			all = append(all, l...)
		}
		return all, err
	}
	var list []zipkinSpan
	return list, decode(&list)
}

// span converts one span; ids of shared spans and absent times are dealt with later. With an error, the
// span has no id, so that the sink refuses and counts it.
func (s *zipkinSpan) span() (*trace.Span, error) {
	id, err1 := hexID(s.TraceID, 16)
	self, err2 := hexID(s.ID, 8)
	start := micros(s.Timestamp)
	o := &trace.Span{TraceId: id, SpanId: self, Name: s.Name, Kind: trace.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: start, EndTimeUnixNano: start + micros(s.Duration)}
	var err3 error
	if s.ParentID != "" {
		o.ParentSpanId, err3 = hexID(s.ParentID, 8)
	}
	if k, ok := trace.Span_SpanKind_value["SPAN_KIND_"+s.Kind]; ok && k != 0 {
		o.Kind = trace.Span_SpanKind(k)
	}
	s.attributes(o)
	s.Remote.peer(o)
	for _, a := range s.Annotations {
		o.Events = append(o.Events, &trace.Span_Event{TimeUnixNano: micros(a.Timestamp), Name: a.Value})
	}
	err := firstError(err1, err2, err3)
	if err != nil {
		o.SpanId = nil
	}
	return o, err
}

// attributes takes the tags, in order of their keys. The presence of the tag "error" is the error; its
// value is the message, if it has one.
func (s *zipkinSpan) attributes(o *trace.Span) {
	keys := make([]string, 0, len(s.Tags))
	for k := range s.Tags {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if k == "error" {
			message := fmt.Sprint(s.Tags[k])
			if message == "true" {
				message = ""
			}
			setStatus(o, trace.Status_STATUS_CODE_ERROR, message)
			continue
		}
		o.Attributes = append(o.Attributes, &common.KeyValue{Key: k, Value: anyValue(s.Tags[k])})
	}
}

// peer notes the other end of a call. OTLP knows one address of it: a second one keeps its name in Zipkin.
func (e *zipkinEndpoint) peer(o *trace.Span) {
	if e == nil {
		return
	}
	if e.ServiceName != "" {
		o.Attributes = append(o.Attributes, textAttribute("peer.service", e.ServiceName))
	}
	for i, a := range e.addresses() {
		o.Attributes = append(o.Attributes, textAttribute([...]string{"network.peer.address", "remoteEndpoint.ipv6"}[i], a))
	}
	if e.Port != 0 {
		o.Attributes = append(o.Attributes, &common.KeyValue{Key: "network.peer.port", Value: anyValue(json.Number(fmt.Sprint(e.Port)))})
	}
}

// addresses are those that are known, IPv4 first.
func (e *zipkinEndpoint) addresses() []string {
	return slices.DeleteFunc([]string{e.IPv4, e.IPv6}, func(a string) bool { return a == "" })
}

// resource is what sends spans. Its host.ip is a list only of two: filters compare texts.
func (e *zipkinEndpoint) resource() *resource.Resource {
	r := &resource.Resource{Attributes: []*common.KeyValue{textAttribute("service.name", serviceName(e.ServiceName))}}
	switch list := e.addresses(); len(list) {
	case 0:
	case 1:
		r.Attributes = append(r.Attributes, textAttribute("host.ip", list[0]))
	default:
		both := &common.ArrayValue{}
		for _, a := range list {
			both.Values = append(both.Values, textAttribute("", a).Value)
		}
		r.Attributes = append(r.Attributes, &common.KeyValue{Key: "host.ip", Value: &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: both}}})
	}
	return r
}
