package ui

import (
	"context"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"

	"charm.land/bubbles/v2/key"
)

// selectedName is the operation under the cursor, with the group's mark.
func (s *waterfallScene) selectedName() string {
	r := s.w.selected()
	switch {
	case r == nil:
		return ""
	case r.group >= 0:
		return "group " + s.w.m.span(r.node).Name
	case !s.w.m.real(r.node):
		return "(missing)"
	}
	return s.w.m.span(r.node).Name
}

func (s *waterfallScene) wantSelected(name string) {
	s.tb.Helper()
	if got := s.selectedName(); got != name {
		s.tb.Fatalf("selected %q, want %q", got, name)
	}
}

func TestWaterfallMovesAndFolds(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	all := len(s.w.rows)
	s.press("down", "down", "down", "down")
	s.wantSelected("group SELECT item")
	s.press("enter")
	if len(s.w.rows) != all+10 {
		t.Fatalf("%d rows with the group open, want %d", len(s.w.rows), all+10)
	}
	s.press("right", "down")
	s.wantSelected("SELECT item")
	s.press("left") // a leaf: to the parent, which is the group
	s.wantSelected("group SELECT item")
	s.press("left") // folds it
	if len(s.w.rows) != all {
		t.Fatalf("%d rows after folding, want %d", len(s.w.rows), all)
	}
	s.press("left", "left", "left")
	s.wantSelected("GET /cart")
	s.press("g")
	s.wantSelected("GET /checkout")
	s.press("x")
	if len(s.w.rows) != 1 {
		t.Fatalf("%d rows with the root folded", len(s.w.rows))
	}
	if text := s.text(); !strings.Contains(text, "✖2 +23") {
		t.Errorf("the folded root does not say how much it hides:\n%s", text)
	}
	s.press("l", "G")
	s.wantSelected("render page")
	s.press("z")
	for _, r := range s.w.rows {
		if r.depth > 1 {
			t.Fatalf("depth %d shown after z", r.depth)
		}
	}
	s.press("Z")
	if len(s.w.rows) != all+10 {
		t.Errorf("%d rows after Z, want %d", len(s.w.rows), all+10)
	}
}

func TestWaterfallFindsErrorsAndMatches(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	s.press("e")
	s.wantSelected("POST /pay")
	s.press("e")
	s.wantSelected("POST /charge")
	if say, ok := s.press("e").(Say); !ok || !strings.Contains(say.Text, "around") {
		t.Errorf("no word on going around: %v", say)
	}
	s.press("E")
	s.wantSelected("POST /charge")

	s.press("g", "/")
	for _, c := range "ID = 7" { // in a statement, in a folded group, in other case
		s.press(string(c))
	}
	if s.w.search.count != 1 {
		t.Fatalf("%d found while typing, want 1", s.w.search.count)
	}
	s.press("enter")
	s.wantSelected("SELECT item")
	if r := s.w.selected(); s.w.m.head(r.node).Start != modeltest.Base+58e6 {
		t.Error("not the seventh")
	}
	s.press("esc")
	if s.w.search.text != "" {
		t.Error("esc keeps the search")
	}
	s.press("/", "z", "z", "z")
	if say, ok := s.press("enter").(Say); !ok || !say.Problem {
		t.Errorf("no word on finding nothing: %v", say)
	}
}

func TestWaterfallSearchTakesKeysThatAppWouldTake(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	s.press("/")
	for _, k := range []string{"q", "1", ":", "?", "b", "é"} {
		taken := false
		for _, b := range s.w.Keys() {
			taken = taken || key.Matches(keyPress(k), b)
		}
		if !taken {
			t.Errorf("%q is not claimed", k)
		}
		s.press(k)
	}
	if s.w.search.input != "q1:?bé" {
		t.Errorf("typed %q", s.w.search.input)
	}
	s.press("backspace", "backspace", "ctrl+u", "backspace")
	if s.w.search.typing {
		t.Error("backspace in the empty input does not leave it")
	}
}

