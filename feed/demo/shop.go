package demo

import (
	"fmt"
	"time"

	"oteltop/model"
)

const ms = time.Millisecond

// trace makes one request of a random kind that begins at at.
func (t *tracer) trace(at int64) []span {
	t.id, t.begun = model.TraceID{Hi: t.r.Uint64() | 1, Lo: t.r.Uint64()}, at
	t.who = t.visitor()
	kinds := [...]struct {
		weight int
		entry  serviceID
		route  string
		method string
		work   func(f *frame) int
	}{
		{22, web, "/", "GET", home}, {24, web, "/product/{id}", "GET", product}, {14, web, "/search", "GET", find},
		{12, web, "/category/{name}", "GET", category}, {9, web, "/cart", "POST", addToCart}, {10, web, "/checkout", "POST", order},
		{4, mobile, "/api/feed", "GET", home}, {4, mobile, "/api/checkout", "POST", order},
	}
	if t.r.IntN(50) == 0 {
		return t.restock(at)
	}
	n := t.r.IntN(99)
	k := 0
	for ; n >= kinds[k].weight; k++ {
		n -= kinds[k].weight
	}
	kind := kinds[k]
	root := t.begin(kind.entry, 0, model.KindServer, kind.method+" "+kind.route, at,
		str("http.request.method", kind.method), str("http.route", kind.route), str("url.path", kind.route),
		str("url.scheme", "https"), str("user_agent.original", agents[t.r.IntN(len(agents))]), str("user.id", t.who.user))
	root.add(t.who.attributes()...)
	root.wait(1200 * time.Microsecond)
	signIn(root)
	status := kind.work(root)
	root.wait(1500 * time.Microsecond)
	root.add(num("http.response.status_code", int64(status)))
	if status >= 500 {
		root.span().failed = true
		root.add(str("error.type", fmt.Sprint(status)))
	}
	root.end()
	return t.finish()
}

var (
	tenants = [...]string{"acme", "globex", "initech", "umbrella", "hooli", "stark"}
	regions = [...]string{"eu-west-1", "us-east-1", "ap-south-1"}
	tiers   = [...]string{"free", "free", "plus", "business"}
	agents  = [...]string{"Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Macintosh)", "ShopApp/9.1 (iPhone)", "ShopApp/9.1 (Android)"}
	terms   = [...]string{"lamp", "desk", "chair", "shelf", "rug"}
)

func (t *tracer) visitor() visitor {
	return visitor{
		tenant: tenants[t.r.IntN(len(tenants))], tier: tiers[t.r.IntN(len(tiers))], region: regions[t.r.IntN(len(regions))],
		session: fmt.Sprintf("s-%05x", t.r.IntN(4000)), user: fmt.Sprintf("u-%08x", t.r.Uint32()),
	}
}

func signIn(f *frame) {
	f.http(auth, "GET", "/session", func(s *frame) int {
		s.wait(500 * time.Microsecond)
		s.query(redisSession, "GET", "", "GET session:?", 600*time.Microsecond)
		return 200
	})
}

func home(f *frame) int {
	f.both(func(f *frame) { recommend(f) }, func(f *frame) { listing(f, "featured", 12) }, func(f *frame) {
		f.query(redisCart, "HGETALL", "", "HGETALL cart:?", 700*time.Microsecond)
	})
	f.inner("render home", func(f *frame) { f.wait(4 * ms) }, yes("feature_flag.result.new_home", f.t.r.IntN(3) == 0))
	return 200
}

func product(f *frame) int {
	f.both(func(f *frame) {
		f.grpc(catalog, "shop.Catalog", "GetProduct", func(s *frame) {
			s.wait(700 * time.Microsecond)
			s.query(mysqlCatalog, "SELECT", "products", "SELECT * FROM products WHERE id = ?", 2200*time.Microsecond)
		})
	}, func(f *frame) { stock(f) }, func(f *frame) { recommend(f) })
	f.inner("render product", func(f *frame) { f.wait(3 * ms) })
	return 200
}

