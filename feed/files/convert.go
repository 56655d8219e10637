package files

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// unknownService is what OpenTelemetry calls a service without a name.
const unknownService = "unknown_service"

type scopeName struct{ name, version string }

// groups gathers spans by resource and scope, in the order in which those were first seen.
type groups struct {
	out       []*trace.ResourceSpans
	resources map[string]*trace.ResourceSpans
	scopes    map[*trace.ResourceSpans]map[scopeName]*trace.ScopeSpans
}

func newGroups() *groups {
	return &groups{resources: map[string]*trace.ResourceSpans{}, scopes: map[*trace.ResourceSpans]map[scopeName]*trace.ScopeSpans{}}
}

// add puts a span under the resource that key stands for; describe is called when it is a new one.
func (g *groups) add(key string, describe func() *resource.Resource, scope scopeName, s *trace.Span) {
	r := g.resources[key]
	if r == nil {
		r = &trace.ResourceSpans{Resource: describe()}
		g.resources[key] = r
		g.scopes[r] = map[scopeName]*trace.ScopeSpans{}
		g.out = append(g.out, r)
	}
	c := g.scopes[r][scope]
	if c == nil {
		c = &trace.ScopeSpans{Scope: &common.InstrumentationScope{Name: valid(scope.name), Version: valid(scope.version)}}
		g.scopes[r][scope] = c
		r.ScopeSpans = append(r.ScopeSpans, c)
	}
	c.Spans = append(c.Spans, s)
}

// request is an ExportTraceServiceRequest, which is TracesData on the wire; the package of the former
// drags an HTTP gateway in.
func (g *groups) request() *trace.TracesData {
	return &trace.TracesData{ResourceSpans: g.out}
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func serviceName(s string) string {
	if s == "" {
		return unknownService
	}
	return s
}

func textAttribute(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}

// anyValue converts what encoding/json gives with UseNumber; objects and lists become their JSON text.
func anyValue(v any) *common.AnyValue {
	switch x := v.(type) {
	case string:
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: x}}
	case bool:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: x}}
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}
		}
		if f, err := x.Float64(); err == nil {
			return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: f}}
		}
		return anyValue(string(x))
	case nil:
		return &common.AnyValue{}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return anyValue(fmt.Sprint(v))
	}
	return anyValue(string(b))
}

// hexID decodes an id of up to size bytes; older libraries leave out leading zeros, and the upper half
// of 64-bit trace ids.
func hexID(s string, size int) ([]byte, error) {
	if len(s) == 0 || len(s) > 2*size {
		return nil, fmt.Errorf("id %.40q is not of 1 to %d hex digits", s, 2*size)
	}
	b, err := hex.DecodeString(strings.Repeat("0", 2*size-len(s)) + s)
	if err != nil {
		return nil, fmt.Errorf("id %q: %w", s, err)
	}
	return b, nil
}

// micros turns microseconds into nanoseconds; what is absent, negative or absurd is 0.
func micros(n json.Number) uint64 {
	if v, err := n.Int64(); err == nil {
		if v < 0 || v > math.MaxInt64/1000 {
			return 0
		}
		return uint64(v) * 1000
	}
	f, err := n.Float64()
	if err != nil || !(f >= 0 && f < math.MaxInt64/1000) {
		return 0
	}
	return uint64(f * 1000)
}

func firstError(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}
