package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/model"
	"oteltop/model/logbook"
)

// recorder keeps what a sink is given, and refuses spans without valid ids as the ring does.
type recorder struct {
	requests int
	spans    []*trace.Span
	services []string // of each of spans
	refused  int
	onEach   func() // before each request; may be nil
}

func (r *recorder) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return logbook.New(1 << 20).Append(req)
}

func (r *recorder) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	if r.onEach != nil {
		r.onEach()
	}
	var q trace.TracesData
	if err := proto.Unmarshal(req, &q); err != nil {
		return model.Receipt{}, fmt.Errorf("malformed: %w", err)
	}
	r.requests++
	var receipt model.Receipt
	for _, resource := range q.ResourceSpans {
		service := ""
		for _, a := range resource.GetResource().GetAttributes() {
			if a.Key == "service.name" {
				service = a.Value.GetStringValue()
			}
		}
		eachSpan(&trace.TracesData{ResourceSpans: []*trace.ResourceSpans{resource}}, func(s *trace.Span) {
			receipt.Received++
			if len(s.TraceId) != 16 || len(s.SpanId) != 8 {
				receipt.Refused[model.RefusedInvalidID]++
				r.refused++
				return
			}
			receipt.Stored++
			r.spans, r.services = append(r.spans, s), append(r.services, service)
		})
	}
	return receipt, nil
}

// names are those of the spans, in order.
func (r *recorder) names() string {
	var names []string
	for _, s := range r.spans {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

// span finds one by name.
func (r *recorder) span(t testing.TB, name string) *trace.Span {
	t.Helper()
	for _, s := range r.spans {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no span %q among %q", name, r.names())
	return nil
}

// result is what became of a reading.
type result struct {
	recorder
	intake *model.Intake
	err    error
}

// problems are the errors as text, without the directory.
func (r *result) problems() []string {
	if r.err == nil {
		return nil
	}
	lines := strings.Split(r.err.Error(), "\n")
	for i, l := range lines {
		path, rest, _ := strings.Cut(l, ":")
		lines[i] = filepath.Base(path) + ":" + rest
	}
	return lines
}

// check tells whether there is one problem for each of want, in order, that contains it.
func (r *result) check(t testing.TB, want ...string) {
	t.Helper()
	got := r.problems()
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d: %q", len(got), len(want), got)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("problem %q, want %q", got[i], want[i])
		}
	}
}

// readFiles reads files of traces and checks that what was counted adds up.
func readFiles(t testing.TB, o Options) *result {
	t.Helper()
	return readAny(t, o, false)
}

// readAny is readFiles for files that may hold logs and metrics beside.
func readAny(t testing.TB, o Options, beside bool) *result {
	t.Helper()
	r := &result{intake: new(model.Intake)}
	o.Intake = r.intake
	f, err := Open(o)
	r.err = f.Run(t.Context(), r)
	for _, e := range []error{err, r.err} {
		if e != nil && !errors.As(e, new(*Error)) {
			t.Errorf("an error without a file: %v", e)
		}
	}
	addsUp(t, r, beside)
	if p := f.Progress(); p != 1 {
		t.Errorf("progress is %v at the end", p)
	}
	return r
}

// addsUp checks the counters; beside allows for requests of logs and metrics, which no sink sees.
func addsUp(t testing.TB, r *result, beside bool) {
	t.Helper()
	var refusedSpans, refusedRequests uint64
	for why := range model.Refusals {
		refusedSpans += r.intake.RefusedSpans[why].Load()
		refusedRequests += r.intake.RefusedRequests[why].Load()
	}
	if got, want := r.intake.Spans[model.TransportFile].Load(), uint64(len(r.spans))+refusedSpans; got != want {
		t.Errorf("%d spans received, %d delivered + %d refused", got, len(r.spans), refusedSpans)
	}
	if refusedSpans != uint64(r.refused) {
		t.Errorf("%d spans counted as refused, the sink refused %d", refusedSpans, r.refused)
	}
	got, want := r.intake.Requests[model.TransportFile].Load(), uint64(r.requests)+refusedRequests
	if got < want || got > want && !beside {
		t.Errorf("%d requests, %d delivered + %d refused", got, r.requests, refusedRequests)
	}
	if refusedRequests > 0 && r.err == nil {
		t.Error("requests were refused and no error says so")
	}
}

// readText reads text as a file named f.
func readText(t testing.TB, text string) *result {
	t.Helper()
	return readFiles(t, Options{Paths: []string{write(t, "f", text)}})
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

// otlp is a request of one span in OTLP/JSON.
func otlp(name string) string {
	return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"` + name + `","startTimeUnixNano":"1000000000","endTimeUnixNano":"2000000000"}]}]}]}`
}
