package files

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"oteltop/model/modeltest"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TestZipkin: testdata/zipkin.json was made by hand in the shape of Zipkin's API v2, with everything that
// is converted. As a list, as a list of lists and a span a line it is the same.
func TestZipkin(t *testing.T) {
	text, err := os.ReadFile("testdata/zipkin.json")
	if err != nil {
		t.Fatal(err)
	}
	listed := string(text)
	lines := strings.NewReplacer("[\n", "", "\n]", "", "},\n", "}\n").Replace(listed)
	for name, content := range map[string]string{"list": listed, "lists": "[[]," + listed + "]", "lines": lines} {
		t.Run(name, func(t *testing.T) {
			r := readText(t, content)
			r.check(t)
			root, call, half, query := r.span(t, "get /"), r.span(t, "call"), r.span(t, "serve"), r.span(t, "query")
			if fmt.Sprint(r.services) != "[web web cart cart]" {
				t.Errorf("services %v", r.services)
			}
			if string(half.ParentSpanId) != string(call.SpanId) || string(half.SpanId) == string(call.SpanId) || string(call.ParentSpanId) != string(root.SpanId) {
				t.Error("the server's half is not the client's child")
			}
			if string(query.ParentSpanId) != string(half.SpanId) {
				t.Error("the server's child is the client's")
			}
			if root.Kind != trace.Span_SPAN_KIND_SERVER || call.Kind != trace.Span_SPAN_KIND_CLIENT || query.Kind != trace.Span_SPAN_KIND_INTERNAL {
				t.Error("kinds")
			}
			if query.StartTimeUnixNano != half.StartTimeUnixNano || query.EndTimeUnixNano != half.StartTimeUnixNano+5000 || attribute(query, noTimestamp) != "bool_value:true" {
				t.Errorf("a span without a time is at %d to %d", query.StartTimeUnixNano, query.EndTimeUnixNano)
			}
			if root.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || root.Status.Message != "500" || call.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || call.Status.Message != "" {
				t.Errorf("status %v, %v", root.Status, call.Status)
			}
			for key, want := range map[string]string{"peer.service": `string_value:"cart"`, "network.peer.address": `string_value:"10.0.0.2"`, "network.peer.port": "int_value:8080", "http.path": `string_value:"/"`, noTimestamp: ""} {
				if got := attribute(call, key); got != want {
					t.Errorf("%s is %s, want %s", key, got, want)
				}
			}
			if len(root.Events) != 1 || root.Events[0].Name != "hello" || root.Events[0].TimeUnixNano != 1700000000000005000 {
				t.Errorf("events %v", root.Events)
			}
		})
	}
}

// TestZipkinAddresses: each end may have an address of either family, or of both.
func TestZipkinAddresses(t *testing.T) {
	for _, c := range []struct{ addresses, peer, other, host string }{
		{`"ipv4":"10.0.0.1","ipv6":"fd00::1"`, "10.0.0.1", "fd00::1", "10.0.0.1 fd00::1"},
		{`"ipv4":"10.0.0.1"`, "10.0.0.1", "", "10.0.0.1"},
		{`"ipv6":"fd00::1"`, "fd00::1", "", "fd00::1"},
		{`"port":80`, "", "", ""},
	} {
		list, err := zipkinSpans([]byte(`[{"traceId":"1","id":"1","kind":"CLIENT","localEndpoint":{` + c.addresses + `},"remoteEndpoint":{` + c.addresses + `}}]`))
		if err != nil {
			t.Fatal(err)
		}
		span, err := list[0].span()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, a := range append(span.Attributes, list[0].Local.resource().Attributes...) {
			texts := []string{a.Value.GetStringValue()}
			if both := a.Value.GetArrayValue(); both != nil {
				texts = []string{both.Values[0].GetStringValue(), both.Values[1].GetStringValue()}
			}
			got[a.Key] = strings.Join(texts, " ")
		}
		if got["network.peer.address"] != c.peer || got["remoteEndpoint.ipv6"] != c.other || got["host.ip"] != c.host {
			t.Errorf("%s: %v", c.addresses, got)
		}
	}
}

