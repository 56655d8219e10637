package wire_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/wire"
)

// spans walks a request down to its spans.
func spans(req []byte) (all [][]byte, err error) {
	f := wire.Of(req, 0, "request")
	for f.Next() {
		if f.Tag != wire.ResourceSpans {
			continue
		}
		g := wire.Of(f.Bytes, f.At(), "resource spans")
		for g.Next() {
			if g.Tag != wire.Children {
				continue
			}
			h := wire.Of(g.Bytes, g.At(), "scope spans")
			for h.Next() {
				if h.Tag == wire.Children {
					all = append(all, h.Bytes)
				}
			}
			if h.Err() != nil {
				return nil, h.Err()
			}
		}
		if g.Err() != nil {
			return nil, g.Err()
		}
	}
	return all, f.Err()
}

// valueText renders a value by the reference decoder in the form of model.Value.
func reference(v *common.AnyValue) model.Value {
	switch x := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return model.StringValue(x.StringValue)
	case *common.AnyValue_BoolValue:
		return model.BoolValue(x.BoolValue)
	case *common.AnyValue_IntValue:
		return model.IntValue(x.IntValue)
	case *common.AnyValue_DoubleValue:
		return model.DoubleValue(x.DoubleValue)
	case *common.AnyValue_BytesValue:
		return model.BytesValue(x.BytesValue)
	case *common.AnyValue_ArrayValue:
		var vs []model.Value
		for _, e := range x.ArrayValue.GetValues() {
			vs = append(vs, reference(e))
		}
		return model.ArrayValue(vs)
	case *common.AnyValue_KvlistValue:
		var kvs []model.Attribute
		for _, kv := range x.KvlistValue.GetValues() {
			kvs = append(kvs, model.Attribute{Key: kv.GetKey(), Value: reference(kv.GetValue())})
		}
		return model.MapValue(kvs)
	}
	return model.Value{}
}

func same(t *testing.T, got *model.Span, want *trace.Span) {
	t.Helper()
	if got.Name != want.Name || got.TraceID != wire.TraceID(want.TraceId) || got.ID != wire.ID(want.SpanId) || got.Parent != wire.ID(want.ParentSpanId) ||
		uint64(got.Start) != want.StartTimeUnixNano || uint64(got.End) != want.EndTimeUnixNano || got.StatusText != want.Status.GetMessage() ||
		got.Flags != want.Flags || got.TraceState != want.TraceState || len(got.Events) != len(want.Events) || len(got.Links) != len(want.Links) ||
		len(got.Attributes) != len(want.Attributes) || got.DroppedAttributes != want.DroppedAttributesCount {
		t.Fatalf("decoded\n%+v\nwant\n%v", got, want)
	}
	for i, a := range want.Attributes {
		if got.Attributes[i].Key != a.Key || got.Attributes[i].Value.String() != reference(a.Value).String() {
			t.Errorf("attribute %v, want %v", got.Attributes[i], a)
		}
	}
	for i, e := range want.Events {
		if g := got.Events[i]; g.Name != e.Name || uint64(g.Time) != e.TimeUnixNano || len(g.Attributes) != len(e.Attributes) {
			t.Errorf("event %v, want %v", g, e)
		}
	}
	for i, l := range want.Links {
		if g := got.Links[i]; g.TraceID != wire.TraceID(l.TraceId) || g.SpanID != wire.ID(l.SpanId) {
			t.Errorf("link %v, want %v", g, l)
		}
	}
}

func compare(t *testing.T, req []byte) {
	t.Helper()
	var want trace.TracesData
	if err := proto.Unmarshal(req, &want); err != nil {
		return
	}
	got, err := spans(req)
	if err != nil {
		t.Fatalf("the reference decodes it: %v", err)
	}
	n := 0
	for _, rs := range want.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				var span model.Span
				wire.Span(got[n], &span)
				same(t, &span, s)
				n++
			}
		}
	}
	if n != len(got) {
		t.Errorf("%d spans, want %d", len(got), n)
	}
}

func TestRecordedPayloads(t *testing.T) {
	paths, _ := filepath.Glob("../../../shared/fixtures/payloads/*/*.pb")
	if len(paths) == 0 {
		t.Skip("no ../shared/fixtures/payloads")
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, b)
	}
}

func nested(depth int) []byte {
	v := []byte{0x0a, 1, 'x'}
	for range depth {
		v = wire.AppendBytes(nil, 1<<3|2, v) // ArrayValue.values
		v = wire.AppendBytes(nil, 5<<3|2, v) // AnyValue.array_value
	}
	return v
}

func TestNestingIsBounded(t *testing.T) {
	modeltest.OneGoroutine(t)
	for _, c := range []struct {
		depth int
		leaf  bool
	}{{1, true}, {wire.MaxValueDepth - 1, true}, {wire.MaxValueDepth, false}, {20_000, false}} {
		v := nested(c.depth)
		if k, err := wire.ValueKind(v, 0); err != nil || k != model.ValueArray {
			t.Fatalf("depth %d: %v, %v", c.depth, k, err)
		}
		if got := strings.Contains(wire.Value(v).String(), "x"); got != c.leaf {
			t.Errorf("depth %d: leaf decoded %v, want %v", c.depth, got, c.leaf)
		}
	}
}

func TestErrorsSayWhere(t *testing.T) {
	req := []byte{0x0a, 4, 0x12, 2, 0x12, 9}
	_, err := spans(req)
	var e *wire.Error
	if !errors.As(err, &e) || e.Offset != 4 || e.Field != "scope spans" {
		t.Errorf("%v", err)
	}
}

func TestRepeatedValueIsMerged(t *testing.T) {
	kv := wire.AppendBytes(nil, 1<<3|2, "k")
	kv = wire.AppendBytes(kv, 2<<3|2, nested(1))
	kv = wire.AppendBytes(kv, 2<<3|2, nested(1))
	var want common.KeyValue
	if err := proto.Unmarshal(kv, &want); err != nil {
		t.Fatal(err)
	}
	if got := wire.Attribute(kv).Value.String(); got != reference(want.Value).String() {
		t.Errorf("%s, want %s", got, reference(want.Value))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x0a, 4, 0x12, 2, 0x12, 0})
	f.Add(bytes.Repeat([]byte{0x0b}, 100))
	paths, _ := filepath.Glob("../../../shared/fixtures/payloads/*/*.pb")
	for _, p := range paths {
		if b, err := os.ReadFile(p); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		compare(t, b)
		got, _ := spans(b)
		for _, s := range got {
			var span model.Span
			wire.Span(s, &span)
		}
		wire.Value(b)
		_, _ = wire.ValueKind(b, 0)
	})
}
