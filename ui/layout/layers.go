package layout

import "math"

// assignLayers gives every node the length of the longest path that leads to it, so that sources stand at
// the left. Nodes without any edge are spread over the layers afterwards: they would make the first one
// needlessly high.
func (g *graph) assignLayers() {
	n := len(g.nodes)
	g.vertices = make([]vertex, n)
	in := make([]int, n)
	out := make([][]int, n)
	for _, a := range g.arcs {
		in[a.to]++
		out[a.from] = append(out[a.from], a.to)
	}
	var ready, lonely []int
	for v := range n {
		g.vertices[v].h = g.nodes[v].H
		switch {
		case in[v] > 0:
		case len(out[v]) == 0:
			lonely = append(lonely, v)
		default:
			ready = append(ready, v)
		}
	}
	deepest := 0
	for len(ready) > 0 {
		v := ready[0]
		ready = ready[1:]
		deepest = max(deepest, g.vertices[v].layer)
		for _, w := range out[v] {
			g.vertices[w].layer = max(g.vertices[w].layer, g.vertices[v].layer+1)
			if in[w]--; in[w] == 0 {
				ready = append(ready, w)
			}
		}
	}
	g.spread(lonely, deepest+1)
}

// spread puts nodes without edges where the fewest rows are taken; without any edge at all they form
// a block about three times as many rows as columns, which on a terminal is a square.
func (g *graph) spread(lonely []int, layers int) {
	if len(lonely) == 0 {
		return
	}
	if len(lonely) == len(g.nodes) {
		layers = max(1, int(math.Ceil(math.Sqrt(float64(len(lonely))/3))))
	}
	rows := make([]int, layers)
	alone := make([]bool, len(g.nodes))
	for _, v := range lonely {
		alone[v] = true
	}
	for v := range g.nodes {
		if !alone[v] {
			rows[g.vertices[v].layer] += g.nodes[v].H
		}
	}
	for _, v := range lonely {
		least := 0
		for l := range rows {
			if rows[l] < rows[least] {
				least = l
			}
		}
		g.vertices[v].layer = least
		rows[least] += g.nodes[v].H
	}
}

// bend breaks every arc into hops between neighbouring layers. The bends of a trunk are shared by all its
// arcs: one line runs as far as its farthest target and branches off on the way. It reports false when
// there would be too many bends.
func (g *graph) bend() bool {
	trunks := map[trunk]int{}
	type at struct{ trunk, layer int }
	bends := map[at]int{}
	hops := map[[3]int]int{}
	for i := range g.arcs {
		a := &g.arcs[i]
		own := trunk{node: a.from, back: a.back && backPort(g.nodes[a.from].H) != forwardPort(g.nodes[a.from].H)}
		t, ok := trunks[own]
		if !ok {
			t = len(g.trunks)
			trunks[own] = t
			g.trunks = append(g.trunks, own)
		}
		a.trunk = t
		from := a.from
		for l := g.vertices[a.from].layer + 1; l <= g.vertices[a.to].layer; l++ {
			to := a.to
			if l < g.vertices[a.to].layer {
				v, ok := bends[at{t, l}]
				if !ok {
					v = len(g.vertices)
					bends[at{t, l}] = v
					g.vertices = append(g.vertices, vertex{layer: l, h: 1, bend: true})
				}
				to = v
			}
			g.hop(hops, from, to, t, a.weight)
			from = to
		}
		if len(bends) > maxBends {
			return false
		}
	}
	return true
}

// hop adds the hop, or its weight to the one that is already there.
func (g *graph) hop(known map[[3]int]int, from, to, trunk int, weight float64) {
	k := [3]int{from, to, trunk}
	if i, ok := known[k]; ok {
		g.hops[i].weight += weight
		return
	}
	i := len(g.hops)
	known[k] = i
	g.hops = append(g.hops, hop{from: from, to: to, trunk: trunk, weight: weight})
	g.vertices[from].right = append(g.vertices[from].right, i)
	g.vertices[to].left = append(g.vertices[to].left, i)
}
