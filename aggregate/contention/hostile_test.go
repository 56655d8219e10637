package contention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/store"
)

// How many run at the begin of a span, and how many had just arrived, are what comparing each with each finds,
// whatever the times are: equal, nested, empty, hours long.
func TestSweepIsBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	w := newSweeper(8)
	for range 200 {
		var runs []run
		for i := range 1 + rng.IntN(40) {
			r := run{start: 1e18 + rng.Int64N(30), trace: uint32(rng.IntN(8)), log: float32(i), op: uint32(i + 1)}
			r.end = r.start + rng.Int64N(12)
			if rng.IntN(20) == 0 {
				r.end = math.MaxInt64
			}
			runs = append(runs, r)
		}
		recent := arrivalSpan * medianDuration(runs)
		all := slices.Clone(runs)
		seen := 0
		l := w.resource(runs, 1, func(op uint32, b begun) {
			seen++
			own := all[op-1]
			inFlight, most, least := 0, 0, 0
			for i, r := range all {
				if r.trace == own.trace {
					continue
				}
				// Of those that begin in the same nanosecond, the order decides.
				if r.start < own.start && r.end > own.start {
					inFlight++
				}
				if r.start <= own.start && r.start > own.start-recent && i != int(op-1) {
					most++
				}
				if r.start < own.start && r.start > own.start-recent {
					least++
				}
			}
			same := 0
			for _, r := range all {
				if r.trace != own.trace && r.start == own.start && r.end > r.start {
					same++
				}
			}
			if int(b.inFlight) < inFlight || int(b.inFlight) > inFlight+same || int(b.arrived) < least || int(b.arrived) > most {
				t.Fatalf("%+v of %+v: %d to %d in flight, %d to %d arrived", b, own, inFlight, inFlight+same, least, most)
			}
		})
		if seen != len(all) || math.Abs(l.little-l.measured) > 1e-6*l.little+1e-9 {
			t.Fatalf("%d of %d spans, %+v", seen, len(all), l)
		}
	}
}

// Memory is bounded: the older spans make room, resources beyond the bound are counted.
func TestBounds(t *testing.T) {
	f := New(oneName{}, nil)
	for i := range maxRuns + 10 {
		f.add(&store.Settled{Head: model.Head{Start: int64(i) + 1, End: int64(i) + 5, Op: 1}}, 0, 4)
	}
	if len(f.runs) != maxRuns/2+10 || f.forgotten != maxRuns/2 || f.runs[len(f.runs)-1].start != maxRuns+10 {
		t.Errorf("%d runs, %d forgotten", len(f.runs), f.forgotten)
	}
	for i := range maxResources + 7 {
		f.resource(resourceKey{name: fmt.Sprint(i)}, resource{})
	}
	if len(f.resources) != maxResources || f.dropped != 7 {
		t.Errorf("%d resources, %d dropped", len(f.resources), f.dropped)
	}
}

// Instances of a service are resources of their own, told apart by the surest name that they give; a pool is one, under
// its present and its former name.
func TestResources(t *testing.T) {
	s := storetest.New(nil)
	instance := func(id string) *model.Resource {
		return &model.Resource{Service: "cart", Attributes: []model.Attribute{
			{Key: "host.name", Value: model.StringValue("h")}, {Key: "service.instance.id", Value: model.StringValue(id)},
		}}
	}
	for i, r := range []*model.Resource{instance("a"), instance("b"), instance("a"), {Service: "cart"}} {
		key := []string{"db.client.connection.pool.name", "pool.name"}[i%2]
		s.Add(
			model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "x", Kind: model.KindServer, Resource: r, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 9},
			model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 2, Parent: 1, Name: "q", Kind: model.KindClient, Resource: r, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 9, Attributes: []model.Attribute{
				{Key: "db.system", Value: model.StringValue("pg")}, {Key: key, Value: model.StringValue("main")},
			}},
		)
	}
	f := New(s.Names(), func(*store.Settled) string { return "pg" })
	requesttest.Each(s, f.Fold)
	if len(f.resources) != 4 || len(f.runs) != 8 {
		t.Errorf("%+v, %d runs", f.resources, len(f.runs))
	}
}
