package ui

import (
	"context"
	"math"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Who copies or pins a trace stays on it, also where the cursor followed the newest until then.
func TestCursorStaysWithTheTraceThatWasActedOn(t *testing.T) {
	for _, key := range []string{"y", "p"} {
		s := start(newFake(), 120, 40)
		s.keys("5")
		tr := s.app.screens[LensTraces].(*Traces)
		id, _ := tr.table.selected()
		s.keys(key)
		l := *tr.answer
		l.Rows = append([]aggregate.TraceRow{{ID: fakeTrace(1000)}}, l.Rows...)
		tr.Answer(&l)
		if got, _ := tr.table.selected(); got != id {
			t.Errorf("after %s the cursor went on to another trace", key)
		}
	}
}

// A bar is as long as the longest row is, but one row that took far longer than the others does not take theirs away:
// it has an arrow instead, and they are drawn to their own scale.
func TestBarsOfTracesAreNotSqueezedByOne(t *testing.T) {
	for _, c := range []struct {
		most int64 // ns, of the last of 40 rows; the others take 1 to 39
		full int64
	}{{40, 40}, {41, 50}, {76, 80}, {1e9, 80}, {math.MaxInt64, 80}} {
		x := newTraces()
		l := &aggregate.TraceList{Rows: make([]aggregate.TraceRow, 40)}
		for i := range l.Rows {
			l.Rows[i].ID, l.Rows[i].Duration = fakeTrace(i), int64(i+1)
		}
		l.Rows[39].Duration = c.most
		if x.Answer(l); x.full != c.full {
			t.Errorf("longest %d: a full bar is %d, want %d", c.most, x.full, c.full)
		}
	}
	x := newTraces()
	if x.Answer(&aggregate.TraceList{Rows: make([]aggregate.TraceRow, 1)}); x.full < 1 {
		t.Error("a row without duration divides by nothing")
	}
}

// Sorted by name the first is the one that begins with A, as in the table of operations; by a figure the largest.
func TestTracesAreSortedByNameFromA(t *testing.T) {
	for _, c := range []struct {
		by        int
		ascending bool
	}{{tracesRoot, true}, {tracesDuration, false}, {tracesStart, false}} {
		s := start(newFake(), 120, 40)
		s.keys("5")
		x := s.app.screens[LensTraces].(*Traces)
		x.sortBy(mostOf(c.by))
		var asked aggregate.TracesQuery
		if _, err := x.Question(s.app.moment())(t.Context(), tracesEngine{s.app.o.Engine, &asked}); err != nil {
			t.Fatal(err)
		}
		if asked.Ascending != c.ascending {
			t.Errorf("by column %d: ascending %v", c.by, asked.Ascending)
		}
	}
}

// tracesEngine keeps what was asked for.
type tracesEngine struct {
	aggregate.Engine
	asked *aggregate.TracesQuery
}

func (e tracesEngine) Traces(ctx context.Context, q aggregate.TracesQuery) (*aggregate.TraceList, error) {
	*e.asked = q
	return e.Engine.Traces(ctx, q)
}

// The list below the heatmap is in the same order as that of lens 5.
func TestListsOfTracesAreInOneOrder(t *testing.T) {
	e := newFake()
	s := start(e, 120, 40)
	s.keys("3")
	s.app.screens[LensLatency].(*Latency).picks.table.sort = mostOf(tracesRoot)
	s.tick()
	if q, ok := lastAsked[aggregate.TracesQuery](e); !ok || q.Sort != traceSort(tracesRoot) || !q.Ascending {
		t.Errorf("sorted by name it asks for %v, ascending %v", q.Sort, q.Ascending)
	}
}

// Who pins a trace sees that it is, also where the notes have no room.
func TestPinnedTracesAreMarked(t *testing.T) {
	for width, marked := range map[int]bool{80: true, 200: false} {
		s := start(newFake(), width, 40)
		s.keys("5")
		tr := s.app.screens[LensTraces].(*Traces)
		l := *tr.answer
		l.Rows[1].Kept = model.KeptPinned
		tr.Answer(&l)
		s.app.dirty = true
		if got := strings.ContainsRune(s.screen(), s.app.theme.Glyphs.Pin); got != marked {
			t.Errorf("%d columns: marked %v, want %v:\n%s", width, got, marked, s.screen())
		}
		if !marked {
			s.mustShow(t, model.KeptPinned.String())
		}
	}
}

// A rank among roots that are named by nothing but a method is marked as in the waterfall, and judged only at its extreme.
func TestRankOfMixedRoots(t *testing.T) {
	f := mapFrame(plainTheme(), 80, 24)
	for _, c := range []struct {
		name  string
		kind  model.Kind
		spans int
		rank  float64
		want  string
	}{
		{"GET", model.KindServer, 1, 99.5, "~p99.5"},
		{"post", model.KindServer, 9, 99.95, "~p99.9"},
		{"HTTP GET", model.KindClient, 3, 20, "~p20"},
		{"GET", model.KindClient, 1, 20, "p20"}, // may be of a database
		{"GET /cart", model.KindServer, 3, 20, "p20"},
		{"GET", model.KindServer, 3, -1, "-"},
	} {
		k := canvas.New(7, 1)
		k.Reset(7, 1, themes.Style{})
		r := traceRow{TraceRow: &aggregate.TraceRow{RootOperation: c.name, RootKind: c.kind, Spans: c.spans, Percentile: c.rank}}
		r.drawRank(k.All(), f)
		if got := strings.TrimSpace(ansi.Strip(k.Encode())); got != c.want {
			t.Errorf("%s %v of %d spans: %q, want %q", c.name, c.kind, c.spans, got, c.want)
		}
	}
}

// Where the scope is about some spans of the traces, the list says that it is not these whose durations it has.
func TestDurationOfWhat(t *testing.T) {
	s := watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	s.keys("5")
	s.mustShow(t, "duration")
	s.mustNotShow(t, "whole trace")
	for _, k := range []string{"T", "enter"} {
		s.keys("2", k)
		s.mustShow(t, "whole trace")
		s.keys("esc")
	}
}
