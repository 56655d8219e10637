package anatomy_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"oteltop/aggregate/anatomy"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/hist"
	"oteltop/aggregate/request/requesttest"
	"oteltop/aggregate/skew"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// taken apart are the edges of spans, with clocks as their own calls tell.
func taken(spans []model.Span) *anatomy.Result {
	s := storetest.Of(spans...)
	clocks := skew.New()
	requesttest.Ordered(s, requesttest.ByStart, clocks.Fold)
	f := anatomy.New(s.Names(), anatomy.NewClocks(clocks.Result()), s.Find)
	requesttest.Ordered(s, requesttest.ByStart, f.Fold)
	return f.Result()
}

func drawn(t *testing.T, drawing string) []model.Span {
	t.Helper()
	return modeltest.Spans(t, drawing)
}

func row(t *testing.T, r *anatomy.Result, client, server string) anatomy.Row {
	t.Helper()
	for _, x := range r.Rows {
		if x.Client == client && x.Server == server {
			return x
		}
	}
	t.Fatalf("no edge %s → %s in %+v", client, server, r.Rows)
	return anatomy.Row{}
}

func near(got int64, ms float64) bool { return math.Abs(float64(got)-ms*1e6) <= 0.022*ms*1e6+1 }

// jaeger-analytics' case: servers begin 5, 10 and 25 ms after their clients. On one host that is the way there; what
// is left of the gap is the way back.
func TestOnOneHost(t *testing.T) {
	r := taken(drawn(t, `
		a root server 0..1000 @host.name=h
		  a call client 0..100 @host.name=h
		    b serve server 5..99 @host.name=h
		  a call client 200..300 @host.name=h
		    b serve server 210..298 @host.name=h
		  a call client 400..500 @host.name=h
		    b serve server 425..460 @host.name=h
		  a call client 600..700 @host.name=h
		    b serve server 610..750 @host.name=h`))
	x := row(t, r, "a", "b")
	if x.Calls != 4 || x.Negative != 1 || x.Split != 3 || x.Outside != 0 || x.Uncertainty != 0 || x.LongerThere != 2 || x.LongerBack != 1 || x.Undecided() != 0 || x.Messaging {
		t.Errorf("%+v", x)
	}
	if !near(x.There.P50, 10) || !near(x.There.P95, 25) || !near(x.Back.P50, 2) || !near(x.Back.P99, 40) || !near(x.Gap.P50, 12) || !near(x.Gap.P99, 65) {
		t.Errorf("%+v", x)
	}
}

// Hosts that do not say who they are, or of which too little is known, have a gap, and no parts.
func TestUnknownClocks(t *testing.T) {
	for name, drawing := range map[string]string{
		"no host":     "a call client 0..100\n  b serve server 5..99",
		"one has":     "a call client 0..100 @host.name=h\n  b serve server 5..99",
		"a few calls": "a call client 0..100 @host.name=h\n  b serve server 5..99 @host.name=i",
	} {
		x := row(t, taken(drawn(t, drawing)), "a", "b")
		if x.Calls != 1 || x.Split != 0 || x.There.P99 != 0 || x.Back.P99 != 0 || !near(x.Gap.P50, 6) || !near(x.Works.P95, 94) || math.Abs(x.GapShare-.06) > 2e-3 {
			t.Errorf("%s: %+v", name, x)
		}
	}
}

// between makes calls of a host whose server's clock is ahead by offset; there and back take what is drawn, ns.
func between(rng *rand.Rand, n int, offset int64, there, back func() int64) []model.Span {
	var spans []model.Span
	on := func(service, host string) *model.Resource {
		return &model.Resource{Service: service, Attributes: []model.Attribute{{Key: "host.name", Value: model.StringValue(host)}}}
	}
	a, b := on("a", "one"), on("b", "two")
	for i := range n {
		start := int64(1e18) + int64(i)*1e8
		go1, work, back1 := there(), 1e6+rng.Int64N(1e7), back()
		id := model.TraceID{Lo: uint64(i) + 1}
		spans = append(spans,
			model.Span{TraceID: id, ID: 1, Name: "call", Kind: model.KindClient, Start: start, End: start + go1 + work + back1, Resource: a, Scope: &model.Scope{}},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: "serve", Kind: model.KindServer, Start: start + go1 + offset, End: start + go1 + work + offset, Resource: b, Scope: &model.Scope{}})
	}
	return spans
}