func find(f *frame) int {
	term := terms[f.t.r.IntN(len(terms))]
	return f.http(search, "GET", "/query", func(s *frame) int {
		s.inner("parse query", func(f *frame) { f.wait(600 * time.Microsecond) }, str("search.term", term))
		s.query(openSearch, "search", "products", `{"query":{"match":{"title":"?"}}}`, 18*ms)
		listing(s, "hits", 8)
		return 200
	}, str("url.query", "q="+term))
}

// category shows the n-plus-one fault: items are read one by one instead of in one statement.
func category(f *frame) int {
	f.grpc(catalog, "shop.Catalog", "ListCategory", func(s *frame) {
		s.query(mysqlCatalog, "SELECT", "categories", "SELECT id FROM categories WHERE name = ?", 1500*time.Microsecond)
		if !f.t.o.on(nPlusOne, f.t.begun) {
			s.query(mysqlCatalog, "SELECT", "items", "SELECT * FROM items WHERE id IN (?)", 4*ms, num("db.response.returned_rows", 24))
			return
		}
		for range 18 + f.t.r.IntN(14) {
			s.query(mysqlCatalog, "SELECT", "items", "SELECT * FROM items WHERE id = ?", 3500*time.Microsecond, num("db.response.returned_rows", 1))
		}
	})
	f.inner("render category", func(f *frame) { f.wait(3 * ms) })
	return 200
}

func listing(f *frame, what string, rows int64) {
	f.grpc(catalog, "shop.Catalog", "List", func(s *frame) {
		s.wait(600 * time.Microsecond)
		s.query(mysqlCatalog, "SELECT", "products", "SELECT * FROM products WHERE tag = ? LIMIT ?", 3*ms, num("db.response.returned_rows", rows), str("shop.listing", what))
	})
}

// recommend is slow on pods that run the slow release.
func recommend(f *frame) {
	f.grpc(recommendation, "shop.Recommendation", "For", func(s *frame) {
		model := 9 * ms
		if s.span().version == slowVersion {
			model *= 4
		}
		s.inner("rank candidates", func(f *frame) { f.wait(model) }, num("ml.candidates", int64(40+s.t.r.IntN(80))))
	})
}

func stock(f *frame) {
	f.http(inventory, "GET", "/stock/{id}", func(s *frame) int {
		s.query(pgOrders, "SELECT", "stock", "SELECT quantity FROM stock WHERE sku = ?", 1800*time.Microsecond)
		return 200
	})
}

func addToCart(f *frame) int {
	return f.http(cart, "POST", "/items", func(s *frame) int {
		s.wait(900 * time.Microsecond)
		stock(s)
		s.query(redisCart, "HSET", "", "HSET cart:? ? ?", 700*time.Microsecond)
		return 201
	})
}

// order is the long request: cart, stock, shipping quote, payment, and what follows by message.
func order(f *frame) int {
	ok := f.grpc(checkout, "shop.Checkout", "PlaceOrder", func(s *frame) {
		s.http(cart, "GET", "/items", func(c *frame) int {
			c.query(redisCart, "HGETALL", "", "HGETALL cart:?", 800*time.Microsecond)
			return 200
		})
		if !reserve(s) {
			s.fail("OrderRejected", "no stock could be reserved")
			return
		}
		if !quote(s) {
			s.fail("ShippingUnavailable", "no shipping quote after 4 attempts")
			return
		}
		charge(s)
		s.query(pgOrders, "INSERT", "orders", "INSERT INTO orders VALUES (?, ?, ?)", 3*ms)
		s.say(model.SeverityInfo, "order placed", str("tenant", f.t.who.tenant))
		s.announce()
	})
	if !ok {
		return 500
	}
	return 200
}