func TestZipkinProblems(t *testing.T) {
	span := func(name, id string) string { return fmt.Sprintf(`{"traceId":"1","id":"%s","name":"%s"}`, id, name) }
	for _, k := range []struct {
		name, content, spans string
		problems             []string
	}{
		{"a bad id costs a span", "[" + span("a", "1") + ",\n" + span("x", "zz") + "," + span("b", "2") + "]", "a b", []string{`f:1: zipkin: span 2: id "zz": encoding/hex`}},
		{"a bad id on a line", span("a", "1") + "\n" + span("x", "12345678123456781") + "\n" + span("b", "2"), "a b", []string{`f:2: zipkin: span 1: id "12345678123456781" is not of 1 to 16 hex digits`}},
		{"a bad parent", strings.Replace(span("x", "1"), `"id"`, `"parentId":"?","id"`, 1) + "\n" + span("b", "2"), "b", []string{`f:1: zipkin: span 1: id "?"`}},
		{"a wrong type costs a field", strings.Replace(span("a", "1"), `"id"`, `"kind":5,"id"`, 1), "a", []string{"f:1: zipkin: json: cannot unmarshal number"}},
		{"a broken line", span("a", "1") + "\n" + span("b", "2")[:20] + "\n" + span("c", "3"), "a c", []string{"f:2: "}},
		{"no spans", "[]\n[[],[]]", "", nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := readText(t, k.content)
			r.check(t, k.problems...)
			if r.names() != k.spans {
				t.Errorf("spans %q, want %q", r.names(), k.spans)
			}
		})
	}
}

// TestZipkinAcrossBatches: halves and parents find each other though other traces fill several batches
// between the first and the last of their lines, as long as their trace grows.
func TestZipkinAcrossBatches(t *testing.T) {
	var b strings.Builder
	fill := 0
	others := func(n int) {
		for range n {
			fill++
			fmt.Fprintf(&b, `{"traceId":"%x","id":"1","name":"f","timestamp":5}`+"\n", 1000+fill)
		}
	}
	others(zipkinBatchSpans - 5)
	b.WriteString(`{"traceId":"1","id":"2","name":"server","kind":"SERVER","shared":true,"timestamp":70}` + "\n")
	b.WriteString(`{"traceId":"1","id":"3","parentId":"2","name":"child"}` + "\n")
	others(zipkinBatchSpans / 3)
	b.WriteString(`{"traceId":"1","id":"2","name":"client","kind":"CLIENT","timestamp":60}` + "\n")
	others(zipkinBatchSpans)
	r := readText(t, b.String())
	r.check(t)
	client, server, child := r.span(t, "client"), r.span(t, "server"), r.span(t, "child")
	if string(server.ParentSpanId) != string(client.SpanId) || string(child.ParentSpanId) != string(server.SpanId) || child.StartTimeUnixNano != 70_000 {
		t.Errorf("client %x, server %x under %x, child under %x at %d", client.SpanId, server.SpanId, server.ParentSpanId, child.ParentSpanId, child.StartTimeUnixNano)
	}
	if len(r.spans) != fill+3 {
		t.Errorf("%d spans of %d", len(r.spans), fill+3)
	}
}

