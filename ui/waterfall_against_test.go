package ui

import (
	"context"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/order"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// usualRequests are the requests that the one on the screen is compared with.
var usualRequests = []string{`
	web GET / server 0..100
	  cart load client 10..60
	  web render internal 70..90`, `
	web GET / server 0..110
	  cart load client 10..70
	  web render internal 80..100`, `
	web GET / server 0..120
	  cart load client 10..80
	  web render internal 90..110`}

// oddRequest takes longer in load, does not render, and does what none of the others does.
const oddRequest = `
	web GET / server 0..400
	  cart load client 10..300
	    cart retry client 20..290
	  mail send client 310..390`

// typicalOf lays requests over each other as the engine does.
func typicalOf(tb testing.TB, drawings ...string) *aggregate.Shape {
	s := storetest.New(nil)
	for i, d := range drawings {
		spans := modeltest.Spans(tb, d)
		for k := range spans {
			spans[k].TraceID = model.TraceID{Lo: uint64(i) + 1}
		}
		s.Add(spans...)
	}
	s.Flush()
	x, t := shapes.NewTypical(len(drawings)), &request.Trace{}
	s.Snapshot().Traces(func(info *store.TraceInfo) bool {
		t.Load(s.Snapshot(), s.Names(), info)
		x.Fold(t)
		return true
	})
	return &aggregate.Shape{Nodes: x.Nodes(s.Names()), Traces: x.Traces, Representatives: x.Representatives()}
}

// typicalEngine answers with one typical trace, whatever the shape.
type typicalEngine struct {
	waterfallEngine
	typical *aggregate.Shape
	shapes  *[]string
}

func (e typicalEngine) Shape(_ context.Context, q aggregate.Query, shape string) (*aggregate.Shape, error) {
	*e.shapes = append(*e.shapes, q.Filter.String()+" shape "+shape)
	return e.typical, nil
}

// startComparing shows oddRequest beside what is typical.
func startComparing(t *testing.T, w, h int, typical *aggregate.Shape) (*session, *[]string) {
	spans := modeltest.Spans(t, oddRequest)
	v := waterfallView(model.NewTrace(spans[0].TraceID, spans, nil))
	e := typicalEngine{waterfallEngine{newFake(), v}, typical, &[]string{}}
	s := start(e, w, h)
	s.run(s.app.act(OpenTrace{ID: v.Trace.ID}))
	return s, e.shapes
}

// What is on the screen is the difference to the medians; what is missing and what is extra is said.
func TestWaterfallAgainstTypical(t *testing.T) {
	s, asked := startComparing(t, 120, 40, typicalOf(t, usualRequests...))
	s.mustNotShow(t, "against usual")
	s.keys("v")
	want := `rootService = "web" && rootName = "GET /" shape `
	if len(*asked) != 1 || (*asked)[0] != want+"3f2a91" {
		t.Fatalf("asked %q", *asked)
	}
	s.mustShow(t, "vs 3 of its shape", "2 extra", "1 missing", "against usual", "extra", "◌ +291ms", "+230ms", "×4.9")
	x := s.fall().compared()
	for node, row := range map[int32]string{0: "GET /", 1: "load"} {
		d := s.fall().m.head(node).Duration()
		r := x.row(node)
		if r.Operation.Name != row || !strings.Contains(s.screen(), string(appendSigned(nil, d-r.Duration.P50))) {
			t.Errorf("%s: %v with %v", row, r.Operation, r.Duration)
		}
	}
	s.mustShow(t, "missing: web render, made by 100% of them", "Against 3 requests of its shape")
	s.keys("v")
	if len(*asked) != 2 || (*asked)[1] != want {
		t.Fatalf("asked %q", *asked)
	}
	s.mustShow(t, "vs 3 of its root")
	s.tick()
	if len(*asked) != 2 {
		t.Errorf("asked again for a trace that is settled: %q", *asked)
	}
	s.keys("v")
	s.mustNotShow(t, "against usual", "extra")
}

// A trace against itself differs in nothing; the drawing is looked at in all widths.
func TestWaterfallAgainstItself(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		s, _ := startComparing(t, size[0], size[1], typicalOf(t, oddRequest, oddRequest, oddRequest))
		s.keys("v")
		s.mustShow(t, "vs 3 of its shape")
		s.mustNotShow(t, "extra", "missing")
		for node := range s.fall().m.t.Tree.Nodes {
			r, d := s.fall().compared().row(int32(node)), s.fall().m.head(int32(node)).Duration()
			if diff := float64(d - r.Duration.P50); diff > .02*float64(d) || -diff > .02*float64(d) {
				t.Errorf("%v takes %d, typically %d", r.Operation, d, r.Duration.P50)
			}
		}
	}
	s, _ := startComparing(t, 120, 40, typicalOf(t, usualRequests...))
	s.keys("v")
	golden(t, "waterfall_against.txt", strings.Join(strings.SplitAfter(s.lines(), "\n")[topRows:], ""))
	s.picture(t, "waterfall-against")
}

