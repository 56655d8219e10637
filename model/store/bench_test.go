package store

import (
	"runtime"
	"testing"
	"time"
)

const benchBatch = 512

func benchRequests(b *testing.B, n int) [][]byte {
	l := newLoad(1)
	reqs := make([][]byte, n)
	for i := range reqs {
		reqs[i] = encode(b, l.request(benchBatch))
	}
	return reqs
}

// renew gives the spans of a request new trace ids, so that none is a duplicate.
func renew(req []byte, serial uint64) {
	for i := 0; i+18 < len(req); i++ {
		if req[i] == 0x0a && req[i+1] == 16 && req[i+18] == 0x12 && req[i+19] == 8 {
			for k := range 4 {
				req[i+2+k] = byte(serial >> (8 * k))
			}
			i += 28
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	reqs := benchRequests(b, 200)
	r := New(Options{Budget: 256 << 20, Encoders: 1})
	b.ReportAllocs()
	spans := 0
	for i := 0; b.Loop(); i++ {
		req := reqs[i%len(reqs)]
		b.StopTimer()
		renew(req, uint64(i))
		b.StartTimer()
		if _, err := r.Append(req); err != nil {
			b.Fatal(err)
		}
		spans += benchBatch
	}
	c := r.Counters()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
	b.ReportMetric(float64(c.Bytes)/float64(c.Spans), "B/span")
	start := time.Now()
	runtime.GC()
	b.ReportMetric(float64(time.Since(start).Microseconds())/1e3, "gc-ms")
	runtime.KeepAlive(r)
}

func filled(b *testing.B, spans int) *Ring {
	reqs := benchRequests(b, 200)
	r := New(Options{Budget: 512 << 20, Encoders: 1})
	for i := range spans / benchBatch {
		renew(reqs[i%len(reqs)], uint64(i))
		if _, err := r.Append(reqs[i%len(reqs)]); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

func BenchmarkScanHeads(b *testing.B) {
	r := filled(b, 300_000)
	b.ReportAllocs()
	n, hits := 0, 0
	for b.Loop() {
		for _, s := range r.Snapshot().Segments() {
			n += s.Len()
			s.Records(nil, func(_ int, r *Record) bool {
				if r.Duration > 40_000_000 {
					hits++
				}
				return true
			})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/span")
}

func BenchmarkScanCodes(b *testing.B) {
	r := filled(b, 300_000)
	b.ReportAllocs()
	n, hits := 0, 0
	for b.Loop() {
		for _, s := range r.Snapshot().Segments() {
			n += s.Len()
			s.Records(nil, func(i int, _ *Record) bool {
				if c, ok := s.Code(i, 1); ok && c == 3 {
					hits++
				}
				return true
			})
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/span")
}

func BenchmarkFlush(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		b.StopTimer()
		r := filled(b, 100_000)
		b.StartTimer()
		r.Flush()
		n += 100_000
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/span")
}
