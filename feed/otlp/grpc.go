package otlp

import (
	"context"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"oteltop/model"
)

const (
	maxStreams = 100 // per connection; SDKs use one, collectors a few

	// Windows large enough that a batch of 8,192 spans (4 MB) needs few round trips; 64 MiB windows
	// measured 40 % slower (INGEST.md).
	streamWindow     = 1 << 20
	connectionWindow = 4 << 20
	readBuffer       = 64 << 10

	maxHeaderList = 16 << 10

	// retryAfter is what senders are told to wait when the budget is used up.
	retryAfter = time.Second
)

// keepaliveParams find connections whose other side is gone; SDKs reconnect after an idle one is closed.
func keepaliveParams() keepalive.ServerParameters {
	return keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second, MaxConnectionIdle: 30 * time.Minute}
}

// keepalivePolicy lets SDKs ping as often as the specification's examples do and no more.
func keepalivePolicy() keepalive.EnforcementPolicy {
	return keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}
}

// newGRPCServer serves the three exporter services by hand: generated code would decode requests, which are handed on as
// the bytes that they are.
func (r *Receiver) newGRPCServer() *grpc.Server {
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(passing{}),
		grpc.MaxRecvMsgSize(r.options.MaxBody + wireSlack),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.ConnectionTimeout(r.timeouts.handshake),
		grpc.KeepaliveParams(keepaliveParams()),
		grpc.KeepaliveEnforcementPolicy(keepalivePolicy()),
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(connectionWindow),
		grpc.ReadBufferSize(readBuffer),
		experimental.BufferPool(newFrames()),
		grpc.NumStreamWorkers(uint32(2 * runtime.GOMAXPROCS(0))),
	}
	if r.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(r.tls)))
	}
	server := grpc.NewServer(options...)
	busy := overloadStatus()
	for _, service := range []struct {
		name   string
		signal signal
	}{
		{"opentelemetry.proto.collector.trace.v1.TraceService", traces},
		{"opentelemetry.proto.collector.logs.v1.LogsService", logs},
		{"opentelemetry.proto.collector.metrics.v1.MetricsService", metrics},
	} {
		e := &exporter{receiver: r, signal: service.signal, busy: busy, success: reply{}}
		server.RegisterService(&grpc.ServiceDesc{
			ServiceName: service.name,
			HandlerType: (*any)(nil),
			Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: e.export}},
		}, e)
	}
	return server
}

// exporter answers the Export method of one service.
type exporter struct {
	receiver *Receiver
	signal   signal
	busy     *status.Status // overload, with the details that tell the sender to come back
	success  any            // the reply to almost every call
	arrivals sync.Pool      // *arrival
}

// export handles one call. grpc-go calls it when the headers are there and reads the message only when
// receive is called, so that nothing is read for a caller without a token or beyond the budget.
func (e *exporter) export(_ any, ctx context.Context, receive func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	r := e.receiver
	r.intake.Requests[model.TransportGRPC].Add(1)
	wait := await(ctx)
	defer wait.over(0)
	var answered error // what grpc-go found wrong while reading: it has already answered
	o, err := r.take(func() (outcome, error) {
		if r.token != nil && !r.authorized(bearer(ctx)) {
			return outcome{}, &refusal{model.RefusedAuth, "a valid bearer token is required"}
		}
		if !wait.room || !r.budget.fits(receiveAllowance) {
			return outcome{}, overloaded()
		}
		l := r.budget.lease()
		defer l.release()
		a := e.arrive(ctx)
		defer e.leave(a)
		if answered = receive(&a.message); answered != nil {
			return outcome{}, brokenOff(answered)
		}
		a.inTime = a.stalled.Stop()
		wait.over(a.message.buffers.Len())
		return e.handle(ctx, &a.message, &l)
	})
	switch {
	case answered != nil:
		return nil, answered
	case err != nil:
		return nil, e.status(err)
	case o.rejected == 0:
		return e.success, nil
	default:
		// grpc-go would compress the reply as the request was: so few bytes only grow. No export fails
		// because its reply is larger than it could be.
		_ = grpc.SetSendCompressor(ctx, "identity")
		return reply(o), nil
	}
}

// bearer is the Authorization header; a call with several of them has none.
func bearer(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, "authorization"); len(values) == 1 {
		return values[0]
	}
	return ""
}

// arrival is a message while it is received and handled, with the timer that watches over the sender.
// Arrivals are used again: they would be four allocations a call.
type arrival struct {
	message message
	ctx     context.Context
	stalled *time.Timer
	inTime  bool // the timer was stopped before it fired
}

