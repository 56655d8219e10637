package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"oteltop/feed"
	"oteltop/feed/otlpjson"
	"oteltop/model"
)

// Sink is feed.Sink.
type Sink = feed.Sink

// run is the state of one reading of all files; owned by the goroutine of Run.
type run struct {
	*Files
	ctx    context.Context
	sink   Sink
	pace   *pace // nil: as fast as possible
	path   string
	zipkin zipkinBatch
	buffer []byte // protobuf, reused from value to value
	errs   []error
	unkept int // problems beyond maxErrors
}

// fail notes a problem; line 0 is none.
func (r *run) fail(line int, reason string) {
	if len(r.errs) == maxErrors {
		r.unkept++
		return
	}
	r.errs = append(r.errs, &Error{Path: r.path, Line: line, Reason: reason})
}

// file reads one file to its end.
func (r *run) file(path string) {
	r.path = path
	var in io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			r.fail(0, reason(err))
			return
		}
		defer f.Close()
		in = f
	}
	plain, closer, err := decompress(counted{in, &r.read})
	if err != nil {
		r.fail(0, err.Error())
		return
	}
	defer closer()
	b := bufio.NewReaderSize(plain, peekSize)
	head, err := b.Peek(peekSize)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && len(head) == 0:
		r.fail(1, err.Error())
	case isJSON(head):
		r.json(b)
	case len(head) > 0 && head[0] == tagResourceSpans:
		r.protobuf(b)
	case len(bytes.TrimSpace(head)) > 0:
		r.fail(1, "neither JSON nor OTLP protobuf")
	}
}

// json delivers the values of a JSON file.
func (r *run) json(b *bufio.Reader) {
	err := values(b, func(line int, value []byte) error {
		if why := r.value(value); why != "" {
			r.fail(line, why)
		}
		return r.ctx.Err()
	}, r.fail)
	if why := r.flushZipkin(); why != "" {
		r.fail(0, why)
	}
	if err != nil && r.ctx.Err() == nil {
		r.fail(0, err.Error())
	}
}

// value delivers one line or document and returns why it could not, or "".
func (r *run) value(v []byte) string {
	r.Intake.Bytes[model.TransportFile].Add(uint64(len(v)))
	switch detect(v) {
	case formatOTLP:
		out, err := otlpjson.ToProto(r.buffer[:0], v)
		if err != nil {
			return err.Error()
		}
		r.buffer = out
		return r.deliver(out)
	case formatLogs:
		n, err := otlpjson.LogRecords(v)
		r.Intake.LogRecords.Add(uint64(n))
		return text(err)
	case formatMetrics:
		n, err := otlpjson.MetricPoints(v)
		r.Intake.MetricPoints.Add(uint64(n))
		return text(err)
	case formatJaeger:
		return r.jaeger(v)
	case formatZipkin:
		if err := r.zipkin.add(v); err != nil {
			return err.Error()
		}
		if len(r.zipkin.spans) >= zipkinBatchSpans {
			return r.flushZipkin()
		}
		return ""
	case formatNothing:
		return ""
	}
	if why := syntax(v); why != "" {
		return why
	}
	return "JSON, but neither OTLP, Jaeger nor Zipkin"
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (r *run) jaeger(v []byte) string {
	requests, err := jaegerRequests(v)
	if err != nil {
		return err.Error()
	}
	for _, q := range requests {
		if why := r.deliver(q); why != "" {
			return why
		}
	}
	return ""
}

// flushZipkin delivers the Zipkin spans that were held back until those they belong with had come.
func (r *run) flushZipkin() string {
	if len(r.zipkin.spans) == 0 {
		return ""
	}
	request, err := r.zipkin.request()
	r.zipkin.spans = nil
	if err != nil {
		return err.Error()
	}
	return r.deliver(request)
}

// deliver hands one protobuf request to the sink, at its time when replaying, and counts it.
func (r *run) deliver(request []byte) string {
	if r.pace != nil {
		var err error
		if request, err = r.pace.retime(r.ctx, request); err != nil {
			return err.Error()
		}
	}
	r.Intake.Requests[model.TransportFile].Add(1)
	receipt, err := r.sink.Traces(r.ctx, request)
	if err != nil {
		r.Intake.RefusedRequests[model.RefusedMalformed].Add(1)
		return err.Error()
	}
	r.Intake.Spans[model.TransportFile].Add(uint64(receipt.Received))
	for why, n := range receipt.Refused {
		r.Intake.RefusedSpans[why].Add(uint64(n))
	}
	return ""
}
