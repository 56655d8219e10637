package layout

// breakCycles turns a light set of arcs around so that no cycle is left. It is the greedy heuristic of
// Eades, Lin and Smyth with weights: line the nodes up, sinks last, sources first, and between them whoever
// sends most more than it receives; what then points backwards is turned.
func (g *graph) breakCycles() {
	rank := g.lineUp()
	for i := range g.arcs {
		a := &g.arcs[i]
		if rank[a.from] > rank[a.to] {
			a.from, a.to, a.back = a.to, a.from, true
		}
	}
}

// lineUp returns the rank of each node in the line.
func (g *graph) lineUp() []int {
	n := len(g.nodes)
	in, out := make([]int, n), make([]int, n)
	surplus := make([]float64, n)
	touching := make([][]int, n)
	for i, a := range g.arcs {
		out[a.from]++
		in[a.to]++
		surplus[a.from] += a.weight
		surplus[a.to] -= a.weight
		touching[a.from] = append(touching[a.from], i)
		touching[a.to] = append(touching[a.to], i)
	}
	rank := make([]int, n)
	gone := make([]bool, n)
	take := func(v, r int) {
		rank[v], gone[v] = r, true
		for _, i := range touching[v] {
			a := g.arcs[i]
			if a.from == v && !gone[a.to] {
				in[a.to]--
				surplus[a.to] += a.weight
			} else if a.to == v && !gone[a.from] {
				out[a.from]--
				surplus[a.from] -= a.weight
			}
		}
	}
	for first, last := 0, n-1; first <= last; {
		v, sink := next(gone, in, out, surplus)
		if sink {
			take(v, last)
			last--
		} else {
			take(v, first)
			first++
		}
	}
	return rank
}

// next picks whom to line up: a sink, else a source, else the one with the largest surplus; among equals
// the one with the smallest index.
func next(gone []bool, in, out []int, surplus []float64) (v int, sink bool) {
	source, best := -1, -1
	for i := range gone {
		switch {
		case gone[i]:
		case out[i] == 0 && in[i] > 0:
			return i, true
		case in[i] == 0 && source < 0:
			source = i
		case best < 0 || surplus[i] > surplus[best]:
			best = i
		}
	}
	if source >= 0 {
		return source, false
	}
	return best, false
}
