package failures_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func summary(r *failures.RetriesResult) string {
	var list []string
	for _, x := range r.Rows {
		list = append(list, fmt.Sprintf("%s %s>%s attempts=%d logical=%d retries=%d redirects=%d auth=%d other=%d recovered=%d/%d most=%d failed=%s backoff=%s", x.Client, x.Operation, x.Callee,
			x.Attempts, x.Logical, x.Retries, x.Redirects, x.Authentication, x.Other, x.Recovered, x.Retried, x.Most, time.Duration(x.Failed), time.Duration(x.Backoff)))
	}
	return strings.Join(list, "; ")
}

// The examples of the semantic conventions for HTTP spans (docs/http/http-spans.md, "HTTP client retries", "…
// authorization retry", "… redirects"), with present and former names.
func TestSemanticConventions(t *testing.T) {
	for name, c := range map[string]struct{ drawing, want string }{
		"retries below an inbound request": {`
			client GET server 0..100
			  client GET client 5..15 error status=500
			    shop GET server 6..14 error status=500
			  client GET client 20..30 error status=500 resend=1
			    shop GET server 21..29 error status=500
			  client GET client 40..50 status=200 resend=2
			    shop GET server 41..49 status=200`,
			"client GET>shop attempts=3 logical=1 retries=2 redirects=0 auth=0 other=0 recovered=1/1 most=3 failed=20ms backoff=15ms"},
		"retries without a request above, each a trace of its own": {`
			client GET client 5..15 error status=500
			  shop GET server 6..14 error status=500
			trace 2
			client GET client 20..30 error status=500 resend=1
			  shop GET server 21..29 error status=500
			trace 3
			client GET client 40..50 status=200 resend=2
			  shop GET server 41..49 status=200`,
			"client GET>shop attempts=3 logical=1 retries=0 redirects=0 auth=0 other=2 recovered=0/0 most=0 failed=0s backoff=0s"},
		"authorization": {`
			client GET server 0..100
			  client "GET /hello" client 5..15 error status=401 url.path=/hello
			    shop "GET /hello" server 6..14 status=401
			  client "GET /hello" client 20..30 status=200 url.path=/hello resend=1
			    shop "GET /hello" server 21..29 status=200`,
			"client GET /hello>shop attempts=2 logical=1 retries=0 redirects=0 auth=1 other=0 recovered=0/0 most=0 failed=0s backoff=0s"},
		"a redirect leads elsewhere": {`
			client GET server 0..100
			  client GET client 5..15 status=302 url.path=/
			    shop GET server 6..14 status=302
			  client "GET /hello" client 20..30 status=200 url.path=/hello resend=1
			    shop "GET /hello" server 21..29 status=200`,
			"client GET /hello>shop attempts=1 logical=0 retries=0 redirects=1 auth=0 other=0 recovered=0/0 most=0 failed=0s backoff=0s"},
		"a redirect and then a retry": {`
			client GET server 0..100
			  client GET client 5..15 status=302
			    shop GET server 6..14 status=302
			  client GET client 20..30 error status=503 resend=1
			    shop GET server 21..29 status=503
			  client GET client 30..40 status=200 resend=2
			    shop GET server 31..39 status=200`,
			"client GET>shop attempts=3 logical=1 retries=1 redirects=1 auth=0 other=0 recovered=1/1 most=3 failed=10ms backoff=0s"},
	} {
		for _, names := range [][2]string{{"http.request.resend_count", "http.response.status_code"}, {"http.resend_count", "http.status_code"}, {"http.retry_count", "http.status_code"}} {
			d := strings.NewReplacer("resend=", names[0]+"=", "status=", names[1]+"=").Replace(c.drawing)
			if got := summary(retries(drawn(t, d))); got != c.want {
				t.Errorf("%s, %s:\n%s\nwant\n%s", name, names[0], got, c.want)
			}
		}
	}
}

