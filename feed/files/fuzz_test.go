package files

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// FuzzValues: whatever stands between lines with a request each, none of them is lost, and each is given
// with its number.
func FuzzValues(f *testing.F) {
	f.Add("", "")
	f.Add("\xef\xbb\xbf{", "[[[{\"a\":\"")
	f.Add("{\"resourceSpans\":[", "]}")
	f.Add("{\"a\":\n\"b\"}", "junk\r\n\r\n}")
	f.Add("[\n{\"traceId\":\"1\"},", "{\"traceId\":\"1\"}]")
	f.Fuzz(func(t *testing.T, before, between string) {
		a, b, c := `{"resourceSpans":["a"]}`, `{"resourceSpans":["b"]}`, `{"resourceSpans":["c"]}`
		text := before + "\n" + a + "\n" + b + "\n" + between + "\n" + c + "\n"
		var got []string
		at := map[string]int{}
		s := splitter{fail: func(int, string) { t.Error("the text is not cut off") }, broken: func(int, error) {},
			take: func(line int, v []byte) error {
				if line < 1 || line > strings.Count(text, "\n") {
					t.Errorf("line %d of %d", line, strings.Count(text, "\n"))
				}
				got = append(got, string(bytes.TrimSpace(v)))
				at[got[len(got)-1]] = line
				return nil
			}}
		if err := s.read(bufio.NewReaderSize(strings.NewReader(text), 16)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(before, "\n")
		for _, want := range []struct {
			value string
			line  int
		}{{a, lines + 2}, {b, lines + 3}, {c, lines + 5 + strings.Count(between, "\n")}} {
			if !slices.Contains(got, want.value) {
				t.Errorf("%q is lost of %q: %q", want.value, text, got)
			} else if at[want.value] != want.line && !strings.Contains(before+between, want.value) {
				t.Errorf("%q is said to stand on line %d, not %d, of %q", want.value, at[want.value], want.line, text)
			}
		}
	})
}

// checkRequest checks that a request decodes.
func checkRequest(t *testing.T, request []byte) {
	t.Helper()
	var q trace.TracesData
	if err := proto.Unmarshal(request, &q); err != nil {
		t.Errorf("what was converted does not decode: %v", err)
	}
}

// FuzzJaeger: every span of what decodes is in a request that decodes.
func FuzzJaeger(f *testing.F) {
	f.Add([]byte(`{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","startTime":5,"duration":7,"processID":"p","references":[{"refType":"CHILD_OF","traceID":"1","spanID":"9"}],"tags":[{"key":"error","type":"bool","value":true},{"key":"x","type":"binary","value":"AA=="}],"logs":[{"timestamp":1,"fields":[{"key":"event","value":{"a":[1]}}]}]}],"processes":{"p":{"serviceName":"s","tags":[{"key":"k","value":1e400}]}}}]}`))
	f.Add([]byte(`[{"spans":[{"traceID":"zz","spanID":"","parentSpanID":"0","flags":-1}]}]`))
	f.Add([]byte(`{"spans":[{"startTime":1e300,"duration":-5,"process":null}],"errors":[{"msg":"x"}]}`))
	f.Fuzz(func(t *testing.T, v []byte) {
		if !json.Valid(v) || !startsWithBracket(v) {
			return
		}
		requests, _ := jaegerRequests(bytes.TrimSpace(v))
		for _, q := range requests {
			checkRequest(t, q)
		}
	})
}

func startsWithBracket(v []byte) bool {
	v = bytes.TrimSpace(v)
	return len(v) > 0 && (v[0] == '{' || v[0] == '[')
}

// FuzzZipkin: every span is delivered, and one without a time gets none that its trace does not have.
func FuzzZipkin(f *testing.F) {
	f.Add([]byte(`[{"traceId":"1","id":"2","kind":"CLIENT","timestamp":5,"duration":7},{"traceId":"1","id":"2","kind":"SERVER","shared":true},{"traceId":"1","id":"3","parentId":"2","annotations":[{"timestamp":1,"value":"x"}],"tags":{"error":"","a":5}}]`))
	f.Add([]byte(`[[{"traceId":"zz","id":""}],[{"traceId":"1","id":"1","parentId":"1","timestamp":-4}]]`))
	f.Add([]byte(`{"traceId":"1","id":"5e17e25bad5eed01","kind":"CLIENT","remoteEndpoint":{"port":-1,"ipv6":"::1"}}`))
	f.Fuzz(func(t *testing.T, v []byte) {
		if !json.Valid(v) || !startsWithBracket(v) {
			return
		}
		var z zipkinBatch
		if _, err := z.add(1, bytes.TrimSpace(v)); err != nil && z.spans == 0 {
			return
		}
		held, delivered := z.spans, 0
		z.flush(true, func(_ int, request []byte, err error) {
			if err != nil {
				t.Errorf("what was decoded is not encoded: %v", err)
			}
			var q trace.TracesData
			if err := proto.Unmarshal(request, &q); err != nil {
				t.Errorf("what was converted does not decode: %v", err)
			}
			eachSpan(&q, func(s *trace.Span) { delivered++ })
		})
		if held != delivered || z.spans != 0 {
			t.Errorf("%d spans held, %d delivered, %d left", held, delivered, z.spans)
		}
	})
}

// FuzzRead: any file is read to its end without a panic, what is counted adds up, and packing it changes
// nothing.
func FuzzRead(f *testing.F) {
	f.Add([]byte(otlp("a") + "\n" + otlp("b")[:60] + "\n" + otlp("c")))
	f.Add([]byte(gzipped(otlp("a"))))
	f.Add([]byte(gzipped(otlp("a"))[:40]))
	f.Add([]byte(zstded(f, otlp("a"))))
	f.Add([]byte(protobuf(f, "a") + protobuf(f, "b")))
	f.Add([]byte("\n{\n\n\x0a\x02\x12\x00"))
	f.Add([]byte(`[{"traceId":"1","id":"2"},` + "\n" + `{"traceId":"1","id":"3","parentId":"2"}]`))
	f.Add([]byte(`{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2"}]}]}`))
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}` + "\n" + `{"resourceMetrics":[]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		plain := readAny(t, Options{Paths: []string{"-"}, Stdin: bytes.NewReader(content)}, true)
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) || bytes.HasPrefix(content, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
			return // packed already
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(content)
		z.Close()
		again := readAny(t, Options{Paths: []string{"-"}, Stdin: &packed}, true)
		if fmt.Sprint(plain.err) != fmt.Sprint(again.err) || plain.names() != again.names() {
			t.Errorf("plain: %v, %q; packed: %v, %q", plain.err, plain.names(), again.err, again.names())
		}
	})
}
