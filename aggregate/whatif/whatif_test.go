package whatif_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/modeltest"
)

const ms = 1e6

func linked(heads []model.Head) *paths.Request {
	r := &paths.Request{Heads: heads, Tree: &model.Tree{}}
	r.Tree.Link(heads)
	r.Self = model.SelfTimes(heads, r.Tree, nil)
	r.Critical = model.CriticalTimes(model.CriticalPath(heads, r.Tree, 0, nil), len(r.Tree.Nodes), nil)
	return r
}

// drawn are requests below "web GET server 0..100", one for every text: "a 0..10, b 20..30". A name with dots is
// below the ones before: "a.x 2..8".
func drawn(tb testing.TB, names *rolluptest.Names, texts ...string) (all []*paths.Request) {
	tb.Helper()
	for _, text := range texts {
		drawing := "web GET server 0..100\n"
		for _, call := range strings.Split(text, ",") {
			words := strings.Fields(call)
			kind := "client"
			if len(words) > 2 {
				kind = words[2]
			}
			path := strings.Split(words[0], ".")
			drawing += fmt.Sprintf("%sweb %s %s %s\n", strings.Repeat("  ", len(path)), path[len(path)-1], kind, words[1])
		}
		var heads []model.Head
		for _, s := range names.Settle(modeltest.Spans(tb, drawing)) {
			heads = append(heads, s.Head)
		}
		all = append(all, linked(heads))
	}
	return all
}

func learned(all ...*paths.Request) *order.Model {
	m := order.New()
	for _, r := range all {
		m.Fold(r.Heads, r.Tree, r.Root)
	}
	return m
}

// retimer makes the operations of a name faster or slower.
func retimer(m *order.Model, names *rolluptest.Names, name string, factor float64) *whatif.Retimer {
	return &whatif.Retimer{Model: m, Factor: factor, IsOf: func(op uint32) bool { return names.Operation(op).Name == name }}
}

