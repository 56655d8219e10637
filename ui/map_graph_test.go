package ui

import (
	"testing"

	"oteltop/aggregate"
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

func TestFinishedStepsOnly(t *testing.T) {
	trend := mapTrend("x", 5, 0, 1e6, false)
	end := trend.Start + mapSteps*trend.Step
	for _, c := range []struct {
		to   int64
		want int
	}{{end, mapSteps}, {end - 1e9, mapSteps - 1}, {0, mapSteps}} {
		got := finished(trend, c.to)
		if len(got.Calls) != c.want || len(got.Errors) != c.want || len(got.P95) != c.want {
			t.Errorf("to %d: %d steps, want %d", c.to, len(got.Calls), c.want)
		}
	}
	trend.Calls = trend.Calls[:2]
	if got := finished(trend, trend.Start+1); len(got.Calls) != 2 {
		t.Errorf("a short trend lost its end")
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
