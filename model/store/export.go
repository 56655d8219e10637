package store

import (
	"encoding/binary"

	"oteltop/model"
	"oteltop/model/wire"
)

// place is a span of a trace in the views that were current when it was looked up.
type place struct {
	view *view
	i    int
}

// places finds the spans of a retained trace, oldest arrival first.
func (r *Ring) places(id model.TraceID) (ps []place, kept model.KeptBecause, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.index.find(id)
	if !ok {
		return nil, 0, false
	}
	e := r.index.look(i)
	ps = make([]place, e.spans)
	for k, ref := range r.chain(e.head, int(e.spans)) {
		ps[k] = place{r.slots[slotOf(ref)].view, indexOf(ref)}
	}
	return ps, e.info(i).Kept, true
}

// Trace implements Store.
func (r *Ring) Trace(id model.TraceID) (*model.Trace, bool) {
	ps, kept, ok := r.places(id)
	if !ok {
		return nil, false
	}
	spans := make([]model.Span, len(ps))
	heads := make([]model.Head, len(ps))
	for k, p := range ps {
		spans[k], heads[k] = p.view.Span(p.i), p.view.head(p.i)
		spans[k].TraceID = id
	}
	t := model.NewTrace(id, spans, heads)
	t.Kept = kept
	return t, true
}

// Find implements Store.
func (r *Ring) Find(trace model.TraceID, span model.SpanID) (Settled, bool) {
	p, ok := r.find(trace, span)
	if !ok {
		return Settled{}, false
	}
	var scratch []byte
	return p.view.settled(p.i, r.names, &scratch), true
}

// find looks for the latest span of a trace with an id.
func (r *Ring) find(trace model.TraceID, span model.SpanID) (place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.index.find(trace)
	if !ok {
		return place{}, false
	}
	e := r.index.look(i)
	ref := e.head
	if e.flags&hasTable != 0 {
		if ref, ok = r.index.large[i].get(span); !ok {
			return place{}, false
		}
	}
	for ; ref != none; ref = r.recordAt(ref).prev {
		if r.recordAt(ref).ID == span {
			return place{r.slots[slotOf(ref)].view, indexOf(ref)}, true
		}
	}
	return place{}, false
}

// Export gives a retained trace back as an ExportTraceServiceRequest in protobuf. Its spans decode to what
// was received, fields that this program does not know included; spans in a row that share resource and
// scope share them there too.
func (r *Ring) Export(id model.TraceID) ([]byte, bool) {
	ps, _, ok := r.places(id)
	if !ok {
		return nil, false
	}
	var out, resource, scope, span []byte
	for k := 0; k < len(ps); {
		c := ps[k].class()
		scope = wire.AppendBytes(scope[:0], wire.Inner, c.scope.raw)
		for ; k < len(ps) && ps[k].class().resource == c.resource && ps[k].class().scope == c.scope; k++ {
			span = ps[k].view.appendSpan(span[:0], ps[k].i, id)
			scope = wire.AppendBytes(scope, wire.Children, span)
		}
		if c.Scope.SchemaURL != "" {
			scope = wire.AppendBytes(scope, wire.SchemaURL, c.Scope.SchemaURL)
		}
		resource = wire.AppendBytes(resource[:0], wire.Inner, c.resource.raw)
		resource = wire.AppendBytes(resource, wire.Children, scope)
		if c.Resource.SchemaURL != "" {
			resource = wire.AppendBytes(resource, wire.SchemaURL, c.Resource.SchemaURL)
		}
		out = wire.AppendBytes(out, wire.ResourceSpans, resource)
	}
	return out, true
}

func (p place) class() *class { return p.view.classes[p.view.records[p.i].Class] }

// appendSpan appends span i as an OTLP Span message.
func (v *view) appendSpan(b []byte, i int, trace model.TraceID) []byte {
	r := &v.records[i]
	c := v.classes[r.Class]
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], trace.Hi)
	binary.BigEndian.PutUint64(id[8:], trace.Lo)
	b = wire.AppendBytes(b, wire.SpanTraceID, id[:])
	binary.BigEndian.PutUint64(id[:8], uint64(r.ID))
	b = wire.AppendBytes(b, wire.SpanID, id[:8])
	if r.Parent != 0 {
		binary.BigEndian.PutUint64(id[:8], uint64(r.Parent))
		b = wire.AppendBytes(b, wire.SpanParent, id[:8])
	}
	if c.Name != "" {
		b = wire.AppendBytes(b, wire.SpanName, c.Name)
	}
	b = wire.AppendVarint(b, wire.SpanKind, uint64(c.Kind))
	b = wire.AppendFixed64(b, wire.SpanStart, uint64(r.Start))
	b = wire.AppendFixed64(b, wire.SpanEnd, uint64(v.end(r, c)))
	w := v.tail(r, c)
	for p, key := range c.Keys {
		if code, ok := v.Code(i, p); ok {
			b = wire.AppendKeyValue(b, wire.SpanAttribute, key, valueOf(v.values, v.ends, code))
		} else if raw := w.next(); c.odd[p] {
			b = wire.AppendBytes(b, wire.SpanAttribute, raw)
		} else {
			b = wire.AppendKeyValue(b, wire.SpanAttribute, key, raw)
		}
	}
	if c.Status != 0 {
		b = wire.AppendBytes(b, wire.SpanStatus, []byte{byte(wire.StatusCode), byte(c.Status)})
	}
	b = wire.AppendFixed32(b, wire.SpanFlags, c.flags)
	if c.Extra {
		b = append(b, w.next()...)
	}
	return b
}
