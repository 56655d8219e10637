package suspects

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGammas checks the derivatives of log Γ against values known in closed form and against recurrence.
func TestGammas(t *testing.T) {
	const euler = 0.5772156649015329
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-7*math.Max(1, math.Abs(want)) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("digamma(1)", digamma(1), -euler)
	near("digamma(1/2)", digamma(.5), -euler-2*math.Ln2)
	near("trigamma(1)", trigamma(1), math.Pi*math.Pi/6)
	near("trigamma(1/2)", trigamma(.5), math.Pi*math.Pi/2)
	for x := .1; x < 40; x *= 1.7 {
		near("digamma recurrence", digamma(x+1)-digamma(x), 1/x)
		near("trigamma recurrence", trigamma(x)-trigamma(x+1), 1/(x*x))
		near("inverse", trigammaInverse(trigamma(x)), x)
	}
}

// TestPrior draws variances from a known prior and finds it again.
func TestPrior(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	chiSquare := func(freedom int) (sum float64) {
		for range freedom {
			x := rng.NormFloat64()
			sum += x * x
		}
		return sum
	}
	var samples []sampleVariance
	for range 4000 {
		const freedom = 6
		truth := 2.0 * 8 / chiSquare(8)
		samples = append(samples, sampleVariance{truth * chiSquare(freedom) / freedom, freedom})
	}
	p := priorOf(samples)
	if math.Abs(p.variance-2) > .2 || math.Abs(p.freedom-8) > 2 {
		t.Errorf("%+v, want variance 2 with 8 degrees of freedom", p)
	}
	if m := p.moderate(sampleVariance{}); m.variance != p.variance || m.freedom != p.freedom {
		t.Errorf("nothing known of a key: %+v, want the prior %+v", m, p)
	}
	alike := priorOf([]sampleVariance{{3, 500}, {3, 500}, {3, 500}})
	if alike.freedom != maxFreedom || math.Abs(alike.variance-3) > .1 {
		t.Errorf("variances that are alike: %+v", alike)
	}
}

// TestCharge decides between caller and callee on small graphs; growth per call is in ms.
func TestCharge(t *testing.T) {
	web, cart, catalog, ads, rec := party{id: 1}, party{id: 2}, party{id: 3}, party{id: 4}, party{id: 5}
	db := party{peer: true, id: 1}
	type edge struct {
		from, to party
		growth   float64
		calls    float64
	}
	for name, x := range map[string]struct {
		edges []edge
		at    edge
		want  party
	}{
		"all edges of the caller grew":          {[]edge{{web, cart, 9, 99}, {web, catalog, 11, 99}, {web, ads, 10, 99}, {rec, catalog, 0, 99}}, edge{from: web, to: catalog}, web},
		"all edges of the callee grew":          {[]edge{{web, cart, 0, 99}, {web, catalog, 11, 99}, {web, ads, 0, 99}, {rec, catalog, 12, 99}}, edge{from: web, to: catalog}, catalog},
		"the callee's other caller is well off": {[]edge{{web, catalog, 0, 99}, {rec, catalog, 11, 99}, {web, cart, 0, 99}}, edge{from: rec, to: catalog}, rec},
		"a few calls of another do not tell":    {[]edge{{web, catalog, 11, 99}, {rec, catalog, 0, 2}, {web, cart, 0, 99}}, edge{from: web, to: catalog}, catalog},
		"nothing to compare with":               {[]edge{{web, cart, 10, 99}}, edge{from: web, to: cart}, cart},
		"a database of one service":             {[]edge{{cart, db, 10, 99}}, edge{from: cart, to: db}, cart},
		"a database of several services":        {[]edge{{cart, db, 10, 99}, {catalog, db, 9, 99}}, edge{from: cart, to: db}, db},
	} {
		t.Run(name, func(t *testing.T) {
			var effects []effect
			for _, e := range x.edges {
				effects = append(effects, effect{key: key{mechanism: Wait, from: e.from, to: e.to}, after: e.growth, calls: e.calls})
			}
			charge(effects)
			for i, e := range x.edges {
				if e.from == x.at.from && e.to == x.at.to && effects[i].suspect != x.want {
					t.Errorf("charged %+v, want %+v", effects[i].suspect, x.want)
				}
			}
		})
	}
}
