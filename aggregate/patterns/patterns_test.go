package patterns_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/patterns"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func fold(spans []model.Span) *patterns.Result {
	s := storetest.Of(spans...)
	f := patterns.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, f.Fold)
	return f.Result()
}

// drawn folds drawn traces.
func drawn(t *testing.T, drawing string) *patterns.Result { return fold(modeltest.Spans(t, drawing)) }

// calls draws n calls below "web GET / server 0..1000", each with the name, extent and attributes that the function says.
func calls(n int, one func(i int) string) string {
	var b strings.Builder
	b.WriteString("web GET / server 0..1000\n")
	for i := range n {
		b.WriteString("  web " + one(i) + "\n")
	}
	return b.String()
}

// kinds are the rows in short.
func kinds(r *patterns.Result) []string {
	var out []string
	for i := range r.Rows {
		x := &r.Rows[i]
		out = append(out, fmt.Sprintf("%s %s %s: %s ×%d %d/%d/%d ms", x.Kind, x.Service, x.Operation, x.Call, x.Calls, x.Time/1e6, x.Critical/1e6, x.Save/1e6))
	}
	return out
}

func want(t *testing.T, what string, r *patterns.Result, rows ...string) {
	t.Helper()
	if got := kinds(r); !slices.Equal(got, rows) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, rows)
	}
}

func item(i int) string {
	return fmt.Sprintf(`SELECT item client %d..%d db.system=mysql db.statement="SELECT * FROM item WHERE id = %d"`, 10+20*i, 29+20*i, i)
}

// The public cases of N+1 detectors, rebuilt from their description: five queries in sequence that take 50 ms and
// more; a query that yields the items before them; queries inside spans of an ORM; calls between that belong to each
// item; the parameters hidden or not.
func TestNPlusOne(t *testing.T) {
	want(t, "48 in a row", drawn(t, calls(48, item)), "n_plus_one web GET /: SELECT item ×48 912/912/893 ms")
	want(t, "five", drawn(t, calls(5, item)), "n_plus_one web GET /: SELECT item ×5 95/95/76 ms")
	want(t, "each inside an ORM's span", drawn(t, `
web GET / server 0..1000
  web render internal 1..900
    web Item.load internal 10..31
      web SELECT item client 11..30 db.statement="SELECT * FROM item WHERE id = 'a'"
    web Item.load internal 40..61
      web SELECT item client 41..60 db.statement="SELECT * FROM item WHERE id = 'b'"
    web Item.load internal 70..91
      web SELECT item client 71..90 db.statement="SELECT * FROM item WHERE id = 'c'"
    web Item.load internal 100..121
      web SELECT item client 101..120 db.statement="SELECT * FROM item WHERE id = 'd'"
    web Item.load internal 130..151
      web SELECT item client 131..150 db.statement="SELECT * FROM item WHERE id = 'e'"
`), "n_plus_one web GET /: SELECT item ×5 95/95/76 ms")
	r := drawn(t, calls(13, func(i int) string {
		switch {
		case i == 0:
			return `SELECT list client 1..9 db.query.text="SELECT id FROM list WHERE tag = ?"`
		case i%2 == 1:
			return fmt.Sprintf(`SELECT item client %d..%d db.query.text="SELECT * FROM item WHERE id = ?"`, 20*i, 15+20*i)
		}
		return fmt.Sprintf(`GET client %d..%d db.system=redis db.query.text="GET price:%d"`, 20*i, 1+20*i, i)
	}))
	want(t, "with a source and calls between", r, "n_plus_one web GET /: SELECT item ×6 90/90/75 ms")
	if x := r.Rows[0]; x.Sourced != 1 || x.Select.Key != "db.query.text" || x.Select.Value != "SELECT * FROM item WHERE id = ?" || x.PerCallerMax != 6 || x.Requests != 1 || x.Of != 1 {
		t.Errorf("%+v", x)
	}
	want(t, "calls to a service", drawn(t, calls(6, func(i int) string {
		return fmt.Sprintf("GET client %d..%d http.request.method=GET url.full=http://price:80/v1/price/%d?currency=%d\n    price GET /v1/price/{id} server %d..%d", 20*i, 15+20*i, i, i, 20*i+1, 14+20*i)
	})), "n_plus_one web GET /: GET /v1/price/{id} ×6 90/90/75 ms")
	inside := drawn(t, `
web GET / server 0..1000
  web loadAll internal 1..900
`+strings.ReplaceAll(strings.SplitN(calls(5, item), "\n", 2)[1], "  web", "    web"))
	if len(inside.Rows) != 1 || inside.Rows[0].Within != "loadAll" {
		t.Errorf("within: %+v", inside.Rows)
	}
}

