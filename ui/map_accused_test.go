package ui

import (
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"

	"github.com/charmbracelet/colorprofile"
)

// What a grave finding accuses is in trouble, however good its figures look, and its calls have a figure on the map
// even where they share all of their way with others; what is only wasteful is not.
func TestMapShowsWhatFindingsAccuse(t *testing.T) {
	answer := mapOf("user -> web call 12 0 40", "web -> cart call 5 0 33", "web -> pay call 5 0 9", "pay -> cart call 5 0 9",
		"web -> mail call 5 0 9", "mail -> cart call 5 0 9")
	m, f := mapWith(answer, 120, 32)
	if text := mapText(drawMap(m, f)); !strings.Contains(text, "no grave finding") {
		t.Errorf("nothing is found, and that is not said:\n%s", text)
	}
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{
		{Kind: findings.Onset, Title: "cart got slower", Client: "web", Service: "cart", Harmed: 9, Of: 10},
		{Kind: findings.NPlusOne, Title: "pay asks for each", Client: "web", Service: "pay", Harmed: 1, Of: 10},
	}})
	text := mapText(drawMap(m, f))
	for _, want := range []string{"Δ 33.0ms", "Δ 90%"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on\n%s", want, text)
		}
	}
	if strings.Contains(text, "no grave finding") {
		t.Errorf("a tick beside a finding:\n%s", text)
	}
	from, to := m.story.span(listTrouble)
	if rows := m.story.rows[from:to]; len(rows) != 1 || rows[0].node != "cart" {
		t.Errorf("in trouble: %+v", rows)
	}
	m.pick(mapPick{node: "web"})
	if text := mapText(drawMap(m, f)); !slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return strings.Contains(l, "▶Δ cart") }) {
		t.Errorf("the list of calls does not mark the one that is accused:\n%s", text)
	}
}

// Who fails three in ten requests is in more trouble than who makes four in a thousand slow; a change comes before both.
func TestMapRanksTrouble(t *testing.T) {
	m, f := mapWith(mapOf("user -> web call 100 0 40", "web -> cart call 100 30 33", "web -> pay call 100 0 9"), 80, 20)
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{
		{Kind: findings.LatencyOutlier, Title: "4 of 1000 were slow", Service: "web", Harmed: 4, Of: 1000},
		{Kind: findings.Onset, Title: "pay got slower", Client: "web", Service: "pay", Harmed: 9, Of: 10},
	}})
	drawMap(m, f)
	if got := strings.Join(m.troubled(), " "); got != "pay cart web" {
		t.Errorf("in trouble: %s", got)
	}
	if got := strings.Join(m.table.keys[:3], " "); got != "pay cart web" {
		t.Errorf("the table has %s first", got)
	}
}

// A finding goes to the whole map, in the time that was looked at, with its place selected, each time; Esc deselects,
// then goes back.
func TestFindingOnTheMap(t *testing.T) {
	e := newFake()
	s := watch(e, "4", 120, 40, colorprofile.TrueColor)
	m := s.app.screens[LensMap].(*Map)
	for range 2 {
		s.keys("f")
		p := s.app.trail.here()
		if p.lens != LensMap || p.scope.Window != (aggregate.Window{}) || m.picked.node != "payments" {
			t.Fatalf("%v of %+v with %+v", p.lens, p.scope, m.picked)
		}
		s.mustShow(t, "Δ payments: GET /payments/{id} in payments works 412ms")
		if q, _ := lastAsked[aggregate.Query](e); !q.Focus.IsZero() {
			t.Errorf("the map is narrowed to %+v", q.Focus)
		}
		s.keys("esc")
		if s.app.trail.here().lens != LensMap || !m.picked.none() {
			t.Errorf("esc leaves %+v selected in %v", m.picked, s.app.trail.here().lens)
		}
		s.keys("esc")
		if l := s.app.trail.here().lens; l != LensFindings {
			t.Errorf("esc goes back to %v", l)
		}
	}
}

// A change that is over accuses nobody: it is listed with its sign and word, and what goes on at its place is marked
// before it.
func TestMapTellsWhatIsOver(t *testing.T) {
	m, f := mapWith(shopMap(), 120, 40)
	over := findings.Finding{Kind: findings.Onset, Title: "cart got slower; over after 1m02s", Client: "web", Service: "cart", Ended: 1, Harmed: 9, Of: 10}
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{over}})
	text := mapText(drawMap(m, f))
	for _, want := range []string{"✔ cart got slower; over after 1m02s", "over\n", "✔ changed, over"} {
		if !strings.Contains(strings.ReplaceAll(text, " \n", "\n"), want) {
			t.Errorf("no %q on\n%s", want, text)
		}
	}
	if from, to := m.story.span(listTrouble); slices.ContainsFunc(m.story.rows[from:to], func(r storyRow) bool { return r.node == "cart" }) || strings.Contains(text, "Δ") {
		t.Errorf("in trouble for what is over:\n%s", text)
	}
	m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{over, {Kind: findings.ErrorOrigin, Title: "cart fails", Client: "web", Service: "cart", Harmed: 1, Of: 10}}})
	if mark, _ := m.found.mark("cart", f); mark != f.G.Error {
		t.Errorf("marked %c", mark)
	}
}

// Titles take the lines that they need where there is room for them.
func TestMapWrapsWhatWasFound(t *testing.T) {
	const title = "cart waits 11.3ms for each hipstershop.AdService/GetAds of the service that shows advertisements beyond what that needs (before: 2.64ms): network or queue"
	m, f := mapWith(shopMap(), 200, 60)
	if m.AsideAnswer(nil, &aggregate.Findings{Rows: []findings.Finding{{Kind: findings.Onset, Title: title, Service: "cart", Harmed: 9, Of: 10}}}); m.plan.storyArea.w > 80 {
		t.Skip("the story is not beside the map")
	}
	if text := mapText(drawMap(m, f)); strings.Contains(text, "…") || !strings.Contains(text, "network or queue") {
		t.Errorf("cut:\n%s", text)
	}
}
