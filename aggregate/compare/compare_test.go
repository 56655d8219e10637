package compare_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/store"
)

// deployment is how a shop behaves: a front asks a cart, which asks for prices and a database.
type deployment struct {
	wire     float64                  // median, ns, of what is added to price calls outside of the price service
	prices   func(rng *rand.Rand) int // calls to the price service; nil: one
	price    int64                    // the most that one takes, ns; 0: 1 ms
	database float64                  // median, ns; 0: 2 ms
	slow     float64                  // share of database calls that take ten times as long
	spread   float64                  // of the database's log-normal; 0: 0.4
	failing  float64                  // share of price calls that fail
	reason   string                   // how
	fraud    bool                     // the cart also asks the fraud service
	skip     bool                     // the cart asks no database
}

var resources = map[string]*model.Resource{}

func resource(service string) *model.Resource {
	if resources[service] == nil {
		resources[service] = &model.Resource{Service: service, Attributes: []model.Attribute{{Key: "service.name", Value: model.StringValue(service)}}}
	}
	return resources[service]
}

// tracer makes the spans of one trace, one after the other.
type tracer struct {
	trace model.TraceID
	next  model.SpanID
	spans []model.Span
}

// span starts a span; end is set when what it does is done.
func (t *tracer) span(parent int, service, name string, kind model.Kind, start int64) int {
	t.next++
	s := model.Span{TraceID: t.trace, ID: t.next, Name: name, Kind: kind, Start: start, Resource: resource(service), Scope: &model.Scope{}}
	if parent >= 0 {
		s.Parent = t.spans[parent].ID
	}
	t.spans = append(t.spans, s)
	return len(t.spans) - 1
}

// parent is the place of a span's parent, −1 for a root.
func (t *tracer) parent(i int) int { return int(t.spans[i].Parent) - 1 }

// call is a client and a server span that take ns; it returns when it is over, and the server span.
func (t *tracer) call(parent int, from, to, name string, at, ns int64) (int64, int) {
	c := t.span(parent, from, name, model.KindClient, at)
	s := t.span(c, to, name, model.KindServer, at+1e5)
	t.spans[s].End, t.spans[c].End = at+1e5+ns, at+2e5+ns
	return t.spans[c].End, s
}

func (d deployment) trace(rng *rand.Rand, id uint64) []model.Span {
	t := &tracer{trace: model.TraceID{Hi: 9, Lo: id}}
	at := int64(1e18) + int64(id)*1e8
	jitter := func() int64 { return 3e5 + rng.Int64N(1e5) }
	front := t.span(-1, "front", "GET /", model.KindServer, at)
	client := t.span(front, "front", "cart.Get", model.KindClient, at+jitter())
	cart := t.span(client, "cart", "cart.Get", model.KindServer, t.spans[client].Start+1e5)
	now := t.spans[cart].Start + jitter()
	n := 1
	if d.prices != nil {
		n = d.prices(rng)
	}
	for range n {
		var s int
		now, s = t.call(cart, "cart", "price", "price.Of", now, 5e5+rng.Int64N(max(1e6, d.price)-5e5))
		if d.wire > 0 {
			now += int64(d.wire * (1 + rng.Float64()))
			t.spans[s-1].End = now
		}
		if rng.Float64() < d.failing {
			for up := s; up >= 0; up = t.parent(up) { // the whole request fails
				t.spans[up].Status = model.StatusError
			}
			t.spans[s].Attributes = []model.Attribute{{Key: "error.type", Value: model.StringValue(d.reason)}}
		}
	}
	if !d.skip {
		db := t.span(cart, "cart", "SELECT", model.KindClient, now)
		median, spread := d.database, d.spread
		if median == 0 {
			median = 2e6
		}
		if spread == 0 {
			spread = .4
		}
		ns := median * math.Exp(spread*rng.NormFloat64())
		if rng.Float64() < d.slow {
			ns *= 10
		}
		now += int64(ns)
		t.spans[db].End = now
	}
	if d.fraud {
		now, _ = t.call(cart, "cart", "fraud", "fraud.Check", now, 1e6)
	}
	t.spans[cart].End = now + jitter()
	t.spans[client].End = t.spans[cart].End + 1e5
	t.spans[front].End = t.spans[client].End + jitter()
	return t.spans
}