func TestWaterfallWalksTheCriticalPathInTime(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	ss := s.w.m.t.Sections
	for i := range ss { // the root, where the cursor is, has the first
		if r := s.w.selected(); r.node != ss[i].Node {
			t.Fatalf("section %d: at node %d, want %d", i, r.node, ss[i].Node)
		}
		if i < len(ss)-1 {
			s.press("c")
		}
	}
	s.press("C")
	if r := s.w.selected(); r.node != ss[len(ss)-2].Node {
		t.Error("C does not go back")
	}
}

func TestWaterfallFocusAndWayOut(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	for s.selectedName() != "POST /pay" {
		s.press("down")
	}
	s.press("F")
	if n := len(s.w.rows); n != 6 {
		t.Fatalf("%d rows in focus, want 6", n)
	}
	if w := s.w.home; w.lo != modeltest.Base+101e6 || w.hi != modeltest.Base+371e6 {
		t.Error("the bars do not take the range of the focus")
	}
	var total int64
	for _, sec := range s.w.steps {
		total += sec.End - sec.Start
	}
	if total != 270e6 {
		t.Errorf("the path of the focus is %d ns long", total)
	}
	s.press("+", "+")
	if !s.w.zoomed {
		t.Fatal("+ does not zoom")
	}
	if act := s.press("esc"); act != (Handled{}) || s.w.zoomed {
		t.Fatal("esc does not leave the zoom first")
	}
	if act := s.press("esc"); act != (Handled{}) || len(s.w.fold.focus) != 0 {
		t.Fatal("esc does not leave the focus")
	}
	s.wantSelected("POST /pay")
	if act := s.press("esc"); act != nil {
		t.Errorf("esc is not left to App: %v", act)
	}
}

func TestWaterfallZoomStaysInsideAndComesBack(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	home := s.w.view()
	for _, k := range []string{"+", "+", "<", "<", "<", ">", "+", ">", ">", ">", ">", ">", "-", ">"} {
		s.press(k)
		if v := s.w.view(); v.lo < home.lo || v.hi > home.hi || v.hi <= v.lo {
			t.Fatalf("after %s the view is %v of %v", k, v, home)
		}
	}
	for range 60 {
		s.press("+")
	}
	if w := s.w.view().width(); w < zoomLeast || w > 2*zoomLeast {
		t.Errorf("the deepest zoom is %v ns wide", w)
	}
	s.press("0")
	if s.w.view() != home {
		t.Error("0 does not show everything")
	}
	for range 5 {
		s.press("-")
	}
	if s.w.view() != home || s.w.zoomed {
		t.Error("- goes beyond the trace")
	}
}

func TestWaterfallDetails(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 56)
	s.press("tab")
	if !s.w.pane.focus {
		t.Fatal("tab does not give the details the keys")
	}
	for s.w.pane.selected().key != "http.route" {
		s.press("down")
	}
	if act := s.press("f"); act != (Narrow{`span.http.route = "/checkout"`}) {
		t.Errorf("f: %v", act)
	}
	if act := s.press("y"); act != (Copy{"http.route", "/checkout"}) {
		t.Errorf("y: %v", act)
	}
	for s.w.pane.selected().key != "authorization" {
		s.press("down")
	}
	if act := s.press("y").(Copy); strings.Contains(act.Text, "abc") {
		t.Error("a secret is copied")
	}
	if act := s.press("f").(Say); !act.Problem {
		t.Error("a secret becomes a filter")
	}
	if text := s.text(); strings.Contains(text, "abc.def") || strings.Contains(text, "9f8e7d") {
		t.Error("a secret is on screen")
	}
	s.press("M")
	if text := s.text(); !strings.Contains(text, "Bearer abc.def") {
		t.Error("M does not reveal")
	}
	if act := s.press("y").(Copy); act.Text != "Bearer abc.def" {
		t.Errorf("revealed copy is %q", act.Text)
	}
	s.press("esc")
	if act := s.press("y"); act != (Copy{"trace id", s.w.m.t.ID.String()}) {
		t.Errorf("y on the tree: %v", act)
	}
	if act := s.press("o").(Drill); act.Lens != LensLatency || act.Scope.Focus != (aggregate.Focus{Service: "web", Operation: "GET /checkout", Kind: model.KindServer}) {
		t.Errorf("o: %+v", act)
	}
	if act := s.press("f"); act != (Narrow{`service = "web" && name = "GET /checkout"`}) {
		t.Errorf("f on the tree: %v", act)
	}
}

