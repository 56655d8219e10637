package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model/modeltest"

	"github.com/charmbracelet/x/ansi"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // times of day on screens are the same on every machine
	modeltest.Run(m)
}

func splitLines(s string) []string { return strings.Split(s, "\n") }

// indexColumns is the column at which text stands in line, -1 for nowhere.
func indexColumns(line, text string) int {
	before, _, ok := strings.Cut(line, text)
	if !ok {
		return -1
	}
	return ansi.StringWidth(before)
}

func (s *session) mustShow(t *testing.T, texts ...string) {
	t.Helper()
	got := s.screen()
	for _, x := range texts {
		if !strings.Contains(got, x) {
			t.Errorf("%q is not on the screen:\n%s", x, got)
		}
	}
}

func (s *session) mustNotShow(t *testing.T, texts ...string) {
	t.Helper()
	got := s.screen()
	for _, x := range texts {
		if strings.Contains(got, x) {
			t.Errorf("%q is on the screen:\n%s", x, got)
		}
	}
}

func TestEveryLensAtEverySizeFillsTheScreenExactly(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}, {61, 70}, {240, 15}} {
		s := start(newFake(), size[0], size[1])
		for _, k := range []string{"1", "2", "3", "5", "7", "8", "?", "esc", ":", "esc", "/", "esc"} {
			s.keys(k)
			lines := splitLines(s.screen())
			if len(lines) != size[1] {
				t.Fatalf("%v after %q: %d lines", size, k, len(lines))
			}
			for _, l := range lines {
				if w := ansi.StringWidth(l); w != size[0] {
					t.Fatalf("%v after %q: a line of %d columns: %q", size, k, w, l)
				}
			}
		}
	}
}

func TestTooSmallSaysSo(t *testing.T) {
	s := start(newFake(), 59, 20)
	s.mustShow(t, "needs 60x15", "59x20")
}

func TestStatusLineShowsRatesAndLosses(t *testing.T) {
	e := newFake()
	e.status.Refused = 17
	s := start(e, 200, 40)
	s.mustShow(t, "live", "18.2k/s spans", "912/s traces", "17 refused", "12 services", "903k spans kept", "331k evicted")
}

func TestDrillAndBack(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("2", "down", "enter")
	if q, ok := lastAsked[aggregate.HeatmapQuery](e); !ok || q.Focus.Service == "" || q.Focus.Operation == "" {
		t.Fatalf("enter on an operation asked %+v", q)
	}
	s.mustShow(t, "Latency", "checkout · GET /checkout/{id}")
	s.keys("up", "enter")
	if q, _ := lastAsked[aggregate.TracesQuery](e); q.Selection == nil || q.Selection.MaxDur <= q.Selection.MinDur {
		t.Fatalf("enter on a cell asked %+v", q.Selection)
	}
	s.keys("enter")
	if s.app.trail.here().lens != LensWaterfall {
		t.Fatalf("enter on a trace shows %v", s.app.trail.here().lens)
	}
	if n := len(s.app.trail.steps); n != 4 {
		t.Errorf("the waterfall is screen %d, want 4", n)
	}
	s.keys("esc", "esc", "esc", "esc")
	if p := s.app.trail.here(); p.lens != LensOperations || p.scope.Focus != (aggregate.Focus{}) {
		t.Errorf("after going back: %v %+v", p.lens, p.scope)
	}
	s.keys("[")
	if p := s.app.trail.here(); p.lens != LensLatency {
		t.Errorf("history back shows %v", p.lens)
	}
	s.keys("]")
	if p := s.app.trail.here(); p.lens != LensOperations {
		t.Errorf("history forward shows %v", p.lens)
	}
}

func TestCursorStaysWithItsRowWhenRowsArrive(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("5", "down", "down", "down")
	tr := s.app.screens[LensTraces].(*Traces)
	id, _ := tr.table.selected()
	line := tr.table.at - tr.table.top
	l := *tr.answer
	l.Rows = append([]aggregate.TraceRow{{ID: fakeTrace(1000)}, {ID: fakeTrace(1001)}}, l.Rows...)
	tr.Answer(&l)
	s.app.dirty = true
	s.screen()
	if got, _ := tr.table.selected(); got != id {
		t.Errorf("the cursor went to %v", got)
	}
	if tr.table.at-tr.table.top != line {
		t.Errorf("the row moved from line %d to %d", line, tr.table.at-tr.table.top)
	}
}

