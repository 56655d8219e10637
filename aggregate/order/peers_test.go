package order_test

import (
	"fmt"
	"strings"
	"testing"

	"oteltop/aggregate/order"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/store"
)

// told writes down all that a model says, path by path from above: of each operation called there what holds of its
// end ("ends", or "outlives" where it was seen to), and of its siblings that ended before it began ("after x"; with
// a question mark where that was contradicted). What was never seen is left out.
func told(m *order.Model, names *rolluptest.Names) string {
	var lines []string
	var below func(above int32, path string)
	below = func(above int32, path string) {
		each(names, func(op uint32, o store.Operation) {
			at := m.Find(above, op)
			if at < 0 {
				return
			}
			here := strings.TrimPrefix(path+"/"+o.Name, "/")
			lines = append(lines, said(m.Parent(at), names, here)...)
			below(at, here)
		})
	}
	below(-1, "")
	return strings.Join(lines, "; ")
}

// said is what a model says of the operations below one path.
func said(p *order.Parent, names *rolluptest.Names, path string) (lines []string) {
	each(names, func(op uint32, o store.Operation) {
		slot := p.Slot(op)
		if slot < 0 {
			return
		}
		text := "ends"
		if n := p.Ends(slot); n.Broken > 0 {
			text = "outlives"
		}
		each(names, func(before uint32, b store.Operation) {
			switch n := p.Order(p.Slot(before), slot); {
			case n.Holds():
				text += " after " + b.Name
			case n.Held > 0:
				text += " after " + b.Name + "?"
			}
		})
		lines = append(lines, fmt.Sprintf("%s/%s %s", path, o.Name, text))
	})
	return lines
}

func each(names *rolluptest.Names, yield func(op uint32, o store.Operation)) {
	for op := uint32(1); op <= uint32(names.Operations()); op++ {
		yield(op, names.Operation(op))
	}
}

// situation is a drawing of traces, and what is learned from them.
type situation struct{ drawing, want string }

// The situations of CRISP's dependency graph (github.com/uber-research/CRISP, tests/test_dependency_graph.py). It also
// keeps how long after its start a parent calls, and how long after the last call it ends: here requests are retimed
// with their own pauses, so no average of these is needed. Where it differs:
//
//   - A call that ends at the same moment as its parent is neither awaited nor asynchronous there. Here the parent waited
//     for it, which is what a wrapper around a call looks like.
//   - A call may outlive its parent by a hundredth of it (one moment for clocks), and a server may outlive its client.
func TestSituationsOfCRISP(t *testing.T) {
	checkSituations(t, map[string]situation{
		"a leaf": {`s A server 0..100`, ""},
		"one child": {`
			s A server 0..100
			  t B client 10..90`, "A/B ends"},
		"three in turn, and in no other order": {`
			s A server 0..300
			  t B client 0..80
			  t C client 100..180
			  t D client 200..280`, "A/B ends; A/C ends after B; A/D ends after B after C"},
		"two in turn": {`
			s A server 0..300
			  t B client 0..80
			  t C client 100..180`, "A/B ends; A/C ends after B"},
		"two at once after one": {`
			s A server 0..500
			  t B client 0..50
			  t C client 60..300
			  t D client 100..400`, "A/B ends; A/C ends after B; A/D ends after B"},
		"two at once": {`
			s A server 0..200
			  t B client 0..150
			  t C client 10..160`, "A/B ends; A/C ends"},
		"within what clocks are wrong by": {`
			s A server 0..1000
			  t B client 0..500
			  t C client 495..1000`, "A/B ends; A/C ends after B"},
		"beyond it": {`
			s A server 0..1000
			  t B client 0..510
			  t C client 495..1000`, "A/B ends; A/C ends"},
		"asynchronous": {`
			s A server 0..100
			  t B client 50..150`, "A/B outlives"},
		"asynchronous, after another": {`
			s A server 0..100
			  t C client 0..40
			  t B client 50..150`, "A/C ends; A/B outlives after C"},
		"ends with its parent": {`
			s A server 0..100
			  t B client 50..100`, "A/B ends"},
	})
}

// Calls of calls, and what several traces say together.
func TestDeeperSituationsOfCRISP(t *testing.T) {
	checkSituations(t, map[string]situation{
		"one after the other, called the same": {`
			s A server 0..1000
			  t B client 0..400
			    u C client 10..390
			  t B client 500..900
			    u C client 520..880`, "A/B ends after B; A/B/C ends"},
		"called the same, by different callers": {`
			s A server 0..1000
			  t B client 0..500
			    v X client 10..100
			  u D client 500..1000
			    v X client 510..600`, "A/B ends; A/D ends after B; A/B/X ends; A/D/X ends"},
		"three levels": {`
			s A server 0..100
			  t B client 10..70
			    u C client 25..45
			    v D client 30..50`, "A/B ends; A/B/C ends; A/B/D ends"},
		"of every kind": {`
			s A server 0..100
			  t B client 0..100
			  t C client 0..30
			  t D client 40..150`, "A/B ends; A/C ends; A/D outlives after C"},
		"contradicted by another trace": {`
			s A server 0..300
			  t B client 0..80
			  t C client 100..180
			trace 2
			s A server 0..300
			  t B client 0..180
			  t C client 100..180`, "A/B ends; A/C ends after B?"},
		"confirmed, and seen alone": {`
			s A server 0..300
			  t B client 0..80
			  t C client 100..180
			trace 2
			s A server 0..300
			  t B client 0..80
			  t C client 90..180
			trace 3
			s A server 0..300
			  t C client 0..180`, "A/B ends; A/C ends after B"},
		"asynchronous in one trace of two": {`
			s A server 0..100
			  t B client 50..90
			trace 2
			s A server 0..100
			  t B client 50..150`, "A/B outlives"},
		"a root is no child, an orphan no part": {`
			s A server 0..100
			  t B client 10..70
			t X client 0..10 parent=77`, "A/B ends"},
	})
}

func checkSituations(t *testing.T, cases map[string]situation) {
	t.Helper()
	for name, c := range cases {
		names := &rolluptest.Names{}
		m := order.New()
		for _, r := range drawn(t, names, c.drawing) {
			m.Fold(r.heads, &r.tree, rootOf(r))
		}
		if got := told(m, names); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

// rootOf is the first root that is a span.
func rootOf(r *request) int32 {
	for i := range r.tree.Nodes {
		if n := &r.tree.Nodes[i]; n.Parent < 0 && n.Span >= 0 && n.Flags&model.Orphan == 0 {
			return int32(i)
		}
	}
	return -1
}