// Negative controls.
func TestNoNPlusOne(t *testing.T) {
	for what, drawing := range map[string]string{
		"four calls": calls(4, item),
		"overlapping calls": calls(9, func(i int) string {
			return fmt.Sprintf(`SELECT item client %d..%d db.statement="SELECT * FROM item WHERE id = %d"`, 10+10*i, 29+10*i, i)
		}),
		"different statements": calls(9, func(i int) string {
			return fmt.Sprintf(`SELECT item client %d..%d db.statement="SELECT c%c FROM item WHERE id = ?"`, 10+20*i, 29+20*i, 'a'+i)
		}),
		"fast ones": calls(40, func(i int) string {
			return fmt.Sprintf(`SELECT item client %d..%d db.statement="SELECT * FROM item WHERE id = ?"`, 10+20*i, 11+20*i)
		}),
		"pages by offset": calls(9, func(i int) string {
			return fmt.Sprintf(`SELECT item client %d..%d db.statement="SELECT * FROM item ORDER BY id LIMIT 100 OFFSET %d"`, 10+20*i, 29+20*i, i*100)
		}),
		"pages by key": calls(9, func(i int) string {
			return fmt.Sprintf(`SELECT item client %d..%d db.statement="SELECT * FROM item WHERE id > %d ORDER BY id LIMIT 100"`, 10+20*i, 29+20*i, i*100)
		}),
		"pages of an interface": calls(9, func(i int) string {
			return fmt.Sprintf(`GET client %d..%d http.method=GET http.url=http://api/items?page=%d`, 10+20*i, 29+20*i, i)
		}),
		"attempts": calls(9, func(i int) string {
			return fmt.Sprintf(`POST client %d..%d error http.method=POST http.url=http://api/items`, 10+20*i, 29+20*i)
		}),
		"two kinds of calls between": calls(24, func(i int) string {
			return fmt.Sprintf(`q%c client %d..%d db.statement="SELECT %c FROM t WHERE id = ?"`, 'a'+i%3, 10+20*i, 29+20*i, 'a'+i%3)
		}),
		"small against a long request": "web GET / server 0..20000\n" + strings.SplitN(calls(20, item), "\n", 2)[1],
	} {
		want(t, what, drawn(t, drawing))
	}
	// The next event of each thing is no page, though it has order and limit.
	want(t, "latest of each", drawn(t, calls(6, func(i int) string {
		return fmt.Sprintf(`SELECT price client %d..%d db.statement="SELECT * FROM price WHERE item = %d AND at < 17 ORDER BY at DESC LIMIT 1"`, 20*i, 15+20*i, i)
	})), "n_plus_one web GET /: SELECT price ×6 90/90/75 ms")
}

