package paths

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"oteltop/model"
)

// random makes a linked request: a tree of n spans of a few operations, children within and beyond parents.
func random(rng *rand.Rand, trace uint64, n int) *Request {
	heads := []model.Head{{ID: 1, Start: 1000, End: 1000 + 1 + rng.Int64N(1000), Op: 1, Service: 1, Kind: model.KindServer}}
	for i := 1; i < n; i++ {
		p := heads[rng.IntN(i)]
		start := p.Start + rng.Int64N(p.Duration()+1)
		heads = append(heads, model.Head{
			ID: model.SpanID(i + 1), Parent: p.ID, Start: start, End: start + rng.Int64N(p.Duration()+20), Op: 1 + rng.Uint32N(5), Service: 1, Kind: model.KindClient,
		})
	}
	rng.Shuffle(len(heads), func(i, k int) { heads[i], heads[k] = heads[k], heads[i] })
	return linked(trace, heads)
}

func linked(trace uint64, heads []model.Head) *Request {
	r := &Request{Trace: model.TraceID{Lo: trace}, Heads: heads, Tree: &model.Tree{}}
	r.Tree.Link(heads)
	r.Self = model.SelfTimes(heads, r.Tree, nil)
	r.Critical = model.CriticalTimes(model.CriticalPath(heads, r.Tree, 0, nil), len(r.Tree.Nodes), nil)
	return r
}

// view is what a tree of one cohort says, whatever numbers its nodes have.
func view(t *Tree) map[string]Stat {
	names := make([]string, len(t.Nodes))
	out := map[string]Stat{}
	for i := 1; i < len(t.Nodes); i++ {
		names[i] = names[t.Nodes[i].Parent] + string(rune('0'+t.Nodes[i].Op))
		out[names[i]] = t.Stats[0][i]
	}
	return out
}

// Exclusive times partition the durations of all requests; parts merge to the whole; order does not matter.
func TestTreeOfRandomRequests(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []*Request
	total := int64(0)
	for i := range 300 {
		r := random(rng, uint64(i/2), 1+rng.IntN(30)) // two requests a trace
		all = append(all, r)
		total += r.Duration()
	}
	whole, costs := New(1), NewCosts()
	parts, partial := []*Tree{New(1), New(1), New(1)}, []*Costs{NewCosts(), NewCosts(), NewCosts()}
	for i, r := range all {
		whole.Fold(0, r)
		costs.Fold(r, nil)
		parts[i/2%3].Fold(0, r)
		partial[i/2%3].Fold(r, nil)
	}
	backwards := New(1)
	for i := len(all) - 2; i >= 0; i -= 2 {
		backwards.Fold(0, all[i+1])
		backwards.Fold(0, all[i])
	}
	parts[0].Merge(parts[1])
	parts[0].Merge(parts[2])
	partial[0].Merge(partial[1])
	partial[0].Merge(partial[2])
	sum := int64(0)
	for i := range whole.Nodes {
		sum += whole.Stats[0][i].Exclusive
	}
	if sum != total || whole.Total[0] != total || whole.Inclusive(0)[0] != total || whole.Count[0] != 300 {
		t.Errorf("%d requests, exclusive times sum to %d, root durations to %d", whole.Count[0], sum, total)
	}
	if !reflect.DeepEqual(view(whole), view(parts[0])) {
		t.Error("three parts merge to something else than the whole")
	}
	if !reflect.DeepEqual(view(whole), view(backwards)) {
		t.Error("the order of requests matters")
	}
	critical := int64(0)
	for op, x := range costs.Of {
		critical += x.Critical
		y := partial[0].Of[op]
		if x.Calls != y.Calls || x.Self != y.Self || x.Critical != y.Critical || x.Requests != y.Requests || x.PerRequest.Quantile(.95) != y.PerRequest.Quantile(.95) {
			t.Errorf("operation %d costs %+v, in parts %+v", op, x, y)
		}
	}
	if critical != total {
		t.Errorf("operations were waited for %d, requests took %d", critical, total)
	}
}

// What does not fit is counted under Other, and times still add up.
func TestTreeIsBounded(t *testing.T) {
	tree := newTree(1, 8)
	total := int64(0)
	for i := range uint32(100) {
		r := linked(uint64(i), []model.Head{
			{ID: 1, Start: 0, End: 100, Op: 1, Service: 1},
			{ID: 2, Parent: 1, Start: 10, End: 60, Op: 100 + i, Service: 1},
			{ID: 3, Parent: 2, Start: 20, End: 30, Op: 1000 + i, Service: 1},
		})
		total += r.Duration()
		tree.Fold(0, r)
	}
	if len(tree.Nodes) > 16 || tree.Folded == 0 || tree.Inclusive(0)[0] != total {
		t.Errorf("%d nodes, %d folded, %d of %d ns", len(tree.Nodes), tree.Folded, tree.Inclusive(0)[0], total)
	}
	deep := []model.Head{{ID: 1, Start: 0, End: 1e6, Op: 1}}
	for i := range 1000 {
		deep = append(deep, model.Head{ID: model.SpanID(i + 2), Parent: model.SpanID(i + 1), Start: int64(i), End: 1e6 - int64(i), Op: 1})
	}
	tree = New(1)
	tree.Fold(0, linked(1, deep))
	if len(tree.Nodes) > maxDepth+3 || tree.Inclusive(0)[0] != 1e6 {
		t.Errorf("%d nodes hold %d ns", len(tree.Nodes), tree.Inclusive(0)[0])
	}
	tree.Fold(0, linked(2, []model.Head{{ID: 1, Start: 0, End: math.MaxInt64 - 1, Op: 1}}))
	if tree.Odd != 1 || tree.Count[0] != 1 {
		t.Errorf("%d odd requests, %d counted", tree.Odd, tree.Count[0])
	}
}

