package aggregate_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// In ten of the 25 traces the cart is asked, in two of these a cache.
func TestPresence(t *testing.T) {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	add := func(drawing string) { s.AddTrace(modeltest.Spans(t, drawing)) }
	for i := range 25 {
		switch {
		case i < 2:
			add("web GET / server 0..100\n  cart load client 10..20\n    cache get client 12..15\n    cache get client 16..18")
		case i < 10:
			add("web GET / server 0..100\n  cart load client 10..20")
		default:
			add("web GET / server 0..100")
		}
	}
	add("web POST / server 0..100\n  cart load client 10..20") // another root operation
	s.Flush()
	v, err := e.Trace(context.Background(), model.TraceID{Lo: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		share float64
		of    uint64
	}{{0, 0}, {.4, 25}, {.2, 10}, {.2, 10}}
	for i, c := range v.Context {
		if math.Abs(c.Presence-want[i].share) > 1e-12 || c.PresenceOf != want[i].of {
			t.Errorf("node %d: %v of %d, want %v of %d", i, c.Presence, c.PresenceOf, want[i].share, want[i].of)
		}
	}
}

// A strip holds all spans of the operation, and the span's own cell is where its duration lies.
func TestStrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	s := storetest.New(nil)
	e := enginetest.Over(s)
	web := &model.Resource{Service: "web"}
	durations := map[uint64]int64{}
	for i := range uint64(600) {
		d := int64(10e6 * math.Exp(rng.NormFloat64()))
		name := "GET /"
		if i%2 == 1 {
			d, name = 5_000_000, "GET /constant"
		}
		if i == 0 {
			d = 3600e9
		}
		durations[i] = d
		s.Add(model.Span{TraceID: model.TraceID{Lo: i + 1}, ID: 1, Name: name, Kind: model.KindServer, Start: 1e18, End: 1e18 + d, Resource: web, Scope: &model.Scope{}})
	}
	s.Flush()
	for i, d := range durations {
		v, err := e.Trace(context.Background(), model.TraceID{Lo: i + 1})
		if err != nil {
			t.Fatal(err)
		}
		x := v.Context[0].Strip
		sum, used := uint64(0), 0
		for _, n := range x.Cells {
			sum += n
			if n > 0 {
				used++
			}
		}
		if sum != v.Context[0].N || sum != 300 || x.Cells[x.At] == 0 {
			t.Fatalf("%+v of %d spans", x, v.Context[0].N)
		}
		step := math.Log(float64(x.High)/float64(x.Low)) / aggregate.StripCells
		cell := math.Log(float64(d)/float64(x.Low)) / step
		if at := float64(x.At); x.At > 0 && cell < at-.2 || x.At < aggregate.StripCells-1 && cell > at+1.2 {
			t.Fatalf("%d ns is in cell %d of %+v", d, x.At, x)
		}
		if i%2 == 1 && (used != 1 || x.At < 2 || x.At > 4) {
			t.Fatalf("constant latency: %+v", x)
		}
		if i == 0 && (x.At != aggregate.StripCells-1 || x.High > 1e9) {
			t.Fatalf("one that took an hour: %+v", x)
		}
	}
}