func TestFilterInputCountsAndPointsAtErrors(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("/")
	s.text("duration > ")
	if b := s.app.overlay.(*filterBar); b.problem == nil {
		t.Fatal("an incomplete filter is no error")
	}
	s.keys("enter")
	if s.app.overlay == nil {
		t.Fatal("enter closed the input on an error")
	}
	s.text("100ms")
	s.mustShow(t, "312 of 40.9k traces")
	s.keys("enter")
	q, _ := lastAsked[aggregate.Query](e)
	if q.Filter == nil || q.Filter.String() == "" {
		t.Fatalf("no filter in force: %+v", q)
	}
	s.mustShow(t, "duration > 100ms")
	s.keys("esc")
	if f := s.app.trail.here().scope.Filter; f != nil {
		t.Errorf("esc left the filter %v", f)
	}
}

// A filter typed where none has an effect leads to the traces that it leaves.
func TestFilterOnCoverageLeadsToTraces(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("8", "/")
	s.text("error")
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensTraces || p.scope.Filter == nil {
		t.Errorf("a filter on the coverage leads to %v, filtered by %v", p.lens, p.scope.Filter)
	}
}

// Every question of the palette leads to a screen that was asked for, from every lens.
func TestPaletteAnswersQuestions(t *testing.T) {
	modeltest.OneGoroutine(t)
	for i := range start(newFake(), 120, 40).app.questions() {
		for _, from := range []string{"1", "2", "3", "5", "7", "8"} {
			s := start(newFake(), 120, 40)
			s.keys("b", from)
			q := s.app.questions()[i]
			s.keys(":")
			s.text(q.name)
			s.keys("enter")
			if got := strings.ToLower(s.app.trail.here().lens.String()); got != q.note {
				t.Errorf("%q from %s leads to %s", q.name, from, got)
			}
			if s.app.overlay != nil {
				t.Errorf("%q leaves the palette open", q.name)
			}
		}
	}
	s := start(newFake(), 120, 40)
	s.keys("5", ":")
	s.text("slowest traces")
	s.keys("enter")
	if q, _ := lastAsked[aggregate.TracesQuery](s.app.o.Engine.(*fakeEngine)); q.Sort != aggregate.SortDuration {
		t.Errorf("the slowest traces are sorted by %q", q.Sort)
	}
	s.keys(":")
	s.text("since the marker")
	s.keys("enter")
	s.mustShow(t, "no marker is set yet")
}

func TestPaletteGoesToServicesAndTraces(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys(":")
	s.text("payme")
	s.mustShow(t, "payments")
	s.keys("enter")
	if f := s.app.trail.here().scope.Focus; f.Service != "payments" {
		t.Errorf("focus %+v", f)
	}
	s.keys(":")
	s.text(fakeTrace(7).String())
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(7) {
		t.Errorf("at %v %v", p.lens, p.trace)
	}
	s.keys("esc", ":")
	s.text("theme light")
	s.keys("enter")
	if s.app.theme.Name != "light" {
		t.Errorf("theme %s", s.app.theme.Name)
	}
}

func TestFrozenScreenKeepsItsWindowAndCountsArrivals(t *testing.T) {
	e := newFake()
	s := start(e, 160, 40)
	s.keys("2", "space")
	e.status.Received += 5000
	e.status.Now = e.status.Now.Add(1e9)
	asked := len(e.asked)
	s.tick()
	s.mustShow(t, "FROZEN  +5000 spans")
	if len(e.asked) != asked {
		t.Error("a frozen screen asked for new figures")
	}
	s.keys("enter")
	if q, _ := lastAsked[aggregate.HeatmapQuery](e); q.Window.To != epoch.UnixNano() {
		t.Errorf("a drill in a frozen screen asks for %+v", q.Window)
	}
	s.keys("space")
	s.mustNotShow(t, "FROZEN")
}

func TestBaselineMarker(t *testing.T) {
	e := newFake()
	s := start(e, 160, 40)
	s.keys("2", "b")
	q, _ := lastAsked[aggregate.Query](e)
	if q.Baseline.To != epoch.UnixNano() || q.Window.From != q.Baseline.To {
		t.Fatalf("marker asked %+v against %+v", q.Window, q.Baseline)
	}
	s.mustShow(t, "p95 vs before", "×1.5")
	s.keys("b")
	if s.app.trail.here().scope.Baseline != (aggregate.Window{}) {
		t.Error("the marker stayed")
	}
}

