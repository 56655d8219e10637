package files

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// attribute is the value of an attribute as text, "" for none.
func attribute(s *trace.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return strings.Join(strings.Fields(a.Value.String()), " ")
		}
	}
	return ""
}

// TestJaegerDownload: testdata/jaeger.json was made by hand in the shape of Jaeger's download button, with
// everything that is converted.
func TestJaegerDownload(t *testing.T) {
	r := readFiles(t, Options{Paths: []string{"testdata/jaeger.json"}})
	r.check(t)
	if got := r.names(); got != "GET /cart get SELECT other" {
		t.Errorf("spans %q", got)
	}
	root, get, sel := r.span(t, "GET /cart"), r.span(t, "get"), r.span(t, "SELECT")
	if fmt.Sprint(r.services) != "[web cart cart unknown_service]" {
		t.Errorf("services %v", r.services)
	}
	if root.StartTimeUnixNano != 1700000000000001000 || root.EndTimeUnixNano != 1700000000000001000+2500*1000 {
		t.Error("times are not microseconds")
	}
	if hex.EncodeToString(root.TraceId) != "00000000000000001e223ff1f80f1c69" || len(root.ParentSpanId) != 0 {
		t.Errorf("trace %x, parent %x", root.TraceId, root.ParentSpanId)
	}
	if string(get.ParentSpanId) != string(root.SpanId) || string(sel.ParentSpanId) != string(get.SpanId) || len(sel.Links) != 1 {
		t.Error("references")
	}
	if root.Kind != trace.Span_SPAN_KIND_SERVER || get.Kind != trace.Span_SPAN_KIND_CLIENT || sel.Kind != trace.Span_SPAN_KIND_INTERNAL {
		t.Error("kinds")
	}
	if root.Status.GetCode() != trace.Status_STATUS_CODE_OK || get.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || get.Status.Message != "refused" {
		t.Errorf("status %v, %v", root.Status, get.Status)
	}
	for key, want := range map[string]string{
		"n": "int_value:9007199254740993", "f": "double_value:2", "big": "int_value:9223372036854775807",
		"b": "bool_value:true", "raw": `bytes_value:"\x00\x01"`, "jaeger.warning": `string_value:"clock skew"`, "otel.scope.name": "",
	} {
		if got := attribute(get, key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if len(get.Events) != 2 || get.Events[0].Name != "retry" || get.Events[1].Name != "gave up" || get.Events[0].TimeUnixNano != 1700000000000100000 {
		t.Errorf("events %v", get.Events)
	}
}

func TestJaegerShapes(t *testing.T) {
	one := func(name string, at int) string {
		return fmt.Sprintf(`{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"%s","startTime":%d,"process":{"serviceName":"p"}}]}`, name, at)
	}
	for _, k := range []struct {
		name, content, spans string
		problems             []string
	}{
		{"an answer", `{"data":[` + one("a", 1) + `]}`, "a", nil},
		{"latest first", `{"data":[` + one("b", 2) + "," + one("a", 1) + `],"errors":null}`, "a b", nil},
		{"one trace", one("a", 1), "a", nil},
		{"a list", "[" + one("a", 1) + "," + one("b", 2) + "]", "a b", nil},
		{"a trace a line", one("a", 1) + "\n" + one("b", 2), "a b", nil},
		{"other keys first", `{"total":0,"limit":{"x":[1]},"data":[` + one("a", 1) + `]}`, "a", nil},
		{"nothing", `{"data":[]}`, "", nil},
		{"an answer of the query API", `{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}`, "", []string{`f:1: jaeger: an answer without traces: "trace not found"`}},
		{"a bad id costs a span", `{"data":[` + strings.Replace(one("x", 1), `"2"`, `"zz"`, 1) + "," + one("a", 1) + `]}`, "a", []string{`f:1: jaeger: trace 1: span 1: id "zz": encoding/hex`}},
		{"a bad reference costs a span", strings.Replace(one("x", 1), `"startTime"`, `"references":[{"refType":"CHILD_OF","traceID":"1","spanID":""}],"startTime"`, 1) + "\n" + one("a", 1), "a", []string{`f:1: jaeger: trace 1: span 1: reference: id ""`}},
		{"a wrong type costs a field", strings.Replace(one("a", 1), `"startTime"`, `"flags":"x","startTime"`, 1), "a", []string{"f:1: jaeger: json: cannot unmarshal string"}},
		{"a wrong type of all", `{"data":5}` + "\n" + one("a", 1), "a", []string{"f:1: jaeger: json: cannot unmarshal number"}},
		{"broken", one("a", 1) + "\n" + one("b", 2)[:60] + "\n" + `{"data":[` + one("c", 1) + `]}`, "a c", []string{"f:2: "}},
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

// TestJaegerPrinted: a document over many lines says on which it begins.
func TestJaegerPrinted(t *testing.T) {
	text, err := os.ReadFile("testdata/jaeger.json")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), `"spanID": "b2"`, `"spanID": "nope"`, 1)
	r := readText(t, otlp("a")+"\n\n"+broken)
	r.check(t, `f:3: jaeger: trace 2: span 2: id "nope"`)
	if r.names() != "a GET /cart SELECT other" {
		t.Errorf("spans %q", r.names())
	}
}
