package aggregate_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
)

// ping is the trace of the tests of the Collector's spanmetrics: three spans of 11 ms, of which the last failed.
const ping = `
	one ping server 0..11 ok
	  one ping client 0..11 ok
	    two ping server 0..11 error
`

// figuresOf are the rows of operations and services: "service operation kind" and "calls errors longest", whole ms.
func figuresOf(t *testing.T, e *aggregate.Memory) map[string]string {
	t.Helper()
	o, err := e.Operations(context.Background(), aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range slices.Concat(o.Rows, o.Services) {
		name := r.Service
		if r.Operation != "" {
			name += " " + r.Operation + " " + r.Kind.String()
		}
		out[name] = fmt.Sprintf("%d %d %.0f", r.RED.Calls, r.RED.Errors, float64(r.RED.Max)/1e6) // of a histogram: within 1.1 %
	}
	return out
}

// The situations of the Collector's spanmetrics (connector_test.go): one series for each service, operation and kind,
// whose calls and durations add up over what comes; a span that ends before it starts took no time; names that are the
// same letters divided otherwise. The status is part of the series' name there, here it is the errors of it. A span of
// no service is left out there; here it is of an unknown one, so that nothing that was sent is missing.
func TestCallsOfOperations(t *testing.T) {
	times := func(n int) (drawing string) {
		for i := range n {
			drawing += fmt.Sprintf("trace %d%s", i+1, ping)
		}
		return drawing
	}
	for name, c := range map[string]struct {
		drawing string
		want    map[string]string
	}{
		"once":  {times(1), map[string]string{"one ping server": "1 0 11", "one ping client": "1 0 11", "two ping server": "1 1 11", "one": "1 0 11", "two": "1 1 11"}},
		"twice": {times(2), map[string]string{"one ping server": "2 0 11", "one ping client": "2 0 11", "two ping server": "2 2 11", "one": "2 0 11", "two": "2 2 11"}},
		"a start after the end": {strings.Replace(ping, "one ping server 0..11", "one ping server 11..0", 1), map[string]string{
			"one ping server": "1 0 0", "one ping client": "1 0 11", "two ping server": "1 1 11", "one": "1 0 0", "two": "1 1 11"}},
		"the same letters":                      {"ab c server 0..1\ntrace 2\na bc server 0..2", map[string]string{"ab c server": "1 0 1", "a bc server": "1 0 2", "ab": "1 0 1", "a": "1 0 2"}},
		"one that failed and one that did not":  {"a x server 0..1 error\ntrace 2\na x server 0..3", map[string]string{"a x server": "2 1 3", "a": "2 1 3"}},
		"an error that is told by an attribute": {"a x server 0..1 http.response.status_code=500", map[string]string{"a x server": "1 0 1", "a": "1 0 1"}},
		"no service":                            {"- x server 0..1", map[string]string{"unknown_service x server": "1 0 1", "unknown_service": "1 0 1"}},
	} {
		if got := figuresOf(t, drawnEngine(t, c.drawing)); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Its dimensions: an attribute of the span goes before one of the resource that has the same name; what neither has is
// a row of those without it, where there a default stands or nothing.
func TestCallsByAttribute(t *testing.T) {
	e := drawnEngine(t, `
		a x server 0..1 zone=span @zone=resource
		trace 2
		a x server 0..2 @zone=resource
		trace 3
		a x server 0..3
		trace 4
		a x server 0..4 zone=17
		trace 5
		a x server 0..5 error zone=17`)
	b, err := e.Breakdown(context.Background(), aggregate.Query{}, "zone")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range b.Rows {
		if r.Absent {
			r.Value = "absent"
		}
		got[r.Value] = fmt.Sprint(r.RED.Calls, " ", r.RED.Errors, " ", r.Max/1e6)
	}
	want := map[string]string{"17": "2 1 5", "span": "1 0 1", "resource": "1 0 2", "absent": "1 0 3"}
	if !maps.Equal(got, want) || b.Calls != 5 || b.Values != 3 {
		t.Errorf("%v, want %v; %d calls, %d values", got, want, b.Calls, b.Values)
	}
}
