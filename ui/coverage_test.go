package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/gaps"
	"oteltop/aggregate/sampling"
	"oteltop/aggregate/skew"
	"oteltop/aggregate/trust"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// What the screen says of a service is what counting its spans by hand finds, and Enter leads to exactly the requests
// that lack a parent there.
func TestCoverageLeadsToIncompleteTraces(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := newShop(t, 15, time.Minute)
	s := start(e, 200, 60)
	s.clock = e.now
	s.keys("-", "-", "-", "-", "8")
	c := s.app.screen().(*Coverage)
	orphans, traces, spans := orphansByHand(t, e)
	checked := 0
	for _, id := range c.panes[coverServices].list.table.keys {
		r := c.panes[coverServices].list.rows[id]
		if got := uint64(r.cells[6].n); got != spans[id] {
			t.Errorf("%s: %d spans, by hand %d", id, got, spans[id])
		}
		if got := uint64(r.cells[7].n); got != uint64(len(traces[id])) {
			t.Errorf("%s: %d traces with orphans, by hand %d", id, got, len(traces[id]))
		}
		d, ok := r.drill(s.app.moment().Scope).(Drill)
		if orphans[id] == 0 || !ok {
			continue
		}
		list, err := e.Traces(context.Background(), aggregate.TracesQuery{Query: d.Scope.Query(s.app.moment().Newest())})
		if err != nil || d.Lens != LensTraces {
			t.Fatalf("%s leads to %v: %v", id, d, err)
		}
		for _, row := range list.Rows {
			if !traces[id][row.ID] {
				t.Errorf("%s leads to %s, which lacks nothing of it", id, row.ID)
			}
		}
		if list.Matched != uint64(len(traces[id])) {
			t.Errorf("%s leads to %d traces, by hand %d", id, list.Matched, len(traces[id]))
		}
		checked++
	}
	if checked < 3 {
		t.Errorf("%d services have orphans: the demo should lose spans", checked)
	}
}

