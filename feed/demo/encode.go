package demo

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// encoder writes OTLP by hand: the generator must not cost what the receiver under test costs.
// It keeps its buffers; a request is valid during the call that it is handed to.
type encoder struct {
	groups            map[group][]span
	request, resource []byte
	spans, one, field []byte
}

// group is what a request has in common: SDKs send for one resource.
type group struct {
	service serviceID
	pod     int
	version string
}

// each calls yield with a request per resource, in a fixed order, and the number of its spans.
func (e *encoder) each(spans []span, yield func(req []byte, spans int)) {
	e.grouped(spans, func(g group, spans []span) { yield(e.encode(g, spans), len(spans)) })
}

// grouped calls yield with the spans of each resource.
func (e *encoder) grouped(spans []span, yield func(g group, spans []span)) {
	if len(spans) == 0 {
		return
	}
	e.groups = map[group][]span{}
	var order []group
	for _, s := range spans {
		g := group{s.service, s.pod, s.version}
		if e.groups[g] == nil {
			order = append(order, g)
		}
		e.groups[g] = append(e.groups[g], s)
	}
	for _, g := range order {
		yield(g, e.groups[g])
	}
}

// encode writes an ExportTraceServiceRequest with one ResourceSpans and one ScopeSpans.
func (e *encoder) encode(g group, spans []span) []byte {
	e.spans = e.scope(g)
	for i := range spans {
		e.one = e.span(e.one[:0], &spans[i])
		e.spans = bytesField(e.spans, 2, e.one)
	}
	return e.wrapped(g, e.spans)
}

// scope begins a ScopeSpans or ScopeLogs.
func (e *encoder) scope(g group) []byte {
	return bytesField(e.spans[:0], 1, bytesField(bytesField(nil, 1, []byte(services[g.service].scope)), 2, []byte("1.0.0")))
}

// wrapped makes a request of what is within a scope.
func (e *encoder) wrapped(g group, scope []byte) []byte {
	e.spans = scope
	sv := services[g.service]
	e.resource = e.resource[:0]
	for _, a := range []attribute{
		str("service.name", sv.name), str("service.namespace", "shop"), str("service.version", g.version),
		str("service.instance.id", fmt.Sprintf("%s-%d", sv.name, g.pod)), str("k8s.pod.name", fmt.Sprintf("%s-7f9c%d-x%dk2", sv.name, g.pod, g.pod)),
		str("k8s.namespace.name", "shop"), str("host.name", fmt.Sprintf("node-%d", nodeOf(g.service, g.pod))),
		str("telemetry.sdk.language", sv.language), str("telemetry.sdk.name", "opentelemetry"), str("deployment.environment.name", "demo"),
	} {
		e.resource = e.attribute(e.resource, 1, &a)
	}
	e.one = bytesField(bytesField(e.one[:0], 1, e.resource), 2, scope)
	e.request = bytesField(e.request[:0], 1, e.one)
	return e.request
}

// span appends a span as OTLP protobuf; the numbers are those of its fields.
func (e *encoder) span(b []byte, s *span) []byte {
	t, id := idBytes(s.trace), spanBytes(s.id)
	b = bytesField(b, 1, t[:])
	b = bytesField(b, 2, id[:])
	if s.parent != 0 {
		p := spanBytes(s.parent)
		b = bytesField(b, 4, p[:])
	}
	b = bytesField(b, 5, []byte(s.name))
	b = protowire.AppendVarint(protowire.AppendTag(b, 6, protowire.VarintType), uint64(s.kind))
	b = fixed(b, 7, uint64(s.start))
	b = fixed(b, 8, uint64(s.end))
	for i := range s.attributes {
		b = e.attribute(b, 9, &s.attributes[i])
	}
	for i := range s.events {
		b = bytesField(b, 11, e.event(&s.events[i]))
	}
	for _, l := range s.links {
		lt, ls := idBytes(l.trace), spanBytes(l.span)
		b = bytesField(b, 13, bytesField(bytesField(nil, 1, lt[:]), 2, ls[:]))
	}
	if s.failed {
		var status []byte
		if s.failure != "" {
			status = bytesField(status, 2, []byte(s.failure))
		}
		status = protowire.AppendVarint(protowire.AppendTag(status, 3, protowire.VarintType), 2)
		b = bytesField(b, 15, status)
	}
	return b
}

func (e *encoder) event(v *event) []byte {
	b := bytesField(fixed(nil, 1, uint64(v.at)), 2, []byte(v.name))
	for i := range v.attributes {
		b = e.attribute(b, 3, &v.attributes[i])
	}
	return b
}

// attribute appends a KeyValue as field n. Lengths are computed first, so that nothing is built twice.
func (e *encoder) attribute(b []byte, n protowire.Number, a *attribute) []byte {
	v := e.field[:0]
	switch a.kind {
	case 's':
		v = bytesField(v, 1, []byte(a.text))
	case 'b':
		v = protowire.AppendVarint(protowire.AppendTag(v, 2, protowire.VarintType), uint64(a.num))
	default:
		v = protowire.AppendVarint(protowire.AppendTag(v, 3, protowire.VarintType), uint64(a.num))
	}
	e.field = v
	b = protowire.AppendTag(b, n, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(1)+protowire.SizeBytes(len(a.key))+protowire.SizeTag(2)+protowire.SizeBytes(len(v))))
	b = protowire.AppendString(protowire.AppendTag(b, 1, protowire.BytesType), a.key)
	return bytesField(b, 2, v)
}

func bytesField(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func fixed(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), v)
}

// nodeOf is the machine of a pod. The service whose clock is ahead has one of its own, since it is machines that
// have clocks.
func nodeOf(s serviceID, pod int) int {
	const shared = 5
	if s == skewed {
		return shared
	}
	return (int(s) + pod) % shared
}
