package files

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"oteltop/model"
)

// discard takes everything.
type discard struct{}

func (discard) Logs(context.Context, []byte) (model.LogReceipt, error) {
	return model.LogReceipt{}, nil
}

func (discard) Traces(context.Context, []byte) (model.Receipt, error) { return model.Receipt{}, nil }

// benchRead reads the same content again and again; MB/s are of the text, not of what it is packed into.
func benchRead(b *testing.B, content string, size int) {
	path := write(b, "f", content)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		f, err := Open(Options{Paths: []string{path}})
		if err == nil {
			err = f.Run(b.Context(), discard{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// benchLines are requests of 100 spans each.
func benchLines() string {
	one := otlp("GET /api/cart")
	span := one[strings.Index(one, `{"traceId"`):strings.Index(one, `]}]}]}`)]
	many := strings.Replace(one, span, strings.TrimSuffix(strings.Repeat(span+",", 100), ","), 1)
	return strings.Repeat(many+"\n", 200)
}

func BenchmarkReadOTLPLines(b *testing.B) {
	text := benchLines()
	benchRead(b, text, len(text))
}

func BenchmarkReadOTLPLinesGzip(b *testing.B) {
	text := benchLines()
	benchRead(b, gzipped(text), len(text))
}

func BenchmarkReadOTLPLinesZstd(b *testing.B) {
	text := benchLines()
	benchRead(b, zstded(b, text), len(text))
}

func BenchmarkReadJaeger(b *testing.B) {
	text := strings.Repeat(`{"data":[{"traceID":"1","spans":[`+strings.TrimSuffix(strings.Repeat(
		`{"traceID":"1","spanID":"2","operationName":"GET /api/cart","startTime":5,"duration":7,"processID":"p","tags":[{"key":"span.kind","type":"string","value":"server"}]},`, 100), ",")+
		`],"processes":{"p":{"serviceName":"s"}}}]}`+"\n", 100)
	benchRead(b, text, len(text))
}

func BenchmarkReadZipkin(b *testing.B) {
	text := strings.Repeat(`{"traceId":"1","id":"2","name":"get /api/cart","kind":"SERVER","timestamp":5,"duration":7,"localEndpoint":{"serviceName":"s"}}`+"\n", 10_000)
	benchRead(b, text, len(text))
}

// TestLinesAllocateLittle: a line allocates a fixed number of times, whatever is in it: all buffers are
// used again.
func TestLinesAllocateLittle(t *testing.T) {
	lines := benchLines()
	short, long := lines[:len(lines)/10], lines
	allocations := func(text string) float64 {
		return testing.AllocsPerRun(3, func() {
			f, err := Open(Options{Paths: []string{"-"}, Stdin: bytes.NewReader([]byte(text))})
			if err == nil {
				err = f.Run(t.Context(), discard{})
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := allocations(short), allocations(long)
	const perLine = 12 // of encoding/json, which finds the first key
	if extra := many - few; extra > perLine*180 {
		t.Errorf("180 lines more allocate %.0f times", extra)
	}
}
