package otlp

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/grpc/codes"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

const payloads = "../../../shared/fixtures/payloads"

// expectation is a line of expected.jsonl.
type expectation struct {
	File                         string
	Spans, Errors, Events, Links int
	Services                     map[string]int
}

func TestRecordedPayloads(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(payloads, "expected.jsonl"))
	if err != nil {
		t.Skipf("no fixtures beside the checkout: %v", err)
	}
	for line := range bytes.Lines(text) {
		var want expectation
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.File, func(t *testing.T) {
			f := start(t, Options{}, nil)
			replay(t, f, want.File)
			if got := expect(want.File, f.sink.requests); !equalExpectation(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// replay sends a recorded body the way it was recorded, headers included.
func replay(t *testing.T, f *fixture, file string) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(payloads, file))
	if err != nil {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(filepath.Base(file), ".")
	text, err := os.ReadFile(filepath.Join(payloads, filepath.Dir(file), base+".meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var meta struct {
		Transport, Path string
		Headers         http.Header
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Transport == "grpc" {
		c := call{transport: "grpc", body: body} // recorded after decompression
		if strings.Contains(file, "gzip") {
			c.compression = "gzip"
		}
		if a := f.send(t, c); a.code != codes.OK || a.partial {
			t.Fatalf("answer %+v", a)
		}
		return
	}
	q, err := http.NewRequest(http.MethodPost, "http://"+f.HTTPAddrs()[0]+meta.Path, bytes.NewReader(wire(t, file, body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range meta.Headers {
		q.Header[name] = values
	}
	if a := do(t, q); a.status != http.StatusOK || a.partial || a.header.Get("Content-Type") != q.Header.Get("Content-Type") {
		t.Fatalf("answer %+v", a)
	}
}

// wire checks that a recorded body is compressed as its name says.
func wire(t *testing.T, file string, body []byte) []byte {
	t.Helper()
	if strings.HasSuffix(file, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
	}
	return body
}

func expect(file string, requests []*trace.TracesData) expectation {
	got := expectation{File: file, Services: map[string]int{}}
	for _, request := range requests {
		for _, resource := range request.GetResourceSpans() {
			service := ""
			for _, attribute := range resource.GetResource().GetAttributes() {
				if attribute.GetKey() == "service.name" {
					service = attribute.GetValue().GetStringValue()
				}
			}
			for _, span := range spansOf(&trace.TracesData{ResourceSpans: []*trace.ResourceSpans{resource}}) {
				got.Spans++
				got.Services[service]++
				got.Events += len(span.GetEvents())
				got.Links += len(span.GetLinks())
				if span.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR {
					got.Errors++
				}
			}
		}
	}
	return got
}

func equalExpectation(a, b expectation) bool {
	same := maps.Equal(a.Services, b.Services)
	return same && a.File == b.File && a.Spans == b.Spans && a.Errors == b.Errors && a.Events == b.Events && a.Links == b.Links
}
