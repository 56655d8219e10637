package aggregate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// drawnView folds drawn traces as finished, in event time.
func drawnView(tb testing.TB, drawing string) *rollup.View {
	tb.Helper()
	return viewOfSpans(modeltest.Spans(tb, drawing))
}

func viewOfSpans(spans []model.Span) *rollup.View {
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names})
	traces := map[model.TraceID][]model.Span{}
	for _, s := range spans {
		traces[s.TraceID] = append(traces[s.TraceID], s)
	}
	for id, spans := range traces {
		r.Fold(id, names.Settle(spans), true)
	}
	return r.View()
}

const shop = `
	web GET server 0..100
	  web call client 10..50
	    cart load server 20..40 error
	      cart SELECT client 22..32 peer=pg db.system=postgresql
	  web pay client 60..90 peer=stripe
	trace 2
	web GET server 30000..30200 error
	  web call client 30010..30150
	    cart load server 30020..30140
	      cart SELECT client 30022..30032 peer=pg db.system=postgresql
`

func near(ns int64, ms float64) bool { return math.Abs(float64(ns)/1e6-ms) <= ms*.0115 }

func TestMapOf(t *testing.T) {
	m := mapOf(drawnView(t, shop), Query{})
	var got []string
	for _, n := range m.Nodes {
		got = append(got, fmt.Sprintf("%s %s calls %d errors %d operations %d", n.Name, n.Kind, n.RED.Calls, n.RED.Errors, n.Operations))
	}
	for _, e := range m.Edges {
		got = append(got, fmt.Sprintf("%s -%s-> %s calls %d failed %d", e.Client, e.Kind, e.Server, e.Calls, e.Failed))
	}
	want := []string{
		"cart service calls 2 errors 1 operations 2",
		"pg database calls 2 errors 0 operations 0",
		"stripe inferred calls 1 errors 0 operations 0",
		"user user calls 0 errors 0 operations 0",
		"web service calls 2 errors 1 operations 3",
		"cart -database-> pg calls 2 failed 0",
		"user -inferred-> web calls 2 failed 1",
		"web -call-> cart calls 2 failed 1",
		"web -inferred-> stripe calls 1 failed 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("map:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	e := m.Edges[2]
	if !near(e.ClientP50, 40) || !near(e.ServerP50, 20) || !near(e.ClientP95, 140) || !near(e.ServerP95, 120) || !near(e.GapP50, 20) {
		t.Errorf("latencies of the call: %+v", e)
	}
	if u := m.Edges[1]; u.ClientP50 != 0 || !near(u.ServerP50, 100) {
		t.Errorf("latencies of the user's calls: %+v", u)
	}
	if d := m.Edges[0]; d.ServerP50 != 0 || d.GapP50 != 0 || !near(d.ClientP50, 10) {
		t.Errorf("latencies of the database: %+v", d)
	}
	var calls uint64
	for _, n := range m.Edges[2].Trend.Calls {
		calls += n
	}
	if calls != 1 { // the other one begins a step that the recording does not finish
		t.Errorf("the trend holds %d calls", calls)
	}
	if p := m.Provenance; p.Spans != 9 || p.Of != 9 || p.Basis != BasisRollups {
		t.Errorf("provenance %+v", p)
	}
}

func TestMapFocusAndWindow(t *testing.T) {
	v := drawnView(t, shop)
	edges := func(q Query) string {
		var out []string
		m := mapOf(v, q)
		for _, e := range m.Edges {
			out = append(out, fmt.Sprint(e.Client, ">", e.Server, " ", e.Calls))
		}
		for _, n := range m.Nodes {
			out = append(out, n.Name)
		}
		return strings.Join(out, ", ")
	}
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Focus: Focus{Service: "cart"}}, "cart>pg 2, web>cart 2, cart, pg, web"},
		{Query{Focus: Focus{Client: "web", Server: "stripe"}}, "web>stripe 1, stripe, web"},
		{Query{Window: Window{From: modeltest.Base + 10e9}}, "cart>pg 1, user>web 1, web>cart 1, cart, pg, user, web"},
		{Query{Window: Window{To: modeltest.Base + 10e9}}, "cart>pg 1, user>web 1, web>cart 1, web>stripe 1, cart, pg, stripe, user, web"},
		{Query{Window: Window{From: modeltest.Base + 10e9, To: modeltest.Base + 20e9}}, ""},
	} {
		if got := edges(c.q); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func TestNodesOfOneName(t *testing.T) {
	m := mapOf(drawnView(t, `
		user GET server 0..100
		  user call client 10..20 peer=cart
		  user SELECT client 30..40 peer=redis db.system=redis
		  user PING client 50..60 peer=redis
		trace 2
		cart load server 0..5
	`), Query{})
	var got []string
	for _, n := range m.Nodes {
		got = append(got, n.Name+" "+string(n.Kind))
	}
	if want := []string{"(user) user", "cart service", "redis database", "user service"}; !slices.Equal(got, want) {
		t.Errorf("nodes %v, want %v", got, want)
	}
	if len(m.Edges) != 5 {
		t.Errorf("edges %+v", m.Edges)
	}
}

func TestOperationsOf(t *testing.T) {
	o := operationsOf(drawnView(t, shop), Query{})
	var got []string
	share := 0.0
	for _, r := range o.Rows {
		got = append(got, fmt.Sprintf("%s %s %s calls %d errors %d self %d", r.Service, r.Operation, r.Kind, r.RED.Calls, r.RED.Errors, r.Self/1e6))
		share += r.TimeShare
	}
	for _, r := range o.Services {
		got = append(got, fmt.Sprintf("%s %q calls %d errors %d self %d", r.Service, r.Operation, r.RED.Calls, r.RED.Errors, r.Self/1e6))
	}
	want := []string{
		"cart load server calls 2 errors 1 self 120",
		"web GET server calls 2 errors 1 self 90",
		"web call client calls 2 errors 0 self 40",
		"web pay client calls 1 errors 0 self 30",
		"cart SELECT client calls 2 errors 0 self 20",
		`web "" calls 2 errors 1 self 160`,
		`cart "" calls 2 errors 1 self 140`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("operations:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if math.Abs(share-1) > 1e-9 {
		t.Errorf("time shares add up to %v", share)
	}
	focused := operationsOf(drawnView(t, shop), Query{Focus: Focus{Service: "web", Operation: "call", Kind: model.KindClient}})
	if len(focused.Rows) != 1 || focused.Rows[0].Operation != "call" || len(focused.Services) != 0 {
		t.Errorf("focus: %+v", focused)
	}
}

func TestDelta(t *testing.T) {
	var spans []model.Span
	for i := range 40 {
		duration := 10
		if i >= 20 {
			duration = 20
		}
		spans = append(spans, modeltest.Spans(t, fmt.Sprintf("trace %x\nweb GET server %d..%d", i+1, i*1000, i*1000+duration))...)
		if i < 5 {
			spans = append(spans, modeltest.Spans(t, fmt.Sprintf("trace %x\nweb rare server %d..%d", i+100, i*1000, i*1000+1))...)
		}
	}
	half := modeltest.Base + 20e9
	o := operationsOf(viewOfSpans(spans), Query{Window: Window{From: half}, Baseline: Window{To: half}})
	if len(o.Rows) != 2 {
		t.Fatalf("rows %+v", o.Rows)
	}
	d := o.Rows[0].Delta
	if d == nil || d.Calls != 20 || math.Abs(d.RateRatio-1) > .1 || math.Abs(d.P50Ratio-2) > .05 || d.ErrorShare != 0 {
		t.Errorf("delta %+v", d)
	}
	if o.Rows[1].Delta != nil {
		t.Errorf("5 calls are compared: %+v", o.Rows[1].Delta)
	}
}

// TestHeatmapIsBruteForce compares every cell with counting the subject spans one by one.
func TestHeatmapIsBruteForce(t *testing.T) {
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names})
	var all []store.Settled
	traceOf := foldRandom(r, names)
	for i := range len(traceOf) {
		all = append(all, traceOf[model.TraceID{Lo: uint64(i + 1)}]...)
	}
	v := r.View()
	roots := func(s *store.Settled) bool { return s.Parent == 0 }
	entries := func(s *store.Settled) bool {
		return names.Service(s.Service) == "service-3" && s.Kind == model.KindServer
	}
	op := names.Operation(all[25].Op)
	operation := func(s *store.Settled) bool { return s.Op == all[25].Op }
	for _, c := range []struct {
		name    string
		focus   Focus
		subject func(s *store.Settled) bool
		maxRows int
		linear  bool
	}{
		{"roots", Focus{}, roots, 0, false},
		{"service", Focus{Service: "service-3"}, entries, 0, false},
		{"operation", Focus{Service: op.ServiceName, Operation: op.Name, Kind: op.Kind}, operation, 0, false},
		{"coarse rows", Focus{}, roots, 2, false},
		{"linear rows", Focus{}, roots, 20, true},
	} {
		h := heatmapOf(v, HeatmapQuery{Query: Query{Focus: c.focus}, Columns: 10, MaxRows: c.maxRows, Linear: c.linear}, nil)
		want := countCells(h, all, c.subject)
		if !slices.Equal(want.Counts, h.Counts) || !slices.Equal(want.Errors, h.Errors) || h.Total != want.Total || h.Total == 0 {
			t.Errorf("%s: total %d, want %d; cells differ from brute force", c.name, h.Total, want.Total)
		}
		if h.Whole != want.Whole {
			t.Errorf("%s: quantiles of all columns %v, want %v", c.name, h.Whole, want.Whole)
		}
		for cell, id := range h.Exemplars {
			if (h.Counts[cell] > 0) == id.IsZero() && !(c.linear && id.IsZero()) { // rollups keep them by √2 rows
				t.Fatalf("%s: cell %d with %d spans has exemplar %v", c.name, cell, h.Counts[cell], id)
			}
			inCell := func(s store.Settled) bool { return c.subject(&s) && cellOfSpan(h, &s) == cell }
			if !id.IsZero() && !slices.ContainsFunc(traceOf[id], inCell) {
				t.Fatalf("%s: the exemplar of cell %d is not in it", c.name, cell)
			}
		}
	}
}