func TestInferredAttempts(t *testing.T) {
	for name, c := range map[string]struct{ drawing, want string }{
		"failed and sent again": {`
			web GET server 0..100
			  web call client 5..15 error db.system=pg
			  web call client 20..30 error db.system=pg
			  web call client 35..45 db.system=pg`,
			"web call>pg attempts=3 logical=1 retries=2 redirects=0 auth=0 other=0 recovered=1/1 most=3 failed=20ms backoff=10ms"},
		"a status code without an error": {`
			web GET server 0..100
			  web call client 5..15 http.status_code=429
			  web call client 15..25 http.status_code=429`,
			"web call> attempts=2 logical=1 retries=1 redirects=0 auth=0 other=0 recovered=0/1 most=2 failed=20ms backoff=0s"},
		"not sent again":           {"web GET server 0..100\n  web call client 5..15\n  web call client 20..30 error", ""},
		"at the same time":         {"web GET server 0..100\n  web call client 5..15 error\n  web call client 10..30", ""},
		"another operation":        {"web GET server 0..100\n  web call client 5..15 error\n  web look client 20..30", ""},
		"another peer":             {"web GET server 0..100\n  web call client 5..15 error db.system=pg\n  web call client 20..30 db.system=redis", ""},
		"another address":          {"web GET server 0..100\n  web call client 5..15 error url.full=http://a/1\n  web call client 20..30 url.full=http://a/2", ""},
		"another parent":           {"web GET server 0..100\n  web a internal 5..15\n    web call client 5..15 error\n  web b internal 20..30\n    web call client 20..30", ""},
		"code inside is no call":   {"web GET server 0..100\n  web call internal 5..15 error\n  web call internal 20..30", ""},
		"no parent":                {"web call client 5..15 error\nweb call client 20..30", ""},
		"a loop with one bad item": {"web GET server 0..100\n  web q client 5..6 db.system=pg\n  web q client 7..8 error db.system=pg\n  web q client 9..10 db.system=pg\n  web q client 11..12 db.system=pg", ""},
		"a loop that tells what it asks for": {`
			web GET server 0..100
			  web call client 5..6 url.full=http://a/1
			  web call client 7..8 error url.full=http://a/2
			  web call client 9..10 url.full=http://a/2
			  web call client 11..12 url.full=http://a/3`,
			"web call> attempts=4 logical=3 retries=1 redirects=0 auth=0 other=0 recovered=1/1 most=2 failed=1ms backoff=1ms"},
		"the parent was not seen, but is the same": {"web call client 5..15 error parent=77\nweb call client 20..30 parent=77",
			"web call> attempts=2 logical=1 retries=1 redirects=0 auth=0 other=0 recovered=1/1 most=2 failed=10ms backoff=5ms"},
		"gRPC: one span for all attempts of the client, seen by the server": {`
			web GET server 0..100
			  web Cart/Get client 5..60 rpc.grpc.status_code=0
			    cart Cart/Get server 10..20 error rpc.grpc.status_code=14
			    cart Cart/Get server 30..40 rpc.grpc.status_code=0`,
			"cart Cart/Get>cart attempts=2 logical=1 retries=1 redirects=0 auth=0 other=0 recovered=1/1 most=2 failed=10ms backoff=10ms"},
		"spans of attempts": {`
			web GET server 0..100
			  web Attempt client 5..15 error previous-rpc-attempts=0
			  web Attempt client 25..35 previous-rpc-attempts=1`,
			"web Attempt> attempts=2 logical=1 retries=1 redirects=0 auth=0 other=0 recovered=1/1 most=2 failed=10ms backoff=10ms"},
	} {
		if got := summary(retries(drawn(t, c.drawing))); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// chain is n requests, one a second, over as many edges as there are shares: each edge sends a call up to four
// times while it fails, with the share of its edge.
func chain(seed uint64, n int, share func(i, edge int) float64, edges int) *storetest.Store {
	rng := rand.New(rand.NewPCG(seed, 17))
	s := storetest.New(nil)
	for i := range n {
		id, at := model.SpanID(0), modeltest.Base+int64(i)*1e9
		add := func(parent model.SpanID, service int, name string, kind model.Kind, failed bool) model.SpanID {
			id++
			at += 1e3
			x := model.Span{
				TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: id, Parent: parent, Name: name, Kind: kind, Resource: &model.Resource{Service: fmt.Sprint("s", service)},
				Scope: &model.Scope{}, Start: at, End: at + 500,
			}
			if failed {
				x.Status = model.StatusError
			}
			s.Add(x)
			return id
		}
		var serve func(parent model.SpanID, service int, failed bool)
		serve = func(parent model.SpanID, service int, failed bool) {
			span := add(parent, service, "serve", model.KindServer, failed)
			if service == edges {
				return
			}
			for range 4 {
				failed := rng.Float64() < share(i, service)
				call := add(span, service, "call", model.KindClient, failed)
				serve(call, service+1, failed)
				if !failed {
					return
				}
			}
		}
		serve(0, 0, false)
	}
	return s
}

func TestStorm(t *testing.T) {
	half := func(i, _ int) float64 { return float64(boolean(i >= 200 && i < 300)) * .5 }
	r := retries(chain(1, 400, half, 3))
	if len(r.Storms) != 1 || len(r.Storms[0].Path) != 3 {
		t.Fatalf("%+v", r.Storms)
	}
	s := r.Storms[0]
	// 1 + ½ + ¼ + ⅛ attempts for each call of each edge.
	if s.Product < 4 || s.Product > 12 || s.Path[0].Client != "s0" || s.Path[2].Callee != "s3" {
		t.Errorf("%+v", s)
	}
	if at := (s.From - modeltest.Base) / 1e9; at < 180 || at >= 300 {
		t.Errorf("from request %d, want 200 to 300", at)
	}
	product := 1.0
	for _, e := range s.Path {
		product *= e.Amplification
	}
	if product < .999*s.Product || product > 1.001*s.Product {
		t.Errorf("product %v of %v", s.Product, product)
	}
	if one := retries(chain(1, 400, half, 1)); len(one.Storms) != 0 || len(one.Rows) != 1 || one.Rows[0].Peak.Amplification < 1.5 {
		t.Errorf("one edge: %+v", one)
	}
	var logical, again uint64
	for _, e := range r.Rows {
		logical += e.Logical
		again += e.Retries
		if e.Attempts != e.Logical+e.Retries || e.Recovered > e.Retried || e.Retried > e.Retries {
			t.Errorf("%+v", e)
		}
	}
	if logical == 0 || again == 0 {
		t.Errorf("%+v", r.Rows)
	}
}

// Traces of any make are looked at without harm, and calls are never more than spans.
func TestRetriesOfRandomTraces(t *testing.T) {
	for seed := range uint64(60) {
		rng := modeltest.Rand(seed)
		spans := modeltest.Hostile(rng, 80)
		for i := range spans {
			spans[i].Name = []string{"a", "b"}[rng.IntN(2)]
			spans[i].Attributes = append(spans[i].Attributes, model.Attribute{Key: "http.resend_count", Value: model.IntValue(rng.Int64N(4) - 1)})
			if rng.IntN(3) == 0 {
				spans[i].Attributes = nil
			}
		}
		r := retries(storetest.Of(spans...))
		var attempts uint64
		for _, e := range r.Rows {
			attempts += e.Attempts
			if e.Logical > e.Attempts || e.Recovered > e.Retried || e.Backoff < 0 || e.Failed < 0 {
				t.Errorf("seed %d: %+v", seed, e)
			}
		}
		if attempts > uint64(len(spans)) {
			t.Errorf("seed %d: %d attempts of %d spans", seed, attempts, len(spans))
		}
	}
}
