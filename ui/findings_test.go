package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/model"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/colorprofile"
)

// Enter on a finding shows where it is seen: each class has its place.
func TestFindingsDrill(t *testing.T) {
	payments := aggregate.Focus{Service: "payments", Operation: "GET /payments/{id}", Kind: model.KindServer}
	for _, c := range []struct {
		kind canvas.Literal
		keys []string
		lens Lens
		ok   func(p place) bool
	}{
		{"change", []string{"enter"}, LensLatency, func(p place) bool {
			return p.scope.Focus == payments && p.scope.Selection.Window.From == epoch.UnixNano()-3*60e9
		}},
		{"change", []string{"T"}, LensTraces, func(p place) bool { return p.scope.Focus == payments && p.scope.Window.From == epoch.UnixNano()-3*60e9 }},
		{"change", []string{"o"}, LensWaterfall, func(p place) bool { return p.trace == model.TraceID{Hi: 0x4bf92f3500000000, Lo: 1} && p.span == 3 }},
		{"change", []string{"f"}, LensMap, func(p place) bool { return p.scope.Focus == payments }},
		{"error origin", []string{"enter"}, LensTraces, func(p place) bool { return p.scope.Focus.Service == "cart" && p.scope.Selection.ErrorsOnly }},
		{"N+1 calls", []string{"enter"}, LensTraces, func(p place) bool {
			return p.scope.Filter.String() == `service = "catalog" && name = "SELECT item"`
		}},
		{"lost context", []string{"enter"}, LensTraces, func(p place) bool { return p.scope.Focus == aggregate.Focus{Client: "frontend", Server: "shipping"} }},
	} {
		s := watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
		list := s.app.screens[LensFindings].(*Findings)
		for kindWords[list.selected().Kind] != c.kind {
			s.keys("down")
		}
		s.keys(c.keys...)
		if p := s.app.trail.here(); p.lens != c.lens || !c.ok(p) {
			t.Errorf("%s, %v: %v with %+v", c.kind, c.keys, p.lens, p.scope)
		}
	}
}

// The list keeps to the scope's focus, says its order, and what is copied can be read without the program.
func TestFindingsList(t *testing.T) {
	s := watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
	s.mustShow(t, "4 findings, the most important first", "730 of 912 requests (80%)", "cost 4m38s together", "<.001", "or cart, 7.0% of the change")
	s.keys("s")
	s.mustShow(t, "the latest first")
	s.keys("s")
	s.mustShow(t, "the costliest first")
	if copied := s.app.screens[LensFindings].(*Findings).selected().evidence(); !strings.Contains(copied, "trace 4bf92f3500000000") || !strings.Contains(copied, "730 of 912") {
		t.Errorf("copied %q", copied)
	}
	s = watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	s.run(s.app.act(Drill{LensFindings, Scope{Focus: aggregate.Focus{Service: "cart"}}}))
	s.mustShow(t, "1 finding,", "errors of checkout begin in cart")
}

// The map marks where something was found, lists it under the map, for a node what concerns it, and Enter
// goes to where it is seen.
func TestFindingsUnderTheMap(t *testing.T) {
	s := watch(newFake(), "1", 120, 40, colorprofile.TrueColor)
	s.mustShow(t, "Δ payments: GET /payments/{id} in payments works 412ms", "errors of checkout begin in cart", "Δ changed", "errors 5%+")
	s.keys("tab", "enter")
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Service != "payments" {
		t.Errorf("%v with %+v", p.lens, p.scope)
	}
	s.keys("esc", "down", "T")
	if p := s.app.trail.here(); p.lens != LensTraces || p.scope.Focus.Service != "cart" {
		t.Errorf("%v with %+v", p.lens, p.scope)
	}
	s = watch(newFake(), "1", 120, 40, colorprofile.TrueColor)
	m := s.app.screens[LensMap].(*Map)
	m.pick(mapPick{node: "catalog"})
	s.keys("tab")
	s.mustShow(t, "catalog GET /catalog/{id} runs SELECT item 48 times")
	s.mustNotShow(t, "412ms per call")
	if r := m.currentFinding(); r == nil || r.Kind != findings.NPlusOne {
		t.Errorf("the cursor is on %+v", m.story.row)
	}
}

