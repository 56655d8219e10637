package patterns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/patterns"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// found are the titles of findings in traces, each of which is drawn.
func found(t *testing.T, n int, draw func(i int) string) (titles []string) {
	t.Helper()
	s := storetest.New(nil)
	for i := range n {
		spans := modeltest.Spans(t, draw(i))
		for k := range spans {
			spans[k].TraceID.Lo = uint64(i) + 1
		}
		s.Add(spans...)
	}
	s.Flush()
	p := patterns.New(s.Names(), requesttest.Peer(s))
	requesttest.Each(s, p.Fold)
	for _, f := range p.Findings() {
		if f.Of != uint64(n) || f.Harmed == 0 || f.Lost <= 0 || len(f.Traces) == 0 || f.Span == 0 {
			t.Errorf("%+v", f)
		}
		titles = append(titles, string(f.Kind)+": "+f.Title)
	}
	return titles
}

// What is said about what costs time; and what is said nothing about: what hits one request in 200 only, what a cache
// answers, and what may have to wait.
func TestFindings(t *testing.T) {
	redis := func(i int) string {
		return fmt.Sprintf("GET price client %d..%d db.system=redis db.statement=price:%d", 10+20*i, 29+20*i, i)
	}
	for what, c := range map[string]struct {
		n    int
		draw func(i int) string
		want []string
	}{
		"all": {3, func(int) string { return calls(48, item) }, []string{"n_plus_one: web GET / runs SELECT item 48 times one after the other: 912ms of 1.00s"}},
		"one": {1, func(int) string { return calls(5, item) }, []string{"n_plus_one: web GET / runs SELECT item 5 times one after the other: 95.0ms of 1.00s"}},
		"one of many": {200, func(i int) string {
			if i == 7 {
				return calls(48, item)
			}
			return calls(1, item)
		}, nil},
		"a cache": {3, func(int) string { return calls(20, redis) }, nil},
		"side by side": {3, func(int) string {
			return `
web GET / server 0..1000
  web SELECT rates client 10..110 db.statement="SELECT * FROM rates"
  web SELECT flags client 110..210 db.statement="SELECT * FROM flags"`
		}, []string{"serial_calls: web GET / runs SELECT rates and SELECT flags one after the other: side by side they save up to 100ms of 1.00s"}},
		"it may have to wait": {3, func(int) string {
			return `
web GET / server 0..9000
  web GET client 10..2010 http.method=GET http.url=http://a/x/1
  web GET client 2010..4010 http.method=GET http.url=http://b/y/2
  web GET client 4010..6010 http.method=GET http.url=http://c/z/3`
		}, nil},
		"again": {3, func(int) string {
			return calls(3, func(i int) string {
				return fmt.Sprintf(`SELECT conf client %d..%d db.system=pg db.query.text="SELECT * FROM conf"`, 10+200*i, 110+200*i)
			})
		}, []string{"duplicate_calls: web GET / runs SELECT conf with the same arguments, 3 times in a request: 200ms of 1.00s"}},
		"a straggler": {3, func(int) string {
			return calls(12, func(i int) string {
				return fmt.Sprintf("GET shard client 10..%d url.template=/shard/{id} http.request.method=GET", 60+i/11*400)
			})
		}, []string{"fan_out: web GET / calls GET shard /shard/{id} 12 times at once and waits for the slowest: 400ms longer than for the median one, of 1.00s"}},
		"a cycle": {3, func(int) string {
			return `
web GET / server 0..1000
  api GET /b server 20..890
    web GET /back server 40..870`
		}, []string{"call_cycle: web calls itself through api: 830ms of 1.00s inside of the inner call"}},
	} {
		if got := found(t, c.n, c.draw); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// Clocks that run anywhere do no harm.
func TestHostileClocks(t *testing.T) {
	ends := []int64{0, 1, -1, 1 << 62, -1 << 62, 1<<63 - 1, -1 << 63}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 35))
		spans := modeltest.Spans(t, calls(25, func(i int) string { return fmt.Sprintf(`q client 0..1 db.statement="SELECT c FROM t%d"`, i%3) }))
		for i := range spans {
			s := &spans[i]
			s.Start, s.End = ends[rng.IntN(len(ends))], ends[rng.IntN(len(ends))]
			if rng.IntN(3) > 0 {
				s.Start, s.End = rng.Int64N(1e9), rng.Int64N(1e12)
			}
			s.Parent = model.SpanID(rng.IntN(26))
			s.Resource = &model.Resource{Service: fmt.Sprint("s", rng.IntN(3))}
		}
		for _, x := range fold(spans).Rows {
			if x.Save > x.Critical || x.Time < 0 {
				t.Fatalf("seed %d: %+v", seed, x)
			}
		}
	}
}