// foldRandom folds random traces, numbered from 1 and one after the other, and returns their spans.
func foldRandom(r *rollup.Rollup, names *rolluptest.Names) map[model.TraceID][]store.Settled {
	rng := modeltest.Rand(8)
	traces := map[model.TraceID][]store.Settled{}
	for i := range 300 {
		spans := modeltest.Random(rng, 20)
		for k := range spans {
			spans[k].Start += int64(i) * 37e6
			spans[k].End += int64(i) * 37e6
		}
		id := model.TraceID{Lo: uint64(i + 1)}
		traces[id] = names.Settle(spans)
		r.Fold(id, traces[id], true)
	}
	return traces
}

// countCells counts subject spans into the cells of a heatmap, one by one.
func countCells(h *Heatmap, all []store.Settled, isSubject func(s *store.Settled) bool) Heatmap {
	x := Heatmap{Counts: make([]uint64, len(h.Counts)), Errors: make([]uint64, len(h.Counts))}
	var whole hist.Histogram
	for i := range all {
		s := &all[i]
		if !isSubject(s) {
			continue
		}
		whole.Add(s.Duration())
		x.Counts[cellOfSpan(h, s)]++
		x.Total++
		if s.Status == model.StatusError {
			x.Errors[cellOfSpan(h, s)]++
		}
	}
	x.Whole = Quantiles{P50: whole.Quantile(.5), P95: whole.Quantile(.95), P99: whole.Quantile(.99)}
	return x
}

