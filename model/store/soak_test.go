package store_test

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"oteltop/feed/otlpjson"
	"oteltop/model"
	"oteltop/model/store"
	"oteltop/model/wire"
)

// recordedSpans is how much of the recording a test replays.
const recordedSpans = 12_000

// recording is the first requests of the recorded stream, as protobuf.
func recording(t *testing.T) (requests [][]byte) {
	t.Helper()
	paths, _ := filepath.Glob("../../../shared/fixtures/stream/*.jsonl.gz")
	if len(paths) == 0 {
		t.Skip("no recorded stream at ../shared/fixtures/stream, seen from the module's root")
	}
	file, err := os.Open(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for spans := 0; spans < recordedSpans && lines.Scan(); {
		b, err := otlpjson.ToProto(nil, lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		eachTraceID(b, func([]byte) { spans++ })
		requests = append(requests, b)
	}
	return requests
}

// eachTraceID calls yield with the trace id of each span of a request, in place.
func eachTraceID(request []byte, yield func(id []byte)) {
	for f := wire.Of(request, 0, ""); f.Next(); {
		for g := wire.Of(f.Bytes, 0, ""); g.Next(); {
			if g.Tag != wire.Children {
				continue
			}
			for h := wire.Of(g.Bytes, 0, ""); h.Next(); {
				for s := wire.Of(h.Bytes, 0, ""); h.Tag == wire.Children && s.Next(); {
					if s.Tag == wire.SpanTraceID {
						yield(s.Bytes)
					}
				}
			}
		}
	}
}

// round is a copy of a request with the trace ids of a round. Every fifth id becomes invalid where spoil is set.
func round(request []byte, n uint64, spoil bool) (b []byte, spoiled int) {
	b = append([]byte(nil), request...)
	k := 0
	eachTraceID(b, func(id []byte) {
		binary.BigEndian.PutUint64(id, binary.BigEndian.Uint64(id)+n)
		if k++; spoil && k%5 == 0 {
			clear(id)
			spoiled++
		}
	})
	return b, spoiled
}

// The recorded stream ten times over with new ids, from several senders at once, with repeated requests
// and invalid ids, through a ring that holds a tenth of it: every span is accounted for, and told to the
// observer once as arrived and once as settled.
func TestEverySpanIsAccountedFor(t *testing.T) {
	requests := recording(t)
	o := new(tally)
	r := store.New(store.Options{Budget: 3 << 20, Encoders: 2, Observer: o})
	const rounds, senders = 10, 3
	var total model.Receipt
	var sent, again, spoiled int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range senders {
		wg.Go(func() {
			for n := w; n < rounds; n += senders {
				for i, request := range requests {
					b, bad := round(request, uint64(n), i%7 == 0)
					times := 1
					if i%10 == 0 {
						times = 2 // the answer got lost
					}
					for k := range times {
						rc, err := r.Append(b)
						mu.Lock()
						if err != nil {
							t.Error(err)
						}
						total.Received += rc.Received
						total.Stored += rc.Stored
						total.Duplicate += rc.Duplicate
						total.Refused[model.RefusedInvalidID] += rc.Refused[model.RefusedInvalidID]
						sent, spoiled = sent+rc.Received, spoiled+bad
						if k > 0 {
							again += rc.Received - bad
						}
						mu.Unlock()
					}
				}
				r.Flush()
			}
		})
	}
	wg.Wait()
	r.Flush()
	c := r.Counters()
	if total.Received != sent || total.Received != total.Stored+total.Duplicate+spoiled || total.Refused[model.RefusedInvalidID] != spoiled {
		t.Errorf("sent %d, %d spoiled: %+v", sent, spoiled, total)
	}
	// A trace whose other spans were about to leave may be gone by the time that it comes again.
	if total.Duplicate > again || total.Duplicate < again/2 {
		t.Errorf("%d spans were sent again, %d are duplicates", again, total.Duplicate)
	}
	if c.Received != uint64(sent) || c.Stored != uint64(total.Stored) || c.Duplicate != uint64(total.Duplicate) || c.Refused[model.RefusedInvalidID] != uint64(spoiled) {
		t.Errorf("counters %+v, receipts %+v", c, total)
	}
	if c.Stored != c.Spans+c.Evicted || c.Evicted < c.Spans || again == 0 || spoiled == 0 {
		t.Errorf("%d stored, %d retained, %d evicted, %d sent again, %d spoiled", c.Stored, c.Spans, c.Evicted, again, spoiled)
	}
	here := 0
	r.Snapshot().Traces(func(i *store.TraceInfo) bool { here += i.Spans; return true })
	if uint64(here) != c.Spans {
		t.Errorf("%d spans in retained traces, counted %d", here, c.Spans)
	}
	if uint64(o.arrived) != c.Stored || uint64(o.settled) != c.Stored {
		t.Errorf("of %d spans the observer was told %d as arrived and %d as settled", c.Stored, o.arrived, o.settled)
	}
}

// tally is an observer that counts.
type tally struct {
	mu               sync.Mutex
	arrived, settled int
}

// Arrived implements store.Observer.
func (o *tally) Arrived(batch []store.Arrival) {
	o.mu.Lock()
	o.arrived += len(batch)
	o.mu.Unlock()
}

// Settled implements store.Observer.
func (o *tally) Settled(s *store.Settlement) {
	o.mu.Lock()
	o.settled += len(s.Spans) - s.Previous
	o.mu.Unlock()
}

// heapSlack is what the heap may hold beyond the budget when nothing is under way: encoders' scratch space
// and dictionaries, hash tables that are half empty.
const heapSlack = 8 << 20

// Whatever is sent, what the ring says it retains is what the heap holds, and both stay within the budget.
func TestHeapFollowsTheBudget(t *testing.T) {
	const budget = 16 << 20
	for name, bomb := range map[string]func(n uint64) []byte{
		"traces of one empty span": func(n uint64) []byte { return manySpans(20_000, n*20_000, "", nil) },
		"a trace of many spans":    func(n uint64) []byte { return manySpans(20_000, 1<<63|n, "", nil) },
		"new names": func(n uint64) []byte {
			var b []byte
			for i := range uint64(2_000) {
				b = append(b, manySpans(1, n*2_000+i, string(binary.BigEndian.AppendUint64(make([]byte, 200), n*2_000+i)), nil)...)
			}
			return b
		},
		"new keys": func(n uint64) []byte {
			var b []byte
			for i := range uint64(2_000) {
				key := string(binary.BigEndian.AppendUint64([]byte("key"), n*2_000+i))
				b = append(b, manySpans(1, n*2_000+i, "", wire.AppendKeyValue(nil, wire.SpanAttribute, key, nil))...)
			}
			return b
		},
		"blobs": func(n uint64) []byte {
			value := wire.AppendBytes(nil, 1<<3|2, make([]byte, 1<<20))
			return manySpans(4, n*4, "", wire.AppendKeyValue(nil, wire.SpanAttribute, "blob", value))
		},
		"empty events":     func(n uint64) []byte { return manySpans(20, n*20, "", emptyFields(wire.SpanEvent)) },
		"empty attributes": func(n uint64) []byte { return manySpans(10, n*10, "", emptyFields(wire.SpanAttribute)) },
	} {
		before := heap()
		r := store.New(store.Options{Budget: budget, Encoders: 2})
		for n := range uint64(16) {
			if _, err := r.Append(bomb(n)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		r.Flush()
		used, c := heap()-before, r.Counters()
		if used > budget+heapSlack || c.Bytes > budget {
			t.Errorf("%s: the heap holds %d KiB, counted %d KiB of %d", name, used>>10, c.Bytes>>10, budget>>10)
		}
		if used > c.Bytes+heapSlack {
			t.Errorf("%s: the heap holds %d KiB, counted are %d KiB", name, used>>10, c.Bytes>>10)
		}
		if c.Stored == 0 || c.Stored != c.Spans+c.Evicted {
			t.Errorf("%s: %+v", name, c)
		}
		runtime.KeepAlive(r)
	}
}

// heap is what is in use after a collection; two, so that pools are empty.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// emptyFields are 10,000 fields of two bytes.
func emptyFields(tag uint32) (b []byte) {
	for range 10_000 {
		b = wire.AppendBytes(b, tag, "")
	}
	return b
}

// manySpans is a request of n spans: each a trace of its own from first on, but all of one where its
// highest bit is set.
func manySpans(n, first uint64, name string, extra []byte) []byte {
	var spans []byte
	for i := range n {
		trace, id := first+i+1, uint64(1)
		if first>>63 == 1 {
			trace, id = 1<<63, first<<32|i+1
		}
		s := wire.AppendBytes(nil, wire.SpanTraceID, binary.BigEndian.AppendUint64(make([]byte, 8), trace))
		s = wire.AppendBytes(s, wire.SpanID, binary.BigEndian.AppendUint64(nil, id))
		s = append(wire.AppendBytes(s, wire.SpanName, name), extra...)
		spans = wire.AppendBytes(spans, wire.Children, s)
	}
	return wire.AppendBytes(nil, wire.ResourceSpans, wire.AppendBytes(nil, wire.Children, spans))
}
