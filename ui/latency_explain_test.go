package ui

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/explain"
	"oteltop/aggregate/filter"
	"oteltop/model/modeltest"
	"oteltop/ui/num"

	tea "charm.land/bubbletea/v2"
)

// explainedShop is a shop with its slowest requests selected and explained.
func explainedShop(t *testing.T, w, h int) (*shop, *session, *Latency) {
	t.Helper()
	e := stillShop(t)
	s := start(e, w, h)
	s.clock = e.now
	s.keys("3", "V")
	l := s.app.screen().(*Latency)
	if x := l.special.current(); x == nil || len(x.Rows) == 0 {
		t.Fatalf("nothing is special about the slowest requests of the shop: %+v", x)
	}
	return e, s, l
}

// What is on the screen is what the engine says for the same selection.
func TestExplanationShowsTheEnginesFigures(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e, s, l := explainedShop(t, 200, 60)
	at := s.app.moment()
	x, err := e.Explain(context.Background(), aggregate.ExplainQuery{Query: at.Query(), Selection: l.selection(), Limit: explainLimit})
	if err != nil {
		t.Fatal(err)
	}
	lines := splitLines(s.screen())
	first := -1
	for y, line := range lines {
		if strings.Contains(line, "they have") {
			first = y + 1
		}
	}
	shown := min(len(x.Rows), 8)
	for i := range shown {
		row := newExplainRow(&x.Rows[i], at.Scope.Focus)
		for side := range 2 {
			if b, _ := row.figure(nil, side); !strings.Contains(lines[first+i], string(b)) {
				t.Errorf("row %d lacks %s: %s", i, b, lines[first+i])
			}
		}
		for _, figure := range []string{string(num.Share(nil, row.Lower)), string(appendQ(nil, row.Q)), string(num.Count(nil, row.Selected)) + ":" + string(num.Count(nil, row.Baseline))} {
			if !strings.Contains(lines[first+i], figure) {
				t.Errorf("row %d lacks %s: %s", i, figure, lines[first+i])
			}
		}
	}
	s.mustShow(t, "special about them: "+string(num.Count(nil, uint64(x.Selected)))+" against "+string(num.Count(nil, uint64(x.Baseline)))+" others, "+
		string(num.Count(nil, uint64(x.Comparisons)))+" comparisons")
}

// The same question gets the same answer when it is computed again.
func TestExplanationsAreRepeatable(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e, s, l := explainedShop(t, 200, 60)
	at := s.app.moment()
	var first *aggregate.Explanation
	for again := range 3 {
		q := aggregate.ExplainQuery{Query: at.Query(), Selection: l.selection(), Limit: explainLimit + 1 + again} // another question to the cache
		x, err := e.Explain(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = x
		}
		n := min(len(x.Rows), len(first.Rows))
		if x.Comparisons != first.Comparisons || x.Passed != first.Passed || n == 0 || !reflect.DeepEqual(x.Rows[:n], first.Rows[:n]) {
			t.Errorf("asked again: %d comparisons, %d passed; first %d and %d", x.Comparisons, x.Passed, first.Comparisons, first.Passed)
		}
	}
}

