package rollup_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// figures are the counts of a view by what they count, for comparing views whose series were made in
// another order.
type figures map[string]int64

func figuresOf(v *rollup.View, w rollup.Window) figures {
	out := figures{}
	for i, s := range v.Sums(w) {
		if i == 0 {
			continue
		}
		subject := v.Subjects[i]
		name := fmt.Sprintf("measure %d op %d service %d", subject.Measure, subject.Op, subject.Service)
		if subject.Edge >= 0 {
			name = fmt.Sprintf("measure %d edge %v", subject.Measure, v.Edges[subject.Edge])
		}
		s.Latency.Each(func(bin int, n int64) { out[fmt.Sprint(name, " bin ", bin)] += n })
		if s.Errors != 0 {
			out[name+" errors"] += s.Errors
		}
		if s.Self != 0 {
			out[name+" self"] += s.Self
		}
	}
	out["pending"], out["broken"] = int64(v.Counters.Pending), int64(v.Counters.Broken)
	return out
}

func requireSame(t *testing.T, got, want figures, what string) {
	t.Helper()
	for k, w := range want {
		if got[k] != w {
			t.Fatalf("%s: %s: %d, want %d", what, k, got[k], w)
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok && g != 0 {
			t.Fatalf("%s: %s: %d, want none", what, k, g)
		}
	}
}

// randomTrace is a healthy or a hostile trace, with peers and links sprinkled over it.
func randomTrace(rng *rand.Rand) []model.Span {
	var spans []model.Span
	if rng.IntN(3) == 0 {
		spans = modeltest.Random(rng, 1+rng.IntN(40))
	} else {
		spans = modeltest.Hostile(rng, 1+rng.IntN(40))
	}
	for i := range spans {
		s := &spans[i]
		switch rng.IntN(6) {
		case 0:
			s.Attributes = append(s.Attributes, model.Attribute{Key: "peer", Value: model.StringValue("peer")})
		case 1:
			s.Attributes = append(s.Attributes, model.Attribute{Key: "peer", Value: model.StringValue("pg")},
				model.Attribute{Key: "db.system", Value: model.StringValue("pg")})
		case 2:
			s.Attributes = append(s.Attributes, model.Attribute{Key: "peer", Value: model.StringValue("queue")},
				model.Attribute{Key: "messaging.system", Value: model.StringValue("q")})
			for range rng.IntN(3) {
				s.Links = append(s.Links, model.Link{TraceID: s.TraceID, SpanID: spans[rng.IntN(len(spans))].ID})
			}
		}
	}
	return spans
}

func TestSettlingInPartsIsSettlingOnce(t *testing.T) {
	rng := modeltest.Rand(11)
	for round := range 300 {
		names := new(rolluptest.Names)
		once, parts := rollup.New(rollup.Options{Names: names}), rollup.New(rollup.Options{Names: names})
		for range 1 + rng.IntN(4) {
			spans := names.Settle(randomTrace(rng))
			id := model.TraceID{Hi: rng.Uint64(), Lo: 1}
			final := rng.IntN(4) > 0
			once.Fold(id, spans, final)
			previous, wasFinal := 0, false
			for previous < len(spans) {
				n := previous + 1 + rng.IntN(len(spans)-previous)
				parts.Arrived(rolluptest.Arrivals(id, spans[previous:n]))
				isFinal := rng.IntN(2) == 0
				parts.Settled(&store.Settlement{Trace: id, Spans: spans[:n], Previous: previous, PreviousFinal: wasFinal, Final: isFinal})
				previous, wasFinal = n, isFinal
			}
			parts.Settled(&store.Settlement{Trace: id, Spans: spans, Previous: previous, PreviousFinal: wasFinal, Final: final})
		}
		requireSame(t, figuresOf(parts.View(), rollup.Window{}), figuresOf(once.View(), rollup.Window{}), fmt.Sprint("round ", round))
	}
}

// bruteForce recomputes what does not need the edges, in the plainest way.
func bruteForce(traces map[model.TraceID][]store.Settled) figures {
	want := figures{}
	count := func(m rollup.Measure, op uint32, h *model.Head) {
		name := fmt.Sprintf("measure %d op %d service %d", m, op, h.Service)
		want[fmt.Sprint(name, " bin ", hist.Bin(h.Duration()))]++
		if h.Status == model.StatusError {
			want[name+" errors"]++
		}
	}
	for _, spans := range traces {
		heads := make([]model.Head, len(spans))
		for i := range spans {
			heads[i] = spans[i].Head
			count(rollup.MeasureOperation, heads[i].Op, &heads[i])
		}
		var tree model.Tree
		tree.Link(heads)
		for i, self := range model.SelfTimes(heads, &tree, nil) {
			n := tree.Nodes[i]
			if n.Span < 0 {
				continue
			}
			h := &heads[n.Span]
			if self != 0 {
				want[fmt.Sprintf("measure %d op %d service %d self", rollup.MeasureOperation, h.Op, h.Service)] += min(self, 1<<50)
			}
			parentService := h.Service
			if n.Parent >= 0 && tree.Nodes[n.Parent].Span >= 0 {
				parentService = heads[tree.Nodes[n.Parent].Span].Service
			}
			entry := h.Parent == 0 || n.Parent < 0 || parentService != h.Service
			if entry && h.Kind != model.KindServer && h.Kind != model.KindConsumer {
				count(rollup.MeasureEntry, 0, h)
			}
		}
		if root := tree.MainRoot(); root >= 0 {
			h := &heads[tree.Nodes[root].Span]
			count(rollup.MeasureRoot, h.Op, h)
		}
	}
	return want
}

func TestTotalsAreThoseOfBruteForce(t *testing.T) {
	rng := modeltest.Rand(5)
	for round := range 60 {
		names, traces := new(rolluptest.Names), map[model.TraceID][]store.Settled{}
		r := rollup.New(rollup.Options{Names: names})
		for i := range 20 {
			id := model.TraceID{Lo: uint64(i + 1)}
			traces[id] = names.Settle(randomTrace(rng))
			r.Fold(id, traces[id], true)
		}
		got := figuresOf(r.View(), rollup.Window{})
		maps.DeleteFunc(got, func(k string, _ int64) bool { return slices.Contains([]string{"pending", "broken"}, k) })
		for m := rollup.MeasureCall; m <= rollup.MeasureBare; m++ {
			prefix := fmt.Sprintf("measure %d edge", m)
			maps.DeleteFunc(got, func(k string, _ int64) bool { return len(k) > len(prefix) && k[:len(prefix)] == prefix })
		}
		requireSame(t, got, bruteForce(traces), fmt.Sprint("round ", round))
	}
}

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at int64
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(0, c.at)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.at += int64(d)
	c.mu.Unlock()
}

