package contention

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

// oneName names every operation the same.
type oneName struct{ store.Names }

func (oneName) Operation(uint32) store.Operation {
	return store.Operation{ServiceName: "cart", Name: "GET", Kind: model.KindClient}
}

// world is how requests arrive and how long they take.
type world struct {
	rate func(s float64) float64                                          // arrivals per second
	ns   func(rng *rand.Rand, s float64, inFlight int) float64            // duration
	slow func(rng *rand.Rand, seconds int) (factor func(float64) float64) // spells of slowness; nil: none
}

const seconds = 120

// simulate is the verdict on two minutes of requests to one resource, one span each.
func simulate(seed uint64, w world) Row {
	rng := rand.New(rand.NewPCG(seed, 29))
	factor := func(float64) float64 { return 1 }
	if w.slow != nil {
		factor = w.slow(rng, seconds)
	}
	f := New(oneName{}, nil)
	f.resources = []resource{{name: "redis", peer: true}}
	var ends []float64
	for s, trace := 0.0, uint32(1); s < seconds; trace++ {
		s += rng.ExpFloat64() / w.rate(s)
		ends = slices.DeleteFunc(ends, func(e float64) bool { return e <= s })
		ns := w.ns(rng, s, len(ends)) * factor(s)
		ends = append(ends, s+ns/1e9)
		start := int64(1e18 + s*1e9)
		f.runs = append(f.runs, run{start: start, end: start + int64(ns), log: float32(math.Log(ns)), op: 1, trace: trace})
	}
	return f.Result().Rows[0]
}

// bursts is 20 arrivals per second, and 80 for half a second in each two.
func bursts(s float64) float64 {
	if math.Mod(s, 2) < .5 {
		return 80
	}
	return 20
}

func even(float64) float64 { return 40 }

func lognormal(ms, sigma float64) func(*rand.Rand, float64, int) float64 {
	return func(rng *rand.Rand, _ float64, _ int) float64 { return ms * 1e6 * math.Exp(sigma*rng.NormFloat64()) }
}

func contended(by float64) func(*rand.Rand, float64, int) float64 {
	base := lognormal(50, .4)
	return func(rng *rand.Rand, s float64, inFlight int) float64 {
		return base(rng, s, inFlight) * (1 + by*float64(inFlight))
	}
}

// spells are stretches of some seconds, one in ten or so, in which everything takes four times as long.
func spells(length float64) func(*rand.Rand, int) func(float64) float64 {
	return func(rng *rand.Rand, seconds int) func(float64) float64 {
		slow := make([]bool, int(float64(seconds)/length)+2)
		for i := range slow {
			slow[i] = rng.Float64() < .15
		}
		return func(s float64) float64 {
			if slow[int(s/length)] {
				return 4
			}
			return 1
		}
	}
}

// rising makes load and latency three times as high in the course of the time, for unrelated reasons.
func rising(rng *rand.Rand, s float64, inFlight int) float64 {
	return lognormal(50, .4)(rng, s, inFlight) * (1 + 2*s/seconds)
}

// Measured on 200 simulations each (two minutes, some 4,000 requests): what takes 20 % longer for each other request
// in flight is always found, in bursts or not. Nothing of what is slow for other reasons is called contention: slow
// spells of .1 s to 20 s (in short ones requests pile up: a correlation of .06), latency and load that both
// grow, tails.
func TestVerdicts(t *testing.T) {
	runs := uint64(20)
	if testing.Short() {
		runs = 5
	}
	for name, c := range map[string]struct {
		world world
		least float64 // share that is found
		most  float64
	}{
		"contention in bursts":      {world{rate: bursts, ns: contended(.2)}, .95, 1},
		"contention, even arrivals": {world{rate: even, ns: contended(.2)}, .9, 1},
		"independent":               {world{rate: bursts, ns: lognormal(50, .4)}, 0, 0},
		"tails":                     {world{rate: bursts, ns: lognormal(30, 1.5)}, 0, 0},
		"slow spells of .5 s":       {world{rate: even, ns: lognormal(50, .4), slow: spells(.5)}, 0, 0},
		"slow spells of 2 s":        {world{rate: bursts, ns: lognormal(50, .4), slow: spells(2)}, 0, 0},
		"slow spells of 20 s":       {world{rate: bursts, ns: lognormal(50, .4), slow: spells(20)}, 0, 0},
		"slow spells of .1 s":       {world{rate: func(float64) float64 { return 150 }, ns: lognormal(5, .4), slow: spells(.1)}, 0, 0},
		"both grow":                 {world{rate: func(s float64) float64 { return bursts(s) * (.5 + s/seconds) }, ns: rising}, 0, 0},
	} {
		found, rho, arrive, ratio := 0.0, 0.0, 0.0, 0.0
		for seed := range runs {
			r := simulate(seed, c.world)
			if r.Contended {
				found++
			}
			rho += r.Rho / float64(runs)
			arrive += r.RhoArrive / float64(runs)
			ratio += r.Ratio() / float64(runs)
			if math.Abs(r.Little-r.InFlight) > .01*r.Little {
				t.Errorf("%s: Little's law says %v, counted are %v", name, r.Little, r.InFlight)
			}
		}
		t.Logf("%-28s found %.2f, rho %.2f, arrivals %.2f, ratio %.2f", name, found/float64(runs), rho, arrive, ratio)
		if share := found / float64(runs); share < c.least || share > c.most {
			t.Errorf("%s: %v are found", name, share)
		}
	}
}

// What cannot be tested is counted, and is no row: as many run all the time, or nothing takes any time. The ratio
// of a row is that of its two medians.
func TestUntestableIsNoRow(t *testing.T) {
	verdict := func(ns func(i int) float64, apart int64) *Result {
		f := New(oneName{}, nil)
		f.resources = []resource{{name: "redis", peer: true}}
		for i := range 2000 {
			start := 1e18 + int64(i/4)*int64(4*apart) + int64(i%4)
			f.runs = append(f.runs, run{start: start, end: start + int64(ns(i)), log: float32(math.Log(ns(i))), op: 1, trace: uint32(i + 1)})
		}
		return f.Result()
	}
	for name, r := range map[string]*Result{
		"no time": verdict(func(int) float64 { return 5 }, 1e6),
		"alone":   verdict(func(i int) float64 { return float64(1e6 * (1 + i%3)) }, 1e9),
	} {
		if name == "no time" && (len(r.Rows) > 0 || r.Even != 1) || r.Tests != len(r.Rows) {
			t.Errorf("%s: %+v", name, r)
		}
		for _, row := range r.Rows {
			if row.BusySpans == 0 || row.QuietSpans == 0 || row.Busy <= row.Quiet {
				t.Errorf("%s: %+v", name, row)
			}
		}
	}
	if r := simulate(1, world{rate: bursts, ns: contended(.2)}); math.Abs(r.Ratio()*r.QuietNs-r.BusyNs) > 1 || !r.Contended {
		t.Errorf("%+v", r)
	}
}
