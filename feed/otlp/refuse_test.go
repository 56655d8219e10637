package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

func TestUnsupportedEncodingIsRefused(t *testing.T) {
	f := start(t, Options{}, nil)
	a := f.send(t, call{transport: "http/json", body: []byte(`{}`), header: map[string]string{"Content-Encoding": "br"}})
	if a.status != http.StatusUnsupportedMediaType || a.text == "" {
		t.Errorf("got %+v", a)
	}
	if n := f.intake.RefusedRequests[model.RefusedUnsupported].Load(); n != 1 {
		t.Errorf("%d counted", n)
	}
}

// Over gRPC it is grpc-go that refuses one, and names it; no call reaches the receiver.
func TestUnsupportedEncodingOverGRPC(t *testing.T) {
	f := start(t, Options{}, nil)
	framer := f.http2(t)
	framer.ReadMetaHeaders = hpack.NewDecoder(4<<10, nil)
	if err := errors.Join(
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: exportHeaders(t, [2]string{"grpc-encoding", "snappy"}), EndHeaders: true}),
		framer.WriteData(1, true, []byte{1, 0, 0, 0, 1, 'x'})); err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if headers, ok := frame.(*http2.MetaHeadersFrame); ok {
			if got := fmt.Sprint(headers.Fields); !strings.Contains(got, `"grpc-status" = "12"`) || !strings.Contains(got, "snappy") {
				t.Errorf("answered %s", got)
			}
			break
		}
	}
	if n := f.intake.Requests[model.TransportGRPC].Load(); n != 0 {
		t.Errorf("%d calls: where one comes, it can be counted", n)
	}
}

// Content codings are named in either case, and gzip has a second name.
func TestNamesOfEncodings(t *testing.T) {
	for name, encoding := range map[string]string{"GZip": "gzip", "x-gzip": "gzip", "Identity": "", "DEFLATE": "deflate", "Zstd": "zstd"} {
		f := start(t, Options{}, nil)
		body := compressed(t, encoding, encode(t, "http/protobuf", request(span(1))))
		a := f.send(t, call{transport: "http/protobuf", body: body, header: map[string]string{"Content-Encoding": name}})
		if a.status != http.StatusOK || len(f.sink.spans()) != 1 {
			t.Errorf("%s: status %d, %d spans", name, a.status, len(f.sink.spans()))
		}
	}
}

func TestHTTPStatuses(t *testing.T) {
	f := start(t, Options{}, nil)
	cases := []struct {
		name, method, path, contentType, body string
		want                                  int
	}{
		{"charset", "POST", "/v1/traces", "application/json; charset=utf-8", "{}", 200},
		{"case", "POST", "/v1/traces", "Application/JSON", "{}", 200},
		{"form", "POST", "/v1/traces", "application/x-www-form-urlencoded", "a=b", 415},
		{"text", "POST", "/v1/traces", "text/plain", "{}", 415},
		{"none", "POST", "/v1/traces", "", "{}", 415},
		{"broken type", "POST", "/v1/traces", "a/b;;=", "{}", 415},
		{"get", "GET", "/v1/traces", "", "", 405},
		{"options without CORS", "OPTIONS", "/v1/logs", "", "", 405},
		{"elsewhere", "POST", "/v1/other", "application/json", "{}", 404},
		{"root", "GET", "/", "", "", 404},
		{"no JSON", "POST", "/v1/traces", "application/json", "", 400},
		{"no protobuf", "POST", "/v1/traces", "application/x-protobuf", "", 200},
		{"damaged logs", "POST", "/v1/logs", "application/x-protobuf", "\x0a\x05", 400},
		{"damaged metrics", "POST", "/v1/metrics", "application/json", "[", 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			q, err := http.NewRequest(c.method, "http://"+f.HTTPAddrs()[0]+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.contentType != "" {
				q.Header.Set("Content-Type", c.contentType)
			}
			a := do(t, q)
			if a.status != c.want {
				t.Errorf("status %d (%s), want %d", a.status, a.text, c.want)
			}
			if a.status != 200 && a.text == "" {
				t.Error("no Status in the body")
			}
			if a.status == 405 && a.header.Get("Allow") != "POST" {
				t.Errorf("Allow %q", a.header.Get("Allow"))
			}
		})
	}
}

