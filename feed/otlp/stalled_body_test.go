package otlp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// small is a receiver that has room for few bytes, and waits for those who stall for no longer than slow.
func small(t *testing.T, o Options, slow time.Duration) *fixture {
	t.Helper()
	o.GRPC, o.HTTP, o.Intake = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}, new(model.Intake)
	r, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	r.timeouts.slow = slow
	return run(t, r, new(recorder))
}

// begin connects and sends the head of a JSON export and the beginning of its body.
func (f *fixture) begin(t *testing.T, head string, sent []byte) net.Conn {
	t.Helper()
	n, err := net.Dial("tcp", f.HTTPAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	head = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + head + "\r\n\r\n"
	if _, err := n.Write(append([]byte(head), sent...)); err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever stops in the middle of a body keeps nobody out for longer than a moment, nor does who then sends on a byte
// now and then; they are told to come back, and counted.
func TestStalledHTTPBodiesGiveWay(t *testing.T) {
	const slow, sent, stalled = 100 * time.Millisecond, 400 << 10, 5
	padded := span(1)
	padded.Attributes = []*common.KeyValue{str("pad", strings.Repeat("x", 300<<10))}
	for name, c := range map[string]struct {
		head    string
		chunk   string
		trickle bool
	}{
		"silent":               {head: "Content-Length: 600000"},
		"of unknown length":    {head: "Transfer-Encoding: chunked", chunk: "927c0\r\n"},
		"compressed":           {head: "Content-Length: 600000\r\nContent-Encoding: gzip"},
		"much, then a trickle": {head: "Content-Length: 600000", trickle: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := small(t, Options{InFlight: stalled * 600 << 10}, slow)
			var open []net.Conn
			for range stalled {
				open = append(open, f.begin(t, c.head, append([]byte(c.chunk), make([]byte, sent)...)))
			}
			eventually(t, "bodies in the middle", func() bool { return f.intake.InFlight.Load() >= stalled*sent })
			if c.trickle {
				done := make(chan struct{})
				defer func() { <-done }()
				defer trickle(open, done)()
			}
			eventually(t, "no room", func() bool { return !room(f, 1<<20) })
			time.Sleep(2 * slow)
			for i, transport := range append(transports, transports...) {
				if a := f.send(t, call{transport: transport, request: request(padded, padded)}); a.code != codes.OK {
					t.Errorf("%s: export %d meanwhile: %v %s", transport, i, a.code, a.text)
				}
			}
			refused := f.intake.RefusedRequests[model.RefusedOverload].Load()
			if refused == 0 || f.intake.RefusedRequests[model.RefusedMalformed].Load() != 0 {
				t.Errorf("refusals %v", refusedRequests(f.intake))
			}
			if told := countAnswers(t, open); told != refused {
				t.Errorf("%d were told to come back, %d are counted", told, refused)
			}
		})
	}
}

// room says whether so many bytes are free.
func room(f *fixture, n int64) bool { return f.intake.InFlight.Load()+n <= f.budget.limit }

// countAnswers counts the connections over which the sender has been told to come back, after which they are closed.
func countAnswers(t *testing.T, open []net.Conn) (n uint64) {
	t.Helper()
	for _, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		p, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			continue // it has not given way
		}
		p.Body.Close()
		if p.StatusCode != http.StatusServiceUnavailable || p.Header.Get("Retry-After") != "1" || !p.Close {
			t.Errorf("answered %s, %v", p.Status, p.Header)
		}
		n++
	}
	return n
}

// A sender that goes on evenly is not hurt, however slow it is and however much others want its room.
func TestSlowBodiesStay(t *testing.T) {
	const slow, pieces = 400 * time.Millisecond, 50
	f := small(t, Options{InFlight: 1 << 20}, slow)
	body := encode(t, "http/json", request(span(1)))
	body = append(bytes.Repeat([]byte(" "), 200<<10-len(body)), body...)
	n := f.begin(t, fmt.Sprintf("Content-Length: %d", len(body)), nil)
	stalled := f.begin(t, "Content-Length: 1000", []byte("{"))
	large := bytes.Repeat([]byte(" "), 1<<20) // fits if nobody else is there
	for i := range pieces {
		if _, err := n.Write(body[i*len(body)/pieces : (i+1)*len(body)/pieces]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * slow / pieces)
		if a := f.send(t, call{transport: "http/json", body: large}); i > pieces/2 && a.code != codes.Unavailable {
			t.Errorf("there is no pressure: %v %s", a.code, a.text)
		}
	}
	p, err := http.ReadResponse(bufio.NewReader(n), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Body.Close()
	if p.StatusCode != http.StatusOK {
		t.Errorf("the slow sender is answered %s", p.Status)
	}
	if countAnswers(t, []net.Conn{stalled}) != 1 {
		t.Error("the one that stalled has not given way")
	}
}

// Of those that stall, who has got on least recently gives way, under TLS as well; who has brought enough to be in time,
// and who holds nothing, does not.
func TestWhichBodyGivesWay(t *testing.T) {
	const sent = 60_000
	r, err := Listen(Options{GRPC: []string{}, HTTP: []string{"127.0.0.1:0"}, Intake: new(model.Intake)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	arrive := func(n, further int) *body {
		client, err := net.Dial("tcp", r.HTTPAddrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		c, err := r.http[0].Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		b := r.arrive(withConn(context.Background(), tls.Server(c, nil)), io.LimitReader(zeros{}, int64(n+further)))
		for _, step := range []int{n, further} {
			if b.moved.Load() > 0 {
				b.moved.Add(-int64(time.Minute))
			}
			if _, err := io.ReadFull(b, make([]byte, step)); err != nil || !b.lease.cover(b.came) {
				t.Fatal("no room", err)
			}
		}
		return b
	}
	// Half of what an even sender with 30 s for all brings in 2 s.
	fast, slow, whole, empty := arrive(sent, sent/30+1), arrive(sent, sent/30), arrive(sent, 0), arrive(0, 0)
	slower := arrive(sent, 0)
	slower.moved.Add(-int64(time.Minute))
	if !whole.inTime() {
		t.Error("a body that is there has given way")
	}
	for _, want := range []*body{slower, slow, nil} {
		if made := r.budget.makeRoom(); made != (want != nil) {
			t.Fatalf("room was made: %t", made)
		}
		if want != nil && (want.inTime() || want.lease.held.Load() != 0) {
			t.Errorf("the slowest body still holds %d bytes", want.lease.held.Load())
		}
	}
	if !fast.inTime() || !empty.inTime() {
		t.Error("a body that need not has given way")
	}
	if used := r.budget.used.Load(); used != fast.lease.held.Load()+whole.lease.held.Load() || used < 2*sent {
		t.Errorf("%d bytes are held", used)
	}
	for _, b := range []*body{fast, slow, slower, whole, empty} {
		b.leave()
	}
	if used := r.budget.used.Load(); used != 0 {
		t.Errorf("%d bytes are held for nothing", used)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
