package gaps_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/gaps"
	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/store"
)

// world is calls of shop to cart and what else goes on.
type world struct {
	calls     int
	rate      float64 // calls a second
	lost      float64 // share of the calls whose context is lost
	drop      float64 // share of the calls of which cart sends nothing
	users     float64 // traces a second that users start at cart
	key, peer string  // how shop names whom it calls
	cart      *model.Resource
	kinds     [2]model.Kind // of the call: client and server unless set
	failed    bool
}

func (w world) fold(t *testing.T, shuffle bool) *gaps.Fold {
	t.Helper()
	rng := rand.New(rand.NewPCG(41, 1))
	shop := &model.Resource{Service: "shop"}
	if w.cart == nil {
		w.cart = &model.Resource{Service: "cart"}
	}
	client, callee := model.KindClient, model.KindServer
	if w.kinds[0] != 0 {
		client, callee = w.kinds[0], w.kinds[1]
	}
	var spans []model.Span
	trace := uint64(0)
	next := func() model.TraceID { trace++; return model.TraceID{Lo: trace} }
	at := 1e18
	for range w.calls {
		at += rng.ExpFloat64() / w.rate * 1e9
		start, took := int64(at), int64(5e6+rng.ExpFloat64()*20e6)
		id := next()
		status := model.StatusUnset
		if w.failed {
			status = model.StatusError
		}
		spans = append(spans,
			model.Span{TraceID: id, ID: 1, Name: "GET /", Kind: model.KindServer, Resource: shop, Start: start - 2e6, End: start + took + 3e6},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: "GET", Kind: client, Status: status, Resource: shop, Start: start, End: start + took,
				Attributes: []model.Attribute{{Key: w.key, Value: model.StringValue(w.peer)}}})
		if rng.Float64() < w.drop {
			continue
		}
		server := model.Span{TraceID: id, ID: 3, Parent: 2, Name: "GET /cart", Kind: callee, Resource: w.cart, Start: start + took/10, End: start + took*9/10}
		if rng.Float64() < w.lost {
			server.TraceID, server.Parent = next(), 0
		}
		spans = append(spans, server)
	}
	for user := 1e18; w.users > 0 && user < at; user += rng.ExpFloat64() / w.users * 1e9 {
		spans = append(spans, model.Span{TraceID: next(), ID: 9, Name: "GET /cart", Kind: model.KindServer, Resource: w.cart, Start: int64(user), End: int64(user) + int64(rng.ExpFloat64()*20e6)})
	}
	if shuffle {
		rng.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	}
	s := storetest.Of(spans...)
	f := gaps.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, f.Fold)
	return f
}

func TestContextLost(t *testing.T) {
	pod := &model.Resource{Service: "cart", Attributes: []model.Attribute{{Key: "k8s.pod.ip", Value: model.StringValue("10.1.2.3")}}}
	for name, c := range map[string]struct {
		w    world
		rate float64
	}{
		"all":            {world{calls: 1240, rate: 10, lost: 1, key: "server.address", peer: "cart"}, 1},
		"old attribute":  {world{calls: 1240, rate: 10, lost: 1, key: "net.peer.name", peer: "cart"}, 1},
		"named":          {world{calls: 300, rate: 10, lost: 1, key: "peer.service", peer: "cart"}, 1},
		"port":           {world{calls: 300, rate: 10, lost: 1, key: "server.address", peer: "Cart:8080"}, 1},
		"cluster":        {world{calls: 300, rate: 10, lost: 1, key: "server.address", peer: "cart.shop.svc.cluster.local:80"}, 1},
		"address of pod": {world{calls: 300, rate: 10, lost: 1, key: "server.address", peer: "10.1.2.3:8080", cart: pod}, 1},
		"answered too":   {world{calls: 1000, rate: 10, lost: .3, key: "server.address", peer: "198.51.100.7:80"}, .3},
		"with users":     {world{calls: 1000, rate: 10, lost: 1, users: 20, key: "server.address", peer: "cart"}, 1},
		"busy":           {world{calls: 4000, rate: 300, lost: 1, key: "server.address", peer: "cart"}, 1},
		"namespace":      {world{calls: 300, rate: 10, lost: 1, key: "server.address", peer: "cart:80", cart: &model.Resource{Service: "prod/cart"}}, 1},
	} {
		f := c.w.fold(t, false)
		r := f.Result()
		if len(r.Pairs) != 1 || r.Dropped != 0 {
			t.Errorf("%s: %+v", name, r)
			continue
		}
		p := r.Pairs[0]
		if !p.Lost || p.Calls != uint64(c.w.calls) || p.Rate() < c.rate-.05 || p.Rate() > c.rate+.05 || len(p.ClientTraces) != 5 || len(p.ServerTraces) != 5 {
			t.Errorf("%s: rate %g: %+v", name, p.Rate(), p)
		}
		found := f.Findings()
		if len(found) != 1 || found[0].Kind != findings.PropagationGap || found[0].Client != "shop" || !strings.HasSuffix(found[0].Service, "cart") {
			t.Errorf("%s: %+v", name, found)
		} else if name == "all" && found[0].Title != "trace context is lost between shop and cart: 100% of 1240 calls start a trace of their own" {
			t.Error(found[0].Title)
		}
	}
}

