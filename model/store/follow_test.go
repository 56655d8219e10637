package store

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"oteltop/model"
	"oteltop/model/wire"
)

// messages are the spans of a request, as they stand in it.
func messages(req []byte) (all [][]byte) {
	for f := wire.Of(req, 0, ""); f.Next(); {
		for g := wire.Of(f.Bytes, 0, ""); g.Next(); {
			for h := wire.Of(g.Bytes, 0, ""); g.Tag == wire.Children && h.Next(); {
				if h.Tag == wire.Children {
					all = append(all, h.Bytes)
				}
			}
		}
	}
	return all
}

// wrapped is a request of spans without resource and scope.
func wrapped(spans ...[]byte) []byte {
	var scope []byte
	for _, s := range spans {
		scope = wire.AppendBytes(scope, wire.Children, s)
	}
	return wire.AppendBytes(nil, wire.ResourceSpans, wire.AppendBytes(nil, wire.Children, scope))
}

// exported lists what a ring holds, span by span, sorted.
func exported(t *testing.T, r *Ring) (all [][]byte) {
	t.Helper()
	r.Snapshot().Traces(func(i *TraceInfo) bool {
		b, _ := r.Export(i.ID)
		all = append(all, messages(b)...)
		return true
	})
	slices.SortFunc(all, bytes.Compare)
	return all
}

// both encodes spans with all guesses at hand, and again each as the first one that the encoder ever saw.
func both(t *testing.T, spans [][]byte) {
	t.Helper()
	follows, reads := New(Options{Encoders: 1, Budget: 64 << 20}), New(Options{Encoders: 1, Budget: 64 << 20})
	first, err := follows.Append(wrapped(spans...))
	var second model.Receipt
	for _, s := range spans {
		reads.all[0].forget()
		rc, e := reads.Append(wrapped(s))
		if e != nil {
			if err == nil {
				t.Fatalf("%x: %v, together nothing", s, e)
			}
			return
		}
		second.Stored += rc.Stored
		second.Duplicate += rc.Duplicate
		for k, n := range rc.Refused {
			second.Refused[k] += n
		}
	}
	if err != nil {
		t.Fatalf("together: %v, alone nothing", err)
	}
	if first.Stored != second.Stored || first.Duplicate != second.Duplicate || first.Refused != second.Refused {
		t.Fatalf("together %+v, alone %+v", first, second)
	}
	got, want := exported(t, follows), exported(t, reads)
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%d spans differ from %d that were read field by field", len(got), len(want))
		for i := range min(len(got), len(want)) {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("\n%x\nwant\n%x", got[i], want[i])
			}
		}
	}
}