// orphansByHand looks at every trace: orphans, traces with them, and spans by service.
func orphansByHand(t *testing.T, e *shop) (orphans map[string]int, traces map[string]map[model.TraceID]bool, spans map[string]uint64) {
	t.Helper()
	orphans, traces, spans = map[string]int{}, map[string]map[model.TraceID]bool{}, map[string]uint64{}
	list, err := e.Traces(context.Background(), aggregate.TracesQuery{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range list.Rows {
		v, err := e.Trace(context.Background(), row.ID)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[model.SpanID]bool{}
		for i := range v.Trace.Spans {
			ids[v.Trace.Spans[i].ID] = true
		}
		for i := range v.Trace.Spans {
			x := &v.Trace.Spans[i]
			service := model.ServiceOf(x.Resource)
			spans[service]++
			if x.Parent == 0 || ids[x.Parent] {
				continue
			}
			orphans[service]++
			if traces[service] == nil {
				traces[service] = map[model.TraceID]bool{}
			}
			traces[service][row.ID] = true
		}
	}
	return orphans, traces, spans
}

// Every row of every pane leads somewhere, and says what it means.
func TestEveryRowOfCoverageLeadsSomewhere(t *testing.T) {
	s := start(newFake(), 200, 60)
	s.keys("8")
	c := s.app.screen().(*Coverage)
	for id := range c.panes {
		p := &c.panes[id]
		if p.len() == 0 {
			t.Errorf("pane %d is empty", id)
		}
		for _, key := range p.list.table.keys {
			r := p.list.rows[key]
			if r.say == (model.Text{}) {
				t.Errorf("pane %d, %s says nothing", id, key)
			}
			if r.drill == nil || r.drill(Scope{}) == nil {
				t.Errorf("pane %d, %s leads nowhere", id, key)
			}
		}
	}
	for _, want := range []string{"lost on 1 hop: frontend", "3 hops with calls that nobody answered", "notification", "50%", "b is 5.10ms ahead against a", "13.7k seen, about 76.7k happened", "3 lost: calls that are on no edge", "12:29:58 receiver: started"} {
		s.mustShow(t, want)
	}
}

// What is bad comes first, then what is doubtful; what is fine is said too.
func TestChecks(t *testing.T) {
	sound := func() (*aggregate.Coverage, *coverageDepth) {
		return &aggregate.Coverage{Traces: 10, CompleteTraces: 10}, &coverageDepth{
			trust: &aggregate.Trust{Result: trust.Result{Services: []trust.Service{{Name: "web", Spans: 100, Entries: 40, Inner: 40}},
				Requests: trust.Requests{Traces: 10, Complete: 10, Measured: 10, Coverage: trust.Percentiles{P5: .8, P50: .9}}}},
			gaps:     &aggregate.Gaps{Result: gaps.Result{Traces: 10, Pairs: []gaps.Pair{{Client: "web", Server: "api", Calls: 500, Unanswered: 1}}}},
			skew:     &aggregate.Skew{Result: skew.Result{Pairs: []skew.Pair{{Client: "a", Server: "b", Used: 50, Agreed: true}}}},
			sampling: &aggregate.Sampling{Result: sampling.Result{Traces: 10, Total: sampling.Operation{Seen: 100, Told: 100, Estimate: 400}}},
		}
	}
	for name, c := range map[string]struct {
		spoil func(v *aggregate.Coverage, s *coverageDepth)
		check string
		want  level
		text  string
	}{
		"sound": {func(*aggregate.Coverage, *coverageDepth) {}, "refused", good, "nothing was refused"},
		"refused": {func(v *aggregate.Coverage, _ *coverageDepth) {
			v.Status.Refused, v.Status.RefusedBy = 7, []aggregate.ReasonCount{{Reason: "too_large", N: 3}, {Reason: "bad_body", N: 4}}
		}, "refused", bad, "7 spans and requests were not taken: 4 bad body, 3 too large"},
		"a bound": {func(v *aggregate.Coverage, _ *coverageDepth) {
			v.Bounds = []aggregate.Bound{{Name: "edges", Lost: 2}, {Name: "ring_bytes", Lost: 9}}
		}, "bounds", bad, "2 edges"},
		"the ring forgets": {func(v *aggregate.Coverage, _ *coverageDepth) {
			v.Bounds = []aggregate.Bound{{Name: "ring_bytes", Lost: 9}}
			v.Evicted = 9
		}, "bounds", good, "nothing was dropped"},
		"half incomplete": {func(_ *aggregate.Coverage, s *coverageDepth) { s.trust.Requests.Complete = 5 }, "complete", bad, "50% of 10 requests"},
		"some incomplete": {func(_ *aggregate.Coverage, s *coverageDepth) { s.trust.Requests.Complete = 9 }, "complete", doubtful, "90% of 10 requests"},
		"an orphan":       {func(_ *aggregate.Coverage, s *coverageDepth) { s.trust.Services[0].Count[trust.Orphan] = 2 }, "parents", doubtful, "2 never came, 2.5%"},
		"many orphans": {func(_ *aggregate.Coverage, s *coverageDepth) {
			s.trust.Services[0].Count[trust.Orphan], s.trust.Services[0].InnerOrphans = 20, 20
		}, "parents", bad, "its own"},
		"context lost": {func(_ *aggregate.Coverage, s *coverageDepth) {
			s.gaps.Pairs[0].Lost, s.gaps.Pairs[0].Matched = true, 25
		}, "context", bad, "lost on 1 hop: web → api, 5.0% of 500 calls"},
		"calls unanswered":    {func(_ *aggregate.Coverage, s *coverageDepth) { s.gaps.Pairs[0].Unanswered = 5 }, "context", doubtful, "nowhere lost; 1.0% of calls of web to api"},
		"every call answered": {func(_ *aggregate.Coverage, s *coverageDepth) { s.gaps.Pairs = nil }, "context", good, "every call between services has its answer"},
		"no request":          {func(_ *aggregate.Coverage, s *coverageDepth) { s.gaps.Traces, s.gaps.Pairs = 0, nil }, "context", plain, "no request in this scope"},
		"clocks apart":        {func(_ *aggregate.Coverage, s *coverageDepth) { s.skew.Pairs[0].Offset = -4e6 }, "clocks", doubtful, "b is 4.00ms ahead against a"},
		"a clock unknown":     {func(_ *aggregate.Coverage, s *coverageDepth) { s.skew.Pairs[0].Used = 2 }, "clocks", plain, "no calls between hosts"},
		"begun in between":    {func(_ *aggregate.Coverage, s *coverageDepth) { s.sampling.LeafClient = 2 }, "sampling", doubtful, "2 of 10 traces begin in the middle"},
		"mixed":               {func(_ *aggregate.Coverage, s *coverageDepth) { s.sampling.Mixed = 1 }, "sampling", doubtful, "different probabilities"},
		"probability untold":  {func(_ *aggregate.Coverage, s *coverageDepth) { s.sampling.Total.Told = 0 }, "sampling", plain, "unknown"},
		"kinds lacking":       {func(_ *aggregate.Coverage, s *coverageDepth) { s.trust.Services[0].Count[trust.UnspecifiedKind] = 50 }, "spans", doubtful, "50 no kind"},
		"blind":               {func(_ *aggregate.Coverage, s *coverageDepth) { s.trust.Requests.Coverage.P50 = .2 }, "blind spots", doubtful, "explain 20% of an ordinary request"},
		"cut by SDKs": {func(v *aggregate.Coverage, _ *coverageDepth) {
			v.DroppedFields = []aggregate.ReasonCount{{Reason: "attributes", N: 4}}
		}, "SDK limits", doubtful, "dropped 4 attributes"},
	} {
		v, s := sound()
		c.spoil(v, s)
		rows := checksOf(v, s)
		found := false
		for i := range rows {
			if i > 0 && rows[i].level > max(rows[i-1].level, good) {
				t.Errorf("%s: %s stands below %s", name, rows[i].id, rows[i-1].id)
			}
			if rows[i].id != c.check {
				continue
			}
			found = true
			if rows[i].level != c.want || !strings.Contains(rows[i].cells[1].text.String(), c.text) {
				t.Errorf("%s: %d %q, want %d %q", name, rows[i].level, rows[i].cells[1].text, c.want, c.text)
			}
		}
		if !found || len(rows) != len(checkMeans) {
			t.Errorf("%s: %d checks, that of it among them: %v", name, len(rows), found)
		}
	}
}

// Panes lie beside and below one another, inside of the screen, at every size; a wide screen shows them all.
func TestCoveragePanesDoNotOverlap(t *testing.T) {
	for _, w := range []int{minWidth, 80, 120, coverBeside - 1, coverBeside, 200} {
		for _, h := range []int{minHeight, 24, 40, 60} {
			s := start(newFake(), w, h)
			s.keys("8")
			c := s.app.screen().(*Coverage)
			for i := 0; i < int(coverPanes); i++ {
				s.screen()
				if r := c.lay[c.at]; r.h < 2 {
					t.Fatalf("%dx%d: pane %d has the keys and %d rows", w, h, c.at, r.h)
				}
				mustNotOverlap(t, c, w, h-frameRows)
				s.keys("tab")
			}
			if w >= coverBeside && h >= 50 {
				for id, r := range c.lay {
					if r.h < coverLeast {
						t.Errorf("%dx%d: pane %d has %d rows", w, h, id, r.h)
					}
				}
			}
		}
	}
}

func mustNotOverlap(t *testing.T, c *Coverage, w, h int) {
	t.Helper()
	for i, a := range c.lay {
		if a.h > 0 && (a.x < 0 || a.y < 0 || a.x+a.w > w || a.y+a.h > h) {
			t.Errorf("%dx%d: pane %d at %+v", w, h, i, a)
		}
		for k, b := range c.lay {
			if k > i && a.h > 0 && b.h > 0 && a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
				t.Errorf("%dx%d: pane %d at %+v, pane %d at %+v", w, h, i, a, k, b)
			}
		}
	}
}

// The pane below the checks is that of the check under the cursor; Enter goes into it, Esc comes back, and its rows
// drill.
func TestCoverageGoesFromCheckToTrace(t *testing.T) {
	s := start(newFake(), 80, 24)
	s.keys("8")
	c := s.app.screen().(*Coverage)
	if c.shown != coverRoom { // edges were dropped: that is the worst
		t.Errorf("pane %d is shown first", c.shown)
	}
	s.mustShow(t, "memory and bounds", "3 bad, 2 doubtful")
	s.keys("down", "down")
	s.mustShow(t, "hops: is context passed on?", "frontend → shipping")
	s.keys("o")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(20) {
		t.Errorf("o opens %v %v", p.lens, p.trace)
	}
	s.keys("esc", "enter", "down", "enter")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(22) {
		t.Errorf("enter on a hop opens %v %v", p.lens, p.trace)
	}
	s.keys("esc", "esc")
	if c.at != coverChecks || s.app.trail.here().lens != LensCoverage {
		t.Errorf("esc leads to pane %d of %v", c.at, s.app.trail.here().lens)
	}
	s.keys("tab", "enter")
	p := s.app.trail.here()
	if want := `{ kind = unspecified && service = "notification" }`; p.lens != LensTraces || p.scope.Filter.String() != want {
		t.Errorf("the worst service leads to %v, filtered by %v", p.lens, p.scope.Filter)
	}
	s.keys("esc")
	s.screen()
	r := c.lay[coverServices]
	s.doubleClick(r.x+4, topRows+r.y+3)
	if p := s.app.trail.here(); p.lens != LensTraces || !strings.Contains(p.scope.Filter.String(), "cart") {
		t.Errorf("a double click leads to %v, filtered by %v", p.lens, p.scope.Filter)
	}
}

// Counters are on the screen while requests are still looked at, and what was said of another scope is not.
func TestCoverageDoesNotWait(t *testing.T) {
	s := start(newFake(), 120, 40)
	c := s.app.screens[LensCoverage].(*Coverage)
	c.Answer(must(newFake().Coverage(context.Background())))
	s.app.trail.replace(place{lens: LensCoverage})
	s.app.dirty = true
	s.mustShow(t, "looking at every retained request", "nothing was refused", "3 edges")
	s.keys("8", "1", "8")
	s.mustShow(t, "196 never came")
	other := Moment{Status: s.app.status, Scope: Scope{Last: time.Hour}}
	about, q := c.Aside(other)
	if rows := c.panes[coverHops].len(); rows != 0 || c.slow != nil {
		t.Errorf("%d hops of another scope are shown", rows)
	}
	for part, panes := range [...][]coverID{{coverServices, coverProblems}, {coverHops}, {coverClocks}, {coverSampling}} {
		if !c.Lacks() && part > 0 {
			t.Errorf("part %d is not asked for", part)
		}
		for _, p := range panes {
			if n := c.panes[p].len(); n != 0 {
				t.Errorf("pane %d has %d rows before part %d", p, n, part)
			}
		}
		x, err := q(context.Background(), newFake())
		if err != nil {
			t.Fatal(err)
		}
		c.AsideAnswer(nil, x)
		for _, p := range panes {
			if c.panes[p].len() == 0 {
				t.Errorf("pane %d is empty after part %d", p, part)
			}
		}
		was := about
		if about, q = c.Aside(other); part < 3 && about == was {
			t.Errorf("after part %d the same is asked again", part)
		} else if part == 3 && about != was {
			t.Error("what was asked last may not rest")
		}
	}
	if c.Lacks() || c.panes[coverHops].len() != 3 {
		t.Errorf("%d hops", c.panes[coverHops].len())
	}
	again, err := q(context.Background(), newFake())
	if err != nil || again.(*coverageDepth).missing() != coverParts {
		t.Errorf("%+v, %v: not everything is asked again", again, err)
	}
	fail := newFake()
	fail.fail = fmt.Errorf("gone")
	if _, err := q(context.Background(), fail); err == nil {
		t.Error("an error of the engine is lost")
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// What became of log records is said of each kind that there was.
func TestLogText(t *testing.T) {
	for want, l := range map[string]aggregate.LogRecords{
		"received; those of a trace are shown with its spans":                                      {},
		"12 shown with the spans of their trace":                                                   {Retained: 12},
		"0 shown with the spans of their trace, 3 of no trace, 4 sent twice":                       {Untraced: 3, Duplicate: 4},
		"9 shown with the spans of their trace, 1 sent twice, 20.0k evicted, 2 larger than 64 KiB": {Retained: 9, Duplicate: 1, Evicted: 20_000, Refused: 2},
	} {
		if got := logText(&l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Enter on a service leads to the fault that its row names, however many others it has.
func TestCoverageServiceLeadsToItsWorstFault(t *testing.T) {
	s := trust.Service{Name: "shipping", Spans: 2341, Entries: 1000, Inner: 1341, EntryOrphans: 2, OrphanTraces: 2}
	s.Count[trust.Orphan], s.Count[trust.Outside] = 2, 305
	s.Examples[trust.Outside] = []trust.Example{{Trace: fakeTrace(7), Span: 3}}
	row := serviceRow(&s)
	if to, ok := row.drill(Scope{}).(OpenTrace); !ok || to.ID != fakeTrace(7) {
		t.Errorf("leads to %+v", row.drill(Scope{}))
	}
	if got := row.say.String(); !strings.HasPrefix(got, "305 of 2341 spans of shipping: outside the parent; score 87%. Parents that never came: 2 of callers") {
		t.Errorf("says %q", got)
	}
	s.Count[trust.Orphan] = 400
	if _, ok := serviceRow(&s).drill(Scope{}).(OpenTrace); ok {
		t.Error("parents that never came are not filtered")
	}
	s.Count[trust.Orphan], s.EntryOrphans, s.OrphanTraces = 0, 0, 0
	if got := serviceRow(&s).say.String(); strings.Contains(got, "never came") {
		t.Errorf("says %q of nothing", got)
	}
	c := coverChecker{slow: &coverageDepth{trust: &aggregate.Trust{Result: trust.Result{Services: []trust.Service{s, {Name: "web", Spans: 1e6}}}}}}
	c.spans()
	if got := c.rows[0].cells[1].text.String(); got != "305 outside the parent (13% of shipping)" || c.rows[0].level != doubtful {
		t.Errorf("%q, %v", got, c.rows[0].level)
	}
}
