// What goes over the line to the terminal stays under the budgets of DESIGN section 8.

package ui

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
)

// Budgets of DESIGN section 8, in bytes per second at 4 frames a second.
const (
	smallBudget = 16_000
	largeBudget = 75_000
	large256    = 45_000
	// leastRefreshes are what is left of four a second where most of the screen changes every time.
	leastRefreshes = 2
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

// liveScene is a screen and the way to it.
type liveScene struct {
	name  string
	keys  []string
	text  string // typed after keys
	sheet sheetID
	still bool // nothing of it has to change
}

// liveScenes are the screens that are watched while spans come: every lens, the waterfall, answers to questions of
// several kinds, and what stands over a screen.
var liveScenes = []liveScene{
	{name: "map", keys: []string{"1"}},
	{name: "node", keys: []string{"1", "n", "tab"}},
	{name: "map as a list", keys: []string{"1", "v", "v", "v", "v"}},
	{name: "operations", keys: []string{"2"}},
	{name: "services", keys: []string{"2", "o"}},
	{name: "operations and before", keys: []string{"2", "b"}},
	{name: "latency", keys: []string{"3"}},
	{name: "explanation", keys: []string{"3", "V", "tab"}},
	{name: "findings", keys: []string{"4"}},
	{name: "traces", keys: []string{"5"}},
	{name: "shapes", keys: []string{"6"}},
	{name: "compare", keys: []string{"+", "7"}},
	{name: "coverage", keys: []string{"8"}},
	{name: "waterfall", keys: []string{"5", "enter"}, still: true}, // its trace has ended
	{name: "sheet tail", sheet: sheetID{name: sheetTail}},
	{name: "sheet trends", sheet: sheetID{name: sheetTrends}},
	{name: "sheet dependencies", sheet: sheetID{name: sheetDependencies, about: "checkout"}},
	{name: "sheet sessions", sheet: sheetID{name: sheetSessions}},
	{name: "sheet group by", sheet: sheetID{name: sheetBreakdown, about: "tenant"}},
	{name: "help over traces", keys: []string{"5", "?"}},
	{name: "palette over traces", keys: []string{"5", ":"}},
	{name: "filter over operations", keys: []string{"2", "/"}, text: "chec"},
	{name: "columns over traces", keys: []string{"5", "c"}},
	{name: "frozen", keys: []string{"5", "space"}},
}

// liveParts are parts and forms of the screens, which are watched besides.
var liveParts = []liveScene{
	{name: "edge", keys: []string{"1", "n", "tab", "enter"}},
	{name: "latency by errors", keys: []string{"3", "c"}},
	{name: "explanation of a finding", keys: []string{"4", "tab", "tab"}},
	{name: "list of a selection", keys: []string{"3", "V", "tab", "tab"}},
	{name: "slowest traces", keys: []string{"5", "s", "s", "s"}},
	{name: "typical trace", keys: []string{"6", "tab", "down"}},
	{name: "call paths", keys: []string{"+", "7", "tab"}},
	{name: "pair", keys: []string{"+", "7", "p"}},
	{name: "memory and bounds", keys: []string{"8", "shift+tab", "shift+tab"}},
	{name: "details", keys: []string{"5", "enter", "tab", "down"}, still: true},
	{name: "against typical", keys: []string{"5", "enter", "v"}, still: true},
	{name: "tour over findings", keys: []string{"4", "?", "t"}},
	{name: "expression over traces", keys: []string{"5", ":"}, text: "histogram of"},
}

// narrowScenes are all screens, where the line is narrow; sheets are asked aside, so that few of their frames change.
func narrowScenes() []liveScene {
	all := slices.Concat(liveScenes, liveParts)
	for name := range sheetSpecs() {
		s := aboutCheckout(name)
		x := liveScene{name: "sheet " + name, sheet: sheetID{name: name, about: s.About}, still: true}
		if !slices.ContainsFunc(all, func(y liveScene) bool { return y.name == x.name }) {
			all = append(all, x)
		}
	}
	return all
}

// watched is a screen and how it comes to the terminal.
type watched struct {
	*session
	*wire
	name        string
	budget      int  // bytes a second
	still       bool // nothing has to change
	total, most int  // bytes: of all frames, of the largest
	refreshes   int
}

// watchScenes shows scenes on a terminal each.
func watchScenes(t *testing.T, scenes []liveScene, e aggregate.Engine, w, h int, p colorprofile.Profile, budget int) (vs []*watched) {
	t.Helper()
	for _, sc := range scenes {
		v := &watched{session: watch(e, "1", w, h, p), wire: newWire(w, h, p), name: fmt.Sprintf("%dx%d %v %s", w, h, p, sc.name), budget: budget, still: sc.still}
		v.keys(sc.keys...)
		v.text(sc.text)
		if sc.sheet != (sheetID{}) {
			v.run(v.app.act(OpenSheet{Name: sc.sheet.name, About: sc.sheet.about, Scope: Scope{Last: time.Minute}}))
		}
		v.show(t, v.app.View().Content)
		v.app.pace = pace{} // the way there is over
		vs = append(vs, v)
	}
	return vs
}

// A screen that is watched for some seconds stays within what an SSH line takes, whatever it shows, and its
// figures come all the same.
func TestByteBudgets(t *testing.T) {
	modeltest.OneGoroutine(t)
	const perSecond = 4
	seconds := 5
	if testing.Short() {
		seconds = 3
	}
	e := newShop(t, 40, time.Minute)
	e.options.Rate = 200 // between two frames a list of the newest changes as a whole
	screens := slices.Concat(
		watchScenes(t, narrowScenes(), e, 80, 24, colorprofile.TrueColor, smallBudget), // fewer colours take fewer bytes
		watchScenes(t, liveScenes, e, 200, 50, colorprofile.TrueColor, largeBudget),
		watchScenes(t, liveScenes, e, 200, 50, colorprofile.ANSI256, large256),
	)
	for range seconds * perSecond {
		e.advance(t, time.Second/perSecond)
		for _, v := range screens {
			v.clock = e.now
			was := v.app.pull.seq
			v.send(tickMsg{was}) // which the pace may put off
			v.refreshes += v.app.pull.seq - was
			n := v.show(t, v.app.View().Content)
			v.total, v.most = v.total+n, max(v.most, n)
		}
	}
	for _, v := range screens {
		v.check(t, seconds)
	}
}

// check wants the bytes of some seconds to be within the budget.
func (v *watched) check(t *testing.T, seconds int) {
	t.Helper()
	t.Logf("%-40s %6d B/s, largest frame %5d B, %.1f refreshes/s", v.name, v.total/seconds, v.most, float64(v.refreshes)/float64(seconds))
	if v.total/seconds > v.budget {
		t.Errorf("%s: %d B/s, want at most %d", v.name, v.total/seconds, v.budget)
	}
	if v.total == 0 && !v.still {
		t.Errorf("%s: nothing changed in %d s of traffic", v.name, seconds)
	}
	if v.refreshes < leastRefreshes*seconds {
		t.Errorf("%s: %d refreshes in %d s", v.name, v.refreshes, seconds)
	}
	if n := v.show(t, v.app.View().Content); n != 0 {
		t.Errorf("%s: an unchanged screen took %d bytes", v.name, n)
	}
}

func BenchmarkView(b *testing.B) {
	e := newShop(b, 40, 2*time.Minute)
	for _, sc := range liveScenes {
		s := start(e, 200, 50)
		s.keys(sc.keys...)
		s.text(sc.text)
		if sc.sheet != (sheetID{}) {
			s.run(s.app.act(OpenSheet{Name: sc.sheet.name, About: sc.sheet.about}))
		}
		b.Run(sc.name, func(b *testing.B) {
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