// What takes no values need not wait: at best the longest of these and the rest take what they take.
func TestSerialCalls(t *testing.T) {
	r := drawn(t, `
web GET / server 0..1000
  web SELECT rates client 10..110 db.statement="SELECT * FROM rates"
  web SELECT user client 110..160 db.statement="SELECT * FROM user WHERE id = 7"
  web SELECT flags client 165..245 db.statement="SELECT * FROM flags"
`)
	want(t, "two of three", r, "serial web GET /:  ×3 230/230/130 ms")
	if x := r.Rows[0]; !x.Independent || !slices.Equal(x.Path, []string{"SELECT rates", "SELECT user", "SELECT flags"}) {
		t.Errorf("%+v", x)
	}
	for what, drawing := range map[string]string{
		"values": `
web GET / server 0..1000
  web SELECT rates client 10..110 db.statement="SELECT * FROM rates WHERE day = ?"
  web SELECT user client 110..260 db.statement="SELECT * FROM user WHERE id = 7"
`, "a change between": `
web GET / server 0..1000
  web SELECT rates client 10..110 db.statement="SELECT * FROM rates"
  web INSERT client 110..160 db.statement="INSERT INTO log DEFAULT VALUES"
  web SELECT flags client 165..265 db.statement="SELECT * FROM flags"
`, "at the same time": `
web GET / server 0..1000
  web SELECT rates client 10..210 db.statement="SELECT * FROM rates"
  web SELECT flags client 15..215 db.statement="SELECT * FROM flags"
`, "something else takes as long": `
web GET / server 0..1000
  web SELECT rates client 10..110 db.statement="SELECT * FROM rates"
  web SELECT flags client 115..215 db.statement="SELECT * FROM flags"
  web compute internal 5..999
`, "no statement": `
web GET / server 0..1000
  web SELECT rates client 10..110 db.system=mysql db.operation=SELECT
  web SELECT flags client 115..215 db.system=mysql db.operation=SELECT
`} {
		want(t, what, drawn(t, drawing))
	}
	slow := drawn(t, strings.ReplaceAll(`
web GET / server 0..9000
  web GET client 10..1010 http.method=GET http.url=http://a/x/1
  web GET client 1010..2310 http.method=GET http.url=http://b/y/2
  web POST client 2400..3500 http.method=POST http.url=http://c/z/3
`, "\t", ""))
	want(t, "slow calls that may depend on each other", slow, "serial web GET /:  ×3 3400/3400/2100 ms")
	if slow.Rows[0].Independent {
		t.Error("nobody can know that they are independent")
	}
}

func TestFanOut(t *testing.T) {
	shard := func(last int) func(i int) string {
		return func(i int) string {
			end := 60 + i%3
			if i == 11 {
				end = last
			}
			return fmt.Sprintf("GET shard client %d..%d url.template=/shard/{id} http.request.method=GET", 10+i/4, end)
		}
	}
	r := drawn(t, calls(12, shard(500)))
	want(t, "a straggler", r, "fan_out web GET /: GET shard /shard/{id} ×12 490/488/438 ms")
	if x := r.Rows[0]; x.Width != 12 || x.Harmed != 1 || x.Straggler < 8 || x.Straggler > 10 {
		t.Errorf("%+v", x)
	}
	r = drawn(t, calls(12, shard(65)))
	if len(r.Rows) != 1 || r.Rows[0].Harmed != 0 {
		t.Errorf("none: %+v", r.Rows)
	}
	want(t, "nine", drawn(t, calls(9, shard(500))))
}

// Calls with equal arguments are made once too often, from wherever.
func TestDuplicates(t *testing.T) {
	r := drawn(t, `
web GET / server 0..1000
  web SELECT conf client 10..110 db.system=pg db.query.text="SELECT * FROM conf WHERE k = 'a'"
  web GET client 120..420 http.request.method=GET url.full=http://cart/
    cart GET / server 130..410
      cart SELECT conf client 140..240 db.system=pg db.query.text="SELECT * FROM conf WHERE k = 'a'"
      cart SELECT conf client 250..300 db.system=pg db.query.text="SELECT * FROM conf WHERE k = 'b'"
`)
	want(t, "two services", r, "duplicates cart GET /: SELECT conf ×2 100/100/100 ms")
	if x := r.Rows[0]; !x.AcrossService || x.Harmed != 1 {
		t.Errorf("%+v", x)
	}
	for what, one := range map[string]string{
		"values are hidden":     `SELECT conf client %d..%d db.query.text="SELECT * FROM conf WHERE k = ?"`,
		"values are hidden $1":  `SELECT conf client %d..%d db.query.text="SELECT * FROM conf WHERE k = $1"`,
		"a change":              `INSERT log client %d..%d db.query.text="INSERT INTO log VALUES (1)"`,
		"a sign of life":        `SELECT client %d..%d db.query.text="SELECT 1"`,
		"a body nobody told of": `POST client %d..%d http.request.method=POST url.full=http://a/b`,
		"no arguments":          `shop.Cart/Get client %d..%d rpc.system=grpc`,
		"attempts":              `GET client %d..%d error http.request.method=GET url.full=http://a/b`,
	} {
		want(t, what, drawn(t, calls(2, func(i int) string { return fmt.Sprintf(one, 10+200*i, 200+200*i) })))
	}
	want(t, "two layers of one client", drawn(t, `
web GET / server 0..1000
  web GET client 10..110 http.request.method=GET url.full=http://a/b
    web GET client 11..109 http.request.method=GET url.full=http://a/b
`))
	for what, one := range map[string]string{
		"known parameters": `SELECT conf client %d..%d db.query.text="SELECT * FROM conf WHERE k = ?" db.query.parameter.0=a`,
		"an address":       `GET client %d..%d http.request.method=GET url.full=http://a/b?c=d`,
		"arguments":        `shop.Cart/GetCart client %d..%d rpc.system=grpc rpc.request.body={"id":17}`,
	} {
		one = strings.ReplaceAll(one, `{"id":17}`, "id:17")
		if r := drawn(t, calls(2, func(i int) string { return fmt.Sprintf(one, 10+200*i, 200+200*i) })); len(r.Rows) != 1 || r.Rows[0].Kind != patterns.Duplicates || r.Rows[0].Time != 190e6 {
			t.Errorf("%s: %+v", what, r.Rows)
		}
	}
}