func TestRetime(t *testing.T) {
	for _, c := range []struct {
		name    string
		request string   // of 100 ms
		others  []string // requests that the model has seen too
		of      string
		factor  float64
		want    float64 // ms
		doubts  uint64
	}{
		{"an only child", "x 10..90", nil, "x", .5, 60, 0},
		{"an only child, slower", "x 10..90", nil, "x", 2, 180, 0},
		{"gone", "x 10..90", nil, "x", 0, 20, 0},
		{"in a chain", "a 0..20, x 30..70, b 80..90", nil, "x", .5, 80, 0},
		{"first in a chain", "x 0..40, b 50..60, c 70..90", nil, "x", .25, 70, 0},
		{"two in a chain", "x 0..40, x 50..90", nil, "x", .5, 60, 0},
		{"in a loop", "x 0..20, b 20..40, x 40..60, b 60..80", nil, "x", .5, 80, 0},
		{"side by side, the longer", "x 0..80, b 0..60", nil, "x", .5, 80, 0},
		{"side by side, the shorter", "x 0..60, b 0..80", nil, "x", .5, 100, 0},
		{"side by side, the shorter becomes the longer", "x 0..60, b 0..80", nil, "x", 2, 140, 0},
		{"fan-in: waits for the slower", "x 0..40, b 0..30, c 50..90", nil, "x", .5, 90, 0},
		{"fan-in: the other is faster still", "x 0..40, b 0..10, c 50..90", nil, "x", .5, 80, 0},
		{"fan-in: becomes the slower", "x 0..40, b 0..50, c 60..90", nil, "x", 1.5, 110, 0},
		{"order contradicted elsewhere", "x 0..40, b 50..90", []string{"x 0..40, b 20..60"}, "x", .5, 100, 1},
		{"order reversed elsewhere", "x 0..40, b 50..90", []string{"b 0..40, x 50..90"}, "x", .5, 100, 1},
		{"order confirmed elsewhere", "x 0..40, b 50..90", []string{"x 0..10, b 80..90", "b 0..1"}, "x", .5, 80, 0},
		{"a doubt further on", "x 0..40, b 50..60, c 70..90", []string{"b 0..9, c 5..20"}, "x", .5, 100, 1},
		{"outlives its parent", "x 10..120", nil, "x", .5, 100, 1},
		{"outlives its parent elsewhere", "x 10..90", []string{"x 10..120"}, "x", .5, 100, 1},
		{"a server whose clock is late", "a 10..90, a.x 20..95 server", nil, "x", .5, 65, 0},
		{"own time of a parent", "x 10..90, x.b 20..60", nil, "x", .5, 80, 0},
		{"own time between children", "x 0..100, x.b 20..40, x.c 60..70", nil, "x", 0, 30, 0},
		{"the request itself", "a 10..40, b 50..90", nil, "GET", .5, 85, 0},
		{"the request itself, calls in doubt", "a 10..40, b 50..90", []string{"a 0..9, b 5..20"}, "GET", .5, 85, 1},
		{"deep", "a 0..90, a.b 10..80, a.b.x 20..70", nil, "x", .5, 75, 0},
		{"nested in itself", "x 0..80, x.x 20..60", nil, "x", .5, 60, 0},
		{"nobody waits", "a 0..50 producer, a.x 60..90 consumer", nil, "x", .1, 100, 0},
		{"a consumer within its producer", "a 0..50 producer, a.x 10..40 consumer", nil, "x", .1, 100, 0},
		{"after its parent", "a 0..50, a.x 60..90", nil, "x", .1, 100, 0},
		{"wrapped by a sibling", "h 1..99 internal, x 5..99.5", nil, "x", .5, 52.75, 0},
		{"wrapped by a sibling, and another after it", "h 1..49 internal, x 5..49.5, b 60..90", nil, "x", .5, 77.75, 0},
		{"beside work that takes longer", "h 1..99 internal, x 1..60", nil, "x", .5, 100, 0},
		{"beside other calls", "h 1..99, x 5..99.5", nil, "x", .5, 99.5, 0},
		{"nobody calls it", "a 0..50", nil, "x", .1, 100, 0},
		{"clocks that differ a little: no more than its critical part", "x 0..50, b 49.5..90", nil, "x", .5, 75.25, 0},
		{"a short call meanwhile", "x 0..50, b 49.5..90, c 49.6..49.9", nil, "x", .5, 100, 1},
	} {
		names := &rolluptest.Names{}
		all := drawn(t, names, append([]string{c.request}, c.others...)...)
		got := retimer(learned(all...), names, c.of, c.factor).Retime(all[0])
		if math.Abs(float64(got.Duration)-c.want*ms) > 1 || got.Doubts != c.doubts {
			t.Errorf("%s: %v ms and %d doubts, want %v and %d", c.name, float64(got.Duration)/ms, got.Doubts, c.want, c.doubts)
		}
	}
}

// random is a request of n spans, and operations that repeat where few.
func random(rng *rand.Rand, n, operations int) *paths.Request {
	heads := []model.Head{{ID: 1, Start: 1e9, End: 1e9 + 1 + rng.Int64N(1e6), Op: 1, Kind: model.KindServer}}
	for i := 1; i < n; i++ {
		p := heads[rng.IntN(i)]
		start := p.Start + rng.Int64N(p.Duration()+1)
		heads = append(heads, model.Head{
			ID: model.SpanID(i + 1), Parent: p.ID, Start: start, End: start + rng.Int64N(p.Duration()/2+2),
			Op: uint32(2 + rng.IntN(operations)), Kind: model.Kind(1 + rng.IntN(5)),
		})
	}
	return linked(heads)
}