// The filter of a row selects as many of the selected traces as the row says have it, and its opposite the rest.
func TestExplanationFiltersSelectWhatRowsCount(t *testing.T) {
	t.Parallel()
	e, s, l := explainedShop(t, 120, 40)
	at := s.app.moment()
	kinds := map[string]int{}
	for _, r := range l.special.rows {
		want, of := r.Selected, r.SelectedTotal
		if r.narrow == "" || r.Numeric || r.Error > 0 || of != uint64(l.special.answer.SelectedOf) {
			continue
		}
		kinds[string(r.Scope)+" "+map[bool]string{true: "path"}[r.Key == explain.KeyPath]]++
		for expr, n := range map[string]uint64{r.narrow: want, r.exclude: of - want} {
			f, err := filter.Parse(expr)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			q := aggregate.TracesQuery{Query: at.Query(), Selection: l.selection(), Limit: 1}
			q.Filter = f
			got, err := e.Traces(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			if got.Matched != n {
				t.Errorf("%s: %s matches %d of the selected traces, the row says %d of %d", r.what, expr, got.Matched, n, of)
			}
		}
	}
	if len(kinds) < 2 {
		t.Errorf("only rows of %v were tried", kinds)
	}
}

// Conditions of every kind of row can be parsed, whatever is in names and values.
func TestExplanationFiltersCanBeParsed(t *testing.T) {
	rows := fakeExplanation().Rows
	for i := range rows {
		rows = append(rows, rows[i])
		r := &rows[len(rows)-1]
		r.Service, r.Operation = `a "b" \ {c}`, hostileName
		if r.Key != explain.KeyPath && r.Key != explain.KeyCritical {
			r.Key, r.Value = `odd key = {x}`, `"quoted" && \d+ `+hostileName
		}
	}
	rows = append(rows, explain.Row{Scope: explain.ScopeSpan, Key: "db.statement", IsCut: true, Beginning: "SELECT * FROM (x\xff"},
		explain.Row{Scope: explain.ScopeSpan, Key: "db.statement", IsCut: true})
	for _, focus := range []aggregate.Focus{{}, {Service: "cart"}, {Service: "cart", Operation: `GET "/"`}, {Client: "a", Server: "b"}} {
		for i := range rows {
			r := newExplainRow(&rows[i], focus)
			if said := r.narrow != ""; said != (!rows[i].IsCut || rows[i].Beginning != "") {
				t.Errorf("%+v: filter %q", rows[i], r.narrow)
			}
			for _, text := range []string{r.narrow, r.exclude} {
				if _, err := filter.Parse(text); text != "" && err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
		}
	}
}

func TestExplanationNarrowsAndWidens(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("3", "V", "tab", "enter")
	want := `{ service = "payments" && resource.service.version = "2.1.0" }`
	p := s.app.trail.here()
	if p.lens != LensLatency || p.scope.Filter == nil || p.scope.Filter.String() != want {
		t.Fatalf("enter leads to %v with the filter %v", p.lens, p.scope.Filter)
	}
	s.keys("down", "x")
	want = "(" + want + `) && !({ service = "frontend" && name = "GET /checkout" && parentId = nil } > { service = "checkout" && name = "place order" } > { service = "payments" && name = "charge" })`
	if f := s.app.trail.here().scope.Filter; f.String() != want {
		t.Errorf("x filters by\n%s, want\n%s", f, want)
	}
	s.keys("esc", "esc")
	l := s.app.screen().(*Latency)
	if p := s.app.trail.here(); p.scope.Filter != nil || !l.ranged || l.part != onExplanation {
		t.Errorf("esc twice leads to %+v, selected %v, part %v", p.scope, l.ranged, l.part)
	}
	s.keys("o")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(7) {
		t.Errorf("o opens %v %v", p.lens, p.trace)
	}
	s.keys("esc", "G", "up", "enter")
	if p := s.app.trail.here(); p.scope.Filter == nil || !strings.Contains(p.scope.Filter.String(), `name = "charge"`) {
		t.Errorf("enter on a share of the critical path filters by %v", p.scope.Filter)
	}
	s.keys("G", "up", "x")
	s.mustShow(t, "no filter can say this")
}

func TestExplanationSaysWhyItIsEmpty(t *testing.T) {
	e := newFake()
	e.unremarkable = true
	s := start(e, 80, 24)
	s.keys("3", "V")
	s.mustShow(t, "nothing is special: 312 of 40.9k traces, 6700 comparisons")
	l := s.app.screen().(*Latency)
	for _, c := range []struct {
		answer aggregate.Explanation
		want   string
	}{
		{aggregate.Explanation{BaselineOf: 3}, "none of the selected is retained as a whole trace"},
		{aggregate.Explanation{Selected: 3, SelectedOf: 3}, "no others to compare with"},
	} {
		l.special.take(l.special.asked, &c.answer)
		s.app.dirty = true
		s.mustShow(t, c.want)
	}
}

// slowExplainer takes until it is cancelled.
type slowExplainer struct {
	*fakeEngine
	cancelled chan struct{}
}

func (e slowExplainer) Explain(ctx context.Context, _ aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	<-ctx.Done()
	close(e.cancelled)
	return nil, ctx.Err()
}

// The heatmap does not wait for the explanation; a long one is said to take its time, and another selection
// cancels it.
func TestExplanationIsAskedAside(t *testing.T) {
	e := slowExplainer{newFake(), make(chan struct{})}
	s := start(e, 120, 40)
	s.keys("3")
	_, cmd := s.app.Update(keyPress("V"))
	batch, ok := cmd().(tea.BatchMsg)
	if !ok || len(batch) != 2 {
		t.Fatalf("V asks %T", cmd())
	}
	aside := make(chan tea.Msg, 1)
	go func() { aside <- batch[0]() }()
	s.send(batch[1]())
	s.mustShow(t, "selected 90.5ms", "retained traces of the selection", "comparing them with the other requests")
	s.clock = s.clock.Add(700 * time.Millisecond)
	s.app.dirty = true
	s.mustShow(t, "comparing for 700ms")
	s.hold("down")
	select {
	case <-e.cancelled:
	case <-time.After(10 * time.Second):
		t.Fatal("another selection did not cancel the question")
	}
	s.send(<-aside)
	if l := s.app.screen().(*Latency); l.special.answer != nil || s.app.aside.problem != "" {
		t.Errorf("a cancelled question was answered: %+v %q", l.special.answer, s.app.aside.problem)
	}
}

// While nothing changes, what takes long is not asked at every tick.
func TestAsidesRest(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("3", "V")
	asked := func() (n int) {
		for _, q := range e.asked {
			if _, ok := q.(aggregate.ExplainQuery); ok {
				n++
			}
		}
		return n
	}
	was := asked()
	for range 8 {
		s.clock = s.clock.Add(DefaultRefresh)
		s.tick()
	}
	if n := asked() - was; n != 1 {
		t.Errorf("asked %d times in two seconds", n)
	}
	s.keys("1", "3")
	if n := asked() - was; n != 2 {
		t.Errorf("asked %d times after another lens", n)
	}
	s.clock = s.clock.Add(quietAfter + asideQuiet)
	s.tick() // nothing has come for so long: asked once more, and then rarely
	was = asked()
	for range int(asideQuiet/time.Second) - 1 {
		s.clock = s.clock.Add(time.Second)
		s.tick()
	}
	if n := asked() - was; n != 0 {
		t.Errorf("asked %d times although nothing came", n)
	}
	e.status.Received++
	s.tick() // notices it
	s.tick()
	if n := asked() - was; n != 1 {
		t.Errorf("asked %d times after something came", n)
	}
}

// Every part can be reached with tab, and at 80x24 the one with the keys has the room.
func TestLatencyParts(t *testing.T) {
	s := start(newFake(), 80, 24)
	s.keys("3", "V")
	s.mustShow(t, "1.45s", "special about them", "payments")
	s.keys("tab")
	s.mustShow(t, "selected 90.5ms–4.10s", "special about them", "retained traces of the selection")
	s.mustNotShow(t, "1.45s ┤")
	s.keys("tab", "enter")
	if p := s.app.trail.here(); p.lens != LensWaterfall {
		t.Errorf("enter in the list leads to %v", p.lens)
	}
	s.keys("esc", "tab")
	s.mustShow(t, "1.45s ┤")
	s.keys("esc", "esc", "tab")
	if l := s.app.screen().(*Latency); l.focus(s.app.moment().Scope) != onList {
		t.Errorf("without a selection tab leads to %v", l.part)
	}
}

func TestMouseInTheExplanation(t *testing.T) {
	s := start(newFake(), 200, 60)
	s.keys("3", "V")
	x, y, ok := s.find("call payments charge")
	if !ok {
		t.Fatal("no row to click")
	}
	s.doubleClick(x, y)
	if f := s.app.trail.here().scope.Filter; f == nil || !strings.Contains(f.String(), "} > {") {
		t.Errorf("a double click filters by %v", f)
	}
}

func TestQuestionsAboutTheSlowest(t *testing.T) {
	s := start(newFake(), 120, 40)
	ask := func(text string) {
		s.keys(":")
		s.text(text)
		s.keys("enter")
		s.tick()
	}
	ask("why is p99 slow")
	s.mustShow(t, "3 Latency", "special about them: 312", "service.version = 2.1.0")
	s.keys("8")
	ask("special about these")
	if l := s.app.screen().(*Latency); l.part != onExplanation || !l.ranged {
		t.Errorf("what is special: part %v, selected %v", l.part, l.ranged)
	}
	s.keys("5", "e")
	ask("special about these")
	if q, _ := lastAsked[aggregate.ExplainQuery](s.app.o.Engine.(*fakeEngine)); q.Selection == nil || !q.Selection.ErrorsOnly {
		t.Errorf("of the failed traces it is asked about %+v", q.Selection)
	}
	ask("what changed? now")
	if p := s.app.trail.here(); p.lens != LensCompare {
		t.Errorf("what changed leads to %v", p.lens)
	}
}

// unwell fails at what takes long once it is told to.
type unwell struct {
	*fakeEngine
	ill *bool
}

func (e unwell) Explain(ctx context.Context, q aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	if *e.ill {
		return nil, errors.New("scan: " + hostileName)
	}
	return e.fakeEngine.Explain(ctx, q)
}

func (e unwell) Compare(ctx context.Context, q aggregate.CompareQuery) (*aggregate.Comparison, error) {
	if *e.ill {
		return nil, errors.New("link: " + hostileName)
	}
	return e.fakeEngine.Compare(ctx, q)
}

// Why an aside failed is said, with the last answer and without one.
func TestFailedAsidesSayWhy(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{{[]string{"3", "V"}, "scan: "}, {[]string{"+", "7"}, "link: "}} {
		for _, answered := range []bool{false, true} {
			ill := !answered
			s := start(unwell{newFake(), &ill}, 120, 40)
			s.keys(c.keys...)
			s.mustShow(t, map[bool]string{true: "comparisons", false: c.want}[answered])
			ill = true
			s.clock = s.clock.Add(time.Minute)
			s.tick()
			s.mustShow(t, c.want)
		}
	}
}

// What none of the selected has cannot be narrowed to: nothing of them would be left.
func TestOnlyTheseOfNone(t *testing.T) {
	x := newExplained(" special about them")
	row := explain.Row{Scope: explain.ScopeTrace, Service: "cart", Key: "tenant", Value: "a", SelectedTotal: 17, Baseline: 4, BaselineTotal: 9}
	for _, c := range []struct {
		selected uint64
		narrows  bool
	}{{0, false}, {3, true}} {
		row.Selected = c.selected
		x.take(x.asked, &aggregate.Explanation{Rows: []explain.Row{row}})
		act := x.key(keyPress("enter"))
		if _, narrows := act.(Narrow); narrows != c.narrows {
			t.Errorf("of %d selected: %#v", c.selected, act)
		}
		if _, excludes := x.key(keyPress("x")).(Narrow); !excludes {
			t.Errorf("of %d selected x leaves nothing out", c.selected)
		}
	}
}
