package order_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/order"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

type request struct {
	heads []model.Head
	tree  model.Tree
}

// drawn are requests with operation ids that they share.
func drawn(tb testing.TB, names *rolluptest.Names, drawing string) (all []*request) {
	tb.Helper()
	byTrace := map[model.TraceID][]model.Head{}
	var ids []model.TraceID
	spans := modeltest.Spans(tb, drawing)
	for i, s := range names.Settle(spans) {
		id := spans[i].TraceID
		if byTrace[id] == nil {
			ids = append(ids, id)
		}
		byTrace[id] = append(byTrace[id], s.Head)
	}
	for _, id := range ids {
		all = append(all, linked(byTrace[id]))
	}
	return all
}

func linked(heads []model.Head) *request {
	r := &request{heads: heads}
	r.tree.Link(r.heads)
	return r
}

// between is the count for two operations below the root, named by one letter each.
func between(m *order.Model, names *rolluptest.Names, earlier, later string) order.Count {
	p := m.Parent(m.Find(-1, names.OperationID("web", "GET", model.KindServer)))
	slot := func(name string) int { return p.Slot(names.OperationID("web", name, model.KindClient)) }
	return p.Order(slot(earlier), slot(later))
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name, drawing, want string
	}{
		{"one after the other", "a 0..10, b 20..30", "ab 1/0, ba 0/1"},
		{"side by side", "a 0..10, b 5..30", "ab 0/1, ba 0/1"},
		{"back to back", "a 0..10, b 10..30", "ab 1/0, ba 0/1"},
		{"an overlap of less than 1 %", "a 0..10, b 9.1..30", "ab 1/0, ba 0/1"},
		{"a short call within the overlap", "a 0..10, b 9.2..9.8", "ab 0/1, ba 0/1"},
		{"in a loop", "a 0..10, b 20..30, a 40..50, b 60..70", "aa 1/0, ab 1/0, ba 1/0, bb 1/0"},
		{"in a loop that is cut short", "a 0..10, b 20..30, a 40..50", "aa 1/0, ab 1/0, ba 1/0"},
		{"two loops", "a 0..10, a 20..30, b 40..50, b 60..70", "aa 1/0, ab 1/0, ba 0/1, bb 1/0"},
		{"two at once, then one", "a 0..10, a 5..20, b 30..40", "aa 0/1, ab 1/0, ba 0/1"},
		{"one of two overlaps", "a 0..10, b 20..60, a 50..70", "aa 1/0, ab 0/1, ba 0/1"},
		{"an earlier one overlaps all", "a 0..90, a 5..6, b 20..30", "aa 0/1, ab 0/1, ba 0/1"},
		{"nothing lasts no time", "a 0..10, b 5..5", ""},
		{"absence tells nothing", "a 0..10, b 20..30; a 0..10; b 7..9", "ab 1/0, ba 0/1"},
		{"a counter-example", "a 0..10, b 20..30; a 0..10, b 20..30; a 0..10, b 5..30", "ab 2/1, ba 0/3"},
		{"the other way round", "a 0..10, b 20..30; b 0..10, a 20..30", "ab 1/1, ba 1/1"},
		{"a chain", "a 0..10, b 20..30, c 40..50", "ab 1/0, ac 1/0, ba 0/1, bc 1/0, ca 0/1, cb 0/1"},
	} {
		names := &rolluptest.Names{}
		m := order.New()
		for i, r := range strings.Split(c.drawing, ";") {
			text := fmt.Sprintf("trace %d\nweb GET server 0..100\n", i+1)
			for _, call := range strings.Split(r, ",") {
				op, at, _ := strings.Cut(strings.TrimSpace(call), " ")
				text += fmt.Sprintf("  web %s client %s\n", op, at)
			}
			for _, r := range drawn(t, names, text) {
				m.Fold(r.heads, &r.tree, 0)
			}
		}
		var got []string
		for _, a := range []string{"a", "b", "c"} {
			for _, b := range []string{"a", "b", "c"} {
				if n := between(m, names, a, b); n != (order.Count{}) {
					got = append(got, fmt.Sprintf("%s%s %d/%d", a, b, n.Held, n.Broken))
				}
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, text, c.want)
		}
	}
}

// A child that outlives its parent in any request is none that the parent waits for; a server that its client
// called is, whatever its clock says.
func TestEnds(t *testing.T) {
	names := &rolluptest.Names{}
	m := order.New()
	for _, r := range drawn(t, names, `
		web GET server 0..100
		  web a client 10..40
		    db a server 15..45
		  web b client 20..130
		  web c client 20..100.5
		trace 2
		web GET server 0..100
		  web b client 20..30
	`) {
		m.Fold(r.heads, &r.tree, 0)
	}
	at := m.Find(-1, names.OperationID("web", "GET", model.KindServer))
	p := m.Parent(at)
	ends := func(p *order.Parent, service, name string, kind model.Kind) order.Count {
		return p.Ends(p.Slot(names.OperationID(service, name, kind)))
	}
	if n := ends(p, "web", "b", model.KindClient); n != (order.Count{Held: 1, Broken: 1}) || n.Holds() {
		t.Errorf("b: %+v", n)
	}
	if n := ends(p, "web", "c", model.KindClient); !n.Holds() {
		t.Errorf("c ends within what clocks are wrong by: %+v", n)
	}
	call := m.Parent(m.Find(at, names.OperationID("web", "a", model.KindClient)))
	if n := ends(call, "db", "a", model.KindServer); !n.Holds() {
		t.Errorf("the server of a call: %+v", n)
	}
	if m.Find(at, 99) >= 0 || m.Parent(m.Find(at, 99)).Slot(1) != -1 {
		t.Error("an operation that nobody calls is known")
	}
}