// Whatever the trees: a factor of 1 changes nothing, more of it never makes a request faster, and nothing is gained
// beyond the operation's part of the critical path.
func TestRetimeOfRandomRequests(t *testing.T) {
	rng := modeltest.Rand(7)
	var all []*paths.Request
	for range 400 {
		all = append(all, random(rng, 2+rng.IntN(40), 1+rng.IntN(12)))
	}
	faster := 0
	for i, r := range all {
		m := learned(r)
		if i%2 == 0 {
			m = learned(all[i : i+2]...)
		}
		op := uint32(1 + rng.IntN(8))
		part := int64(0)
		for n := range r.Tree.Nodes {
			if r.Heads[r.Tree.Nodes[n].Span].Op == op {
				part += r.Critical[n]
			}
		}
		last := int64(0)
		for _, factor := range []float64{0, .3, .9999999, 1, 1.0000001, 1.5, 4} {
			x := whatif.Retimer{Model: m, Factor: factor, IsOf: func(o uint32) bool { return o == op }}
			got := x.Retime(r)
			switch {
			case factor == 1 && got.Duration != r.Duration():
				t.Fatalf("%d: nothing changed, and %d ns became %d", i, r.Duration(), got.Duration)
			case got.Duration < last:
				t.Fatalf("%d: ×%v takes %d ns, less of it %d", i, factor, got.Duration, last)
			case factor < 1 && float64(r.Duration()-got.Duration) > (1-factor)*float64(part)+1:
				t.Fatalf("%d: ×%v gains %d ns of %d", i, factor, r.Duration()-got.Duration, part)
			case math.Abs(factor-1) < 1e-6 && math.Abs(float64(got.Duration-r.Duration())) > float64(r.Duration())*1e-5+1:
				t.Fatalf("%d: ×%v makes %d ns of %d", i, factor, got.Duration, r.Duration())
			}
			if factor == 0 && got.Duration < r.Duration() {
				faster++
			}
			last = got.Duration
		}
	}
	if faster < 60 {
		t.Errorf("only %d of %d requests gain anything", faster, len(all))
	}
}

