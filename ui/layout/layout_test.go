package layout

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

var options = Options{GapX: 6, GapY: 1, MaxGapX: 16}

// random makes a graph of n nodes and about m edges that looks like services: most edges go deeper, a few
// come back.
func random(seed uint64, n, m int) ([]Node, []Edge) {
	r := rand.New(rand.NewPCG(seed, 1))
	nodes := make([]Node, n)
	for i := range nodes {
		nodes[i] = Node{ID: fmt.Sprintf("svc-%03d", i), W: 8 + r.IntN(14), H: []int{1, 4}[seed%2]}
	}
	var edges []Edge
	for range m {
		a, b := r.IntN(n), r.IntN(n)
		if a > b && r.IntN(8) > 0 {
			a, b = b, a
		}
		edges = append(edges, Edge{From: nodes[a].ID, To: nodes[b].ID, Weight: float64(r.IntN(1000))})
	}
	return nodes, edges
}

func mustPlace(t testing.TB, nodes []Node, edges []Edge, o Options) *Layout {
	t.Helper()
	l, err := Place(nodes, edges, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestBoxesNeverOverlapAndStayInside(t *testing.T) {
	each(t, func(t *testing.T, _ []Node, _ []Edge, l *Layout) {
		for i, a := range l.Boxes {
			if a.X < 0 || a.Y < 0 || a.X+a.W > l.W || a.Y+a.H > l.H {
				t.Errorf("%+v outside %d×%d", a, l.W, l.H)
			}
			for _, b := range l.Boxes[:i] {
				if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
					t.Errorf("%+v overlaps %+v", a, b)
				}
			}
		}
	})
}

func TestLinesTouchOnlyTheirOwnBoxes(t *testing.T) {
	each(t, func(t *testing.T, _ []Node, _ []Edge, l *Layout) {
		owner := map[Point]string{}
		for _, b := range l.Boxes {
			for y := range b.H {
				for x := range b.W {
					owner[Point{b.X + x, b.Y + y}] = b.ID
				}
			}
		}
		for i := range l.Lines {
			p := &l.Lines[i]
			p.walk(func(x, y int, _ Arms) {
				if in := owner[Point{x, y}]; in != "" {
					t.Errorf("%s → %s runs through %s at %d,%d", p.From, p.To, in, x, y)
				}
			})
			start, end := p.Path[0], p.Path[len(p.Path)-1]
			out, into := -1, 1
			if p.Back {
				out, into = 1, -1
			}
			if got := owner[Point{start.X + out, start.Y}]; got != p.From {
				t.Errorf("%s → %s starts beside %q", p.From, p.To, got)
			}
			if got := owner[Point{end.X + into, end.Y}]; got != p.To {
				t.Errorf("%s → %s ends beside %q", p.From, p.To, got)
			}
			for j := 1; j < len(p.Path); j++ {
				if a, b := p.Path[j-1], p.Path[j]; a.X != b.X && a.Y != b.Y {
					t.Errorf("%s → %s: slanted from %v to %v", p.From, p.To, a, b)
				}
			}
		}
	})
}

func TestEveryEdgeIsDrawnOnce(t *testing.T) {
	each(t, func(t *testing.T, _ []Node, edges []Edge, l *Layout) {
		want := map[string]bool{}
		for _, e := range edges {
			if e.From != e.To {
				want[e.From+" "+e.To] = true
			}
		}
		for _, p := range l.Lines {
			k := p.From + " " + p.To
			if !want[k] {
				t.Errorf("line %s is no edge, or twice", k)
			}
			delete(want, k)
		}
		for k := range want {
			t.Errorf("edge %s has no line", k)
		}
	})
}

// Upright pieces of different trunks must not share a cell: they could not be told apart.
func TestUprightRunsOfTrunksAreApart(t *testing.T) {
	each(t, func(t *testing.T, _ []Node, _ []Edge, l *Layout) {
		for _, c := range l.Cells() {
			trunk := -1
			for _, s := range c.Strokes {
				if s.Arms&(Up|Down) == 0 {
					continue
				}
				if tr := l.Lines[s.Line].Trunk; trunk >= 0 && tr != trunk {
					t.Errorf("two trunks upright at %d,%d", c.X, c.Y)
				} else {
					trunk = tr
				}
			}
		}
	})
}

// A drawn line continues in the neighbouring cell in every direction in which it has an arm, or ends at a
// box.
func TestArmsMeet(t *testing.T) {
	each(t, func(t *testing.T, _ []Node, _ []Edge, l *Layout) {
		arms := map[[3]int]Arms{}
		for _, c := range l.Cells() {
			for _, s := range c.Strokes {
				arms[[3]int{c.X, c.Y, int(s.Line)}] = s.Arms
			}
		}
		for k, a := range arms {
			for arm, d := range map[Arms]Point{Up: {0, -1}, Down: {0, 1}, Left: {-1, 0}, Right: {1, 0}} {
				if a&arm == 0 {
					continue
				}
				x, y := k[0]+d.X, k[1]+d.Y
				inBox := slices.ContainsFunc(l.Boxes, func(b Box) bool {
					return x >= b.X && x < b.X+b.W && y >= b.Y && y < b.Y+b.H
				})
				if !inBox && arms[[3]int{x, y, k[2]}]&opposite(arm) == 0 {
					t.Errorf("line %d has an open end at %d,%d", k[2], k[0], k[1])
				}
			}
		}
	})
}

func TestInputOrderDoesNotMatter(t *testing.T) {
	each(t, func(t *testing.T, nodes []Node, edges []Edge, want *Layout) {
		r := rand.New(rand.NewPCG(7, 7))
		nodes, edges = slices.Clone(nodes), slices.Clone(edges)
		for range 3 {
			r.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
			r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
			if got := mustPlace(t, nodes, edges, options); !reflect.DeepEqual(got, want) {
				t.Fatal("another order of the same input gives another layout")
			}
		}
	})
}

func TestSeededLayoutKeepsTheOrder(t *testing.T) {
	each(t, func(t *testing.T, nodes []Node, edges []Edge, before *Layout) {
		more := append(slices.Clone(nodes), Node{ID: "newcomer", W: 12, H: nodes[0].H})
		wired := append(slices.Clone(edges), Edge{nodes[0].ID, "newcomer", 1}, Edge{"newcomer", nodes[len(nodes)-1].ID, 1})
		o := options
		o.Previous = before
		after := mustPlace(t, more, wired, o)
		for _, a := range before.Boxes {
			for _, b := range before.Boxes {
				a2, _ := after.Box(a.ID)
				b2, _ := after.Box(b.ID)
				if a.Layer == b.Layer && a2.Layer == b2.Layer && a.Y < b.Y && a2.Y > b2.Y {
					t.Errorf("%s was above %s and is below it now", a.ID, b.ID)
				}
			}
		}
	})
}

func TestSeededWithItselfChangesNothingButFreeBends(t *testing.T) {
	nodes, edges := random(3, 12, 14)
	before := mustPlace(t, nodes, edges, options)
	o := options
	o.Previous = before
	after := mustPlace(t, nodes, edges, o)
	for i, b := range before.Boxes {
		if after.Boxes[i].Layer != b.Layer || after.Boxes[i].X != b.X {
			t.Errorf("%+v became %+v", b, after.Boxes[i])
		}
	}
}

func TestWidthIsFilled(t *testing.T) {
	nodes, edges := random(3, 12, 16)
	narrow := mustPlace(t, nodes, edges, options)
	o := options
	o.Width = narrow.W + 7
	if wide := mustPlace(t, nodes, edges, o); wide.W != narrow.W+7 {
		t.Errorf("%d columns, want %d", wide.W, narrow.W+7)
	}
	o.Width = 10_000
	most := mustPlace(t, nodes, edges, o)
	if most.W > narrow.W+(most.Layers-1)*o.MaxGapX {
		t.Errorf("%d columns: wider than the gaps may be", most.W)
	}
}

func TestLayersFollowTheFlow(t *testing.T) {
	nodes := []Node{{"a", 5, 1}, {"b", 5, 1}, {"c", 5, 1}, {"d", 5, 1}}
	l := mustPlace(t, nodes, []Edge{{"a", "b", 10}, {"b", "c", 10}, {"a", "c", 1}, {"c", "a", 0.1}}, options)
	for id, want := range map[string]int{"a": 0, "b": 1, "c": 2} {
		if b, _ := l.Box(id); b.Layer != want {
			t.Errorf("%s is in layer %d, want %d", id, b.Layer, want)
		}
	}
	for _, p := range l.Lines {
		if want := p.From == "c" && p.To == "a"; p.Back != want {
			t.Errorf("%s → %s: back %v", p.From, p.To, p.Back)
		}
	}
}

func TestRefusals(t *testing.T) {
	one := Node{"a", 1, 1}
	for name, c := range map[string]struct {
		nodes []Node
		edges []Edge
	}{
		"twice":   {[]Node{one, one}, nil},
		"nowhere": {[]Node{one}, []Edge{{"a", "b", 1}}},
		"flat":    {[]Node{{"a", 3, 0}}, nil},
	} {
		if _, err := Place(c.nodes, c.edges, options); err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nodes, edges := random(1, MaxNodes+1, 10)
	if _, err := Place(nodes, edges, options); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d nodes: %v", len(nodes), err)
	}
	nodes, edges = random(1, MaxNodes, MaxEdges+1)
	if _, err := Place(nodes, edges, options); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d edges: %v", len(edges), err)
	}
	if l := mustPlace(t, nil, nil, options); l.W != 0 || l.H != 0 {
		t.Errorf("nothing takes %d×%d cells", l.W, l.H)
	}
}

