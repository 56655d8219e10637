package aggregate_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/growth"
	"oteltop/aggregate/rollup"
	"oteltop/feed/demo"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// ramps is an engine over ten minutes of requests web → cart → a database, and web → ads, five a second. slower is
// by how much the database takes longer at a second.
func ramps(slower func(second float64) float64) *aggregate.Memory {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	rng := rand.New(rand.NewPCG(26, 26))
	web, cart, ads := &model.Resource{Service: "web"}, &model.Resource{Service: "cart"}, &model.Resource{Service: "ads"}
	near := func(ms float64) int64 { return int64(ms * 1e6 * math.Exp(.2*rng.NormFloat64())) }
	for i := range uint64(3000) {
		at := int64(1e18) + int64(i)*200e6
		query := int64(float64(near(10)) * slower(float64(i)/5))
		work, other := query+near(4), near(8)
		add := func(id, parent model.SpanID, name string, kind model.Kind, r *model.Resource, start, end int64) {
			x := model.Span{TraceID: model.TraceID{Lo: i + 1}, ID: id, Parent: parent, Name: name, Kind: kind, Resource: r, Scope: &model.Scope{}, Start: at + start, End: at + end}
			if name == "SELECT" {
				x.Attributes = []model.Attribute{{Key: "db.system", Value: model.StringValue("pg")}}
			}
			s.Add(x)
		}
		add(1, 0, "GET /", model.KindServer, web, 0, work+other+4e6)
		add(2, 1, "call", model.KindClient, web, 1e6, work+2e6)
		add(3, 2, "load", model.KindServer, cart, 15e5, work+15e5)
		add(4, 3, "SELECT", model.KindClient, cart, 2e6, 2e6+query)
		add(5, 1, "show", model.KindServer, ads, work+3e6, work+other+3e6)
	}
	s.Flush()
	return e
}

