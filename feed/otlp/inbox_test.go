package otlp

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestInbox(t *testing.T) {
	const limit = 1 << 20
	type step struct {
		do   func(i *inbox) bool
		held int64
	}
	ok := func(do func(i *inbox)) func(*inbox) bool { return func(i *inbox) bool { do(i); return true } }
	begin := (*inbox).begin
	add := func(n int) func(*inbox) bool { return func(i *inbox) bool { return i.add(n) } }
	full := func(n int) func(*inbox) bool { return func(i *inbox) bool { return !i.add(n) } }
	end := func(n int) func(*inbox) bool { return ok(func(i *inbox) { i.end(n) }) }
	for name, steps := range map[string][]step{
		"a usual batch takes nothing":     {{begin, 0}, {add(60 << 10), 0}, {end(59 << 10), 0}},
		"a large message is covered":      {{begin, 0}, {add(65 << 10), 256 << 10}, {add(190 << 10), 512 << 10}, {end(260 << 10), 0}},
		"one call ends, another goes on":  {{begin, 0}, {begin, 0}, {add(700 << 10), 768 << 10}, {end(400 << 10), 512 << 10}, {end(300 << 10), 0}},
		"no room":                         {{begin, 0}, {add(700 << 10), 768 << 10}, {full(400 << 10), 768 << 10}, {ok((*inbox).close), 0}, {full(0), 0}},
		"what nobody waits for is capped": {{add(10 << 10), 0}, {full(10 << 20), 0}, {begin, 0}, {end(0), 0}, {add(10), 0}},
		"five calls wait for nothing":     {{begin, 0}, {begin, 0}, {begin, 0}, {begin, 0}, {begin, 0}, {begin, 256 << 10}, {end(0), 0}},
	} {
		b := budget{limit: limit, used: new(atomic.Int64)}
		i := &inbox{lease: b.lease()}
		for n, s := range steps {
			if !s.do(i) {
				t.Errorf("%s: step %d is not as expected", name, n)
			}
			if used := b.used.Load(); used != s.held || used != i.lease.held.Load() {
				t.Errorf("%s: after step %d %d are held, want %d", name, n, used, s.held)
			}
		}
	}
}

// However many senders send the largest message at once over gRPC, what arrives stays within its budget,
// each sender is answered with success or told to come back, and nothing is held afterwards.
func TestManyLargeMessagesAtOnce(t *testing.T) {
	const senders, size = 24, 4 << 20
	f := start(t, Options{MaxBody: size, InFlight: 2 * size}, nil)
	body := bytes.Repeat([]byte{0xff}, size) // not valid: refused once it is whole
	// What one sender holds that stalls is there for certain, however seldom anybody looks.
	stalled, err := net.Dial("tcp", f.GRPCAddrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := stalled.Write(grpcStalled(t, 1, inboxStep)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a share of the budget", func() bool { return f.inboxes.used.Load() >= inboxStep })
	answered := map[codes.Code]int{}
	var mu sync.Mutex
	var sending sync.WaitGroup
	for range senders {
		client := dial(t, f.Receiver)
		sending.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			var response []byte
			err := client.Invoke(ctx, method("/v1/traces"), &body, &response, grpc.ForceCodecV2(verbatim{}), grpc.MaxCallSendMsgSize(1<<30))
			_ = client.Close() // the test is about what it held
			mu.Lock()
			answered[status.Code(err)]++
			mu.Unlock()
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	most := int64(0)
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(time.Millisecond):
			most = max(most, f.inboxes.used.Load())
		}
	}
	// A step that does not fit is there for an instant, before it is taken back.
	if most > f.inboxes.limit+senders*inboxStep {
		t.Errorf("up to %d bytes arrived at once, the limit is %d", most, f.inboxes.limit)
	}
	if answered[codes.InvalidArgument] == 0 || answered[codes.InvalidArgument]+answered[codes.Unavailable] != senders {
		t.Errorf("answers: %v", answered)
	}
	_ = stalled.Close()
	eventually(t, "nothing is held", func() bool { return f.inboxes.used.Load() == 0 })
}
