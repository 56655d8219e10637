package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/model"
)

type recorder struct{ spans []*trace.Span }

func (r *recorder) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	var q trace.TracesData
	if err := proto.Unmarshal(req, &q); err != nil {
		return model.Receipt{}, err
	}
	n := len(r.spans)
	eachSpan(&q, func(s *trace.Span) { r.spans = append(r.spans, s) })
	return model.Receipt{Received: len(r.spans) - n, Stored: len(r.spans) - n}, nil
}

const line = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"a"}]}]}]}`

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name, content string
		spans, line   int // line of the one error, 0 for none
	}{
		{"empty", "", 0, 0},
		{"lines", line + "\n" + line + "\n", 2, 0},
		{"broken line in the middle", line + "\n{\"resourceSpans\":[\n" + line + "\n", 2, 2},
		{"broken first line", "{\"resourceSpans\":[\n" + line + "\n", 1, 1},
		{"logs are counted only", `{"resourceLogs":[]}` + "\n" + line, 1, 0},
		{"document over lines", "{\n \"resourceSpans\": [{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0102030405060708090a0b0c0d0e0f10\",\n\"spanId\":\"0102030405060708\"}]}]}]\n}\n", 1, 0},
		{"junk", "\x00\x01\x02\xff", 0, 1},
		{"cut gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 0, 1},
		{"jaeger", `{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"x","startTime":5,"duration":7,"processID":"p1"}],"processes":{"p1":{"serviceName":"s"}}}]}`, 1, 0},
		{"zipkin", `[{"traceId":"1","id":"2","kind":"CLIENT","timestamp":5,"duration":7},{"traceId":"1","id":"2","kind":"SERVER","shared":true,"timestamp":6,"duration":1}]`, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := Open(Options{Paths: []string{path}})
			if err != nil {
				t.Fatal(err)
			}
			var r recorder
			err = f.Run(t.Context(), &r)
			var e *Error
			if c.line == 0 && err != nil || c.line != 0 && (!errors.As(err, &e) || e.Line != c.line) {
				t.Errorf("error %v, want one of line %d", err, c.line)
			}
			if len(r.spans) != c.spans || f.Intake.Spans[model.TransportFile].Load() != uint64(c.spans) {
				t.Errorf("%d spans, want %d", len(r.spans), c.spans)
			}
			if c.name == "zipkin" && string(r.spans[1].ParentSpanId) != string(r.spans[0].SpanId) {
				t.Error("the server's half is not the client's child")
			}
			if c.name == "jaeger" && (r.spans[0].StartTimeUnixNano != 5000 || r.spans[0].EndTimeUnixNano != 12000) {
				t.Error("times are not microseconds")
			}
		})
	}
}
