package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// waiting is a receiver that waits so long for whatever it waits for.
func waiting(t *testing.T, moment time.Duration, o Options) *fixture {
	t.Helper()
	return waitingFor(t, timeouts{header: moment, body: moment, idle: moment, handshake: moment, receive: moment, slow: moment, spare: time.Hour}, o)
}

// waitingFor is a receiver with timeouts of its own.
func waitingFor(t *testing.T, limits timeouts, o Options) *fixture {
	t.Helper()
	o.GRPC, o.HTTP, o.Intake = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}, new(model.Intake)
	r, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	r.timeouts = limits
	sink := &recorder{}
	f := run(t, r, sink)
	f.sink = sink
	return f
}

// lenient is a receiver that cuts nobody off, however long a busy machine takes.
func lenient(t *testing.T, o Options) *fixture {
	t.Helper()
	return waiting(t, time.Hour, o)
}

// errTooSlow says that senders took longer than a receiver waits for them: it may cut them off.
var errTooSlow = errors.New("the machine is too slow")

// inTime runs what senders do that do not stop. An error is the receiver's fault only if it has not waited too long
// for them; a machine that is busy may make it.
func inTime(moment time.Duration, senders func() error) error {
	began := time.Now()
	err := senders()
	if err != nil && time.Since(began) >= moment {
		return errTooSlow
	}
	return err
}

// untilFast runs a test of what is cut off after a moment, with longer ones for as long as the machine is too slow for
// it, up to the longest that is of use.
func untilFast(t *testing.T, moment, longest time.Duration, test func(moment time.Duration) error) {
	t.Helper()
	err := test(moment)
	for ; errors.Is(err, errTooSlow) && moment < longest; err = test(moment) {
		moment *= 2
		t.Logf("%v: now with %v", err, moment)
	}
	if err != nil {
		t.Error(err)
	}
}

// export sends what has to be taken.
func (f *fixture) export(t *testing.T, c call) error {
	t.Helper()
	c.path, c.body = "/v1/traces", encode(t, c.transport, c.request)
	var a answer
	var err error
	if c.transport == "grpc" {
		a = f.sendGRPC(t, c)
	} else {
		a, err = try(t, f.httpRequest(t, c))
	}
	if err == nil && a.code != codes.OK {
		err = fmt.Errorf("%v %s", a.code, a.text)
	}
	return err
}

// exportAll exports a span over every transport.
func (f *fixture) exportAll(t *testing.T) error {
	t.Helper()
	for _, transport := range transports {
		for _, compression := range []string{"", "gzip"} {
			if err := f.export(t, call{transport: transport, compression: compression, request: request(span(1))}); err != nil {
				return fmt.Errorf("%s %s: %w", transport, compression, err)
			}
		}
	}
	return nil
}

// exportHeaders are those of a trace export over gRPC, and further ones.
func exportHeaders(t *testing.T, further ...[2]string) []byte {
	t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, h := range append([][2]string{{":method", "POST"}, {":scheme", "http"}, {":path", method("/v1/traces")}, {":authority", "localhost"}, {"content-type", "application/grpc"}, {"te", "trailers"}}, further...) {
		if err := encoder.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]}); err != nil {
			t.Fatal(err)
		}
	}
	return block.Bytes()
}

// grpcStart opens a stream for a trace export and sends the beginning of its message.
func grpcStart(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&out, nil)
	if err := errors.Join(
		framer.WriteSettings(),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: exportHeaders(t), EndHeaders: true}),
		framer.WriteData(1, false, []byte{0, 0, 0, 4, 0, 'x'}),
	); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Whoever starts something and does not go on is cut off in time, wherever it stops; senders that do not
// stop notice nothing.
func TestHalfOpenConnectionsAreClosed(t *testing.T) {
	untilFast(t, 300*time.Millisecond, patience, func(moment time.Duration) error { return halfOpen(t, moment) })
}

