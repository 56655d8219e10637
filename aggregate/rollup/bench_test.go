package rollup_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// load is traffic as busy services make it: 200 operations of 20 services in batches of 512, log-normal
// durations, 500,000 spans per second of event time.
type load struct {
	names   *rolluptest.Names
	batches [][]store.Arrival
}

const (
	loadBatch   = 512
	loadBatches = 32 // small enough to stay in cache, as batches are that were just stored
	loadStep    = int64(1e9 / 500_000)
)

func newLoad() *load {
	l := &load{names: new(rolluptest.Names)}
	kinds := []model.Kind{model.KindServer, model.KindClient, model.KindInternal, model.KindServer, model.KindClient}
	for i := range 200 {
		l.names.OperationID(fmt.Sprint("service", i%20), fmt.Sprint("op", i), kinds[i%len(kinds)])
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range loadBatches {
		batch := make([]store.Arrival, loadBatch)
		for i := range batch {
			op := uint32(rng.ExpFloat64()*40)%200 + 1
			o := l.names.Operation(op)
			a := &batch[i]
			a.Trace = model.TraceID{Hi: rng.Uint64(), Lo: 1}
			a.ID, a.Parent, a.Op, a.Service, a.Kind = model.SpanID(rng.Uint64()), model.SpanID(rng.Uint64()|1), op, o.Service, o.Kind
			a.End = int64(math.Exp(rng.NormFloat64()*.5 + 10 + float64(op%7)))
			if rng.IntN(100) == 0 {
				a.Status = model.StatusError
			}
		}
		l.batches = append(l.batches, batch)
	}
	return l
}

// at moves a batch to a start time.
func (l *load) at(i int, start int64) []store.Arrival {
	b := l.batches[i%loadBatches]
	for k := range b {
		d := b[k].End - b[k].Start
		b[k].Start = start + int64(k)*loadStep
		b[k].End = b[k].Start + d
	}
	return b
}

// BenchmarkArrived is the cost per span of a live rollup, ageing and sealing included.
func BenchmarkArrived(b *testing.B) {
	l := newLoad()
	c := &clock{at: modeltest.Base}
	r := rollup.New(rollup.Options{Names: l.names, Now: c.now})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Arrived(l.at(i, c.at)) // moving the batch costs about 1 ns per span
		c.at += loadBatch * loadStep
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i*loadBatch), "ns/span")
	b.ReportMetric(float64(r.Counters().Bytes)/(1<<20), "MiB")
}

func TestArrivedDoesNotAllocate(t *testing.T) {
	l := newLoad()
	r := rollup.New(rollup.Options{Names: l.names})
	for i := range loadBatches {
		r.Arrived(l.at(i, modeltest.Base))
	}
	if n := testing.AllocsPerRun(100, func() { r.Arrived(l.batches[0]) }); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

// benchTraces are healthy traces of 25 spans.
func benchTraces(names *rolluptest.Names) [][]store.Settled {
	rng := modeltest.Rand(1)
	var traces [][]store.Settled
	for range 200 {
		traces = append(traces, names.Settle(modeltest.Random(rng, 25)))
	}
	return traces
}

func BenchmarkSettled(b *testing.B) {
	names := new(rolluptest.Names)
	traces := benchTraces(names)
	r := rollup.New(rollup.Options{Names: names})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Settled(&store.Settlement{Trace: model.TraceID{Lo: uint64(i + 1)}, Spans: traces[i%len(traces)]})
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i*25), "ns/span")
}

// BenchmarkSettledFinal is the second settlement of every trace, which adds nothing to it.
func BenchmarkSettledFinal(b *testing.B) {
	names := new(rolluptest.Names)
	traces := benchTraces(names)
	r := rollup.New(rollup.Options{Names: names})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s := traces[i%len(traces)]
		r.Settled(&store.Settlement{Trace: model.TraceID{Lo: uint64(i + 1)}, Spans: s, Previous: len(s), Final: true})
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i*25), "ns/span")
}

// hour is an hour of data in a live rollup, at a lower rate than load's to keep the setup short.
func hour(b *testing.B) *rollup.Rollup {
	b.Helper()
	l := newLoad()
	c := &clock{at: modeltest.Base}
	r := rollup.New(rollup.Options{Names: l.names, Now: c.now})
	for i := range 3600 {
		r.Arrived(l.at(i, c.at))
		c.at += 1e9
	}
	b.ReportMetric(float64(r.Counters().Bytes)/(1<<20), "MiB")
	return r
}

func BenchmarkViewWhileWriting(b *testing.B) {
	r := hour(b)
	l := newLoad()
	end := r.View().Now
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.View()
		r.Arrived(l.at(i, end)) // pays for the copies that the view makes necessary
		i++
	}
}

func BenchmarkSums(b *testing.B) {
	v := hour(b).View()
	b.ReportAllocs()
	for b.Loop() {
		v.Sums(rollup.Window{})
	}
}

func BenchmarkHeat(b *testing.B) {
	v := hour(b).View()
	series := v.Series(func(s *rollup.Subject) bool { return s.Entry() })
	b.ReportAllocs()
	for b.Loop() {
		v.Heat(rollup.Window{}, v.Steps(rollup.Window{}, 120), series)
	}
}
