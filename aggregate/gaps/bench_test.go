package gaps

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkMatch matches 100,000 calls, a hundred at any time, with as many traces.
func BenchmarkMatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	calls, servers := make([]span, 100_000), make([]span, 100_000)
	for i := range calls {
		start := int64(i) * 1e6
		calls[i] = span{start: start, end: start + rng.Int64N(200e6)}
		servers[i] = span{start: start + 1, end: calls[i].end - 1}
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		match(calls, servers, 0, func(*span, *span) { n++ })
		if n < 99_000 {
			b.Fatal(n)
		}
	}
}