func TestWaterfallFollowsLinks(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 200, 56)
	for s.selectedName() != "process order" {
		s.press("down")
	}
	s.press("tab")
	for s.w.pane.selected().kind != entryLink {
		s.press("down")
	}
	s.press("down")
	if act := s.press("enter"); act != (OpenTrace{model.TraceID{Lo: 0xbeef}, 7}) {
		t.Errorf("link to another trace: %v", act)
	}
	s.press("up")
	if text := s.text(); !strings.Contains(text, "web GET /checkout, span") {
		t.Errorf("the link does not say where in the trace it points:\n%s", text)
	}
	if act, ok := s.press("enter").(Say); !ok || act.Problem {
		t.Errorf("link within the trace: %v", act)
	}
	s.wantSelected("GET /checkout")
	s.press("esc")
	s.wantSelected("process order")
	if act := s.press("esc"); act != nil {
		t.Errorf("esc after the way back: %v", act)
	}
}

func TestWaterfallCopiesAndWritesAndPins(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 120, 36)
	act := s.press("Y").(Copy)
	if !strings.Contains(act.Text, "http.route=/checkout") || strings.Contains(act.Text, "abc.def") {
		t.Errorf("the span as text:\n%s", act.Text)
	}
	tree := s.press("ctrl+y").(Copy).Text
	for _, want := range []string{"critical: ", "\nweb  GET /checkout  412ms  p99.7 x12\n", "\n      cart  SELECT item  x10 serial N+1  64.0ms\n", "\n      ! payments  POST /charge  237ms"} {
		if !strings.Contains(tree, want) {
			t.Errorf("%q is not in the tree as text:\n%s", want, tree)
		}
	}
	if act := s.press("p"); act != (Pin{s.w.m.t.ID, true}) {
		t.Errorf("p: %v", act)
	}
	w := s.press("w").(Write)
	if _, err := w.Content(context.Background(), nil); err != errNoExport {
		t.Errorf("an engine without export: %v", err)
	}
	b, err := w.Content(context.Background(), exportingEngine{})
	if err != nil || string(b) != s.w.m.t.ID.String() {
		t.Errorf("export: %q %v", b, err)
	}
}

type exportingEngine struct{ aggregate.Engine }

func (exportingEngine) Export(_ context.Context, id model.TraceID) ([]byte, error) {
	return []byte(id.String()), nil
}

func TestWaterfallFilterQuotes(t *testing.T) {
	for _, c := range []struct {
		key  string
		v    model.Value
		want string
	}{
		{"http.route", model.StringValue(`/a"b\c`), `span.http.route = "/a\"b\\c"`},
		{"n", model.IntValue(-3), `span.n = -3`},
		{"ok", model.BoolValue(true), `span.ok = true`},
		{"x y", model.StringValue("1"), `span."x y" = "1"`},
		{"", model.Value{}, `span."" != nil`},
	} {
		if got := attributeFilter("span.", c.key, c.v); got != c.want {
			t.Errorf("%q: %s, want %s", c.key, got, c.want)
		}
	}
}

// The footer offers the keys that go from match to match once there are any.
func TestMatchKeysWaitForASearch(t *testing.T) {
	s := startOnTrace(t, 120, 40)
	s.mustNotShow(t, "n N matches")
	s.keys("/")
	s.text("charge")
	s.keys("enter")
	s.mustShow(t, "n N matches")
}
