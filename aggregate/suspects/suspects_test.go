package suspects_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

// shop makes requests to a small shop: web calls cart and catalog twice, cart and catalog ask one database.
// Times are exponential around their means, so that no two requests are alike.
type shop struct {
	names *rolluptest.Names
	rng   *rand.Rand
	next  uint64
	spans []model.Span

	cartWork, cartNetwork float64 // ms, mean
	catalogWork           float64
	webWait               float64 // added to every wait of web: it is late to notice answers
	database              float64
	skipCart              float64 // share of requests in which web does not call cart
	lostCart              float64 // share of calls of cart that are not answered
	failCart              float64 // share of calls of cart that fail, and web with them
	backoff               float64 // that web waits after cart failed
	wrongCart             float64 // share of calls of cart that it answers without asking, and web gives up
	queries               int     // per call of catalog
}

func newShop(seed uint64) *shop {
	return &shop{
		names: new(rolluptest.Names), rng: rand.New(rand.NewPCG(seed, 1)),
		cartWork: 3, cartNetwork: 1, catalogWork: 5, database: 2, queries: 1,
	}
}

func (s *shop) ms(mean float64) int64 { return int64(s.rng.ExpFloat64() * mean * 1e6) }

func (s *shop) chance(share float64) bool { return s.rng.Float64() < share }

// span adds a span and returns its index.
func (s *shop) span(parent model.SpanID, service, name string, kind model.Kind, start, end int64) int {
	s.next++
	s.spans = append(s.spans, model.Span{
		ID: model.SpanID(s.next), Parent: parent, Name: name, Kind: kind, Start: start, End: end,
		Resource: &model.Resource{Service: service},
	})
	return len(s.spans) - 1
}

// call adds a call of a service by web and returns when it ends, and the client and server spans, the
// latter -1 where the call is not answered.
func (s *shop) call(parent model.SpanID, service string, at int64, network, work float64, queries int, lost bool) (end int64, client, server int) {
	client = s.span(parent, "web", "GET "+service, model.KindClient, at, at)
	there, back := s.ms(network/2), s.ms(network/2)+s.ms(s.webWait)
	server = s.span(s.spans[client].ID, service, "/"+service, model.KindServer, at+there, 0)
	now := at + there + s.ms(work)
	for range queries {
		db := s.span(s.spans[server].ID, service, "SELECT", model.KindClient, now, now+s.ms(s.database))
		s.spans[db].Attributes = []model.Attribute{
			{Key: "peer", Value: model.StringValue("pg")}, {Key: "db.system", Value: model.StringValue("postgresql")},
		}
		now = s.spans[db].End
	}
	s.spans[server].End = now
	s.spans[client].End = now + back
	if lost {
		s.spans = s.spans[:server]
		server = -1
	}
	return now + back, client, server
}

// request adds a request to a side of a comparison.
func (s *shop) request(c *suspects.Comparison, side suspects.Side) {
	s.make()
	c.Add(side, model.TraceID{Hi: uint64(side), Lo: s.next}, s.names.Settle(s.spans))
}

// make makes the spans of a request.
func (s *shop) make() {
	s.spans = s.spans[:0]
	const start = 1e18
	root := s.span(0, "web", "/", model.KindServer, start, 0)
	id := s.spans[root].ID
	now := start + s.ms(2)
	if !s.chance(s.skipCart) {
		fails := s.chance(s.failCart)
		queries, wrong := 1, s.chance(s.wrongCart)
		if wrong {
			queries = 0
		}
		end, client, server := s.call(id, "cart", now, s.cartNetwork, s.cartWork, queries, s.chance(s.lostCart))
		now = end
		if wrong {
			s.spans[root].End = now
			return
		}
		if fails && server >= 0 {
			for _, i := range []int{root, client, server} {
				s.spans[i].Status = model.StatusError
			}
			now += s.ms(s.backoff)
		}
	}
	for range 2 {
		now, _, _ = s.call(id, "catalog", now, 1, s.catalogWork, s.queries, false)
	}
	s.spans[root].End = now
}

// compare makes requests before and after something changed.
func compare(seed uint64, requests int, change func(s *shop)) []suspects.Suspect {
	s := newShop(seed)
	c := suspects.New(s.names)
	for range requests {
		s.request(c, suspects.Baseline)
	}
	change(s)
	for range requests {
		s.request(c, suspects.Focus)
	}
	return c.Rank(0)
}