func oneSpan(start, duration int64) []store.Arrival {
	return []store.Arrival{{
		Head:  model.Head{ID: 1, Start: start, End: start + duration, Service: 1, Op: 1, Kind: model.KindServer},
		Trace: model.TraceID{Lo: uint64(start)},
	}}
}

func oneOperation() *rolluptest.Names {
	n := new(rolluptest.Names)
	n.OperationID("web", "GET", model.KindServer)
	return n
}

func total(v *rollup.View, w rollup.Window) uint64 {
	s := v.Sum(w, v.Series(func(s *rollup.Subject) bool { return s.Measure == rollup.MeasureOperation }))
	return s.Latency.Count()
}

func TestLiveRetention(t *testing.T) {
	c := &clock{at: modeltest.Base}
	r := rollup.New(rollup.Options{Names: oneOperation(), Now: c.now})
	const seconds = 2 * 3600
	for range seconds {
		r.Arrived(oneSpan(c.at, 1e6))
		c.advance(time.Second)
	}
	v := r.View()
	if got := total(v, rollup.Window{}); got != seconds {
		t.Errorf("everything: %d, want %d", got, seconds)
	}
	if got := total(v, rollup.Window{From: 1}); got < 3600 || got > 3600+60 {
		t.Errorf("dated: %d, want an hour", got)
	}
	for _, back := range []int64{10, 60, 300, 600, 1800, 3540} {
		from := c.at - back*1e9
		if got := total(v, rollup.Window{From: from}); int64(got) < back-15 || int64(got) > back+15 {
			t.Errorf("the last %d s hold %d", back, got)
		}
		if got := total(v, rollup.Window{From: from, To: from + 60e9}) + total(v, rollup.Window{From: from + 60e9}); got != total(v, rollup.Window{From: from}) {
			t.Errorf("windows that touch at %d s do not add up", back)
		}
	}
	if v.Counters.Undated != 0 {
		t.Errorf("%d undated", v.Counters.Undated)
	}
	if s := v.Steps(rollup.Window{From: c.at - 120e9}, 62); s.Step != 2e9 || s.Columns < 60 {
		t.Errorf("two minutes: %+v", s)
	}
}

