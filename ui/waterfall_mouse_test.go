package ui

import (
	"strings"
	"testing"

	"oteltop/model"
)

// mouse sends an event at a cell, with the target that is there, and draws.
func (s *waterfallScene) mouse(ev MouseEvent, x, y int) Action {
	act := s.w.Mouse(Mouse{X: x, Y: y, Target: s.c.At(x, y), Event: ev}, s.f.Moment)
	s.draw()
	return act
}

// lineOf is the line of the screen that contains text.
func (s *waterfallScene) lineOf(text string) int {
	s.tb.Helper()
	for y, l := range strings.Split(s.text(), "\n") {
		if strings.Contains(l, text) {
			return y
		}
	}
	s.tb.Fatalf("no line with %q", text)
	return -1
}

func TestWaterfallMouseSelectsAndFolds(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	y := s.lineOf("GET /cart")
	s.mouse(Click, 5, y)
	s.wantSelected("GET /cart")
	rows := len(s.w.rows)
	s.mouse(Click, 5, y)
	s.mouse(Double, 5, y)
	if len(s.w.rows) != rows-2 {
		t.Errorf("%d rows after a double click, want %d", len(s.w.rows), rows-2)
	}
	s.mouse(Double, s.w.lay.tree+3, y) // on the bar it does not fold
	if len(s.w.rows) != rows-2 {
		t.Error("a double click on the bar folds")
	}
}

func TestWaterfallMouseZooms(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	home := s.w.view()
	y, x := s.lineOf("GET /cart"), s.w.lay.tree
	s.mouse(Click, x+10, y)
	s.mouse(Drag, x+15, y)
	s.mouse(Drag, x+19, y+3)
	if s.w.zoomed {
		t.Fatal("zoomed before the button is let go")
	}
	s.mouse(Release, x+19, y+3)
	column := home.width() / float64(s.w.lay.bar)
	if v := s.w.view(); v.lo != later(home.lo, 10*column) || v.hi != later(home.lo, 20*column) {
		t.Errorf("zoomed to %v", v)
	}
	mid := func() float64 { v := s.w.view(); return since(v.lo, home.lo) + v.width()/2 }
	s.mouse(Click, x+s.w.lay.bar/2, 2) // the minimap
	if m := mid(); m < home.width()*0.45 || m > home.width()*0.55 {
		t.Errorf("the middle is at %v of %v", m, home.width())
	}
	s.mouse(Drag, x+s.w.lay.bar-1, 2)
	if s.w.view().hi != home.hi {
		t.Error("dragging to the end of the minimap does not show the end")
	}
	s.mouse(Release, x, 2)
	s.mouse(Drag, x+1, 2)
	if s.w.view().hi != home.hi {
		t.Error("moves after the button was let go")
	}
}

func TestWaterfallMouseWheel(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 80, 12)
	s.mouse(WheelDown, 5, 6)
	if s.w.top != wheelRows || s.w.at < s.w.top {
		t.Errorf("top %d, cursor %d", s.w.top, s.w.at)
	}
	s.mouse(WheelUp, 5, 6)
	s.mouse(WheelUp, 5, 6)
	if s.w.top != 0 {
		t.Errorf("top %d", s.w.top)
	}
	home := s.w.view()
	x := s.w.lay.tree + s.w.lay.bar/2
	s.w.Mouse(Mouse{X: x, Y: 6, Target: s.c.At(x, 6), Event: WheelUp, Ctrl: true}, s.f.Moment)
	if s.w.view().width() >= home.width() {
		t.Error("Ctrl and the wheel do not zoom")
	}
}

func TestWaterfallMouseOnDetails(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 56)
	edge := s.w.lay.pane.X
	s.mouse(Click, edge, 20)
	s.mouse(Drag, edge-20, 20)
	s.mouse(Release, edge-20, 20)
	if got := s.w.lay.pane.X; got < edge-22 || got > edge-18 {
		t.Errorf("the divider is at %d, dragged to %d", got, edge-20)
	}
	s.mouse(Click, s.w.lay.pane.X+5, s.lineOf("http.route"))
	if e := s.w.pane.selected(); !s.w.pane.focus || e.key != "http.route" {
		t.Errorf("a click selects %v", e)
	}
	for s.selectedName() != "process order" {
		s.w.pane.focus = false
		s.press("down")
	}
	act := s.mouse(Double, s.w.lay.pane.X+15, s.lineOf("000beef"))
	if act != (OpenTrace{model.TraceID{Lo: 0xbeef}, 7}) {
		t.Errorf("a double click on a link: %v", act)
	}
}

// The bars are what a waterfall is for: columns that the details repeat give way to them.
func TestWaterfallBarsKeepTheirRoom(t *testing.T) {
	for _, c := range []struct {
		w, h, least   int
		strip, shares bool
	}{{80, 24, 27, false, false}, {120, 40, 46, false, false}, {200, 60, 60, false, false}, {200, 24, 60, false, false}} {
		s := newWaterfallScene(t, waterfallCheckoutView(t), c.w, c.h)
		l := s.w.lay
		if l.bar < c.least || l.strip != c.strip || l.presence != c.shares {
			t.Errorf("%dx%d: bars have %d columns, want %d; spread %v, presence %v", c.w, c.h, l.bar, c.least, l.strip, l.presence)
		}
	}
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 60)
	s.press("d", "d")
	if l := s.w.lay; l.hasPane || !l.strip || !l.presence || l.bar < barsGood {
		t.Errorf("without details: pane %v, spread %v, presence %v, bars have %d columns", l.hasPane, l.strip, l.presence, l.bar)
	}
}
