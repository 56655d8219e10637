package store

import (
	"fmt"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// slack is what Bytes may be over Budget: the structures that are there when nothing is retained.
const slack = 256 << 10

func TestBudgetHoldsAgainstBombs(t *testing.T) {
	huge := func(spans int, change func(s *trace.Span)) *trace.TracesData {
		m := newLoad(8).request(spans)
		for _, s := range m.ResourceSpans[0].ScopeSpans[0].Spans {
			change(s)
		}
		return m
	}
	many := make([]byte, 1<<20)
	for i := range many {
		many[i] = 'x'
	}
	bombs := map[string]*trace.TracesData{
		"small spans": huge(50_000, func(s *trace.Span) { s.Attributes, s.Name = nil, "" }),
		"1 MB attribute": huge(6, func(s *trace.Span) {
			s.Attributes = append(s.Attributes, text("blob", string(many)))
		}),
		"1000 attributes": huge(50, func(s *trace.Span) {
			for i := range 1000 {
				s.Attributes = append(s.Attributes, text(s.Name+string(rune(i)), fmt.Sprintf("%x", s.SpanId)))
			}
		}),
		"distinct names": huge(5_000, func(s *trace.Span) { s.Name = string(many[:500]) + fmt.Sprintf("%x", s.SpanId) }),
		"one trace":      huge(20_000, func(s *trace.Span) { s.TraceId = traceID(1, 1); s.Attributes = nil }),
		"one id": huge(3_000, func(s *trace.Span) {
			s.TraceId, s.SpanId, s.Attributes = traceID(2, 2), spanID(7), nil
		}),
	}
	for name, m := range bombs {
		r := New(Options{Budget: 2 << 20, Encoders: 2})
		for range 3 {
			append1(t, r, m)
			append1(t, r, newLoad(9).request(300))
			if c := r.Counters(); c.Bytes > c.Budget+slack || c.Stored != c.Spans+c.Evicted {
				t.Errorf("%s: %d bytes of %d; %d stored, %d here, %d evicted", name, c.Bytes, c.Budget, c.Stored, c.Spans, c.Evicted)
			}
			checkSnapshot(t, r.Snapshot())
		}
	}
}

// A service with a trace a minute among 10,000 a minute of another can still be opened after the ring
// turned over.
func TestRareOutlivesTheRing(t *testing.T) {
	modeltest.OneGoroutine(t)
	c := &clock{time.Unix(1_700_000_000, 0)}
	r := New(Options{Budget: 2 << 20, Encoders: 1, Now: c.now})
	l := newLoad(10)
	var rare [][]byte
	for range 10 {
		m := l.request(1)
		m.ResourceSpans[0].Resource.Attributes[0] = text("service.name", "rare")
		m.ResourceSpans[0].ScopeSpans[0].Spans[0].Status = nil
		m.ResourceSpans[0].ScopeSpans[0].Spans[0].Name = "once a minute"
		rare = append(rare, m.ResourceSpans[0].ScopeSpans[0].Spans[0].TraceId)
		append1(t, r, m)
		for range 20 {
			chatty := l.request(500)
			chatty.ResourceSpans[0].Resource.Attributes[0] = text("service.name", "chatty")
			append1(t, r, chatty)
			l.now += int64(3 * time.Second)
			c.at = c.at.Add(3 * time.Second)
		}
	}
	if n := r.Counters(); n.Evicted < 3*n.Spans {
		t.Fatalf("the ring did not turn over: %+v", n)
	}
	for i, id := range rare {
		tr, ok := r.Trace(idOf(id))
		if !ok {
			t.Errorf("rare trace %d is gone", i)
		} else if len(tr.Spans) != 1 || tr.Spans[0].Name != "once a minute" {
			t.Errorf("rare trace %d is %+v", i, tr.Spans)
		}
	}
}

func TestPinnedStays(t *testing.T) {
	modeltest.OneGoroutine(t)
	r := New(Options{Budget: 2 << 20, Encoders: 1})
	l := newLoad(11)
	m := l.request(10)
	append1(t, r, m)
	id := idOf(m.ResourceSpans[0].ScopeSpans[0].Spans[0].TraceId)
	if !r.Pin(id, true) {
		t.Fatal("not pinned")
	}
	before, _ := r.Trace(id)
	for range 200 {
		append1(t, r, l.request(500))
	}
	after, ok := r.Trace(id)
	if !ok || len(after.Spans) != 10 || after.Kept.String() != "pinned" {
		t.Fatalf("pinned trace: %v, %+v", ok, after)
	}
	for i := range before.Spans {
		if a, b := before.Spans[i], after.Spans[i]; a.ID != b.ID || a.Name != b.Name || len(a.Attributes) != len(b.Attributes) || a.End != b.End {
			t.Errorf("span %d changed on the shelf: %+v, was %+v", i, b, a)
		}
	}
}

// told is one settlement, in short.
type told struct {
	spans, previous      int
	final, previousFinal bool
}

type recorder struct{ told []told }

func (r *recorder) Arrived([]Arrival) {}
func (r *recorder) Settled(s *Settlement) {
	r.told = append(r.told, told{len(s.Spans), s.Previous, s.Final, s.PreviousFinal})
}

func TestSettling(t *testing.T) {
	const server, client = trace.Span_SPAN_KIND_SERVER, trace.Span_SPAN_KIND_CLIENT
	for _, c := range []struct {
		name  string
		kind  trace.Span_SpanKind // of the second span
		steps func(r *Ring, at *clock, spans func(from, to int))
		want  []told
	}{
		{"complete and final after Quiet, since no call lacks its other side", server, func(r *Ring, at *clock, spans func(from, to int)) {
			spans(0, 3)
			at.at = at.at.Add(300 * time.Millisecond)
			r.settle(false)
			at.at = at.at.Add(10 * time.Second)
			r.settle(false)
			spans(3, 5)
			at.at = at.at.Add(300 * time.Millisecond)
			r.settle(false)
		}, []told{{3, 0, true, false}, {5, 3, true, true}}},
		{"complete after Quiet, final after Hard, late after that", client, func(r *Ring, at *clock, spans func(from, to int)) {
			spans(0, 3)
			at.at = at.at.Add(300 * time.Millisecond)
			r.settle(false)
			at.at = at.at.Add(10 * time.Second)
			r.settle(false)
			spans(3, 5)
			at.at = at.at.Add(300 * time.Millisecond)
			r.settle(false)
		}, []told{{3, 0, false, false}, {3, 3, true, false}, {5, 3, false, true}}},
		{"without root only after Hard", server, func(r *Ring, at *clock, spans func(from, to int)) {
			spans(1, 3)
			at.at = at.at.Add(3 * time.Second)
			r.settle(false)
			at.at = at.at.Add(8 * time.Second)
			r.settle(false)
		}, []told{{2, 0, true, false}}},
		{"flush", server, func(r *Ring, _ *clock, spans func(from, to int)) { spans(0, 4); r.Flush(); r.Flush() }, []told{{4, 0, true, false}}},
	} {
		at := &clock{time.Unix(1_700_000_000, 0)}
		o := &recorder{}
		r := New(Options{Encoders: 1, Now: at.now, Observer: o})
		all := newLoad(12).request(10)
		list := all.ResourceSpans[0].ScopeSpans[0]
		ten := list.Spans
		ten[1].Kind = c.kind
		c.steps(r, at, func(from, to int) { list.Spans = ten[from:to]; append1(t, r, all) })
		if len(o.told) != len(c.want) {
			t.Errorf("%s: told %+v, want %+v", c.name, o.told, c.want)
			continue
		}
		for i := range c.want {
			if o.told[i] != c.want[i] {
				t.Errorf("%s: told %+v, want %+v", c.name, o.told, c.want)
			}
		}
	}
}

func TestNamespaces(t *testing.T) {
	n := newNames(1 << 20)
	for _, c := range []struct{ name, namespace, want string }{
		{"cart", "shop", "cart"}, {"cart", "shop", "cart"}, {"cart", "lab", "lab/cart"}, {"cart", "", "cart"},
	} {
		if _, got, _ := n.service(c.name, c.namespace); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.name, c.namespace, got, c.want)
		}
	}
}