// Steady traffic is level from end to end, whenever it is looked at.
func TestWholeColumnsAreLevel(t *testing.T) {
	c := &clock{at: modeltest.Base}
	r := rollup.New(rollup.Options{Names: oneOperation(), Now: c.now})
	const each = int64(2e8) // ns
	for range 7 * int64(60e9) / each {
		r.Arrived(oneSpan(c.at, 1e6))
		c.advance(time.Duration(each))
	}
	for range 20 {
		for range int64(14e8) / each {
			r.Arrived(oneSpan(c.at, 1e6))
			c.advance(time.Duration(each))
		}
		v := r.View()
		w := rollup.Window{From: c.at - 300e9}
		s := v.Steps(w, 60)
		from, to := v.Whole(w, s)
		if to-from < s.Columns-3 {
			t.Fatalf("%d to %d of %+v", from, to, s)
		}
		operations := v.Series(func(s *rollup.Subject) bool { return s.Measure == rollup.MeasureOperation })
		v.Columns(w, s, func(column int, stats []rollup.Stat) {
			calls := uint64(0)
			for _, series := range operations {
				calls += stats[series].Latency.Count()
			}
			if whole := int64(calls) == s.Step/each; column >= from && column < to && !whole {
				t.Errorf("%d calls in column %d of %d to %d, %s after the first", calls, column, from, to, time.Duration(c.at-modeltest.Base))
			}
		})
	}
	v := r.View()
	if from, to := v.Whole(rollup.Window{}, rollup.Steps{Start: modeltest.Base, Step: 600e9, Columns: 2}); from != 0 || to != 2 {
		t.Errorf("%d to %d of two columns", from, to)
	}
}

// A recording ends within a step; a window that ends before it does cuts one too.
func TestWholeColumnsOfARecording(t *testing.T) {
	r := rollup.New(rollup.Options{Names: oneOperation()})
	for i := range int64(1000) {
		r.Arrived(oneSpan(modeltest.Base+i*1e8, 1e6))
	}
	v := r.View()
	for _, c := range []struct {
		from, to, step   int64 // s
		columns          int
		wantFrom, wantTo int
	}{
		{0, 0, 10, 10, 0, 10},
		{0, 0, 30, 4, 0, 3},
		{20, 80, 30, 3, 1, 2},
	} {
		w := rollup.Window{}
		if c.to > 0 {
			w = rollup.Window{From: modeltest.Base + c.from*1e9, To: modeltest.Base + c.to*1e9}
		}
		if from, to := v.Whole(w, rollup.Steps{Start: modeltest.Base, Step: c.step * 1e9, Columns: c.columns}); from != c.wantFrom || to != c.wantTo {
			t.Errorf("%+v: %d to %d", c, from, to)
		}
	}
}

