package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model/modeltest"
	"oteltop/themes"
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

func mapFrame(t *themes.Theme, w, h int) *Frame {
	return &Frame{Moment: Moment{Status: &aggregate.Status{}, W: w, H: h}, Theme: t, G: t.Glyphs}
}

// drawMap draws a map screen and returns the canvas.
func drawMap(m *Map, f *Frame) *canvas.Canvas {
	c := canvas.New(f.W, f.H)
	c.SetASCII(f.G.ASCII)
	m.Draw(c.All(), f)
	return c
}

// mapText is a canvas as text, without styles and trailing blanks.
func mapText(c *canvas.Canvas) string {
	lines := strings.Split(ansi.Strip(c.Encode()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func mapPress(s string) tea.KeyPressMsg {
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown,
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp}
	if c, ok := codes[s]; ok {
		return tea.KeyPressMsg{Code: c}
	}
	return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
}

// mapWith is a map screen with an answer, drawn once at w×h.
func mapWith(answer *aggregate.Map, w, h int) (*Map, *Frame) {
	m := newMap()
	f := mapFrame(themes.New("dark", colorprofile.TrueColor, false), w, h)
	m.Answer(answer)
	drawMap(m, f)
	return m, f
}

// mapKeys presses keys one after the other, drawing in between as the program does, and returns the last action.
func mapKeys(m *Map, f *Frame, ks ...string) Action {
	var last Action
	for _, k := range ks {
		last = m.Key(mapPress(k), f.Moment)
		drawMap(m, f)
	}
	return last
}

func TestMapGolden(t *testing.T) {
	sizes := [][2]int{{80, 20}, {120, 32}, {200, 52}}
	graphs := []struct {
		name   string
		answer func() *aggregate.Map
		keys   []string
	}{
		{"one", func() *aggregate.Map { return mapOf("hello") }, nil},
		{"three", func() *aggregate.Map {
			return mapOf("user -> web call 12 0 40", "web -> api call 24 0.5 18", "api -> pg-main database 48 0 2.5")
		}, nil},
		{"shop", shopMap, nil},
		{"shop-checkout", shopMap, []string{"n"}},
		{"shop-edge", shopMap, []string{"n", "n", "tab", "down", "down", "down", "enter"}},
		{"40", func() *aggregate.Map { return crowdMap(40) }, []string{"n"}},
		{"150", func() *aggregate.Map { return crowdMap(150) }, nil},
		{"1238", nil, nil},
	}
	for _, g := range graphs {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", g.name, s[0], s[1]), func(t *testing.T) {
				var answer *aggregate.Map
				if g.answer != nil {
					answer = g.answer()
				} else {
					answer = fixtureMap(t)
				}
				m, f := mapWith(answer, s[0], s[1])
				mapKeys(m, f, g.keys...)
				golden(t, fmt.Sprintf("map-%s-%dx%d.txt", g.name, s[0], s[1]), mapText(drawMap(m, f)))
			})
		}
	}
}

func TestMapGoldenASCII(t *testing.T) {
	m := newMap()
	f := mapFrame(themes.New("dark", colorprofile.ANSI256, true), 200, 52)
	m.Answer(shopMap())
	mapKeys(m, f, "n")
	text := mapText(drawMap(m, f))
	for _, r := range text {
		if r > '~' {
			t.Fatalf("%q in ASCII mode", r)
		}
	}
	golden(t, "map-ascii-200x52.txt", text)
}

// Without colours the styled bytes must hold no colour, and what is selected and sick must still be seen.
func TestMapGoldenMono(t *testing.T) {
	m := newMap()
	f := mapFrame(themes.New("dark", colorprofile.ASCII, false), 120, 32)
	m.Answer(shopMap())
	mapKeys(m, f, "n")
	golden(t, "map-mono-120x32.txt", strings.ReplaceAll(drawMap(m, f).Encode(), "\x1b", "^"))
}

