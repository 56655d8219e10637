package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/model"
	"oteltop/model/wire"
)

// spansOf lists the spans of a request by span id.
func spansOf(m *trace.TracesData) map[string]*trace.Span {
	spans := map[string]*trace.Span{}
	for _, rs := range m.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				spans[string(s.SpanId)] = s
			}
		}
	}
	return spans
}

func TestExportIsWhatWasReceived(t *testing.T) {
	r := New(Options{Encoders: 1})
	m := newLoad(3).request(500)
	if rc := append1(t, r, m); rc.Stored != 500 || rc.Message != "" {
		t.Fatalf("receipt %+v", rc)
	}
	want := spansOf(m)
	seen := 0
	r.Snapshot().Traces(func(info *TraceInfo) bool {
		b, ok := r.Export(info.ID)
		if !ok {
			t.Fatal("a retained trace is not exported")
		}
		var got trace.TracesData
		if err := proto.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		for id, s := range spansOf(&got) {
			seen++
			if s.Status == nil {
				s.Status = &trace.Status{} // an empty message and none are the same status
			}
			if !proto.Equal(s, want[id]) {
				t.Errorf("exported\n%v\nreceived\n%v", s, want[id])
			}
		}
		return true
	})
	if seen != 500 {
		t.Errorf("%d spans exported, want 500", seen)
	}
}

func TestRetryIsDroppedAndCollisionKept(t *testing.T) {
	r := New(Options{Encoders: 2})
	m := newLoad(4).request(300)
	append1(t, r, m)
	if rc := append1(t, r, m); rc.Duplicate != 300 || rc.Stored != 0 {
		t.Errorf("retry: %+v", rc)
	}
	other := proto.Clone(m).(*trace.TracesData)
	s := other.ResourceSpans[0].ScopeSpans[0]
	s.Spans = s.Spans[:1]
	s.Spans[0].Name = "another"
	if rc := append1(t, r, other); rc.Stored != 1 {
		t.Errorf("different span of the same id: %+v", rc)
	}
	if c := r.Counters(); c.IDCollision != 1 || c.Duplicate != 300 || c.Spans != 301 {
		t.Errorf("counters %+v", c)
	}
}

func TestInvalidIDsAreRefusedAlone(t *testing.T) {
	r := New(Options{Encoders: 1})
	m := newLoad(5).request(10)
	spans := m.ResourceSpans[0].ScopeSpans[0].Spans
	spans[1].TraceId = nil
	spans[2].SpanId = make([]byte, 8)
	spans[3].SpanId = []byte{1}
	spans[4].ParentSpanId = []byte{1, 2, 3}
	rc := append1(t, r, m)
	if rc.Received != 10 || rc.Stored != 6 || rc.Refused[model.RefusedInvalidID] != 4 || rc.Message == "" {
		t.Errorf("%+v", rc)
	}
}

func TestMalformedStoresNothing(t *testing.T) {
	r := New(Options{Encoders: 1})
	good := encode(t, newLoad(6).request(50))
	for cut := 1; cut < len(good); cut += 97 {
		if _, err := r.Append(good[:cut]); err == nil {
			t.Fatalf("cut at %d of %d: no error", cut, len(good))
		}
	}
	if c := r.Counters(); c.Stored != 0 || c.Spans != 0 || c.Received != 0 {
		t.Errorf("%+v", c)
	}
	if rc, err := r.Append(good); err != nil || rc.Stored != 50 {
		t.Errorf("after errors: %+v, %v", rc, err)
	}
}

func TestRequestBudget(t *testing.T) {
	for name, o := range map[string]Options{
		"spans": {MaxSpans: 3}, "attributes": {MaxAttributes: 35},
	} {
		rc := append1(t, New(o), newLoad(7).request(10))
		if rc.Stored != 3 || rc.Refused[model.RefusedBudget] != 7 || rc.Message == "" {
			t.Errorf("%s: %+v", name, rc)
		}
	}
}

// mirror is an observer that keeps what settlements say, by replacing.
type mirror struct {
	t       *testing.T
	mu      sync.Mutex
	arrived int
	sum     int
}

func (m *mirror) Arrived(batch []Arrival) {
	m.mu.Lock()
	m.arrived += len(batch)
	m.mu.Unlock()
}

func (m *mirror) Settled(s *Settlement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.Previous > len(s.Spans) {
		m.t.Errorf("previous %d of %d", s.Previous, len(s.Spans))
	}
	checkParents(m.t, s)
	m.sum += len(s.Spans) - s.Previous
}