func TestNoContextLost(t *testing.T) {
	for name, c := range map[string]struct {
		w    world
		kind findings.Kind // of what is found instead
	}{
		"answered":         {world{calls: 1000, rate: 10, users: 20, key: "server.address", peer: "cart"}, ""},
		"database":         {world{calls: 1000, rate: 10, drop: 1, users: 20, key: "db.system.name", peer: "cart"}, ""},
		"old database":     {world{calls: 1000, rate: 10, drop: 1, users: 20, key: "db.system", peer: "cart"}, ""},
		"external":         {world{calls: 1000, rate: 10, drop: 1, users: 20, key: "server.address", peer: "cart.example.com:443"}, ""},
		"no peer":          {world{calls: 1000, rate: 10, drop: 1, users: 20, key: "x", peer: "cart"}, ""},
		"messaging":        {world{calls: 1000, rate: 10, lost: 1, key: "messaging.system", peer: "cart", kinds: [2]model.Kind{model.KindProducer, model.KindConsumer}}, ""},
		"asynchronous":     {world{calls: 1000, rate: 10, lost: 1, key: "server.address", peer: "cart", kinds: [2]model.Kind{model.KindProducer, model.KindServer}}, ""},
		"some spans lost":  {world{calls: 1000, rate: 10, drop: .01, users: 20, key: "server.address", peer: "cart"}, ""},
		"not sampled":      {world{calls: 1000, rate: 10, drop: .6, users: 5, key: "server.address", peer: "cart"}, findings.MissingSpans},
		"not sampled busy": {world{calls: 4000, rate: 100, drop: .6, users: 300, key: "server.address", peer: "cart"}, findings.MissingSpans},
		"down":             {world{calls: 1000, rate: 10, drop: 1, users: 1, key: "server.address", peer: "cart", failed: true}, ""},
		"few":              {world{calls: 15, rate: 10, lost: 1, key: "server.address", peer: "cart"}, ""},
	} {
		f := c.w.fold(t, false)
		for _, p := range f.Result().Pairs {
			if p.Lost {
				t.Errorf("%s: %+v", name, p)
			}
		}
		found := f.Findings()
		if c.kind == "" && len(found) > 0 || c.kind != "" && (len(found) != 1 || found[0].Kind != c.kind) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// The order in which spans arrive makes no difference.
func TestOrderOfArrival(t *testing.T) {
	w := world{calls: 500, rate: 100, lost: .5, users: 3, key: "server.address", peer: "cart"}
	f := w.fold(t, false)
	g := w.fold(t, true)
	want, got := f.Result(), g.Result()
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if again := f.Result(); !reflect.DeepEqual(again, want) {
		t.Error("asked twice, another answer")
	}
}

// A hostile stream does not make it keep more than its bounds, and it says so.
func TestBounds(t *testing.T) {
	s := storetest.New(nil)
	f := gaps.New(s.Names(), func(x *store.Settled) string { return fmt.Sprint("peer-", x.Peer) })
	tr := &request.Trace{}
	for i := range uint32(20_000) {
		tr.Spans = []store.Settled{{Head: model.Head{ID: 1, Kind: model.KindClient, Start: 1, End: 2, Service: 1}, Peer: i + 1, Role: store.PeerService}}
		tr.Heads = []model.Head{tr.Spans[0].Head}
		tr.Tree.Link(tr.Heads)
		again := &request.Trace{Spans: tr.Spans, Heads: tr.Heads, Tree: tr.Tree}
		f.Fold(again)
	}
	if r := f.Result(); r.Dropped != 20_000-1<<14 || len(r.Pairs) != 0 {
		t.Errorf("%+v", r)
	}
}