func FuzzAppend(f *testing.F) {
	f.Add(encode(f, newLoad(1).request(3)))
	f.Add([]byte{0x0a, 4, 0x12, 2, 0x12, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := New(Options{Budget: 1 << 20, Encoders: 1})
		rc, err := r.Append(b)
		if err == nil && rc.Received != rc.Stored+rc.Duplicate+rc.RefusedTotal() {
			t.Errorf("%+v", rc)
		}
		r.Flush()
		if n := checkSnapshot(t, r.Snapshot()); n != rc.Stored {
			t.Errorf("%d spans of %d", n, rc.Stored)
		}
		r.Snapshot().Traces(func(i *TraceInfo) bool {
			out, ok := r.Export(i.ID)
			if again, err := New(Options{Encoders: 1}).Append(out); !ok || err != nil || again.Stored != i.Spans {
				t.Errorf("exported trace of %d spans: %+v, %v", i.Spans, again, err)
			}
			return true
		})
	})
}

// A request in which every name is new takes many times its size. What is over the share of one request is
// refused before it takes any memory.
func TestRequestOfNewNames(t *testing.T) {
	const n = 20_000
	r := New(Options{Encoders: 1, Budget: 8 << 20})
	m := newLoad(13).request(n)
	for i, s := range m.ResourceSpans[0].ScopeSpans[0].Spans {
		s.Name = fmt.Sprintf("operation %d of many", i)
	}
	rc := append1(t, r, m)
	if rc.Received != n || rc.Stored == 0 || rc.Stored+int(rc.Refused[model.RefusedBudget]) != n || rc.Refused[model.RefusedBudget] == 0 {
		t.Errorf("%+v", rc)
	}
	e := r.all[0]
	if len(e.templates) > maxTemplates+1 || e.grown > 2*r.requestBytes {
		t.Errorf("%d templates are remembered, one request took %d bytes", len(e.templates), e.grown)
	}
}