// checkParents compares what a settlement says of parents with a search for their ids.
func checkParents(t *testing.T, s *Settlement) {
	t.Helper()
	at, unique := map[model.SpanID]int32{0: -1}, true
	for i := range s.Spans {
		if _, twin := at[s.Spans[i].ID]; twin {
			unique = false
		}
		at[s.Spans[i].ID] = int32(i)
	}
	var want []int32
	for i := range s.Spans {
		p, ok := at[s.Spans[i].Parent]
		if !ok || !unique {
			want = nil
			break
		}
		want = append(want, p)
	}
	if !slices.Equal(s.Parents, want) {
		t.Errorf("parents %v, want %v", s.Parents, want)
	}
}

// All counters are exact to the span: many senders, a tiny budget, retries, late spans, readers.
func TestCountersExact(t *testing.T) {
	o := &mirror{t: t}
	r := New(Options{Budget: 1 << 20, Encoders: 3, Observer: o})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			l := newLoad(uint64(w))
			draw := rand.New(rand.NewPCG(uint64(w), 9))
			for range 60 {
				m := l.request(1 + draw.IntN(200))
				spans := m.ResourceSpans[0].ScopeSpans[0].Spans
				late := spans[len(spans)/2:]
				m.ResourceSpans[0].ScopeSpans[0].Spans = spans[:len(spans)/2]
				append1(t, r, m)
				if draw.IntN(3) == 0 {
					append1(t, r, m)
					r.settle(draw.IntN(2) == 0)
				}
				m.ResourceSpans[0].ScopeSpans[0].Spans = late
				append1(t, r, m)
			}
		})
	}
	wg.Go(func() {
		for range 50 {
			checkSnapshot(t, r.Snapshot())
			time.Sleep(time.Millisecond)
		}
	})
	wg.Wait()
	r.Flush()
	c := r.Counters()
	refused := uint64(0)
	for _, n := range c.Refused {
		refused += n
	}
	if c.Received != c.Stored+c.Duplicate+refused || c.Stored != c.Spans+c.Evicted || c.Evicted == 0 || c.Open != 0 {
		t.Errorf("%+v", c)
	}
	if uint64(o.arrived) != c.Stored || uint64(o.sum) != c.Stored {
		t.Errorf("observer saw %d and %d of %d", o.arrived, o.sum, c.Stored)
	}
	if c.Bytes > c.Budget {
		t.Errorf("%d bytes of %d", c.Bytes, c.Budget)
	}
	if n := checkSnapshot(t, r.Snapshot()); uint64(n) != c.Spans {
		t.Errorf("snapshot has %d spans, counters %d", n, c.Spans)
	}
}

// checkSnapshot compares the two ways to reach spans, and returns how many there are.
func checkSnapshot(t *testing.T, s Snapshot) int {
	byTrace := map[uint32]int{}
	n := 0
	for _, g := range s.Segments() {
		g.Records(nil, func(i int, r *Record) bool {
			byTrace[r.Trace]++
			n++
			if _, ok := s.Trace(r.Trace); !ok {
				t.Errorf("a live record belongs to no trace")
			}
			for pos := range g.Class(r.Class).Keys {
				if code, ok := g.Code(i, pos); ok && g.Decode(code).String() != g.Value(i, pos).String() {
					t.Errorf("code and value differ")
				}
			}
			return true
		})
	}
	s.Traces(func(i *TraceInfo) bool {
		if i.Spans != byTrace[i.Index] || len(s.Spans(i.Index, nil)) != i.Spans {
			t.Errorf("trace of %d spans has %d records, %d settled", i.Spans, byTrace[i.Index], len(s.Spans(i.Index, nil)))
		}
		spans := s.Spans(i.Index, nil)
		for k, p := range s.Places(i.Index, nil) {
			if r := p.Segment.Record(p.Index); k >= len(spans) || r.ID != spans[k].ID || r.Start != spans[k].Start || r.Trace != i.Index {
				t.Errorf("span %d of a trace stands elsewhere: %v", k, r)
			}
		}
		return true
	})
	return n
}

// Whatever order they come in, the root is the one that linking puts first.
func TestRootsThatStartTogether(t *testing.T) {
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		r := New(Options{Encoders: 1})
		m := newLoad(3).request(2)
		list := m.ResourceSpans[0].ScopeSpans[0]
		for i, s := range list.Spans {
			s.TraceId, s.ParentSpanId = list.Spans[0].TraceId, nil
			s.StartTimeUnixNano, s.EndTimeUnixNano = 1000, uint64(1004+16*i)
		}
		both := list.Spans
		list.Spans = []*trace.Span{both[order[0]], both[order[1]]}
		append1(t, r, m)
		info, ok := r.Snapshot().Trace(0)
		if !ok || info.RootDur != 20 {
			t.Errorf("order %v: a root of %d ns, want the one of 20", order, info.RootDur)
		}
	}
}

