package sampling_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/request/requesttest"
	"oteltop/aggregate/sampling"
	"oteltop/model"
)

const remote = 1<<8 | 1<<9

func fold(spans []model.Span) (*sampling.Result, []findings.Finding) {
	s := storetest.Of(spans...)
	f := sampling.New(s.Names())
	requesttest.Each(s, f.Fold)
	return f.Result(), f.Findings()
}

func span(trace, id, parent uint64, service string, kind model.Kind, state string) model.Span {
	return model.Span{TraceID: model.TraceID{Lo: trace}, ID: model.SpanID(id), Parent: model.SpanID(parent), Name: "work", Kind: kind,
		Resource: &model.Resource{Service: service}, Start: 1e18 + int64(id), End: 1e18 + 100, TraceState: state}
}

// The figures of spanmetrics and Tempo: th:8 stands for 2 spans, th:c for 4.
func TestWeights(t *testing.T) {
	for state, want := range map[string]float64{
		"ot=th:8":                         2,
		"ot=th:c":                         4,
		"ot=th:0":                         1,
		"ot=th:e":                         8,
		"ot=th:80000000000000":            2,
		"ot=th:fd70a3d70a3d71":            100,
		"ot=th:8;rv:abcdef01234567":       2,
		"ot=rv:abcdef01234567;th:c":       4,
		"vendor=x:y, ot=th:c ,other=th:8": 4,
		"other=th:8":                      1,
		"":                                1,
		"ot=":                             1,
		"ot=rv:1":                         1,
	} {
		r, _ := fold([]model.Span{span(1, 1, 0, "a", model.KindServer, state)})
		if o := r.Operations[0]; math.Abs(o.Estimate-want) > 1e-9*want || o.Seen != 1 || o.Malformed != 0 || (o.Told == 1) != strings.Contains(state, "ot=th") && !strings.Contains(state, ";th") {
			t.Errorf("%q: %+v, want %g", state, o, want)
		}
	}
	for _, state := range []string{"ot=th:", "ot=th:xyz", "ot=th:123456789012345", "ot=th:-1", "ot=th:C"} {
		r, _ := fold([]model.Span{span(1, 1, 0, "a", model.KindServer, state)})
		if o := r.Operations[0]; o.Malformed != 1 || o.Told != 0 || o.Estimate != 1 {
			t.Errorf("%q: %+v", state, o)
		}
	}
}

func TestCountedAndEstimated(t *testing.T) {
	var spans []model.Span
	for i := range uint64(30) {
		spans = append(spans, span(i+1, 1, 0, "web", model.KindServer, "ot=th:8"), span(i+1, 2, 1, "cart", model.KindServer, map[bool]string{true: "ot=th:c", false: "ot=th:8"}[i < 25]))
	}
	spans = append(spans, span(99, 1, 0, "web", model.KindServer, "ot=th:8"), span(99, 2, 1, "old", model.KindInternal, ""))
	r, found := fold(spans)
	got := map[string]sampling.Operation{}
	sum := 0.0
	for _, o := range r.Operations {
		got[o.Service] = o
		sum += o.Estimate
	}
	if w := got["web"]; w.Seen != 31 || w.Estimate != 62 || w.Probability() != .5 || w.Least != .5 || w.Most != .5 {
		t.Errorf("%+v", w)
	}
	if c := got["cart"]; c.Seen != 30 || c.Estimate != 25*4+5*2 || c.Least != .25 || c.Most != .5 {
		t.Errorf("%+v", c)
	}
	if o := got["old"]; o.Seen != 1 || o.Estimate != 1 || o.Told != 0 || o.Probability() != 1 {
		t.Errorf("%+v", o)
	}
	if r.Total.Estimate != sum || r.Total.Seen != 62 || r.Mixed != 25 || r.Partly != 1 || r.Traces != 31 || len(r.MixedSample) != 5 {
		t.Errorf("%+v", r)
	}
	if len(found) != 1 || found[0].Service != "cart" || found[0].Title != "cart kept fewer spans than the rest of the same traces, down to 25%: 25 of 31 traces are sampled unevenly" || found[0].Traces[0].Lo != 1 {
		t.Errorf("%+v", found)
	}
}

// Whole traces of different probabilities, and traces that do not tell, are no finding.
func TestEvenlySampled(t *testing.T) {
	var spans []model.Span
	for i := range uint64(100) {
		state := []string{"ot=th:8", "ot=th:c", "", "ot=th:?"}[i%4]
		spans = append(spans, span(i+1, 1, 0, "web", model.KindServer, state), span(i+1, 2, 1, "cart", model.KindServer, state))
	}
	if r, found := fold(spans); r.Mixed != 0 || r.Partly != 0 || len(found) != 0 || len(r.Services) != 0 {
		t.Errorf("%+v, %+v", r, found)
	}
}

func TestWhereTracesBegin(t *testing.T) {
	flagged := func(s model.Span, flags uint32) model.Span { s.Flags = flags; return s }
	r, _ := fold([]model.Span{
		span(1, 1, 0, "a", model.KindServer, ""),
		span(2, 1, 0, "a", model.KindClient, ""), span(2, 2, 1, "b", model.KindServer, ""),
		flagged(span(3, 1, 0, "a", model.KindServer, ""), remote),
		flagged(span(4, 1, 0, "a", model.KindServer, ""), 1<<8),
		flagged(span(5, 1, 0, "a", model.KindServer, ""), 1<<9),
		flagged(span(6, 2, 1, "a", model.KindServer, ""), remote),
		flagged(span(7, 1, 0, "a", model.KindInternal, ""), remote),
	})
	if got := fmt.Sprint(r.LeafClient, r.LeafServer, r.Headless, r.LeafStarted(), r.Traces, len(r.LeafSample)); got != "1 1 1 2 7 2" {
		t.Error(got)
	}
}