// In a file nothing comes after a marker: it would empty all screens.
func TestNoMarkerInAFile(t *testing.T) {
	e := newFake()
	e.status.Live = false
	s := start(e, 80, 24)
	s.keys("5", "b")
	if s.app.trail.here().scope.Baseline != (aggregate.Window{}) {
		t.Error("there is a marker")
	}
	s.mustShow(t, "Compare (7) compares its two halves")
	e.status.Oldest = e.status.Newest
	s = start(e, 80, 24)
	s.keys("7")
	s.mustShow(t, "There is nothing to compare with yet", "--before FILE", "K  keeps")
	s.mustNotShow(t, "sets a marker")
}

func TestMouseSelectsSortsAndDrills(t *testing.T) {
	s := start(newFake(), 120, 40)
	x, y, ok := s.find("2 Operations")
	if !ok {
		t.Fatal("no tab")
	}
	s.click(x, y)
	x, y, _ = s.find("errors")
	s.click(x, y)
	o := s.app.screens[LensOperations].(*Operations)
	if o.table.sort != mostOf(operationsErrors) {
		t.Errorf("sorted by %+v", o.table.sort)
	}
	x, y, _ = s.find("GET /cart/{id}")
	s.doubleClick(x, y)
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Service != "cart" {
		t.Errorf("a double click went to %v %+v", p.lens, p.scope.Focus)
	}
	x, _, _ = s.find("Operations")
	s.click(x, crumbRow)
	if p := s.app.trail.here(); p.lens != LensOperations {
		t.Errorf("a click on a breadcrumb went to %v", p.lens)
	}
}

func TestAnswersToOldQuestionsAreDropped(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	before := s.app.status
	s.app.Update(answerMsg{seq: s.app.pull.seq - 1, status: &aggregate.Status{Services: 99}})
	if s.app.status != before {
		t.Error("an outdated answer was shown")
	}
}

func TestAFailingEngineIsShownAndAskedAgain(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	e.fail = errors.New("the engine is on fire")
	s.tick()
	s.mustShow(t, "the engine is on fire")
	e.fail = nil
	s.tick()
	s.mustNotShow(t, "on fire")
}

func TestNothingIsDrawnTwice(t *testing.T) {
	s := start(newFake(), 120, 40)
	a := s.app.View().Content
	s.app.Update(struct{}{})
	if s.app.dirty {
		t.Error("a message that changes nothing made the screen dirty")
	}
	if b := s.app.View().Content; a != b {
		t.Error("the screen changed by itself")
	}
}

