package ui

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/model/modeltest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// askedCount is how often a query of a type was asked.
func askedCount[T any](e *fakeEngine) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, q := range e.asked {
		if _, ok := q.(T); ok {
			n++
		}
	}
	return n
}

// What stands below a finding is what Enter on it leads to: the same selection, the same rows, the same figures.
func TestFindingsExplainWhatEnterExplains(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	for _, name := range []string{"ob-08-22-0452-checkoutservice-network_delay", "tt-01-30-1151-contacts-service-network_delay"} {
		s := start(recordedEngine(t, filepath.Join(injections, name+".jsonl.gz")), 200, 60)
		s.keys("-", "-", "-", "4")
		x := &s.app.screen().(*Findings).special
		if x.current() == nil || len(x.rows) == 0 {
			t.Fatalf("%s: nothing is said to be special:\n%s", name, s.screen())
		}
		line := func() string {
			for _, l := range splitLines(s.screen()) {
				if strings.Contains(l, x.rows[0].what.String()) {
					return strings.Join(strings.Fields(l), " ")
				}
			}
			return "none"
		}
		below := line()
		s.keys("enter")
		l := &s.app.screen().(*Latency).special
		if l.current() == nil || l.asked != x.asked || !reflect.DeepEqual(l.answer, x.answer) {
			t.Errorf("%s: the finding explains %+v, enter %+v", name, x.asked, l.asked)
		}
		for _, figure := range strings.Fields(below) {
			if then := line(); !strings.Contains(then, figure) && !strings.ContainsAny(figure, "█▌…") {
				t.Errorf("%s: %s is missing behind enter:\n%s\n%s", name, figure, below, then)
			}
		}
	}
}

// A frozen screen explains what it shows, as Latency does when it is frozen.
func TestFrozenFindingsExplainWhatEnterExplains(t *testing.T) {
	for _, keys := range [][]string{{"4"}, {"space", "4"}} {
		e := newFake()
		s := start(e, 200, 60)
		s.keys(keys...)
		below, ok := lastAsked[aggregate.ExplainQuery](e)
		if !ok {
			t.Fatalf("%v: nothing was asked", keys)
		}
		if (below.Window.To != 0) != s.app.pause.on {
			t.Errorf("%v: the window is %+v", keys, below.Window)
		}
		s.clock = s.clock.Add(time.Minute)
		s.keys("enter")
		if then, _ := lastAsked[aggregate.ExplainQuery](e); askedCount[aggregate.ExplainQuery](e) != 2 || !reflect.DeepEqual(below, then) {
			t.Errorf("%v: asked\n%+v, behind enter\n%+v", keys, below, then)
		}
	}
}

// Which findings are explained and which Enter shows in another way is one and the same.
func TestFindingsExplainWhereEnterSelects(t *testing.T) {
	for _, kind := range []findings.Kind{findings.Onset, findings.ErrorOrigin, findings.LatencyOutlier, findings.Step, findings.NPlusOne, findings.ClockSkew} {
		for _, from := range []int64{0, 60e9} {
			for _, filter := range []string{"", "service = cart"} {
				r := newFindingRow(&findings.Finding{Kind: kind, Service: "cart", From: from, Select: filter})
				d, ok := r.drill(Scope{}, 120e9).(Drill)
				if leads := ok && d.Lens == LensLatency && d.Scope.Selection != nil; leads != r.explains() {
					t.Errorf("%s from %d, %q: enter leads to an explanation: %v, there is one: %v", kind, from, filter, leads, r.explains())
				}
			}
		}
	}
}

// Without room for it, and for findings that have none, nothing is asked.
func TestFindingsExplainOnlyWhereThereIsRoom(t *testing.T) {
	for _, c := range []struct {
		w, h int
		keys []string
		want int
	}{
		{80, 24, []string{"4", "down", "up"}, 0},
		{200, 60, []string{"4"}, 1},
		{200, 60, []string{"4", "down", "down"}, 1},
		{120, 40, []string{"4"}, 1},
	} {
		e := newFake()
		s := start(e, c.w, c.h)
		s.keys(c.keys...)
		for range 3 {
			s.tick()
		}
		if n := askedCount[aggregate.ExplainQuery](e); n != c.want {
			t.Errorf("%v at %dx%d ask %d times, want %d", c.keys, c.w, c.h, n, c.want)
		}
		list := s.app.screen().(*Findings)
		if shown := strings.Contains(s.screen(), "special about"); shown != (list.special.room != rect{}) || shown != (list.table.at == 0 && c.want > 0) {
			t.Errorf("%v at %dx%d: an explanation is shown: %v", c.keys, c.w, c.h, shown)
		}
	}
	e := newFake() // the terminal becomes larger
	s := start(e, 80, 24)
	s.keys("4")
	s.send(tea.WindowSizeMsg{Width: 200, Height: 60})
	s.mustShow(t, "special about the requests that the finding selects: 312 against 20.0k of 40.6k others")
}

// watcher notes what is on the screen when it is asked for an explanation.
type watcher struct {
	*fakeEngine
	look func() string
	saw  []string
}

func (e *watcher) Explain(ctx context.Context, q aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	e.saw = append(e.saw, e.look())
	return e.fakeEngine.Explain(ctx, q)
}

