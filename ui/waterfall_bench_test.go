package ui

import (
	"fmt"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// benchSpans is the size that DESIGN section 8 speaks of.
const benchSpans = 100_000

// benchViews are traces of the shapes that cost the most.
func benchViews() map[string]*aggregate.TraceView {
	random := modeltest.Random(modeltest.Rand(1), benchSpans)
	wide := modeltest.Wide(benchSpans)
	for i := range wide { // no runs: every child is a row
		wide[i].Name = fmt.Sprint("op", i%7)
	}
	views := map[string]*aggregate.TraceView{}
	for name, spans := range map[string][]model.Span{"random": random, "wide": wide, "deep": modeltest.Chain(benchSpans)} {
		views[name] = waterfallView(model.NewTrace(spans[0].TraceID, spans, nil))
	}
	return views
}

// BenchmarkWaterfallOpen is from the answer to the first frame.
func BenchmarkWaterfallOpen(b *testing.B) {
	for name, v := range benchViews() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newWaterfallScene(b, v, 200, 50)
			}
		})
	}
}

// BenchmarkWaterfallDraw is a frame in the middle of the trace, without encoding.
func BenchmarkWaterfallDraw(b *testing.B) {
	for name, v := range benchViews() {
		b.Run(name, func(b *testing.B) {
			s := newWaterfallScene(b, v, 200, 50)
			s.w.put(len(s.w.rows) / 2)
			s.draw()
			b.ReportAllocs()
			for b.Loop() {
				s.draw()
			}
		})
		b.Run(name+"/top", func(b *testing.B) {
			s := newWaterfallScene(b, v, 200, 50)
			b.ReportAllocs()
			for b.Loop() {
				s.draw()
			}
		})
	}
}

// BenchmarkWaterfallKey is from a key that lists the rows again to the frame that shows it.
func BenchmarkWaterfallKey(b *testing.B) {
	v := benchViews()["random"]
	for _, k := range []string{"x", "c", "down", "+", "e"} {
		b.Run(k, func(b *testing.B) {
			s := newWaterfallScene(b, v, 200, 50)
			b.ReportAllocs()
			for b.Loop() {
				s.press(k)
			}
		})
	}
	b.Run("search", func(b *testing.B) {
		s := newWaterfallScene(b, v, 200, 50)
		for b.Loop() {
			s.press("/", "z", "q", "enter")
		}
	})
}

// A frame must cost the rows in sight: no allocation in it grows with the trace.
func TestWaterfallFrameAllocatesNothing(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 50)
	if n := testing.AllocsPerRun(20, s.draw); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
