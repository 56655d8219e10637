package otlp

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"google.golang.org/grpc/mem"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// noop is a sink that costs nothing.
type noop struct{}

func (noop) Logs(context.Context, []byte) (model.LogReceipt, error) { return model.LogReceipt{}, nil }

func (noop) Traces(context.Context, []byte) (model.Receipt, error) { return model.Receipt{}, nil }

// batch is a request of n spans with ten attributes.
func batch(n int) *trace.TracesData {
	spans := make([]*trace.Span, n)
	for i := range spans {
		s := span(byte(i))
		for _, key := range []string{"http.request.method", "http.route", "server.address", "server.port", "url.path", "net.peer.ip", "db.system", "db.query.text", "thread.name", "user.tier"} {
			s.Attributes = append(s.Attributes, str(key, "a usual value"))
		}
		spans[i] = s
	}
	return &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{Scope: &common.InstrumentationScope{}, Spans: spans}}}}}
}

// BenchmarkGRPCExport is the server's side of a call once its message is there, without grpc-go.
func BenchmarkGRPCExport(b *testing.B) {
	r := bare()
	body := encode(b, "grpc", batch(512))
	e := &exporter{receiver: r, signal: traces, busy: overloadStatus(), success: reply{}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.export(nil, context.Background(), received(body), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHTTPExport is the handler's side of a request, without net/http's server.
func BenchmarkHTTPExport(b *testing.B) {
	for _, transport := range transports[1:] {
		b.Run(transport, func(b *testing.B) {
			r := bare()
			h := newHTTPHandler(r)
			body := encode(b, transport, batch(512))
			contentType := map[string]string{"http/protobuf": protobufType, "http/json": jsonType}[transport]
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			w := discard{header: http.Header{}}
			for b.Loop() {
				q, err := http.NewRequest(http.MethodPost, "http://localhost/v1/traces", bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				q.Header.Set("Content-Type", contentType)
				h.ServeHTTP(&w, q)
				if w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// received hands over a message as grpc-go does.
func received(body []byte) func(any) error {
	return func(v any) error { return passing{}.Unmarshal(mem.BufferSlice{mem.SliceBuffer(body)}, v) }
}

// bare is a receiver that does not listen.
func bare() *Receiver {
	o := Options{Intake: new(model.Intake)}.withDefaults()
	r := &Receiver{options: o, intake: o.Intake, sink: noop{}, timeouts: defaultTimeouts()}
	r.budget = budget{limit: o.InFlight, used: &o.Intake.InFlight}
	r.buffers.fresh, r.buffers.limit = newBuffer, o.InFlight/keptBuffers
	return r
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
