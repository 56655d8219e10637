package attributes

import (
	"fmt"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/store"
)

// Every span's value is the one that decoding it finds, whichever way it is stored.
func TestReader(t *testing.T) {
	s := storetest.New(nil)
	resources := []*model.Resource{
		{Service: "a", Attributes: []model.Attribute{{Key: "new", Value: model.StringValue("of a")}}},
		{Service: "b"}, nil,
	}
	for i := range 300 {
		x := model.Span{
			TraceID: model.TraceID{Lo: uint64(i/3 + 1)}, ID: model.SpanID(i + 1), Name: "op", Resource: resources[i%3], Scope: &model.Scope{},
		}
		if i%2 == 0 {
			x.Attributes = append(x.Attributes, model.Attribute{Key: "old", Value: model.IntValue(int64(i % 7))})
		}
		if i%5 == 0 {
			x.Attributes = append(x.Attributes, model.Attribute{Key: "new", Value: model.StringValue(strings.Repeat("x", 10*(i%50)))})
		}
		s.Add(x)
	}
	snap := s.Snapshot()
	segments := snap.Segments()
	r := New(segments, "new", "old")
	snap.Traces(func(info *store.TraceInfo) bool {
		for _, p := range snap.Places(info.Index, nil) {
			span := p.Segment.Span(p.Index)
			want, key := "", -1
			for k, name := range []string{"new", "old"} {
				v, ok := span.Attribute(name)
				if !ok && span.Resource != nil {
					v, ok = model.Lookup(span.Resource.Attributes, name)
				}
				if ok {
					want, key = v.String(), k
					break
				}
			}
			if len(want) > maxText {
				want = want[:maxText] + "…"
			}
			v, got, ok := r.Of(p)
			if ok != (key >= 0) || ok && (got != key || r.Text(v) != want) {
				t.Errorf("span %d: %q of key %d, %v, want %q of key %d", span.ID, r.Text(v), got, ok, want, key)
			}
			classes, _ := r.Wanted(r.ordinals[p.Segment])
			if wanted := classes != nil && classes[p.Segment.Record(p.Index).Class]; wanted != ok {
				t.Errorf("span %d: wanted %v, has %v", span.ID, wanted, ok)
			}
		}
		return true
	})
}

// Numbers are numbers also where they were sent as text.
func TestNumber(t *testing.T) {
	r := New(nil)
	for _, c := range []struct {
		value  model.Value
		number float64
		ok     bool
	}{
		{model.IntValue(7), 7, true}, {model.StringValue("7"), 7, true}, {model.DoubleValue(.5), .5, true},
		{model.StringValue("seven"), 0, false}, {model.BoolValue(true), 0, false},
	} {
		if n, ok := r.Number(r.of(c.value)); n != c.number || ok != c.ok {
			t.Errorf("%v: %g, %v", c.value, n, ok)
		}
	}
}

// Millions of values do not grow without bound, and are counted.
func TestBound(t *testing.T) {
	r := New(nil)
	r.maxBytes = 10_000
	for i := range 1000 {
		r.of(model.StringValue(fmt.Sprint("value ", i)))
	}
	if len(r.texts) > 120 || r.Lost != uint64(1000-len(r.texts)+1) || r.Text(Other) != store.Overflow {
		t.Errorf("%d values, %d lost", len(r.texts), r.Lost)
	}
}
