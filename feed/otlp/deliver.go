package otlp

import (
	"context"
	"fmt"
	"runtime/debug"

	"oteltop/feed/otlpjson"
	"oteltop/model"
)

// signal is a kind of telemetry.
type signal uint8

const (
	traces signal = iota
	logs
	metrics
)

// refusal says why a whole request was not taken. Each transport has its own status for a reason.
type refusal struct {
	reason model.Refusal
	text   string
}

// Error is the text that the sender gets.
func (f *refusal) Error() string { return f.text }

func tooLarge(limit int) *refusal {
	return &refusal{model.RefusedTooLarge, fmt.Sprintf("the request is larger than the limit of %d bytes after decompression", limit)}
}

func overloaded() *refusal {
	return &refusal{model.RefusedOverload, "too many bytes of requests are in flight; try again"}
}

// outcome is what a request that was taken is answered with; the zero outcome is full success.
type outcome struct {
	rejected int // spans or log records
	signal   signal
	message  string
}

// take runs handle for one request. A panic in it, above all in the sink, becomes a refusal: the sender
// of one request must not end the receiver. A refusal after the headers were accepted is counted here.
func (r *Receiver) take(handle func() (outcome, error)) (o outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.options.Panicked("the receiver", p, debug.Stack())
			err = &refusal{model.RefusedInternal, "internal error"}
		}
		if f, ok := err.(*refusal); ok {
			r.intake.RefusedRequests[f.reason].Add(1)
		}
	}()
	return handle()
}

// deliver hands a decompressed request to whom it is for and counts it. Errors are *refusal.
func (r *Receiver) deliver(ctx context.Context, t model.Transport, s signal, body []byte, l *lease) (outcome, error) {
	r.intake.Bytes[t].Add(uint64(len(body)))
	switch {
	case s == metrics:
		return outcome{}, r.countPoints(t, body)
	case t == model.TransportHTTPJSON:
		return r.deliverJSON(ctx, s, body, l)
	case s == logs:
		return r.deliverLogs(ctx, body)
	}
	return r.deliverTraces(ctx, t, body)
}

// deliverJSON transcodes before it delivers. Protobuf is shorter than JSON except for text that is not
// UTF-8, so that covering the length of the JSON once more covers the protobuf.
func (r *Receiver) deliverJSON(ctx context.Context, s signal, body []byte, l *lease) (outcome, error) {
	if !l.add(int64(len(body))) {
		return outcome{}, overloaded()
	}
	buffer := r.buffers.take()
	defer r.buffers.put(buffer)
	transcode := otlpjson.ToProto
	if s == logs {
		transcode = otlpjson.LogsToProto
	}
	encoded, err := transcode(*buffer, body)
	if err != nil {
		return outcome{}, &refusal{model.RefusedMalformed, err.Error()}
	}
	*buffer = encoded
	if s == logs {
		return r.deliverLogs(ctx, encoded)
	}
	return r.deliverTraces(ctx, model.TransportHTTPJSON, encoded)
}

func (r *Receiver) deliverTraces(ctx context.Context, t model.Transport, request []byte) (outcome, error) {
	receipt, err := r.sink.Traces(ctx, request)
	if err != nil {
		return outcome{}, &refusal{model.RefusedMalformed, err.Error()}
	}
	r.intake.Spans[t].Add(uint64(receipt.Received))
	for reason, n := range receipt.Refused {
		if n > 0 {
			r.intake.RefusedSpans[reason].Add(uint64(n))
		}
	}
	return outcome{rejected: receipt.RefusedTotal(), message: receipt.Message}, nil
}

func (r *Receiver) deliverLogs(ctx context.Context, request []byte) (outcome, error) {
	receipt, err := r.sink.Logs(ctx, request)
	if err != nil {
		return outcome{}, &refusal{model.RefusedMalformed, err.Error()}
	}
	r.intake.LogRecords.Add(uint64(receipt.Received))
	return outcome{rejected: receipt.Refused, signal: logs, message: receipt.Message()}, nil
}

// countPoints counts data points. Errors are *refusal.
func (r *Receiver) countPoints(t model.Transport, body []byte) error {
	count := metricPoints
	if t == model.TransportHTTPJSON {
		count = otlpjson.MetricPoints
	}
	n, err := count(body)
	if err != nil {
		return &refusal{model.RefusedMalformed, err.Error()}
	}
	r.intake.MetricPoints.Add(uint64(n))
	return nil
}