// What is sick, selected and quiet is told apart by colour as well.
func TestMapGoldenColour(t *testing.T) {
	m := newMap()
	f := mapFrame(themes.New("dark", colorprofile.ANSI256, false), 120, 20)
	m.Answer(mapOf("user -> web call 12 6 40", "web -> api call 24 2 18", "api -> pg-main database 48 0 2.5"))
	m.pick(mapPick{node: "api"})
	golden(t, "map-colour-120x20.txt", strings.ReplaceAll(drawMap(m, f).Encode(), "\x1b", "^"))
}

func TestMapDrawsAtEverySize(t *testing.T) {
	modeltest.OneGoroutine(t)
	th := themes.New("dark", colorprofile.TrueColor, false)
	for _, answer := range []*aggregate.Map{nil, {}, mapOf("hello"), shopMap(), crowdMap(60)} {
		for form := range mapForms {
			for _, w := range []int{0, 1, 5, 17, 40, 70, 80, 139, 200} {
				if testing.Short() && w%2 == 1 {
					continue
				}
				for _, h := range []int{0, 1, 2, 3, 5, 8, 12, 20, 50} {
					m := newMap()
					m.form = form
					if answer != nil {
						m.Answer(answer)
					}
					f := mapFrame(th, w, h)
					drawMap(m, f)
					for _, k := range []string{"right", "n", "tab", "down", "tab", "G", "pgdown"} {
						m.Key(mapPress(k), f.Moment)
						drawMap(m, f)
					}
				}
			}
		}
	}
}

func TestMapSaysWhatIsMissing(t *testing.T) {
	answer := shopMap()
	answer.Broken, answer.Pending, answer.Dropped = 12, 3, 4
	answer.Provenance.Note = "sampled"
	m, f := mapWith(answer, 120, 32)
	head, _, _ := strings.Cut(mapText(drawMap(m, f)), "\n")
	for _, want := range []string{"12 no caller", "3 pending", "4 dropped", "sampled"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in %q", want, head)
		}
	}
	f.Problem = "no data\x1b[2J"
	if head, _, _ := strings.Cut(mapText(drawMap(m, f)), "\n"); !strings.Contains(head, "no data") || strings.Contains(head, "\x1b[2J") {
		t.Errorf("problem: %q", head)
	}
}

