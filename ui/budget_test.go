package ui

import (
	"bytes"
	"testing"
	"time"

	"oteltop/aggregate"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
)

// Budgets of DESIGN section 8, in bytes per second at 4 frames a second.
const (
	smallBudget = 16_000
	largeBudget = 75_000
	large256    = 45_000
)

// wire is the terminal's side of the program: the renderer that Bubble Tea uses, and what it sent.
type wire struct {
	sent   bytes.Buffer
	scr    *uv.TerminalRenderer
	screen uv.ScreenBuffer
}

func newWire(w, h int, p colorprofile.Profile) *wire {
	x := &wire{screen: uv.NewScreenBuffer(w, h)}
	x.scr = uv.NewTerminalRenderer(&x.sent, []string{"TERM=xterm-256color"})
	x.scr.SetColorProfile(p)
	x.scr.SetTabStops(w)
	x.scr.SetBackspace(true)
	x.scr.SetScrollOptim(true)
	x.scr.SetFullscreen(true)
	x.scr.SetRelativeCursor(false)
	return x
}

// show sends a frame and returns how many bytes it took.
func (x *wire) show(tb testing.TB, content string) int {
	tb.Helper()
	x.sent.Reset()
	x.screen.Clear()
	uv.NewStyledString(content).Draw(x.screen, x.screen.Bounds())
	x.scr.Render(x.screen.RenderBuffer)
	if err := x.scr.Flush(); err != nil {
		tb.Fatal(err)
	}
	return x.sent.Len()
}

// liveLenses are the screens that are watched for long.
var liveLenses = []struct {
	name string
	key  string
}{{"map", "1"}, {"operations", "2"}, {"latency", "3"}, {"traces", "5"}}

// watch shows a lens.
func watch(e aggregate.Engine, key string, w, h int, p colorprofile.Profile) *session {
	s := start(e, w, h)
	s.app.o.Profile, s.app.profile = &p, p
	s.app.retheme("dark", true)
	s.keys(key)
	return s
}

// watched is a screen and how it comes to the terminal.
type watched struct {
	*session
	*wire
	name        string
	budget      int
	total, most int // bytes: of all frames, of the largest
}

// A screen that is watched for ten seconds stays within what an SSH line takes.
func TestByteBudgets(t *testing.T) {
	const perSecond = 4
	seconds := 10
	if testing.Short() {
		seconds = 3
	}
	fallInUTC(t)
	e := newShop(t, 40, 2*time.Minute)
	e.options.Rate = 200 // between two frames a list of the newest changes as a whole
	var screens []*watched
	for _, c := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		budget  int
	}{
		{"80x24 truecolor", 80, 24, colorprofile.TrueColor, smallBudget},
		{"80x24 256", 80, 24, colorprofile.ANSI256, smallBudget},
		{"200x50 truecolor", 200, 50, colorprofile.TrueColor, largeBudget},
		{"200x50 256", 200, 50, colorprofile.ANSI256, large256},
	} {
		for _, l := range liveLenses {
			v := &watched{session: watch(e, l.key, c.w, c.h, c.profile), wire: newWire(c.w, c.h, c.profile), name: c.name + " " + l.name, budget: c.budget}
			v.show(t, v.app.View().Content)
			screens = append(screens, v)
		}
	}
	for range seconds * perSecond {
		e.advance(t, time.Second/perSecond)
		for _, v := range screens {
			v.clock = e.now
			v.tick()
			n := v.show(t, v.app.View().Content)
			v.total, v.most = v.total+n, max(v.most, n)
		}
	}
	for _, v := range screens {
		t.Logf("%-28s %6d B/s, largest frame %5d B", v.name, v.total/seconds, v.most)
		if v.total/seconds > v.budget {
			t.Errorf("%s: %d B/s, want at most %d", v.name, v.total/seconds, v.budget)
		}
		if v.total == 0 {
			t.Errorf("%s: nothing changed in %d s of traffic", v.name, seconds)
		}
		if n := v.show(t, v.app.View().Content); n != 0 {
			t.Errorf("%s: an unchanged screen took %d bytes", v.name, n)
		}
	}
}

func BenchmarkView(b *testing.B) {
	e := newShop(b, 40, 2*time.Minute)
	for _, l := range append(liveLenses, struct{ name, key string }{"coverage", "8"}) {
		s := watch(e, l.key, 200, 50, colorprofile.TrueColor)
		b.Run(l.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.app.dirty = true
				s.app.View()
			}
		})
	}
	b.Run("unchanged", func(b *testing.B) {
		s := watch(e, "1", 200, 50, colorprofile.TrueColor)
		b.ReportAllocs()
		for b.Loop() {
			s.app.View()
		}
	})
}