// arrive gives the sender its time from now on.
func (e *exporter) arrive(ctx context.Context) *arrival {
	a, ok := e.arrivals.Get().(*arrival)
	if !ok {
		a = &arrival{ctx: ctx}
		a.stalled = time.AfterFunc(e.receiver.timeouts.receive, a.disconnect)
		return a
	}
	a.ctx = ctx
	a.stalled.Reset(e.receiver.timeouts.receive)
	return a
}

// leave frees the message. An arrival whose timer has fired is not used again, because its disconnect
// may only now look at ctx.
func (e *exporter) leave(a *arrival) {
	a.message.free()
	if !a.inTime && !a.stalled.Stop() {
		return
	}
	a.ctx, a.inTime = nil, false
	e.arrivals.Put(a)
}

// disconnect cuts off a sender that stalls, connection and all: grpc-go offers nothing smaller.
func (a *arrival) disconnect() {
	if p, ok := peer.FromContext(a.ctx); ok {
		if addr, ok := p.Addr.(*remoteAddr); ok {
			_ = addr.conn.Close() // it is of no more use
		}
	}
}

// brokenOff classifies what grpc-go found wrong while reading a message, for the counters. A compression that is not
// registered is not among it: grpc-go answers UNIMPLEMENTED, and names it, before any handler is called. That is not
// counted, since only a stats.Handler would be told, several times in every call, of which each allocates.
func brokenOff(err error) *refusal {
	if status.Code(err) == codes.ResourceExhausted {
		return &refusal{model.RefusedTooLarge, err.Error()}
	}
	return &refusal{model.RefusedMalformed, err.Error()}
}

// handle makes the message one run of bytes, decompressed, and delivers it. Errors are *refusal.
func (e *exporter) handle(ctx context.Context, m *message, l *lease) (outcome, error) {
	r := e.receiver
	wire := int64(m.buffers.Len())
	if !l.cover(wire) {
		return outcome{}, overloaded()
	}
	compressed := m.encoding()
	if compressed == identity && wire > int64(r.options.MaxBody) {
		return outcome{}, tooLarge(r.options.MaxBody)
	}
	if compressed != identity || len(m.buffers) > 1 {
		buffer := r.buffers.take()
		defer r.buffers.put(buffer)
		if err := e.gather(buffer, m, compressed, l); err != nil {
			return outcome{}, err
		}
		return r.deliver(ctx, model.TransportGRPC, e.signal, *buffer, l)
	}
	var body []byte
	if len(m.buffers) == 1 {
		body = m.buffers[0].ReadOnlyData() // the usual small batch: no copy
	}
	return r.deliver(ctx, model.TransportGRPC, e.signal, body, l)
}

// gather copies or decompresses the message into the buffer.
func (e *exporter) gather(buffer *[]byte, m *message, compressed encoding, l *lease) error {
	r := e.receiver
	wire := m.buffers.Len()
	if compressed == identity {
		if !l.add(int64(wire)) {
			return overloaded()
		}
		*buffer = slices.Grow(*buffer, wire)[:wire]
		m.buffers.CopyTo(*buffer)
		m.free() // for the next request to be read into, while this one is encoded
		l.give(int64(wire))
		return nil
	}
	body := m.buffers.Reader()
	defer body.Close()
	if _, err := body.Discard(markLen); err != nil {
		return unreadable(err)
	}
	// Without its ReadByte the decompressor puts a buffer in front of it, and then takes a path that was
	// made for such buffers: half the time.
	return r.expander.fill(buffer, struct{ io.Reader }{body}, compressed, r.options.MaxBody, l, int64(wire))
}

// status turns a refusal into what gRPC answers.
func (e *exporter) status(err error) error {
	f, ok := err.(*refusal)
	if !ok {
		return status.Error(codes.Internal, err.Error())
	}
	if f.reason == model.RefusedOverload {
		return e.busy.Err()
	}
	return status.Error(f.code(), f.text)
}

// code is the gRPC status code for a reason; HTTP puts it into its bodies.
func (f *refusal) code() codes.Code {
	switch f.reason {
	case model.RefusedMalformed:
		return codes.InvalidArgument
	case model.RefusedTooLarge:
		return codes.ResourceExhausted
	case model.RefusedOverload:
		return codes.Unavailable
	case model.RefusedUnsupported:
		return codes.Unimplemented
	case model.RefusedHost:
		return codes.PermissionDenied
	case model.RefusedAuth:
		return codes.Unauthenticated
	}
	return codes.Internal
}

// overloadStatus is UNAVAILABLE with RetryInfo, without which SDKs may give up or retry at once.
func overloadStatus() *status.Status {
	plain := status.New(codes.Unavailable, overloaded().text)
	detailed, err := plain.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
	if err != nil {
		return plain
	}
	return detailed
}
