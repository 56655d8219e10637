package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// retryPause is how long a sender waits after it was told to come back: less than the second that
// receivers ask for, so that the pressure stays up.
const retryPause = 20 * time.Millisecond

// errBusy is the answer of a receiver that is overloaded: 429, 503 or UNAVAILABLE.
var errBusy = errors.New("told to retry")

// body is a request as it goes over the wire.
type body struct {
	bytes    []byte
	encoding string // of HTTP: "", gzip, zstd
}

// raw is a codec that sends bytes as they are and ignores what the reply says.
type raw struct{}

// Name is the content subtype.
func (raw) Name() string { return "proto" }

// Marshal sends the bytes without a copy: two hundred bombs share one.
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

// Unmarshal drops the reply.
func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }

// client sends over one gRPC connection and any number of HTTP connections.
type client struct {
	connection *grpc.ClientConn
	http       *http.Client
	url        string
}

func newClient(s *server) (*client, error) {
	c, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	t := &http.Transport{MaxIdleConnsPerHost: 64}
	return &client{connection: c, http: &http.Client{Transport: t}, url: "http://" + s.http + "/v1/traces"}, nil
}

func (c *client) close() {
	_ = c.connection.Close()
	c.http.CloseIdleConnections()
}

// overGRPC sends one request.
func (c *client) overGRPC(ctx context.Context, b []byte) error {
	const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	err := c.connection.Invoke(ctx, method, b, new([]byte), grpc.ForceCodecV2(raw{}))
	if status.Code(err) == codes.Unavailable {
		return errBusy
	}
	return err
}

// overHTTP sends one request.
func (c *client) overHTTP(ctx context.Context, b body) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(b.bytes))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/x-protobuf")
	if b.encoding != "" {
		q.Header.Set("Content-Encoding", b.encoding)
	}
	a, err := c.http.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		return err
	}
	switch a.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return errBusy
	}
	return fmt.Errorf("HTTP %d", a.StatusCode)
}

// insist sends a request until it is taken, as an exporter does.
func (c *client) insist(ctx context.Context, b []byte, grpc bool) error {
	for {
		err := error(nil)
		if grpc {
			err = c.overGRPC(ctx, b)
		} else {
			err = c.overHTTP(ctx, body{bytes: b})
		}
		if !errors.Is(err, errBusy) {
			return err
		}
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tally counts how requests were answered.
type tally struct{ taken, busy, refused atomic.Int64 }

func (t *tally) String() string {
	return fmt.Sprintf("%d taken, %d told to retry, %d refused", t.taken.Load(), t.busy.Load(), t.refused.Load())
}

// volley sends each body n times at once: every second one over gRPC where its encoding allows. Every
// request has a connection of its own, as if n senders had gone wrong together.
func volley(ctx context.Context, s *server, bodies []body, n int) (*tally, error) {
	t := new(tally)
	var wg sync.WaitGroup
	for i := range n {
		b := bodies[i%len(bodies)]
		wg.Go(func() {
			c, err := newClient(s)
			if err != nil {
				t.refused.Add(1)
				return
			}
			defer c.close()
			if b.encoding == "" && i%2 == 0 {
				err = c.overGRPC(ctx, b.bytes)
			} else {
				err = c.overHTTP(ctx, b)
			}
			switch {
			case err == nil:
				t.taken.Add(1)
			case errors.Is(err, errBusy):
				t.busy.Add(1)
			default:
				t.refused.Add(1)
			}
		})
	}
	wg.Wait()
	return t, ctx.Err()
}
