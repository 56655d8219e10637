// Command sdk sends traces with the Go SDK over one protocol, as an instrumented program would:
// every trace is a server span with a client span and a failing internal span below it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

func main() {
	protocol := flag.String("protocol", "grpc", "grpc or http/protobuf")
	endpoint := flag.String("endpoint", "", "host:port")
	gzip := flag.Bool("gzip", false, "compress")
	service := flag.String("service", "go", "service.name")
	traces := flag.Int("traces", 100, "traces to send, of three spans each")
	flag.Parse()
	ctx := context.Background()
	e, err := exporter(ctx, *protocol, *endpoint, *gzip)
	if err == nil {
		err = send(ctx, e, *service, *traces)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}

func exporter(ctx context.Context, protocol, endpoint string, gzip bool) (*otlptrace.Exporter, error) {
	switch protocol {
	case "grpc":
		o := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure()}
		if gzip {
			o = append(o, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, o...)
	case "http/protobuf":
		o := []otlptracehttp.Option{otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure()}
		if gzip {
			o = append(o, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		}
		return otlptracehttp.New(ctx, o...)
	}
	return nil, fmt.Errorf("no protocol %q", protocol)
}

// send makes the spans and waits until all are exported.
func send(ctx context.Context, e trace.SpanExporter, service string, traces int) error {
	p := trace.NewTracerProvider(trace.WithBatcher(e, trace.WithBlocking()),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))))
	t := p.Tracer("oteltop/ci/sdk")
	for i := range traces {
		c, root := t.Start(ctx, "GET /item", api.WithSpanKind(api.SpanKindServer), api.WithAttributes(attribute.Int("item", i)))
		_, query := t.Start(c, "SELECT item", api.WithSpanKind(api.SpanKindClient))
		query.End()
		_, check := t.Start(c, "check")
		check.RecordError(errors.New("out of stock"))
		check.SetStatus(codes.Error, "out of stock")
		check.End()
		root.End()
	}
	return errors.Join(p.ForceFlush(ctx), p.Shutdown(ctx))
}
