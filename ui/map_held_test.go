package ui

import (
	"fmt"
	"testing"

	"oteltop/aggregate"
)

// tailed is the shop with so many further services called one after the other, which take a layer each.
func tailed(n int) *aggregate.Map {
	lines := []string{"user -> web call 12 0 40", "web -> cart call 5 0 33", "web -> catalog call 5 0 9"}
	from := "cart"
	for i := range n {
		to := fmt.Sprintf("tail-%02d", i)
		lines = append(lines, from+" -> "+to+" call 1 0 5")
		from = to
	}
	return mapOf(lines...)
}

// What is called seldom comes and goes with the time window. The map makes room for it once, and does not change its
// form each time.
func TestMapKeepsItsForm(t *testing.T) {
	for _, size := range [...][2]int{{80, 24}, {120, 32}, {200, 52}} {
		m, f := mapWith(tailed(0), size[0], size[1])
		now := m.graph.answer.Provenance.To
		show := func(answer *aggregate.Map) {
			now += 2 * quietTime
			answer.Provenance.To = now
			m.Answer(answer)
			drawMap(m, f)
		}
		first := m.plan.rank
		n := 0
		for m.plan.rank == first {
			n++
			if n > 60 {
				t.Fatalf("%v: %d layers fit", size, n)
			}
			show(tailed(n))
		}
		full := m.plan.rank
		for range 3 {
			for _, tail := range []int{n - 1, n} {
				show(tailed(tail))
				if m.plan.rank != full {
					t.Fatalf("%v, %d layers: %v again, after %v", size, tail, m.plan.form, mapForm(full>>8))
				}
			}
		}
		show(mapOf("web -> cart call 5 0 33"))
		if m.plan.form != formBoxes {
			t.Errorf("%v: %v where most of the screen is free", size, m.plan.form)
		}
	}
}

// Another scope has nothing to do with what was shown before it: there the form is chosen anew.
func TestMapChoosesItsFormForAScope(t *testing.T) {
	m, f := mapWith(tailed(0), 120, 32)
	n, first := 0, m.plan.rank
	for ; m.plan.rank == first; n++ {
		m.Answer(tailed(n))
		drawMap(m, f)
	}
	at := f.Moment
	m.Question(at)
	at.Scope.Last = 60e9
	m.Question(at)
	m.Answer(tailed(n - 2))
	drawMap(m, f)
	if m.plan.rank != first {
		t.Errorf("%v in a new scope, want %v", m.plan.form, mapForm(first>>8))
	}
}