func TestMonotone(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{1, 2, 3}, []float64{1, 2, 3}},
		{[]float64{3, 1}, []float64{2, 2}},
		{[]float64{1, 4, 2, 3, 9}, []float64{1, 3, 3, 3, 9}},
		{nil, nil},
	} {
		x := slices.Clone(c.in)
		if monotone(x); !slices.Equal(x, c.want) {
			t.Errorf("%v: %v, want %v", c.in, x, c.want)
		}
	}
}

// TestGolden shows what layouts look like; look at the files when they change.
func TestGolden(t *testing.T) {
	shop := [][2]string{
		{"user", "frontend-proxy"}, {"frontend-proxy", "frontend"}, {"frontend", "cart"}, {"frontend", "checkout"},
		{"frontend", "catalog"}, {"frontend", "currency"}, {"frontend", "ads"}, {"checkout", "cart"},
		{"checkout", "payment"}, {"checkout", "email"}, {"checkout", "currency"}, {"checkout", "kafka"},
		{"cart", "redis"}, {"catalog", "postgres"}, {"kafka", "accounting"}, {"kafka", "fraud"}, {"accounting", "postgres"},
		{"payment", "checkout"},
	}
	for _, c := range []struct {
		name  string
		h     int
		edges [][2]string
	}{
		{"one", 4, nil}, {"shop-boxes", 4, shop}, {"shop-chips", 1, shop},
		{"mutual", 1, [][2]string{{"a", "b"}, {"b", "a"}, {"b", "c"}}},
		{"crossed", 4, [][2]string{{"a", "x"}, {"a", "y"}, {"b", "x"}, {"b", "y"}, {"b", "z"}, {"a", "z"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ids, edges := map[string]bool{"alone": true}, []Edge(nil)
			for _, e := range c.edges {
				ids[e[0]], ids[e[1]] = true, true
				edges = append(edges, Edge{e[0], e[1], 1})
			}
			var nodes []Node
			for id := range ids {
				nodes = append(nodes, Node{ID: id, W: len(id) + 4, H: c.h})
			}
			o := options
			o.GapY = min(1, c.h-1)
			golden(t, c.name, picture(mustPlace(t, nodes, edges, o)))
		})
	}
}

// picture draws a layout with box-drawing characters.
func picture(l *Layout) string {
	rows := make([][]rune, l.H)
	for y := range rows {
		rows[y] = []rune(strings.Repeat(" ", l.W))
	}
	for _, c := range l.Cells() {
		var a Arms
		for _, s := range c.Strokes {
			a |= s.Arms
		}
		rows[c.Y][c.X] = []rune(" ╵╶└╷│┌├╴┘─┴┐┤┬┼")[a]
		if c.Cross {
			rows[c.Y][c.X] = '│'
		}
	}
	for _, p := range l.Lines {
		end, arrow := p.Path[len(p.Path)-1], '▶'
		if p.Back {
			arrow = '◀'
		}
		rows[end.Y][end.X] = arrow
	}
	for _, b := range l.Boxes {
		for y := range b.H {
			for x := range b.W {
				rows[b.Y+y][b.X+x] = '░'
			}
		}
		copy(rows[b.Y+forwardPort(b.H)][b.X+1:], []rune(b.ID))
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%d×%d, %d crossings\n", l.W, l.H, l.Crossings)
	for _, r := range rows {
		s.WriteString(strings.TrimRight(string(r), " ") + "\n")
	}
	return s.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed:\n%s\nwas:\n%s", path, got, want)
	}
}

// each runs a check on graphs of many sizes and densities, with low and with high boxes.
func each(t *testing.T, check func(t *testing.T, nodes []Node, edges []Edge, l *Layout)) {
	t.Helper()
	for seed := range uint64(24) {
		n := []int{2, 5, 12, 25, 40, 90}[seed%6]
		m := n * []int{1, 2, 3}[seed/6%3]
		t.Run(fmt.Sprintf("%d nodes %d edges seed %d", n, m, seed), func(t *testing.T) {
			nodes, edges := random(seed, n, m)
			check(t, nodes, edges, mustPlace(t, nodes, edges, options))
		})
	}
}

func BenchmarkPlace(b *testing.B) {
	for _, c := range []struct{ n, m int }{{12, 18}, {40, 70}, {150, 400}, {250, 500}} {
		b.Run(fmt.Sprintf("%d nodes %d edges", c.n, c.m), func(b *testing.B) {
			nodes, edges := random(2, c.n, c.m)
			b.ReportAllocs()
			for b.Loop() {
				mustPlace(b, nodes, edges, options)
			}
		})
	}
}
