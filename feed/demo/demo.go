// Package demo generates the traces of a small web shop as a feed.Source.
//
// Faults repeat in a cycle of the wall clock; see Faults:
//
//	slow tenant   0–2 min  payments' postgres is 12 times slower for tenant acme
//	error burst   3–4 min  inventory throws for 60 % of its calls; its callers fail with it
package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"oteltop/feed"
	"oteltop/model"
)

const (
	defaultRate     = 25 // traces per second: lively, and far below 1 % of a core
	defaultBackfill = 5 * time.Minute
	tick            = 200 * time.Millisecond // how often batches are sent
	cycle           = 5 * time.Minute
)

// Fault is something that goes wrong at the same offsets of every cycle.
type Fault struct {
	Name, Cause string
	Start, End  time.Duration
}

// Faults lists the timetable.
func Faults() []Fault {
	return []Fault{
		{"slow tenant", "payments: postgres for tenant acme", 0, 2 * time.Minute},
		{"error burst", "inventory: exceptions", 3 * time.Minute, 4 * time.Minute},
	}
}

func active(fault int, at time.Time) bool {
	f, offset := Faults()[fault], time.Duration(at.UnixNano())%cycle
	return offset >= f.Start && offset < f.End
}

// Options of the generator; zero values mean the defaults.
type Options struct {
	Rate     float64 // traces per second
	Seed     uint64
	Backfill time.Duration // of history that is delivered at once
	Now      func() time.Time
	Intake   *model.Intake
}

// Demo is a feed.Source.
type Demo struct{ o Options }

// New makes a generator.
func New(o Options) *Demo {
	if o.Rate <= 0 {
		o.Rate = defaultRate
	}
	if o.Backfill == 0 {
		o.Backfill = defaultBackfill
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Intake == nil {
		o.Intake = new(model.Intake)
	}
	return &Demo{o}
}

// Generate gives the requests of the traces that begin in [from, to), one per service and tick.
func Generate(o Options, from, to time.Time) [][]byte {
	o = New(o).o
	var out [][]byte
	for at := from; at.Before(to); at = at.Add(tick) {
		r := rand.New(rand.NewPCG(o.Seed, uint64(at.UnixNano())))
		b := batch{r: r, spans: map[string][]byte{}}
		span := min(tick, to.Sub(at))
		n := o.Rate * span.Seconds()
		for count := int(n + r.Float64()); count > 0; count-- {
			b.trace(at.Add(time.Duration(r.Int64N(int64(span)))))
		}
		out = append(out, b.requests()...)
	}
	return out
}

// Run implements feed.Source: history first, then live until ctx ends. A trace is sent once it has
// ended, as SDKs do.
func (d *Demo) Run(ctx context.Context, sink feed.Sink) error {
	const longest = 3 * time.Second
	last := d.o.Now().Add(-d.o.Backfill)
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		to := d.o.Now().Add(-longest)
		for ; last.Add(tick).Before(to); last = last.Add(tick) {
			for _, q := range Generate(d.o, last, last.Add(tick)) {
				receipt, err := sink.Traces(ctx, q)
				if err != nil {
					return err
				}
				d.o.Intake.Requests[model.TransportDemo].Add(1)
				d.o.Intake.Bytes[model.TransportDemo].Add(uint64(len(q)))
				d.o.Intake.Spans[model.TransportDemo].Add(uint64(receipt.Received))
			}
			if ctx.Err() != nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// latency is log-normal around a median.
func latency(r *rand.Rand, median time.Duration) time.Duration {
	return min(time.Duration(float64(median)*math.Exp(0.4*r.NormFloat64())), 10*median)
}
