// The engine of tests, and the session through which tests press keys and read the screen.

package ui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"oteltop/aggregate"
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// epoch is the fixed "now" of tests.
var epoch = time.Date(2026, 3, 4, 12, 30, 0, 0, time.UTC)

// fakeEngine answers with fixed figures and remembers what it was asked.
type fakeEngine struct {
	mu     sync.Mutex
	asked  []any // queries, in order
	status aggregate.Status
	fail   error
	pinned map[model.TraceID]bool

	unremarkable bool // nothing explains anything, and nothing changed
	releases     []aggregate.Release
}

func newFake() *fakeEngine {
	return &fakeEngine{pinned: map[model.TraceID]bool{}, status: aggregate.Status{
		Now: epoch, SpansPerSec: 18230, TracesPerSec: 912, Received: 1_234_567, Services: 12, Operations: 87,
		Retained: 903_112, Traces: 45_120, RingSeconds: 41, Bytes: 180 << 20, Budget: 256 << 20, Evicted: 331_455,
		Complete: 0.987, Oldest: epoch.Add(-5 * time.Minute).UnixNano(), Newest: epoch.UnixNano(), Live: true,
	}}
}

func (e *fakeEngine) note(q any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, q)
	return e.fail
}

// lastAsked returns the newest query of the type of q.
func lastAsked[T any](e *fakeEngine) (q T, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := len(e.asked) - 1; i >= 0; i-- {
		if q, ok = e.asked[i].(T); ok {
			return q, true
		}
	}
	return q, false
}

func (e *fakeEngine) Status(context.Context) (*aggregate.Status, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.status
	return &s, e.fail
}

// Arrival never sees one: what is received stands in the status.
func (e *fakeEngine) Arrival(ctx context.Context, _ uint64) { <-ctx.Done() }

var fakeServices = []string{"frontend", "checkout", "payments", "cart", "catalog", "shipping"}

func (e *fakeEngine) Map(_ context.Context, q aggregate.Query) (*aggregate.Map, error) {
	m := &aggregate.Map{Provenance: fakeRollups()}
	for i, s := range fakeServices {
		m.Nodes = append(m.Nodes, aggregate.Node{Name: s, Kind: aggregate.NodeService, RED: fakeRED(i), Operations: 3})
		if i > 0 {
			m.Edges = append(m.Edges, aggregate.Edge{Client: fakeServices[(i-1)/2], Server: s, Kind: aggregate.EdgeCall, Calls: uint64(1000 / i), Rate: 10, ClientP95: 9e6, ServerP95: 8e6})
		}
	}
	return m, e.note(q)
}

// fakeRollups is of a window: rollups do not count its spans.
func fakeRollups() aggregate.Provenance {
	return aggregate.Provenance{Basis: aggregate.BasisRollups, Of: 1_234_567, From: epoch.Add(-272 * time.Second).UnixNano(), To: epoch.UnixNano()}
}

func fakeRED(i int) aggregate.RED {
	return aggregate.RED{Calls: uint64(12000 / (i + 1)), Errors: uint64(i * 13), Rate: 240 / float64(i+1),
		P50: int64(i+1) * 2_100_000, P95: int64(i+1) * 8_400_000, P99: int64(i+1) * 33_000_000, Max: int64(i+1) * 81_000_000}
}

func (e *fakeEngine) Operations(_ context.Context, q aggregate.Query) (*aggregate.Operations, error) {
	o := &aggregate.Operations{Provenance: fakeRollups()}
	for i, s := range fakeServices {
		row := aggregate.OperationRow{Service: s, Operation: fmt.Sprintf("GET /%s/{id}", s), Kind: model.KindServer, RED: fakeRED(i),
			Self: int64(6-i) * 1e9, TimeShare: float64(6-i) / 21,
			Trend: aggregate.Trend{Step: 2e9, Calls: []uint64{1, 4, 9, 16, 25, 16, 9, 4}, Errors: make([]uint64, 8), P95: make([]int64, 8)}}
		if q.Baseline != (aggregate.Window{}) {
			row.Delta = &aggregate.Delta{Calls: 100, RateRatio: 1, P50Ratio: 1.02, P95Ratio: 1 + float64(i)/2}
		}
		o.Rows = append(o.Rows, row)
		row.Operation, row.Kind = "", 0
		o.Services = append(o.Services, row)
	}
	return o, e.note(q)
}

