package skew_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/aggregate/skew"
	"oteltop/model"
)

// rpc is a call as it was: when the client sent and got the answer, when the server began and ended, ns.
type rpc struct {
	client, server               string
	sent, began, ended, received int64
	serverKind                   model.Kind
}

// fold is the estimate from calls, the hosts' clocks being ahead by so many ns.
func fold(t *testing.T, calls []rpc, ahead map[string]int64) *skew.Result {
	t.Helper()
	s := storetest.New(nil)
	host := func(name string) *model.Resource {
		return &model.Resource{Service: "of-" + name, Attributes: []model.Attribute{{Key: "host.name", Value: model.StringValue(name)}}}
	}
	hosts := map[string]*model.Resource{}
	for i, c := range calls {
		for _, name := range []string{c.client, c.server} {
			if hosts[name] == nil {
				hosts[name] = host(name)
			}
		}
		if c.serverKind == 0 {
			c.serverKind = model.KindServer
		}
		id := model.TraceID{Lo: uint64(i) + 1}
		s.Add(
			model.Span{TraceID: id, ID: 1, Name: "call", Kind: model.KindClient, Resource: hosts[c.client], Start: c.sent + ahead[c.client], End: c.received + ahead[c.client]},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: "serve", Kind: c.serverKind, Resource: hosts[c.server], Start: c.began + ahead[c.server], End: c.ended + ahead[c.server]},
		)
	}
	s.Flush()
	f := skew.New()
	requesttest.Ordered(s, requesttest.ByStart, f.Fold)
	return f.Result()
}

// calls are n calls from a to b: 0.2 ms and Exp(0.5 ms) there, Exp(10 ms) of work, 0.2 ms and Exp(2 ms) back.
func simulated(rng *rand.Rand, n int, from, to string) []rpc {
	var out []rpc
	wire := func(mean float64) int64 { return int64(.2e6 + rng.ExpFloat64()*mean) }
	for i := range n {
		c := rpc{client: from, server: to, sent: 1e18 + int64(i)*100e6}
		c.began = c.sent + wire(.5e6)
		c.ended = c.began + int64(1e6+rng.ExpFloat64()*10e6)
		c.received = c.ended + wire(2e6)
		out = append(out, c)
	}
	return out
}

// The table of A32: 5 ms ahead, the mean error over 200 runs of 200 calls is .004 ms and of 20 calls .041 ms.
func TestErrorOfTheEstimate(t *testing.T) {
	for _, c := range []struct {
		calls int
		most  float64 // ms
	}{{200, .01}, {20, .06}} {
		sum, outside := 0.0, 0
		const runs = 60
		for run := range runs {
			r := fold(t, simulated(rand.New(rand.NewPCG(uint64(run), 32)), c.calls, "a", "b"), map[string]int64{"b": 5e6})
			p := r.Pairs[0]
			if !p.Known() || p.Contradicting != 0 || p.Used != c.calls {
				t.Fatalf("%+v", p)
			}
			sum += math.Abs(float64(p.Offset+5e6)) / 1e6
			if p.Low > -5e6 || p.High < -5e6 {
				outside++
			}
		}
		if mean := sum / runs; mean > c.most || outside > 0 {
			t.Errorf("%d calls: mean error %.4f ms, want at most %g; %d times the truth is not in the interval", c.calls, mean, c.most, outside)
		} else {
			t.Logf("%d calls: mean error %.4f ms", c.calls, mean)
		}
	}
}

func TestClocksThatAgreeAreLeftAlone(t *testing.T) {
	for run := range 30 {
		r := fold(t, simulated(rand.New(rand.NewPCG(uint64(run), 33)), 200, "a", "b"), nil)
		if p := r.Pairs[0]; p.Offset != 0 || !p.Agreed || p.Half <= 0 || len(r.Wrong()) != 0 {
			t.Errorf("run %d: %+v, %v", run, p, r.Wrong())
		}
		if x, ok := r.Offsets("host.name=b")["host.name=a"]; x.Add != 0 || !ok {
			t.Errorf("run %d: %+v", run, x)
		}
	}
}

// One call in a hundred that contradicts all others is left out; more leave nothing to go by.
func TestCallsThatContradict(t *testing.T) {
	for late, want := range map[int]bool{0: true, 1: true, 2: true, 3: false, 20: false} {
		calls := simulated(rand.New(rand.NewPCG(7, 7)), 200, "a", "b")
		for i := range late {
			calls[i*9].began += 60e6 // the client had given up
			calls[i*9].ended += 60e6
		}
		p := fold(t, calls, map[string]int64{"b": 5e6}).Pairs[0]
		if p.Agreed != want || want && (p.Contradicting != late || math.Abs(float64(p.Offset+5e6)) > 3e5) || !want && p.Known() {
			t.Errorf("%d late calls: %+v", late, p)
		}
	}
}

