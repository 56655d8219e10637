package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

var updateMaps = flag.Bool("update-map", false, "rewrite the golden files of the map")

func mapFrame(t *themes.Theme, w, h int) *Frame {
	return &Frame{Moment: Moment{Status: &aggregate.Status{}, W: w, H: h}, Theme: t, G: t.Glyphs}
}

// drawMap draws a map screen and returns the canvas.
func drawMap(m *Map, f *Frame) *canvas.Canvas {
	c := canvas.New(f.W, f.H)
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
				mapGolden(t, fmt.Sprintf("map-%s-%dx%d", g.name, s[0], s[1]), mapText(drawMap(m, f)))
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
	mapGolden(t, "map-ascii-200x52", text)
}

// Without colours the styled bytes must hold no colour, and what is selected and sick must still be seen.
func TestMapGoldenMono(t *testing.T) {
	m := newMap()
	f := mapFrame(themes.New("dark", colorprofile.ASCII, false), 120, 32)
	m.Answer(shopMap())
	mapKeys(m, f, "n")
	mapGolden(t, "map-mono-120x32", strings.ReplaceAll(drawMap(m, f).Encode(), "\x1b", "^"))
}

func mapGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *updateMaps {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed (rewrite with -update-map after looking at it):\n%s", path, got)
	}
}

