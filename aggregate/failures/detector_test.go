package failures_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

// orders is n requests to a web, one a second, which asks a cart, which asks a stock up to twice. fails says whether the
// n-th attempt at the stock fails in request i; absorbed whether the cart does without it.
func orders(seed uint64, n int, fails func(rng *rand.Rand, i, attempt int) bool, absorbed bool) *storetest.Store {
	rng := rand.New(rand.NewPCG(seed, 15))
	s := storetest.New(nil)
	for i := range n {
		at := modeltest.Base + int64(i)*1e9
		add := func(id, parent model.SpanID, service, name string, kind model.Kind, from, to int64, failed bool) {
			x := model.Span{
				TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: id, Parent: parent, Name: name, Kind: kind, Resource: &model.Resource{Service: service}, Scope: &model.Scope{},
				Start: at + from*1e6, End: at + to*1e6, Attributes: []model.Attribute{{Key: "url.full", Value: model.StringValue("http://stock/1")}},
			}
			if failed {
				x.Status = model.StatusError
				x.Attributes = append(x.Attributes, model.Attribute{Key: "error.type", Value: model.StringValue("timeout")})
			}
			s.Add(x)
		}
		failed := false
		for attempt := range 2 {
			failed = fails(rng, i, attempt)
			add(model.SpanID(10+attempt*2), 3, "cart", "GET", model.KindClient, int64(10+attempt*40), int64(45+attempt*40), failed)
			add(model.SpanID(11+attempt*2), model.SpanID(10+attempt*2), "stock", "GET /stock", model.KindServer, int64(11+attempt*40), int64(44+attempt*40), failed)
			if !failed {
				break
			}
		}
		failed = failed && !absorbed
		add(1, 0, "web", "GET /cart", model.KindServer, 0, 100, failed)
		add(2, 1, "web", "GET", model.KindClient, 1, 99, failed)
		add(3, 2, "cart", "load", model.KindServer, 2, 98, failed)
	}
	return s
}

func found(s *storetest.Store) []findings.Finding {
	d := failures.NewDetector(s.Names(), requesttest.Peer(s))
	each(s, d.Fold)
	return d.Findings()
}