// Whatever order they come in, a trace without a root is named after its main root (model.Tree.MainRoot) once it was
// quiet, and no longer when its root comes.
func TestTracesWithoutARoot(t *testing.T) {
	type made struct {
		id, parent byte
		start      uint64
	}
	for name, c := range map[string]struct {
		spans []made
		want  byte
	}{
		"the earliest is an orphan":        {[]made{{1, 9, 1000}, {2, 1, 1100}, {3, 9, 1200}}, 1},
		"a child before its parent":        {[]made{{1, 9, 1000}, {2, 1, 900}, {3, 8, 1200}}, 1},
		"a child before another orphan":    {[]made{{1, 9, 1000}, {2, 1, 900}, {3, 8, 950}}, 3},
		"a cycle after an orphan":          {[]made{{1, 9, 1000}, {2, 3, 1100}, {3, 2, 1200}}, 2},
		"orphans that start together":      {[]made{{2, 9, 1000}, {1, 8, 1000}}, 1},
		"a parent in the same nanosecond":  {[]made{{2, 9, 1000}, {1, 2, 1000}}, 2},
		"its own parent, after an orphan":  {[]made{{1, 9, 1000}, {2, 2, 1200}}, 2},
		"two spans of one id, both orphan": {[]made{{1, 9, 1000}, {1, 8, 900}}, 1},
	} {
		for range 2 {
			at := &clock{time.Unix(1_700_000_000, 0)}
			r := New(Options{Encoders: 1, Now: at.now})
			m := newLoad(3).request(1)
			list := m.ResourceSpans[0].ScopeSpans[0]
			of := func(s made) *trace.Span {
				x := &trace.Span{TraceId: list.Spans[0].TraceId, SpanId: []byte{0, 0, 0, 0, 0, 0, 0, s.id}, Name: fmt.Sprint("span ", s.id)}
				if s.parent != 0 {
					x.ParentSpanId = []byte{0, 0, 0, 0, 0, 0, 0, s.parent}
				}
				x.StartTimeUnixNano, x.EndTimeUnixNano = s.start, s.start+50
				return x
			}
			arrive := func(spans []made) TraceInfo {
				for _, s := range spans {
					list.Spans = []*trace.Span{of(s)}
					append1(t, r, m)
				}
				at.at = at.at.Add(defaultQuiet)
				r.settle(false)
				info, _ := r.Snapshot().Trace(0)
				return info
			}
			info := arrive(c.spans)
			if got := r.names.Operation(info.RootOp).Name; info.HasRoot || got != fmt.Sprint("span ", c.want) {
				t.Errorf("%s: named after %s, want span %d", name, got, c.want)
			}
			info = arrive([]made{{7, 0, 2000}})
			if got := r.names.Operation(info.RootOp).Name; !info.HasRoot || got != "span 7" || info.RootStart != 2000 {
				t.Errorf("%s: named after %s when its root came", name, got)
			}
			slices.Reverse(c.spans)
		}
	}
}

// A resource that is known is not checked again, but only as the whole that it was.
func TestResourcesAreChecked(t *testing.T) {
	r := New(Options{Encoders: 1})
	m := newLoad(6).request(1)
	resource := encode(t, m.ResourceSpans[0].Resource)
	scope := encode(t, m.ResourceSpans[0].ScopeSpans[0])
	serial := byte(0)
	request := func(parts ...[]byte) []byte {
		serial++
		own := bytes.Clone(scope)
		own[bytes.Index(own, m.ResourceSpans[0].ScopeSpans[0].Spans[0].SpanId)] = serial
		var b []byte
		for _, p := range parts {
			b = wire.AppendBytes(b, wire.Inner, p)
		}
		return wire.AppendBytes(nil, wire.ResourceSpans, wire.AppendBytes(b, wire.Children, own))
	}
	for _, c := range []struct {
		name  string
		parts [][]byte
		good  bool
	}{
		{"cut, as the first", [][]byte{resource[:len(resource)-1]}, false},
		{"whole", [][]byte{resource}, true},
		{"again", [][]byte{resource}, true},
		{"in two halves, neither of which is a message", [][]byte{resource[:len(resource)-1], resource[len(resource)-1:]}, false},
		{"twice", [][]byte{resource, resource}, true},
		{"with nothing", [][]byte{resource, nil}, true},
		{"cut", [][]byte{resource[:len(resource)-1]}, false},
		{"none", nil, true},
	} {
		rc, err := r.Append(request(c.parts...))
		if (err == nil) != c.good || (rc.Stored == 1) != c.good {
			t.Errorf("%s: %+v, %v", c.name, rc, err)
		}
	}
}
