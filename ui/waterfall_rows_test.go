package ui

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// expected lists rows the slow way: recursion over children, groups found by looking at each child list.
type expected struct {
	m    *traceModel
	f    *folding
	rows []string
}

func (e *expected) children(node int32) []int32 {
	nodes := e.m.t.Tree.Nodes
	from, end := int32(0), int32(len(nodes))
	if node >= 0 {
		from, end = node+1, nodes[node].End
	}
	var cs []int32
	for c := from; c < end; c = nodes[c].End {
		cs = append(cs, c)
	}
	return cs
}

func (e *expected) op(n int32) (uint32, bool) {
	if !e.m.real(n) {
		return 0, false
	}
	return e.m.head(n).Op, true
}

func (e *expected) list(siblings []int32, depth int) {
	for i := 0; i < len(siblings); {
		op, real := e.op(siblings[i])
		j := i + 1
		for real && j < len(siblings) {
			if o, ok := e.op(siblings[j]); !ok || o != op {
				break
			}
			j++
		}
		run := siblings[i:j]
		i = j
		if len(run) < groupLeast {
			for _, n := range run {
				e.node(n, depth)
			}
			continue
		}
		e.rows = append(e.rows, fmt.Sprintf("%d group %d of %d", depth, run[0], len(run)))
		if !e.f.folded(rowKey{e.m.key(run[0]), true}, depth) {
			for _, n := range run {
				e.node(n, depth+1)
			}
		}
	}
}

func (e *expected) node(n int32, depth int) {
	e.rows = append(e.rows, fmt.Sprintf("%d node %d", depth, n))
	if cs := e.children(n); len(cs) > 0 && !e.f.folded(rowKey{e.m.key(n), false}, depth) {
		e.list(cs, depth+1)
	}
}

// randomFolding folds and opens at random, with and without a depth.
func randomFolding(r *rand.Rand, m *traceModel) *folding {
	f := newFolding()
	if r.IntN(2) == 0 {
		f.depth = r.IntN(6)
	}
	f.open = r.IntN(2) == 0
	for i := range m.t.Tree.Nodes {
		if r.IntN(6) == 0 {
			f.toggle(rowKey{m.key(int32(i)), r.IntN(2) == 0})
		}
	}
	return &f
}

func TestWaterfallRowsAreThoseOfRecursion(t *testing.T) {
	for seed := range uint64(300) {
		r := modeltest.Rand(seed)
		m := randomModel(r)
		f := randomFolding(r, m)
		e := expected{m: m, f: f}
		e.list(e.children(-1), 0)
		rows := m.rows(f, -1, nil)
		if len(rows) != len(e.rows) {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(rows), len(e.rows))
		}
		for i, row := range rows {
			got := fmt.Sprintf("%d node %d", row.depth, row.node)
			if row.group >= 0 {
				got = fmt.Sprintf("%d group %d of %d", row.depth, row.node, m.groups[row.group].count)
			}
			if got != e.rows[i] {
				t.Fatalf("seed %d: row %d is %q, want %q", seed, i, got, e.rows[i])
			}
			if row.up >= 0 && rows[row.up].depth != row.depth-1 {
				t.Fatalf("seed %d: row %d hangs under a row of depth %d", seed, i, rows[row.up].depth)
			}
			last := true // no row of the same depth follows before a shallower one
			for _, next := range rows[i+1:] {
				if next.depth <= row.depth {
					last = next.depth < row.depth
					break
				}
			}
			if row.depth > 0 && row.last != last {
				t.Fatalf("seed %d: row %d last=%v", seed, i, row.last)
			}
		}
	}
}

// randomModel is a random trace of one of several sorts, often with runs of equal siblings.
func randomModel(r *rand.Rand) *traceModel {
	n := 1 + r.IntN(120)
	var spans []model.Span
	switch r.IntN(4) {
	case 0:
		spans = modeltest.Random(r, n)
	case 1:
		spans = modeltest.Hostile(r, n)
	case 2:
		spans = modeltest.Wide(n)
	case 3:
		spans = modeltest.Sequential(r, n)
	}
	names := 1 + r.IntN(3)
	for i := range spans { // few names make runs
		spans[i].Name = fmt.Sprint("op", r.IntN(names))
	}
	return newTraceModel(waterfallView(model.NewTrace(model.TraceID{Lo: 1}, spans, nil)))
}

func TestWaterfallRevealShowsAnyNode(t *testing.T) {
	for seed := range uint64(200) {
		r := modeltest.Rand(seed)
		m := randomModel(r)
		f := randomFolding(r, m)
		node := int32(r.IntN(len(m.t.Tree.Nodes)))
		if len(m.t.Tree.Nodes) > 1 {
			f.focus = []spanKey{m.key(int32(r.IntN(len(m.t.Tree.Nodes))))}
		}
		m.reveal(f, node)
		at := int32(-1)
		if len(f.focus) > 0 {
			at = m.find(f.focus[0])
		}
		// Hostile traces may hold the same span twice; then any of them will do.
		seen := false
		for _, row := range m.rows(f, at, nil) {
			seen = seen || row.group < 0 && m.key(row.node) == m.key(node)
		}
		if !seen {
			t.Fatalf("seed %d: node %d is not shown", seed, node)
		}
	}
}

func TestWaterfallGroups(t *testing.T) {
	db := func(n int, statement string, step, dur int) string {
		s := "web  GET /  server 0..1000\n"
		for i := range n {
			s += fmt.Sprintf("  web  SELECT  client %d..%d db.system=mysql db.query.text=%q\n", i*step, i*step+dur, fmt.Sprintf(statement, i))
		}
		return s
	}
	for _, c := range []struct {
		name, drawing  string
		groups, width  int
		repeated       bool
		total, longest int64
	}{
		{"serial queries that differ in a number", db(6, "SELECT * FROM t WHERE id=%d", 30, 20), 1, 1, true, 120e6, 20e6},
		{"four are not enough", db(4, "SELECT * FROM t WHERE id=%d", 30, 20), 0, 0, false, 0, 0},
		{"together too short", db(6, "SELECT * FROM t WHERE id=%d", 30, 5), 1, 1, false, 30e6, 5e6},
		{"in parallel", db(6, "SELECT * FROM t WHERE id=%d", 10, 20), 1, 2, false, 120e6, 20e6},
		{"all at once", db(6, "SELECT * FROM t WHERE id=%d", 0, 20), 1, 6, false, 120e6, 20e6},
		{"different statements", db(6, "SELECT * FROM t%c", 30, 20), 1, 1, false, 120e6, 20e6},
		{"quoted strings are literals", db(6, "SELECT * FROM t WHERE k='%c'", 30, 20), 1, 1, true, 120e6, 20e6},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newTraceModel(waterfallView(modeltest.Trace(t, c.drawing)))
			if len(m.groups) != c.groups {
				t.Fatalf("%d groups, want %d", len(m.groups), c.groups)
			}
			if c.groups == 0 {
				return
			}
			g := m.groups[0]
			if g.width != c.width || g.repeated != c.repeated || g.total != c.total || g.most != c.longest {
				t.Errorf("width %d repeated %v total %d most %d", g.width, g.repeated, g.total, g.most)
			}
		})
	}
}
