package files

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/feed/otlpjson"
	"oteltop/model"
)

func zstded(t testing.TB, text string) string {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return string(z.EncodeAll([]byte(text), nil))
}

func protobuf(t testing.TB, name string) string {
	t.Helper()
	b, err := otlpjson.ToProto(nil, []byte(otlp(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestContainers(t *testing.T) {
	lines := otlp("a") + "\n" + otlp("b") + "\n"
	many := strings.Repeat(lines, 1000)
	manyNames := strings.TrimSpace(strings.Repeat("a b ", 1000))
	for _, k := range []struct{ name, content, spans string }{
		{"gzip", gzipped(lines), "a b"},
		{"gzip members, cut anywhere", gzipped(lines[:70]) + gzipped(lines[70:]) + gzipped("") + gzipped(otlp("c")), "a b c"},
		{"zstd", zstded(t, lines), "a b"},
		{"zstd frames", zstded(t, lines) + zstded(t, otlp("c")), "a b c"},
		{"large gzip", gzipped(many), manyNames},
		{"large zstd", zstded(t, many), manyNames},
		{"empty gzip", gzipped(""), ""},
		{"protobuf", protobuf(t, "a"), "a"},
		{"protobuf one after the other", protobuf(t, "a") + protobuf(t, "b"), "a b"},
		{"protobuf gzip", gzipped(protobuf(t, "a")), "a"},
		{"protobuf zstd", zstded(t, protobuf(t, "a")), "a"},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := readText(t, k.content)
			r.check(t)
			if r.names() != k.spans {
				t.Errorf("spans %.200q, want %.200q", r.names(), k.spans)
			}
		})
	}
}

// TestCut: what came before the cut is delivered, and one error says where it is.
func TestCut(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		text.WriteString(strings.Replace(otlp("a"), "0102030405060708\"", strings.Repeat(string("0123456789abcdef"[i*i%16]), 15)+"1\"", 1) + "\n")
	}
	z := gzipped(text.String())
	for _, k := range []struct {
		name, content string
		all           bool
	}{
		{"in the body", z[:len(z)/2], false},
		{"in the checksum", z[:len(z)-4], true},
		{"a wrong checksum", z[:len(z)-8] + "\x00\x00\x00\x00" + z[len(z)-4:], true},
		{"junk after it", z + "junk", true},
		{"zstd", zstded(t, text.String())[:200], false},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := readText(t, k.content)
			r.check(t, "cut off: ")
			var e *Error
			if !errors.As(r.err, &e) || e.Line != len(r.spans)+1 {
				t.Errorf("error %v after %d lines", r.err, len(r.spans))
			}
			if k.all != (len(r.spans) == 2000) {
				t.Errorf("%d spans, want all: %v", len(r.spans), k.all)
			}
		})
	}
	readText(t, z[:5]).check(t, "f:1: cut off: gzip: unexpected EOF")
	readText(t, z[:10]).check(t, "f:1: cut off: unexpected EOF")
	last := gzipped(otlp("a"))
	if r := readText(t, last[:len(last)-4]); r.names() != "a" || len(r.problems()) != 1 {
		t.Errorf("a line without newline before the cut: %q, %v", r.names(), r.err)
	}
}

func TestBrokenProtobuf(t *testing.T) {
	p := protobuf(t, "a")
	for _, k := range []struct{ name, content, spans, problem string }{
		{"cut off", p + p[:40], "a", "f: protobuf: resource 2: cut off after 38 of "},
		{"cut off in the length", p + "\n\xff", "a", "f: protobuf: resource 2: cut off: unexpected EOF"},
		{"another field", p + "\x12\x00", "a", "f: protobuf: resource 2: unexpected field (tag 0x12)"},
		{"a length without end", p + "\n" + strings.Repeat("\xff", 12), "a", "f: protobuf: resource 2: a length longer"},
		{"too long", p + "\n\xff\xff\xff\xff\x0f", "a", "f: protobuf: resource 2: longer than 67108864 bytes"},
		{"a resource that does not decode", "\n\x02\x12\x7f" + p, "a", "f: protobuf: resource 1: malformed"},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := readText(t, k.content)
			r.check(t, k.problem)
			if r.names() != k.spans {
				t.Errorf("spans %q, want %q", r.names(), k.spans)
			}
		})
	}
}

func TestSeveralFilesSomeUnreadable(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	paths := []string{write(t, "1", otlp("a")), missing, dir, write(t, "2", "junk"), write(t, "3", gzipped(otlp("b"))), "-", write(t, "4", protobuf(t, "d"))}
	_, err := Open(Options{Paths: paths})
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), missing+": no such file") || !strings.Contains(err.Error(), dir+": is a directory") {
		t.Errorf("Open: %v", err)
	}
	r := readFiles(t, Options{Paths: paths, Stdin: strings.NewReader(otlp("c"))})
	r.check(t, "missing: no such file or directory", ": is a directory", "2:1: neither")
	if r.names() != "a b c d" {
		t.Errorf("spans %q", r.names())
	}
}

// TestPipe: the first line of a pipe is delivered before there is a second, and the end of the context
// ends the waiting for it.
func TestPipe(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{onEach: cancel}
	f, err := Open(Options{Paths: []string{"-"}, Stdin: in})
	if err != nil {
		t.Fatal(err)
	}
	go out.Write([]byte(otlp("a") + "\n"))
	if err := f.Run(ctx, r); !errors.Is(err, context.Canceled) || r.names() != "a" {
		t.Errorf("%v, spans %q", err, r.names())
	}
}

func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	go os.WriteFile(path, []byte(otlp("a")), 0o600)
	if r := readFiles(t, Options{Paths: []string{path}}); r.err != nil || r.names() != "a" {
		t.Errorf("%v, spans %q", r.err, r.names())
	}
}

// TestCancelled: the end of the context ends a reading between two values, and is no problem of the file.
func TestCancelled(t *testing.T) {
	for _, content := range []string{
		strings.Repeat(otlp("a")+"\n", 100), strings.Repeat(protobuf(t, "a"), 100),
		"[" + strings.Repeat(`{"traceID":"1","spans":[{"traceID":"1","spanID":"2"}]},`, 99) + `{"traceID":"1"}]`,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		r := &recorder{onEach: cancel}
		intake := new(model.Intake)
		f, err := Open(Options{Paths: []string{write(t, "f", content)}, Intake: intake})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Run(ctx, r); err != context.Canceled || r.requests != 1 {
			t.Errorf("%v after %d requests", err, r.requests)
		}
		if n := intake.Requests[model.TransportFile].Load(); n != 1 {
			t.Errorf("%d requests counted", n)
		}
	}
}

// TestTracesData: a file of TracesData with several resources goes resource by resource.
func TestTracesData(t *testing.T) {
	var all trace.TracesData
	for range 3 {
		var one trace.TracesData
		if err := proto.Unmarshal([]byte(protobuf(t, "a")), &one); err != nil {
			t.Fatal(err)
		}
		all.ResourceSpans = append(all.ResourceSpans, one.ResourceSpans...)
	}
	b, err := proto.Marshal(&all)
	if err != nil {
		t.Fatal(err)
	}
	if r := readText(t, string(b)); r.err != nil || r.requests != 3 || len(r.spans) != 3 {
		t.Errorf("%v, %d requests, %d spans", r.err, r.requests, len(r.spans))
	}
}