// profile folds n traces of a deployment.
func (d deployment) profile(t testing.TB, seed uint64, n int) *compare.Profile {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 77))
	s := storetest.New(nil)
	for i := range n {
		s.Add(d.trace(rng, seed<<32+uint64(i)+1)...)
	}
	return fold(t, s)
}

// fold is the profile of all that a store has.
func fold(t testing.TB, s *storetest.Store) *compare.Profile {
	t.Helper()
	s.Flush()
	snap := s.Snapshot()
	var traces []store.TraceInfo
	snap.Traces(func(x *store.TraceInfo) bool {
		traces = append(traces, *x)
		return true
	})
	p, err := compare.Fold(context.Background(), snap, s.Names(), traces)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const traces = 600

// first is the change on top, and it is printed with the rest when it is not what was planted.
func first(t *testing.T, c *compare.Comparison, good func(x compare.Change) bool) {
	t.Helper()
	if len(c.Changes) == 0 || !good(c.Changes[0]) {
		for _, x := range c.Changes {
			t.Errorf("%s %s/%s (%s) %s: %.4g → %.4g ×%.3g lower %.3f q %.3g origin %v critical %.3g", x.Kind, x.Service, x.Name, x.Client, x.Error, x.Before, x.After, x.Ratio, x.Lower, x.Q, x.Origin, x.Critical)
		}
		t.Errorf("not what was planted; %s", c.Note())
	}
}

// S5: two batches that differ by one extra call loop: the looped service is the top row with its calls ×k, and
// the longer traces are put down to it.
func TestExtraCallLoop(t *testing.T) {
	for _, k := range []int{2, 7} {
		before := deployment{}.profile(t, 1, traces)
		after := deployment{prices: func(*rand.Rand) int { return k }}.profile(t, 2, traces)
		c := compare.Compare(before, after)
		first(t, c, func(x compare.Change) bool {
			return x.Kind == compare.Calls && x.Service == "price" && x.Client == "cart" && x.Ratio == float64(k) && x.Origin &&
				x.CriticalShare != nil && *x.CriticalShare > .8 && *x.CriticalShare < 1.2 && !x.Exemplar.IsZero() && !x.ExemplarBefore.IsZero()
		})
		for _, x := range c.Changes[1:] {
			if x.Kind == compare.Calls {
				t.Errorf("the loop is told twice: %+v", x)
			}
		}
	}
}

func TestComparedWithItselfNothingChanged(t *testing.T) {
	p := deployment{failing: .1, reason: "timeout"}.profile(t, 1, 300)
	if c := compare.Compare(p, p); len(c.Changes) > 0 || c.Comparisons == 0 {
		t.Errorf("%+v", c.Changes)
	}
}

// Two batches of one deployment: nothing changed. What is compared is fixed by the seeds.
func TestHealthyBatchesDoNotDiffer(t *testing.T) {
	d := deployment{prices: func(rng *rand.Rand) int { return rng.IntN(4) }, failing: .05, reason: "timeout", slow: .02}
	for seed := range uint64(6) {
		if c := compare.Compare(d.profile(t, 2*seed+1, 400), d.profile(t, 2*seed+2, 400)); len(c.Changes) > 0 {
			t.Errorf("seed %d: %+v", seed, c.Changes)
		}
	}
}

// The other way round every change is its opposite.
func TestSwappedIsNegated(t *testing.T) {
	a := deployment{}.profile(t, 1, traces)
	b := deployment{prices: func(rng *rand.Rand) int { return 1 + rng.IntN(3) }, failing: .3, reason: "timeout", fraud: true}.profile(t, 2, traces)
	there, back := compare.Compare(a, b), compare.Compare(b, a)
	opposite := map[compare.Kind]compare.Kind{
		compare.NewOperation: compare.VanishedOperation, compare.NewEdge: compare.VanishedEdge, compare.NewError: compare.VanishedError,
	}
	type what struct {
		kind          compare.Kind
		op            compare.Operation
		before, after float64
	}
	found := map[what]bool{}
	for _, x := range back.Changes {
		found[what{x.Kind, x.Operation, x.Before, x.After}] = true
	}
	counted := 0
	for _, x := range there.Changes {
		if x.Kind == compare.LatencyTail || x.Kind == compare.LatencyShape {
			continue // what counts as the tail is what was before
		}
		counted++
		kind := x.Kind
		if o, ok := opposite[kind]; ok {
			kind = o
		}
		if !found[what{kind, x.Operation, x.After, x.Before}] {
			t.Errorf("%s of %v, %v → %v, has no opposite", x.Kind, x.Operation, x.Before, x.After)
		}
	}
	if counted < 5 {
		t.Errorf("only %d changes", counted)
	}
}

// Every kind of change is found, on top, where it begins.
func TestKindsOfChanges(t *testing.T) {
	for name, c := range map[string]struct {
		before, after deployment
		good          func(x compare.Change) bool
	}{
		"a slower database": {deployment{}, deployment{database: 5e6}, func(x compare.Change) bool {
			return x.Kind == compare.LatencyShift && x.Name == "SELECT" && x.Ratio > 2.2 && x.Ratio < 2.8 && x.CriticalShare != nil && *x.CriticalShare > .8
		}},
		"a slower wire": {deployment{}, deployment{wire: 3e6}, func(x compare.Change) bool {
			return x.Kind == compare.LatencyShift && x.Service == "cart" && x.Name == "price.Of" && x.Callee == "price" && x.Ratio > 3
		}},
		"a slower tail": {deployment{}, deployment{slow: .06}, func(x compare.Change) bool {
			return x.Kind == compare.LatencyTail && x.Name == "SELECT" && x.After > .04 && x.Before < .02
		}},
		"a slower tail, and a shift of no account": {deployment{}, deployment{slow: .06, database: 2.07e6}, func(x compare.Change) bool {
			return x.Kind == compare.LatencyTail && x.Name == "SELECT" && x.After > .04 && x.Before < .02
		}},
		"a wider spread": {deployment{spread: .1}, deployment{spread: .4}, func(x compare.Change) bool {
			return x.Name == "SELECT" && (x.Kind == compare.LatencyShape || x.Kind == compare.LatencyTail)
		}},
		"a slower wire to a callee that became faster": {deployment{price: 75e5}, deployment{wire: 2.1e6}, func(x compare.Change) bool {
			return x.Kind == compare.OwnTime && x.Service == "cart" && x.Name == "price.Of" && x.Callee == "price" && x.Ratio > 10 && x.Origin
		}},
		"errors": {deployment{failing: .01, reason: "timeout"}, deployment{failing: .2, reason: "timeout"}, func(x compare.Change) bool {
			return x.Kind == compare.Errors && x.Service == "price" && x.Operation.Kind == model.KindServer && x.After > .15 && x.Before < .03 && !x.Exemplar.IsZero()
		}},
		"another error": {deployment{failing: .2, reason: "timeout"}, deployment{failing: .2, reason: "refused"}, func(x compare.Change) bool {
			return (x.Kind == compare.NewError && x.Error == "refused" || x.Kind == compare.VanishedError && x.Error == "timeout") && x.Service == "price"
		}},
		"a new callee": {deployment{}, deployment{fraud: true}, func(x compare.Change) bool {
			return x.Kind == compare.NewOperation && x.Name == "fraud.Check" && x.After == 1 && x.Before == 0 && x.Operation.Kind == model.KindClient
		}},
		"a callee that is gone": {deployment{}, deployment{skip: true}, func(x compare.Change) bool {
			return x.Kind == compare.VanishedOperation && x.Name == "SELECT"
		}},
		"calls in fewer traces": {deployment{}, deployment{prices: func(rng *rand.Rand) int { return rng.IntN(2) }}, func(x compare.Change) bool {
			return x.Kind == compare.Structure && x.Service == "price" && x.Before == 1 && x.After > .4 && x.After < .6
		}},
	} {
		t.Run(name, func(t *testing.T) {
			first(t, compare.Compare(c.before.profile(t, 11, traces), c.after.profile(t, 12, traces)), c.good)
		})
	}
}

// An error begins where no callee failed; those who pass it on come after.
func TestErrorsBeginWhereTheyBegin(t *testing.T) {
	c := compare.Compare(deployment{}.profile(t, 1, traces), deployment{failing: .2, reason: "timeout"}.profile(t, 2, traces))
	failing := map[compare.Operation]bool{}
	for _, x := range c.Changes {
		if x.Kind != compare.Errors && x.Kind != compare.NewError {
			continue
		}
		if _, twice := failing[x.Operation]; twice || (x.Error == "timeout") != (x.Service == "price") {
			t.Errorf("%s of %v: %q", x.Kind, x.Operation, x.Error)
		}
		failing[x.Operation] = x.Origin
	}
	want := map[compare.Operation]bool{
		{Service: "price", Name: "price.Of", Kind: model.KindServer}: true, {Service: "cart", Name: "price.Of", Kind: model.KindClient}: false,
		{Service: "cart", Name: "cart.Get", Kind: model.KindServer}: false, {Service: "front", Name: "cart.Get", Kind: model.KindClient}: false,
		{Service: "front", Name: "GET /", Kind: model.KindServer}: false,
	}
	if !maps.Equal(failing, want) {
		t.Errorf("%v, want %v", failing, want)
	}
}

// A way of failing that is new or gone says that its operation fails more or less, where it accounts for that;
// failing otherwise as well, it does not.
func TestOneFailureIsOneRow(t *testing.T) {
	for name, c := range map[string]struct {
		before, after deployment
		kinds         []compare.Kind
	}{
		"new":              {deployment{}, deployment{failing: .2, reason: "timeout"}, []compare.Kind{compare.NewError}},
		"gone":             {deployment{failing: .2, reason: "timeout"}, deployment{}, []compare.Kind{compare.VanishedError}},
		"without a name":   {deployment{}, deployment{failing: .2}, []compare.Kind{compare.Errors}},
		"more of the same": {deployment{failing: .02, reason: "timeout"}, deployment{failing: .3, reason: "timeout"}, []compare.Kind{compare.Errors}},
		"more of another": {deployment{failing: .15, reason: "timeout"}, deployment{failing: .4, reason: "refused"},
			[]compare.Kind{compare.Errors, compare.NewError, compare.VanishedError}},
	} {
		t.Run(name, func(t *testing.T) {
			var kinds []compare.Kind
			for _, x := range compare.Compare(c.before.profile(t, 11, traces), c.after.profile(t, 12, traces)).Changes {
				if x.Service == "price" && (x.Kind == compare.Errors || x.Error != "") {
					kinds = append(kinds, x.Kind)
				}
			}
			slices.Sort(kinds)
			if !slices.Equal(kinds, c.kinds) {
				t.Errorf("%v, want %v", kinds, c.kinds)
			}
		})
	}
}

// What is called less often because requests fail before follows from the failures: the error stands first,
// and whoever passes it on under another name does not begin it.
func TestFailuresExplainWhatIsNotCalled(t *testing.T) {
	failing := deployment{skip: true, failing: 1, reason: "timeout"}
	whole := deployment{}.profile(t, 1, traces)
	mixed := func(seed uint64) *compare.Profile { // half of the requests fail and do not reach the database
		s := storetest.New(nil)
		rng := rand.New(rand.NewPCG(seed, 5))
		for i := range traces {
			d := deployment{}
			if rng.Float64() < .5 {
				d = failing
			}
			s.Add(d.trace(rng, seed<<32+uint64(i)+1)...)
		}
		return fold(t, s)
	}
	c := compare.Compare(whole, mixed(2))
	first(t, c, func(x compare.Change) bool {
		return x.Service == "price" && x.Origin && (x.Kind == compare.NewError || x.Kind == compare.Errors)
	})
	told := false
	for _, x := range c.Changes {
		if x.Kind == compare.Structure && x.Name == "SELECT" {
			told = true
			if x.Origin {
				t.Errorf("%+v", x)
			}
		}
	}
	if !told {
		t.Error("that the database is asked less often is not told")
	}
}

// A shift of 3 % is significant with enough traces, and no change to a person.
func TestSmallShiftsAreNoChange(t *testing.T) {
	c := compare.Compare(deployment{spread: .05}.profile(t, 1, 2000), deployment{spread: .05, database: 2.005e6}.profile(t, 2, 2000))
	if len(c.Changes) > 0 {
		t.Errorf("%+v", c.Changes)
	}
}

// One trace against another: what only one of them does is a difference, whatever the statistics.
func TestOneAgainstOne(t *testing.T) {
	loop := func(*rand.Rand) int { return 4 }
	c := compare.Compare(deployment{}.profile(t, 1, 1), deployment{fraud: true, prices: loop, failing: 1, reason: "timeout"}.profile(t, 2, 1))
	found := map[string]bool{}
	for _, x := range c.Changes {
		found[fmt.Sprint(x.Kind, " ", x.Service, " ", x.Name)] = true
	}
	for _, want := range []string{"new_operation fraud fraud.Check", "new_operation cart fraud.Check", "new_edge fraud ", "calls price price.Of", "new_error price price.Of"} {
		if !found[want] {
			t.Errorf("no %q in %v", want, found)
		}
	}
}

// What is new, or gone, in a few traces of many may be chance: it is told apart from what the statistics support, with
// what is called first of it, and marks no call path.
func TestTooFewTracesAreNoChange(t *testing.T) {
	rare := func(seed uint64, fraud int) *compare.Profile {
		s := storetest.New(nil)
		rng := rand.New(rand.NewPCG(seed, 5))
		for i := range traces {
			s.Add(deployment{fraud: i < fraud}.trace(rng, seed<<32+uint64(i)+1)...)
		}
		return fold(t, s)
	}
	none, some := rare(1, 0), rare(2, 3)
	for name, c := range map[string]*compare.Comparison{"new": compare.Compare(none, some), "gone": compare.Compare(some, none)} {
		if len(c.Changes) > 0 {
			t.Errorf("%s: changes %+v", name, c.Changes)
		}
		var got []string
		for _, x := range c.Unsure {
			if x.Q < .05 {
				t.Errorf("%s: %+v is sure", name, x)
			}
			got = append(got, fmt.Sprint(x.Kind, " ", x.Client, x.Service, " ", x.Name))
		}
		kinds := map[string][]string{
			"new":  {"new_operation cart fraud.Check", "new_edge cartfraud "},
			"gone": {"vanished_operation cart fraud.Check", "vanished_edge cartfraud "},
		}
		if !slices.Equal(got, kinds[name]) {
			t.Errorf("%s: unsure %q, want %q", name, got, kinds[name])
		}
		if !strings.Contains(c.Note(), "; 2 more are new or gone, in too few traces to be sure") {
			t.Errorf("%s: %s", name, c.Note())
		}
		for _, n := range c.Tree {
			if n.Class != compare.Same {
				t.Errorf("%s: %+v", name, n)
			}
		}
	}
	// Of so few traces now none was to be expected to have it: that says nothing.
	if c := compare.Compare(some, deployment{}.profile(t, 4, 20)); len(c.Unsure) > 0 {
		t.Errorf("nothing is missed, but %+v", c.Unsure)
	}
	// In enough traces it is a change.
	if c := compare.Compare(none, rare(3, 30)); len(c.Changes) == 0 || c.Changes[0].Kind != compare.NewOperation || len(c.Unsure) > 0 {
		t.Errorf("%+v and %+v", c.Changes, c.Unsure)
	}
}

func TestNothingToCompare(t *testing.T) {
	empty := deployment{}.profile(t, 1, 0)
	if c := compare.Compare(empty, deployment{}.profile(t, 1, 3)); len(c.Changes) > 0 || c.Comparisons > 0 {
		t.Errorf("%+v", c)
	}
}
