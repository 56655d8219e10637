package otlp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"oteltop/feed"
	"oteltop/model"
	"oteltop/model/logbook"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// patience is how long anything may take before a test gives up; nothing is timed by it.
const patience = time.Minute

// No test leaves a goroutine behind. What is closed ends when the scheduler gets to it, which goleak waits less than
// half a second for.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		err := goleak.Find()
		for end := time.Now().Add(patience); err != nil && time.Now().Before(end); {
			err = goleak.Find()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// recorder is a sink that decodes by google's protobuf. It refuses what a store has to refuse: ids of
// the wrong length, and what does not decode.
type recorder struct {
	mu       sync.Mutex
	requests []*trace.TracesData
	before   func() // called first when set
}

func (r *recorder) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return logbook.New(1 << 20).Append(req)
}

func (r *recorder) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	if r.before != nil {
		r.before()
	}
	request := new(trace.TracesData)
	if err := proto.Unmarshal(req, request); err != nil {
		return model.Receipt{}, errors.New("malformed protobuf")
	}
	r.mu.Lock()
	r.requests = append(r.requests, request)
	r.mu.Unlock()
	var receipt model.Receipt
	for _, span := range spansOf(request) {
		receipt.Received++
		if len(span.TraceId) == 16 && len(span.SpanId) == 8 {
			receipt.Stored++
			continue
		}
		receipt.Refused[model.RefusedInvalidID]++
		receipt.Message = "invalid ids"
	}
	return receipt, nil
}

func (r *recorder) spans() []*trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*trace.Span
	for _, request := range r.requests {
		out = append(out, spansOf(request)...)
	}
	return out
}

func spansOf(request *trace.TracesData) []*trace.Span {
	var out []*trace.Span
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			out = append(out, scope.GetSpans()...)
		}
	}
	return out
}

// fixture is a receiver that runs.
type fixture struct {
	*Receiver
	sink   *recorder
	intake *model.Intake
	grpc   *grpc.ClientConn
}

// start runs a receiver on free loopback ports until the test ends.
func start(t testing.TB, o Options, before func()) *fixture {
	t.Helper()
	sink := &recorder{before: before}
	f := startInto(t, o, sink)
	f.sink = sink
	return f
}

// startInto is start with a sink of one's own.
func startInto(t testing.TB, o Options, sink feed.Sink) *fixture {
	t.Helper()
	if o.GRPC == nil {
		o.GRPC = []string{"127.0.0.1:0"}
	}
	if o.HTTP == nil {
		o.HTTP = []string{"127.0.0.1:0"}
	}
	o.Intake = new(model.Intake)
	r, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, r, sink)
}

// run serves with a receiver that has been made until the test ends.
func run(t testing.TB, r *Receiver, sink feed.Sink) *fixture {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, sink) }()
	client := dial(t, r)
	t.Cleanup(func() {
		_ = client.Close()
		plainHTTP.CloseIdleConnections()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
		if n := r.intake.InFlight.Load(); n != 0 {
			t.Errorf("%d bytes are still in flight", n)
		}
	})
	return &fixture{Receiver: r, intake: r.intake, grpc: client}
}

// dial is a gRPC client of the receiver, closed when the test ends.
func dial(t testing.TB, r *Receiver) *grpc.ClientConn {
	t.Helper()
	client, err := grpc.NewClient(r.GRPCAddrs()[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
