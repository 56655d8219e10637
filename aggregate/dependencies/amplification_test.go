package dependencies_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/aggregate/dependencies"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
)

// carts are requests in which web or checkout calls cart, which calls redis as often as calls says.
func carts(traces int, calls func(rng *rand.Rand, checkout bool) int) *builder {
	rng := rand.New(rand.NewPCG(7, 7))
	b := newBuilder()
	for range traces {
		by := b.span(0, "web", "GET /", model.KindServer)
		checkout := rng.IntN(100) < 23
		if checkout {
			by = b.span(by, "checkout", "place order", model.KindServer)
		}
		cart := b.span(by, "cart", "get cart", model.KindServer)
		for range calls(rng, checkout) {
			b.span(cart, "cart", "GET", model.KindClient, model.Attribute{Key: "db.system.name", Value: model.StringValue("redis")})
		}
		b.end(nil)
	}
	return b
}

func (b *builder) detect() []findings.Finding {
	d := dependencies.NewDetector(b.Names(), requesttest.Peer(b))
	requesttest.Each(b, d.Fold)
	return d.Findings()
}

func TestAmplificationByCaller(t *testing.T) {
	b := carts(400, func(rng *rand.Rand, checkout bool) int {
		if checkout {
			return 10 + rng.IntN(9)
		}
		return 1 + rng.IntN(10)/9
	})
	got := b.detect()
	if len(got) != 1 {
		t.Fatalf("%d findings: %+v", len(got), got)
	}
	f := &got[0]
	if f.Title != "cart get cart calls redis 14 times per call when called by checkout, 1.1 times otherwise (20% of its calls)" {
		t.Error(f.Title)
	}
	if f.Kind != findings.Amplification || f.Service != "cart" || f.Client != "checkout" || f.Q > 1e-6 || f.Harmed < 60 || f.Of != 400 || len(f.Traces) != 5 {
		t.Errorf("%+v", f)
	}
	if tr, ok := b.Store.Trace(f.Traces[0]); !ok || len(tr.Spans) != 3+18 {
		t.Errorf("the first trace has %d spans", len(tr.Spans))
	}
	if !strings.Contains(f.Select, `service = "checkout"`) {
		t.Error(f.Select)
	}
}

// Where callers make no difference, or one that is too small to care about, or where too few traces tell,
// nothing is found.
func TestNoAmplification(t *testing.T) {
	for name, b := range map[string]*builder{
		"the same for all":   carts(400, func(rng *rand.Rand, _ bool) int { return rng.IntN(20) }),
		"a heavy tail":       carts(400, func(rng *rand.Rand, _ bool) int { return 1 + int(1/(rng.Float64()+.005)) }),
		"half as many again": carts(400, func(rng *rand.Rand, c bool) int { return 8 + rng.IntN(3) + 4*map[bool]int{true: 1}[c] }),
		"twice one is two":   carts(400, func(_ *rand.Rand, c bool) int { return 1 + map[bool]int{true: 1}[c] }),
		"too few":            carts(30, func(_ *rand.Rand, c bool) int { return 1 + map[bool]int{true: 13}[c] }),
	} {
		if got := b.detect(); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// One trace with thousands of calls is one observation.
func TestAmplificationOfOneTrace(t *testing.T) {
	b := carts(100, func(*rand.Rand, bool) int { return 1 })
	by := b.span(0, "web", "GET /", model.KindServer)
	for range 500 {
		checkout := b.span(by, "checkout", "place order", model.KindServer)
		cart := b.span(checkout, "cart", "get cart", model.KindServer)
		for range 10 {
			b.span(cart, "cart", "GET", model.KindClient, model.Attribute{Key: "db.system.name", Value: model.StringValue("redis")})
		}
	}
	b.end(nil)
	if got := b.detect(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
