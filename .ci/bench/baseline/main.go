// Command baseline runs a server to compare oteltop with: the OpenTelemetry Collector's OTLP receiver with
// a consumer that does nothing (-kind collector), or a grpc-go server that does nothing (-kind noop). It
// prints the same line of JSON as oteltop serve when it listens, and ends on a signal.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // senders may compress
	"google.golang.org/grpc/mem"
)

func main() {
	kind := flag.String("kind", "collector", "collector or noop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := map[string]func(context.Context) error{"collector": collector, "noop": noop}[*kind]
	if run == nil {
		fmt.Fprintf(os.Stderr, "baseline: no kind %q\n", *kind)
		os.Exit(2)
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "baseline:", err)
		os.Exit(1)
	}
}

// ready prints the line that the driver waits for.
func ready(grpc, http []string) error {
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"grpc": grpc, "http": http, "pid": os.Getpid()})
}

// freeAddress is a loopback address that was free a moment ago: the receiver does not tell which port it
// took, so it cannot be given port 0.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// collector runs the receiver as the Collector would, without its pipeline.
func collector(ctx context.Context) error {
	g, err := freeAddress()
	if err != nil {
		return err
	}
	h, err := freeAddress()
	if err != nil {
		return err
	}
	f := otlpreceiver.NewFactory()
	config := f.CreateDefaultConfig()
	err = confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{
		"grpc": map[string]any{"endpoint": g},
		"http": map[string]any{"endpoint": h},
	}}).Unmarshal(config)
	if err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	next, err := consumer.NewTraces(func(context.Context, ptrace.Traces) error { return nil })
	if err != nil {
		return err
	}
	s := receiver.Settings{ID: component.NewID(f.Type()), TelemetrySettings: componenttest.NewNopTelemetrySettings()}
	r, err := f.CreateTraces(ctx, s, config, next)
	if err != nil {
		return fmt.Errorf("create receiver: %w", err)
	}
	if err := r.Start(ctx, componenttest.NewNopHost()); err != nil {
		return fmt.Errorf("start receiver: %w", err)
	}
	if err := ready([]string{g}, []string{h}); err != nil {
		return err
	}
	<-ctx.Done()
	return r.Shutdown(context.Background())
}

// raw hands messages through without decoding them, so that only gRPC itself costs.
type raw struct{}

// Marshal implements encoding.CodecV2; every answer is the empty message.
func (raw) Marshal(any) (mem.BufferSlice, error) { return nil, nil }

// Unmarshal implements encoding.CodecV2.
func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }

// Name implements encoding.CodecV2.
func (raw) Name() string { return "proto" }

var _ encoding.CodecV2 = raw{}

// noop answers every export and looks at nothing.
func noop(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(raw{}))
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Export", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			return struct{}{}, decode(nil)
		}}},
	}, struct{}{})
	if err := ready([]string{l.Addr().String()}, nil); err != nil {
		return err
	}
	context.AfterFunc(ctx, s.Stop)
	return s.Serve(l)
}