// Names of gRPC methods lose their packages where room is short; hosts, paths and files keep their names.
func TestShortMethods(t *testing.T) {
	for long, want := range map[string]string{
		"web waits for shop.v1.CartService/GetCart of cart":               "web waits for CartService/GetCart of cart",
		"shop.Frontend/Recv. calls /shop.Cart/Get 48 times":               "Frontend/Recv. calls Cart/Get 48 times",
		"GET /cart/{id} in web":                                           "GET /cart/{id} in web",
		"GET api.example/Items and a.B/ and .X/y and Shop.Cart/Get 1.5/s": "GET api.example/Items and a.B/ and X/y and Shop.Cart/Get 1.5/s",
	} {
		if got := shortMethods(long); got != want {
			t.Errorf("%q is shortened to %q, want %q", long, got, want)
		}
	}
}

// On a small screen titles of few findings have two lines, each with the end of what it says; a click on either
// line selects. With many, each has one.
func TestFindingsHaveTwoLines(t *testing.T) {
	e := newFake()
	s := watch(e, "4", 80, 24, colorprofile.TrueColor)
	list := s.app.screens[LensFindings].(*Findings)
	if text := s.screen(); list.table.tall != 2 {
		t.Fatalf("rows of %d lines:\n%s", list.table.tall, text)
	}
	s.click(30, topRows+1+3) // the second line of the second row
	if list.table.at != 1 {
		t.Errorf("a click on the second line selects row %d", list.table.at)
	}
	many := func(n int64) *aggregate.Findings {
		x := &aggregate.Findings{}
		for i := range n {
			row := fakeFindings().Rows[0]
			row.From = i
			x.Rows = append(x.Rows, row)
		}
		return x
	}
	list.found(nil, many(30))
	s.app.dirty = true
	if s.screen(); list.table.tall != 1 {
		t.Errorf("30 rows of %d lines", list.table.tall)
	}
	s = watch(e, "4", 120, 40, colorprofile.TrueColor) // a usual screen with the findings of a usual incident
	list = s.app.screens[LensFindings].(*Findings)
	list.found(nil, many(11))
	s.app.dirty = true
	if s.screen(); list.table.tall != 2 {
		t.Errorf("11 rows of %d lines on 120x40", list.table.tall)
	}
}

// Where there is room each figure of the evidence has its line, and each trace a row with when, how long, how unusual.
func TestFindingsEvidenceUsesTheRoom(t *testing.T) {
	small, large := watch(newFake(), "4", 80, 16, colorprofile.TrueColor), watch(newFake(), "4", 200, 60, colorprofile.TrueColor)
	small.mustShow(t, "seen in 4bf92f35", "requests before 4560")
	small.mustNotShow(t, "started")
	large.mustShow(t, "seen in 2 requests", "started", "frontend POST /checkout", "824ms", "p98", "4bf92f35")
	large.mustNotShow(t, "seen in 4bf92f35")
}

// Tab goes to the traces that show a finding, Enter opens the one under the cursor, Esc goes back to the list.
func TestFindingsExamples(t *testing.T) {
	s := watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
	list := s.app.screens[LensFindings].(*Findings)
	first := list.selected().Traces
	s.keys("tab")
	if s.screen(); !list.table.away || list.examples.list.table.away {
		t.Error("the cursor of the list is as loud as that of the examples")
	}
	s.keys("down", "enter")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != first[1] {
		t.Errorf("enter on the second example leads to %v %v", p.lens, p.trace)
	}
	s.keys("esc", "esc", "down")
	if list.part != onFindings || list.table.at != 1 {
		t.Errorf("after esc the keys still go to the examples; the list is on row %d", list.table.at)
	}
	s.mustShow(t, "seen in 1 request:")
	s.keys("up", "tab")
	room := list.examples.room
	s.doubleClick(30, topRows+room.y+3)
	if p := s.app.trail.here(); p.trace != first[1] {
		t.Errorf("a double click on the second example leads to %v %v", p.lens, p.trace)
	}
	// Where there is no room for them nothing takes the keys from the list.
	s = watch(newFake(), "4", 80, 16, colorprofile.TrueColor)
	s.keys("tab", "down")
	if list = s.app.screens[LensFindings].(*Findings); list.part != onFindings || list.table.at != 1 {
		t.Error("keys go to examples that are not shown")
	}
}