func TestBrokenCompression(t *testing.T) {
	for _, transport := range transports[1:] {
		for _, encoding := range []string{"gzip", "zstd", "deflate"} {
			for name, cut := range map[string]func([]byte) []byte{
				"not compressed": func([]byte) []byte { return []byte("plainly not") },
				"cut":            func(b []byte) []byte { return b[:len(b)/2] },
				"empty":          func([]byte) []byte { return nil },
			} {
				f := start(t, Options{}, nil)
				body := cut(compressed(t, encoding, encode(t, transport, request(span(1)))))
				a := f.send(t, call{transport: transport, body: append([]byte{}, body...), header: map[string]string{"Content-Encoding": encoding}})
				if name == "empty" && encoding == "zstd" {
					continue // no frames is a legal, empty zstd stream
				}
				if a.status != 400 || a.code != codes.InvalidArgument {
					t.Errorf("%s %s %s: %d %v %s", transport, encoding, name, a.status, a.code, a.text)
				}
			}
		}
	}
}

// A message that carries our mark without being compressed is malformed, whatever follows.
func TestForgedMark(t *testing.T) {
	for _, body := range []string{"\x07", "\x07\x01", "\x07\x01plain", "\x07\x02plain", "\x07\x03plain", "\x07\x00", "\x07\xff"} {
		f := start(t, Options{}, nil)
		if a := f.send(t, call{transport: "grpc", body: []byte(body)}); a.code != codes.InvalidArgument {
			t.Errorf("%q: %v %s", body, a.code, a.text)
		}
	}
}

// 64 MiB of zeros are 64 KB of gzip; what is read of them stays within the limit and the budget.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 64<<20)
	for _, transport := range transports {
		for _, encoding := range []string{"gzip", "zstd"} {
			f := start(t, Options{MaxBody: 4 << 20}, nil)
			a := f.send(t, call{transport: transport, compression: encoding, body: zeros})
			if a.code != codes.ResourceExhausted {
				t.Errorf("%s %s: %v %s", transport, encoding, a.code, a.text)
			}
			f = start(t, Options{MaxBody: 64 << 20, InFlight: 8 << 20}, nil)
			a = f.send(t, call{transport: transport, compression: encoding, body: zeros})
			if a.code != codes.Unavailable {
				t.Errorf("%s %s: %v %s", transport, encoding, a.code, a.text)
			}
		}
	}
}

// caught remembers panics that a receiver survived.
type caught struct {
	where   []string
	reasons []any
	stacks  []byte
}

func (c *caught) add(where string, reason any, stack []byte) {
	c.where, c.reasons, c.stacks = append(c.where, where), append(c.reasons, reason), append(c.stacks, stack...)
}

// A panic in the sink costs the request that caused it: it is answered and counted, and the next one is
// served. What the panic said goes to Panicked only.
func TestPanicIsAnAnswer(t *testing.T) {
	for _, transport := range transports {
		var c caught
		var logged []string
		faulty := true
		f := start(t, Options{Panicked: c.add, Log: func(s string) { logged = append(logged, s) }}, func() {
			if faulty {
				panic("boom")
			}
		})
		a := f.send(t, call{transport: transport, request: request(span(1))})
		if a.code != codes.Internal || strings.Contains(a.text, "boom") || transport != "grpc" && a.status != 500 {
			t.Errorf("%s: %d %v %s", transport, a.status, a.code, a.text)
		}
		if n := f.intake.RefusedRequests[model.RefusedInternal].Load(); n != 1 {
			t.Errorf("%s: %d counted", transport, n)
		}
		if len(c.reasons) != 1 || c.reasons[0] != "boom" || c.where[0] != "the receiver" || !bytes.Contains(c.stacks, []byte("recorder")) || len(logged) > 0 {
			t.Errorf("%s: %q from %q, logged %q; stack\n%s", transport, c.reasons, c.where, logged, c.stacks)
		}
		faulty = false
		if a := f.send(t, call{transport: transport, request: request(span(1))}); a.code != codes.OK || len(f.sink.spans()) != 1 {
			t.Errorf("%s: after the panic: %v %s", transport, a.code, a.text)
		}
	}
}