// A server whose clock is 5 ms ahead, or behind: the way back takes ten times as long as the way there, and that is
// what is said, to what the fastest calls leave open. Without looking at clocks one of the two would be negative.
func TestPlantedOffset(t *testing.T) {
	for _, offset := range []int64{-5e6, -1e6, 0, 1e6, 5e6} {
		rng := modeltest.Rand(31)
		exp := func(least, mean float64) func() int64 {
			return func() int64 { return int64(least + rng.ExpFloat64()*mean) }
		}
		x := row(t, taken(between(rng, 400, offset, exp(2e5, 3e5), exp(2e5, 8e6))), "a", "b")
		// Medians: .2 + .3·ln 2 there, .2 + 8·ln 2 back. The least of each way, .4 ms together, is open.
		if x.Split != 400 || x.Uncertainty > 5e5 || math.Abs(float64(x.There.P50)-.41e6) > 4e5 || math.Abs(float64(x.Back.P50)-5.7e6) > 9e5 {
			t.Errorf("offset %d: %+v", offset, x)
		}
		if x.LongerBack < 300 || x.LongerThere > 40 || x.Outside > 4 {
			t.Errorf("offset %d: %+v", offset, x)
		}
	}
}

// Where both ways take about as long as the fastest do, nobody can tell them apart, and that is said.
func TestUndecided(t *testing.T) {
	rng := modeltest.Rand(37)
	few := func() int64 { return 2e6 + rng.Int64N(1e5) }
	x := row(t, taken(between(rng, 200, 3e6, few, few)), "a", "b")
	if x.Split != 200 || x.Undecided() < 190 || x.Uncertainty < 15e5 || !near(x.Gap.P50, 4.1) {
		t.Errorf("%+v", x)
	}
}

// Tempo's messaging case, and the age: from the start of the span that sends. A consumer that begins before its message
// was sent has no age.
func TestMessages(t *testing.T) {
	r := taken(drawn(t, `
		a send producer 0..10 @host.name=h
		  b take consumer 40..50 @host.name=h
		trace 2
		a send producer 100..110 @host.name=h
		  b take consumer 160..170 @host.name=h
		trace 3
		a send producer 200..210 @host.name=h
		  b take consumer 195..220`))
	x := row(t, r, "a", "b")
	if !x.Messaging || x.Calls != 0 || x.Messages != 3 || x.Corrected != 2 || x.Early != 1 || !near(x.Age.P50, 40) || !near(x.Age.P99, 60) || !near(x.Wait.P50, 30) || !near(x.Wait.P99, 50) {
		t.Errorf("%+v", x)
	}
	if x.Example.Lo != 2 {
		t.Errorf("%+v", x.Example)
	}
}

// A batch has an age for every message that it links to, in this trace and in others, and each once.
func TestLinks(t *testing.T) {
	spans := drawn(t, `
		a send producer 0..1 id=a1
		trace 2
		a send producer 50..51 id=a2
		trace 3
		c root internal 60..200
		  c create producer 70..71 id=a3
		  b take consumer 100..110`)
	take := &spans[len(spans)-1]
	for i, id := range []model.SpanID{0xa1, 0xa2, 0xa2, 0xa3, 0xff} {
		trace := model.TraceID{Lo: uint64(min(i, 2)) + 1}
		if id == 0xa2 {
			trace.Lo = 2
		}
		if id == 0xa3 {
			trace.Lo = 3
		}
		take.Links = append(take.Links, model.Link{TraceID: trace, SpanID: id})
	}
	r := taken(spans)
	x, y := row(t, r, "a", "b"), row(t, r, "c", "b")
	if x.Messages != 2 || !near(x.Age.P99, 100) || !near(x.Age.P50, 50) || x.Corrected != 0 || y.Messages != 1 || !near(y.Age.P50, 30) {
		t.Errorf("%+v\n%+v", x, y)
	}
}