// Parts merge to the whole, in any order, and siblings may arrive in any order.
func TestMergeIsFold(t *testing.T) {
	rng := modeltest.Rand(3)
	names := &rolluptest.Names{}
	var all []*request
	for range 200 {
		var heads []model.Head
		for _, s := range names.Settle(modeltest.Random(rng, 2+rng.IntN(30))) {
			heads = append(heads, s.Head)
		}
		all = append(all, linked(heads))
	}
	whole, parts := order.New(), []*order.Model{order.New(), order.New(), order.New()}
	for i, r := range all {
		whole.Fold(r.heads, &r.tree, 0)
		parts[i%3].Fold(r.heads, &r.tree, 0)
	}
	parts[2].Merge(parts[0])
	parts[2].Merge(parts[1])
	shuffled := order.New()
	for _, i := range rng.Perm(len(all)) {
		heads := slices.Clone(all[i].heads)
		rng.Shuffle(len(heads), func(a, b int) { heads[a], heads[b] = heads[b], heads[a] })
		r := linked(heads)
		shuffled.Fold(r.heads, &r.tree, 0)
	}
	want := text(whole, uint32(names.Operations()), -1)
	if got := text(parts[2], uint32(names.Operations()), -1); got != want || len(want) < 1000 {
		t.Error("parts do not merge to the whole")
	}
	if text(shuffled, uint32(names.Operations()), -1) != want {
		t.Error("the order of requests, or of spans, matters")
	}
}

// text writes down all that a model says below a path.
func text(m *order.Model, operations uint32, above int32) string {
	var s strings.Builder
	for op := uint32(1); op <= operations; op++ {
		at := m.Find(above, op)
		if at < 0 {
			continue
		}
		p := m.Parent(at)
		var called []uint32
		for a := uint32(1); a <= operations; a++ {
			if p.Slot(a) >= 0 {
				called = append(called, a)
				fmt.Fprintf(&s, "%d %d %v\n", op, a, p.Ends(p.Slot(a)))
			}
		}
		for _, a := range called {
			for _, b := range called {
				fmt.Fprintf(&s, "%d %d<%d %v\n", op, a, b, p.Order(p.Slot(a), p.Slot(b)))
			}
		}
		s.WriteString("(" + text(m, operations, at) + ")")
	}
	return s.String()
}

// Names made from ids, and as many calls as spans are allowed, cost no more than the bounds.
func TestHostileRequests(t *testing.T) {
	m := order.New()
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 300 {
		heads := []model.Head{{ID: 1, Start: 0, End: 1 << 62, Op: uint32(1 + i*1000), Kind: model.KindServer}}
		for k := range 400 {
			start := rng.Int64N(1 << 61)
			heads = append(heads, model.Head{ID: model.SpanID(k + 2), Parent: model.SpanID(1 + rng.IntN(k+1)), Start: start, End: start + rng.Int64N(1<<61), Op: uint32(i*1000 + k + 2)})
		}
		r := linked(heads)
		m.Fold(r.heads, &r.tree, 0)
	}
	if m.Folded == 0 || m.Paths() > 16_384 || m.Pairs() > 1<<20 {
		t.Errorf("%d paths, %d pairs, %d calls folded", m.Paths(), m.Pairs(), m.Folded)
	}
	before := m.Paths()
	m.Merge(m)
	if m.Paths() != before {
		t.Errorf("merging with itself makes %d of %d paths", m.Paths(), before)
	}
}

// A hop of the critical path is in doubt where another request contradicts it.
func TestDoubts(t *testing.T) {
	names := &rolluptest.Names{}
	all := drawn(t, names, `
		web GET server 0..100
		  web a client 0..10
		    web x internal 0..10
		  web b client 20..30
		  web c client 40..90
		trace 2
		web GET server 0..100
		  web b client 20..50
		  web c client 40..90
		trace 3
		web GET server 0..100
		  web a client 0..10
		  web b client 20..30
	`)
	m := order.New()
	for _, r := range all {
		m.Fold(r.heads, &r.tree, 0)
	}
	path := model.CriticalPath(all[0].heads, &all[0].tree, 0, nil)
	got := m.Doubts(all[0].heads, &all[0].tree, 0, path)
	if want := []order.Doubt{{Node: 4, Before: 3, Count: order.Count{Held: 1, Broken: 1}}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if d := order.New().Doubts(all[0].heads, &all[0].tree, 0, path); d != nil {
		t.Errorf("nothing is known, and %v in doubt", d)
	}
	if d := m.Doubts(nil, &model.Tree{}, -1, nil); d != nil {
		t.Errorf("no spans have %v", d)
	}
}