func halfOpen(t *testing.T, moment time.Duration) error {
	f := waiting(t, moment, Options{})
	const post = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	begin := grpcStart(t)
	began := time.Now()
	var open []net.Conn
	for _, c := range []struct{ addr, sent string }{
		{f.HTTPAddrs()[0], ""},
		{f.HTTPAddrs()[0], "POS"},
		{f.HTTPAddrs()[0], post},
		{f.HTTPAddrs()[0], post + "Content-Length: 100\r\n\r\n{"},
		{f.HTTPAddrs()[0], post + "Transfer-Encoding: chunked\r\n\r\n5\r\n{"},
		{f.HTTPAddrs()[0], post + "Content-Length: 2\r\n\r\n{}"}, // answered, and then silent
		{f.GRPCAddrs()[0], ""},
		{f.GRPCAddrs()[0], http2.ClientPreface[:10]},
		{f.GRPCAddrs()[0], http2.ClientPreface},
		{f.GRPCAddrs()[0], begin},
	} {
		for range 10 {
			n, err := net.Dial("tcp", c.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			_, _ = io.WriteString(n, c.sent) // cut off already where the machine is too slow
			open = append(open, n)
		}
	}
	eventually(t, "a hundred connections", func() bool {
		return f.intake.Connections.Load() >= 100 || time.Since(began) >= moment // then the first of them may be gone
	})
	if time.Since(began) >= moment {
		return errTooSlow
	}
	if err := inTime(moment-time.Since(began), func() error { return f.exportAll(t) }); err != nil {
		return fmt.Errorf("normal exports meanwhile: %w", err)
	}
	for i, n := range open {
		_ = n.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, n); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("connection %d of case %d is not closed", i%10, i/10)
		}
	}
	plainHTTP.CloseIdleConnections()
	eventually(t, "only our own connection", func() bool { return f.intake.Connections.Load() <= 1 })
	if err := inTime(moment, func() error { return f.exportAll(t) }); err != nil {
		return fmt.Errorf("normal exports afterwards: %w", err)
	}
	return nil
}

// Whoever announces a large body and sends next to nothing of it takes no room from others, be it the beginning of
// what becomes large.
func TestStalledBodiesLeaveRoom(t *testing.T) {
	const body, stalled = 2 << 20, 16
	padded := span(1)
	padded.Attributes = []*common.KeyValue{str("pad", strings.Repeat("x", body*9/10))}
	for _, encoding := range []string{"identity", "gzip", "zstd", "deflate"} {
		f := start(t, Options{MaxBody: body, InFlight: 4 * body}, nil)
		begin := compressed(t, encoding, encode(t, "http/json", request(padded)))
		begin = begin[:min(len(begin)/2, 1<<10)]
		var open []net.Conn
		for range stalled {
			n, err := net.Dial("tcp", f.HTTPAddrs()[0])
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, n)
			head := fmt.Sprintf("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n", encoding, body)
			if _, err := n.Write(append([]byte(head), begin...)); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "requests that stall", func() bool { return f.intake.Requests[model.TransportHTTPJSON].Load() == stalled })
		for _, transport := range transports {
			if a := f.send(t, call{transport: transport, compression: "gzip", request: request(padded)}); a.code != codes.OK {
				t.Errorf("beside stalled %s bodies: %s: %v %s", encoding, transport, a.code, a.text)
			}
		}
		for _, n := range open {
			_ = n.Close() // for Run to end
		}
	}
}

