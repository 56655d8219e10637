package whatif_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/paths"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// program is a call tree whose requests all look alike, but for times, and for calls that are not made each time. Its
// requests last 100 ns at most, so that nothing is put down to clocks.
type program struct {
	op   uint32
	kids []*program
}

func newProgram(rng *rand.Rand, depth int, next *uint32) *program {
	*next++
	p := &program{op: *next}
	for range min(depth, 1) * rng.IntN(6) {
		p.kids = append(p.kids, newProgram(rng, depth-1, next))
	}
	return p
}

// run makes a request between two times.
func (p *program) run(rng *rand.Rand, parent model.SpanID, start, end int64, heads []model.Head) []model.Head {
	id := model.SpanID(len(heads) + 1)
	heads = append(heads, model.Head{ID: id, Parent: parent, Start: start, End: end, Op: p.op, Kind: model.KindClient})
	for _, k := range p.kids {
		from := start + rng.Int64N(end-start)
		if to := from + 1 + rng.Int64N(end-from); rng.IntN(8) > 0 {
			heads = k.run(rng, id, from, to, heads)
		}
	}
	return heads
}

// requestsOf are up to three requests of one program.
func requestsOf(rng *rand.Rand) (all []*paths.Request) {
	ops := uint32(0)
	p := newProgram(rng, 1+rng.IntN(3), &ops)
	for range 1 + rng.IntN(3) {
		all = append(all, linked(p.run(rng, 0, 1e9, 1e9+20+rng.Int64N(81), nil)))
	}
	return all
}

// chains works out by going through every chain of calls how long a request takes then: the definition in doc.go, with
// nothing remembered and nothing in order.
type chains struct {
	r      *paths.Request
	all    []*paths.Request // the requests that the model knows
	op     uint32           // 0: none is faster
	factor float64
	gone   []int32 // nodes that are not there
	eager  bool    // every call waits for the last only that had ended
}

func (c *chains) head(node int32) *model.Head { return &c.r.Heads[c.r.Tree.Nodes[node].Span] }

func kidsOf(r *paths.Request, node int32) (kids []int32) {
	for k := range r.Tree.Nodes {
		if r.Tree.Nodes[k].Parent == node {
			kids = append(kids, int32(k))
		}
	}
	return kids
}

// holds asks every request whether one operation, where both are called, had ended before the other began.
func (c *chains) holds(a, b uint32) bool {
	seen := false
	for _, r := range c.all {
		var x, y *model.Head
		for i := range r.Heads {
			switch r.Heads[i].Op {
			case a:
				x = &r.Heads[i]
			case b:
				y = &r.Heads[i]
			}
		}
		if x != nil && y != nil {
			seen = true
			if x.End > y.Start {
				return false
			}
		}
	}
	return seen
}

// saved is what a span's own time between two times shrinks by, counted nanosecond by nanosecond.
func (c *chains) saved(node int32, from, to int64) float64 {
	if c.head(node).Op != c.op {
		return 0
	}
	own := 0
	for at := from; at < to; at++ {
		free := true
		for _, k := range kidsOf(c.r, node) {
			free = free && (at < c.head(k).Start || at >= c.head(k).End)
		}
		if free {
			own++
		}
	}
	return float64(own) * (1 - c.factor)
}

// last is the one of some spans that ends last.
func (c *chains) last(of []int32) int32 {
	last := int32(-1)
	for _, k := range of {
		if last < 0 || c.head(k).End >= c.head(last).End {
			last = k
		}
	}
	return last
}

// ends is when a span ends then, counted from the start of its parent.
func (c *chains) ends(node int32) float64 {
	h, parent := c.head(node), c.r.Tree.Nodes[node].Parent
	p := c.head(parent)
	var before []int32
	for _, k := range kidsOf(c.r, parent) {
		if k != node && c.head(k).End <= h.Start {
			before = append(before, k)
		}
	}
	at := float64(h.Start-p.Start) - c.saved(parent, p.Start, h.Start)
	switch last := c.last(before); {
	case last < 0:
	case c.eager: // no operation of a program is called twice by one parent, so that every pause stays
		at = c.ends(last) + float64(h.Start-c.head(last).End)
	case c.holds(c.head(last).Op, h.Op):
		since := math.Inf(-1)
		for _, k := range before {
			if c.holds(c.head(k).Op, h.Op) {
				since = max(since, c.ends(k))
			}
		}
		at = since + float64(h.Start-c.head(last).End) - c.saved(parent, c.head(last).End, h.Start)
	}
	return at + c.takes(node)
}

// takes is how long a span takes then.
func (c *chains) takes(node int32) float64 {
	if slices.Contains(c.gone, node) {
		return 0
	}
	h, kids := c.head(node), kidsOf(c.r, node)
	if len(kids) == 0 {
		return float64(h.Duration()) - c.saved(node, h.Start, h.End)
	}
	end := math.Inf(-1)
	for _, k := range kids {
		end = max(end, c.ends(k))
	}
	last := c.head(c.last(kids)).End
	return end + float64(h.End-last) - c.saved(node, last, h.End)
}

// What is predicted is what going through every chain of calls says, of requests whose model knows one of them or
// several, which may contradict each other (the idea of CRISP's test_retimer_cross_validation: two methods that share
// nothing).
func TestRetimeIsWhatChainsSay(t *testing.T) {
	rng := modeltest.Rand(17)
	changed, bounded, doubted := 0, 0, 0
	for range 1500 {
		all := requestsOf(rng)
		m := learned(all...)
		r := all[0]
		op := r.Heads[rng.IntN(len(r.Heads))].Op
		factor := []float64{0, .25, .5, 1, 1.5, 3}[rng.IntN(6)]
		x := whatif.Retimer{Model: m, Factor: factor, IsOf: func(o uint32) bool { return o == op }}
		got := x.Retime(r)
		want := (&chains{r: r, all: all, op: op, factor: factor}).takes(0)
		if factor < 1 && want < float64(r.Duration()-got.Most-1) { // the bound is in whole ns
			bounded++
		}
		if math.Abs(float64(got.Duration)-want) > 1 {
			t.Fatalf("op %d ×%v: %d ns, want %v, of %d:\n%v", op, factor, got.Duration, want, r.Duration(), r.Heads)
		}
		if got.Duration != r.Duration() {
			changed++
		}
		if got.Doubts > 0 {
			doubted++
		}
	}
	if changed < 500 || doubted < 50 || bounded > 0 {
		t.Errorf("%d requests changed, %d with doubts, %d gain more than is on the critical path", changed, doubted, bounded)
	}
}