// reserve shows the error-burst fault.
func reserve(f *frame) bool {
	return f.http(inventory, "POST", "/reservations", func(s *frame) int {
		s.query(pgOrders, "UPDATE", "stock", "UPDATE stock SET quantity = quantity - ? WHERE sku = ?", 2500*time.Microsecond)
		if f.t.o.on(errorBurst, f.t.begun) && f.t.r.IntN(100) < 65 {
			s.wait(30 * ms)
			s.fail("StockLockTimeout", "could not lock row for sku within 30ms")
			return 500
		}
		return 201
	}) < 500
}

// quote shows the retry-storm fault: up to four attempts with growing pauses.
func quote(f *frame) bool {
	for attempt := range 4 {
		var as []attribute
		if attempt > 0 {
			f.wait(time.Duration(attempt) * 20 * ms)
			f.say(model.SeverityWarn, fmt.Sprintf("no shipping quote, attempt %d of 4", attempt+1))
			as = append(as, num("http.request.resend_count", int64(attempt)))
		}
		status := f.http(shipping, "POST", "/quotes", func(s *frame) int {
			s.wait(3 * ms)
			if f.t.o.on(retryStorm, f.t.begun) && f.t.r.IntN(100) < 75 {
				s.fail("CarrierUnavailable", "carrier answered with 503")
				return 503
			}
			s.inner("compute rate", func(f *frame) { f.wait(4 * ms) })
			return 200
		}, as...)
		if status < 500 {
			return true
		}
	}
	return false
}

// charge shows the slow-tenant fault.
func charge(f *frame) {
	f.http(payments, "POST", "/charges", func(s *frame) int {
		median := 5 * ms
		if f.t.o.on(slowTenant, f.t.begun) && f.t.who.tenant == "acme" {
			median *= 60
		}
		s.inner("check limits", func(f *frame) {
			f.timed("the sum over the ledger of "+f.t.who.tenant, func() {
				f.query(pgPayments, "SELECT", "ledger", "SELECT sum(amount) FROM ledger WHERE tenant = ? AND at > ?", median, str("tenant", f.t.who.tenant))
			})
		})
		s.external("api.stripe.example", "POST", "/v1/charges", 38*ms)
		s.query(pgPayments, "INSERT", "ledger", "INSERT INTO ledger VALUES (?, ?, ?)", 2500*time.Microsecond)
		return 201
	})
}

// announce publishes the order; three workers take it up after the response has gone out.
func (f *frame) announce() {
	p := f.publish("orders", 1200*time.Microsecond)
	t := f.t
	t.consume(notification, "orders", p, 25*ms, func(c *frame) {
		c.wait(2 * ms)
		c.external("smtp.mail.example", "POST", "/send", 22*ms)
	})
	t.consume(fraud, "orders", p, 15*ms, func(c *frame) { c.inner("score order", func(f *frame) { f.wait(14 * ms) }) })
	t.consume(ledger, "orders", p, 60*ms, func(c *frame) {
		c.query(pgPayments, "INSERT", "postings", "INSERT INTO postings VALUES (?, ?)", 3*ms)
	})
}

// restock is a job of the scheduler: a batch of messages that one consumer handles at once, linked to all.
func (t *tracer) restock(at int64) []span {
	root := t.begin(scheduler, 0, model.KindInternal, "restock", at, str("job.name", "restock"))
	root.wait(3 * ms)
	var links []link
	var last *frame
	for range 3 + t.r.IntN(4) {
		last = root.publish("restock", 900*time.Microsecond)
		links = append(links, link{t.id, last.span().id})
	}
	root.end()
	t.consume(inventory, "restock", last, 40*ms, func(c *frame) {
		c.span().links = links
		c.add(num("messaging.batch.message_count", int64(len(links))))
		c.query(pgOrders, "UPDATE", "stock", "UPDATE stock SET quantity = ? WHERE sku IN (?)", 9*ms)
	})
	return t.finish()
}