// uncommon changes a span in every way that a class or a walk has to notice.
func uncommon() []func(s *trace.Span) {
	value := func(v *common.AnyValue) func(s *trace.Span) {
		return func(s *trace.Span) { s.Attributes[3].Value = v }
	}
	return []func(s *trace.Span){
		func(*trace.Span) {},
		func(s *trace.Span) { s.Status = nil },
		func(s *trace.Span) { s.Status = &trace.Status{Code: 2, Message: "no"} },
		func(s *trace.Span) { s.Status = &trace.Status{Code: 7} },
		func(s *trace.Span) { s.Kind = 3 },
		func(s *trace.Span) { s.Kind = 300 },
		func(s *trace.Span) { s.Flags = 0 },
		func(s *trace.Span) { s.Flags = 0x301 },
		func(s *trace.Span) { s.TraceState = "a=b" },
		func(s *trace.Span) { s.Name = "" },
		func(s *trace.Span) { s.Name = strings.Repeat("x", 200) },
		func(s *trace.Span) { s.ParentSpanId = nil },
		func(s *trace.Span) { s.ParentSpanId = []byte{1} },
		func(s *trace.Span) { s.SpanId = nil },
		func(s *trace.Span) { s.TraceId = make([]byte, 16) },
		func(s *trace.Span) { s.StartTimeUnixNano, s.EndTimeUnixNano = 0, 0 },
		func(s *trace.Span) { s.EndTimeUnixNano = 5 },
		func(s *trace.Span) { s.StartTimeUnixNano, s.EndTimeUnixNano = 1<<63, math.MaxInt64 },
		func(s *trace.Span) { s.Attributes = nil },
		func(s *trace.Span) { s.Attributes = s.Attributes[1:] },
		func(s *trace.Span) { s.Attributes = append(s.Attributes, text("more", "1")) },
		func(s *trace.Span) { s.Attributes[2].Key = strings.Repeat("k", 130) },
		func(s *trace.Span) { s.Attributes[2].Key = "" },
		func(s *trace.Span) { s.DroppedAttributesCount = 3 },
		func(s *trace.Span) {
			s.Events = []*trace.Span_Event{{Name: "exception", TimeUnixNano: 1, Attributes: []*common.KeyValue{text("a", "b")}}}
		},
		func(s *trace.Span) { s.Links = []*trace.Span_Link{{TraceId: s.TraceId, SpanId: s.SpanId}} },
		value(nil), value(&common.AnyValue{}),
		value(&common.AnyValue{Value: &common.AnyValue_StringValue{}}),
		value(&common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.Repeat("v", 127)}}),
		value(&common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.Repeat("v", 5_000)}}),
		value(&common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.Repeat("v", 40_000)}}),
		value(&common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: -1}}),
		value(&common.AnyValue{Value: &common.AnyValue_BoolValue{}}),
		value(&common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: math.NaN()}}),
		value(&common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte{0}}}),
		value(&common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: []*common.AnyValue{nil, {}}}}}),
		value(&common.AnyValue{Value: &common.AnyValue_KvlistValue{}}),
	}
}

// Whatever the spans before it were, a span is stored as if it were read field by field.
func TestFollowingEqualsReading(t *testing.T) {
	l := newLoad(7)
	var spans [][]byte
	for range 3 {
		for _, change := range uncommon() {
			m := l.request(2)
			change(m.ResourceSpans[0].ScopeSpans[0].Spans[1])
			spans = append(spans, messages(encode(t, m))...)
		}
	}
	both(t, spans)
	for range 3 { // against each other's guesses
		spans = append(spans, messages(encode(t, l.request(200)))...)
	}
	both(t, spans)
}

// Most spans of ordinary traffic are followed; what is out of order is not, and stored all the same.
func TestFollowing(t *testing.T) {
	e := New(Options{Encoders: 1}).all[0]
	l := newLoad(8)
	var rc model.Receipt
	for range 3 {
		if err := e.request(encode(t, l.request(2000)), &rc); err != nil {
			t.Fatal(err)
		}
	}
	follows := func(b []byte) bool {
		for _, r := range e.resources {
			for _, c := range e.scopes {
				if e.follow(&incoming{resource: r, scope: c}, b, 0) {
					return true
				}
			}
		}
		return false
	}
	spans := messages(encode(t, l.request(1000)))
	followed := 0
	for _, b := range spans {
		if follows(b) {
			followed++
		}
		if ids, rest := b[:28], b[28:]; follows(slices.Concat(rest, ids)) {
			t.Fatalf("followed %x", b)
		}
	}
	if followed < len(spans)*9/10 {
		t.Errorf("%d of %d spans of ordinary traffic followed", followed, len(spans))
	}
}

// FuzzFollow gives a span and one that follows it to an encoder, together and each alone.
func FuzzFollow(f *testing.F) {
	l := newLoad(9)
	for _, change := range uncommon() {
		m := l.request(1)
		s := m.ResourceSpans[0].ScopeSpans[0].Spans[0]
		change(s)
		b := messages(encode(f, m))[0]
		other := bytes.Clone(b)
		if len(b) > 28 {
			other[27] ^= 1
		}
		f.Add(b, other)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) { both(t, [][]byte{a, b, a, b}) })
}
