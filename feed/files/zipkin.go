package files

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sort"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// zipkinBatchSpans is how many spans are held back at most, so that the halves of a shared span and
	// the parents of spans without a time are found though each stands on its own line.
	zipkinBatchSpans = 20_000
	// noTimestamp marks spans whose time was taken from a relative.
	noTimestamp = "oteltop.no_timestamp"
	// serverHalf makes the id of the server's half of a shared span, which OTLP needs to differ from the
	// client's. Any fixed odd-looking pattern does.
	serverHalf = 0x5e17e25bad5eed01
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

// zipkinBatch gathers spans until they are turned into a request.
type zipkinBatch struct {
	spans []*trace.Span
	from  []*zipkinSpan
}

// add takes a span, a list of spans or a list of lists. On an error nothing of v is taken.
func (z *zipkinBatch) add(v []byte) error {
	list, err := zipkinSpans(v)
	if err != nil {
		return fmt.Errorf("zipkin: %w", err)
	}
	spans := make([]*trace.Span, len(list))
	for i := range list {
		if spans[i], err = list[i].span(); err != nil {
			return fmt.Errorf("zipkin: span %d: %w", i+1, err)
		}
	}
	for i := range list {
		z.spans, z.from = append(z.spans, spans[i]), append(z.from, &list[i])
	}
	return nil
}

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

// request turns what was gathered into one request and forgets it.
func (z *zipkinBatch) request() ([]byte, error) {
	z.splitShared()
	z.giveTimes()
	g := newGroups()
	for i, s := range z.spans {
		e := z.from[i].Local
		if e == nil {
			e = &zipkinEndpoint{}
		}
		g.add(fmt.Sprintf("%s\x00%s\x00%s\x00%d", e.ServiceName, e.IPv4, e.IPv6, e.Port), e.resource, scopeName{}, s)
	}
	z.spans, z.from = nil, nil
	return proto.Marshal(g.request())
}

// span converts one span; ids of shared spans and absent times are dealt with later.
func (s *zipkinSpan) span() (*trace.Span, error) {
	id, err1 := hexID(s.TraceID, 16)
	self, err2 := hexID(s.ID, 8)
	if err := firstError(err1, err2); err != nil {
		return nil, err
	}
	start := micros(s.Timestamp)
	o := &trace.Span{TraceId: id, SpanId: self, Name: s.Name, Kind: trace.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: start, EndTimeUnixNano: start + micros(s.Duration)}
	if s.ParentID != "" {
		p, err := hexID(s.ParentID, 8)
		if err != nil {
			return nil, err
		}
		o.ParentSpanId = p
	}
	if k, ok := trace.Span_SpanKind_value["SPAN_KIND_"+s.Kind]; ok && k != 0 {
		o.Kind = trace.Span_SpanKind(k)
	}
	keys := make([]string, 0, len(s.Tags))
	for k := range s.Tags {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if k == "error" {
			// The tag's presence is the error; its value is the message, if it has one.
			message := fmt.Sprint(s.Tags[k])
			if message == "true" {
				message = ""
			}
			setStatus(o, trace.Status_STATUS_CODE_ERROR, message)
			continue
		}
		o.Attributes = append(o.Attributes, &common.KeyValue{Key: k, Value: anyValue(s.Tags[k])})
	}
	s.Remote.peer(o)
	for _, a := range s.Annotations {
		o.Events = append(o.Events, &trace.Span_Event{TimeUnixNano: micros(a.Timestamp), Name: a.Value})
	}
	return o, nil
}

// peer notes the other end of a call.
func (e *zipkinEndpoint) peer(o *trace.Span) {
	if e == nil {
		return
	}
	if e.ServiceName != "" {
		o.Attributes = append(o.Attributes, textAttribute("peer.service", e.ServiceName))
	}
	if a := e.address(); a != "" {
		o.Attributes = append(o.Attributes, textAttribute("network.peer.address", a))
	}
	if e.Port != 0 {
		o.Attributes = append(o.Attributes, &common.KeyValue{Key: "network.peer.port", Value: anyValue(json.Number(fmt.Sprint(e.Port)))})
	}
}

func (e *zipkinEndpoint) address() string {
	if e.IPv4 != "" {
		return e.IPv4
	}
	return e.IPv6
}

func (e *zipkinEndpoint) resource() *resource.Resource {
	r := &resource.Resource{Attributes: []*common.KeyValue{textAttribute("service.name", serviceName(e.ServiceName))}}
	if a := e.address(); a != "" {
		r.Attributes = append(r.Attributes, textAttribute("host.ip", a))
	}
	return r
}

// spanKey identifies a span of a batch.
type spanKey struct{ trace, span string }

func keyOf(s *trace.Span) spanKey   { return spanKey{string(s.TraceId), string(s.SpanId)} }
func keyOfUp(s *trace.Span) spanKey { return spanKey{string(s.TraceId), string(s.ParentSpanId)} }

// splitShared gives the server's half of a span that client and server reported under one id an id of
// its own, makes it the client's child, and moves to it the children that carry on from the server.
func (z *zipkinBatch) splitShared() {
	clients := map[spanKey]bool{}
	for _, s := range z.spans {
		if s.Kind == trace.Span_SPAN_KIND_CLIENT {
			clients[keyOf(s)] = true
		}
	}
	halves := map[spanKey][]byte{}
	for _, s := range z.spans {
		if k := keyOf(s); s.Kind == trace.Span_SPAN_KIND_SERVER && clients[k] {
			half := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(s.SpanId)^serverHalf)
			halves[k] = half
			s.ParentSpanId, s.SpanId = s.SpanId, half
		}
	}
	for _, s := range z.spans {
		if half := halves[keyOfUp(s)]; half != nil && !bytes.Equal(half, s.SpanId) {
			s.ParentSpanId = half
		}
	}
}

// giveTimes gives spans without a time that of their parent, else of their first child, else of their
// first annotation, and marks them. It goes on until nothing changes: chains of them occur.
func (z *zipkinBatch) giveTimes() {
	at := map[spanKey]uint64{}
	var without []*trace.Span
	for _, s := range z.spans {
		if s.StartTimeUnixNano == 0 && len(s.Events) > 0 {
			s.StartTimeUnixNano = s.Events[0].TimeUnixNano
			s.EndTimeUnixNano += s.StartTimeUnixNano
			s.Attributes = append(s.Attributes, &common.KeyValue{Key: noTimestamp, Value: anyValue(true)})
		}
		if s.StartTimeUnixNano != 0 {
			at[keyOf(s)] = s.StartTimeUnixNano
		} else {
			without = append(without, s)
			s.Attributes = append(s.Attributes, &common.KeyValue{Key: noTimestamp, Value: anyValue(true)})
		}
	}
	for changed := true; changed && len(without) > 0; {
		child := z.firstChildren()
		changed = false
		rest := without[:0]
		for _, s := range without {
			t := at[keyOfUp(s)]
			if t == 0 {
				t = child[keyOf(s)]
			}
			if t == 0 {
				rest = append(rest, s)
				continue
			}
			s.StartTimeUnixNano, s.EndTimeUnixNano = t, t+s.EndTimeUnixNano
			at[keyOf(s)], changed = t, true
		}
		without = rest
	}
}

// firstChildren is the earliest start of the children of each span, of those that have a time.
func (z *zipkinBatch) firstChildren() map[spanKey]uint64 {
	first := map[spanKey]uint64{}
	for _, s := range z.spans {
		k := keyOfUp(s)
		if t := s.StartTimeUnixNano; t != 0 && (first[k] == 0 || t < first[k]) {
			first[k] = t
		}
	}
	return first
}