// Requests that call a child once more and wait for each call longer: the difference is told apart exactly.
func TestDecompose(t *testing.T) {
	request := func(trace uint64, calls int, each int64) *Request {
		heads := []model.Head{{ID: 1, Start: 0, End: 10 + int64(calls)*each, Op: 1}}
		for i := range calls {
			heads = append(heads, model.Head{ID: model.SpanID(i + 2), Parent: 1, Start: 10 + int64(i)*each, End: 10 + int64(i+1)*each, Op: 2})
		}
		return linked(trace, heads)
	}
	tree := New(2)
	for i := range uint64(50) {
		tree.Fold(0, request(i, 2, 100))
		tree.Fold(1, request(100+i, 3, 150))
	}
	d := Decompose(tree, 1, 0, 1)
	if d.Fast != 210 || d.Slow != 460 || len(d.Parts) != 2 {
		t.Fatalf("%+v", d)
	}
	// 250 more: one call more at 100, three calls slower by 50.
	if p := d.Parts[0]; p.Delta != 250 || p.More != 100 || p.Slower != 150 || p.Share != 1 || p.Low != 250 || p.High != 250 || p.CallsSlow != 3 {
		t.Errorf("%+v", p)
	}
	if p := d.Parts[1]; p.Delta != 0 || p.Share != 0 {
		t.Errorf("%+v", p)
	}
	if !Decompose(tree, 1, 0, 0).Unexplainable {
		t.Error("equal cohorts differ")
	}
}

// Of any requests the parts sum to the difference of the means, and every interval holds its part.
func TestDecompositionIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tree := New(2)
	for i := range uint64(400) {
		tree.Fold(int(i%2), random(rng, i, 1+rng.IntN(20)))
	}
	d := Decompose(tree, 1, 0, 1)
	sum, shares := 0.0, 0.0
	for _, p := range d.Parts {
		sum += p.Delta
		shares += p.Share
		if math.Abs(p.More+p.Slower-p.Delta) > 1e-6 || p.Low > p.Delta || p.High < p.Delta {
			t.Errorf("%+v", p)
		}
	}
	if math.Abs(sum-(d.Slow-d.Fast)) > 1e-6 || math.Abs(shares-1) > 1e-9 {
		t.Errorf("parts sum to %v, %v of %v", sum, shares, d.Slow-d.Fast)
	}
}

// The same time in all, on other paths, is no difference to share out: not even by rounding.
func TestNothingIsLeftOfRounding(t *testing.T) {
	stats := func(exclusive ...int64) []Stat {
		of := []Stat{{}}
		for _, ns := range exclusive {
			of = append(of, Stat{Exclusive: ns, Calls: 10, Requests: 10, Present: 10})
		}
		return of
	}
	tree := &Tree{
		Nodes: []Node{{Parent: -1}, {Parent: 0, Op: 1, Depth: 1}, {Parent: 1, Op: 2, Depth: 2}, {Parent: 1, Op: 3, Depth: 2}},
		Stats: [][]Stat{stats(1, 2, 3), stats(3, 2, 1)},
	}
	d := Decompose(tree, 1, 0, 1)
	if !d.Unexplainable || d.Fast != .6 || d.Slow != .6 {
		t.Errorf("%v and %v ns, unexplainable %v", d.Fast, d.Slow, d.Unexplainable)
	}
	for _, p := range d.Parts {
		if p.Share != 0 {
			t.Errorf("path %d has the share %v of nothing", p.Node, p.Share)
		}
	}
}

func TestSplit(t *testing.T) {
	many := func(n int, of func(i int) int64) (ds []int64) {
		for i := range n {
			ds = append(ds, of(i))
		}
		return ds
	}
	for name, c := range map[string]struct {
		durations []int64
		ok        bool
		want      Cohorts
	}{
		"none":         {nil, false, Cohorts{}},
		"too few":      {many(79, func(i int) int64 { return int64(i) }), false, Cohorts{Requests: 79}},
		"80":           {many(80, func(i int) int64 { return int64(i) }), true, Cohorts{80, 39, 60, 75, 40, 20}},
		"1000":         {many(1000, func(i int) int64 { return int64(i) }), true, Cohorts{1000, 499, 950, 95, 500, 50}},
		"all the same": {many(100, func(int) int64 { return 7 }), false, Cohorts{100, 7, 7, 80, 100, 100}},
	} {
		slices.Reverse(c.durations)
		if got, ok := Split(c.durations); ok != c.ok || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

// Bands partition the requests, whatever durations are equal.
func TestBands(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n := range 300 {
		ds := make([]int64, n)
		for i := range ds {
			ds[i] = rng.Int64N(1 + int64(n))
		}
		hit := make([]int, n)
		for _, b := range Bands() {
			low, high, ok := b.Of(ds)
			for i, d := range ds {
				if ok && d >= low && d <= high {
					hit[i]++
				}
			}
		}
		for i, h := range hit {
			if h != 1 {
				t.Fatalf("of %d, %d ns is in %d bands", n, ds[i], h)
			}
		}
	}
	for _, text := range []string{"95-99", "0-50", "99-100", ""} {
		if b, err := ParseBand(text); err != nil || b.String() != text {
			t.Errorf("%q became %q, %v", text, b, err)
		}
	}
	for _, text := range []string{"95", "99-95", "-1-50", "0-101", "a-b", "50-50"} {
		if b, err := ParseBand(text); err == nil {
			t.Errorf("%q became %v", text, b)
		}
	}
}
