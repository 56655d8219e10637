package contention

import (
	"math/rand/v2"
	"testing"

	"oteltop/model"
	"oteltop/model/store"
)

// busy is a Fold of 20,000 requests of ten spans to ten instances, in which each operation takes longer the more run.
func busy(names store.Names) *Fold {
	rng := rand.New(rand.NewPCG(1, 2))
	f := New(names, nil)
	for i := range 10 {
		f.resources = append(f.resources, resource{name: string(rune('a' + i%5))})
	}
	at := int64(1e18)
	for trace := range 20_000 {
		at += int64(rng.ExpFloat64() * 2e6)
		f.traces++
		f.traceIDs = append(f.traceIDs, model.TraceID{Lo: uint64(trace) + 1})
		clear(f.stands)
		for k := range 10 {
			ns := int64(rng.ExpFloat64()*float64(5e6*(k+1))) + 1
			f.add(&store.Settled{Head: model.Head{Start: at + int64(k)*1e5, End: at + int64(k)*1e5 + ns, Op: uint32(k + 1)}}, int32(rng.IntN(10)), ns)
		}
	}
	return f
}

// BenchmarkFindings judges 200,000 spans.
func BenchmarkFindings(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		f := busy(oneName{})
		b.StartTimer()
		f.Findings()
	}
}