// The timeouts that are used are those that PROTOCOL.md states.
func TestTimeouts(t *testing.T) {
	r, err := Listen(Options{GRPC: []string{"127.0.0.1:0"}, HTTP: []string{"127.0.0.1:0"}, Intake: new(model.Intake)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := r.newHTTPServer()
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 30*time.Second || s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("%v %v %v %d", s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
	if r.timeouts.handshake > 10*time.Second || r.timeouts.receive != s.ReadTimeout {
		t.Errorf("%+v", r.timeouts)
	}
}

// http2 begins a connection to the gRPC port on which a test writes frames by itself.
func (f *fixture) http2(t *testing.T) *http2.Framer {
	t.Helper()
	c, err := net.Dial("tcp", f.GRPCAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	framer := http2.NewFramer(c, c)
	_, err = io.WriteString(c, http2.ClientPreface)
	if err := errors.Join(err, framer.WriteSettings()); err != nil {
		t.Fatal(err)
	}
	return framer
}

// What a gRPC connection may do is limited, and its client is told how.
func TestLimitsOfAConnection(t *testing.T) {
	framer := start(t, Options{}, nil).http2(t)
	for range 10 {
		if framer.WritePing(false, [8]byte{}) != nil {
			break // it has been told, and cut off: that can still be read
		}
	}
	told := map[http2.SettingID]uint32{}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatalf("before it was told to stop pinging: %v", err)
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			_ = f.ForeachSetting(func(s http2.Setting) error { told[s.ID] = s.Val; return nil })
			continue
		case *http2.GoAwayFrame:
			if f.ErrCode != http2.ErrCodeEnhanceYourCalm {
				t.Errorf("told %v", f.ErrCode)
			}
		default:
			continue
		}
		break
	}
	if told[http2.SettingMaxConcurrentStreams] != 100 || told[http2.SettingMaxHeaderListSize] != 16<<10 {
		t.Errorf("settings %v", told)
	}
}

// Ten thousand connections that do nothing are refused beyond the cap, and exports go on.
func TestTenThousandIdleConnections(t *testing.T) {
	const most = 1024
	idle := 10_000
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur < uint64(idle+most+500) || testing.Short() {
		idle = 3 * most / 2
	}
	f := lenient(t, Options{MaxConnections: most})
	export := func() {
		if a := f.send(t, call{transport: "grpc", request: request(span(1))}); a.code != codes.OK {
			t.Fatalf("export: %v %s", a.code, a.text)
		}
	}
	export()
	for i := range idle {
		addr := f.HTTPAddrs()[0]
		if i%2 == 0 {
			addr = f.GRPCAddrs()[0]
		}
		n, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if i%500 == 0 {
			export()
		}
	}
	refused := uint64(idle - most + 1) // one of the most is the exporter's
	eventually(t, "the refusal of the rest", func() bool { return f.intake.RefusedRequests[model.RefusedOverload].Load() >= refused })
	if n := f.intake.Connections.Load(); n > most {
		t.Errorf("%d connections, more than %d", n, most)
	}
	export()
	if n := len(f.sink.spans()); n != 2+(idle+499)/500 {
		t.Errorf("%d exports arrived", n)
	}
}

// When every place is taken, who has been silent for longest makes room for who comes; who has just
// said something does not.
func TestSilentConnectionsMakeRoom(t *testing.T) {
	r, err := Listen(Options{GRPC: []string{}, HTTP: []string{"127.0.0.1:0"}, Intake: new(model.Intake), MaxConnections: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	g := r.http[0].(*listener).gate
	accept := func() (net.Conn, *conn) {
		client, err := net.Dial("tcp", r.HTTPAddrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		server, err := r.http[0].Accept()
		if err != nil {
			t.Fatal(err)
		}
		return client, server.(*conn)
	}
	var clients []net.Conn
	var conns []*conn
	for i := range 3 {
		client, c := accept()
		c.heard.Add(-int64(time.Duration(i) * time.Minute)) // the last one is silent for longest
		clients, conns = append(clients, client), append(conns, c)
	}
	if _, err := io.WriteString(clients[2], strings.Repeat("x", 8)); err != nil {
		t.Fatal(err)
	}
	if _, err := conns[2].Read(make([]byte, 8)); err != nil { // now it is the second one
		t.Fatal(err)
	}
	_, fourth := accept()
	if _, open := g.open[conns[1]]; open || len(g.open) != 3 {
		t.Errorf("the most silent connection is still there, %d in all", len(g.open))
	}
	if _, err := clients[1].Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("its sender is not told: %v", err)
	}
	if n := r.intake.Connections.Load(); n != 3 || r.intake.RefusedRequests[model.RefusedOverload].Load() != 1 {
		t.Errorf("%d connections counted, refusals %v", n, refusedRequests(r.intake))
	}
	if g.mostSilent() != nil {
		t.Error("a connection that has just come is taken for silent")
	}
	for _, c := range append(conns, fourth) {
		_ = c.Close()
		_ = c.Close() // as servers do
	}
	if n := r.intake.Connections.Load(); n != 0 {
		t.Errorf("%d connections after all are closed", n)
	}
}

// Headers are bounded as bodies are. HTTP answers before all of them are there, so that a sender may see
// its connection reset instead of the answer.
func TestLargeHeaders(t *testing.T) {
	f := start(t, Options{}, nil)
	large := strings.Repeat("x", 64<<10)
	if a := f.send(t, call{transport: "grpc", request: request(span(1)), header: map[string]string{"x-large": large}}); a.code == codes.OK {
		t.Error("gRPC takes them")
	}
	q, err := http.NewRequest(http.MethodPost, "http://"+f.HTTPAddrs()[0]+"/v1/traces", bytes.NewReader(encode(t, "http/protobuf", request(span(1)))))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", protobufType)
	q.Header.Set("X-Large", large)
	if p, err := plainHTTP.Do(q); err == nil {
		p.Body.Close()
		if p.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("HTTP: %s", p.Status)
		}
	}
	if n := len(f.sink.spans()); n != 0 {
		t.Errorf("%d spans were taken", n)
	}
}