// Where every operation is its own and every child ends in time, the order within one trace is all there is, and
// slack is what a span may take longer: not a nanosecond more.
func TestSlackIsWhatIsLeft(t *testing.T) {
	rng := modeltest.Rand(11)
	tried := 0
	for range 300 {
		heads := []model.Head{{ID: 1, Start: 1e9, End: 2e9, Op: 1, Kind: model.KindServer}}
		for i := 1; i < 2+rng.IntN(30); i++ {
			p := heads[rng.IntN(i)]
			start := p.Start + rng.Int64N(p.Duration())
			heads = append(heads, model.Head{
				ID: model.SpanID(i + 1), Parent: p.ID, Start: start, End: start + 1 + rng.Int64N(p.End-start), Op: uint32(i + 1), Kind: model.KindInternal,
			})
		}
		r := linked(heads)
		m := learned(r)
		single := whatif.Of(r.Heads, r.Tree, 0, r.Critical)
		for n := range r.Tree.Nodes {
			node := int32(n)
			h := &r.Heads[r.Tree.Nodes[n].Span]
			if single.Slack[n] < 0 || (single.Slack[n] > 0) && single.Drag[n] > 0 || r.Critical[n] > 0 && single.Slack[n] != 0 {
				t.Fatalf("node %d: slack %d, drag %d, critical %d", n, single.Slack[n], single.Drag[n], r.Critical[n])
			}
			if single.Drag[n] > h.Duration() {
				t.Fatalf("node %d: drag %d of %d ns", n, single.Drag[n], h.Duration())
			}
			if r.Tree.Nodes[n].End != node+1 || single.Slack[n] == 0 || overlaps(r, node) {
				continue
			}
			tried++
			longer := func(ns int64) int64 {
				x := whatif.Retimer{Model: m, Factor: 1 + float64(ns)/float64(h.Duration()), IsOf: func(op uint32) bool { return op == h.Op }}
				return x.Retime(r).Duration
			}
			if d := longer(single.Slack[n]); d-r.Duration() > 1 {
				t.Fatalf("node %d: %d ns longer, as its slack allows, and the request takes %d ns longer", n, single.Slack[n], d-r.Duration())
			}
			if d := longer(single.Slack[n] + 1000); d-r.Duration() < 998 {
				t.Fatalf("node %d: 1000 ns longer than its slack allows, and the request takes %d ns longer", n, d-r.Duration())
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d spans have slack", tried)
	}
}

// overlaps reports whether calls anywhere above a node overlap so little that it is put down to clocks, or nearly
// so: slack takes times as they are.
func overlaps(r *paths.Request, node int32) bool {
	nodes := r.Tree.Nodes
	for p := nodes[node].Parent; p >= 0; p = nodes[p].Parent {
		slack := 2 * r.Heads[nodes[p].Span].Duration() / 100
		for a := p + 1; a < nodes[p].End; a = nodes[a].End {
			for b := p + 1; b < nodes[p].End; b = nodes[b].End {
				if d := r.Heads[nodes[a].Span].End - r.Heads[nodes[b].Span].Start; a != b && d > 0 && d <= slack {
					return true
				}
			}
		}
	}
	return false
}

// Cases of calligator's and CRISP's drag, by their description.
func TestDragAndSlack(t *testing.T) {
	for _, c := range []struct{ name, request, drag, slack string }{
		{"one after the other", "a 0..20, b 20..40, c 50..100", "GET 100 a 20 b 20 c 50", "GET 0 a 0 b 0 c 0"},
		{"side by side", "a 0..90, b 0..70", "GET 100 a 20 b 0", "GET 0 a 0 b 20"},
		{"a chain of parents", "a 0..80, a.b 0..50", "GET 100 a 80 b 50", "GET 0 a 0 b 0"},
		{"an inner one beside an outer", "a 0..90, a.b 0..90, c 0..60", "GET 100 a 30 b 30 c 0", "GET 0 a 0 b 0 c 30"},
		{"before another off the path", "a 0..90, b 0..10, c 20..60", "GET 100 a 30 b 0 c 0", "GET 0 a 0 b 30 c 30"},
		{"before one on the path", "a 0..40, b 0..25, c 50..90", "GET 100 a 15 b 0 c 40", "GET 0 a 0 b 15 c 0"},
		{"a wrapper beside it", "h 1..99 internal, x 5..99.5", "GET 100 h 0 x 94.5", "GET 0 h 0.5 x 0"},
		{"nobody waits", "a 0..50 producer, a.x 10..40 consumer", "GET 100 a 50 x 0", "GET 0 a 0 x -1"},
	} {
		names := &rolluptest.Names{}
		r := drawn(t, names, c.request)[0]
		single := whatif.Of(r.Heads, r.Tree, 0, r.Critical)
		var drag, slack []string
		for n := range r.Tree.Nodes {
			name := names.Operation(r.Heads[r.Tree.Nodes[n].Span].Op).Name
			drag = append(drag, fmt.Sprintf("%s %v", name, float64(single.Drag[n])/ms))
			s := float64(single.Slack[n])
			if s > 0 {
				s /= ms
			}
			slack = append(slack, fmt.Sprintf("%s %v", name, s))
		}
		slices.Sort(drag[1:])
		slices.Sort(slack[1:])
		if d, s := strings.Join(drag, " "), strings.Join(slack, " "); d != c.drag || s != c.slack {
			t.Errorf("%s: drag %s, slack %s\nwant %s, %s", c.name, d, s, c.drag, c.slack)
		}
	}
	empty := whatif.Of(nil, &model.Tree{}, -1, nil)
	if len(empty.Slack) != 0 {
		t.Error("no spans have slack")
	}
}

// Trees that nobody would build on purpose.
func TestHostileRequests(t *testing.T) {
	rng := modeltest.Rand(13)
	names := &rolluptest.Names{}
	check := func(spans []model.Span) {
		var heads []model.Head
		for _, s := range names.Settle(spans) {
			heads = append(heads, s.Head)
		}
		r := linked(heads)
		if r.Tree.Nodes[0].Span < 0 || !r.Countable() {
			return
		}
		m := learned(r)
		x := whatif.Retimer{Model: m, Factor: .5, IsOf: func(op uint32) bool { return op%2 == 0 }}
		if got := x.Retime(r); got.Duration < 0 || got.Duration > r.Duration() {
			t.Fatalf("%d ns became %d", r.Duration(), got.Duration)
		}
		whatif.Of(r.Heads, r.Tree, 0, r.Critical)
	}
	for range 300 {
		check(modeltest.Hostile(rng, 1+rng.IntN(50)))
	}
	check(modeltest.Chain(20_000))
	check(modeltest.Wide(20_000))
	check(modeltest.Staircase(5_000))
}