func TestLiveClocksThatAreWrong(t *testing.T) {
	c := &clock{at: modeltest.Base}
	r := rollup.New(rollup.Options{Names: oneOperation(), Now: c.now})
	for _, start := range []int64{0, 1, c.at - 2*3600e9, c.at + 180e9, 1<<63 - 1, -5} {
		b := oneSpan(start, 0)
		r.Arrived(b)
	}
	r.Arrived(oneSpan(c.at, 5))
	v := r.View()
	if v.Counters.Undated != 6 || total(v, rollup.Window{}) != 7 || total(v, rollup.Window{From: 1}) != 1 {
		t.Errorf("undated %d, all %d, dated %d", v.Counters.Undated, total(v, rollup.Window{}), total(v, rollup.Window{From: 1}))
	}
}

// What a trace contributed is taken back wherever ageing has moved it meanwhile.
func TestSettlingAgainAfterAgeing(t *testing.T) {
	rng := modeltest.Rand(21)
	for round := range 40 {
		names, c := new(rolluptest.Names), &clock{at: modeltest.Base + 5e9}
		once := rollup.New(rollup.Options{Names: names, Now: c.now})
		parts := rollup.New(rollup.Options{Names: names, Now: c.now})
		spans := names.Settle(randomTrace(rng))
		id, n := model.TraceID{Lo: 1}, 1+rng.IntN(len(spans))
		once.Fold(id, spans, true)
		parts.Arrived(rolluptest.Arrivals(id, spans))
		parts.Settled(&store.Settlement{Trace: id, Spans: spans[:n]})
		c.advance(6 * time.Minute) // into the coarse tier
		parts.Settled(&store.Settlement{Trace: id, Spans: spans, Previous: n, Final: true})
		want := figuresOf(once.View(), rollup.Window{})
		requireSame(t, figuresOf(parts.View(), rollup.Window{}), want, fmt.Sprint("round ", round, ", coarse"))
		c.advance(2 * time.Hour) // into the base
		parts.Settled(&store.Settlement{Trace: id, Spans: spans, Previous: len(spans), PreviousFinal: true})
		parts.Settled(&store.Settlement{Trace: id, Spans: spans, Previous: len(spans), Final: true})
		requireSame(t, figuresOf(parts.View(), rollup.Window{}), want, fmt.Sprint("round ", round, ", base"))
	}
}

func TestRates(t *testing.T) {
	c := &clock{at: modeltest.Base}
	names := oneOperation()
	r := rollup.New(rollup.Options{Names: names, Now: c.now})
	for range 10 {
		for range 20 {
			b := oneSpan(c.at, 1)
			r.Arrived(b)
			r.Settled(&store.Settlement{Trace: b[0].Trace, Spans: []store.Settled{{Head: b[0].Head}}})
		}
		c.advance(time.Second)
	}
	if spans, traces := r.Rates(); spans != 20 || traces != 20 {
		t.Errorf("%v spans/s, %v traces/s, want 20", spans, traces)
	}
	c.advance(time.Minute)
	if spans, _ := r.Rates(); spans != 0 {
		t.Errorf("%v spans/s after a minute of silence", spans)
	}
}

