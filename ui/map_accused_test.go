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
	for _, want := range []string{"▲ 33.0ms", "▲ 90%"} {
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
	if text := mapText(drawMap(m, f)); !slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return strings.Contains(l, "▶▲cart") }) {
		t.Errorf("the list of calls does not mark the one that is accused:\n%s", text)
	}
}

// A finding goes to the whole map of its time with its place selected, each time; Esc deselects, then goes back.
func TestFindingOnTheMap(t *testing.T) {
	e := newFake()
	s := watch(e, "4", 120, 40, colorprofile.TrueColor)
	m := s.app.screens[LensMap].(*Map)
	for range 2 {
		s.keys("f")
		p := s.app.trail.here()
		if p.lens != LensMap || p.scope.Window.From != epoch.UnixNano()-3*60e9 || m.picked.node != "payments" {
			t.Fatalf("%v of %+v with %+v", p.lens, p.scope, m.picked)
		}
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
