package otlp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// transports are the ways of PROTOCOL.md's conformance table.
var transports = []string{"grpc", "http/protobuf", "http/json"}

// answer is what a client of any transport learns.
type answer struct {
	code     codes.Code // for HTTP that of the Status in the body
	text     string
	rejected int
	partial  bool // partial_success was set

	status int // HTTP
	header http.Header
	grpc   *status.Status
}

// call is one request. Exactly one of body and request is set.
type call struct {
	transport, compression string
	path                   string // default traces
	request                *trace.TracesData
	body                   []byte // as it goes into compression
	header                 map[string]string
}

func (f *fixture) send(t testing.TB, c call) answer {
	t.Helper()
	if c.path == "" {
		c.path = "/v1/traces"
	}
	if c.body == nil {
		c.body = encode(t, c.transport, c.request)
	}
	if c.transport == "grpc" {
		return f.sendGRPC(t, c)
	}
	return f.sendHTTP(t, c)
}

func encode(t testing.TB, transport string, request *trace.TracesData) []byte {
	t.Helper()
	if transport != "http/json" {
		body, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	text, err := protojson.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(hexIDs(tree))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// hexIDs rewrites protojson's base64 ids as OTLP wants them.
func hexIDs(tree any) any {
	switch x := tree.(type) {
	case []any:
		for i := range x {
			x[i] = hexIDs(x[i])
		}
	case map[string]any:
		for key, value := range x {
			if text, ok := value.(string); ok && (key == "traceId" || key == "spanId" || key == "parentSpanId") {
				if id, err := base64.StdEncoding.DecodeString(text); err == nil {
					x[key] = hex.EncodeToString(id)
				}
				continue
			}
			x[key] = hexIDs(value)
		}
	}
	return tree
}

// methods are the gRPC methods beside the HTTP paths.
func method(path string) string {
	switch path {
	case "/v1/logs":
		return "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
	case "/v1/metrics":
		return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
	}
	return "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
}

// verbatim is a codec for clients that sends and receives bytes.
type verbatim struct{}

func (verbatim) Name() string { return "proto" }
func (verbatim) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}
func (verbatim) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (f *fixture) sendGRPC(t testing.TB, c call) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for name, value := range c.header {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	options := []grpc.CallOption{grpc.ForceCodecV2(verbatim{}), grpc.MaxCallSendMsgSize(1 << 30)}
	if c.compression != "" {
		options = append(options, grpc.UseCompressor(c.compression))
	}
	var response []byte
	err := f.grpc.Invoke(ctx, method(c.path), &c.body, &response, options...)
	s := status.Convert(err)
	a := answer{code: s.Code(), text: s.Message(), grpc: s}
	if err == nil {
		a.readPartial(t, response)
	}
	return a
}

// readPartial reads an Export…ServiceResponse in protobuf.
func (a *answer) readPartial(t testing.TB, response []byte) {
	t.Helper()
	if len(response) == 0 {
		return
	}
	a.partial = true
	number, _, n := protowire.ConsumeTag(response)
	inner, m := protowire.ConsumeBytes(response[max(n, 0):])
	if number != 1 || n < 0 || m < 0 {
		t.Fatalf("response %x", response)
	}
	for len(inner) > 0 {
		number, kind, n := protowire.ConsumeTag(inner)
		size := protowire.ConsumeFieldValue(number, kind, inner[n:])
		if size < 0 {
			t.Fatalf("response %x", response)
		}
		switch value := inner[n : n+size]; number {
		case 1:
			rejected, _ := protowire.ConsumeVarint(value)
			a.rejected = int(rejected)
		case 2:
			a.text, _ = protowire.ConsumeString(value)
		}
		inner = inner[n+size:]
	}
}

// plainHTTP neither compresses nor follows anything by itself.
var plainHTTP = &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: patience}

func (f *fixture) sendHTTP(t testing.TB, c call) answer {
	t.Helper()
	return do(t, f.httpRequest(t, c))
}

func (f *fixture) httpRequest(t testing.TB, c call) *http.Request {
	t.Helper()
	body := compressed(t, c.compression, c.body)
	q, err := http.NewRequest(http.MethodPost, "http://"+f.HTTPAddrs()[0]+c.path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", map[string]string{"http/protobuf": protobufType, "http/json": jsonType}[c.transport])
	if c.compression != "" {
		q.Header.Set("Content-Encoding", c.compression)
	}
	for name, value := range c.header {
		q.Header.Set(name, value)
		if name == "Host" {
			q.Host = value
		}
	}
	return q
}

func do(t testing.TB, q *http.Request) answer {
	t.Helper()
	a, err := try(t, q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// try is do where it is no fault of the test that no answer comes.
func try(t testing.TB, q *http.Request) (answer, error) {
	t.Helper()
	p, err := plainHTTP.Do(q)
	if err != nil {
		return answer{}, err
	}
	defer p.Body.Close()
	body, err := io.ReadAll(p.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: p.StatusCode, header: p.Header}
	switch {
	case p.Header.Get("Content-Type") == jsonType:
		a.readJSON(t, body)
	case p.StatusCode == http.StatusOK:
		a.readPartial(t, body)
	case p.Header.Get("Content-Type") == protobufType:
		a.readStatus(t, body)
	}
	return a, nil
}

func (a *answer) readJSON(t testing.TB, body []byte) {
	t.Helper()
	var reply struct {
		Code           int
		Message        string
		PartialSuccess *struct{ RejectedSpans, RejectedLogRecords, ErrorMessage string }
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	a.code, a.text = codes.Code(reply.Code), reply.Message
	if p := reply.PartialSuccess; p != nil {
		a.partial, a.text = true, p.ErrorMessage
		if _, err := fmt.Sscan(p.RejectedSpans+p.RejectedLogRecords, &a.rejected); err != nil {
			t.Fatal(err)
		}
	}
}

// readStatus reads a google.rpc.Status in protobuf.
func (a *answer) readStatus(t testing.TB, body []byte) {
	t.Helper()
	for len(body) > 0 {
		number, kind, n := protowire.ConsumeTag(body)
		size := protowire.ConsumeFieldValue(number, kind, body[max(n, 0):])
		if n < 0 || size < 0 {
			t.Fatalf("not a Status: %x", body)
		}
		switch value := body[n : n+size]; number {
		case 1:
			code, _ := protowire.ConsumeVarint(value)
			a.code = codes.Code(code)
		case 2:
			a.text, _ = protowire.ConsumeString(value)
		}
		body = body[n+size:]
	}
}

func compressed(t testing.TB, encoding string, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		w = z
	default:
		return body
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
