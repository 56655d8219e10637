package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/ui/num"
)

func TestMapGraphKeepsEdgesToUnlistedNodes(t *testing.T) {
	g := newMapGraph(&aggregate.Map{Edges: []aggregate.Edge{{Client: "a", Server: "b"}}}, nil)
	if len(g.nodes) != 2 || g.nodes[0].Kind != aggregate.NodeInferred {
		t.Errorf("%+v", g.nodes)
	}
}

func TestTrendGrowth(t *testing.T) {
	flat := mapTrend("x", 50, 0, 1e6, false)
	if g := trendGrowth(&flat); g < 0.8 || g > 1.25 {
		t.Errorf("flat: %g", g)
	}
	grown := mapTrend("x", 50, 0, 1e6, true)
	if g := trendGrowth(&grown); g < 2.4 || g > 3.6 {
		t.Errorf("tripled: %g", g)
	}
	few := mapTrend("x", 0.2, 0, 1e6, true)
	if g := trendGrowth(&few); g != 0 {
		t.Errorf("a handful of calls: %g", g)
	}
}

func TestMapGraphFindsEdges(t *testing.T) {
	g := newMapGraph(shopMap(), nil)
	for i := range g.edges {
		k := g.edges[i].key()
		if at, ok := g.edge(k); !ok || at != i {
			t.Errorf("%+v: %d, %v", k, at, ok)
		}
		k.kind = ""
		if at, ok := g.edge(k); !ok || at != i {
			t.Errorf("%+v without its kind: %d, %v", k, at, ok)
		}
	}
	for _, k := range []edgeKey{{"cart", "user", ""}, {"zebra", "cart", ""}, {"cart", "redis", aggregate.EdgeCall}} {
		if at, ok := g.edge(k); ok {
			t.Errorf("%+v found at %d", k, at)
		}
	}
}

func BenchmarkMapAnswer(b *testing.B) {
	answer := fixtureMap(b)
	m := newMap()
	b.ReportAllocs()
	for b.Loop() {
		m.Answer(answer)
	}
}

// Spans that lost their parent make no second caller of the same name: their calls are counted with the real ones,
// the head says how many, and the layout does not change with them.
func TestMapFoldsPhantomCallers(t *testing.T) {
	lines := []string{"user -> web call 12 0 40", "web -> shipping call 5 0 9", "shipping -> mail.example inferred 1 0 9"}
	m, f := mapWith(mapOf(lines...), 120, 32)
	plan := m.plan
	with := mapOf(append(lines, "web -> shipping inferred 1 100 5")...)
	known, phantom := with.Edges[1], with.Edges[3]
	m.Answer(with)
	head, _, _ := strings.Cut(mapText(drawMap(m, f)), "\n")
	if m.plan != plan || len(m.graph.edges) != 3 {
		t.Errorf("%d edges, layout kept %v", len(m.graph.edges), m.plan == plan)
	}
	i, ok := m.graph.edge(edgeKey{"web", "shipping", aggregate.EdgeCall})
	if !ok {
		t.Fatal("the real edge is gone")
	}
	if e := m.graph.edges[i]; e.Calls != known.Calls+phantom.Calls || e.Failed != phantom.Failed || e.Rate != known.Rate+phantom.Rate || e.p95() != known.ClientP95 {
		t.Errorf("folded into %+v", e.Edge)
	}
	if said := string(num.Count(nil, phantom.Calls)) + " inferred, counted as calls"; !strings.Contains(head, said) {
		t.Errorf("no %q in %q", said, head)
	}
	with.Broken, with.Pending = 84, 230
	m.Answer(with)
	f.W = 80
	head, _, _ = strings.Cut(mapText(drawMap(m, f)), "\n")
	for _, said := range []string{" 84 no caller", " inferred  ", "230 pending"} {
		if !strings.Contains(head, said) {
			t.Errorf("no %q in %q, of 80 columns", said, head)
		}
	}
	if len(with.Edges) != 4 || with.Edges[1].Calls != known.Calls {
		t.Error("the answer was changed")
	}
}
