package ui

import (
	"fmt"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/themes"

	"github.com/charmbracelet/colorprofile"
)

// shopFindings are what was found in shopMap: a grave finding of a leaf, one about calls, and waste.
func shopFindings() *aggregate.Findings {
	rows := []findings.Finding{
		{Kind: findings.Onset, Title: "ads works 84.0ms for each request, before 12.1ms", Service: "ads", Harmed: 73, Of: 912, From: 1, To: 2},
		{Kind: findings.Retries, Title: "checkout calls payment twice and more in 8% of requests", Client: "checkout", Service: "payment", Harmed: 71, Of: 912},
		{Kind: findings.NPlusOne, Title: "catalog runs SELECT item 48 times one after the other: 312ms of 540ms", Service: "catalog", Harmed: 40, Of: 912},
	}
	return &aggregate.Findings{Rows: findings.Merge(rows), Found: len(rows)}
}

// The focus form lists the worst findings, marks the nodes that they accuse and puts those first.
func TestFocusFormListsFindings(t *testing.T) {
	for _, size := range [][2]int{{80, 20}, {120, 32}, {200, 52}} {
		m := newMap()
		m.form = formFocus
		f := mapFrame(plainTheme(), size[0], size[1])
		m.Answer(shopMap())
		m.AsideAnswer(nil, shopFindings())
		text := mapText(drawMap(m, f))
		golden(t, fmt.Sprintf("map-focus-found-%dx%d.txt", size[0], size[1]), text)
		for _, want := range []string{"found: 3, the worst first", "ads works 84.0ms", "8.0%", "●Δ ads"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q on\n%s", size, want, text)
			}
		}
		if n := m.subject(); n == nil || n.Name != "ads" {
			t.Errorf("%v: the card shows %+v", size, n)
		}
	}
}

// A finding is reached by tab and opened by Enter; moving the cursor narrows the list and moves no line.
func TestFocusFormFindingsDrill(t *testing.T) {
	m := newMap()
	f := mapFrame(plainTheme(), 80, 20)
	m.Answer(shopMap())
	m.AsideAnswer(nil, shopFindings())
	line := func(text, part string) int {
		for y, l := range strings.Split(text, "\n") {
			if strings.Contains(l, part) {
				return y
			}
		}
		return -1
	}
	drawMap(m, f)
	if d, ok := mapKeys(m, f, "tab", "enter").(Drill); !ok || d.Lens != LensLatency || d.Scope.Focus.Service != "ads" {
		t.Errorf("enter on the first finding leads to %+v", d)
	}
	mapKeys(m, f, "down")
	if r := m.currentFinding(); r == nil || r.Service != "payment" {
		t.Errorf("down goes to %+v", r)
	}
	mapKeys(m, f, "esc")
	for _, c := range []struct{ node, want string }{
		{"payment", "found: 1 about payment"}, {"checkout", "checkout calls payment twice"}, {"redis", "nothing about what is selected; esc: 3 in the whole system"},
	} {
		m.pick(mapPick{node: c.node})
		text := mapText(drawMap(m, f))
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q on\n%s", c.node, c.want, text)
		}
		if found, all := line(text, "found: "), line(text, "all nodes"); all-found != 3 {
			t.Errorf("%s: the table is %d lines below the findings", c.node, all-found)
		}
	}
	m.pick(mapPick{})
	drawMap(m, mapFrame(plainTheme(), 80, 14)) // a low screen: figures come first
	if from, to := m.story.span(listFindings); from != to {
		t.Errorf("the cursor can go to %d findings that are not on the screen", to-from)
	}
}

func plainTheme() *themes.Theme { return themes.New("dark", colorprofile.TrueColor, false) }
