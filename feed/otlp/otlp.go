// Package otlp is the embedded OTLP receiver: gRPC and HTTP, protobuf and JSON, for traces, logs and
// metrics. Traces and logs go to the sink as protobuf; metrics are counted and answered with success, so
// that an SDK that exports all three signals sees no errors.
//
//	connection ─▶ cap ─▶ gRPC ─▶ token ─▶ budget ─▶ expand ───────────────▶ deliver ─▶ Sink.Traces
//	              cap ─▶ HTTP ─▶ host, CORS, token ─▶ budget ─▶ expand ─▶ JSON? ──┘ └▶ count
//
// No message is decoded into structs here. What a request may cost is bounded before it is read, while it
// is read and after decompression, and senders that stall give way to others; everything refused is counted in
// model.Intake by reason.
package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"oteltop/feed"
	"oteltop/model"
)

// Defaults of Options.
const (
	defaultMaxBody        = 64 << 20
	defaultInFlight       = 256 << 20
	defaultMaxConnections = 1024
)

// shutdownGrace is how long requests may finish after Run's context has ended. An export takes
// milliseconds; whoever holds a request open longer is cut off.
const shutdownGrace = 2 * time.Second

// Options configure a Receiver. Zero fields take the defaults stated.
type Options struct {
	// GRPC and HTTP are the addresses to listen on, host:port. Default: port 4317 and port 4318 on
	// 127.0.0.1 and [::1]. With port 0 the addresses of one protocol share a port where they can.
	// An explicit empty, non-nil slice turns the protocol off.
	GRPC, HTTP []string

	Intake *model.Intake // required

	MaxBody        int   // bytes of one request after decompression; default 64 MiB
	InFlight       int64 // bytes of all requests being handled; default 256 MiB
	MaxConnections int   // over both protocols; default 1,024

	// Token, when set, must be presented by every request as a bearer token.
	Token string
	TLS   Certificates
	// Insecure allows an address that is not loopback without Token or client certificates.
	Insecure bool

	AllowedHosts []string // names allowed in HTTP's Host header besides IP literals and localhost
	CORSOrigins  []string // origins of pages that may export from a browser; "*" is any, without credentials

	// Extra serves what is not OTLP on the HTTP port (/report/, /healthz), behind the same Host check and
	// token; /healthz asks for no token. What it has no pattern for is not found.
	Extra *http.ServeMux

	Log func(message string) // told about broken connections and the like; default: dropped
	// Panicked is told about a panic while a request was handled; the request is refused and the receiver
	// goes on. reason may quote what was sent. Default: dropped.
	Panicked func(where string, reason any, stack []byte)
}

func (o Options) withDefaults() Options {
	if o.GRPC == nil {
		o.GRPC = []string{"127.0.0.1:4317", "[::1]:4317"}
	}
	if o.HTTP == nil {
		o.HTTP = []string{"127.0.0.1:4318", "[::1]:4318"}
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.InFlight == 0 {
		o.InFlight = defaultInFlight
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Panicked == nil {
		o.Panicked = func(string, any, []byte) {}
	}
	return o
}

// Receiver listens for OTLP. It is made by Listen and used by one Run.
type Receiver struct {
	options  Options
	intake   *model.Intake
	budget   budget
	inboxes  budget // of what is still arriving over gRPC
	buffers  buffers
	expander expander
	token    []byte
	timeouts timeouts
	sink     feed.Sink // set by Run before anything is served

	grpc, http []net.Listener
	tls        *tls.Config
}

var _ feed.Source = (*Receiver)(nil)

// Listen checks the options and binds every port, so that all that can go wrong goes wrong before the
// screen is taken over. Connections wait until Run. Errors: *BusyError for a port in use,
// ErrExposed for an address that asks for protection, or what the system says.
func Listen(o Options) (*Receiver, error) {
	o = o.withDefaults()
	if err := checkExposure(o); err != nil {
		return nil, err
	}
	config, err := o.TLS.config()
	if err != nil {
		return nil, err
	}
	prepareGRPC()
	r := &Receiver{options: o, intake: o.Intake, tls: config, timeouts: defaultTimeouts()}
	r.buffers.fresh, r.buffers.limit = newBuffer, o.InFlight/keptBuffers
	r.inboxes = budget{limit: InboxLimit(o.InFlight), used: new(atomic.Int64)}
	if o.Token != "" {
		r.token = []byte(o.Token)
	}
	gate := &gate{limit: o.MaxConnections, intake: o.Intake, timeouts: &r.timeouts, open: map[*conn]struct{}{}}
	r.budget = budget{limit: o.InFlight, used: &o.Intake.InFlight, makeRoom: gate.cutSlowestBody}
	wrap := func(h2c bool, b *budget) func(net.Listener) net.Listener {
		return func(l net.Listener) net.Listener { return &listener{Listener: l, gate: gate, h2c: h2c, budget: b} }
	}
	if r.grpc, err = bindAll("gRPC", o.GRPC, wrap(config == nil, &r.inboxes)); err != nil {
		return nil, err
	}
	if r.http, err = bindAll("HTTP", o.HTTP, wrap(false, nil)); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close lets go of the ports of a Receiver that is not going to Run.
func (r *Receiver) Close() error {
	var errs []error
	for _, l := range append(append([]net.Listener{}, r.grpc...), r.http...) {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// GRPCAddrs are the bound addresses of the gRPC service, host:port, in the order of Options.
func (r *Receiver) GRPCAddrs() []string { return addrs(r.grpc) }

// HTTPAddrs are the bound addresses of the HTTP service.
func (r *Receiver) HTTPAddrs() []string { return addrs(r.http) }

func addrs(ls []net.Listener) []string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Addr().String())
	}
	return out
}

// Run serves until ctx ends, then lets requests finish for a moment and closes everything. It returns
// nil then, or the error for which serving broke off. It may be called once.
func (r *Receiver) Run(ctx context.Context, sink feed.Sink) error {
	r.sink = sink
	grpcServer, httpServer := r.newGRPCServer(), r.newHTTPServer()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var serving sync.WaitGroup
	serve := func(do func(net.Listener) error, l net.Listener, closed error) {
		serving.Go(func() {
			if err := do(l); err != nil && !errors.Is(err, closed) {
				cancel(err)
			}
		})
	}
	for _, l := range r.grpc {
		serve(grpcServer.Serve, l, grpc.ErrServerStopped)
	}
	for _, l := range r.http {
		if r.tls != nil {
			l = tls.NewListener(l, r.tls)
		}
		serve(httpServer.Serve, l, http.ErrServerClosed)
	}
	<-ctx.Done()
	stop(grpcServer, httpServer)
	serving.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

// stop ends both servers, gracefully for shutdownGrace and by force after it.
func stop(g *grpc.Server, h *http.Server) {
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	var stopping sync.WaitGroup
	stopping.Go(func() {
		if err := h.Shutdown(grace); err != nil {
			_ = h.Close() // the connections are gone either way
		}
	})
	stopping.Go(func() {
		force := context.AfterFunc(grace, g.Stop)
		g.GracefulStop()
		force()
	})
	stopping.Wait()
}

// logger hands what net/http has to say to Options.Log.
func (r *Receiver) logger() *log.Logger {
	return log.New(logWriter(r.options.Log), "", 0)
}

type logWriter func(string)

func (w logWriter) Write(line []byte) (int, error) {
	w(string(line))
	return len(line), nil
}
