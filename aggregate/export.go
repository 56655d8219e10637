// A retained trace as OTLP JSON.

package aggregate

import (
	"context"
	"encoding/json"
	"strconv"

	"oteltop/model"
)

// Export returns a retained trace as one line of OTLP JSON (ExportTraceServiceRequest), as the
// Collector's file exporter writes it: ids in hex, 64-bit numbers as strings, nothing sanitised.
// ErrNoTrace when the trace is not retained.
func (m *Memory) Export(ctx context.Context, id model.TraceID) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, ok := m.store.Trace(id)
	if !ok {
		return nil, ErrNoTrace
	}
	return json.Marshal(exportTrace(t))
}

// The types below are the JSON form of OTLP's messages of the same names.
type (
	exportRequest struct {
		ResourceSpans []*exportResourceSpans `json:"resourceSpans"`
	}
	exportResourceSpans struct {
		Resource   exportResource      `json:"resource"`
		ScopeSpans []*exportScopeSpans `json:"scopeSpans"`
		SchemaURL  string              `json:"schemaUrl,omitempty"`
	}
	exportResource struct {
		Attributes []exportAttribute `json:"attributes,omitempty"`
		Dropped    uint32            `json:"droppedAttributesCount,omitempty"`
	}
	exportScopeSpans struct {
		Scope     exportScope  `json:"scope"`
		Spans     []exportSpan `json:"spans"`
		SchemaURL string       `json:"schemaUrl,omitempty"`
	}
	exportScope struct {
		Name       string            `json:"name,omitempty"`
		Version    string            `json:"version,omitempty"`
		Attributes []exportAttribute `json:"attributes,omitempty"`
		Dropped    uint32            `json:"droppedAttributesCount,omitempty"`
	}
	exportSpan struct {
		TraceID       string            `json:"traceId"`
		SpanID        string            `json:"spanId"`
		TraceState    string            `json:"traceState,omitempty"`
		ParentSpanID  string            `json:"parentSpanId,omitempty"`
		Flags         uint32            `json:"flags,omitempty"`
		Name          string            `json:"name"`
		Kind          model.Kind        `json:"kind"`
		Start         string            `json:"startTimeUnixNano"`
		End           string            `json:"endTimeUnixNano"`
		Attributes    []exportAttribute `json:"attributes,omitempty"`
		Dropped       uint32            `json:"droppedAttributesCount,omitempty"`
		Events        []exportEvent     `json:"events,omitempty"`
		DroppedEvents uint32            `json:"droppedEventsCount,omitempty"`
		Links         []exportLink      `json:"links,omitempty"`
		DroppedLinks  uint32            `json:"droppedLinksCount,omitempty"`
		Status        exportStatus      `json:"status"`
	}
	exportEvent struct {
		Time       string            `json:"timeUnixNano"`
		Name       string            `json:"name"`
		Attributes []exportAttribute `json:"attributes,omitempty"`
		Dropped    uint32            `json:"droppedAttributesCount,omitempty"`
	}
	exportLink struct {
		TraceID    string            `json:"traceId"`
		SpanID     string            `json:"spanId"`
		TraceState string            `json:"traceState,omitempty"`
		Attributes []exportAttribute `json:"attributes,omitempty"`
		Dropped    uint32            `json:"droppedAttributesCount,omitempty"`
		Flags      uint32            `json:"flags,omitempty"`
	}
	exportStatus struct {
		Message string           `json:"message,omitempty"`
		Code    model.StatusCode `json:"code,omitempty"`
	}
	exportAttribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

// exportTrace groups spans by resource and scope, in order of first appearance.
func exportTrace(t *model.Trace) exportRequest {
	type group struct {
		resource *model.Resource
		scope    *model.Scope
	}
	var out exportRequest
	resources := map[*model.Resource]*exportResourceSpans{}
	scopes := map[group]*exportScopeSpans{}
	for i := range t.Spans {
		s := &t.Spans[i]
		r, ok := resources[s.Resource]
		if !ok {
			r = newResourceSpans(s.Resource)
			resources[s.Resource] = r
			out.ResourceSpans = append(out.ResourceSpans, r)
		}
		k := group{s.Resource, s.Scope}
		scope, ok := scopes[k]
		if !ok {
			scope = newScopeSpans(s.Scope)
			scopes[k] = scope
			r.ScopeSpans = append(r.ScopeSpans, scope)
		}
		scope.Spans = append(scope.Spans, newExportSpan(s))
	}
	return out
}

func newResourceSpans(r *model.Resource) *exportResourceSpans {
	if r == nil {
		return &exportResourceSpans{}
	}
	return &exportResourceSpans{Resource: exportResource{exportAttributes(r.Attributes), r.Dropped}, SchemaURL: r.SchemaURL}
}

func newScopeSpans(s *model.Scope) *exportScopeSpans {
	if s == nil {
		return &exportScopeSpans{}
	}
	return &exportScopeSpans{Scope: exportScope{s.Name, s.Version, exportAttributes(s.Attributes), s.Dropped}, SchemaURL: s.SchemaURL}
}

func newExportSpan(s *model.Span) exportSpan {
	x := exportSpan{
		TraceID: s.TraceID.String(), SpanID: s.ID.String(), TraceState: s.TraceState, Flags: s.Flags,
		Name: s.Name, Kind: s.Kind, Start: strconv.FormatInt(s.Start, 10), End: strconv.FormatInt(s.End, 10),
		Attributes: exportAttributes(s.Attributes), Dropped: s.DroppedAttributes,
		DroppedEvents: s.DroppedEvents, DroppedLinks: s.DroppedLinks,
		Status: exportStatus{s.StatusText, s.Status},
	}
	if s.Parent != 0 {
		x.ParentSpanID = s.Parent.String()
	}
	for i := range s.Events {
		e := &s.Events[i]
		x.Events = append(x.Events, exportEvent{strconv.FormatInt(e.Time, 10), e.Name, exportAttributes(e.Attributes), e.Dropped})
	}
	for i := range s.Links {
		l := &s.Links[i]
		x.Links = append(x.Links, exportLink{l.TraceID.String(), l.SpanID.String(), l.TraceState, exportAttributes(l.Attributes), l.Dropped, l.Flags})
	}
	return x
}

func exportAttributes(as []model.Attribute) []exportAttribute {
	out := make([]exportAttribute, 0, len(as))
	for _, a := range as {
		out = append(out, exportAttribute{a.Key, exportValue(a.Value)})
	}
	return out
}

// exportValue is the JSON form of an AnyValue. Doubles that JSON has no number for are strings, as
// protobuf's JSON mapping has them.
func exportValue(v model.Value) map[string]any {
	switch v.Kind() {
	case model.ValueString:
		return map[string]any{"stringValue": v.Str()}
	case model.ValueBool:
		return map[string]any{"boolValue": v.Bool()}
	case model.ValueInt:
		return map[string]any{"intValue": strconv.FormatInt(v.Int(), 10)}
	case model.ValueDouble:
		return map[string]any{"doubleValue": exportDouble(v.Double())}
	case model.ValueBytes:
		return map[string]any{"bytesValue": []byte(v.Str())}
	case model.ValueArray:
		values := make([]map[string]any, 0, len(v.List()))
		for _, e := range v.List() {
			values = append(values, exportValue(e))
		}
		return map[string]any{"arrayValue": map[string]any{"values": values}}
	case model.ValueMap:
		return map[string]any{"kvlistValue": map[string]any{"values": exportAttributes(v.Map())}}
	}
	return map[string]any{}
}

func exportDouble(f float64) any {
	switch {
	case f != f:
		return "NaN"
	case f > 1.7976931348623157e308:
		return "Infinity"
	case f < -1.7976931348623157e308:
		return "-Infinity"
	}
	return f
}
