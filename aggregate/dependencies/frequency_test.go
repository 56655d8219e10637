package dependencies_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"oteltop/aggregate/dependencies"
	"oteltop/model"
)

func TestFrequency(t *testing.T) {
	b := newBuilder()
	for i := range 200 {
		f := b.call(b.call(0, "web", 1)[0], "f", 1)[0]
		b.call(f, "often", 1+i%2)
		if i%100 == 7 {
			b.call(f, "rare", 20)
		}
		b.end(nil)
	}
	r := b.explore(dependencies.Focal{Name: "f"})
	dependencies.RareFirst(r.Below)
	rare, often := r.Below[0], relative(r.Below, "often").Frequency
	f := rare.Frequency
	if rare.Service != "rare" || f.Present != 2 || f.Share != .01 || f.Mean != .2 || f.P95 != 0 || f.Max != 20 || !f.Rare {
		t.Errorf("%+v", rare)
	}
	// Wilson's interval of 2 in 200, worked out by hand.
	if math.Abs(f.Interval.Lower-.00275) > 1e-5 || math.Abs(f.Interval.Upper-.03572) > 1e-5 {
		t.Errorf("%+v", f.Interval)
	}
	want := []dependencies.FrequencyBin{{0, 0, 198}, {1, 1, 0}, {2, 2, 0}, {3, 4, 0}, {5, 8, 0}, {9, 16, 0}, {17, 32, 2}}
	if !slices.Equal(f.Histogram, want) {
		t.Errorf("%v", f.Histogram)
	}
	if often.Share != 1 || often.Mean != 1.5 || often.P95 != 2 || often.Rare {
		t.Errorf("%+v", often)
	}
}

// Whatever order spans arrive in, the answer is the same; and every call of the traces is counted.
func TestOrderOfArrival(t *testing.T) {
	build := func(order func([]model.Span)) *dependencies.Result {
		rng := rand.New(rand.NewPCG(1, 2))
		b := newBuilder()
		for range 40 {
			ids := []model.SpanID{0}
			for range 30 {
				ids = append(ids, b.span(ids[rng.IntN(len(ids))], fmt.Sprint("s", rng.IntN(6)), fmt.Sprint("op", rng.IntN(3)), model.Kind(1+rng.IntN(5))))
			}
			b.end(order)
		}
		return b.explore(dependencies.Focal{Name: "s1"})
	}
	// Operations are numbered as they arrive, so only the first traces differ in order.
	shuffled := rand.New(rand.NewPCG(3, 3))
	a := build(nil)
	b := build(func(s []model.Span) { shuffled.Shuffle(len(s), func(i, k int) { s[i], s[k] = s[k], s[i] }) })
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
	sum := uint64(0)
	for _, x := range a.Below {
		if x.Operation == "" {
			sum += x.Calls
		}
	}
	callers := uint64(0)
	for _, c := range a.Callers {
		callers += c.Calls
	}
	routes := uint64(0)
	for _, p := range a.Routes {
		routes += p.Calls
	}
	if sum != a.Caused || callers != a.Calls || routes != a.Calls || a.Caused == 0 || a.Nested == 0 {
		t.Errorf("%d below of %d; %d by callers and %d on routes of %d", sum, a.Caused, callers, routes, a.Calls)
	}
}

// A chain of 4,000 focal calls and as many operations take bounded work and memory, and the bounds say so.
func TestHostile(t *testing.T) {
	b := newBuilder()
	at := model.SpanID(0)
	for range 4_000 {
		at = b.call(at, "f", 1)[0]
	}
	b.end(nil)
	r := b.explore(dependencies.Focal{Name: "f"})
	if r.Calls != 4_000 || r.Nested != 3_999 || r.Uncounted == 0 || r.Collapsed == 0 || len(r.Paths) > 4096 {
		t.Errorf("%d calls, %d nested, %d uncounted, %d collapsed, %d paths", r.Calls, r.Nested, r.Uncounted, r.Collapsed, len(r.Paths))
	}
	// Peers, so that there are many without many resources.
	b = newBuilder()
	root := b.call(0, "f", 1)[0]
	for i := range 5000 {
		b.span(root, "f", "op\x1b[2J", model.KindClient, model.Attribute{Key: "db.name", Value: model.StringValue(fmt.Sprint("db", i))})
	}
	b.end(nil)
	r = b.explore(dependencies.Focal{Name: "f"})
	if len(r.Below) != 4096 || r.Caused != 5000 || r.Dropped == 0 || r.Collapsed == 0 {
		t.Errorf("%d callees of %d calls, %d dropped, %d collapsed", len(r.Below), r.Caused, r.Dropped, r.Collapsed)
	}
}
