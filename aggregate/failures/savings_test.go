package failures_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/order"
	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// saved are the origins of the errors of a store with what they cost, by an order that is learned from all traces.
func saved(s *storetest.Store) *failures.OriginsResult {
	f := failures.NewOrigins(s.Names(), requesttest.Peer(s))
	x := f.Savings()
	ordered := order.New()
	each(s, func(t *request.Trace) {
		f.Add(t)
		if t.Root >= 0 {
			ordered.Fold(t.Heads, &t.Tree, t.Root)
		}
	})
	wanted := x.Wanted()
	each(s, func(t *request.Trace) {
		if wanted[t.Index] {
			x.Add(t, ordered)
		}
	})
	return f.Result()
}

// savings writes down what origins cost: requests, of which gain for sure, and least, most and work in ms.
func savings(r *failures.OriginsResult) string {
	var list []string
	for _, o := range r.Rows {
		x := o.Saving
		list = append(list, fmt.Sprintf("%s %s %d/%d %v..%v %v", o.Service, o.Operation, x.Gaining, x.Requests, float64(x.Least)/1e6, float64(x.Most)/1e6, float64(x.Work)/1e6))
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

func TestSavings(t *testing.T) {
	for name, c := range map[string]struct{ drawing, want string }{
		"a call that fails": {`
			web GET server 0..100
			  web call client 10..40 error
			  web next client 50..90`, "web call 1/1 30..30 30"},
		"whose other side says so too": {`
			web GET server 0..100
			  web call client 10..40 error
			    cart load server 15..35 error
			      cart SELECT client 20..30
			  web next client 50..90`, "cart load 1/1 30..30 30"},
		"behind a client library": {`
			web GET server 0..100
			  web sdk client 5..45 error
			    web call client 10..40 error
			      cart load server 15..35 error`, "cart load 1/1 40..40 40"},
		"that another attempt of a library makes good": {`
			web GET server 0..100
			  web sdk client 5..75
			    web call client 10..30 error
			      cart load server 15..25 error
			    web call client 50..70
			      cart load server 55..65`, "cart load 1/1 20..40 20"},
		"an attempt and another": {`
			web GET server 0..100
			  web call client 10..30 error
			  web call client 40..60 error
			  web call client 70..90`, "web call 1/1 40..60 40"},
		"nobody waited for it": {`
			web GET server 0..100
			  web send producer 5..10
			    mail work consumer 50..90 error`, "mail work 0/1 0..0 40"},
		"something else was waited for": {`
			web GET server 0..100
			  web slow client 10..90
			  web call client 10..40 error`, "web call 0/1 0..0 30"},
		"the request itself":                  {`web GET server 0..100 error`, "web GET 0/0 0..0 0"},
		"the request, whose client says so":   {"a call client 0..100 error\n  b GET server 10..90 error", "b GET 0/0 0..0 0"},
		"two origins, each with the other":    {"web GET server 0..100\n  web a client 0..20 error\n  web b client 30..60 error", "web a 1/1 20..20 20; web b 1/1 30..30 30"},
		"nested: the inner one fails for one": {"web GET server 0..100\n  web a client 0..80 ok\n    web b client 30..60 error", "web b 1/1 30..30 30"},
		"in two requests, of which one waits": {`
			web GET server 0..100
			  web call client 10..40 error
			trace 2
			web GET server 200..300
			  web slow client 210..290
			  web call client 210..240 error`, "web call 1/2 30..30 60"},
		"elsewhere they overlap": {`
			web GET server 0..100
			  web call client 10..40 error
			  web next client 50..90
			trace 2
			web GET server 200..300
			  web call client 210..250
			  web next client 220..290`, "web call 0/1 0..30 30"},
		"a part without its root": {`
			web GET server 0..100
			cart load server 10..80 parent=77 error`, "cart load 0/1 0..0 0"},
	} {
		if got := savings(saved(drawn(t, c.drawing))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Whatever the traces: what is sure is no more than what can be hoped for, that no more than the requests took, work no
// more than all self times; and everything else about origins is what it is without looking twice.
func TestSavingsOfRandomTraces(t *testing.T) {
	sum := int64(0)
	for seed := range uint64(40) {
		rng := modeltest.Rand(seed + 100)
		spans := modeltest.Random(rng, 40)
		if seed%4 == 0 {
			spans = modeltest.Hostile(rng, 60)
		}
		total := int64(0)
		for i := range spans {
			if rng.IntN(3) == 0 {
				spans[i].Status = model.StatusError
			}
			total += max(spans[i].Duration(), 0)
		}
		s := storetest.Of(spans...)
		with, without := saved(s), origins(s)
		for i := range with.Rows {
			x := with.Rows[i].Saving
			sum += x.Least
			if x.Least < 0 || x.Least > x.Most || x.Most > total || x.Work < 0 || x.Work > total || x.Gaining > x.Requests || x.Requests > with.Rows[i].Traces {
				t.Errorf("seed %d: %+v of %d ns", seed, x, total)
			}
			with.Rows[i].Saving = failures.Saving{}
			if fmt.Sprint(with.Rows[i]) != fmt.Sprint(without.Rows[i]) {
				t.Errorf("seed %d: %+v, want %+v", seed, with.Rows[i], without.Rows[i])
			}
		}
	}
	if sum == 0 {
		t.Error("nothing is saved anywhere")
	}
}