func titles(list []findings.Finding) string {
	var out []string
	for i := range list {
		out = append(out, fmt.Sprintf("%s: %s", list[i].Kind, list[i].Title))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestFindings(t *testing.T) {
	chance := func(rng *rand.Rand, share float64) bool { return rng.Float64() < share }
	for name, c := range map[string]struct {
		fails    func(rng *rand.Rand, i, attempt int) bool
		absorbed bool
		want     string
	}{
		"all the time, and users see it": {
			func(rng *rand.Rand, i, _ int) bool { return i%10 == 0 }, false,
			"error_origin: errors of GET /cart begin in stock GET /stock (timeout): 100 of 1000 requests fail, all reach the user\n" +
				"retries: cart sends GET /stock to stock up to 2 times: 100 of 1000 calls are retried, 100 fail all the same, 7.50s lost"},
		"new, and the cart does without": {
			func(rng *rand.Rand, i, _ int) bool { return i >= 500 && chance(rng, .2) }, true,
			"error_group: new error timeout in stock GET /stock: 94 of 504 requests that pass it, none of 496 before\n" +
				"retries: cart sends GET /stock to stock up to 2 times: 94 of 1000 calls are retried, 15 fail all the same, 4.29s lost"},
		"the second attempt always succeeds": {
			func(rng *rand.Rand, i, attempt int) bool { return attempt == 0 && i%10 == 0 }, false,
			"retries: cart sends GET /stock to stock up to 2 times: 100 of 1000 calls are retried, 4.00s lost"},
	} {
		list := found(orders(1, 1000, c.fails, c.absorbed))
		if got := titles(list); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		for _, f := range list {
			if f.Of != 1000 || f.Harmed == 0 || f.Failed > f.Harmed || f.Span == 0 || len(f.Traces) == 0 || len(f.Traces) > findings.MaxTraces {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// Errors that began and stopped say so, whether a user sees them or not; those that go on do not.
func TestErrorsThatAreOver(t *testing.T) {
	for _, absorbed := range []bool{false, true} {
		for _, until := range []int{550, 1000} {
			list := found(orders(1, 1000, func(rng *rand.Rand, i, _ int) bool { return i >= 400 && i < until && rng.Float64() < .5 }, absorbed))
			at := slices.IndexFunc(list, func(f findings.Finding) bool { return f.Kind.Class() == findings.Broken })
			if at < 0 {
				t.Fatalf("no errors in\n%s", titles(list))
			}
			f, second := &list[at], func(ns int64) int64 { return (ns - modeltest.Base) / 1e9 }
			if until == 1000 {
				if f.Ended != 0 || strings.Contains(f.Title, "over") {
					t.Errorf("absorbed %v: %s, which goes on, ended at %d", absorbed, f.Title, second(f.Ended))
				}
				continue
			}
			if from, end := second(f.From), second(f.Ended); f.To != f.Ended || from < 400 || from > 410 || end < 540 || end > 550 || !strings.Contains(f.Title, "; over after 2m") {
				t.Errorf("absorbed %v: %s, from %d to %d", absorbed, f.Title, from, end)
			}
		}
	}
}

// Attempts that multiply are one finding, at the end of the path, and the edges on it are not told again.
func TestStormIsFound(t *testing.T) {
	list := found(chain(1, 400, func(i, _ int) float64 { return float64(boolean(i >= 200 && i < 300)) * .5 }, 2))
	list = slices.DeleteFunc(list, func(f findings.Finding) bool {
		return f.Kind.Class() == findings.Broken && f.Kind != findings.RetryStorm
	})
	want := "retry_storm: attempts multiply from s0 to s2: ×2.3 by s0, ×2 by s1, 4.6 attempts for each call"
	if got := titles(list); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	f := list[0]
	if at := (f.From - modeltest.Base) / 1e9; f.Service != "s2" || f.Client != "s1" || at < 180 || at >= 300 || f.Harmed == 0 || f.Of != 400 {
		t.Errorf("%+v", f)
	}
}

// Negative control: of 100 × 1,000 requests with few errors all the time (one attempt in 25 and fewer fails, and is
// repeated), there is no finding: 0 per 1,000 requests.
func TestFewErrorsAreNoFinding(t *testing.T) {
	runs := uint64(100)
	if testing.Short() {
		runs = 20
	}
	for seed := range runs {
		share := []float64{0, .001, .003, .005}[seed%4]
		s := orders(seed, 1000, func(rng *rand.Rand, _, attempt int) bool {
			return attempt > 0 && rng.IntN(2) == 0 || attempt == 0 && rng.Float64() < share
		}, seed%2 == 0)
		if list := found(s); len(list) > 0 {
			t.Errorf("seed %d, share %v: %s", seed, share, titles(list))
		}
	}
}

// Errors all the way down, and thousands of attempts of one call: one pass, and nothing is counted twice.
func TestHugeTraces(t *testing.T) {
	const n = 5000
	span := func(i int, parent model.SpanID, start, end int64) model.Span {
		return model.Span{
			TraceID: model.TraceID{Lo: 1}, ID: model.SpanID(i + 1), Parent: parent, Name: "x", Kind: model.KindClient, Resource: &model.Resource{Service: "s"}, Scope: &model.Scope{},
			Start: start, End: end, Status: model.StatusError, Attributes: []model.Attribute{{Key: "error.type", Value: model.StringValue("e")}},
		}
	}
	var deep, wide []model.Span
	for i := range n {
		deep = append(deep, span(i, model.SpanID(i), int64(i), int64(2*n-i)))
		wide = append(wide, span(i, model.SpanID(min(i, 1)), int64(2*i), int64(2*i+1)))
	}
	wide[0].End = 4 * n
	o := origins(storetest.Of(deep...))
	if len(o.Rows) != 1 || o.Rows[0].Errors != 1 || o.Rows[0].MeanLength != n || o.Rows[0].Visible != 1 || len(o.Chains) == 0 || o.Dropped == 0 {
		t.Errorf("deep: %+v, %d chains, %d dropped", o.Rows, len(o.Chains), o.Dropped)
	}
	if o := origins(storetest.Of(wide...)); o.Rows[0].Errors != n-1 || o.Operations[0].Propagated != 1 {
		t.Errorf("wide: %+v", o.Rows)
	}
	if r := retries(storetest.Of(wide...)); len(r.Rows) != 1 || r.Rows[0].Retries != n-2 || r.Rows[0].Most != n-1 || r.Rows[0].Failed != n-1 {
		t.Errorf("wide: %+v", r.Rows)
	}
}