// TestZipkinBatchIsBounded: what is held back does not grow with the file, whether its traces are small
// or one is as large as the file.
func TestZipkinBatchIsBounded(t *testing.T) {
	for name, id := range map[string]func(i int) int{"small traces": func(i int) int { return i + 1 }, "one trace": func(int) int { return 1 }} {
		t.Run(name, func(t *testing.T) {
			var z zipkinBatch
			delivered := 0
			for i := range 3 * zipkinBatchSpans {
				if _, err := z.add(i, fmt.Appendf(nil, `{"traceId":"%x","id":"1"}`, id(i))); err != nil {
					t.Fatal(err)
				}
				if z.full() {
					z.flush(false, func(_ int, request []byte, err error) { delivered++ })
				}
				if z.spans > zipkinBatchSpans || z.bytes > zipkinBatchBytes {
					t.Fatalf("%d spans, %d bytes are held", z.spans, z.bytes)
				}
			}
			if delivered == 0 {
				t.Error("nothing was delivered")
			}
			z.flush(true, func(int, []byte, error) {})
			if z.spans != 0 || z.bytes != 0 || len(z.traces) != 0 {
				t.Errorf("%d spans, %d bytes, %d traces are left", z.spans, z.bytes, len(z.traces))
			}
		})
	}
}

func TestTimesOfRelatives(t *testing.T) {
	for _, k := range []struct {
		name    string
		parents []int    // of each span, -1 for none
		times   []uint64 // 0 for none
		want    []uint64
	}{
		{"the parent's", []int{-1, 0, 1}, []uint64{5, 0, 0}, []uint64{5, 5, 5}},
		{"the first child's", []int{-1, 0, 0}, []uint64{0, 9, 7}, []uint64{7, 9, 7}},
		{"the parent's before the child's", []int{-1, 0, 1}, []uint64{5, 0, 8}, []uint64{5, 5, 8}},
		{"from far below, and down again", []int{-1, 0, 1, 2, 0}, []uint64{0, 0, 0, 3, 0}, []uint64{3, 3, 3, 3, 3}},
		{"none", []int{-1, 0}, []uint64{0, 0}, []uint64{0, 0}},
		{"a cycle", []int{1, 0, 0}, []uint64{0, 0, 4}, []uint64{4, 4, 4}},
		{"a cycle with a time", []int{1, 0, 0}, []uint64{0, 6, 0}, []uint64{6, 6, 6}},
		{"its own parent", []int{0}, []uint64{0}, []uint64{0}},
	} {
		t.Run(k.name, func(t *testing.T) {
			z := chain(k.parents, k.times)
			z.giveTimes()
			var got []uint64
			for i, s := range z.spans {
				got = append(got, s.StartTimeUnixNano)
				if marked := attribute(s.Span, noTimestamp) != ""; marked != (k.times[i] == 0) {
					t.Errorf("span %d is marked: %v", i, marked)
				}
			}
			if !slices.Equal(got, k.want) {
				t.Errorf("times %v, want %v", got, k.want)
			}
		})
	}
}

func chain(parents []int, times []uint64) *zipkinTrace {
	id := func(i int) []byte {
		if i < 0 {
			return nil
		}
		return fmt.Appendf(nil, "%08d", i)
	}
	var z zipkinTrace
	for i, p := range parents {
		z.spans = append(z.spans, zipkinHeld{Span: &trace.Span{SpanId: id(i), ParentSpanId: id(p), StartTimeUnixNano: times[i], EndTimeUnixNano: times[i]}})
	}
	return &z
}

// TestLongChainsOfTimelessSpans: the work is two passes, whatever the order; with rounds until nothing
// changes, this would take hours.
func TestLongChainsOfTimelessSpans(t *testing.T) {
	modeltest.OneGoroutine(t)
	const n = 300_000
	for name, parent := range map[string]func(i int) int{
		"forward": func(i int) int { return i - 1 }, "backward": func(i int) int { return (i+2)%(n+1) - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			parents, times := make([]int, n), make([]uint64, n)
			for i := range parents {
				parents[i] = parent(i)
			}
			times[n/2] = 7
			z := chain(parents, times)
			z.giveTimes()
			for i, s := range z.spans {
				if s.StartTimeUnixNano != 7 {
					t.Fatalf("span %d has the time %d", i, s.StartTimeUnixNano)
				}
			}
		})
	}
}