func (e *fakeEngine) Heatmap(_ context.Context, q aggregate.HeatmapQuery) (*aggregate.Heatmap, error) {
	h := &aggregate.Heatmap{Provenance: fakeRollups(), Start: epoch.Add(-2 * time.Minute).UnixNano(), Step: 2e9, Columns: 60,
		Whole: aggregate.Quantiles{P50: 18e6, P95: 52e6, P99: 310e6}}
	for d := 1e6; d < 4e9; d *= 1.4142135 {
		h.RowLow = append(h.RowLow, int64(d))
		h.RowHigh = int64(d * 1.4142135)
	}
	n := h.Columns * len(h.RowLow)
	h.Counts, h.Errors, h.Exemplars = make([]uint64, n), make([]uint64, n), make([]model.TraceID, n)
	for c := range h.Columns {
		for r := range h.RowLow {
			i := c*len(h.RowLow) + r
			if d := r - 8; d*d < 16 {
				h.Counts[i] = uint64(16-d*d) * uint64(1+c%3)
			}
			if c > 40 && r == 18 {
				h.Counts[i], h.Errors[i] = 3, 2
			}
			if h.Counts[i] > 0 {
				h.Exemplars[i] = fakeTrace(i)
			}
			h.Total += h.Counts[i]
			h.ErrorTotal += h.Errors[i]
		}
		h.P50, h.P95, h.P99 = append(h.P50, 17e6), append(h.P95, 45e6), append(h.P99, 400e6)
	}
	if q.Baseline != (aggregate.Window{}) { // a little faster, with half the requests
		h.Before = make([]uint64, len(h.RowLow))
		for i, n := range h.Counts {
			h.Before[max(0, i%len(h.RowLow)-1)] += n / 2
			h.BeforeTotal += n / 2
		}
	}
	return h, e.note(q)
}

func fakeTrace(i int) model.TraceID { return model.TraceID{Hi: 0x4bf92f3577b34da6, Lo: uint64(i + 1)} }

func (e *fakeEngine) Traces(_ context.Context, q aggregate.TracesQuery) (*aggregate.TraceList, error) {
	l := &aggregate.TraceList{Matched: 40_891, Provenance: aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 903_112, Traces: 45_120, Of: 1_234_567}}
	for i := range 60 {
		l.Rows = append(l.Rows, aggregate.TraceRow{ID: fakeTrace(i), RootService: fakeServices[i%3], RootOperation: "GET /checkout", RootKind: model.KindServer,
			Start: epoch.Add(-time.Duration(i) * time.Second).UnixNano(), Duration: int64(900-i*13) * 1e6, Percentile: 99.9 - float64(i)*1.4, Spans: 20 + i, Services: 6,
			Errors: i % 4, Complete: i%5 != 0, Orphans: i % 2, Settled: i > 0, Shape: "3f2a"})
	}
	return l, e.note(q)
}

func (e *fakeEngine) Trace(_ context.Context, id model.TraceID) (*aggregate.TraceView, error) {
	if err := e.note(id); err != nil {
		return nil, err
	}
	r := &model.Resource{Service: "frontend"}
	spans := []model.Span{
		{TraceID: id, ID: 1, Name: "GET /checkout", Kind: model.KindServer, Start: epoch.UnixNano(), End: epoch.Add(time.Second).UnixNano(), Resource: r},
		{TraceID: id, ID: 2, Parent: 1, Name: "charge", Kind: model.KindClient, Start: epoch.UnixNano() + 1e8, End: epoch.UnixNano() + 9e8, Resource: r, Status: model.StatusError},
	}
	t := model.NewTrace(id, spans, nil)
	return &aggregate.TraceView{Trace: t, Context: make([]aggregate.SpanContext, len(t.Tree.Nodes))}, nil
}

func (e *fakeEngine) Count(_ context.Context, q aggregate.Query) (*aggregate.Count, error) {
	return &aggregate.Count{Spans: 1200, Traces: 312, OfTraces: 40_891}, e.note(q)
}

func (e *fakeEngine) Coverage(context.Context) (*aggregate.Coverage, error) {
	return &aggregate.Coverage{Status: e.status, Received: 1_234_567, Stored: 1_234_000, Duplicate: 560, Retained: 903_112, Evicted: 330_888, Traces: 45_120, CompleteTraces: 44_533,
		Orphans: 12, MissingBy: []aggregate.MissingSide{{Service: "cart", Kind: model.KindServer, Orphans: 12, Spans: 4000}},
		Bounds: []aggregate.Bound{{Name: "operations", Used: 87, Max: 65536}, {Name: "edges", Used: 16384, Max: 16384, Lost: 3}}, Log: []string{"12:29:58 receiver: started"}}, e.note("coverage")
}

