package shapes_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// drawn is a store with a trace for each drawing.
func drawn(t *testing.T, drawings ...string) *storetest.Store {
	t.Helper()
	s := storetest.New(nil)
	for _, d := range drawings {
		s.AddTrace(modeltest.Spans(t, d))
	}
	s.Flush()
	return s
}

func TestVariants(t *testing.T) {
	s := drawn(t, `
		web GET / server 0..100
		  cart load client 10..20
		  cart load client 30..40`, `
		web GET / server 0..100
		  cart load client 10..20
		  cart load client 30..40
		  cart load client 50..60`, `
		web GET / server 0..100
		  web handler internal 0..100
		    cart load client 10..30
		    cart load client 20..40`, `
		web GET / server 0..100
		  cart load client 10..20`)
	c := shapes.Census{}
	requesttest.Each(s, c.Fold)
	rows := c.Rows(s.Names())
	if len(rows) != 2 || rows[0].Count != 3 || rows[0].Variants != 3 || rows[1].Count != 1 || rows[1].Variants != 1 || rows[0].OfRoot != 4 || rows[0].Share != .75 {
		t.Fatalf("a third equal call keeps the shape, and variants tell twice, thrice and side by side apart: %+v", rows)
	}
}

// Nothing depends on the order in which spans or traces come.
func TestOrderDoesNotMatter(t *testing.T) {
	r := modeltest.Rand(3)
	var traces [][]model.Span
	for i := range 40 {
		spans := modeltest.Random(modeltest.Rand(uint64(i%5)), 30)
		for k := range spans {
			spans[k].TraceID = model.TraceID{Lo: uint64(i) + 1}
			spans[k].Start += int64(i)
			spans[k].End += int64(i)
		}
		traces = append(traces, spans)
	}
	var want string
	for range 4 {
		s := storetest.New(nil)
		for _, spans := range traces {
			s.Add(modeltest.Shuffled(r, spans)...)
		}
		s.Flush()
		c := shapes.Census{}
		x := shapes.NewTypical(len(traces))
		requesttest.Each(s, c.Fold, x.Fold)
		rows := c.Rows(s.Names())
		for i := range rows {
			rows[i].RootOp, rows[i].Root.Service = 0, 0 // ids are given in order of arrival
		}
		nodes := x.Nodes(s.Names())
		for i := range nodes {
			nodes[i].Operation.Service = 0
		}
		got := fmt.Sprintf("%+v\n%+v\n%+v", rows, nodes, x.Representatives())
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("another order gives\n%s\nwant\n%s", got, want)
		}
		r.Shuffle(len(traces), func(i, k int) { traces[i], traces[k] = traces[k], traces[i] })
	}
}

// The bound that SpaceSaving promises, and that no frequent key is lost.
func TestFrequentIsWithinItsBound(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		zipf := rand.NewZipf(r, 1.1+r.Float64(), 1, 5000)
		const m = 40
		var f shapes.Frequent[struct{}]
		truth := map[uint64]uint64{}
		displaced := uint64(0)
		for range 20_000 {
			key := zipf.Uint64()
			truth[key]++
			f.Count(key, len(f.Counters()) < m, func(c *shapes.Counter[struct{}]) { displaced++ })
		}
		if f.N != 20_000 || len(f.Counters()) != m || displaced != f.Replaced || displaced == 0 {
			t.Fatalf("counted %d with %d counters, %d displaced of %d", f.N, len(f.Counters()), displaced, f.Replaced)
		}
		there := map[uint64]bool{}
		sum := uint64(0)
		for _, c := range f.Counters() {
			there[c.Key] = true
			sum += c.Count
			if c.Count < truth[c.Key] || c.Known() > truth[c.Key] || c.Error > f.N/m {
				t.Errorf("seed %d: key %d was counted %d ± %d, is %d", seed, c.Key, c.Count, c.Error, truth[c.Key])
			}
		}
		if sum != f.N {
			t.Errorf("counts sum to %d of %d", sum, f.N)
		}
		for key, n := range truth {
			if n > f.N/m && !there[key] {
				t.Errorf("seed %d: key %d, seen %d times, is lost", seed, key, n)
			}
		}
	}
	var none shapes.Frequent[int]
	if c, _ := none.Count(1, false, nil); c != nil || none.N != 0 {
		t.Error("counted without a counter")
	}
}

