package outliers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/outliers"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

const ms = 1_000_000

// shop is requests GET /cart of web: it calls cart, which asks redis, and inventory, all one after the
// other, some 30 ms in all.
type shop struct {
	r     *rand.Rand
	store *storetest.Store
	trace uint64
	loss  float64 // share of the spans that get lost on the way
}

func newShop(seed uint64) *shop {
	return &shop{r: rand.New(rand.NewPCG(seed, 7)), store: storetest.New(nil)}
}

// cart is what sets a request apart.
type cart struct {
	redis   int64 // further ns that redis takes
	checked bool  // fraud-check is called
	short   bool  // inventory is not called
	failed  bool
	reads   int // calls to redis; default 1
	name    string
	kind    model.Kind // of the root; default server
}

func (s *shop) around(ns float64) int64 { return int64(ns * math.Exp(.25*s.r.NormFloat64())) }

func (s *shop) request(c cart) {
	s.trace++
	at := int64(s.trace)*1e9 + 1e18
	b := builder{shop: s, id: model.TraceID{Lo: s.trace}, at: at}
	if c.name == "" {
		c.name = "GET /cart"
	}
	if c.kind == model.KindUnspecified {
		c.kind = model.KindServer
	}
	root := b.begin(0, "web", c.name, c.kind)
	b.at += s.around(2 * ms)
	call := b.begin(root, "web", "GET", model.KindClient)
	server := b.begin(call, "cart", "load", model.KindServer)
	for range max(1, c.reads) {
		get := b.begin(server, "cart", "redis GET", model.KindClient)
		b.at += s.around(10*ms)/int64(max(1, c.reads)) + c.redis
		b.end(get)
	}
	b.end(server)
	b.end(call)
	if c.checked {
		check := b.begin(root, "fraud-check", "POST /score", model.KindServer)
		b.at += s.around(5 * ms)
		b.end(check)
	}
	if !c.short {
		reserve := b.begin(root, "web", "PUT", model.KindClient)
		inventory := b.begin(reserve, "inventory", "reserve", model.KindServer)
		b.at += s.around(15 * ms)
		b.end(inventory)
		b.end(reserve)
	}
	b.end(root)
	if c.failed {
		b.spans[root-1].Status = model.StatusError
	}
	for _, x := range b.spans {
		if s.loss == 0 || s.r.Float64() >= s.loss {
			s.store.Add(x)
		}
	}
}

type builder struct {
	shop  *shop
	id    model.TraceID
	at    int64
	spans []model.Span
}

func (b *builder) begin(parent model.SpanID, service, name string, kind model.Kind) model.SpanID {
	id := model.SpanID(len(b.spans) + 1)
	b.spans = append(b.spans, model.Span{TraceID: b.id, ID: id, Parent: parent, Name: name, Kind: kind, Start: b.at, Resource: &model.Resource{Service: service}, Scope: &model.Scope{}})
	return id
}

func (b *builder) end(id model.SpanID) { b.spans[id-1].End = b.at }

// look folds the traces of a store in any order.
func look(s *storetest.Store, r *rand.Rand) (*outliers.Latency, *outliers.Structure) {
	slow, odd := outliers.NewLatency(s.Names()), outliers.NewStructure(s.Names())
	requesttest.Ordered(s, func(traces []store.TraceInfo) {
		if r != nil {
			r.Shuffle(len(traces), func(i, k int) { traces[i], traces[k] = traces[k], traces[i] })
		}
	}, slow.Fold, odd.Fold)
	return slow, odd
}

func titles(slow *outliers.Latency, odd *outliers.Structure) []string {
	out := []string{}
	for _, f := range slow.Findings() {
		out = append(out, f.Title)
	}
	for _, f := range odd.Findings() {
		out = append(out, f.Title)
	}
	return out
}

