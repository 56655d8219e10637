package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"oteltop/feed/otlpjson"
	"oteltop/model/wire"
)

// stream is a recording as protobuf requests, in the order in which they were sent.
type stream struct {
	requests [][]byte
	spans    []int // of each request
	first    int64 // earliest start, Unix ns
	last     int64 // latest start
}

// readStream reads newline-delimited OTLP JSON, gzipped.
func readStream(pattern string) (*stream, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no recording at %s", pattern)
	}
	file, err := os.Open(paths[0])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	s := &stream{first: 1 << 62}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		b, err := otlpjson.ToProto(nil, lines.Bytes())
		if err != nil {
			return nil, err
		}
		n := 0
		eachSpan(b, func(span []byte) {
			n++
			for f := wire.Of(span, 0, ""); f.Next(); {
				if f.Tag == wire.SpanStart {
					s.first, s.last = min(s.first, int64(f.Num)), max(s.last, int64(f.Num))
				}
			}
		})
		s.requests, s.spans = append(s.requests, slices.Clip(b)), append(s.spans, n)
	}
	return s, lines.Err()
}

// eachSpan calls yield for each span of a request.
func eachSpan(request []byte, yield func(span []byte)) {
	for f := wire.Of(request, 0, ""); f.Next(); {
		for g := wire.Of(f.Bytes, 0, ""); g.Next(); {
			if g.Tag != wire.Children {
				continue
			}
			for h := wire.Of(g.Bytes, 0, ""); h.Next(); {
				if h.Tag == wire.Children {
					yield(h.Bytes)
				}
			}
		}
	}
}

// renew gives the spans of a request, in place, the ids of another round and moves their times by shift ns.
func renew(request []byte, round uint64, shift int64) {
	eachSpan(request, func(span []byte) {
		for f := wire.Of(span, 0, ""); f.Next(); {
			switch f.Tag {
			case wire.SpanTraceID:
				if len(f.Bytes) == 16 {
					// Multiplied, so that rounds differ in all bits; round 0 leaves ids as they are.
					low := f.Bytes[8:]
					binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^round*0x9e3779b97f4a7c15)
				}
			case wire.SpanStart, wire.SpanEnd:
				raw := f.Raw()
				binary.LittleEndian.PutUint64(raw[len(raw)-8:], f.Num+uint64(shift))
			}
		}
	})
}

// senders is how many requests are on their way at a time.
const senders = 8

// send sends every request of the stream with the ids of a round, half over gRPC, and again every
// hundredth one, as exporters do whose answer got lost. It returns the spans that were sent.
func (s *stream) send(ctx context.Context, c *client, round uint64, shift func(request int) int64) (uint64, error) {
	var next atomic.Int64
	var sent atomic.Uint64
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range senders {
		wg.Go(func() {
			var scratch []byte
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(s.requests) {
					return
				}
				scratch = append(scratch[:0], s.requests[i]...)
				renew(scratch, round, shift(i))
				again := 1
				if i%100 == 0 {
					again = 2
				}
				for range again {
					if err := c.insist(ctx, scratch, i%2 == 0); err != nil {
						failed.CompareAndSwap(nil, &err)
						return
					}
					sent.Add(uint64(s.spans[i]))
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return sent.Load(), *err
	}
	return sent.Load(), nil
}

// asRecorded shifts the recording so that it ends now.
func (s *stream) asRecorded() func(int) int64 {
	shift := time.Now().UnixNano() - s.last
	return func(int) int64 { return shift }
}

// inAnHour spreads the part-th of n rounds over its part of the hour that ends now, keeping durations.
func (s *stream) inAnHour(part, n int) func(int) int64 {
	begin := time.Now().Add(-time.Hour * time.Duration(n-part) / time.Duration(n)).UnixNano()
	step := int64(time.Hour) / int64(n) / int64(len(s.requests))
	return func(request int) int64 { return begin + int64(request)*step - s.startOf(request) }
}

// startOf is the start of the first span of a request.
func (s *stream) startOf(request int) (start int64) {
	eachSpan(s.requests[request], func(span []byte) {
		for f := wire.Of(span, 0, ""); start == 0 && f.Next(); {
			if f.Tag == wire.SpanStart {
				start = int64(f.Num)
			}
		}
	})
	return start
}
