package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
	"oteltop/model/wire"
)

// shop is a system under a fake clock: a busy service with two spans a trace and a rare one with one.
type shop struct {
	t      *testing.T
	now    time.Time
	rand   *rand.Rand
	ring   *store.Ring
	engine *aggregate.Memory
	traces uint64
}

func newShop(t *testing.T, budget int64) *shop {
	s := &shop{t: t, now: time.Unix(1_700_000_000, 0), rand: rand.New(rand.NewPCG(1, 2))}
	clock := func() time.Time { return s.now }
	s.ring = store.New(store.Options{Budget: budget, Encoders: 1, Now: clock})
	roll := rollup.New(rollup.Options{Names: s.ring.Names(), Find: s.ring.Find, Now: clock})
	s.ring.Observe(roll)
	s.engine = aggregate.NewMemory(s.ring, roll, nil, aggregate.MemoryOptions{Live: true, Now: clock})
	return s
}

// sent is a trace that was sent.
type sent struct {
	id model.TraceID
	at time.Time
}

// visit appends a trace that ends now to the spans of a request.
func (s *shop) visit(spans []byte, d time.Duration, failed bool) ([]byte, sent) {
	s.traces++
	id := model.TraceID{Hi: s.rand.Uint64() | 1, Lo: s.traces}
	start := s.now.Add(-d - time.Duration(s.rand.IntN(1e9)))
	for k := uint64(1); k <= 2; k++ {
		b := wire.AppendBytes(nil, wire.SpanTraceID, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, id.Hi), id.Lo))
		b = wire.AppendBytes(b, wire.SpanID, binary.BigEndian.AppendUint64(nil, k))
		if k > 1 {
			b = wire.AppendBytes(b, wire.SpanParent, binary.BigEndian.AppendUint64(nil, 1))
		}
		b = wire.AppendBytes(b, wire.SpanName, fmt.Sprintf("step %d", k))
		b = wire.AppendVarint(b, wire.SpanKind, 3-k) // a server, and work within it
		b = wire.AppendFixed64(b, wire.SpanStart, uint64(start.UnixNano()))
		b = wire.AppendFixed64(b, wire.SpanEnd, uint64(start.Add(d/time.Duration(k)).UnixNano()))
		b = wire.AppendKeyValue(b, wire.SpanAttribute, "session", wire.AppendBytes(nil, 1<<3|2, fmt.Sprintf("%016x", s.rand.Uint64())))
		if failed {
			b = wire.AppendBytes(b, wire.SpanStatus, wire.AppendVarint(nil, wire.StatusCode, 2))
		}
		spans = wire.AppendBytes(spans, wire.Children, b)
	}
	return spans, sent{id, start}
}

// send exports the spans as one service.
func (s *shop) send(service string, spans []byte) {
	s.t.Helper()
	resource := wire.AppendKeyValue(nil, 1<<3|2, "service.name", wire.AppendBytes(nil, 1<<3|2, service))
	b := wire.AppendBytes(wire.AppendBytes(nil, wire.Inner, resource), wire.Children, spans)
	rc, err := s.ring.Append(wire.AppendBytes(nil, wire.ResourceSpans, b))
	if err != nil || rc.Stored != rc.Received {
		s.t.Fatalf("%+v, %v", rc, err)
	}
}

// usual is a duration around 10 ms: up to 14 ms, now and then longer, as latencies are.
func (s *shop) usual() time.Duration {
	return time.Duration(10e6 * (1 + .2*s.rand.ExpFloat64()))
}

// opens says whether a trace is there as a whole, and why.
func (s *shop) opens(x sent) (model.KeptBecause, bool) {
	t, ok := s.ring.Trace(x.id)
	if !ok || len(t.Spans) != 2 {
		return 0, false
	}
	return t.Kept, true
}

