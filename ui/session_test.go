// A person finds a slow request by keys alone.

package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/ui/num"

	tea "charm.land/bubbletea/v2"
)

// newSession is a person before the screen of a shop that has been running for two minutes.
func newSession(t *testing.T, w, h int) (*session, *shop) {
	e := newShop(t, 40, 2*time.Minute)
	return start(e, w, h), e
}

// request is the root operation with the most traces among those that are never anything but a root, so
// that its calls can be compared with its traces.
func (s *shop) request(t *testing.T) operationID {
	t.Helper()
	l, err := s.Traces(context.Background(), aggregate.TracesQuery{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ops, err := s.Operations(context.Background(), aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	roots := map[operationID]uint64{}
	for _, r := range l.Rows {
		roots[operationID{r.RootService, r.RootOperation, r.RootKind}]++
	}
	var best operationID
	for _, o := range ops.Rows {
		id := idOfOperation(&o)
		if n := roots[id]; n == o.RED.Calls && n > roots[best] {
			best = id
		}
	}
	if roots[best] < 100 {
		t.Fatalf("no request was made often enough: %v", roots)
	}
	return best
}

// operationRow moves in the table of operations by move until the row of an operation is on the screen.
func (s *session) operationRow(t *testing.T, id operationID, move func()) (y int) {
	t.Helper()
	o := s.app.screens[LensOperations].(*Operations)
	for range len(o.table.keys) {
		for i, k := range o.table.keys {
			if y := i - o.table.top; k == id && y >= 0 && y < o.table.rows {
				return topRows + 1 + y
			}
		}
		move()
		s.screen()
	}
	t.Fatalf("%v does not come to the screen:\n%s", id, s.screen())
	return 0
}

// depth is which screen of the drill is shown, counted from 1.
func (s *session) depth() int { return len(s.app.trail.steps) }

// row finds the first line of the screen that holds all of the texts; false when none does.
func (s *session) row(texts ...string) (y int, ok bool) {
	for y, line := range splitLines(s.screen()) {
		n := 0
		for _, x := range texts {
			if strings.Contains(line, x) {
				n++
			}
		}
		if n == len(texts) {
			return y, true
		}
	}
	return 0, false
}

// cursorTo presses down until the cursor of a table is on a row of the screen.
func (s *session) cursorTo(t *testing.T, texts ...string) {
	t.Helper()
	y, ok := s.row(texts...)
	if !ok {
		t.Fatalf("no row with %q on the screen:\n%s", texts, s.screen())
	}
	for range 100 {
		if s.cursorLine() == y {
			return
		}
		s.keys("down")
		if y, ok = s.row(texts...); !ok {
			break
		}
	}
	t.Fatalf("the cursor does not come to the row with %q:\n%s", texts, s.screen())
}

// cursorLine is the line of the screen that the cursor of the shown table is on.
func (s *session) cursorLine() int {
	switch x := s.app.screen().(type) {
	case *Operations:
		return topRows + 1 + x.table.at - x.table.top
	case *Traces:
		return topRows + 1 + x.table.at - x.table.top
	}
	return -1
}

// mustBeSlow checks that the waterfall shows a trace that is at or above the p99 of its root operation, and
// that the figures about it agree with one another.
func (s *session) mustBeSlow(t *testing.T, e *shop) {
	t.Helper()
	p := s.app.trail.here()
	if p.lens != LensWaterfall {
		t.Fatalf("%v is shown instead of a waterfall:\n%s", p.lens, s.screen())
	}
	v, err := e.Trace(context.Background(), p.trace)
	if err != nil {
		t.Fatal(err)
	}
	ops, err := e.Operations(context.Background(), aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range ops.Rows {
		if o.Service != v.Row.RootService || o.Operation != v.Row.RootOperation || o.Kind != v.Row.RootKind {
			continue
		}
		if float64(v.Row.Duration) < 0.98*float64(o.RED.P99) { // histograms are exact within 1.1 %
			t.Errorf("the trace took %s, the p99 of %s %s is %s", num.Duration(nil, v.Row.Duration), o.Service, o.Operation, num.Duration(nil, o.RED.P99))
		}
		if o.RED.Calls != v.RootCount {
			t.Errorf("the rank is among %d spans, the operation has %d calls", v.RootCount, o.RED.Calls)
		}
	}
	if v.Row.Percentile < 99 {
		t.Errorf("the trace is at p%v", v.Row.Percentile)
	}
	s.mustShow(t, v.Row.RootOperation, durationText(v.Row.Duration), fmt.Sprintf("slower than 99.%d%% of %s %s", int(v.Row.Percentile*10)%10, num.Count(nil, v.RootCount), v.Row.RootOperation))
}

// From the start screen to a slow trace's waterfall by keys, and every figure on the way agrees with the
// one that led to it.
func TestSlowTraceByKeys(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	s, e := newSession(t, 120, 40)
	if l := s.app.trail.here().lens; l != LensMap {
		t.Fatalf("the start screen is %v", l)
	}
	want := e.request(t)
	s.keys("2")
	op := s.app.screens[LensOperations].(*Operations)
	for y := s.operationRow(t, want, func() { s.keys("down") }); s.cursorLine() < y; {
		s.keys("down")
	}
	id, _ := op.table.selected()
	if id != want {
		t.Fatalf("the cursor is on %v:\n%s", id, s.screen())
	}
	calls := op.rows[id].RED.Calls

	s.keys("enter")
	heat := s.app.screens[LensLatency].(*Latency)
	if heat.answer.Total != calls {
		t.Errorf("the heatmap counts %d calls, the row that led to it %d", heat.answer.Total, calls)
	}
	if sum := sumOf(heat.answer.Counts); sum != calls {
		t.Errorf("the cells count %d calls, the row that led to them %d", sum, calls)
	}
	s.mustShow(t, "n="+string(num.Count(nil, calls)))

	s.keys("V")
	n, _, _ := heat.counts()
	if n == 0 || n == calls {
		t.Errorf("the slowest of %d are %d", calls, n)
	}
	if got := heat.picks.answer.Matched; got != n {
		t.Errorf("%d calls are selected, %d traces listed under them", n, got)
	}
	s.mustShow(t, fmt.Sprintf("n=%s (%s of all)", num.Count(nil, n), num.Share(nil, float64(n)/float64(calls))))
	sel := *heat.selection()

	s.keys("enter")
	tr := s.app.screens[LensTraces].(*Traces)
	if tr.answer.Matched != n || uint64(len(tr.answer.Rows)) != n {
		t.Errorf("%d calls were selected, %d traces match and %d are listed", n, tr.answer.Matched, len(tr.answer.Rows))
	}
	mustBeRequests(t, tr.answer.Rows, want, sel)
	s.mustShow(t, string(num.Count(nil, n))+" traces")

	for range len(tr.table.cols) {
		if _, _, ok := s.find("▼whole trace"); !ok {
			s.keys("s")
		}
	}
	s.cursorTo(t, "▲p99")
	s.keys("enter")
	if s.depth() != 4 {
		t.Errorf("the waterfall is screen %d", s.depth())
	}
	s.mustBeSlow(t, e)
	s.mustGoBack(t, LensOperations)
}

func sumOf(ns []uint64) uint64 {
	sum := uint64(0)
	for _, n := range ns {
		sum += n
	}
	return sum
}

// mustBeRequests checks that every row is a request of an operation, as long as was selected.
func mustBeRequests(t *testing.T, rows []aggregate.TraceRow, want operationID, sel aggregate.Selection) {
	t.Helper()
	for _, r := range rows {
		if (operationID{r.RootService, r.RootOperation, r.RootKind}) != want || r.Duration < sel.MinDur || r.Duration >= sel.MaxDur {
			t.Errorf("%s %s of %s is none of %s to %s", r.RootService, r.RootOperation, num.Duration(nil, r.Duration), num.Duration(nil, sel.MinDur), num.Duration(nil, sel.MaxDur))
		}
	}
}

// mustGoBack presses Esc until the start screen shows the scope of the start again.
func (s *session) mustGoBack(t *testing.T, l Lens) {
	t.Helper()
	for range 12 {
		if s.depth() == 1 {
			break
		}
		was := s.screen()
		s.keys("esc")
		if s.screen() == was {
			t.Errorf("esc changed nothing:\n%s", was)
		}
	}
	p := s.app.trail.here()
	if s.depth() != 1 || p.lens != l || p.scope.Focus != (aggregate.Focus{}) || p.scope.Selection != nil || p.scope.Filter != nil {
		t.Errorf("esc led to screen %d, %v, of %+v", s.depth(), p.lens, p.scope)
	}
}

// drag moves the mouse from one cell to another with the button down.
func (s *session) drag(x0, y0, x1, y1 int) {
	s.clock = s.clock.Add(time.Second)
	s.send(tea.MouseClickMsg{X: x0, Y: y0, Button: tea.MouseLeft})
	s.send(tea.MouseMotionMsg{X: (x0 + x1) / 2, Y: (y0 + y1) / 2, Button: tea.MouseLeft})
	s.send(tea.MouseMotionMsg{X: x1, Y: y1, Button: tea.MouseLeft})
	s.send(tea.MouseReleaseMsg{X: x1, Y: y1, Button: tea.MouseLeft})
}

// The same by mouse alone: what is clicked is what can be seen.
func TestSlowTraceByMouse(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	s, e := newSession(t, 120, 40)
	x, y, _ := s.find("2 Operations")
	s.click(x, y)
	y = s.operationRow(t, e.request(t), func() { s.send(tea.MouseWheelMsg{X: 20, Y: 20, Button: tea.MouseWheelDown}) })
	s.doubleClick(2, y)
	if l := s.app.trail.here().lens; l != LensLatency {
		t.Fatalf("a double click on an operation shows %v", l)
	}
	heat := s.app.screens[LensLatency].(*Latency)

	// The p99 is a wavy line: everything from the top of the map down to it.
	left, line, ok := s.find("≈")
	top, _ := s.row("┤")
	if !ok {
		t.Fatalf("no p99 on the screen:\n%s", s.screen())
	}
	s.drag(left, top, 118, line)
	n, _, _ := heat.counts()
	if n == 0 || heat.picks.answer.Matched != n {
		t.Errorf("%d calls are selected, %d traces listed under them", n, heat.picks.answer.Matched)
	}
	sel := *heat.selection()

	// A double click into the selection goes to its traces.
	s.doubleClick(left+5, top)
	tr := s.app.screens[LensTraces].(*Traces)
	if l := s.app.trail.here(); l.lens != LensTraces || *l.scope.Selection != sel {
		t.Fatalf("a double click on the selection shows %v of %+v", l.lens, l.scope.Selection)
	}
	if tr.answer.Matched != n {
		t.Errorf("%d calls were selected, %d traces match", n, tr.answer.Matched)
	}
	x, y, _ = s.find("duration")
	s.click(x, y)
	y, ok = s.row("▲p99")
	if !ok {
		t.Fatalf("no trace at p99:\n%s", s.screen())
	}
	s.doubleClick(2, y)
	if s.depth() != 4 {
		t.Errorf("the waterfall is screen %d", s.depth())
	}
	s.mustBeSlow(t, e)
	x, _, _ = s.find("Operations")
	s.click(x, crumbRow)
	if p := s.app.trail.here(); p.lens != LensOperations || s.depth() != 1 {
		t.Errorf("a click on the first breadcrumb leads to %v, screen %d", p.lens, s.depth())
	}
}

// Every lens leads to a waterfall by Enter, and Esc leads back.
func TestEveryLensDrillsToAWaterfallAndBack(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	_, e := newSession(t, 80, 24)
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		if testing.Short() && size[0] > 80 {
			break
		}
		for _, c := range []struct {
			lens Lens
			key  string
			keys []string
		}{
			{LensMap, "1", []string{"down", "enter", "V", "enter", "enter"}},
			{LensOperations, "2", []string{"enter", "V", "enter", "enter"}},
			{LensOperations, "2", []string{"T", "enter"}},
			{LensOperations, "2", []string{"o", "enter", "tab", "enter"}},
			{LensLatency, "3", []string{"V", "enter", "enter"}},
			{LensLatency, "3", []string{"tab", "down", "enter"}},
			{LensLatency, "3", []string{"left", "n", "x"}},
			{LensTraces, "5", []string{"down", "enter"}},
			{LensTraces, "5", []string{"e", "enter"}},
		} {
			t.Run(fmt.Sprint(c.lens, c.keys, size), func(t *testing.T) {
				s := start(e, size[0], size[1])
				s.keys(c.key)
				s.keys(c.keys...)
				w := s.app.screens[LensWaterfall].(*Waterfall)
				p := s.app.trail.here()
				if p.lens != LensWaterfall || w.m == nil || w.m.t.ID != p.trace {
					t.Fatalf("%v does not lead to a trace:\n%s", c.keys, s.screen())
				}
				s.mustGoBack(t, c.lens)
			})
		}
	}
}

// Every operation and every service leads to traces that can be opened and that hold what was asked for.
func TestEveryOperationLeadsToItsTraces(t *testing.T) {
	modeltest.OneGoroutine(t)
	s, e := newSession(t, 120, 40)
	for _, grouped := range []bool{false, true} {
		s.keys("2")
		o := s.app.screens[LensOperations].(*Operations)
		if grouped {
			s.keys("o")
		}
		s.keys("g")
		for range o.table.keys {
			id, _ := o.table.selected()
			s.keys("T", "enter")
			p := s.app.trail.here()
			if p.lens != LensWaterfall {
				t.Fatalf("%v has no trace:\n%s", id, s.screen())
			}
			v, err := e.Trace(context.Background(), p.trace)
			if err != nil {
				t.Fatal(err)
			}
			if !holds(v.Trace, id) {
				t.Errorf("the trace that %v led to has no such span", id)
			}
			s.screen() // drawing is what puts the cursor there
			w := s.app.screens[LensWaterfall].(*Waterfall)
			r := w.selected()
			if r == nil || !w.m.real(r.node) || w.m.service(r.node) != id.service || id.operation != "" && w.m.span(r.node).Name != id.operation {
				t.Errorf("the cursor is not on a span of %v:\n%s", id, s.screen())
			}
			s.keys("esc", "esc", "down")
		}
	}
}

// holds reports whether the trace has a span of an operation, or of a service.
func holds(t *model.Trace, id operationID) bool {
	for i := range t.Spans {
		sp := &t.Spans[i]
		if model.ServiceOf(sp.Resource) == id.service && (id.operation == "" || sp.Name == id.operation && sp.Kind == id.kind) {
			return true
		}
	}
	return false
}

// Spans that arrive do not move what a person has selected.
func TestSelectionHoldsWhileSpansArrive(t *testing.T) {
	t.Parallel()
	s, e := newSession(t, 120, 40)
	s.keys("3", "V")
	heat := s.app.screens[LensLatency].(*Latency)
	sel := *heat.selection()
	n, _, _ := heat.counts()
	s.keys("enter", "down", "down")
	tr := s.app.screens[LensTraces].(*Traces)
	id, _ := tr.table.selected()
	for range 4 {
		e.advance(t, 5*time.Second)
		s.clock = e.now
		s.tick()
	}
	if got, _ := tr.table.selected(); got != id {
		t.Errorf("the cursor went from %v to %v", id, got)
	}
	if p := s.app.trail.here(); *p.scope.Selection != sel || tr.answer.Matched < n {
		t.Errorf("%+v became %+v, %d traces became %d", sel, *p.scope.Selection, n, tr.answer.Matched)
	}
}