// The same for what else is served on the port; a handler that wants the connection cut gets that.
func TestPanicInExtra(t *testing.T) {
	var c caught
	extra := http.NewServeMux()
	extra.HandleFunc("/report/", func(_ http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/report/cut" {
			panic(http.ErrAbortHandler)
		}
		panic("boom")
	})
	f := start(t, Options{Panicked: c.add, Extra: extra}, nil)
	a := f.send(t, call{transport: "http/json", path: "/report/services", body: []byte(`{}`)})
	if a.status != 500 || strings.Contains(a.text, "boom") || len(c.reasons) != 1 || f.intake.RefusedRequests[model.RefusedInternal].Load() != 1 {
		t.Errorf("answer %+v, caught %q", a, c.reasons)
	}
	if p, err := plainHTTP.Get("http://" + f.HTTPAddrs()[0] + "/report/cut"); err == nil {
		p.Body.Close()
		t.Errorf("the connection was not cut: %s", p.Status)
	}
	if len(c.reasons) != 1 {
		t.Errorf("an aborted answer is taken for a fault: %q", c.reasons)
	}
}

// While the sink is stuck, the budget fills up; from then on senders are told to come back.
func TestOverload(t *testing.T) {
	padded := span(1)
	padded.Attributes = []*common.KeyValue{str("pad", strings.Repeat("x", 200<<10))}
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			entered, release := make(chan struct{}), make(chan struct{})
			f := start(t, Options{InFlight: 500 << 10}, func() {
				entered <- struct{}{}
				<-release
			})
			var stuck sync.WaitGroup
			stuck.Go(func() {
				if a := f.send(t, call{transport: transport, request: request(padded)}); a.code != codes.OK {
					t.Errorf("the first request: %v %s", a.code, a.text)
				}
			})
			<-entered
			if n := f.intake.InFlight.Load(); n < 200<<10 {
				t.Errorf("%d bytes in flight", n)
			}
			a := f.send(t, call{transport: transport, request: request(padded, padded)})
			if a.code != codes.Unavailable {
				t.Errorf("the second request: %v %s", a.code, a.text)
			}
			checkRetry(t, transport, a)
			if n := f.intake.RefusedRequests[model.RefusedOverload].Load(); n != 1 {
				t.Errorf("%d counted", n)
			}
			close(release)
			stuck.Wait()
			go func() { <-entered }()
			if a := f.send(t, call{transport: transport, request: request(padded)}); a.code != codes.OK {
				t.Errorf("after the overload: %v %s", a.code, a.text)
			}
		})
	}
}

// JSON takes room as it came and once more as the protobuf that it becomes.
func TestTranscodedJSONTakesRoom(t *testing.T) {
	padded := span(1)
	padded.Attributes = []*common.KeyValue{str("pad", strings.Repeat("x", 400<<10))}
	f := start(t, Options{InFlight: 700 << 10}, nil)
	for transport, want := range map[string]codes.Code{"http/protobuf": codes.OK, "http/json": codes.Unavailable} {
		if a := f.send(t, call{transport: transport, request: request(padded)}); a.code != want {
			t.Errorf("%s: %v %s, want %v", transport, a.code, a.text, want)
		}
	}
}

func checkRetry(t *testing.T, transport string, a answer) {
	t.Helper()
	if transport != "grpc" {
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" {
			t.Errorf("status %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		return
	}
	for _, detail := range a.grpc.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.RetryDelay.AsDuration() == time.Second {
			return
		}
	}
	t.Errorf("details %v, want RetryInfo", a.grpc.Details())
}

