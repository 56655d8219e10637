package otlp

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// rawClient calls Export over frames written by hand, so that a count of allocations in this process is
// one of the server's, all but a few.
type rawClient struct {
	framer  *http2.Framer
	encoder *hpack.Encoder // fills the dynamic table at the first call, as SDKs do
	block   bytes.Buffer
	headers []hpack.HeaderField
	message []byte // with gRPC's prefix
	stream  uint32
}

func newRawClient(t testing.TB, addr string, body []byte) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &rawClient{framer: http2.NewFramer(conn, conn), stream: 1}
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.block)
	for _, f := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", method("/v1/traces")}, {":authority", addr},
		{"content-type", "application/grpc"}, {"te", "trailers"}, {"user-agent", "raw"},
	} {
		c.headers = append(c.headers, hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	c.message = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := c.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return c
}

// roundTrip makes one call and waits for its trailers.
func (c *rawClient) roundTrip(t testing.TB) {
	t.Helper()
	c.block.Reset()
	for _, f := range c.headers {
		if err := c.encoder.WriteField(f); err != nil {
			t.Fatal(err)
		}
	}
	err := c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: c.block.Bytes(), EndHeaders: true})
	if err == nil {
		err = c.framer.WriteData(c.stream, true, c.message)
	}
	for err == nil {
		var frame http2.Frame
		if frame, err = c.framer.ReadFrame(); err != nil {
			break
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				err = c.framer.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			if f.StreamEnded() {
				c.stream += 2
				return
			}
		case *http2.RSTStreamFrame:
			t.Fatalf("the call was reset: %v", f.ErrCode)
		}
	}
	t.Fatal(err)
}

// What a request allocates in the whole process. grpc-go 1.85 takes about 43 of them for a call that
// does nothing, and reading the answer here 3; INGEST.md's bar of 40 was measured with an older one.
func TestAllocationsPerGRPCRequest(t *testing.T) {
	f := startInto(t, Options{}, noop{})
	c := newRawClient(t, f.GRPCAddrs()[0], encode(t, "grpc", batch(20)))
	for range 200 {
		c.roundTrip(t)
	}
	if n := testing.AllocsPerRun(500, func() { c.roundTrip(t) }); n > 55 {
		t.Errorf("%v allocations per request", n)
	}
}

// What we add to grpc-go's allocations, whatever the size of the request.
func TestAllocationsOfExport(t *testing.T) {
	for _, spans := range []int{1, 512} {
		body := encode(t, "grpc", batch(spans))
		e := &exporter{receiver: bare(), signal: traces, busy: overloadStatus(), success: reply{}}
		receive := received(body)
		n := testing.AllocsPerRun(200, func() {
			if _, err := e.export(nil, context.Background(), receive, nil); err != nil {
				t.Fatal(err)
			}
		})
		if n > 4 {
			t.Errorf("%v allocations for a request of %d spans", n, spans)
		}
	}
}

// What we do for a request over HTTP beside net/http's part allocates little, whatever its size, and nothing for the
// account that is kept of its body.
func TestAllocationsOfHTTPExport(t *testing.T) {
	r := bare()
	h := newHTTPHandler(r)
	ctx := withConn(context.Background(), &conn{})
	w := discard{header: http.Header{}}
	for _, spans := range []int{1, 512} {
		reader := bytes.NewReader(encode(t, "http/protobuf", batch(spans)))
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/traces", reader)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", protobufType)
		n := testing.AllocsPerRun(200, func() {
			_, _ = reader.Seek(0, io.SeekStart)
			if h.ServeHTTP(&w, q); w.status != http.StatusOK {
				t.Fatal(w.status)
			}
		})
		if n > 4 {
			t.Errorf("%v allocations for a request of %d spans", n, spans)
		}
	}
}
