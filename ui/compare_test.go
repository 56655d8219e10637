package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model/modeltest"
	"oteltop/themes"
	"oteltop/ui/num"

	"github.com/charmbracelet/colorprofile"
)

// What is on the screen is what the engine says for the same baseline.
func TestCompareShowsTheEnginesFigures(t *testing.T) {
	modeltest.OneGoroutine(t)
	e := newShop(t, 60, 3*time.Minute)
	s := start(e, 200, 60)
	s.clock = e.now
	s.keys("-", "-", "-", "-", "7") // everything: the second half against the first
	c := s.app.screen().(*Compare)
	at := s.app.moment()
	x := newComparing(at)
	q, err := x.ask(c.chosen())
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Compare(context.Background(), q)
	if err != nil || len(want.Tree) == 0 {
		t.Fatalf("%+v, %v", want, err)
	}
	s.mustShow(t, x.words(c.chosen()), string(num.Count(nil, want.Before))+" → "+string(num.Count(nil, want.After))+" traces",
		string(num.Count(nil, uint64(want.Comparisons)))+" comparisons")
	lines := splitLines(s.screen())
	for i := range min(len(want.Changes), 20) {
		r := newChangeRow(&want.Changes[i], false)
		line := lines[topRows+2+i]
		figure, _ := r.changeOf(nil)
		u := r.Kind.Unit()
		for _, part := range []string{string(r.verb), strings.Replace(string(figure), "x", "×", 1), string(appendFigure(nil, u, r.Before)), string(appendFigure(nil, u, r.After)),
			string(num.Count(nil, r.TracesBefore)) + ":" + string(num.Count(nil, r.TracesAfter)), string(appendQ(nil, r.Q))} {
			if !strings.Contains(line, part) {
				t.Errorf("change %d lacks %q: %s", i, part, line)
			}
		}
	}
	nodes := 0
	for i := range c.nodes {
		n := &c.nodes[i]
		for k := range want.Tree {
			if want.Tree[k].At == n.At && want.Tree[k] == *n.Node {
				nodes++
			}
		}
	}
	if nodes != len(c.nodes) || nodes == 0 {
		t.Errorf("%d of %d call paths are the engine's", nodes, len(c.nodes))
	}
}