// The list is there before the explanation is asked for, and a line says that it is coming; what was said of the same
// finding stays until then, with the cursor where it was.
func TestFindingsDoNotWaitForTheExplanation(t *testing.T) {
	e := &watcher{fakeEngine: newFake()}
	e.look = func() string { return "" }
	s := start(e, 200, 60)
	e.look = func() string { return s.screen() }
	s.keys("4")
	if len(e.saw) != 1 {
		t.Fatalf("asked %d times", len(e.saw))
	}
	for _, text := range []string{"4 findings, the most important first", "comparing them with the other requests"} {
		if !strings.Contains(e.saw[0], text) {
			t.Errorf("%q is missing while the explanation is asked for:\n%s", text, e.saw[0])
		}
	}
	s.keys("tab", "tab", "down")
	list := s.app.screen().(*Findings)
	was := list.special.table.sel
	answer := *list.answer
	answer.Rows = slices.Clone(answer.Rows)
	answer.Rows[0].From += 5e9
	list.found(list.given, &answer)
	s.run(s.app.ask())
	if len(e.saw) != 2 || !strings.Contains(e.saw[1], list.special.rows[0].what.String()) {
		t.Errorf("asked %d times; while a finding is explained anew nothing is said of it", len(e.saw))
	}
	if list.special.table.sel != was || list.part != onSpecial {
		t.Errorf("the cursor went from %+v to %+v, part %d", was, list.special.table.sel, list.part)
	}
	lists := askedCount[aggregate.FindingsQuery](e.fakeEngine)
	s.keys("esc", "down")
	s.tick()
	s.keys("up")
	s.tick()
	if list.special.current() == nil || len(e.saw) != 2 || askedCount[aggregate.FindingsQuery](e.fakeEngine) != lists {
		t.Errorf("asked %d times; what is known is not shown again after another finding was looked at", len(e.saw))
	}
}

// As time passes the list is asked for again and then the explanation, each once, and neither before its time.
func TestFindingsAreExplainedAnew(t *testing.T) {
	e := newFake()
	s := start(e, 200, 60)
	s.keys("4")
	lists := askedCount[aggregate.FindingsQuery](e)
	for turn := range 3 {
		for range 5 {
			s.tick()
		}
		if n, m := askedCount[aggregate.FindingsQuery](e)-lists, askedCount[aggregate.ExplainQuery](e); n != turn || m != turn+1 {
			t.Errorf("turn %d: the list was asked for %d times again, the explanation %d times", turn, n, m)
		}
		s.clock = s.clock.Add(asideQuiet)
	}
}

// unlucky is an engine that explains nothing.
type unlucky struct{ *fakeEngine }

func (unlucky) Explain(context.Context, aggregate.ExplainQuery) (*aggregate.Explanation, error) {
	return nil, errors.New("out of luck")
}

// That there is no explanation is said where it would be, and the list goes on without it.
func TestFindingsWithoutExplanation(t *testing.T) {
	e := newFake()
	e.unremarkable = true
	s := start(e, 200, 60)
	s.keys("4")
	s.mustShow(t, "nothing is special: 312 of 40.9k traces, 6700 comparisons, none with q < .05")
	s.keys("tab", "tab")
	if list := s.app.screen().(*Findings); list.part != onFindings {
		t.Error("the keys go to an explanation without rows")
	}
	f := unlucky{newFake()}
	s = start(f, 200, 60)
	s.keys("4")
	s.mustShow(t, "out of luck", "4 findings, the most important first")
	was := askedCount[aggregate.FindingsQuery](f.fakeEngine)
	s.clock = s.clock.Add(asideQuiet)
	s.tick()
	if n := askedCount[aggregate.FindingsQuery](f.fakeEngine); n != was+1 {
		t.Errorf("the list was asked for %d times again", n-was)
	}
}

// Tab goes on to the explanation, where keys mean what they mean in that of Latency: Enter leads to where the same key
// there leads, and Esc comes back.
func TestFindingsExplanationKeys(t *testing.T) {
	for _, pressed := range []string{"enter", "x"} {
		s := watch(newFake(), "4", 200, 60, colorprofile.TrueColor)
		list := s.app.screen().(*Findings)
		s.keys("tab", "tab")
		if s.screen(); list.part != onSpecial || !list.table.away || !list.examples.list.table.away || list.special.table.away {
			t.Fatalf("tab twice leads to part %d", list.part)
		}
		s.keys("down", pressed)
		short := s.app.trail.here()
		s.keys("esc")
		if s.app.screen() != Screen(list) || list.part != onSpecial {
			t.Fatal("esc does not come back")
		}
		s.keys("shift+tab", "shift+tab", "enter", "tab", "down", pressed)
		if long := s.app.trail.here(); long.lens != short.lens || !reflect.DeepEqual(long.scope.Selection, short.scope.Selection) ||
			long.scope.Focus != short.scope.Focus || long.scope.Filter.String() != short.scope.Filter.String() {
			t.Errorf("%s leads to %+v, by way of Latency to %+v", pressed, short, long)
		}
	}
	s := watch(newFake(), "4", 200, 60, colorprofile.TrueColor)
	list := s.app.screen().(*Findings)
	room := list.special.room
	s.click(30, topRows+room.y+3)
	if list.part != onSpecial || list.special.table.at != 1 {
		t.Errorf("a click leads to part %d, row %d", list.part, list.special.table.at)
	}
	s.doubleClick(30, topRows+room.y+2)
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Filter == nil || p.scope.Selection == nil {
		t.Errorf("a double click leads to %+v", p)
	}
	s.keys("esc", "o")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(7) {
		t.Errorf("o opens %v %v", p.lens, p.trace)
	}
	s.keys("esc", "esc", "down")
	if list.part != onFindings || list.table.at != 1 || list.special.table.at != 0 {
		t.Errorf("after esc the keys go to part %d, rows %d and %d", list.part, list.table.at, list.special.table.at)
	}
}
