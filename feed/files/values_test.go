package files

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"oteltop/model"
)

func TestText(t *testing.T) {
	a, b, c := otlp("a"), otlp("b"), otlp("c")
	document := strings.NewReplacer(`{"`, "{\n  \"", `[{`, "[\n{", `}]`, "}\n]").Replace
	for _, k := range []struct {
		name, content, spans string
		problems             []string
	}{
		{"empty", "", "", nil},
		{"blank", "\n \r\n\n", "", nil},
		{"lines", a + "\n" + b + "\n", "a b", nil},
		{"no newline at the end", a + "\n" + b, "a b", nil},
		{"blank lines in front", "\n\n" + a + "\n\n" + b, "a b", nil},
		{"carriage returns", a + "\r\n" + b + "\r\n", "a b", nil},
		{"byte order mark", "\xef\xbb\xbf" + a + "\n" + b, "a b", nil},
		{"two on a line", a + b + "\n" + c, "a b c", nil},
		{"two on a later line", a + "\n" + b + " \t" + c + "\n" + a, "a b c a", nil},
		{"brackets in a string", otlp("x} {y") + "\n" + otlp("x} {y") + "\n" + b, "x} {y x} {y b", nil},
		{"a document", document(a), "a", nil},
		{"documents", document(a) + document(b) + "\n\n" + document(c), "a b c", nil},
		{"a document with carriage returns", strings.ReplaceAll(document(a), "\n", "\r\n"), "a", nil},
		{"an empty request", "{}\n" + a, "a", nil},
		{"broken in the middle", a + "\n{\"resourceSpans\":[\n" + b + "\n", "a b", []string{"f:2: a value that does not end"}},
		{"broken in front", "{\"resourceSpans\":[\n" + a + "\n" + b, "a b", []string{"f:1: a value that does not end"}},
		{"broken in a string", a + "\n{\"resourceSpans\":[{\"x\n" + b + "\n", "a b", []string{"f:2: a value"}},
		{"broken at the end", a + "\n" + b[:50], "a", []string{"f:2: "}},
		{"half a line, rest on the next", a + "\n" + b[:17] + "\n" + b[17:] + "\n" + c, "a b c", nil},
		{"no bracket", a + "\nhello\n" + b, "a b", []string{"f:2: invalid character 'h'"}},
		{"wrong type", a + "\n{\"resourceSpans\":5}\n" + b, "a b", []string{"f:2: otlp json"}},
		{"not ours", a + "\n{\"hello\":5}\n" + b, "a b", []string{"f:2: JSON, but neither OTLP, Jaeger nor Zipkin"}},
		{"too many brackets", a + "\n" + a + "]\n" + b, "a a b", []string{"f:2: "}},
		{"an invalid id is the sink's to refuse", strings.Replace(a, "0102030405060708\"", "01\"", 1) + "\n" + b, "b", nil},
		{"junk", "\x00\x01\x02\xff", "", []string{"f:1: neither JSON nor OTLP protobuf"}},
		{"text", "hello\n", "", []string{"f:1: neither JSON nor OTLP protobuf"}},
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

func TestLogsAndMetricsBesideTraces(t *testing.T) {
	text := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}]}` + "\n" + otlp("a") + "\n" +
		`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{},{},{}]}}]}]}]}` + "\n" + `{"resourceLogs":[5`
	r := readAny(t, Options{Paths: []string{write(t, "f", text)}}, true)
	r.check(t, "f:4: ")
	if l, m := r.intake.LogRecords.Load(), r.intake.MetricPoints.Load(); l != 2 || m != 3 || r.names() != "a" || r.intake.Requests[model.TransportFile].Load() != 4 {
		t.Errorf("%d log records, %d metric points, spans %q", l, m, r.names())
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	r := readText(t, strings.Repeat("{]\n", maxErrors+5)+otlp("a"))
	p := r.problems()
	if len(p) != maxErrors+1 || p[maxErrors] != "and 5 more problems:" || r.names() != "a" {
		t.Errorf("%d problems, the last %q, spans %q", len(p), p[len(p)-1], r.names())
	}
}

// repeated gives text n times, then ends.
type repeated struct {
	text string
	n    int
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at, r.n = 0, r.n-1
	}
	return n, nil
}

func TestTooLongCostsOnlyItself(t *testing.T) {
	fill := strings.Repeat("x", 1<<16)
	zipkin := `{"traceId":"1","id":"3","name":"z"},` + "\n"
	for _, k := range []struct {
		name, before, unit, after string
		spans                     string
		problem                   string
	}{
		{"a line", otlp("a") + "\n" + `{"x":"`, fill, `"}` + "\n" + otlp("b"), "a b", "-:2: longer than 67108864 bytes"},
		{"a document", "{\"x\":[\n", `"` + fill + "\",\n", "1]}\n" + otlp("b"), "b", "-:1: longer than 67108864 bytes"},
		{"lines after an unended list", "[\n", zipkin + `{"traceId":"1","id":"4","tags":{"` + fill + `":""}},` + "\n", "", "", "-:1: longer than 67108864 bytes"},
	} {
		t.Run(k.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("reads 70 MB")
			}
			n := maxValue>>16 + 5
			in := io.MultiReader(strings.NewReader(k.before), &repeated{text: k.unit, n: n}, strings.NewReader(k.after))
			r := readFiles(t, Options{Paths: []string{"-"}, Stdin: in})
			r.check(t, k.problem)
			if k.spans != "" && r.names() != k.spans {
				t.Errorf("spans %q, want %q", r.names(), k.spans)
			}
			if k.spans == "" && len(r.spans) != 2*n {
				t.Errorf("%d spans, want %d", len(r.spans), 2*n)
			}
		})
	}
}

// TestBracketsWithoutEnd: what is remembered of a value that is too long does not grow with it.
func TestBracketsWithoutEnd(t *testing.T) {
	s := splitter{take: func(int, []byte) error { return nil }, broken: func(int, error) {}, fail: func(int, string) {}}
	if err := s.read(bufio.NewReader(&repeated{text: strings.Repeat("[", 1000) + "\n", n: 5000})); err != nil {
		t.Fatal(err)
	}
	if cap(s.nest.open) > 2*maxNesting {
		t.Errorf("%d brackets are remembered", cap(s.nest.open))
	}
}

func TestTakeEndsReading(t *testing.T) {
	n := 0
	s := splitter{take: func(int, []byte) error { n++; return io.ErrClosedPipe }}
	if err := s.read(bufio.NewReader(bytes.NewBufferString("{}\n{}\n"))); err != io.ErrClosedPipe || n != 1 {
		t.Errorf("%v after %d values", err, n)
	}
}
