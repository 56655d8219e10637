package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
)

// waterfallEngine answers with one trace.
type waterfallEngine struct {
	*fakeEngine
	view *aggregate.TraceView
}

func (e waterfallEngine) Trace(_ context.Context, id model.TraceID) (*aggregate.TraceView, error) {
	if id != e.view.Trace.ID {
		return nil, aggregate.ErrNoTrace
	}
	return e.view, nil
}

// startOnTrace is the whole program with the waterfall open.
func startOnTrace(t *testing.T, w, h int) *session {
	e := waterfallEngine{newFake(), waterfallCheckoutView(t)}
	s := start(e, w, h)
	s.run(s.app.act(OpenTrace{ID: e.view.Trace.ID}))
	return s
}

func appShot(t *testing.T, s *session, name string) {
	if dir := os.Getenv("OTELTOP_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".ansi"), []byte(s.app.View().Content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWaterfallInTheProgram(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}, {60, 15}} {
		s := startOnTrace(t, size[0], size[1])
		s.mustShow(t, "GET /checkout", "duration", "412ms")
		appShot(t, s, "app-"+string(rune('0'+size[1]/10)))
		for _, k := range []string{"e", "d", "d", "tab", "M", "?", "esc", "Z", "+", "K"} {
			s.keys(k)
			if lines := splitLines(s.screen()); len(lines) != size[1] {
				t.Fatalf("%v after %q: %d lines", size, k, len(lines))
			}
		}
	}
}

func TestWaterfallSearchKeepsKeysFromTheProgram(t *testing.T) {
	s := startOnTrace(t, 120, 40)
	s.keys("/")
	s.text("1q:?")
	if l := s.app.trail.here().lens; l != LensWaterfall || s.app.overlay != nil {
		t.Fatalf("typing left the waterfall for %v", l)
	}
	s.mustShow(t, "/1q:?")
	s.keys("esc")
	s.mustNotShow(t, "/1q:?")
	s.keys("esc")
	if l := s.app.trail.here().lens; l == LensWaterfall {
		t.Error("esc does not go back")
	}
}

func TestWaterfallLinksComeBack(t *testing.T) {
	s := startOnTrace(t, 200, 60)
	for range 30 {
		s.keys("down")
		if strings.Contains(s.screen(), "Links 2") {
			break
		}
	}
	s.keys("tab", "g")
	for range 40 {
		if e := s.fall().pane.selected(); e.kind == entryLink && e.link.TraceID != s.fall().m.t.ID {
			break
		}
		s.keys("down")
	}
	s.keys("enter")
	s.mustShow(t, "is not retained")
	s.keys("esc")
	s.mustShow(t, "process order", "Links 2")
	if r := s.fall().selected(); s.fall().m.span(r.node).Name != "process order" {
		t.Error("the cursor is not where it was")
	}
}

func (s *session) fall() *Waterfall { return s.app.screens[LensWaterfall].(*Waterfall) }
