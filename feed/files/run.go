package files

import (
	"context"
	"errors"
	"fmt"

	"oteltop/feed"
	"oteltop/feed/otlpjson"
	"oteltop/model"
)

// run is the state of one reading of all files; owned by the goroutine of Run.
type run struct {
	*Files
	ctx    context.Context
	sink   feed.Sink
	pace   *pace // nil: as fast as possible
	path   string
	zipkin zipkinBatch
	buffer []byte // protobuf, reused from value to value
	errs   []error
	unkept int // problems beyond maxErrors
}

// fail notes a problem; line 0 is none. A problem that the end of ctx caused is none.
func (r *run) fail(line int, reason string) {
	switch {
	case r.ctx.Err() != nil:
	case len(r.errs) == maxErrors:
		r.unkept++
	default:
		r.errs = append(r.errs, &Error{Path: r.path, Line: line, Reason: reason})
	}
}

// refuse notes and counts something that cannot be handed to the sink.
func (r *run) refuse(line int, err error) {
	if r.ctx.Err() != nil {
		return
	}
	why := model.RefusedMalformed
	switch {
	case errors.As(err, &tooLong{}):
		why = model.RefusedTooLarge
	case errors.Is(err, errUnknown):
		why = model.RefusedUnsupported
	}
	r.Intake.Requests[model.TransportFile].Add(1)
	r.Intake.RefusedRequests[why].Add(1)
	r.fail(line, err.Error())
}

// errUnknown is a value of JSON that no format claims.
var errUnknown = errors.New("JSON, but neither OTLP, Jaeger nor Zipkin")

// value takes one line or document. The error is that of the context.
func (r *run) value(line int, v []byte) error {
	r.Intake.Bytes[model.TransportFile].Add(uint64(len(v)))
	switch detect(v) {
	case formatNothing:
	case formatOTLP:
		r.otlp(line, v)
	case formatLogs:
		r.logs(line, v)
	case formatMetrics:
		r.metrics(line, v)
	case formatJaeger:
		r.jaeger(line, v)
	case formatZipkin:
		taken, err := r.zipkin.add(line, v)
		r.taken(line, taken, err)
		if r.zipkin.full() {
			r.flushZipkin(false)
		}
	default:
		err := syntax(v)
		if err == nil {
			err = errUnknown
		}
		r.refuse(line, err)
	}
	return r.ctx.Err()
}

func (r *run) otlp(line int, v []byte) {
	out, err := otlpjson.ToProto(r.buffer[:0], v)
	if err != nil {
		r.refuse(line, err)
		return
	}
	r.buffer = out
	if err := r.deliver(out); err != nil {
		r.fail(line, err.Error())
	}
}

func (r *run) logs(line int, v []byte) {
	out, err := otlpjson.LogsToProto(r.buffer[:0], v)
	if err != nil {
		r.refuse(line, err)
		return
	}
	r.buffer = out
	receipt, err := r.sink.Logs(r.ctx, out)
	if err != nil {
		r.refuse(line, err)
		return
	}
	r.Intake.Requests[model.TransportFile].Add(1)
	r.Intake.LogRecords.Add(uint64(receipt.Received))
}

// metrics counts the data points that stand in files beside traces.
func (r *run) metrics(line int, v []byte) {
	n, err := otlpjson.MetricPoints(v)
	if err != nil {
		r.refuse(line, err)
		return
	}
	r.Intake.Requests[model.TransportFile].Add(1)
	r.Intake.MetricPoints.Add(uint64(n))
}

// taken notes what is wrong with a value, of which nothing, or all but a few spans, was taken.
func (r *run) taken(line int, some bool, err error) {
	switch {
	case err == nil:
	case some:
		r.fail(line, err.Error())
	default:
		r.refuse(line, err)
	}
}

func (r *run) jaeger(line int, v []byte) {
	requests, err := jaegerRequests(v)
	r.taken(line, len(requests) > 0, err)
	for i, q := range requests {
		if err := r.deliver(q); err != nil {
			r.fail(line, fmt.Sprintf("jaeger: trace %d by time: %v", i+1, err))
		}
	}
}

// flushZipkin delivers Zipkin spans that were held back until those they belong with had come.
func (r *run) flushZipkin(all bool) {
	r.zipkin.flush(all, func(line int, request []byte, err error) {
		if err == nil {
			err = r.deliver(request)
		}
		if err != nil {
			r.fail(line, "zipkin: the trace that begins here: "+err.Error())
		}
	})
}

// deliver hands one protobuf request to the sink, at its time when replaying, and counts it, its spans
// and what was refused of them.
func (r *run) deliver(request []byte) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	receipt, err := r.handOver(request)
	if err != nil && r.ctx.Err() != nil {
		return err
	}
	r.Intake.Requests[model.TransportFile].Add(1)
	if err != nil {
		r.Intake.RefusedRequests[model.RefusedMalformed].Add(1)
		return err
	}
	r.Intake.Spans[model.TransportFile].Add(uint64(receipt.Received))
	for why, n := range receipt.Refused {
		r.Intake.RefusedSpans[why].Add(uint64(n))
	}
	return nil
}

func (r *run) handOver(request []byte) (receipt model.Receipt, err error) {
	if r.pace != nil {
		if request, err = r.pace.retime(r.ctx, request); err != nil {
			return receipt, err
		}
	}
	return r.sink.Traces(r.ctx, request)
}