func TestFilesOfAnyLength(t *testing.T) {
	const day = 24 * 3600e9
	for _, length := range []int64{1e9, 600e9, 9*3600e9 + 45*60e9, 3 * day, 30 * day} {
		r := rollup.New(rollup.Options{Names: oneOperation()})
		const n = 20_000
		rng := modeltest.Rand(uint64(length))
		order := rng.Perm(n)
		for _, i := range order {
			r.Arrived(oneSpan(modeltest.Base+int64(i)*(length/n), 1e6))
		}
		for i := range 50 { // clocks that cannot be right
			r.Arrived(oneSpan([]int64{0, 1, 3600e9 + int64(i)*1e12, 16_700_000_000_000_000_000 % (1<<62 - 1)}[i%4], 1e6))
		}
		v := r.View()
		if got := total(v, rollup.Window{}); got != n+50 {
			t.Errorf("length %d: %d spans in total, want %d", length, got, n+50)
		}
		if got := total(v, rollup.Window{From: modeltest.Base - day}); length <= 30*day && got != n {
			t.Errorf("length %d: %d spans dated, want %d", length, got, n)
		}
		if v.Counters.Buckets > 720 {
			t.Errorf("length %d: %d buckets", length, v.Counters.Buckets)
		}
		if s := v.Steps(rollup.Window{}, 100); int64(s.Columns)*s.Step > 2*length+8e9 || s.Columns > 100 {
			t.Errorf("length %d: %d columns of %d s", length, s.Columns, s.Step/1e9)
		}
		var sum uint64
		w := rollup.Window{From: modeltest.Base - day}
		v.Columns(w, v.Steps(w, 50), func(_ int, stats []rollup.Stat) {
			for i := range stats {
				if v.Subjects[i].Measure == rollup.MeasureOperation {
					sum += stats[i].Latency.Count()
				}
			}
		})
		if sum != n {
			t.Errorf("length %d: columns hold %d, want %d", length, sum, n)
		}
	}
}

