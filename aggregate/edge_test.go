package aggregate

import (
	"context"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// The case of jaeger-analytics: of three calls the server begins 5, 10 and 25 ms after the client. The gap
// is a difference of durations, so that clocks which are wrong by an hour do not change it.
func TestGapIsOnTheWire(t *testing.T) {
	spans := modeltest.Spans(t, `
		a root server 0..1000
		  a call client 0..100
		    b serve server 5..100
		  a call client 200..300
		    b serve server 210..300
		  a call client 400..500
		    b serve server 425..500
		  a call client 600..700 peer=c
	`)
	for _, skew := range []int64{0, 3600e9, -3600e9} {
		for i := range spans {
			if model.ServiceOf(spans[i].Resource) == "b" {
				spans[i].Start += skew
				spans[i].End += skew
			}
		}
		e := edgeOf(t, spans, "a", "b")
		if !near(e.GapP50, 10) || !near(e.GapP95, 25) || !near(e.GapP99, 25) || !near(e.ClientP99, 100) || !near(e.ServerP99, 95) {
			t.Errorf("skew %d: %+v", skew, e)
		}
		if e.Gaps != 3 || e.Answered != 3 || e.GapNegative != 0 || e.Calls != 3 {
			t.Errorf("skew %d: %+v", skew, e)
		}
	}
	if e := edgeOf(t, spans, "a", "c"); e.Calls != 1 || e.Answered != 0 || e.Gaps != 0 || e.GapP99 != 0 {
		t.Errorf("nobody answered: %+v", e)
	}
}

// Tempo's messaging case: the wait is from the end of the producer to the start of the consumer, one for
// every link of a batch. A consumer that begins before its message was sent tells of clocks that differ.
func TestWaitInTheQueue(t *testing.T) {
	spans := modeltest.Spans(t, `
		a send producer 0..10
		  b take consumer 40..50
		trace 2
		a send producer 100..110
		  b take consumer 160..170
		trace 3
		a send producer 200..210
		  b take consumer 205..220
	`)
	e := edgeOf(t, spans, "a", "b")
	if e.Kind != EdgeMessaging || e.Gaps != 3 || e.GapNegative != 1 || !near(e.GapP50, 30) || !near(e.GapP99, 50) {
		t.Errorf("%+v", e)
	}
}

// A server that goes on after its client has gone, or a server without a span of a client. Histograms count no
// time as 1 ns.
func TestGapsThatAreNot(t *testing.T) {
	e := edgeOf(t, modeltest.Spans(t, `
		a root server 0..300
		  a call client 0..100
		    b serve server 10..250
		  b bare server 260..280
	`), "a", "b")
	if e.Calls != 2 || e.Answered != 2 || e.Gaps != 1 || e.GapNegative != 1 || e.GapP50 > 1 || e.GapP99 > 1 {
		t.Errorf("%+v", e)
	}
}

// A focus narrows the anatomy of edges to those of a service, or to one edge; the age of a message is what its wait is
// and what sending it took.
func TestAnatomyOfAFocus(t *testing.T) {
	s := storetest.Of(modeltest.Spans(t, `
		a root server 0..1000 @host.name=h
		  a call client 0..100 @host.name=h
		    b serve server 30..90 @host.name=h
		      b ask client 40..80 @host.name=h
		        c serve server 45..75 @host.name=h
		  a send producer 200..210 @host.name=h
		    d take consumer 400..450 @host.name=h`)...)
	e := NewMemory(s, viewless(s), nil, MemoryOptions{})
	for _, c := range []struct {
		focus Focus
		want  []string
	}{
		{Focus{}, []string{"a → d", "a → b", "b → c"}},
		{Focus{Service: "b"}, []string{"a → b", "b → c"}},
		{Focus{Service: "c"}, []string{"b → c"}},
		{Focus{Client: "a", Server: "d"}, []string{"a → d"}},
		{Focus{Service: "nobody"}, nil},
	} {
		x, err := e.Anatomy(context.Background(), Query{Focus: c.focus})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range x.Rows {
			got = append(got, r.Client+" → "+r.Server)
			if r.Messaging && (!near(r.Age.P50, 200) || !near(r.Wait.P50, 190)) || r.Server == "b" && (!near(r.There.P50, 30) || !near(r.Back.P50, 10)) {
				t.Errorf("%+v", r)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.focus, got, c.want)
		}
	}
}

// viewless are rollups of nothing, for engines that are asked about retained traces only.
func viewless(s *storetest.Store) *rollup.Rollup {
	return rollup.New(rollup.Options{Names: s.Names(), Find: s.Find})
}

func edgeOf(t *testing.T, spans []model.Span, client, server string) Edge {
	t.Helper()
	for _, e := range mapOf(viewOfSpans(spans), Query{}).Edges {
		if e.Client == client && e.Server == server {
			return e
		}
	}
	t.Fatalf("no edge %s → %s", client, server)
	return Edge{}
}
