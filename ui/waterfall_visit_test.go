package ui

import (
	"context"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestWaterfallRefreshKeepsThePlace(t *testing.T) {
	spans := modeltest.Spans(t, waterfallCheckout)
	early := waterfallView(model.NewTrace(spans[0].TraceID, spans[:17], nil))
	early.Row.Settled = false
	s := newWaterfallScene(t, early, 120, 36)
	s.press("down", "down", "left", "down") // the cart is folded, the cursor below it
	s.wantSelected("POST /pay")
	s.press("+")
	zoom := s.w.view()
	s.w.Answer(waterfallAnswer{view: waterfallView(model.NewTrace(spans[0].TraceID, spans, nil))})
	s.draw()
	s.wantSelected("POST /pay")
	if s.w.view() != zoom {
		t.Error("the zoom moved")
	}
	for _, r := range s.w.rows {
		if s.w.m.span(r.node).Name == "GetItems" {
			t.Error("the fold came open")
		}
	}
}

func TestWaterfallComesBackToAVisitedTrace(t *testing.T) {
	v := waterfallCheckoutView(t)
	s := newWaterfallScene(t, v, 120, 36)
	s.press("e", "+")
	zoom := s.w.view()
	other := waterfallView(modeltest.Trace(t, "trace 2\nother  op  server 0..5"))
	s.w.Answer(waterfallAnswer{view: other})
	s.f.Trace = other.Trace.ID
	s.draw()
	s.wantSelected("op")
	s.w.Answer(waterfallAnswer{view: v})
	s.f.Trace = v.Trace.ID
	s.draw()
	s.wantSelected("POST /pay")
	if s.w.view() != zoom {
		t.Error("the zoom is lost")
	}
}

func TestWaterfallAsksSettledTracesSeldom(t *testing.T) {
	v := waterfallCheckoutView(t)
	s := newWaterfallScene(t, v, 120, 36)
	at := s.f.Moment
	if s.w.Question(at) == nil {
		t.Error("no question although the last one was never") // asked is zero
	}
	if s.w.Question(at) != nil {
		t.Error("asked again at once")
	}
	later := *at.Status
	later.Now = later.Now.Add(settledRefresh)
	at.Status = &later
	if s.w.Question(at) == nil {
		t.Error("never asked again")
	}
	at.Trace = model.TraceID{Lo: 99}
	if s.w.Question(at) == nil {
		t.Error("another trace is not asked for")
	}
}

type goneEngine struct{ aggregate.Engine }

func (goneEngine) Trace(context.Context, model.TraceID) (*aggregate.TraceView, error) {
	return nil, aggregate.ErrNoTrace
}

func TestWaterfallSaysThatATraceIsGone(t *testing.T) {
	w := newWaterfall()
	s := newWaterfallScene(t, waterfallCheckoutView(t), 80, 20)
	s.w = w
	result, err := w.Question(s.f.Moment)(context.Background(), goneEngine{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.text(), "Opening") {
		t.Error("says nothing while waiting")
	}
	w.Answer(result)
	if !strings.Contains(s.text(), "is not retained") {
		t.Errorf("does not say so:\n%s", s.text())
	}
}

func TestWaterfallGoesToTheSpanOfTheDrillOnce(t *testing.T) {
	v := waterfallCheckoutView(t)
	s := newWaterfallScene(t, v, 120, 36)
	s.f.Span = 8 // a member of the folded group
	s.draw()
	s.wantSelected("SELECT item")
	s.press("g")
	s.wantSelected("GET /checkout")
}

// On a frozen screen nothing grows older.
func TestWaterfallFrozenTellsNoAge(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 56)
	if text := s.text(); !strings.Contains(text, "3m20s ago") {
		t.Fatalf("no age:\n%s", text)
	}
	s.f.Paused = true
	if text := s.text(); strings.Contains(text, " ago") {
		t.Errorf("an age:\n%s", text)
	}
}