func (e *fakeEngine) Pin(_ context.Context, id model.TraceID, on bool) bool {
	e.pinned[id] = on
	return true
}

// session drives an App without a program: commands are run at once, ticks only when asked for.
type session struct {
	app   *App
	clock time.Time
	out   []tea.Msg // messages that no test step consumed: clipboard, quit
}

func start(e aggregate.Engine, w, h int) *session {
	p := colorprofile.TrueColor
	s := &session{clock: epoch}
	s.app = New(Options{Engine: e, Theme: "dark", Profile: &p, Mouse: true, Last: 5 * time.Minute, Now: func() time.Time { return s.clock },
		Source: Source{GRPC: []string{"127.0.0.1:4317", "[::1]:4317"}, HTTP: []string{"127.0.0.1:4318", "[::1]:4318"}}})
	s.app.later = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	s.app.rest = func(tea.Msg) tea.Cmd { return nil }
	s.send(tea.WindowSizeMsg{Width: w, Height: h})
	s.run(s.app.ask())
	return s
}

// run does a command and everything that follows from it, except ticks.
func (s *session) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	m := cmd()
	if batch, ok := m.(tea.BatchMsg); ok {
		for _, c := range batch {
			s.run(c)
		}
		return
	}
	s.send(m)
}

func (s *session) send(m tea.Msg) {
	switch m.(type) {
	case nil:
		return
	case tickMsg, toastExpired:
	default:
		s.out = append(s.out, m)
	}
	_, cmd := s.app.Update(m)
	s.app.View() // as Bubble Tea does
	s.run(cmd)
}

// tick lets the next refresh happen, however long the line to the terminal should rest before.
func (s *session) tick() {
	s.app.pace = pace{}
	s.send(tickMsg{s.app.pull.seq})
}

// keys presses keys by name and waits for what follows.
func (s *session) keys(names ...string) {
	for _, n := range names {
		s.send(keyPress(n))
	}
}

// hold presses keys and returns what is to be run, as if the answers were slow.
func (s *session) hold(names ...string) tea.Cmd {
	var cmds []tea.Cmd
	for _, n := range names {
		_, cmd := s.app.Update(keyPress(n))
		cmds = append(cmds, cmd)
	}
	return tea.Batch(cmds...)
}

// keyPress is a key by name: "enter", "esc", "tab", "up", "space", "ctrl+u", or a character.
func keyPress(n string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace, "home": tea.KeyHome, "end": tea.KeyEnd}
	if code, ok := special[n]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if n == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if n == "shift+tab" {
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	}
	if letter, ok := strings.CutPrefix(n, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(n)[0], Text: n}
}

// text types characters.
func (s *session) text(t string) {
	for _, r := range t {
		if r == ' ' {
			s.keys("space")
			continue
		}
		s.keys(string(r))
	}
}

// screen is what is shown, without styles.
func (s *session) screen() string { return ansi.Strip(s.app.View().Content) }

// click clicks the first cell in which text stands on the screen; false when it is not there.
func (s *session) find(text string) (x, y int, ok bool) {
	for y, line := range splitLines(s.screen()) {
		if i := indexColumns(line, text); i >= 0 {
			return i, y, true
		}
	}
	return 0, 0, false
}

func (s *session) click(x, y int) {
	s.clock = s.clock.Add(time.Second)
	s.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	s.send(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
}

func (s *session) doubleClick(x, y int) {
	s.click(x, y)
	s.clock = s.clock.Add(100 * time.Millisecond)
	s.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	s.send(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// laterInto notes after how long commands are to run, and never runs them.
func laterInto(in *[]time.Duration) func(time.Duration, func(time.Time) tea.Msg) tea.Cmd {
	return func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd {
		*in = append(*in, d)
		return nil
	}
}

// watch shows a lens.
func watch(e aggregate.Engine, key string, w, h int, p colorprofile.Profile) *session {
	s := start(e, w, h)
	s.app.o.Profile, s.app.profile = &p, p
	s.app.retheme("dark", true)
	s.keys(key)
	return s
}