func TestMapEmptyScopeSaysWhy(t *testing.T) {
	m, f := mapWith(&aggregate.Map{}, 80, 20)
	f.Scope.Last = 5 * time.Minute
	f.Scope.Focus.Service = "cart"
	text := mapText(drawMap(m, f))
	for _, want := range []string{"No calls in this scope", "5m00s", "esc widens"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestMapStaysWhereItIs(t *testing.T) {
	m, f := mapWith(shopMap(), 200, 52)
	plan := m.plan
	next := shopMap()
	for i := range next.Edges {
		next.Edges[i].Rate *= 3
		next.Edges[i].ClientP95 /= 2
	}
	m.Answer(next)
	if drawMap(m, f); m.plan != plan {
		t.Error("other figures made another layout")
	}
	more := shopMap()
	more.Edges = append(more.Edges, aggregate.Edge{Client: "email", Server: "smtp", Kind: aggregate.EdgeInferred, Calls: 9})
	m.Answer(more)
	drawMap(m, f)
	if m.plan == plan {
		t.Fatal("a new node has no place")
	}
	for _, a := range plan.lay.Boxes {
		for _, b := range plan.lay.Boxes {
			a2, _ := m.plan.lay.Box(a.ID)
			b2, _ := m.plan.lay.Box(b.ID)
			if a.Layer == b.Layer && a2.Layer == b2.Layer && a.Y < b.Y && a2.Y > b2.Y {
				t.Errorf("%s was above %s", a.ID, b.ID)
			}
		}
	}
}

// What goes quiet keeps its place for a while, and is gone at once when the scope changes.
func TestMapKeepsWhatWentQuiet(t *testing.T) {
	without := func(after time.Duration) *aggregate.Map {
		answer := mapOf("user -> web call 5 0 9", "web -> api call 5 0 9")
		answer.Provenance.To += int64(after)
		return answer
	}
	full := mapOf("user -> web call 5 0 9", "web -> api call 5 0 9", "web -> mail call 1 0 9")
	m, f := mapWith(full, 120, 32)
	plan := m.plan
	m.Answer(without(30 * time.Second))
	text := mapText(drawMap(m, f))
	if m.plan != plan || !strings.Contains(text, "gone quiet") || !strings.Contains(text, "2 edges    2 gone quiet") {
		t.Errorf("after 30 s, plan kept %v:\n%s", m.plan == plan, text)
	}
	m.Answer(without(61 * time.Second))
	if drawMap(m, f); len(m.graph.nodes) != 3 || m.plan == plan {
		t.Errorf("after 61 s there are %d nodes", len(m.graph.nodes))
	}
	m, f = mapWith(full, 120, 32)
	at := f.Moment
	m.Question(at)
	m.Answer(full)
	at.Scope.Last = time.Minute
	m.Question(at)
	m.Answer(without(time.Second))
	if len(m.graph.nodes) != 3 {
		t.Errorf("after another scope there are %d nodes", len(m.graph.nodes))
	}
}

func TestMapSelectionSurvivesAnswers(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 32)
	m.pick(mapPick{node: "ads"})
	m.rescoped = true
	m.Answer(mapOf("user -> web call 1 0 1"))
	if drawMap(m, f); m.picked.node != "ads" || m.node() != nil {
		t.Errorf("selection %+v", m.picked)
	}
	m.Answer(shopMap())
	if drawMap(m, f); m.node() == nil {
		t.Error("the node came back, the selection did not")
	}
}

func TestMapTakesFocusOfTheScope(t *testing.T) {
	m := newMap()
	at := Moment{Status: &aggregate.Status{}, W: 120, H: 32, Scope: Scope{Focus: aggregate.Focus{Client: "cart", Server: "redis"}}}
	m.Question(at)
	m.Answer(shopMap())
	if e := m.edge(); e == nil || e.Kind != aggregate.EdgeDatabase {
		t.Errorf("selected %+v", m.picked)
	}
}

func TestMapFormsByRoom(t *testing.T) {
	for _, c := range []struct {
		answer *aggregate.Map
		w, h   int
		want   mapForm
	}{
		{shopMap(), 200, 52, formBoxes},
		{shopMap(), 80, 20, formFocus},
		{crowdMap(150), 200, 52, formFocus},
		{mapOf("a -> b call 1 0 1"), 80, 20, formBoxes},
	} {
		if m, _ := mapWith(c.answer, c.w, c.h); m.plan.form != c.want {
			t.Errorf("%d nodes on %dx%d: %s, want %s", len(m.graph.nodes), c.w, c.h, m.plan.form, c.want)
		}
	}
}

func BenchmarkMapDraw(b *testing.B) {
	for _, c := range []struct {
		name   string
		answer *aggregate.Map
	}{{"shop", shopMap()}, {"40", crowdMap(40)}, {"150", crowdMap(150)}, {"1238", fixtureMap(b)}} {
		b.Run(c.name, func(b *testing.B) {
			m, f := mapWith(c.answer, 200, 50)
			cv := canvas.New(200, 50)
			b.ReportAllocs()
			for b.Loop() {
				cv.Reset(200, 50, themes.Style{})
				m.Draw(cv.All(), f)
			}
		})
	}
}

// Names of the system's lists are whole where there is room for them, beside bars that stay long enough to compare.
func TestMapListsLongNames(t *testing.T) {
	const long = "ts-preserve-other-service"
	m, f := mapWith(mapOf("user -> "+long+" call 8 5 40", long+" -> stock call 8 0 12"), 200, 52)
	text := mapText(drawMap(m, f))
	if n := strings.Count(text, "● "+long+" █"); n != 3 {
		t.Errorf("in %d lists, want 3 with bars:\n%s", n, text)
	}
}

// Users have no figures of their own: neither a trend of nothing, nor calls for each of none.
func TestMapTellsNothingOfUsers(t *testing.T) {
	m, f := mapWith(shopMap(), 200, 52)
	m.pick(mapPick{node: "user"})
	_, text, ok := strings.Cut(mapText(drawMap(m, f)), "x/call")
	if !ok || strings.Contains(text, "max 0/s") || strings.Contains(text, "×") {
		t.Errorf("the story of users:\n%s", text)
	}
}