// S8: an exponential ramp of one service is the only trend alarm, under a filter, too.
func TestARampIsTheOnlyTrend(t *testing.T) {
	e := ramps(func(second float64) float64 { return math.Exp2(second / 300) })
	for name, q := range map[string]aggregate.Query{"all": {}, "filter": {Filter: parse(t, `service = "cart"`)}} {
		x, err := e.Trends(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		alarms := growth.Alarms(x.Rows)
		if len(alarms) != 1 || alarms[0] != &x.Rows[0] {
			t.Fatalf("%s: %+v", name, x.Rows)
		}
		r := x.Rows[0]
		if r.Service != "cart" || r.Operation != "SELECT" || r.Shape != growth.Grows || r.Law != growth.Exponential ||
			math.Abs(r.Ratio()-4) > .4 || math.Abs(float64(r.Doubling)/300e9-1) > .15 || r.OwnShare < .9 {
			t.Errorf("%s: %+v", name, r)
		}
		for _, r := range x.Rows[1:] {
			if (r.Service == "ads") == (r.Because != nil) {
				t.Errorf("%s: %+v", name, r)
			}
		}
		f, err := e.Findings(context.Background(), aggregate.FindingsQuery{Query: q})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(f.Rows, func(f findings.Finding) bool { return f.Kind == findings.Growth || f.Kind == findings.Step })
		if at < 0 {
			t.Fatalf("%s: %+v", name, f.Rows)
		}
		if g := f.Rows[at]; g.Service != "cart" || len(g.Traces) != findings.MaxTraces || g.Of != 3000 || g.Harmed < 1500 ||
			g.Title != "SELECT in cart grows exponentially: p95 14.0ms → 53.9ms in 10m00s, twice every 5m03s; web waits for it" {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

// A step is called one, at its time; and nothing is called anything where nothing changes.
func TestAStepIsNoGrowth(t *testing.T) {
	e := ramps(func(second float64) float64 { return 1 + math.Floor(second/400) })
	x, err := e.Trends(context.Background(), aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if r := x.Rows[0]; len(growth.Alarms(x.Rows)) != 1 || r.Operation != "SELECT" || r.Shape != growth.Step || math.Abs(float64(r.At-1e18-400e9)) > float64(r.Step) {
		t.Errorf("%+v", x.Rows)
	}
	x, err = e.Trends(context.Background(), aggregate.Query{Window: aggregate.Window{To: 1e18 + 400e9}, Focus: aggregate.Focus{Service: "cart"}})
	if err != nil || len(x.Rows) != 3 || growth.Alarms(x.Rows) != nil {
		t.Errorf("%+v, %v", x, err)
	}
}

// ringEngine is an engine over requests.
func ringEngine(t testing.TB, requests [][]byte) *aggregate.Memory {
	t.Helper()
	ring := store.New(store.Options{})
	e := enginetest.Over(ring)
	for _, raw := range requests {
		if _, err := ring.Append(raw); err != nil {
			t.Fatal(err)
		}
	}
	ring.Flush()
	return e
}

// healthyDemo is the shop of the demo for ten minutes in which no fault begins: each second is the first of a cycle.
func healthyDemo(seed uint64) [][]byte {
	begin := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	var all [][]byte
	for second := range 600 {
		at := begin.Add(time.Duration(second) * time.Second)
		all = append(all, demo.Generate(demo.Options{Seed: seed, Origin: at}, at, at.Add(time.Second))...)
	}
	return all
}

// kindTitles are the titles of findings of some kinds.
func kindTitles(t *testing.T, e *aggregate.Memory, kinds ...findings.Kind) (titles []string) {
	t.Helper()
	f, err := e.Findings(context.Background(), aggregate.FindingsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range f.Rows {
		if slices.Contains(kinds, f.Kind) {
			titles = append(titles, f.Title)
		}
	}
	return titles
}

// Negative controls: no trend, chokepoint, contention or onset in 8 × 10 minutes of the demo without faults (120,000 traces, 0 per
// 1,000), and none in ten hours of recorded traces without faults (19,569 traces, of whose operations and services
// 29 of 273 have enough spans for a trend).
func TestHealthyTrafficHasNoTrendOrContention(t *testing.T) {
	modeltest.Statistic(t)
	kinds := []findings.Kind{findings.Growth, findings.Step, findings.Chokepoint, findings.Contention}
	changes := []findings.Kind{findings.Onset, findings.Recovery}
	seeds := uint64(2) // 8 are quiet, too
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		if got := kindTitles(t, ringEngine(t, healthyDemo(seed)), slices.Concat(kinds, changes)...); got != nil {
			t.Errorf("seed %d: %q", seed, got)
		}
	}
	e, _ := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	if got := kindTitles(t, e, kinds...); got != nil {
		t.Errorf("recorded: %q", got)
	}
}

// In a live engine, the windows that spans still arrive for are left out: the fast ones come first.
func TestTrendsWaitForSpans(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := storetest.New(nil)
	r := rollup.New(rollup.Options{Names: s.Names(), Find: s.Find, Now: func() time.Time { return now }})
	s.Observe(r)
	web := &model.Resource{Service: "web"}
	for i := range int64(3000) {
		start := now.UnixNano() - i*1e8
		s.Add(model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "GET", Kind: model.KindServer, Resource: web, Scope: &model.Scope{}, Start: start, End: start + 5e6})
	}
	s.Flush()
	m := aggregate.NewMemory(s, r, nil, aggregate.MemoryOptions{Live: true, Now: func() time.Time { return now }})
	x, err := m.Trends(context.Background(), aggregate.Query{})
	if err != nil || len(x.Rows) != 2 {
		t.Fatalf("%+v, %v", x, err)
	}
	for _, row := range x.Rows {
		if late := now.UnixNano() - row.To; late < 10e9 || late > 10e9+2*row.Step || row.Alarm() {
			t.Errorf("%+v", row)
		}
	}
}