// A message between hosts whose clocks calls tell of, in the other direction, or by way of a third.
func TestMessagesBetweenKnownClocks(t *testing.T) {
	rng := modeltest.Rand(41)
	quick := func() int64 { return 1e4 + rng.Int64N(1e4) }
	spans := between(rng, 60, 7e6, quick, quick) // two is 7 ms ahead of one
	for i, ends := range [][2]string{{"one", "two"}, {"two", "one"}} {
		send, take := int64(1e18+1e10), int64(1e18+1e10+20e6) // as by host one
		on := func(host string, at int64) (*model.Resource, int64) {
			if host == "two" {
				at += 7e6
			}
			return &model.Resource{Service: "at-" + host, Attributes: []model.Attribute{{Key: "host.name", Value: model.StringValue(host)}}}, at
		}
		id := model.TraceID{Hi: 1, Lo: uint64(i)}
		from, sent := on(ends[0], send)
		to, took := on(ends[1], take)
		spans = append(spans,
			model.Span{TraceID: id, ID: 1, Name: "send", Kind: model.KindProducer, Start: sent, End: sent + 1e6, Resource: from, Scope: &model.Scope{}},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: "take", Kind: model.KindConsumer, Start: took, End: took + 1e6, Resource: to, Scope: &model.Scope{}})
	}
	r := taken(spans)
	for _, x := range []anatomy.Row{row(t, r, "at-one", "at-two"), row(t, r, "at-two", "at-one")} {
		if x.Corrected != 1 || !near(x.Age.P50, 20) || !near(x.Wait.P50, 19) || x.Uncertainty > 2e4 {
			t.Errorf("%+v", x)
		}
	}
	c := anatomy.NewClocks(&skew.Result{
		Hosts: []skew.Host{{Name: "x"}, {Name: "y"}, {Name: "z"}, {Name: "lonely"}},
		Pairs: []skew.Pair{
			{Client: "x", Server: "y", Used: 50, Agreed: true, Low: -40, High: -20, Offset: -30, Half: 10},
			{Client: "z", Server: "y", Used: 50, Agreed: true, Low: -5, High: 1, Offset: 0, Half: 3},
		},
	})
	for _, x := range []struct {
		a, b string
		want anatomy.Difference
		ok   bool
	}{
		{"x", "y", anatomy.Difference{Add: -30, Low: -40, High: -20}, true},
		{"y", "x", anatomy.Difference{Add: 30, Low: 20, High: 40}, true},
		{"z", "y", anatomy.Difference{Add: 0, Low: -5, High: 1}, true},
		{"x", "z", anatomy.Difference{Add: -30, Low: -43, High: -17}, true},
		{"x", "x", anatomy.Difference{}, true},
		{"x", "lonely", anatomy.Difference{}, false},
		{"x", "", anatomy.Difference{}, false},
		{"", "", anatomy.Difference{}, false},
	} {
		if got, ok := c.Between(x.a, x.b); got != x.want || ok != x.ok {
			t.Errorf("%s %s: %+v, %v", x.a, x.b, got, ok)
		}
	}
}

// The parts of each call make up its gap, whatever the order in which spans arrive.
func TestPartsMakeUpTheGap(t *testing.T) {
	rng := modeltest.Rand(43)
	for range 60 {
		gap := func() int64 { return rng.Int64N(1e7) }
		spans := between(rng, 20+rng.IntN(30), rng.Int64N(2e7)-1e7, gap, gap)
		r := taken(spans)
		x := row(t, r, "a", "b")
		if x.Split != x.Calls || x.LongerThere+x.LongerBack > x.Split || x.There.P50 > x.Gap.P99+1 || x.Back.P99 > x.Gap.P99*103/100+1 {
			t.Errorf("%+v", x)
		}
		rng.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		if again := taken(spans); !reflect.DeepEqual(again, r) {
			t.Errorf("%+v\n%+v", again, r)
		}
	}
}

// Clocks that run anywhere, services that are named by ids, links to everything: bounded, and no figure is negative.
func TestHostile(t *testing.T) {
	rng := modeltest.Rand(47)
	var spans []model.Span
	for i := range 60 {
		one := modeltest.Hostile(rng, 60)
		for k := range one {
			s := &one[k]
			s.TraceID = model.TraceID{Lo: uint64(i) + 1}
			s.Kind = model.Kind(1 + rng.IntN(5))
			s.Resource = &model.Resource{Service: fmt.Sprint("s", rng.IntN(200)), Attributes: []model.Attribute{{Key: "host.name", Value: model.StringValue(fmt.Sprint(rng.IntN(3)))}}}
			for range rng.IntN(3) {
				s.Links = append(s.Links, model.Link{TraceID: model.TraceID{Lo: uint64(rng.IntN(60))}, SpanID: model.SpanID(rng.IntN(70))})
			}
		}
		spans = append(spans, one...)
	}
	r := taken(spans)
	for _, x := range r.Rows {
		for _, q := range []hist.Quantiles{x.Gap, x.There, x.Back, x.Age, x.Wait} {
			if q.P50 < 0 || q.P95 < q.P50 || q.P99 < q.P95 {
				t.Errorf("%+v", x)
			}
		}
		if x.Split+x.Negative > x.Calls || x.LongerThere+x.LongerBack > x.Split || x.Corrected > x.Messages || x.Early > x.Messages {
			t.Errorf("%+v", x)
		}
	}
	if len(r.Rows) == 0 {
		t.Error("no edges")
	}
}
