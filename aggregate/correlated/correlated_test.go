package correlated

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model/modeltest"
)

const step = 6e9

// service is windows whose ln p95 is given.
func service(name string, y []float64) Series {
	s := Series{Service: name, Step: step, Calls: 1000}
	for i, v := range y {
		s.At, s.P95 = append(s.At, 1e18+int64(i)*step), append(s.P95, 1e7*math.Exp(v))
	}
	return s
}

func noise(rng *rand.Rand, n int, deviation float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = deviation * rng.NormFloat64()
	}
	return y
}

func sum(a, b []float64, lag int) []float64 {
	y := slices.Clone(a)
	for i := range y {
		if i >= lag {
			y[i] += b[i-lag]
		}
	}
	return y
}

func everyone(string, string) bool { return true }

// callsInOrder says that services call those with a later letter.
func callsInOrder(from, to string) bool { return from < to }

func TestPairsFindWhoMovesTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 7))
	db := noise(rng, 50, .3)
	series := []Series{
		service("a", sum(noise(rng, 50, .1), db, 0)), service("b", sum(noise(rng, 50, .1), db, 1)), service("c", noise(rng, 50, .3)), service("z", db),
	}
	pairs, tests := Pairs(series, func(from, to string) bool { return to == "z" })
	if len(pairs) != 3 || tests != 9 {
		t.Fatalf("%+v, %d tests", pairs, tests)
	}
	for i, want := range []struct {
		caller string
		lag    int64
	}{{"a", 0}, {"b", step}} {
		at := slices.IndexFunc(pairs, func(p Pair) bool { return p.Caller == want.caller })
		if p := pairs[at]; at > 1 || p.Callee != "z" || p.Lag != want.lag || p.R < .8 || p.Q > 1e-6 {
			t.Errorf("%d: %+v", i, pairs)
		}
	}
	if p := pairs[2]; p.Caller != "c" || p.Q < MaxQ {
		t.Errorf("%+v", p)
	}
}

// Negative control, measured on 100 × 28 pairs of independent services: .2 % are called correlated, and as few where
// both grow, although their p95 correlate by .9 then.
func TestPairsOfIndependentServices(t *testing.T) {
	for name, trend := range map[string]float64{"flat": 0, "both grow": .05} {
		rng := rand.New(rand.NewPCG(27, 1))
		called, all := 0.0, 0.0
		for range 100 {
			var series []Series
			for i := range 8 {
				y := noise(rng, 40, .2)
				for k := range y {
					y[k] += trend * float64(k)
				}
				series = append(series, service(string(rune('a'+i)), y))
			}
			pairs, _ := Pairs(series, callsInOrder)
			for _, p := range pairs {
				all++
				if p.Q < MaxQ {
					called++
				}
			}
		}
		t.Logf("%s: %.4f", name, called/all)
		if all != 2800 || called/all > .005 {
			t.Errorf("%s: %v of %v", name, called, all)
		}
	}
}

func TestPairsNeedAPathAndWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	y := noise(rng, 30, .2)
	if pairs, tests := Pairs([]Series{service("a", y), service("b", y)}, func(string, string) bool { return false }); pairs != nil || tests != 0 {
		t.Errorf("without a path: %+v", pairs)
	}
	if pairs, _ := Pairs([]Series{service("a", y[:15]), service("b", y)}, everyone); pairs != nil {
		t.Errorf("15 windows: %+v", pairs)
	}
	if pairs, _ := Pairs([]Series{service("a", y), service("b", y)}, everyone); len(pairs) != 1 || pairs[0].R < 1-1e-12 {
		t.Errorf("each calls the other: %+v", pairs)
	}
	// Windows on both sides of a gap are no neighbours.
	gap := service("a", y)
	for i := 15; i < len(gap.At); i++ {
		gap.At[i] += 100 * step
	}
	if got := len(gap.moves()); got != 28 {
		t.Errorf("%d moves", got)
	}
}

// The operation that varies is the important one; the sums are what two passes over all requests give.
func TestImportance(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	s := storetest.New(nil)
	var query, total []float64
	for range 300 {
		db := math.Round(20 * math.Exp(.5*rng.NormFloat64()))
		rest := math.Round(20 * math.Exp(.02*rng.NormFloat64()))
		s.AddTrace(modeltest.Spans(t, fmt.Sprintf(`
			web GET server 0..%v
			  db SELECT server 1..%v
			  web render internal %v..%v
		`, db+rest+2, db+1, db+1, db+rest+1)))
		query, total = append(query, math.Log(db*1e6)), append(total, math.Log((db+rest+2)*1e6))
	}
	f := New(s.Names())
	requesttest.Each(s, f.Fold)
	rows, dropped := f.Importance()
	if len(rows) != 3 || dropped != 0 || rows[0].Place.Operation != "SELECT" || rows[0].Root.Operation != "GET" || rows[0].OnPath != 300 || rows[0].Requests != 300 || rows[0].Q > 1e-9 {
		t.Fatalf("%+v", rows)
	}
	mx, my := 0.0, 0.0
	for i := range query {
		mx, my = mx+query[i]/300, my+total[i]/300
	}
	xy, xx, yy := 0.0, 0.0, 0.0
	for i := range query {
		xy, xx, yy = xy+(query[i]-mx)*(total[i]-my), xx+(query[i]-mx)*(query[i]-mx), yy+(total[i]-my)*(total[i]-my)
	}
	if want := xy / math.Sqrt(xx*yy); math.Abs(rows[0].R-want) > 1e-9 || want < .9 {
		t.Errorf("r %v, want %v", rows[0].R, want)
	}
	shares := 0.0
	for _, r := range rows {
		shares += r.Share
		if r.Place.Operation == "GET" && r.R != 0 {
			t.Errorf("what never varies correlates: %+v", r)
		}
	}
	if math.Abs(shares-1) > 1e-9 {
		t.Errorf("shares of the critical path add up to %v", shares)
	}
}