// TestPlantedFaults plants one fault of every mechanism; nothing but its cause may come first.
func TestPlantedFaults(t *testing.T) {
	for name, x := range map[string]struct {
		change    func(s *shop)
		service   string
		mechanism suspects.Mechanism
		why       string // part of the sentence
		least     float64
		most      float64 // of the score, requests
	}{
		"a callee works longer":     {func(s *shop) { s.cartWork += 20 }, "cart", suspects.Work, "/cart in cart works", .6, .95},
		"a callee returns at once":  {func(s *shop) { s.cartWork = .1 }, "cart", suspects.Work, "most of its own work is gone", .08, .14},
		"packets to it are delayed": {func(s *shop) { s.cartNetwork += 20 }, "cart", suspects.Wait, "network or queue", .6, .95},
		"the caller is starved":     {func(s *shop) { s.webWait = 10 }, "web", suspects.Wait, "likewise for 1 more", 1, 1.4},
		"the database is slow":      {func(s *shop) { s.database += 20 }, "pg", suspects.Wait, "for each call to database pg (before: ", 2, 2.8},
		"a call is left out":        {func(s *shop) { s.skipCart = .6 }, "web", suspects.Calls, "it returns early", .1, .2},
		"a callee answers wrongly":  {func(s *shop) { s.wrongCart = .6 }, "cart", suspects.Calls, "gives up after asking cart", .3, .55},
		"a callee is gone":          {func(s *shop) { s.lostCart = .6 }, "cart", suspects.Unanswered, "cart answers", .08, .17},
		"a callee fails":            {func(s *shop) { s.failCart = .4 }, "cart", suspects.Errors, "errors begin in /cart of cart", .3, .5},
		"one call became many":      {func(s *shop) { s.queries = 9 }, "catalog", suspects.Calls, "calls SELECT 9 times per call, before once", 1, 1.5},
	} {
		t.Run(name, func(t *testing.T) {
			ranked := compare(1, 300, x.change)
			if len(ranked) == 0 {
				t.Fatal("no suspects")
			}
			s := ranked[0]
			if s.Service != x.service || s.Changes[0].Mechanism != x.mechanism {
				t.Fatalf("%s, by %s: %s", s.Service, s.Changes[0].Mechanism, s.Why())
			}
			if !strings.Contains(s.Why(), x.why) {
				t.Errorf("why: %s", s.Why())
			}
			if s.Score < x.least || s.Score > x.most {
				t.Errorf("accounts for %.2f requests, want %.2f to %.2f", s.Score, x.least, x.most)
			}
			if s.Share < .8 {
				t.Errorf("only %.2f of the change", s.Share)
			}
			if len(s.Traces) == 0 || s.Traces[0].Hi != uint64(suspects.Focus) {
				t.Errorf("exemplars %v", s.Traces)
			}
		})
	}
}

// TestNothingChanged compares like with like: what is called certain then is so by chance, and rarely.
func TestNothingChanged(t *testing.T) {
	const runs = 100
	wrong := 0
	for seed := range uint64(runs) {
		for _, s := range compare(seed, 120, func(*shop) {}) {
			if s.Score > 0 {
				wrong++
				if s.Score > .1 {
					t.Errorf("seed %d: %s with a score of %.3f: %s", seed, s.Service, s.Score, s.Why())
				}
			}
		}
	}
	if wrong > runs/10 {
		t.Errorf("%d certain suspects in %d comparisons of like with like", wrong, runs)
	}
}

// TestMixIsNoChange sends other requests of the same kinds: a service that is asked more often is no cause.
func TestMixIsNoChange(t *testing.T) {
	s := newShop(7)
	c := suspects.New(s.names)
	small := func(side suspects.Side) {
		s.spans = s.spans[:0]
		s.span(0, "web", "/health", model.KindServer, 1e18, 1e18+s.ms(1))
		c.Add(side, model.TraceID{Hi: uint64(side), Lo: s.next}, s.names.Settle(s.spans))
	}
	for i := range 400 {
		s.request(c, suspects.Focus)
		if i%10 == 0 {
			s.request(c, suspects.Baseline)
			small(suspects.Focus)
		} else {
			small(suspects.Baseline)
		}
	}
	for _, x := range c.Rank(0) {
		if x.Score > 0 {
			t.Errorf("%s: %.3f: %s", x.Service, x.Score, x.Why())
		}
	}
}

func TestEmptySides(t *testing.T) {
	s := newShop(1)
	c := suspects.New(s.names)
	if got := c.Rank(0); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	s.request(c, suspects.Focus)
	if got := c.Rank(0); got != nil {
		t.Errorf("without a baseline: %v", got)
	}
}