// Nothing that stands out does not mean that nothing failed.
func TestFindingsOfNothing(t *testing.T) {
	e := newFake()
	s := watch(e, "4", 120, 40, colorprofile.TrueColor)
	list := s.app.screens[LensFindings].(*Findings)
	none := aggregate.Findings{Provenance: aggregate.Provenance{Traces: 1}}
	list.found(list.asked, &none)
	s.app.dirty = true
	s.mustShow(t, "nothing stands out", "spans failed, too few or too usual to stand out: e lists the traces")
	s.mustNotShow(t, "no failures")
	s.keys("e")
	if p := s.app.trail.here(); p.lens != LensTraces || p.scope.Selection == nil || !p.scope.Selection.ErrorsOnly {
		t.Errorf("e leads to %v with %+v", p.lens, p.scope)
	}
	s.keys("4")
	list.Answer(placesAnswer{operations: &aggregate.Operations{}})
	list.found(list.asked, &none)
	s.app.dirty = true
	s.mustShow(t, "✔ nothing stands out", "in 1 request: no failures, outliers")
}

// Of a change that is over the list says from when to when, without colours too.
func TestFindingsSayWhatIsOver(t *testing.T) {
	s := watch(newFake(), "4", 200, 60, colorprofile.TrueColor)
	list := s.app.screens[LensFindings].(*Findings)
	answer := *list.answer
	answer.Rows = slices.Clone(answer.Rows)
	i := slices.IndexFunc(answer.Rows, func(f findings.Finding) bool { return f.Kind == findings.Onset })
	f := &answer.Rows[i]
	f.To = f.From + int64(90*time.Second)
	f.Ended = f.To
	f.Suspects = slices.Clone(f.Suspects)
	f.Suspects[1].Ended = f.From + int64(40*time.Second)
	list.found(list.given, &answer)
	s.app.dirty = true
	s.mustShow(t, "✔ change, over", "12:27:00-12:28:30", "12:27:00–12:28:30", "; over at 12:27:40")
	if strings.Contains(s.screen(), "Δ") {
		t.Error("marked as if it went on")
	}
	i = slices.IndexFunc(answer.Rows, func(f findings.Finding) bool { return f.Kind == findings.ErrorOrigin })
	f = &answer.Rows[i]
	f.From = epoch.UnixNano() - int64(2*time.Minute)
	f.End(f.From + int64(30*time.Second))
	list.found(list.given, &answer)
	s.app.dirty = true
	s.mustShow(t, "✔ errors, over", "12:28:00-12:28:30")
}

// Of other suspects those are named that could explain a change, not those that just took a small part.
func TestFindingsNameSuspectsThatMatter(t *testing.T) {
	f := fakeFindings().Rows[0]
	named := func(share float64) bool {
		f.Suspects = slices.Clone(f.Suspects)
		f.Suspects[1].Share = share
		return slices.ContainsFunc(newFindingRow(&f).lines, func(l model.Text) bool { return strings.HasPrefix(l.String(), "or cart") })
	}
	if named(.004) || !named(.07) {
		t.Errorf("named with 0.4%%: %v, with 7%%: %v", named(.004), named(.07))
	}
}

// The evidence says how sure it is when something began, where there is any doubt.
func TestFindingsSayHowSureTheBeginIs(t *testing.T) {
	begin := func(earliest, latest time.Duration) string {
		at := func(d time.Duration) float64 { return float64(epoch.Add(d).UnixNano()) }
		r := newFindingRow(&findings.Finding{Kind: findings.Onset, Figures: []findings.Figure{
			{Name: "earliest_unix_nano", Number: at(earliest)}, {Name: "latest_unix_nano", Number: at(latest)}, {Name: "baseline_traces", Number: 4560},
		}})
		return r.lines[1].String()
	}
	if got := begin(-2*time.Second, 3*time.Second); got != "began between 12:29:58 and 12:30:03, requests before 4560" {
		t.Error(got)
	}
	if got := begin(0, 5*time.Millisecond); got != "requests before 4560" {
		t.Error(got)
	}
}

// Where nothing is found or shown in everything that there is, no longer window is offered.
func TestNoLongerWindowThanEverything(t *testing.T) {
	s := watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
	list := s.app.screens[LensFindings].(*Findings)
	none := *list.answer
	none.Rows, none.Found = nil, 0
	for _, last := range []time.Duration{time.Minute, 0} {
		f := s.app.frame
		f.Scope = Scope{Last: last}
		list.found(list.given, &none)
		c := canvas.New(120, 36)
		list.Draw(c.All(), &f)
		offered := strings.Contains(c.Encode(), "takes a longer time window")
		if offered != (last > 0) {
			t.Errorf("window %v: a longer one offered: %v", last, offered)
		}
	}
}