// One trace or two are not what is typical: that is said, and figures stay ranks.
func TestWaterfallAgainstTooFew(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		s, _ := startComparing(t, size[0], size[1], typicalOf(t, usualRequests[:2]...))
		s.keys("v")
		s.mustShow(t, "vs 2 of its shape: too few", "how unusual")
		s.mustNotShow(t, "extra", "against usual")
	}
}

// Where the typical trace has no room for all paths, a span without a place in it may be as usual as any.
func TestWaterfallAgainstFoldedPaths(t *testing.T) {
	x := typicalOf(t, usualRequests...)
	x.Folded = 7
	s, _ := startComparing(t, 120, 40, x)
	s.keys("v")
	s.mustShow(t, "vs 3 of its shape 1 missing", "against usual")
	s.mustNotShow(t, "extra")
}

// Traces of any form are laid over any other without a fault, and frames allocate no more than without.
func TestWaterfallAgainstAnything(t *testing.T) {
	r := modeltest.Rand(5)
	x := newTypical(typicalOf(t, usualRequests...))
	for range 200 {
		spans := modeltest.Hostile(r, 60)
		m := newTraceModel(waterfallView(model.NewTrace(spans[0].TraceID, spans, nil)))
		a := newAgainst(againstAbout{}, m, x)
		for n := range a.at {
			if a.at[n] < 0 && !a.isExtra(int32(n)) || len(a.lacks(int32(n))) > len(x.rows) {
				t.Fatalf("node %d is at %d", n, a.at[n])
			}
		}
	}
	s, _ := startComparing(t, 200, 50, typicalOf(t, usualRequests...))
	s.keys("v")
	s.app.View()
	if n := testing.AllocsPerRun(10, func() { s.app.dirty = true; s.app.View() }); n > frameAllocations {
		t.Errorf("%v allocations a frame", n)
	}
}

// The distribution has its mark where the span lies, doubts of the critical path are marked and explained,
// and the engine's verdict on errors leads the header.
func TestWaterfallContext(t *testing.T) {
	v := waterfallCheckoutView(t)
	for i := range v.Context {
		v.Context[i].Strip = aggregate.Strip{Low: 1e6, High: 1e9, Cells: [aggregate.StripCells]uint64{1, 5, 90, 40, 9, 1, 0}, At: 6}
		v.Context[i].Presence, v.Context[i].PresenceOf = .031, 640
	}
	v.Doubts = []order.Doubt{{Node: 2, Before: 1, Count: order.Count{Held: 90, Broken: 10}}}
	v.Single = whatif.Single{Slack: make([]int64, len(v.Context)), Drag: make([]int64, len(v.Context))}
	v.Single.Drag[2] = 33e6
	v.Verdict = "origin: payments POST /charge → propagated 3 hops"
	s := newWaterfallScene(t, v, 200, 56)
	text := s.text()
	for _, want := range []string{"propagated 3 hops", "▁▁▇▃▁▁│  spread from", "?├─"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the screen:\n%s", want, text)
		}
	}
	s.press("d", "d") // without details the bars leave room for columns
	text = s.text()
	for _, want := range []string{"▁▁▇▃▁▁│", "3.1%", "spread"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the screen:\n%s", want, text)
		}
	}
	s.press("d")
	s.press("down", "down")
	for _, want := range []string{"gains at most 33.0ms", "may not have waited", "10 of", "spread from 1.00ms to 1.00s", "in 3.1% of 640"} {
		if !strings.Contains(s.text(), want) {
			t.Errorf("%q is not on the screen:\n%s", want, s.text())
		}
	}
}