func TestTypical(t *testing.T) {
	drawing := func(load int, failed string) string {
		return fmt.Sprintf(`
			web GET / server 0..%d
			  cart load client 10..%d %s
			  web render internal %d..%d`, load+50, 10+load, failed, 20+load, 40+load)
	}
	s := drawn(t, drawing(100, ""), drawing(110, ""), drawing(120, ""), drawing(130, ""), drawing(900, "error"))
	x := shapes.NewTypical(5)
	requesttest.Each(s, x.Fold)
	nodes := x.Nodes(s.Names())
	near := func(what string, got, want int64) {
		t.Helper()
		if d := float64(got - want); d > .0111*float64(want)+1 || -d > .0111*float64(want)+1 {
			t.Errorf("%s is %d, want %d", what, got, want)
		}
	}
	if len(nodes) != 3 || nodes[1].Operation.Name != "load" || nodes[2].Operation.Name != "render" || nodes[2].Parent != 0 || nodes[0].Parent != -1 {
		t.Fatalf("%+v", nodes)
	}
	const ms = 1e6
	near("duration", nodes[1].Duration.P50, 120*ms)
	near("p90", nodes[1].Duration.P90, 900*ms)
	near("offset", nodes[2].Offset.P50, 140*ms)
	near("self of the root", nodes[0].Self.P50, 30*ms)
	near("critical", nodes[1].Critical.P50, 120*ms)
	if n := nodes[1]; n.Presence != 1 || n.PerTrace != 1 || n.ErrorShare != .2 || n.Calls != 5 {
		t.Errorf("load: %+v", n)
	}
	if got, want := fmt.Sprint(x.Representatives()), "[{00000000000000000000000000000003 typical, p50} {00000000000000000000000000000005 p90, p99, slowest, newest that failed}]"; got != want {
		t.Errorf("representatives %s, want %s", got, want)
	}
}

// What is not always there is said to be so; what is missing has no figures.
func TestTypicalOfPartialTraces(t *testing.T) {
	s := drawn(t, `
		web GET / server 0..100
		  web cache internal 5..9
		  cart load client 10..20`, `
		web GET / server 0..100
		  cart load client 10..20
		  cart load client 20..30`)
	orphan := modeltest.Spans(t, "cart load client 10..20")[0]
	orphan.TraceID, orphan.Parent = model.TraceID{Lo: 9}, 77
	s.Add(orphan)
	s.Flush()
	x := shapes.NewTypical(3)
	requesttest.Each(s, x.Fold)
	var text []string
	for _, n := range x.Nodes(s.Names()) {
		text = append(text, fmt.Sprintf("%d %s %s %.2f ×%.1f", n.Depth, n.Operation.ServiceName, n.Operation.Name, n.Presence, n.PerTrace))
	}
	want := []string{"0 web GET / 0.67 ×1.0", "1 web cache 0.33 ×1.0", "1 cart load 0.67 ×1.5", "0   0.33 ×1.0", "1 cart load 0.33 ×1.0"}
	slices.Sort(text)
	slices.Sort(want)
	if !slices.Equal(text, want) {
		t.Errorf("%q", text)
	}
}

// Names made from ids, endless chains and clocks that run wild fit into the bounds, and are told.
func TestHostileTraces(t *testing.T) {
	s := storetest.New(nil)
	r := modeltest.Rand(8)
	for range 20 {
		s.AddTrace(modeltest.Hostile(r, 60))
	}
	s.AddTrace(modeltest.Chain(3000))
	for i := range 6000 { // each to an operation of its own
		x := modeltest.Spans(t, "web GET / server 0..100\n  cart load client 10..20")
		x[i%2].Name += fmt.Sprint(i)
		s.AddTrace(x)
	}
	traces := s.Counters().Traces
	c := shapes.Census{}
	x := shapes.NewTypical(int(traces))
	requesttest.Each(s, c.Fold, x.Fold)
	rows := c.Rows(s.Names())
	sum := uint64(0)
	for _, row := range rows {
		sum += row.Count
	}
	if c.Dropped == 0 && c.Replaced() == 0 || sum != c.Traces || c.Traces+c.Dropped != traces {
		t.Errorf("%d of %d traces in %d rows, %d dropped, %d replaced", sum, traces, len(rows), c.Dropped, c.Replaced())
	}
	if x.Folded() == 0 || len(x.Nodes(s.Names())) > 2048 {
		t.Errorf("%d paths, %d spans folded", len(x.Nodes(s.Names())), x.Folded())
	}
}