// A window that moves becomes long enough for a change that began before it, and no longer than that takes.
func TestReaching(t *testing.T) {
	now := epoch.UnixNano()
	ago := func(d time.Duration) int64 { return now - int64(d) }
	fixed := aggregate.Window{From: 1, To: 2}
	for _, c := range []struct {
		last time.Duration
		at   int64
		want time.Duration
	}{
		{5 * time.Minute, ago(4 * time.Minute), 5 * time.Minute},
		{5 * time.Minute, ago(6 * time.Minute), 15 * time.Minute},
		{time.Minute, ago(6 * time.Minute), 15 * time.Minute},
		{5 * time.Minute, ago(2 * time.Hour), 0},
		{0, ago(2 * time.Hour), 0},
	} {
		got := Scope{Last: c.last, Window: fixed}.reaching(c.at, now)
		if got.Last != c.want || got.Window != fixed {
			t.Errorf("a window of %v that has to reach %v back became %v", c.last, time.Duration(now-c.at), got.Last)
		}
	}
}

// What comes to the top of the list takes neither the cursor nor what Enter means from who reads another finding, and
// nor does a begin that is dated anew.
func TestFindingsStayUnderTheCursor(t *testing.T) {
	for _, moves := range [][]string{nil, {"down", "up"}} {
		s := watch(newFake(), "4", 120, 40, colorprofile.TrueColor)
		s.keys(moves...)
		list := s.app.screens[LensFindings].(*Findings)
		read := list.selected().Title
		answer := *list.answer
		answer.Rows = slices.Clone(answer.Rows)
		answer.Rows[0].From += 1e9
		worse := findings.Finding{Kind: findings.Onset, Title: "cart: works 2s per call, before 1ms", Service: "cart", From: epoch.UnixNano() - 9e9}
		answer.Rows = slices.Insert(answer.Rows, 0, worse)
		list.found(list.given, &answer)
		s.app.dirty = true
		s.mustShow(t, worse.Title)
		if now := list.selected().Title; now != read {
			t.Errorf("after %v: read %q, under the cursor is %q", moves, read, now)
		}
	}
}

// A finding about what a caller waits shows the calls as the caller sees them, as Enter does: the spans of who is called
// know nothing of it.
func TestFindingsChartTheWaitsOfCallers(t *testing.T) {
	s := start(recordedEngine(t, filepath.Join(injections, "ob-08-22-0552-paymentservice-network_delay.jsonl.gz")), 120, 40)
	s.keys("-", "-", "-", "4")
	s.tick()
	s.mustShow(t, "checkoutservice waits 516ms", "calls checkoutservice → paymentservice", "max 6")
	s.mustNotShow(t, "spans of paymentservice", "max 2.12ms")
	s.keys("enter")
	s.mustShow(t, "calls checkoutservice → paymentservice")
}

// What was compared is the time after a change began: the figures of that are not said to be of all since.
func TestFindingsSayForHowLongTheyLooked(t *testing.T) {
	f := findings.Finding{Kind: findings.Onset, Harmed: 7, Of: 172, Lost: 4e9, From: 60e9, To: 120e9, Figures: []findings.Figure{{Name: "focus_traces", Number: 172}}}
	if line := harmLine(&f); !strings.Contains(line, "7 of 172 requests (4.1%), cost 4.00s together, in 1m00s since ") {
		t.Error(line)
	}
	if texts, _ := figureTexts(&f); len(texts) != 0 {
		t.Errorf("said again: %v", texts)
	}
	f.To, f.Ended = 100e9, 100e9 // the look went on after it was over
	if line := harmLine(&f); strings.Contains(line, " in ") {
		t.Error(line)
	}
}

// A list that was made before the last of the data came is made anew as soon as no more comes, however long it took.
func TestFindingsOfAllThatCame(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("4")
	was := askedCount[aggregate.FindingsQuery](e)
	s.app.aside.took, s.app.aside.next = time.Second, s.clock.Add(9*time.Second)
	s.clock = s.clock.Add(DefaultRefresh)
	e.status.Received++
	s.tick() // notices it
	s.tick()
	if n := askedCount[aggregate.FindingsQuery](e) - was; n != 0 {
		t.Errorf("asked %d times while data come", n)
	}
	s.clock = s.clock.Add(3 * time.Second)
	s.tick()
	if n := askedCount[aggregate.FindingsQuery](e) - was; n != 1 {
		t.Errorf("asked %d times after the last came", n)
	}
}