// cellOfSpan is the cell that a span belongs to.
func cellOfSpan(h *Heatmap, s *store.Settled) int {
	column := int((s.Start - h.Start) / h.Step)
	row := len(h.RowLow) - 1
	for row > 0 && hist.Bin(s.Duration()) < hist.Bin(h.RowLow[row]) {
		row--
	}
	return column*len(h.RowLow) + row
}

func TestHeatmapSkipsExemplarsThatAreGone(t *testing.T) {
	var spans []model.Span
	for i := range 64 {
		spans = append(spans, modeltest.Spans(t, fmt.Sprintf("trace %x\nweb GET server 0..100", i+1))...)
	}
	v := viewOfSpans(spans)
	asked := map[model.TraceID]bool{}
	h := heatmapOf(v, HeatmapQuery{}, func(id model.TraceID) bool { asked[id] = true; return len(asked) == 2 })
	if len(h.Exemplars) != 1 || len(asked) != 2 || !asked[h.Exemplars[0]] {
		t.Errorf("exemplars %v after asking for %v", h.Exemplars, asked)
	}
	gone := heatmapOf(v, HeatmapQuery{}, func(model.TraceID) bool { return false })
	if !gone.Exemplars[0].IsZero() {
		t.Error("an exemplar that is gone is offered")
	}
}