func TestWhatThereIsToCompareWith(t *testing.T) {
	const minute = int64(time.Minute)
	now := epoch.UnixNano()
	releases := []aggregate.Release{
		{Service: "a", Version: "3", First: 300}, {Service: "a", Version: "2", First: 200}, {Service: "a", Version: "1", First: 100},
		{Service: "b", Version: "9", First: 400}, {Service: "b", Version: "8", First: 50},
	}
	saved := []SavedBaseline{{"one.jsonl", &compare.Profile{}}, {"two.jsonl", &compare.Profile{}}}
	moment := func(sc Scope, oldest int64) comparing {
		return comparing{scope: sc, query: sc.Query(now), newest: now, oldest: oldest}
	}
	changed := func(x comparing, live bool, from, to int64) comparing {
		x.live, x.onset = live, aggregate.Window{From: from, To: to}
		return x
	}
	marker := Scope{Baseline: aggregate.Window{To: now - minute}, Window: aggregate.Window{From: now - minute}}
	for _, c := range []struct {
		name     string
		x        comparing
		releases []aggregate.Release
		want     []string
	}{
		{"nothing", moment(Scope{}, 0), nil, nil},
		{"one window of all that there is", moment(Scope{Last: time.Minute}, now-minute), nil, []string{"second half (from 12:29:30) against the first"}},
		{"a window longer than all that there is", moment(Scope{Last: 5 * time.Minute}, now-20*int64(time.Second)), nil, []string{"second half (from 12:29:50) against the first"}},
		{"a fixed window from the start", moment(Scope{Window: aggregate.Window{From: now - 9*minute, To: now - minute}}, now-5*minute), nil, []string{"second half (from 12:27:00) against the first"}},
		{"a window and more before", moment(Scope{Last: time.Minute}, now-2*minute), nil, []string{"the last 1m against the 1m before"}},
		{"a window and a little before", moment(Scope{Last: 2 * time.Minute}, now-2*minute-50*int64(time.Second)), nil, []string{"second half (from 12:29:00) against the first", "the last 2m against the 2m before"}},
		{"everything", moment(Scope{}, now-2*minute), nil, []string{"second half (from 12:29:00) against the first"}},
		{"a fixed window", moment(Scope{Window: aggregate.Window{From: now - 2*minute, To: now - minute}}, now-9*minute), nil, []string{"12:28:00–12:29:00 against 12:27:00–12:28:00"}},
		{"a marker", moment(marker, now-9*minute), releases, []string{"since the marker at 12:29:00 against before it"}},
		{"releases", moment(Scope{Last: time.Minute}, now-9*minute), releases, []string{"b 9 against 8", "the last 1m against the 1m before"}},
		{"releases of a service", moment(Scope{Focus: aggregate.Focus{Service: "a"}}, 0), releases, []string{"a 3 against 2"}},
		{"releases of a server", moment(Scope{Focus: aggregate.Focus{Client: "x", Server: "a"}}, 0), releases, []string{"a 3 against 2"}},
		{"a service of one release", moment(Scope{Focus: aggregate.Focus{Service: "c"}}, 0), releases, nil},
		{"a change in a file", changed(moment(Scope{}, now-9*minute), false, now-3*minute, 0), nil, []string{"since the change at 12:27:00 against the 5m before it", "second half (from 12:25:30) against the first"}},
		{"a change soon after the data begins", changed(moment(Scope{}, now-4*minute), false, now-3*minute, now-minute), nil, []string{"the change 12:27:00–12:29:00 against the 1m before it", "second half (from 12:28:00) against the first"}},
		{"a change now", changed(moment(Scope{Last: 5 * time.Minute}, now-20*minute), true, now-minute, 0), nil, []string{"the last 5m against the 5m before", "since the change at 12:29:00 against the 5m before it"}},
		{"saved", comparing{saved: saved}, nil, []string{"now against two.jsonl", "now against one.jsonl"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, b := range c.x.choices(c.releases) {
				got = append(got, c.x.words(b))
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The key o goes through what there is to compare with, and the engine is asked what the title says.
func TestOtherBaselines(t *testing.T) {
	e := newFake()
	e.releases = []aggregate.Release{{Service: "payments", Version: "2.1.0", First: 20}, {Service: "payments", Version: `2.0 "x"`, First: 10}}
	s := start(e, 120, 40)
	s.keys("+", "7")
	s.mustShow(t, `payments 2.1.0 against 2.0 "x"`, "1/2 (o)")
	q, _ := lastAsked[aggregate.CompareQuery](e)
	if q.Filter == nil || q.Filter.String() != `{ service = "payments" && resource.service.version = "2.1.0" }` ||
		q.Against == nil || q.Against.String() != `{ service = "payments" && resource.service.version = "2.0 \"x\"" }` {
		t.Errorf("asked %v against %v", q.Filter, q.Against)
	}
	s.keys("o")
	s.mustShow(t, "the last 1m against the 1m before", "2/2 (o)")
	q, _ = lastAsked[aggregate.CompareQuery](e)
	if q.Against != nil || q.Baseline.To != q.Window.From || q.Baseline.To-q.Baseline.From != int64(time.Minute) {
		t.Errorf("asked %+v against %+v", q.Window, q.Baseline)
	}
	s.keys("o")
	s.mustShow(t, "payments 2.1.0 against")
	s.keys("b")
	s.mustShow(t, "since the marker at")
	if q, _ = lastAsked[aggregate.CompareQuery](e); q.Baseline == (aggregate.Window{}) || q.Against != nil || q.Saved != nil {
		t.Errorf("with a marker asked %+v", q)
	}
	s.keys("o")
	s.mustShow(t, "nothing else to compare with")
	s.keys("K")
	s.mustShow(t, "now against what was kept at")
	if q, _ = lastAsked[aggregate.CompareQuery](e); q.Saved == nil {
		t.Errorf("what was kept is not compared with: %+v", q)
	}
	for range 9 {
		s.keys("K")
	}
	if n := len(s.app.screen().(*Compare).saved); n != savedMost {
		t.Errorf("%d baselines are kept, want %d", n, savedMost)
	}
	s.keys("X")
	s.mustShow(t, "saved baseline are not retained")
	s.keys("b")
	s.mustShow(t, "now against what was kept at")
	s.keys("b") // a marker that is set now is what is meant
	s.mustShow(t, "since the marker at")
}

// What was found to have changed in a file is what its requests are compared about.
func TestCompareAroundTheChange(t *testing.T) {
	e := newFake()
	e.status.Live = false
	onset := e.status.Newest - int64(3*time.Minute) // that of fakeFindings
	s := start(e, 120, 40)
	s.keys("7")
	s.mustShow(t, "since the change at 12:27:00 against the 2m before it", "1/2 (o)")
	q, _ := lastAsked[aggregate.CompareQuery](e)
	want := aggregate.Window{From: e.status.Oldest, To: onset} // less than beforeOnset
	if q.Window != (aggregate.Window{From: onset}) || q.Baseline != want {
		t.Errorf("asked %v against %v", q.Window, q.Baseline)
	}
	s.keys("p")
	scopes := map[aggregate.Window]bool{}
	for _, q := range e.asked {
		if q, ok := q.(aggregate.TracesQuery); ok {
			scopes[q.Window] = true
		}
	}
	if !scopes[want] || !scopes[aggregate.Window{From: onset}] {
		t.Errorf("a pair is taken from %v", scopes)
	}
	s.keys("p", "o")
	s.mustShow(t, "second half")
}

func TestCompareSaysWhyItIsEmpty(t *testing.T) {
	e := newFake()
	e.status.Oldest = e.status.Newest
	s := start(e, 80, 24)
	s.keys("7")
	s.mustShow(t, "There is nothing to compare with yet", "b  sets a marker", "K  keeps")
	e.unremarkable = true
	s.keys("K")
	s.mustShow(t, "1150 → 1203 traces", "nothing changed: 812 comparisons", "frontend GET /checkout")
	c := s.app.screen().(*Compare)
	for _, x := range []struct {
		kind   baselineKind
		result aggregate.Comparison
		want   string
	}{
		{fromSaved, aggregate.Comparison{Before: 3}, "on the side of now"},
		{fromSaved, aggregate.Comparison{After: 3}, "retained from before"},
		{fromSaved, aggregate.Comparison{}, "no request of this scope on either side"},
		{fromHalf, aggregate.Comparison{Before: 1}, "There is nothing to compare with yet"}, // one trace has no halves
	} {
		c.AsideAnswer(c.asked, compareAnswer{choices: []baseline{{kind: x.kind}}, chosen: 0, result: &x.result})
		s.app.dirty = true
		s.mustShow(t, x.want)
	}
}

func TestChangesDrill(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("+", "7", "enter")
	p := s.app.trail.here()
	if p.lens != LensLatency || p.scope.Focus.Service != "recommendation" || p.scope.Focus.Operation != "rank candidates" || p.scope.Focus.Kind == 0 {
		t.Errorf("enter leads to %v %+v", p.lens, p.scope.Focus)
	}
	s.keys("esc", "x")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(3) {
		t.Errorf("x opens %v %v", p.lens, p.trace)
	}
	s.keys("esc", "X")
	if p := s.app.trail.here(); p.trace != fakeTrace(4) {
		t.Errorf("X opens %v", p.trace)
	}
	s.keys("esc", "G", "up", "enter")
	s.mustShow(t, "there is nothing of it now")
	s.keys("up", "T")
	if p := s.app.trail.here(); p.lens != LensTraces || p.scope.Focus != (aggregate.Focus{Client: "payments", Server: "fraud"}) {
		t.Errorf("T on an edge leads to %v %+v", p.lens, p.scope.Focus)
	}
	s.keys("esc", "y")
	s.mustShow(t, "copied what changed")
	s.mustShow(t, "1 unsure, at the end")
}

// The tree follows the selected change, and has the keys after tab.
func TestCallPaths(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("+", "7", "down")
	c := s.app.screen().(*Compare)
	if at, _ := c.tree.selected(); at != 4 {
		t.Errorf("the tree is at %d", at)
	}
	s.mustShow(t, "6 of 43 that changed")
	s.mustNotShow(t, "catalog list")
	s.keys("a")
	s.mustShow(t, "catalog list")
	s.keys("tab", "G", "enter")
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Service != "catalog" {
		t.Errorf("enter on a call path leads to %v %+v", p.lens, p.scope.Focus)
	}
	s.keys("esc", "esc")
	if c.lay.inTree {
		t.Error("esc does not leave the tree")
	}
	x, y, _ := s.find("fraud check ")
	s.doubleClick(x, y)
	if p := s.app.trail.here(); p.scope.Focus.Service != "fraud" {
		t.Errorf("a double click leads to %+v", p.scope.Focus)
	}
}

// Where nothing is sure to have changed the tree has every call path, and says so.
func TestTreeOfNoChange(t *testing.T) {
	whole := fakeComparison()
	x := &aggregate.Comparison{Unsure: whole.Unsure, Tree: whole.Tree[:3], TreeOf: 3}
	c := newCompare(nil)
	c.answer, c.rows = &compareAnswer{result: x}, newChangeRows(x)
	if c.fillTree(); !c.even || len(c.nodes) != len(x.Tree) {
		t.Errorf("even %v, %d of %d call paths", c.even, len(c.nodes), len(x.Tree))
	}
	x.Changes = whole.Changes
	c.rows = newChangeRows(x)
	if c.fillTree(); c.even {
		t.Error("no call path has changed")
	}
}

// The cursor of the tree goes to the place where a change makes the largest difference; a path that goes against its
// operation has no colour.
func TestTreeFollowsWhatMatters(t *testing.T) {
	op := compare.Operation{Service: "cart", Name: "GetCart"}
	node := func(at uint64, traces uint64, before, after float64) compare.Node {
		return compare.Node{Operation: op, At: at, TracesBefore: traces, TracesAfter: traces, CriticalBefore: before, CriticalAfter: after}
	}
	x := &aggregate.Comparison{
		Changes: []compare.Change{{Kind: compare.LatencyShift, Operation: op, Before: 1.4e6, After: 1.2e6, Origin: true}},
		Tree:    []compare.Node{node(1, 20, 43e3, 45e3), node(2, 600, 1.2e6, 1e6), node(3, 70, 1.2e6, 1.1e6)},
	}
	c := newCompare(nil)
	c.answer, c.rows = &compareAnswer{result: x}, newChangeRows(x)
	c.table.setRows([]changeID{idOfChange(&x.Changes[0])})
	if c.fillTree(); c.tree.at != 1 {
		t.Errorf("row %d, want 1", c.tree.at)
	}
	f := mapFrame(plainTheme(), 80, 24)
	f.Theme = watch(newFake(), "7", 80, 24, colorprofile.TrueColor).app.theme
	for i, want := range []themes.Style{f.Theme.Dim, f.Theme.Down, f.Theme.Down} {
		if n := &c.nodes[i]; n.timeStyle(n.CriticalBefore, n.CriticalAfter, f) != want {
			t.Errorf("row %d has the wrong colour", i)
		}
	}
}

// While answers come with a change more or less, the parts of the screen stay where they are; another baseline, or
// another size, divides it anew.
func TestCompareStaysDivided(t *testing.T) {
	whole := newChangeRows(fakeComparison())
	for _, body := range []rect{{0, 1, 80, 19}, {0, 1, 120, 35}, {0, 1, 160, 19}} {
		c := newCompare(nil)
		divide := func(changes int) panes {
			c.rows = nil
			for i := range changes {
				c.rows = append(c.rows, whole[i%8])
			}
			c.divide(body)
			return c.lay
		}
		few, many := divide(1), divide(20)
		if few == many {
			t.Errorf("%v: one change takes as much room as 20", body)
		}
		if less := divide(2); less != many {
			t.Errorf("%v: two changes %+v, after 20 %+v", body, less, many)
		}
		c.asked.wanted = baseline{kind: fromMarker}
		if other := divide(1); other != few {
			t.Errorf("%v: another baseline %+v, want %+v", body, other, few)
		}
	}
}

// A change by a few percent is not said to be a factor of one.
func TestFactorsNearOne(t *testing.T) {
	for ratio, want := range map[float64]string{1.04: "x1.04", 0.9967: "x1.00", 1.094: "x1.09", 1.1: "x1.1", 0.94: "x0.94", 2.5: "x2.5"} {
		r := changeRow{Change: &compare.Change{Kind: compare.LatencyShift, Before: 1e6, After: ratio * 1e6, Ratio: ratio}}
		if got, size := r.changeOf(nil); string(got) != want || size <= 0 || size > 1 {
			t.Errorf("%v: %s, %v", ratio, got, size)
		}
	}
}

// What the selected change is, how sure it is, and how many there are is told in whole sentences on a small screen as
// well; only the way to where it is may be cut.
func TestCompareSentencesAreNotCut(t *testing.T) {
	for _, h := range []int{24, 40} {
		s := start(newFake(), 80, h)
		s.keys("+", "7")
		x := s.app.screens[LensCompare].(*Compare)
		for range x.rows {
			r, _ := x.selected()
			want := append(strings.Fields(r.why.String()), strings.Fields("at least, q "+string(appendQ(nil, r.Q)))...)
			if text := strings.Join(strings.Fields(s.screen()), " "); !strings.Contains(text, strings.Join(want[:len(want)-4], " ")) ||
				!strings.Contains(text, strings.Join(want[len(want)-4:], " ")) {
				t.Errorf("80x%d: %q or its certainty is cut:\n%s", h, r.why, s.screen())
			}
			s.keys("down")
		}
		s.mustShow(t, "unsure, at the end")
	}
}