// Old and new names of attributes tell the same.
func TestConventions(t *testing.T) {
	old := []string{"db.statement=", "db.system=", "http.url=", "http.method=", "db.operation="}
	present := []string{"db.query.text=", "db.system.name=", "url.full=", "http.request.method=", "db.operation.name="}
	drawing := calls(20, func(i int) string {
		if i%2 == 0 {
			return fmt.Sprintf(`GET client %d..%d http.method=GET http.url=http://a/b/%d`, 10+20*i, 29+20*i, i%6)
		}
		return fmt.Sprintf(`SELECT conf client %d..%d db.system=mysql db.operation=SELECT db.statement="SELECT * FROM conf WHERE k = %d"`, 10+20*i, 29+20*i, i)
	})
	before := drawn(t, drawing)
	for i := range old {
		drawing = strings.ReplaceAll(drawing, old[i], present[i])
	}
	if after := drawn(t, drawing); !slices.Equal(kinds(before), kinds(after)) || len(before.Rows) != 3 {
		t.Errorf("old %q, present %q", kinds(before), kinds(after))
	}
}

func TestCycles(t *testing.T) {
	r := drawn(t, `
a GET / server 0..1000
  a call client 10..900
    b GET /b server 20..890
      b call client 30..880
        a GET /back server 40..870
          a call client 50..860
            b GET /b server 60..850
`)
	if len(r.Rows) != 1 || !slices.Equal(r.Rows[0].Path, []string{"a", "b", "a"}) || r.Rows[0].Critical != 830e6 || r.Rows[0].Service != "a" {
		t.Errorf("%+v", r.Rows)
	}
	if r.SpansMax != 7 || r.HopsMax != 3 {
		t.Errorf("depth %d, hops %d", r.SpansMax, r.HopsMax)
	}
	// An operation that is called again inside of itself, with two others between. CRISP's test of getCycles counts one
	// between, too, and plain recursion; but the former is a client that wraps another, and neither tells of services that
	// wait for each other.
	r = drawn(t, `
a GET / server 0..1000
  a load client 10..900
    a GET /x server 20..890
      a work internal 30..880
        a load client 40..870
`)
	if len(r.Rows) != 1 || r.Rows[0].Kind != patterns.Cycle || r.Rows[0].Operation != "load" || r.Rows[0].Critical != 830e6 {
		t.Errorf("%+v", r.Rows)
	}
	for what, drawing := range map[string]string{
		"recursion": `
a GET / server 0..1000
  a load client 10..900
    a load client 20..890
      a load client 30..880`,
		"a wrapper": `
a GET / server 0..1000
  a load client 10..900
    a send client 20..890
      a load client 30..880`,
		"siblings": `
a GET / server 0..1000
  b x server 10..400
  c x server 400..800
  b x server 800..900`,
		"services without a name": `
- GET / server 0..1000
  b x server 10..900
    - y server 20..800`,
	} {
		want(t, what, drawn(t, drawing))
	}
}