func TestViewsDoNotChange(t *testing.T) {
	c := &clock{at: modeltest.Base}
	names := new(rolluptest.Names)
	rng := modeltest.Rand(3)
	traces := make([][]store.Settled, 40)
	for i := range traces {
		traces[i] = names.Settle(modeltest.Random(rng, 30))
	}
	r := rollup.New(rollup.Options{Names: names, Now: c.now})
	feed := func(n int) {
		for i := range n {
			r.Fold(model.TraceID{Lo: rng.Uint64()}, traces[i%len(traces)], true)
			c.advance(50 * time.Millisecond)
		}
	}
	feed(100)
	v := r.View()
	before := figuresOf(v, rollup.Window{})
	dated := figuresOf(v, rollup.Window{From: 1})
	feed(400)
	c.advance(2 * time.Hour)
	feed(10)
	requireSame(t, figuresOf(v, rollup.Window{}), before, "an old view")
	requireSame(t, figuresOf(v, rollup.Window{From: 1}), dated, "an old view, dated")
	if got := total(r.View(), rollup.Window{}); got != 510*30 {
		t.Errorf("%d spans in total, want %d", got, 510*30)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	for _, live := range []bool{true, false} {
		c := &clock{at: modeltest.Base}
		names := new(rolluptest.Names)
		const ops, spans = 2000, 300_000
		for i := range ops {
			names.OperationID("web", fmt.Sprint("op", i), model.KindServer)
		}
		o := rollup.Options{Names: names, MaxBytes: 1 << 20}
		if live {
			o.Now = c.now
		}
		r := rollup.New(o)
		rng := modeltest.Rand(9)
		for i := range spans {
			b := oneSpan(c.at, rng.Int64N(1e9))
			b[0].Op = 1 + uint32(rng.ExpFloat64()*100)%ops
			r.Arrived(b)
			if i%30 == 0 {
				c.advance(20 * time.Millisecond)
			}
		}
		v := r.View()
		if got := total(v, rollup.Window{}); got != spans {
			t.Errorf("live %v: %d spans in total, want %d", live, got, spans)
		}
		if v.Counters.FoldedOperations == 0 {
			t.Errorf("live %v: nothing was folded", live)
		}
		if v.Counters.Bytes > 8<<20 {
			t.Errorf("live %v: %d bytes for a bound of %d", live, v.Counters.Bytes, o.MaxBytes)
		}
		hot := v.Sum(rollup.Window{}, v.Series(func(s *rollup.Subject) bool { return s.Op == 1 }))
		if hot.Latency.Count() == 0 {
			t.Errorf("live %v: the hottest operation was folded", live)
		}
		all := v.Series(func(*rollup.Subject) bool { return true })
		for i, each := range v.SumEach(rollup.Window{}, all) {
			if one := v.Sum(rollup.Window{}, all[i:i+1]); !reflect.DeepEqual(each, one) {
				t.Fatalf("live %v: series %d counts %d in one pass and %d by itself", live, all[i], each.Latency.Count(), one.Latency.Count())
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	names := new(rolluptest.Names)
	rng := modeltest.Rand(4)
	var traces [][]store.Settled
	for range 20 {
		traces = append(traces, names.Settle(modeltest.Random(rng, 20)))
	}
	r := rollup.New(rollup.Options{Names: names})
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range 200 {
				r.Fold(model.TraceID{Hi: uint64(w), Lo: uint64(i)}, traces[i%len(traces)], true)
			}
		})
	}
	group.Go(func() {
		for range 50 {
			v := r.View()
			if n := total(v, rollup.Window{}); n != v.Counters.Spans {
				t.Errorf("a view holds %d spans and counts %d", n, v.Counters.Spans)
			}
			r.Counters()
		}
	})
	group.Wait()
	if got := total(r.View(), rollup.Window{}); got != 4*200*20 {
		t.Errorf("%d spans", got)
	}
}

// TestOrigin: windows from where a bucket begins are exact, however coarse the buckets have become, and columns begin
// there.
func TestOrigin(t *testing.T) {
	const n, second = 3600, int64(1e9)
	for _, at := range []int64{0, 1, n * second / 3, (n - 1) * second, n*second - 1} {
		origin := modeltest.Base + at
		r := rollup.New(rollup.Options{Names: oneOperation(), Origin: origin})
		for i := range int64(n) {
			r.Arrived(oneSpan(modeltest.Base+i*second, 1e6))
		}
		v, w := r.View(), rollup.Window{From: origin}
		want := uint64(n - (at+second-1)/second)
		if got, width := total(v, w), v.Rounding(w); got != want || width != 0 {
			t.Errorf("from %d: %d, want %d; rounded to %d", at, got, want, width)
		}
		if s := v.Steps(w, 60); want > 0 && s.Start != origin {
			t.Errorf("from %d: columns begin %d ns later", at, s.Start-origin)
		}
	}
}

// TestRounding: a window that is rounded so that it counts other spans than those that start in it says so, and how
// coarsely; one that is not does not.
func TestRounding(t *testing.T) {
	const n, second = 3600, int64(1e9)
	r := rollup.New(rollup.Options{Names: oneOperation(), Extent: n * second})
	for i := range int64(n) {
		r.Arrived(oneSpan(modeltest.Base+i*second, 1e6))
	}
	v, rng := r.View(), modeltest.Rand(5)
	rounded := 0
	for range 500 {
		from := rng.Int64N(n * second)
		w := rollup.Window{From: modeltest.Base + from}
		want := uint64(n - (from+second-1)/second)
		if rng.IntN(2) == 0 {
			length := 1 + rng.Int64N(n*second-from)
			w.To = w.From + length
			want = uint64((from+length+second-1)/second - (from+second-1)/second)
		}
		width, got := v.Rounding(w), total(v, w)
		if width == 0 && got != want || width > 0 && w.To == 0 && got == want {
			t.Errorf("[%d, %d) holds %d, want %d; rounded to %d", from, w.To-modeltest.Base, got, want, width)
		}
		if width > 0 {
			rounded++
			if width < second || width > 60*second {
				t.Errorf("rounded to %d ns", width)
			}
		}
	}
	if rounded == 0 || rounded == 500 {
		t.Errorf("%d of 500 were rounded", rounded)
	}
	if width := v.Rounding(rollup.Window{}); width != 0 {
		t.Errorf("everything is rounded to %d", width)
	}
}
