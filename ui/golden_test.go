// Every screen at three sizes, as text and in colours; what is added to scenes is drawn in all of them.

package ui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	_ "github.com/charmbracelet/x/exp/golden" // registers -update
)

// look is how a screen is drawn: what a terminal and the flags decide.
type look struct {
	theme   string
	profile colorprofile.Profile
	ascii   bool
}

// plainLook is what most terminals give.
var plainLook = look{theme: "dark", profile: colorprofile.TrueColor}

// scene is a screen and the way to it.
type scene struct {
	name  string
	empty bool   // nothing was received yet
	first Action // done before keys
	small bool   // seen at 80x24 only: larger ones show what others do
	// go to the screen from the start screen
	keys []string
	text string // typed after keys
	then []string
}

// frameScenes are the screens whose frame and content belong to one another; map and waterfall have
// goldens of their own.
var frameScenes = []scene{
	{name: "operations", keys: []string{"2", "down"}},
	{name: "services", keys: []string{"2", "o"}},
	{name: "baseline", keys: []string{"2", "b"}},
	{name: "latency", keys: []string{"3"}},
	{name: "selected", keys: []string{"2", "enter", "V"}},
	{name: "explained", keys: []string{"3", "V", "tab", "down"}},
	{name: "traces", keys: []string{"2", "enter", "V", "enter", "down"}},
	{name: "findings", keys: []string{"4", "down"}},
	{name: "shapes", keys: []string{"6", "down"}},
	{name: "compare", keys: []string{"+", "7", "down"}},
	{name: "call-paths", keys: []string{"+", "7", "tab", "down"}},
	{name: "trends", keys: []string{":"}, text: "what grows", then: []string{"enter", "down"}},
	{name: "expression", keys: []string{":"}, text: "histogram of", then: []string{"enter", "down", "down"}},
	{name: "histogram", keys: []string{":"}, text: "histogram of", then: []string{"enter", "down", "enter", "down"}},
	{name: "columns", keys: []string{"5", "c", "down"}},
	{name: "coverage", keys: []string{"8"}},
	{name: "frozen", keys: []string{"5", "space"}},
	{name: "empty", empty: true},
	{name: "help", keys: []string{"3", "?"}},
	{name: "palette", keys: []string{":"}, text: "chk"},
	{name: "filter", keys: []string{"2", "/"}, text: `service = "cart" && duration > 100ms`},
	{name: "filter-error", keys: []string{"2", "/"}, text: `service = "cart" && duration > fast`},
	{name: "filter-hints", keys: []string{"2", "/"}, text: `status = error && span.ht`},
}

// play shows a scene.
func (x scene) play(w, h int, l look) *session {
	e := newFake()
	if x.empty {
		e.status = aggregate.Status{Now: epoch, Live: true, Complete: -1, Logs: 12, Budget: 256 << 20,
			RefusedBy: []aggregate.ReasonCount{{Reason: "too_large", N: 4}}, Requests: []aggregate.ReasonCount{{Reason: "http_protobuf", N: 4}}, Refused: 4}
	}
	return x.playOn(e, w, h, l)
}

// playOn shows a scene of what an engine answers.
func (x scene) playOn(e aggregate.Engine, w, h int, l look) *session {
	s := start(e, w, h)
	s.app.o.Theme, s.app.o.Profile, s.app.o.ASCII = l.theme, &l.profile, l.ascii
	s.app.o.StartDemo = func() {}
	s.app.o.KeepView = func(View) (string, error) { return "config.toml", nil }
	s.app.profile = l.profile
	s.app.retheme(l.theme, true)
	if x.first != nil {
		s.run(s.app.act(x.first))
	}
	s.keys(x.keys...)
	s.text(x.text)
	s.keys(x.then...)
	s.send(toastExpired{s.app.toast.id}) // the keys of the footer are what is to be seen
	return s
}

// lines is the screen without styles, blanks at line ends cut.
func (s *session) lines() string {
	lines := splitLines(s.screen())
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// golden compares with a file in testdata; -update writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update after looking at it. Got:\n%s", path, got)
	}
}

// picture leaves the screen with its colours where OTELTOP_SHOTS says, for looking at it.
func (s *session) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("OTELTOP_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".ansi"), []byte(s.app.View().Content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestScreens(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"200x60", 200, 60}} {
		for _, sc := range frameScenes {
			t.Run(sc.name+"-"+size.name, func(t *testing.T) {
				s := sc.play(size.w, size.h, plainLook)
				golden(t, "screens-"+sc.name+"-"+size.name+".txt", s.lines())
				s.picture(t, "screens-"+sc.name+"-"+size.name)
			})
		}
	}
}

// Each screen once with its colours, and one in every look.
func TestScreensInColour(t *testing.T) {
	for _, sc := range frameScenes {
		s := sc.play(80, 24, plainLook)
		golden(t, "screens-"+sc.name+"-80x24.ansi", s.app.View().Content)
	}
	for _, l := range []struct {
		name string
		look
	}{
		{"ascii", look{theme: "dark", profile: colorprofile.ANSI256, ascii: true}},
		{"mono", look{theme: "dark", profile: colorprofile.ASCII}},
		{"light", look{theme: "light", profile: colorprofile.TrueColor}},
		{"256", look{theme: "dark", profile: colorprofile.ANSI256}},
		{"16", look{theme: "dark", profile: colorprofile.ANSI}},
	} {
		for _, sc := range []scene{frameScenes[0], frameScenes[4], frameScenes[5]} {
			s := sc.play(120, 40, l.look)
			golden(t, "screens-"+sc.name+"-120x40-"+l.name+".ansi", s.app.View().Content)
			s.picture(t, "screens-"+sc.name+"-120x40-"+l.name)
		}
	}
}

// In ASCII mode no screen has any other character.
func TestScreensInASCII(t *testing.T) {
	for _, sc := range frameScenes {
		for _, r := range sc.play(200, 60, look{theme: "dark", profile: colorprofile.ANSI256, ascii: true}).lines() {
			if r > '~' {
				t.Errorf("%q on the screen %s", r, sc.name)
			}
		}
	}
}

func TestScreenThatIsTooSmall(t *testing.T) {
	s := scene{keys: []string{"2"}}.play(80, 24, plainLook)
	s.send(tea.WindowSizeMsg{Width: 50, Height: 12})
	golden(t, "screens-small-50x12.txt", s.lines())
	s.keys("3")
	if p := s.app.trail.here(); p.lens != LensOperations {
		t.Errorf("a key went through to a screen that cannot be seen: %v", p.lens)
	}
}
