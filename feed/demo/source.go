package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"oteltop/feed"
	"oteltop/model"
)

const (
	slot = int64(time.Second)
	// tick is how often what is due is sent, flushEvery how often the SDK of a service sends its batch.
	tick       = 50 * time.Millisecond
	flushEvery = 300 * time.Millisecond
	// backfillStep is how much history makes a request per service.
	backfillStep = 2 * slot
)

// Demo is a feed.Source. It is used by one Run.
type Demo struct {
	o       Options
	pending []span // generated, not yet sent; in no order
	next    int64  // the slot to generate next, Unix ns
	enc     encoder
}

// New makes a generator.
func New(o Options) *Demo { return &Demo{o: o.withDefaults()} }

// Generate gives the requests of the traces that begin in [from, to), one per service and second. The
// traces do not depend on how a range is split.
func Generate(o Options, from, to time.Time) [][]byte {
	o = o.withDefaults()
	var out [][]byte
	e := encoder{}
	for at := floor(from.UnixNano()); at < to.UnixNano(); at += slot {
		spans := o.spans(at)
		spans = slices.DeleteFunc(spans, func(s span) bool {
			return s.begun < from.UnixNano() || s.begun >= to.UnixNano()
		})
		e.each(spans, func(req []byte, _ int) { out = append(out, slices.Clone(req)) })
	}
	return out
}

func floor(ns int64) int64 { return ns - (ns%slot+slot)%slot }

// spans are those of all traces that begin in the slot that starts at at.
func (o *Options) spans(at int64) []span {
	r := rand.New(rand.NewPCG(o.Seed, uint64(at)))
	n := int(o.Rate + r.Float64())
	var out []span
	for range n {
		t := tracer{o: o, r: rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))}
		out = append(out, t.trace(at+r.Int64N(slot))...)
	}
	return out
}

// Run implements feed.Source: history first, then live until ctx ends. Spans are sent after they have
// ended, when the SDK of their service flushes: children before their parents, over several requests.
func (d *Demo) Run(ctx context.Context, sink feed.Sink) error {
	now := d.o.Now().UnixNano()
	d.next = floor(now - int64(max(0, d.o.Backfill)))
	if d.o.Origin.IsZero() {
		d.o.Origin = time.Unix(0, d.next)
	}
	for d.next < now-backfillStep {
		for end := d.next + backfillStep; d.next < end; d.next += slot {
			d.pending = append(d.pending, d.o.spans(d.next)...)
		}
		if err := d.send(ctx, sink, min(d.next, now)); err != nil || ctx.Err() != nil {
			return err
		}
	}
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		for now = d.o.Now().UnixNano(); d.next <= now; d.next += slot {
			d.pending = append(d.pending, d.o.spans(d.next)...)
		}
		if err := d.send(ctx, sink, now); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// send delivers what is due by now.
func (d *Demo) send(ctx context.Context, sink feed.Sink, now int64) error {
	var due []span
	d.pending = slices.DeleteFunc(d.pending, func(s span) bool {
		if s.flush() > now {
			return false
		}
		due = append(due, s)
		return true
	})
	var failed error
	d.enc.each(due, func(req []byte, spans int) {
		if failed != nil || ctx.Err() != nil {
			return
		}
		d.o.Intake.Requests[model.TransportDemo].Add(1)
		d.o.Intake.Bytes[model.TransportDemo].Add(uint64(len(req)))
		d.o.Intake.Spans[model.TransportDemo].Add(uint64(spans))
		_, failed = sink.Traces(ctx, req)
	})
	d.enc.logs(due, func(req []byte, records int) {
		if failed != nil || ctx.Err() != nil {
			return
		}
		d.o.Intake.LogRecords.Add(uint64(records))
		_, failed = sink.Logs(ctx, req)
	})
	return failed
}

// flush is when the SDK of the span's service sends it: at the next beat of that service's clock after
// the span ended.
func (s *span) flush() int64 {
	every := int64(flushEvery)
	phase := int64(s.service) * 37e6 % every
	return (s.end-phase+every)/every*every + phase
}
