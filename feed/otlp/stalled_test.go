package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// grpcStalled begins calls over one connection, and sends so much of the message of each.
func grpcStalled(t *testing.T, calls, sent int) []byte {
	t.Helper()
	const frame = 16 << 10 // the largest that HTTP/2 allows
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&out, nil)
	errs := []error{framer.WriteSettings()}
	for call := range uint32(calls) {
		stream := 2*call + 1
		errs = append(errs,
			framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: exportHeaders(t), EndHeaders: true}),
			framer.WriteData(stream, false, []byte{0, 0, 0x20, 0, 0})) // 2 MiB are announced
		for left := sent; left > 0; left -= frame {
			errs = append(errs, framer.WriteData(stream, false, make([]byte, min(left, frame))))
		}
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whoever begins exports over gRPC and does not go on keeps nobody out for longer than a moment: neither with many
// calls of which next to nothing comes, nor with few of which much does, nor by sending on a byte now and then.
func TestStalledCallsLeaveRoom(t *testing.T) {
	const most = streamWindow - 64<<10 // more is not allowed before the receiver says so
	for name, c := range map[string]stall{
		"many calls":            {connections: 8, calls: maxStreams},
		"much of each":          {connections: 16, calls: 1, sent: most},
		"much, and then little": {connections: 16, calls: 1, sent: most, trickle: true},
	} {
		t.Run(name, func(t *testing.T) {
			// A sender waits for room for inboxPatience: what stalls has to be gone by then.
			untilFast(t, inboxPatience/10, inboxPatience/2, func(slow time.Duration) error { return besideStalled(t, c, slow) })
		})
	}
}

// stall is what is begun over connections, and not ended.
type stall struct {
	connections, calls, sent int
	trickle                  bool
}

// besideStalled wants exports to be taken while others stall, unless one takes so long that it is slow itself.
func besideStalled(t *testing.T, c stall, slow time.Duration) error {
	t.Helper()
	limits := defaultTimeouts()
	limits.slow = slow
	f := waitingFor(t, limits, Options{InFlight: 2 << 20})
	begun := grpcStalled(t, c.calls, c.sent)
	var open []net.Conn
	for range c.connections {
		n, err := net.Dial("tcp", f.GRPCAddrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		go io.Copy(io.Discard, n)
		_, _ = n.Write(begun) // some of them are cut off
		open = append(open, n)
	}
	eventually(t, "no room", func() bool { return f.intake.RefusedRequests[model.RefusedOverload].Load() > 0 })
	if c.trickle {
		done := make(chan struct{})
		defer func() { <-done }()
		defer trickle(open, done)()
	}
	padded := span(1)
	padded.Attributes = []*common.KeyValue{str("pad", strings.Repeat("x", 300<<10))}
	for _, transport := range transports {
		for i := range 3 {
			err := inTime(slow, func() error { return f.export(t, call{transport: transport, request: request(padded)}) })
			if err != nil {
				return fmt.Errorf("%s: export %d meanwhile: %w", transport, i, err)
			}
		}
	}
	if used := f.inboxes.used.Load(); used > f.inboxes.limit {
		t.Errorf("%d bytes are held", used)
	}
	return nil
}

// trickle sends empty frames of a kind that nobody knows over connections, until the function that it returns is called;
// then it closes done.
func trickle(open []net.Conn, done chan struct{}) (end func()) {
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for {
			for _, n := range open {
				_, _ = fmt.Fprint(n, "\x00\x00\x00\xfe\x00\x00\x00\x00\x00") // those that are cut off take none
			}
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() { close(stop) }
}

// A sender that gets on does not give way to others, be there no room for them.
func TestSendersThatGetOnStay(t *testing.T) {
	r, err := Listen(Options{GRPC: []string{"127.0.0.1:0"}, HTTP: []string{}, Intake: new(model.Intake)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	g := r.grpc[0].(*listener).gate
	accept := func() *conn {
		client, err := net.Dial("tcp", r.GRPCAddrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		server, err := r.grpc[0].Accept()
		if err != nil {
			t.Fatal(err)
		}
		return server.(*conn)
	}
	age := func(c *conn) { c.inbox.moved.Add(-int64(time.Minute)) }
	idle, fast, slow, slower := accept(), accept(), accept(), accept()
	for _, c := range []*conn{fast, slow, slower} {
		c.inbox.begin()
		if !c.inbox.add(1 << 20) {
			t.Fatal("no room")
		}
		age(c)
	}
	age(slower)
	fast.inbox.add(inboxStep)
	slow.inbox.add(inboxStep - 1)
	idle.inbox.add(inboxAllowance - receiveAllowance)
	for _, want := range []*conn{slower, slow, nil} {
		if made := g.closeSlowestInbox(); made != (want != nil) {
			t.Fatalf("room was made: %t", made)
		}
		if _, open := g.open[want]; open {
			t.Error("the slowest connection is still there")
		}
	}
	if len(g.open) != 2 || r.inboxes.used.Load() != fast.inbox.lease.held.Load() || fast.inbox.lease.held.Load() == 0 {
		t.Errorf("%d connections hold %d bytes", len(g.open), r.inboxes.used.Load())
	}
	_, _ = idle.Close(), fast.Close()
}