func TestHeatmapOfAnEdge(t *testing.T) {
	h := heatmapOf(drawnView(t, shop), HeatmapQuery{Query: Query{Focus: Focus{Client: "web", Server: "cart"}}}, nil)
	if h.Total != 2 || h.ErrorTotal != 1 || !near(h.P50[0], 40) {
		t.Errorf("total %d, errors %d, p50 %v", h.Total, h.ErrorTotal, h.P50)
	}
	if empty := heatmapOf(drawnView(t, shop), HeatmapQuery{Query: Query{Focus: Focus{Service: "nobody"}}}, nil); empty.Total != 0 {
		t.Errorf("nobody has %d calls", empty.Total)
	}
}

func TestLatencies(t *testing.T) {
	var spans []model.Span
	for i := range 100 {
		spans = append(spans, modeltest.Spans(t, fmt.Sprintf("trace %x\nweb GET server 0..%d", i+1, i+1))...)
	}
	v := viewOfSpans(spans)
	l := newLatencies(v, rollup.MeasureRoot)
	c := l.of(1, 90e6)
	if c.N != 100 || c.Percentile < 88 || c.Percentile > 91 || !near(c.Median, 50) || !near(c.P95, 95) {
		t.Errorf("context %+v", c)
	}
	if c := l.of(77, 1); c != (SpanContext{}) {
		t.Errorf("an unknown operation has context %+v", c)
	}
}

// benchView is an hour of 200 operations and some traces' edges, in event time.
func benchView(b *testing.B) *rollup.View {
	b.Helper()
	names := new(rolluptest.Names)
	for i := range 200 {
		names.OperationID(fmt.Sprint("service-", i%20), fmt.Sprint("op-", i), model.KindServer)
	}
	rng := modeltest.Rand(1)
	r := rollup.New(rollup.Options{Names: names})
	batch := make([]store.Arrival, 512)
	for i := range 3600 {
		for k := range batch {
			op := uint32(rng.IntN(200) + 1)
			start := modeltest.Base + int64(i)*1e9 + int64(k)*1e6
			batch[k] = store.Arrival{Trace: model.TraceID{Lo: rng.Uint64()}, Head: model.Head{
				Start: start, End: start + int64(math.Exp(rng.NormFloat64()*.5+10+float64(op%7))),
				Op: op, Service: names.Operation(op).Service, Kind: model.KindServer, Parent: 1,
			}}
		}
		r.Arrived(batch)
	}
	for i := range 500 {
		spans := names.Settle(modeltest.Random(rng, 25))
		for k := range spans {
			spans[k].Start += int64(i) * 7e9
			spans[k].End += int64(i) * 7e9
		}
		r.Fold(model.TraceID{Lo: uint64(i + 1)}, spans, true)
	}
	return r.View()
}

func BenchmarkMapOf(b *testing.B) {
	v := benchView(b)
	b.ReportAllocs()
	for b.Loop() {
		mapOf(v, Query{})
	}
}

func BenchmarkOperationsOf(b *testing.B) {
	v := benchView(b)
	b.ReportAllocs()
	for b.Loop() {
		operationsOf(v, Query{})
	}
}

func BenchmarkHeatmapOf(b *testing.B) {
	v := benchView(b)
	for _, f := range []Focus{{}, {Service: "service-3"}, {Service: "service-3", Operation: "op-3", Kind: model.KindServer}} {
		b.Run(fmt.Sprint(f.Service, f.Operation), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				heatmapOf(v, HeatmapQuery{Query: Query{Focus: f}}, nil)
			}
		})
	}
}