func TestWhichCallsCount(t *testing.T) {
	good := simulated(rand.New(rand.NewPCG(1, 1)), 30, "a", "b")
	for name, change := range map[string]func(c *rpc){
		"same host":        func(c *rpc) { c.server = "a" },
		"server is longer": func(c *rpc) { c.ended = c.received + 1e6; c.began = c.sent - 1e6 },
		"messaging":        func(c *rpc) { c.serverKind = model.KindConsumer },
		"no host":          func(c *rpc) { c.server = "" },
	} {
		calls := slices.Clone(good)
		for i := range calls {
			change(&calls[i])
		}
		if r := fold(t, calls, nil); len(r.Pairs) != 0 {
			t.Errorf("%s: %+v", name, r.Pairs)
		}
	}
	// Only the last minute, and of that the last 500.
	many := simulated(rand.New(rand.NewPCG(1, 2)), 1200, "a", "b")
	if p := fold(t, many, nil).Pairs[0]; p.Calls != 1200 || p.Used != 500 {
		t.Errorf("%d of %d used", p.Used, p.Calls)
	}
	for i := range good {
		good[i].sent, good[i].began, good[i].ended, good[i].received = good[i].sent+int64(i)*10e9, good[i].began+int64(i)*10e9, good[i].ended+int64(i)*10e9, good[i].received+int64(i)*10e9
	}
	if p := fold(t, good, nil).Pairs[0]; p.Calls != 30 || p.Used != 6 || p.Known() {
		t.Errorf("%d of %d used, known %v", p.Used, p.Calls, p.Known())
	}
}

// Offsets are added up along the way from the root, whichever way the calls go, by the pairs that are known best.
func TestOffsetsAlongTheTree(t *testing.T) {
	var calls []rpc
	for i, way := range [][2]string{{"a", "b"}, {"b", "c"}, {"d", "c"}, {"x", "y"}} {
		calls = append(calls, simulated(rand.New(rand.NewPCG(3, uint64(i))), 200, way[0], way[1])...)
	}
	slow := simulated(rand.New(rand.NewPCG(3, 9)), 200, "a", "d") // says little: a second on the wire
	for i := range slow {
		slow[i].began, slow[i].ended, slow[i].received = slow[i].began+1e9, slow[i].ended+1e9, slow[i].received+1e9+2e6
	}
	ahead := map[string]int64{"b": 5e6, "c": -40e6, "d": 7e6, "y": 3e6}
	r := fold(t, append(calls, slow...), ahead)
	for root, hosts := range map[string]string{"a": "abcd", "c": "abcd", "y": "xy"} {
		got := r.Offsets("host.name=" + root)
		if len(got) != len(hosts) {
			t.Errorf("from %s: %v", root, got)
		}
		for _, h := range hosts {
			x, want := got["host.name="+string(h)], ahead[root]-ahead[string(h)]
			if math.Abs(float64(x.Add-want)) > 5e5 || x.Half < 0 {
				t.Errorf("%c from %s: %+v, want %d", h, root, x, want)
			}
		}
	}
	if got := fold(t, nil, nil).Offsets("a"); len(got) != 1 {
		t.Errorf("of nothing: %v", got)
	}
}

// A clock that is off is named once, and none of those that it has to do with.
func TestWrongClock(t *testing.T) {
	var calls []rpc
	for i, way := range [][2]string{{"a", "b"}, {"b", "c"}, {"a", "c"}, {"c", "d"}} {
		calls = append(calls, simulated(rand.New(rand.NewPCG(5, uint64(i))), 100, way[0], way[1])...)
	}
	r := fold(t, calls, map[string]int64{"c": 30e6})
	wrong := r.Wrong()
	if len(wrong) != 1 || wrong[0].Name != "host.name=c" || wrong[0].Calls != 300 || wrong[0].Of != 400 || len(wrong[0].Traces) == 0 {
		t.Errorf("%+v", wrong)
	}
	if skew.New().Findings() != nil {
		t.Error("of nothing")
	}
	if w := fold(t, calls, map[string]int64{"c": .4e6}).Wrong(); len(w) != 0 {
		t.Errorf("less than a millisecond: %+v", w)
	}
}

// Any order of arrival gives the same; hosts beyond the bound are counted.
func TestOrderAndBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	calls := simulated(rng, 100, "a", "b")
	want := fmt.Sprint(fold(t, calls, map[string]int64{"b": 5e6}).Pairs[0].Offset)
	rng.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	if got := fmt.Sprint(fold(t, calls, map[string]int64{"b": 5e6}).Pairs[0].Offset); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var many []rpc
	for i := range 2500 {
		c := calls[i%len(calls)]
		c.client, c.server = fmt.Sprint("c", i), fmt.Sprint("s", i)
		many = append(many, c)
	}
	if r := fold(t, many, nil); r.Dropped == 0 || len(r.Pairs) > 4096 || len(r.Hosts) != 4096 {
		t.Errorf("%d pairs, %d hosts, %d dropped", len(r.Pairs), len(r.Hosts), r.Dropped)
	}
}
