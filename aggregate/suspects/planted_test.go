package suspects_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// plant is a fault put into recorded traffic: from a moment on, an operation of a service takes longer.
type plant struct {
	at    int64 // Unix ns
	op    uint32
	delay int64 // ns, of each call, on average
	cause string
}

// plantIn chooses a moment in the middle of [from, to) and a server operation that is called at least twice a
// minute there.
func (f *traffic) plantIn(rng *rand.Rand, from, to int64) (p plant, ok bool) {
	calls := map[uint32][]int64{} // durations by operation
	services := map[uint32]uint32{}
	for i := range f.traces {
		if x := &f.traces[i]; x.start >= from && x.start < to {
			for j := range x.spans {
				if s := &x.spans[j]; s.Kind == model.KindServer && s.Parent != 0 {
					calls[s.Op] = append(calls[s.Op], s.Duration())
					services[s.Op] = s.Service
				}
			}
		}
	}
	minutes := int((to - from) / int64(time.Minute))
	var ops []uint32
	for op, c := range calls {
		if len(c) >= 2*minutes {
			ops = append(ops, op)
		}
	}
	if len(ops) == 0 {
		return p, false
	}
	slices.Sort(ops)
	op := ops[rng.IntN(len(ops))]
	slices.Sort(calls[op])
	return plant{
		at: from + (to-from)*2/3 - rng.Int64N(int64(time.Minute)), op: op,
		delay: int64(20*time.Millisecond) + 2*calls[op][len(calls[op])/2], cause: f.names.Service(services[op]),
	}, true
}

// in is a trace with the fault: whatever comes after a call of the operation comes later.
func (p *plant) in(x *recorded, rng *rand.Rand) []store.Settled {
	spans := slices.Clone(x.spans)
	if x.start < p.at {
		return spans
	}
	for i := range spans {
		if spans[i].Op != p.op {
			continue
		}
		delay := int64(float64(p.delay) * (.5 + rng.Float64()))
		end := spans[i].End
		for j := range spans {
			if j == i || spans[j].End > end || spans[j].End == end && spans[j].Start <= spans[i].Start {
				spans[j].End += delay
			}
			if spans[j].Start >= end {
				spans[j].Start += delay
			}
		}
	}
	return spans
}

// planted is the history of [from, to) with a fault.
func (f *traffic) planted(p *plant, rng *rand.Rand, from, to int64) *suspects.History {
	h := suspects.NewHistory(f.names)
	for i := range f.traces {
		if x := &f.traces[i]; x.start >= from && x.start < to {
			h.Add(x.id, x.start, p.in(x, rng))
		}
	}
	return h
}

// TestPlantedOnsets puts faults into recorded traffic: an operation that is called twice a minute or more takes
// thrice as long and 20 ms, each in another ten minutes. Its service must be named, and when.
//
// Measured: of 60 that are planted 48 are named, all within a minute; the estimate is off by 2.5 s (half of them by
// less) and 14 s (nine of ten), and 47 of the intervals hold the truth. Eight of those missed are in one operation,
// half of whose spans end after those that wait for them, by the clock of whoever recorded them, so that they are
// not longer at all; the others are called twice or thrice a minute.
func TestPlantedOnsets(t *testing.T) {
	modeltest.Statistic(t)
	f := readTraffic(t)
	first, last := f.traces[0].start, f.traces[len(f.traces)-1].start
	rng := rand.New(rand.NewPCG(3, 3))
	tries, planted, within, covered, over := 60, 0, 0, 0, 0
	if testing.Short() {
		tries = 20
	}
	var off []float64 // s
	for range tries {
		from := first + rng.Int64N(last-first-int64(10*time.Minute))
		to := from + int64(10*time.Minute)
		p, ok := f.plantIn(rng, from, to)
		if !ok {
			continue
		}
		planted++
		found, err := f.planted(&p, rng, from, to).Onsets(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(found, func(x suspects.Onset) bool {
			return x.Suspects[0].Service == p.cause && max(x.At-p.at, p.at-x.At) < int64(3*time.Minute)
		})
		if at < 0 {
			t.Logf("missed: %s in %s", f.names.Operation(p.op).Name, p.cause)
			continue
		}
		x := &found[at]
		for i := range x.Suspects { // what others do beside what was planted does not end either
			if x.Suspects[i].Ended != 0 {
				over++
				break
			}
		}
		off = append(off, math.Abs(float64(x.At-p.at)/1e9))
		if off[len(off)-1] < 60 {
			within++
		}
		if x.Earliest <= p.at && p.at <= x.Latest {
			covered++
		}
	}
	slices.Sort(off)
	if over > len(off)/20 {
		t.Errorf("%d that go on are said to be over", over)
	}
	t.Logf("%d planted, %d named, %d within a minute, %d in their interval", planted, len(off), within, covered)
	if within < planted*2/3 || covered < len(off)*4/5 {
		t.Error("too few")
	}
	t.Logf("off by %.1f s (half of them by less), %.1f s (nine of ten)", off[len(off)/2], off[len(off)*9/10])
	if off[len(off)/2] > 5 {
		t.Error("too far off")
	}
}