func TestEmptyStateTellsHowToSendSpans(t *testing.T) {
	e := newFake()
	e.status = aggregate.Status{Now: epoch, Live: true, Complete: -1, RefusedBy: []aggregate.ReasonCount{{Reason: "too_large", N: 4}}, Logs: 12}
	s := start(e, 80, 24)
	s.mustShow(t, "Waiting for the first span", "127.0.0.1:4317", "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "4 refused: too large", "12 log records")
}

// A file with a single trace opens as its waterfall; the map is one Esc away, and a person who has gone
// elsewhere is left there.
func TestSingleTraceOpensAsWaterfall(t *testing.T) {
	for _, c := range []struct {
		name   string
		traces uint64
		live   bool
		read   float64
		want   Lens
	}{
		{"one", 1, false, 1, LensWaterfall}, {"two", 2, false, 1, LensMap},
		{"live", 1, true, 1, LensMap}, {"reading", 1, false, 0.4, LensMap},
	} {
		e := newFake()
		e.status.Traces, e.status.Live = c.traces, c.live
		s := start(e, 120, 40)
		s.app.landed, s.app.o.Source.Progress = false, func() float64 { return c.read }
		s.app.trail = newTrail(place{lens: LensMap})
		s.tick()
		if l := s.app.trail.here().lens; l != c.want {
			t.Errorf("%s: shows %v", c.name, l)
		}
		s.keys("esc")
		s.tick()
		if l := s.app.trail.here().lens; l != LensMap {
			t.Errorf("%s: esc leads to %v", c.name, l)
		}
	}
	e := newFake()
	e.status.Live = false
	s := start(e, 120, 40)
	s.keys("2")
	s.send(onlyTrace{})
	if l := s.app.trail.here().lens; l != LensOperations {
		t.Errorf("a person on the operations was taken to %v", l)
	}
}

// Why a file cannot be read stands at the end of the message, after its name.
func TestEmptyScreenShowsTheWholeProblem(t *testing.T) {
	e := newFake()
	e.status = aggregate.Status{Now: epoch, Complete: -1}
	s := start(e, 80, 24)
	s.app.o.Source = Source{Files: []string{"/var/lib/collector/traces/a-rather-long-name-of-a-file.jsonl"},
		Problem: func() string {
			return "/var/lib/collector/traces/a-rather-long-name-of-a-file.jsonl:1: neither OTLP nor Jaeger nor Zipkin"
		}}
	s.tick()
	s.mustShow(t, "of-a-file.jsonl:1:", "Zipkin")
}

func TestHelpListsEveryBindingOfTheScreen(t *testing.T) {
	for _, k := range []string{"1", "2", "3", "5", "7", "8"} {
		s := start(newFake(), 200, 120)
		s.keys(k)
		bs := s.app.screen().Keys()
		s.keys("?")
		for _, b := range append(bs, s.app.keys.global()...) {
			if !b.Enabled() {
				continue
			}
			s.mustShow(t, append(strings.Fields(b.Help().Desc), b.Help().Key)...) // lines break between words
		}
	}
}

// A light theme on a dark terminal would be dark on dark without a background of its own.
func TestThemeThatDoesNotSuitTheTerminalPaintsItsBackground(t *testing.T) {
	s := start(newFake(), 80, 24)
	painted := func() bool { return !strings.HasPrefix(splitLines(s.app.View().Content)[4], " ") }
	if painted() {
		t.Error("a dark theme on a dark terminal paints the background")
	}
	s.keys("t")
	if s.app.theme.Name != "light" || !painted() {
		t.Errorf("theme %s on a dark terminal leaves the background", s.app.theme.Name)
	}
}

// The cursor of the contrast theme takes black ink for figures, and leaves bars and trends their colours.
func TestContrastCursorKeepsBars(t *testing.T) {
	s := start(newFake(), 160, 40)
	s.app.retheme("contrast", true)
	s.keys("2", "down")
	for style, want := range map[string]bool{"█": false, "▇": false, "checkout": true} {
		line := splitLines(s.app.View().Content)[topRows+2]
		before, _, ok := strings.Cut(line, style)
		if !ok {
			t.Fatalf("no %s in %q", style, line)
		}
		yellow := strings.LastIndex(before, "48;2;255;233;90") > strings.LastIndex(before, "\x1b[m")
		if i := strings.LastIndex(before, "\x1b[0;"); i > strings.LastIndex(before, "48;2;255;233;90") {
			yellow = false
		}
		if yellow != want {
			t.Errorf("%s under the cursor is on yellow: %v, in %q", style, yellow, line)
		}
	}
}

// However deep the drill and however narrow the screen, the breadcrumb of the step that is shown can be read, and
// those before it that are to be seen can be clicked.
func TestBreadcrumbOfHereIsAlwaysSeen(t *testing.T) {
	s := start(newFake(), 80, 24)
	for _, step := range []struct {
		keys []string
		want string
	}{
		{[]string{"2", "down", "enter"}, "Latency checkout · GET /checkout/{id}"},
		{[]string{"V", "enter"}, "Traces 90.5ms–4.10s 12:28:00–12:30:00"},
		{[]string{"enter"}, "Waterfall trace 4bf92f35"},
	} {
		s.keys(step.keys...)
		line := splitLines(s.screen())[crumbRow]
		if !strings.Contains(line, step.want) {
			t.Errorf("no %q in %q", step.want, line)
		}
	}
	const filter = `service = "checkout" && name = "GET /checkout/{id}" && duration > 100ms`
	wide := start(newFake(), 120, 40)
	wide.keys("/")
	wide.keys(strings.Split(filter, "")...)
	wide.keys("enter", "5")
	if line := splitLines(wide.screen())[crumbRow]; !strings.Contains(line, filter) {
		t.Errorf("there is room for the filter: %q", line)
	}
	x := indexColumns(splitLines(s.screen())[crumbRow], "Traces")
	if x < 0 {
		t.Fatalf("the step before is not seen: %q", splitLines(s.screen())[crumbRow])
	}
	s.click(x, crumbRow)
	if p := s.app.trail.here(); p.lens != LensTraces {
		t.Errorf("a click on Traces leads to %v", p.lens)
	}
}

// What the footer says is about the last key. After the next one that does something it would contradict what is on the
// screen.
func TestAMessageIsOverWithTheNextKey(t *testing.T) {
	s := start(newFake(), 80, 24)
	s.keys("5", "y")
	s.mustShow(t, "copied trace id")
	s.keys("down", "pgdown", "G")
	s.mustShow(t, "copied trace id")
	s.keys("s")
	s.mustNotShow(t, "copied trace id")
	s.mustShow(t, "enter waterfall")
}
