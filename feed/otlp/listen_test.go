package otlp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"

	"oteltop/model"
)

func TestBusyPortNamesItsHolder(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for _, o := range []Options{
		{GRPC: []string{taken}, HTTP: []string{"127.0.0.1:0"}},
		{GRPC: []string{"127.0.0.1:0"}, HTTP: []string{"127.0.0.1:0", taken}},
	} {
		o.Intake = new(model.Intake)
		_, err = Listen(o)
		var busy *BusyError
		if !errors.As(err, &busy) || !errors.Is(err, ErrBusy) {
			t.Fatalf("error %v", err)
		}
		if busy.Addr != taken || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q does not name %s in one line", err, taken)
		}
		if _, statErr := os.Stat("/proc/net/tcp"); statErr == nil {
			if want := fmt.Sprintf("(pid %d)", os.Getpid()); !strings.Contains(busy.Holder, want) {
				t.Errorf("holder %q, want %s", busy.Holder, want)
			}
		}
	}
}

func TestBusyErrorWithoutHolder(t *testing.T) {
	err := &BusyError{Protocol: "gRPC", Addr: "127.0.0.1:4317"}
	if want := "cannot listen on 127.0.0.1:4317 for OTLP/gRPC: the port is in use by another program, perhaps a collector or another oteltop"; err.Error() != want {
		t.Errorf("got %q", err)
	}
}

// A failed Listen holds no port: the same address can be bound right after it.
func TestFailedListenLetsGo(t *testing.T) {
	// Where there are further addresses of this machine, one that nobody else uses: a port of the usual one that is free
	// may be somebody's by the time it is wanted again.
	free, err := net.Listen("tcp", "127.77.77.77:0")
	if err != nil {
		free, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(Options{GRPC: []string{addr}, HTTP: []string{"256.0.0.1:x"}, Insecure: true, Intake: new(model.Intake)}); err == nil {
		t.Fatal("a nonsensical address is no error")
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the port is still held: %v", err)
	}
	_ = again.Close()
}

func TestPortZeroIsSharedByBothFamilies(t *testing.T) {
	r, err := Listen(Options{GRPC: []string{"127.0.0.1:0", "[::1]:0"}, HTTP: []string{}, Intake: new(model.Intake)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.HTTPAddrs()) != 0 {
		t.Errorf("HTTP is off, but listens on %v", r.HTTPAddrs())
	}
	ports := map[string]bool{}
	for _, addr := range r.GRPCAddrs() {
		_, port, err := net.SplitHostPort(addr)
		if err != nil || port == "0" {
			t.Errorf("address %q", addr)
		}
		ports[port] = true
	}
	if len(ports) != 1 {
		t.Errorf("addresses %v, want one port", r.GRPCAddrs())
	}
}

func TestConnectionsAreCapped(t *testing.T) {
	f := lenient(t, Options{MaxConnections: 2})
	var open []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", f.HTTPAddrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open = append(open, c)
	}
	eventually(t, "two connections", func() bool { return f.intake.Connections.Load() == 2 })
	over, err := net.Dial("tcp", f.GRPCAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer over.Close()
	_ = over.SetReadDeadline(time.Now().Add(patience))
	if _, err := over.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the third connection is not closed: %v", err)
	}
	if n := f.intake.RefusedRequests[model.RefusedOverload].Load(); n != 1 {
		t.Errorf("%d counted", n)
	}
	_ = open[0].Close()
	eventually(t, "one connection", func() bool { return f.intake.Connections.Load() == 1 })
	if a := f.send(t, call{transport: "http/json", body: []byte(`{}`)}); a.code != codes.OK {
		t.Errorf("after one left: %+v", a)
	}
}

// eventually waits for what other goroutines do.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// Requests that are being handled when Run ends are answered.
func TestShutdownLetsRequestsFinish(t *testing.T) {
	for _, transport := range transports {
		entered, release := make(chan struct{}), make(chan struct{})
		intake := new(model.Intake)
		r, err := Listen(Options{GRPC: []string{"127.0.0.1:0"}, HTTP: []string{"127.0.0.1:0"}, Intake: intake})
		if err != nil {
			t.Fatal(err)
		}
		f := &fixture{Receiver: r, sink: &recorder{before: func() { close(entered); <-release }}, intake: intake}
		f.grpc = dial(t, r)
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() {
			if err := r.Run(ctx, f.sink); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
		running.Go(func() {
			if a := f.send(t, call{transport: transport, request: request(span(1))}); a.code != codes.OK {
				t.Errorf("%s: %v %s", transport, a.code, a.text)
			}
		})
		<-entered
		cancel()
		close(release)
		running.Wait()
		plainHTTP.CloseIdleConnections()
	}
}

// A sender that never finishes does not hold up the end.
func TestShutdownCutsOffWhoeverStalls(t *testing.T) {
	f := start(t, Options{}, nil) // its cleanup fails when Run does not end
	for _, addr := range []string{f.GRPCAddrs()[0], f.HTTPAddrs()[0]} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "a request in progress", func() bool { return f.intake.Requests[model.TransportHTTPJSON].Load() == 1 })
}

func TestLocalhostIsBothFamilies(t *testing.T) {
	got := bothFamilies([]string{"localhost:4317", "10.0.0.1:1", "nonsense"})
	if want := []string{"127.0.0.1:4317", "[::1]:4317", "10.0.0.1:1", "nonsense"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAbsentIPv6(t *testing.T) {
	absent := &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)}
	for host, want := range map[string]bool{"::1": true, "127.0.0.1": false, "fe80::1": false, "localhost": false} {
		if got := isAbsentIPv6(host, absent); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	if isAbsentIPv6("::1", os.NewSyscallError("bind", syscall.EADDRINUSE)) {
		t.Error("a busy port is taken for a machine without IPv6")
	}
}

// When its timer fires, a sender that stalls loses its connection, and the arrival is not used again.
func TestStalledSenderIsCutOff(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	intake := new(model.Intake)
	intake.Connections.Add(1)
	c := &conn{Conn: ours, gate: &gate{intake: intake, open: map[*conn]struct{}{}}}
	c.remote = remoteAddr{Addr: ours.RemoteAddr(), conn: c}
	e := &exporter{receiver: bare()}
	a := e.arrive(peer.NewContext(context.Background(), &peer.Peer{Addr: c.RemoteAddr()}))
	if !a.stalled.Stop() {
		t.Fatal("the timer was not running")
	}
	a.disconnect()
	if _, err := theirs.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection is open: %v", err)
	}
	if n := intake.Connections.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	e.leave(a)
	if e.arrivals.Get() != nil {
		t.Error("an arrival whose timer has fired is used again")
	}
}