func TestMapDrawsAtEverySize(t *testing.T) {
	th := themes.New("dark", colorprofile.TrueColor, false)
	for _, answer := range []*aggregate.Map{nil, {}, mapOf("hello"), shopMap(), crowdMap(60)} {
		for form := range mapForms {
			for _, w := range []int{0, 1, 5, 17, 40, 70, 80, 139, 200} {
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

func TestMapArrowsFollowCalls(t *testing.T) {
	m, f := mapWith(shopMap(), 200, 52)
	for _, c := range []struct{ key, want string }{
		{"right", "user"}, {"right", "frontend-proxy"}, {"l", "frontend"}, {"left", "frontend-proxy"}, {"h", "user"}, {"left", "user"},
	} {
		if mapKeys(m, f, c.key); m.picked.node != c.want {
			t.Fatalf("after %s: %q, want %q", c.key, m.picked.node, c.want)
		}
	}
	m.pick(mapPick{node: "frontend"})
	seen := map[string]bool{}
	mapKeys(m, f, "right")
	for range 10 {
		mapKeys(m, f, "up")
	}
	for range 10 {
		seen[m.picked.node] = true
		mapKeys(m, f, "down")
	}
	for _, want := range []string{"checkout", "catalog", "ads"} {
		if !seen[want] {
			t.Errorf("up and down do not reach %s: %v", want, seen)
		}
	}
}

func TestMapDrills(t *testing.T) {
	errorsOnly := &aggregate.Selection{ErrorsOnly: true}
	for _, c := range []struct {
		pick mapPick
		key  string
		want Drill
	}{
		{mapPick{node: "cart"}, "enter", Drill{LensLatency, Scope{Focus: aggregate.Focus{Service: "cart"}}}},
		{mapPick{node: "cart"}, "o", Drill{LensOperations, Scope{Focus: aggregate.Focus{Service: "cart"}}}},
		{mapPick{node: "cart"}, "T", Drill{LensTraces, Scope{Focus: aggregate.Focus{Service: "cart"}}}},
		{mapPick{node: "cart"}, "e", Drill{LensTraces, Scope{Focus: aggregate.Focus{Service: "cart"}, Selection: errorsOnly}}},
		{mapPick{node: "redis"}, "enter", Drill{LensLatency, Scope{Focus: aggregate.Focus{Client: "cart", Server: "redis"}}}},
		{mapPick{node: "user"}, "enter", Drill{LensLatency, Scope{}}},
		{mapPick{edge: edgeKey{"frontend", "cart", aggregate.EdgeCall}}, "enter", Drill{LensLatency, Scope{Focus: aggregate.Focus{Client: "frontend", Server: "cart"}}}},
		{mapPick{edge: edgeKey{"user", "frontend-proxy", aggregate.EdgeCall}}, "enter", Drill{LensLatency, Scope{Focus: aggregate.Focus{Service: "frontend-proxy"}}}},
		{mapPick{}, "enter", Drill{LensLatency, Scope{}}},
	} {
		m, f := mapWith(shopMap(), 200, 52)
		m.pick(c.pick)
		got, ok := mapKeys(m, f, c.key).(Drill)
		if !ok || got.Lens != c.want.Lens || got.Scope.Focus != c.want.Scope.Focus || (got.Scope.Selection == nil) != (c.want.Scope.Selection == nil) {
			t.Errorf("%+v %s: %+v, want %+v", c.pick, c.key, got, c.want)
		}
	}
}

// From the story Enter goes to the edge, and from there to its latency; Esc takes the same way back.
func TestMapStoryRowsLeadOn(t *testing.T) {
	for _, size := range [][2]int{{200, 52}, {80, 20}} {
		m, f := mapWith(shopMap(), size[0], size[1])
		m.pick(mapPick{node: "checkout"})
		drawMap(m, f)
		mapKeys(m, f, "tab", "right", "enter")
		if want := (edgeKey{"checkout", "currency", aggregate.EdgeCall}); m.picked.edge != want {
			t.Errorf("busiest callee: %+v, want %+v", m.picked, want)
		}
		if text := mapText(drawMap(m, f)); !strings.Contains(text, "client waits") {
			t.Errorf("the edge's story is not shown:\n%s", text)
		}
		got, ok := mapKeys(m, f, "enter").(Drill)
		if want := (aggregate.Focus{Client: "checkout", Server: "currency"}); !ok || got.Scope.Focus != want {
			t.Errorf("enter on the edge: %+v, want %+v", got, want)
		}
		if mapKeys(m, f, "esc"); m.picked.node != "checkout" {
			t.Errorf("esc leads to %+v", m.picked)
		}
	}
	m, f := mapWith(shopMap(), 200, 52)
	if mapKeys(m, f, "tab", "enter"); m.picked.node != "payment" {
		t.Errorf("first row of the system's story leads to %q, want the node with the highest error share", m.picked.node)
	}
}

func TestMapStoryRowDrillsWithItsEdge(t *testing.T) {
	m, f := mapWith(shopMap(), 200, 52)
	m.pick(mapPick{node: "checkout"})
	got, ok := mapKeys(m, f, "tab", "e").(Drill)
	if want := (aggregate.Focus{Client: "frontend", Server: "checkout"}); !ok || got.Scope.Focus != want {
		t.Errorf("errors of the caller's row: %+v, want %+v", got, want)
	}
}

func TestMapCopiesEvidence(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 32)
	for _, c := range []struct {
		pick mapPick
		want []string
	}{
		{mapPick{node: "payment"}, []string{"payment (service): 12.1/s, 7.4% errors", "checkout -> payment (call)", "payment -> stripe.com (inferred)", "40891 of 40891 spans"}},
		{mapPick{edge: edgeKey{"cart", "redis", aggregate.EdgeDatabase}}, []string{"cart -> redis (database): 170/s", "client p50"}},
		{mapPick{}, []string{"payment (service)", "user (user)", "fraud (service): 11.2/s, 0.18% errors", "against earlier"}},
	} {
		m.pick(c.pick)
		got, _ := mapKeys(m, f, "y").(Copy)
		for _, w := range c.want {
			if !strings.Contains(got.Text, w) {
				t.Errorf("%+v: no %q in\n%s", c.pick, w, got.Text)
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
	for _, want := range []string{"12 broken", "3 pending", "4 dropped", "sampled", "rollups", "n=40.9k"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in %q", want, head)
		}
	}
	f.Problem = "no data\x1b[2J"
	if head, _, _ := strings.Cut(mapText(drawMap(m, f)), "\n"); !strings.Contains(head, "no data") || strings.Contains(head, "\x1b[2J") {
		t.Errorf("problem: %q", head)
	}
}

func TestMapFocusKeysMoveThroughTable(t *testing.T) {
	m, f := mapWith(crowdMap(150), 80, 20)
	first := m.subject().Name
	if mapKeys(m, f, "down"); m.picked.node == "" || m.picked.node == first {
		t.Errorf("down: %+v", m.picked)
	}
	if mapKeys(m, f, "up"); m.picked.node != first {
		t.Errorf("up: %+v, want %s", m.picked, first)
	}
	n := m.subject()
	if mapKeys(m, f, "left"); len(n.in) > 0 && m.picked.node != m.graph.edges[n.in[0]].Client {
		t.Errorf("left: %+v, want the busiest caller", m.picked)
	}
	if mapKeys(m, f, "right"); m.picked.node == first && len(n.in) == 0 {
		t.Errorf("right: %+v", m.picked)
	}
}

func TestMapTableSorts(t *testing.T) {
	m, f := mapWith(shopMap(), 80, 20)
	for _, c := range []struct{ first, last string }{
		{"accounting", "user"}, {"catalog", "user"}, {"payment", "user"}, {"frontend-proxy", "user"},
	} {
		mapKeys(m, f, "s")
		if k := m.table.keys; k[0] != c.first || k[len(k)-1] != c.last {
			t.Errorf("column %d: %s … %s, want %s … %s", m.sorted, k[0], k[len(k)-1], c.first, c.last)
		}
	}
	c := drawMap(m, f)
	x, y, ok := findTarget(c, func(t canvas.Target) bool { return t.Kind == headTarget && t.Index == 1 })
	if !ok {
		t.Fatal("no column titles")
	}
	m.Mouse(Mouse{X: x, Y: y, Target: c.At(x, y), Event: Click}, f.Moment)
	if m.table.keys[0] != "catalog" {
		t.Errorf("a click on rate puts %s first", m.table.keys[0])
	}
	for range 10 {
		mapKeys(m, f, "s")
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

func TestMapProblemsInOrder(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 32)
	var got []string
	for range 6 {
		mapKeys(m, f, "n")
		got = append(got, m.picked.node)
	}
	if want := "payment checkout stripe.com ads fraud payment"; strings.Join(got, " ") != want {
		t.Errorf("n: %v, want %s", got, want)
	}
	if mapKeys(m, f, "N"); m.picked.node != "fraud" {
		t.Errorf("N: %s", m.picked.node)
	}
	m, f = mapWith(mapOf("a -> b call 5 0 3"), 120, 32)
	if _, ok := mapKeys(m, f, "n").(Say); !ok {
		t.Error("n on a healthy map says nothing")
	}
}

func TestMapEscDeselectsThenLeaves(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 32)
	mapKeys(m, f, "n", "tab")
	if a := mapKeys(m, f, "esc"); a == nil || m.pane != paneMap || m.picked.none() {
		t.Errorf("first esc: %v, pane %v, %+v", a, m.pane, m.picked)
	}
	if a := mapKeys(m, f, "esc"); a == nil || !m.picked.none() {
		t.Errorf("second esc: %v, %+v", a, m.picked)
	}
	for _, b := range m.Keys() {
		if key.Matches(mapPress("esc"), b) {
			t.Error("esc is still the map's, with nothing to deselect")
		}
	}
}

// findTarget returns the first cell with a target of a kind for which ok holds.
func findTarget(c *canvas.Canvas, ok func(canvas.Target) bool) (x, y int, found bool) {
	w, h := c.Size()
	for y := range h {
		for x := range w {
			if ok(c.At(x, y)) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

func TestMapHits(t *testing.T) {
	m, f := mapWith(shopMap(), 200, 52)
	hit := func(ev MouseEvent, ok func(canvas.Target) bool) Action {
		c := drawMap(m, f)
		x, y, found := findTarget(c, ok)
		if !found {
			t.Fatal("target is not on the screen")
		}
		return m.Mouse(Mouse{X: x, Y: y, Target: c.At(x, y), Event: ev}, f.Moment)
	}
	cart, _ := m.graph.node("cart")
	onCart := func(t canvas.Target) bool { return t.Kind == mapNodeTarget && int(t.Index) == cart }
	if hit(Click, onCart); m.picked.node != "cart" {
		t.Errorf("click on cart selects %+v", m.picked)
	}
	if d, ok := hit(Double, onCart).(Drill); !ok || d.Scope.Focus.Service != "cart" {
		t.Errorf("double click on cart: %+v", d)
	}
	line := int32(m.plan.lineOf("cart", "redis"))
	hit(Click, func(t canvas.Target) bool { return t.Kind == mapLineTarget && t.Index == line })
	if want := (edgeKey{"cart", "redis", aggregate.EdgeDatabase}); m.picked.edge != want {
		t.Errorf("click on the line selects %+v", m.picked)
	}
	m.pick(mapPick{node: "checkout"})
	hit(Click, func(t canvas.Target) bool { return t.Kind == mapStoryTarget && t.Index == 0 })
	if row, _ := m.story.current(); m.pane != paneStory || row.edge.client != "frontend" {
		t.Errorf("click on the story: %+v", row)
	}
	if a := m.Mouse(Mouse{Event: Click}, f.Moment); a != nil {
		t.Errorf("a click on nothing does %v", a)
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
	if m.plan != plan || !strings.Contains(text, "gone quiet") || !strings.Contains(text, "2 edges  2 gone quiet") {
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

// However small the screen, moving brings what is selected into view.
func TestMapPansToTheSelection(t *testing.T) {
	m, f := mapWith(shopMap(), 60, 16)
	m.form = formBoxes
	drawMap(m, f)
	for _, name := range []string{"pg-ledger", "user", "shipping", "redis", "checkout"} {
		m.pick(mapPick{node: name})
		i, _ := m.graph.node(name)
		c := drawMap(m, f)
		if _, _, ok := findTarget(c, func(t canvas.Target) bool { return t.Kind == mapNodeTarget && int(t.Index) == i }); !ok {
			t.Errorf("%s is not seen", name)
		}
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

func TestMapEveryKeyIsBound(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 32)
	mapKeys(m, f, "n")
	for _, b := range m.Keys() {
		for _, k := range b.Keys() {
			if strings.Contains(k, "+") {
				continue
			}
			if m.Key(mapPress(k), f.Moment) == nil && !strings.HasPrefix(k, "home") && !strings.HasPrefix(k, "end") {
				t.Errorf("%s is listed and does nothing", k)
			}
			mapKeys(m, f, "n")
		}
	}
}

func TestMapGraphKeepsEdgesToUnlistedNodes(t *testing.T) {
	g := newMapGraph(&aggregate.Map{Edges: []aggregate.Edge{{Client: "a", Server: "b"}}}, nil)
	if len(g.nodes) != 2 || g.nodes[0].Kind != aggregate.NodeInferred {
		t.Errorf("%+v", g.nodes)
	}
}

func TestTrendGrowth(t *testing.T) {
	flat := mapTrend("x", 50, 0, 1e6, false)
	if g := trendGrowth(&flat); g < 0.8 || g > 1.25 {
		t.Errorf("flat: %g", g)
	}
	grown := mapTrend("x", 50, 0, 1e6, true)
	if g := trendGrowth(&grown); g < 2.4 || g > 3.6 {
		t.Errorf("tripled: %g", g)
	}
	few := mapTrend("x", 0.2, 0, 1e6, true)
	if g := trendGrowth(&few); g != 0 {
		t.Errorf("a handful of calls: %g", g)
	}
}

func TestMapGraphFindsEdges(t *testing.T) {
	g := newMapGraph(shopMap(), nil)
	for i := range g.edges {
		k := g.edges[i].key()
		if at, ok := g.edge(k); !ok || at != i {
			t.Errorf("%+v: %d, %v", k, at, ok)
		}
		k.kind = ""
		if at, ok := g.edge(k); !ok || at != i {
			t.Errorf("%+v without its kind: %d, %v", k, at, ok)
		}
	}
	for _, k := range []edgeKey{{"cart", "user", ""}, {"zebra", "cart", ""}, {"cart", "redis", aggregate.EdgeCall}} {
		if at, ok := g.edge(k); ok {
			t.Errorf("%+v found at %d", k, at)
		}
	}
}

func TestFinishedStepsOnly(t *testing.T) {
	trend := mapTrend("x", 5, 0, 1e6, false)
	end := trend.Start + mapSteps*trend.Step
	for _, c := range []struct {
		to   int64
		want int
	}{{end, mapSteps}, {end - 1e9, mapSteps - 1}, {0, mapSteps}} {
		got := finished(trend, c.to)
		if len(got.Calls) != c.want || len(got.Errors) != c.want || len(got.P95) != c.want {
			t.Errorf("to %d: %d steps, want %d", c.to, len(got.Calls), c.want)
		}
	}
	trend.Calls = trend.Calls[:2]
	if got := finished(trend, trend.Start+1); len(got.Calls) != 2 {
		t.Errorf("a short trend lost its end")
	}
}

func BenchmarkMapAnswer(b *testing.B) {
	answer := fixtureMap(b)
	m := newMap()
	b.ReportAllocs()
	for b.Loop() {
		m.Answer(answer)
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
