package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
)

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
		{mapPick{node: "payment"}, "e", Drill{LensTraces, Scope{Focus: aggregate.Focus{Service: "payment"}, Selection: errorsOnly}}},
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
			t.Errorf("%+v: %s … %s, want %s … %s", m.table.sort, k[0], k[len(k)-1], c.first, c.last)
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

// The footer says what Enter does where the cursor is, and Enter does it: in the lists of the focus form it takes an
// edge apart, from there and from the map it goes to latencies; no row of a list is out of sight.
func TestMapEnterDoesWhatItSays(t *testing.T) {
	m, f := mapWith(shopMap(), 80, 20)
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{{Kind: findings.Onset, Title: "slower", Service: "checkout", Of: 1}}})
	says := func() string { return m.Keys()[enterBinding].Help().Desc }
	if m.plan.form != formFocus || says() != "latency of it" {
		t.Fatalf("%v form, enter: %s", m.plan.form, says())
	}
	if _, ok := mapKeys(m, f, "enter").(Drill); !ok {
		t.Error("enter on a node is no drill")
	}
	mapKeys(m, f, "n", "n", "tab") // the first is the one that the finding is about
	if row, _ := m.story.current(); row.list == listFindings || says() != "take these calls apart" {
		t.Errorf("the cursor is on %+v, enter: %s", row, says())
	}
	if act := mapKeys(m, f, "enter"); act != (Handled{}) || m.edge() == nil || says() != "latency of it" {
		t.Errorf("enter on calls: %v, %+v is selected, enter: %s", act, m.picked, says())
	}
	if d, ok := mapKeys(m, f, "enter").(Drill); !ok || d.Lens != LensLatency {
		t.Error("enter on an edge is no drill")
	}
	m, f = mapWith(shopMap(), 120, 32)
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{{Kind: findings.Onset, Title: "slower", Service: "checkout", Of: 1}}})
	if mapKeys(m, f, "tab", "g"); says() != "show where" {
		t.Errorf("on a finding, enter: %s", says())
	}
}

// Nobody is led to an empty list: what has not failed says so.
func TestMapErrorsOfWhatHasNone(t *testing.T) {
	for _, c := range []struct {
		pick mapPick
		want string
	}{
		{mapPick{node: "redis"}, "calls of cart to redis failed"},
		{mapPick{node: "frontend-proxy"}, "requests to frontend-proxy failed"},
		{mapPick{edge: edgeKey{"cart", "redis", aggregate.EdgeDatabase}}, "calls of cart to redis failed"},
	} {
		m, f := mapWith(shopMap(), 200, 52)
		for i := range m.graph.nodes {
			m.graph.nodes[i].RED.Errors = 0
		}
		for i := range m.graph.edges {
			m.graph.edges[i].Failed = 0
		}
		m.pick(c.pick)
		if got, ok := mapKeys(m, f, "e").(Say); !ok || !strings.HasPrefix(got.Text, "none of ") || !strings.HasSuffix(got.Text, c.want) {
			t.Errorf("e on %+v: %+v", c.pick, got)
		}
		if got, ok := mapKeys(m, f, "T").(Drill); !ok || got.Lens != LensTraces {
			t.Errorf("T on %+v: %+v", c.pick, got)
		}
	}
}