// What was planted is found, with what made it so, and nothing else.
func TestPlantedOutliers(t *testing.T) {
	s := newShop(1)
	for i := range 4000 {
		switch i {
		case 1000, 2000, 3000:
			s.request(cart{redis: int64(i) * ms, failed: i == 3000})
		case 1500, 2500:
			s.request(cart{checked: true})
		case 100, 200, 300, 400, 500, 600, 700, 800, 900:
			s.request(cart{short: true, failed: true})
		case 3500:
			s.request(cart{reads: 120})
		default:
			s.request(cart{})
		}
	}
	slow, odd := look(s.store, nil)
	for _, got := range slow.Findings() {
		if !strings.HasPrefix(got.Title, "3 of 4000 GET /cart took 1.03s to 3.03s, median 2") || !strings.HasSuffix(got.Title, ": redis GET in cart was waited for") {
			t.Error(got.Title)
		}
		if got.Harmed != 3 || got.Failed != 1 || got.Of != 4000 || got.Traces[0] != (model.TraceID{Lo: 3001}) || got.Span != 4 || got.Q > 1e-9 || got.Lost < 5900*ms || got.Lost > 6100*ms {
			t.Errorf("%+v", got)
		}
		if !strings.HasPrefix(got.Select, `rootService = "web" && rootName = "GET /cart" && traceDuration >= 10`) {
			t.Errorf("select %s", got.Select)
		}
	}
	want := []string{
		"GET /cart calls redis GET in cart 120 times from cart, seen in 1 of 4000: 99% of all call it once or less",
		"GET /cart calls POST /score in fraud-check from web, seen in 2 of 4000",
		"GET /cart lacks the call PUT in web that 99.8% make, in 9 of 4000, all of which failed",
	}
	if got := titles(slow, odd); len(got) != 4 || fmt.Sprint(got[1:]) != fmt.Sprint(want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	for _, f := range odd.Findings() {
		if f.Figures[1].Name != "percentile" || f.Figures[1].Number < 99.7 {
			t.Errorf("%s: %+v", f.Title, f.Figures)
		}
	}
	// Nothing depends on the order in which traces come.
	for seed := range uint64(3) {
		again, other := look(s.store, rand.New(rand.NewPCG(seed, 1)))
		if got, want := fmt.Sprintf("%+v %+v", again.Slow(), other.Odd()), fmt.Sprintf("%+v %+v", slow.Slow(), odd.Odd()); got != want {
			t.Errorf("in another order\n%s\nwant\n%s", got, want)
		}
	}
}

// Neither what one request in twenty does nor healthy variety nor spans that get lost are outliers.
func TestNoOutliers(t *testing.T) {
	for name, c := range map[string]struct {
		loss float64
		of   func(i int) cart
	}{
		"healthy":       {0, func(int) cart { return cart{} }},
		"slow cohort":   {0, func(i int) cart { return cart{redis: int64(i%20/19) * 900 * ms} }},
		"other cohort":  {0, func(i int) cart { return cart{checked: i%20 == 0, short: i%30 == 0} }},
		"lost spans":    {.004, func(int) cart { return cart{} }},
		"ids in names":  {0, func(i int) cart { return cart{name: fmt.Sprint("GET /cart/", i)} }},
		"page sizes":    {0, func(i int) cart { return cart{reads: 1 + i%40} }},
		"too few":       {0, func(i int) cart { return cart{name: fmt.Sprint("GET /", i%50), redis: int64(i/3000) * 400 * ms} }},
		"early returns": {0, func(i int) cart { return cart{short: i%20 == 0, failed: i%20 == 0} }},
	} {
		s := newShop(2)
		s.loss = c.loss
		for i := range 3000 {
			s.request(c.of(i))
		}
		if got := titles(look(s.store, nil)); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Whoever asks again is told the same in the same order, to the last digit.
func TestOddStaysAsItIs(t *testing.T) {
	s := newShop(5)
	for i := range 1600 {
		c := cart{checked: i == 500 || i == 501}
		if i%2 == 1 {
			c.kind = model.KindConsumer
		}
		s.request(c)
	}
	_, odd := look(s.store, nil)
	first := odd.Odd()
	if len(first) != 2 {
		t.Fatalf("%d odd requests, want one of each root operation: %+v", len(first), first)
	}
	for range 50 {
		if again := odd.Odd(); !reflect.DeepEqual(again, first) {
			t.Fatalf("%+v\nwas\n%+v", again, first)
		}
	}
}

// A rare shape is judged with the other rare shapes of its operation, not alone.
func TestRareShapesArePooled(t *testing.T) {
	s := newShop(3)
	for i := range 1200 {
		c := cart{reads: 1 + i%3, checked: i/3%2 == 0, short: i/6%2 == 0}
		if i%12 > 0 {
			c = cart{reads: 1 + i%12*5%41, checked: i%2 == 0}
		}
		if i == 600 {
			c.redis = 4000 * ms
		}
		s.request(c)
	}
	slow, _ := look(s.store, nil)
	got := slow.Slow()
	if len(got) != 1 || got[0].Count != 1 || got[0].Traces[0].Lo != 601 {
		t.Fatalf("%+v", got)
	}
}

// Whatever traces hold, memory is bounded and nothing is lost without being counted.
func TestHostileTraces(t *testing.T) {
	s := storetest.New(nil)
	r := modeltest.Rand(8)
	for range 300 {
		s.AddTrace(modeltest.Hostile(r, 40))
	}
	s.AddTrace(modeltest.Chain(3000))
	s.AddTrace(modeltest.Wide(3000))
	for i := range 3500 {
		x := modeltest.Spans(t, "web GET / server 0..100\n  cart load client 10..20")
		x[i%2].Name += fmt.Sprint(i)
		s.AddTrace(x)
	}
	traces := s.Counters().Traces
	slow, odd := look(s, nil)
	if slow.Dropped == 0 && odd.Dropped == 0 && slow.Traces < 3000 {
		t.Errorf("%d of %d traces, %d and %d dropped", slow.Traces, traces, slow.Dropped, odd.Dropped)
	}
	if odd.Traces+odd.Incomplete+odd.Dropped != traces {
		t.Errorf("%d + %d + %d of %d traces", odd.Traces, odd.Incomplete, odd.Dropped, traces)
	}
	for _, x := range slow.Slow() {
		if x.Lost < 0 || x.Count == 0 || math.IsNaN(x.Surprise) || math.IsNaN(x.Z) {
			t.Errorf("%+v", x)
		}
	}
	for _, x := range odd.Odd() {
		if x.Count == 0 || x.Count > x.Of || len(x.Traces) == 0 || math.IsNaN(x.PathBits) {
			t.Errorf("%+v", x)
		}
	}
}
