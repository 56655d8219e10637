package hotspots_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/hotspots"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func fold(spans []model.Span) *hotspots.Result {
	s := storetest.Of(spans...)
	f := hotspots.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, f.Fold)
	return f.Result()
}

func TestCounts(t *testing.T) {
	spans := modeltest.Spans(t, `
	web GET server 0..100
	  web call client 10..50
	    cart load server 20..40 error
	      cart SELECT client 22..32 peer=pg db.system=pg
	      cart SELECT client 33..38 peer=pg db.system=pg error
	  web show internal 60..90
	    ads show server 61..80
	trace 2
	web GET server 1000..1100
	  web call client 1010..1050
	    cart load server 1020..1040
`)
	r := fold(spans)
	var got []string
	for _, n := range r.Nodes {
		got = append(got, fmt.Sprintf("%s peer=%v traces=%d inner=%d calls=%d failed=%d in=%d out=%d path=%d origins=%d critical=%d", n.Name, n.Peer, n.Traces, n.Inner, n.Calls, n.Failed, n.Callers, n.Callees, n.OnPath, n.Origins, n.Critical/1e6))
	}
	for _, e := range r.Edges {
		got = append(got, fmt.Sprintf("%s>%s calls=%d failed=%d traces=%d share=%.2f", e.Client, e.Server, e.Calls, e.Failed, e.Traces, e.CallShare))
	}
	want := []string{
		"cart peer=false traces=2 inner=0 calls=2 failed=1 in=1 out=1 path=1 origins=1 critical=25",
		"web peer=false traces=2 inner=0 calls=0 failed=0 in=0 out=2 path=1 origins=0 critical=141",
		"ads peer=false traces=1 inner=0 calls=1 failed=0 in=1 out=0 path=0 origins=0 critical=19",
		"pg peer=true traces=1 inner=0 calls=2 failed=1 in=1 out=0 path=1 origins=1 critical=15",
		"cart>pg calls=2 failed=1 traces=1 share=0.40",
		"web>cart calls=2 failed=1 traces=2 share=0.40",
		"web>ads calls=1 failed=0 traces=1 share=0.20",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The order in which spans arrive makes no difference.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	slices.SortStableFunc(spans, func(a, b model.Span) int { return int(a.TraceID.Lo) - int(b.TraceID.Lo) })
	if again := fold(spans); !reflect.DeepEqual(again.Edges, r.Edges) {
		t.Errorf("shuffled: %+v", again.Edges)
	}
}

// orders is requests through a gateway and a cart; a share of them ask the cache, or the store behind it. fails says
// whether a request fails, given that it asks the store.
func orders(seed uint64, n int, fails func(rng *rand.Rand, misses bool) bool) *storetest.Store {
	rng := rand.New(rand.NewPCG(seed, 28))
	s := storetest.New(nil)
	for i := range n {
		span := func(id, parent model.SpanID, service, name string, failed bool) {
			x := model.Span{
				TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: id, Parent: parent, Name: name, Kind: model.KindServer, Resource: &model.Resource{Service: service},
				Scope: &model.Scope{}, Start: int64(1e18) + int64(i)*1e6 + int64(id)*1e3, End: int64(1e18) + int64(i)*1e6 + 9e5 - int64(id)*1e3,
			}
			if failed {
				x.Status = model.StatusError
			}
			s.Add(x)
		}
		misses := rng.Float64() < .3
		failed := fails(rng, misses)
		span(1, 0, "gateway", "GET", failed)
		span(2, 1, "cart", "load", failed)
		span(3, 2, "cache", "get", failed && !misses)
		if misses {
			span(4, 2, "store", "read", failed)
		}
	}
	s.Flush()
	return s
}

func found(s *storetest.Store) []string {
	h := hotspots.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, h.Fold)
	var titles []string
	for _, f := range h.Findings() {
		titles = append(titles, f.Title)
	}
	return titles
}

// What fails passes the store, which three in ten of the others do. The gateway and the cart are on every way: that
// says nothing.
func TestAChokepoint(t *testing.T) {
	got := found(orders(1, 2000, func(rng *rand.Rand, misses bool) bool { return misses && rng.Float64() < .2 }))
	if len(got) != 1 || got[0] != "125 of 125 requests that fail pass store; of those like them that succeed 27% do" {
		t.Errorf("%q", got)
	}
}

// Negative control: of 20 × 1,000 requests of which 5 % fail anywhere, nothing is a chokepoint; nor is it where all
// failing requests are of a kind that always passes a service.
func TestNoChokepoint(t *testing.T) {
	for seed := range uint64(20) {
		if got := found(orders(seed, 1000, func(rng *rand.Rand, _ bool) bool { return rng.Float64() < .05 })); got != nil {
			t.Errorf("seed %d: %q", seed, got)
		}
	}
	s := storetest.New(nil)
	for i := range 400 {
		span := func(id, parent model.SpanID, service, name string, failed bool) {
			x := model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: id, Parent: parent, Name: name, Kind: model.KindServer, Resource: &model.Resource{Service: service}, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 1e6}
			if failed {
				x.Status = model.StatusError
			}
			s.Add(x)
		}
		failed := i%8 == 0
		span(1, 0, "gateway", []string{"checkout", "browse"}[i%2], failed)
		if i%2 == 0 {
			span(2, 1, "payment", "pay", failed)
		}
	}
	s.Flush()
	if got := found(s); got != nil {
		t.Errorf("%q", got)
	}
}
