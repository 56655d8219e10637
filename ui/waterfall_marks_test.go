package ui

import (
	"context"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestWaterfallAlignsClocks(t *testing.T) {
	s := newWaterfallScene(t, waterfallView(modeltest.Trace(t, `
a  call  client 0..100 @host.name=one
  b  serve  server 4000..4080 @host.name=two
    b  work  internal 4010..4020 @host.name=two
`)), 120, 36)
	wide := s.w.view().width()
	if say := s.press("K").(Say); !strings.Contains(say.Text, "2 spans") {
		t.Errorf("K says %q", say.Text)
	}
	if w := s.w.view().width(); w != 100e6 || wide != 4080e6 {
		t.Errorf("%v ns wide, %v before", w, wide)
	}
	s.press("K")
	if s.w.view().width() != wide {
		t.Error("K does not go back")
	}
	same := newWaterfallScene(t, waterfallView(modeltest.Trace(t, "a  b  server 0..5")), 80, 20)
	if say, ok := same.press("K").(Say); !ok || same.w.skewed {
		t.Errorf("K on a trace without skew: %v", say)
	}
}

func TestWaterfallStraysDoNotSqueezeTheTrace(t *testing.T) {
	s := newWaterfallScene(t, waterfallView(modeltest.Trace(t, `
a  call  client 0..100
  b  serve  server 10..90
  c  lost  server 3600000..3600100
`)), 120, 36)
	if w := s.w.view().width(); w > 200e6 {
		t.Fatalf("the bars show %v ns", w)
	}
	if text := s.text(); !strings.Contains(text, "0 shows all") || !strings.Contains(text, string(s.f.G.ArrowRight)) {
		t.Errorf("nothing says that a span is outside:\n%s", text)
	}
	s.press("0")
	if w := s.w.view().width(); w != 3600100e6 {
		t.Errorf("0 shows %v ns", w)
	}
	if text := s.text(); !strings.Contains(text, "with all strays, 0 goes back") {
		t.Errorf("nothing says what is shown:\n%s", text)
	}
	s.press("0")
	if w := s.w.view().width(); w > 200e6 {
		t.Errorf("0 does not come back: %v ns", w)
	}
}

type oneTraceEngine struct {
	aggregate.Engine
	view *aggregate.TraceView
}

func (e oneTraceEngine) Trace(context.Context, model.TraceID) (*aggregate.TraceView, error) {
	return e.view, nil
}

func TestWaterfallMarksWhatMatchesTheFilter(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	f, err := filter.Parse(`service = "mailer"`)
	if err != nil {
		t.Fatal(err)
	}
	s.f.Scope.Filter = f
	result, err := s.w.Question(s.f.Moment)(context.Background(), oneTraceEngine{view: s.w.m.view})
	if err != nil {
		t.Fatal(err)
	}
	s.w.Answer(result)
	if text := s.text(); !strings.Contains(text, "2 match the filter") {
		t.Errorf("does not say how many match:\n%s", text)
	}
	s.wantSelected("process order") // not the root: the scope is about what matches
	s.press("n")
	s.wantSelected("send mail")
	s.press("/", "p", "a", "y", "enter") // a search comes first
	s.wantSelected("POST /pay")
}

func TestWaterfallDetailsStandWhereThereIsRoom(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		start string
		d     []string // where they are after each d
	}{
		{80, 20, "off", []string{"below", "off", "below"}},
		{120, 36, "below", []string{"off", "below", "off"}},
		{200, 56, "beside", []string{"below", "off", "beside"}},
	} {
		s := newWaterfallScene(t, waterfallCheckoutView(t), c.w, c.h)
		where := func() string {
			switch {
			case !s.w.lay.hasPane:
				return "off"
			case s.w.lay.side:
				return "beside"
			}
			return "below"
		}
		if where() != c.start {
			t.Errorf("%dx%d: details start %s", c.w, c.h, where())
		}
		for i, want := range c.d {
			if s.press("d"); where() != want {
				t.Errorf("%dx%d: %s after %d times d, want %s", c.w, c.h, where(), i+1, want)
			}
		}
	}
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 56)
	was := s.w.lay.pane.W
	s.press("}", "}")
	if s.w.lay.pane.W <= was {
		t.Error("} does not make the details larger")
	}
	for range 40 {
		s.press("}")
	}
	for range 40 {
		s.press("{")
	}
	if s.w.lay.pane.W < paneMinWidth || s.w.lay.bar <= 0 {
		t.Error("{ leaves no room")
	}
}

func TestWaterfallSaysWhereItIsScrolledTo(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 80, 12)
	s.press("e", "e", "down", "down")
	title := strings.Split(s.text(), "\n")[topLines-1]
	if !strings.Contains(title, "in ") || !strings.Contains(title, "GET /c") {
		t.Errorf("the title is %q", title)
	}
}

func TestWaterfallMarksTheMedianOfUnusualSpansOnly(t *testing.T) {
	v := waterfallView(modeltest.Trace(t, "a  slow  server 0..1000\n  a  usual  internal 500..900"))
	v.Context[0] = aggregate.SpanContext{N: 100, Percentile: 99.9, Median: 250e6}
	v.Context[1] = aggregate.SpanContext{N: 100, Percentile: 50, Median: 200e6}
	s := newWaterfallScene(t, v, 120, 20)
	for y, want := range map[int]int{topLines: s.w.lay.bar / 4, topLines + 1: -1} {
		line := []rune(strings.Split(s.text(), "\n")[y])
		if got := strings.IndexRune(string(line), barGlyphsOf(s.f.Theme).median); got >= 0 != (want >= 0) {
			t.Errorf("line %d: %s", y, string(line))
		} else if want >= 0 && line[s.w.lay.tree+want] != barGlyphsOf(s.f.Theme).median {
			t.Errorf("the median is not at a quarter: %s", string(line))
		}
	}
}

// A span without times ran at an unknown moment, not in 1970: it has no bar, no figures, and what is below it did not
// go on after its end.
func TestWaterfallSaysThatASpanHasNoTime(t *testing.T) {
	spans := modeltest.Spans(t, `
a  call  client 0..100
  b  serve  server 10..90
    b  work  internal 20..80`)
	spans[1].Start, spans[1].End = 0, 0
	for _, width := range []int{80, 120, 200} {
		s := newWaterfallScene(t, waterfallView(model.NewTrace(spans[0].TraceID, spans, nil)), width, 56)
		s.press("down")
		if width < sideFrom {
			s.press("tab")
		}
		text := s.text()
		if !strings.Contains(text, "no time") || !strings.Contains(text, "it came without start and end") || strings.ContainsRune(text, s.f.G.ArrowLeft) {
			t.Errorf("width %d:\n%s", width, text)
		}
		if s.w.m.trails(2) {
			t.Error("work goes on after a parent without an end")
		}
	}
}