// One service sends 10,000 traces a minute, another one a minute, for ten minutes, through a ring that
// holds less than two. What a person wants to open is there all the same.
func TestFairRetention(t *testing.T) {
	const minutes, steps, perStep = 10, 20, 500
	s := newShop(t, 6<<20)
	var rare, failed, slow, ordinary []sent
	for range minutes {
		for step := range steps {
			var spans []byte
			for i := range perStep {
				var x sent
				switch {
				case i == 100: // 20 a minute fail
					spans, x = s.visit(spans, s.usual(), true)
					failed = append(failed, x)
				case i == 200 && step%10 == 5: // 2 a minute take a hundred times as long
					spans, x = s.visit(spans, time.Second+time.Duration(s.rand.IntN(1e9)), false)
					slow = append(slow, x)
				default:
					spans, x = s.visit(spans, s.usual(), false)
					if i == 300 {
						ordinary = append(ordinary, x)
					}
				}
			}
			s.send("busy", spans)
			if step == 7 {
				one, x := s.visit(nil, s.usual(), false)
				rare = append(rare, x)
				s.send("rare", one)
			}
			s.now = s.now.Add(time.Minute / steps)
			s.ring.Flush()
		}
	}
	c := s.ring.Counters()
	if held := s.now.Sub(time.Unix(0, c.Oldest)); held > 2*time.Minute {
		t.Fatalf("the ring holds %v: the test shows nothing", held)
	}
	if c.Bytes > c.Budget {
		t.Errorf("%d bytes of %d", c.Bytes, c.Budget)
	}
	kept := s.check("rare", rare, minutes*time.Minute, 1)
	if kept[model.KeptRare] < minutes-3 {
		t.Errorf("rare traces are kept because %v", kept)
	}
	kept = s.check("failed", failed, 5*time.Minute, 1)
	if kept[model.KeptError] == 0 || kept[model.KeptError]+kept[model.KeptRecent] < len(kept) {
		t.Errorf("failed traces are kept because %v", kept)
	}
	kept = s.check("slow", slow, 5*time.Minute, 1)
	if kept[model.KeptSlow] == 0 {
		t.Errorf("slow traces are kept because %v", kept)
	}
	// Of ordinary traces of that age nearly all are gone, so that none of the above was luck.
	gone := 0
	for _, x := range ordinary {
		if _, ok := s.opens(x); !ok {
			gone++
		}
	}
	if gone < len(ordinary)/2 {
		t.Errorf("only %d of %d ordinary traces are gone", gone, len(ordinary))
	}
	s.checkHeatmaps()
}

// check opens all traces that started within the window, and counts why they are kept.
func (s *shop) check(what string, all []sent, window time.Duration, share float64) map[model.KeptBecause]int {
	s.t.Helper()
	kept := map[model.KeptBecause]int{}
	young, open := 0, 0
	for _, x := range all {
		if x.at.Before(s.now.Add(-window)) {
			continue
		}
		young++
		if why, ok := s.opens(x); ok {
			open++
			kept[why]++
		}
	}
	if young == 0 || float64(open) < share*float64(young) {
		s.t.Errorf("%d of %d %s traces of the last %v open", open, young, what, window)
	}
	return kept
}

// checkHeatmaps opens the exemplar of every cell of the heatmaps that screens show.
func (s *shop) checkHeatmaps() {
	s.t.Helper()
	window := aggregate.Window{From: s.now.Add(-5 * time.Minute).UnixNano(), To: s.now.UnixNano()}
	for _, focus := range []aggregate.Focus{{}, {Service: "busy"}, {Service: "rare"}} {
		q := aggregate.HeatmapQuery{Query: aggregate.Query{Focus: focus, Window: window}}
		h, err := s.engine.Heatmap(context.Background(), q)
		if err != nil {
			s.t.Fatal(err)
		}
		cells, empty, shut := 0, 0, 0
		for i, n := range h.Counts {
			if n == 0 {
				continue
			}
			cells++
			if h.Exemplars[i].IsZero() {
				empty++
			} else if _, ok := s.opens(sent{id: h.Exemplars[i]}); !ok {
				shut++
			}
		}
		if cells == 0 || shut > 0 || empty > 0 {
			s.t.Errorf("%+v: of %d cells %d have no exemplar, %d one that does not open", focus, cells, empty, shut)
		}
	}
}
