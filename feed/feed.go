// Package feed is where spans come from: OTLP receivers, files, replays and the demo generator. Every
// source turns what it reads into OTLP protobuf and hands it to a Sink; nothing here keeps spans.
//
//	gRPC, HTTP/protobuf ──────────────────────────▶ Sink.Traces, Sink.Logs (request bytes)
//	HTTP/JSON, OTLP JSON, Jaeger, Zipkin ─▶ protobuf ─┘
package feed

import (
	"context"

	"oteltop/model"
)

// Sink takes what sources deliver. Implemented by the ring (through main) and by test recorders.
// Safe for concurrent use.
type Sink interface {
	// Traces takes one OTLP ExportTraceServiceRequest in protobuf; req is not retained and not changed.
	// An error means that the request is malformed and nothing of it was stored.
	Traces(ctx context.Context, req []byte) (model.Receipt, error)
	// Logs takes one OTLP ExportLogsServiceRequest in the same way.
	Logs(ctx context.Context, req []byte) (model.LogReceipt, error)
}

// Source delivers spans to a sink until ctx ends or it has no more. It returns nil at a normal end.
type Source interface {
	Run(ctx context.Context, sink Sink) error
}
