package model_test

import (
	"hash/fnv"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// shape hashes operations by service and name, as a caller with a table of names does.
func shape(tr *model.Trace) uint64 {
	names := make(map[uint32]string)
	for i := range tr.Heads {
		names[tr.Heads[i].Op] = tr.Spans[i].Resource.Service + "\x00" + tr.Spans[i].Name
	}
	return model.Shape(tr.Heads, &tr.Tree, func(op uint32) uint64 {
		h := fnv.New64a()
		h.Write([]byte(names[op]))
		return h.Sum64()
	})
}

func TestShape(t *testing.T) {
	want := shape(modeltest.Trace(t, `
		web GET / server 0..100
		  cart load client 10..20
		    cart load server 11..19
		  cart load client 30..40
		    cart load server 31..39`))
	for _, c := range []struct {
		name, drawing string
		same          bool
	}{
		{"other times and order", `
			web GET / server 0..900
			  cart load client 30..70
			    cart load server 31..39
			  cart load client 10..80
			    cart load server 11..19`, true},
		{"a third equal call", `
			web GET / server 0..100
			  cart load client 10..20
			    cart load server 11..19
			  cart load client 30..40
			    cart load server 31..39
			  cart load client 50..60
			    cart load server 51..59`, true},
		{"an internal span between", `
			web GET / server 0..100
			  web handler internal 5..90
			    web template internal 6..80
			      cart load client 10..20
			        cart load server 11..19
			    cart load client 30..40
			      cart load server 31..39`, true},
		{"a single call", `
			web GET / server 0..100
			  cart load client 10..20
			    cart load server 11..19`, false},
		{"five calls", `
			web GET / server 0..100
			  cart load client 1..2
			    cart load server 1..2
			  cart load client 2..3
			    cart load server 2..3
			  cart load client 3..4
			    cart load server 3..4
			  cart load client 4..5
			    cart load server 4..5
			  cart load client 5..6
			    cart load server 5..6`, false},
		{"another operation", `
			web GET / server 0..100
			  cart load client 10..20
			    cart load server 11..19
			  cart save client 30..40
			    cart load server 31..39`, false},
		{"calls nested, not side by side", `
			web GET / server 0..100
			  cart load client 10..20
			    cart load server 11..19
			      cart load client 13..14
			        cart load server 13..14`, false},
		{"a missing root", `
			cart load client 10..20 parent=ff
			  cart load server 11..19
			cart load client 30..40 parent=ff
			  cart load server 31..39`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shape(modeltest.Trace(t, c.drawing)); (got == want) != c.same {
				t.Errorf("equal: %v, want %v", got == want, c.same)
			}
		})
	}
}

func TestShapeProperties(t *testing.T) {
	r := modeltest.Rand(6)
	seen := make(map[uint64]bool)
	for range 1000 {
		spans := modeltest.Random(r, 1+r.IntN(50))
		want := shape(model.NewTrace(spans[0].TraceID, spans, nil))
		if got := shape(model.NewTrace(spans[0].TraceID, modeltest.Shuffled(r, spans), nil)); got != want {
			t.Fatal("the order of the spans matters")
		}
		seen[want] = true
	}
	if len(seen) < 900 { // the smallest ones do coincide
		t.Errorf("only %d shapes among 1000 random traces", len(seen))
	}
}

// Cycles, twins and missing parents have a shape as well, whatever the order in which their spans came.
func TestShapeOfHostileTraces(t *testing.T) {
	r := modeltest.Rand(7)
	for range 500 {
		spans := modeltest.Hostile(r, r.IntN(40))
		want := shape(model.NewTrace(model.TraceID{Lo: 1}, spans, nil))
		if got := shape(model.NewTrace(model.TraceID{Lo: 1}, modeltest.Shuffled(r, spans), nil)); got != want {
			t.Fatalf("the order of the spans matters:\n%+v", spans)
		}
	}
}