// Senders that read nothing before they have written everything get the answer all the same.
func TestRefusalsReachSendersThatWriteFirst(t *testing.T) {
	const limit, body = 8 << 20, drainable * 8 << 20
	for name, c := range map[string]struct {
		options        Options
		announce, size int
		want           string
	}{
		"too large":              {Options{MaxBody: limit}, body, body, "HTTP/1.1 413 "},
		"too large, by surprise": {Options{MaxBody: limit}, -1, body, "HTTP/1.1 413 "},
		"overload":               {Options{MaxBody: body, InFlight: limit}, body, body, "HTTP/1.1 503 "},
		"overload, by surprise":  {Options{MaxBody: body, InFlight: limit}, -1, body, "HTTP/1.1 503 "},
		"asked for beforehand":   {Options{MaxBody: limit}, body, 0, "HTTP/1.1 413 "},
		"far too large":          {Options{MaxBody: limit}, 1 << 40, 0, "HTTP/1.1 413 "},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, c.options, nil)
			conn, err := net.Dial("tcp", f.HTTPAddrs()[0])
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			head := "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
			switch {
			case c.announce < 0: // in one chunk
				head += fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", c.size)
			case c.size == 0 && c.announce <= body:
				head += fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", c.announce)
			default:
				head += fmt.Sprintf("Content-Length: %d\r\n\r\n", c.announce)
			}
			body := append([]byte(head), bytes.Repeat([]byte(" "), c.size)...)
			if c.announce < 0 {
				body = append(body, "\r\n0\r\n\r\n"...)
			}
			if _, err := conn.Write(body); err != nil {
				t.Fatalf("before the answer: %v", err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // less than an exchange may take
			answer := make([]byte, len(c.want))
			if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != c.want {
				t.Errorf("answer %q, %v", answer, err)
			}
		})
	}
}

// Taking one port for the other is the commonest mistake: it is counted, and answered where that can be.
func TestWrongPort(t *testing.T) {
	f := start(t, Options{}, nil)
	// By hand: a client of net/http gives up, at times before it has sent anything, when it sees the
	// server's HTTP/2 settings.
	g, err := net.Dial("tcp", f.GRPCAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, err := io.WriteString(g, "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a count", func() bool { return f.intake.RefusedRequests[model.RefusedUnsupported].Load() == 1 })
	c, err := net.Dial("tcp", f.HTTPAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if !strings.Contains(string(answer), "OTLP/gRPC has another one") {
		t.Errorf("gRPC on the HTTP port: %q, %v", answer, err)
	}
	if n := f.intake.RefusedRequests[model.RefusedUnsupported].Load(); n != 2 {
		t.Errorf("%d counted", n)
	}
}

// FuzzRequest: whatever is sent, the answer is one of those that PROTOCOL.md names, nothing panics, and
// nothing stays in flight.
func FuzzRequest(f *testing.F) {
	for _, encoding := range []string{"", "gzip", "zstd", "deflate"} {
		for _, transport := range transports {
			f.Add(encoding, transport, compressed(f, encoding, encode(f, transport, request(everyValue()))))
		}
	}
	f.Fuzz(func(t *testing.T, encoding, transport string, body []byte) {
		r := bare()
		r.sink = &recorder{}
		r.options.MaxBody = 1 << 20
		if transport == "grpc" {
			e := &exporter{receiver: r, signal: traces, busy: overloadStatus(), success: reply{}}
			if kind, ok := encodingNamed(encoding); ok && kind != identity {
				body = append([]byte{mark, byte(kind)}, body...)
			}
			_, err := e.export(nil, context.Background(), received(body), nil)
			switch status.Code(err) {
			case codes.OK, codes.InvalidArgument, codes.ResourceExhausted:
			default:
				t.Errorf("%v", err)
			}
		} else {
			w := discard{header: http.Header{}}
			q, err := http.NewRequest(http.MethodPost, "http://localhost/v1/traces", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Content-Encoding", encoding)
			q.Header.Set("Content-Type", jsonType)
			if transport == "http/protobuf" {
				q.Header.Set("Content-Type", protobufType)
			}
			newHTTPHandler(r).ServeHTTP(&w, q)
			switch w.status {
			case 200, 400, 413, 415:
			default:
				t.Errorf("status %d", w.status)
			}
		}
		if n := r.intake.InFlight.Load(); n != 0 {
			t.Errorf("%d bytes are still in flight", n)
		}
	})
}