// The heights and depths of jaeger-analytics (TraceHeight, ServiceDepth): no, one and two levels below the root, and as
// many services entered, whatever else they call.
func TestHeights(t *testing.T) {
	for i, drawing := range []string{
		"a GET server 0..100",
		"a GET server 0..100\n  b x server 10..20\n  c y server 30..40",
		"a GET server 0..100\n  b x server 10..20\n  c y server 30..80\n    a z server 40..50",
	} {
		if r := drawn(t, drawing); r.SpansMax != i+1 || r.HopsMax != i {
			t.Errorf("%d levels: %d spans, %d services entered", i, r.SpansMax, r.HopsMax)
		}
	}
	if r := drawn(t, "a GET server 0..100\n  a x internal 10..90\n    a y internal 20..80"); r.SpansMax != 3 || r.HopsMax != 0 {
		t.Errorf("one service: %d spans, %d services entered", r.SpansMax, r.HopsMax)
	}
}

// Of a thousand traces the deeper ones are named.
func TestDepth(t *testing.T) {
	var spans []model.Span
	for i := range 1200 {
		levels := 3 + i%2
		if i == 700 {
			levels = 9
		}
		for k := range levels {
			spans = append(spans, model.Span{
				TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: model.SpanID(k + 1), Parent: model.SpanID(k), Name: fmt.Sprint("op", k), Kind: model.KindInternal,
				Resource: &model.Resource{Service: "a"}, Scope: &model.Scope{}, Start: 1e18, End: 1e18 + 1e6,
			})
		}
	}
	r := fold(spans)
	if len(r.Rows) != 1 || r.Rows[0].Kind != patterns.Deep || r.Rows[0].CallsMax != 9 || r.Rows[0].Requests != 1 || r.Rows[0].Examples[0].Trace.Lo != 701 || r.SpansP95 != 4 {
		t.Errorf("%+v", r)
	}
}

// The order in which spans and traces arrive makes no difference.
func TestOrderMakesNoDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 18))
	var spans []model.Span
	for i := range uint64(60) {
		n := 4 + rng.IntN(10)
		one := modeltest.Spans(t, calls(n, func(i int) string {
			if i%4 == 3 {
				return fmt.Sprintf(`GET client %d..%d http.method=GET http.url=http://a/b/%d`, 10+20*i, 29+20*i, i%2)
			}
			return item(i)
		}))
		for k := range one {
			one[k].TraceID.Lo = i + 1
		}
		spans = append(spans, one...)
	}
	a := fold(spans)
	rng.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	b := fold(spans)
	for i := range a.Rows {
		a.Rows[i].Select.Value, a.Rows[i].Select.Key = "", ""
		b.Rows[i].Select.Value, b.Rows[i].Select.Key = "", ""
	}
	if !reflect.DeepEqual(a, b) || len(a.Rows) < 2 {
		t.Errorf("%+v\n%+v", a.Rows, b.Rows)
	}
}

// No pattern saves more than its calls take on the critical path, and none takes longer than all calls.
func TestSumsOfRandomTraces(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 19))
		spans := modeltest.Spans(t, calls(3+rng.IntN(30), func(i int) string {
			from := rng.IntN(900)
			return fmt.Sprintf(`q%d client %d..%d db.system=pg db.statement="SELECT * FROM t%c WHERE id = %d"`, rng.IntN(2), from, from+rng.IntN(100), 'a'+rng.IntN(2), rng.IntN(9))
		}))
		var all int64
		for i := range spans[1:] {
			all += spans[i+1].Duration()
		}
		r := fold(spans)
		for i := range r.Rows {
			x := &r.Rows[i]
			if x.Save > x.Critical || x.Critical > 1000e6 || x.Time > all || x.Save < 0 || x.Requests != 1 || x.Harmed > x.Requests {
				t.Fatalf("seed %d: %+v of %d", seed, x, all)
			}
		}
	}
}
