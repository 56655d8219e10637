package layout

import (
	"cmp"
	"slices"
)

// Ordering stops after maxSweeps, or when patience sweeps in a row brought nothing; most service maps are
// done after five. Transposition goes over a layer at most maxPasses times.
const (
	maxSweeps = 24
	patience  = 6
	maxPasses = 10
)

// orderer orders the vertices within layers so that few hops cross.
type orderer struct {
	*graph
	seed  []float64 // per vertex: where it stood in the previous layout; < 0 is free to move
	value []float64 // per vertex: where the sweep wants it
	tree  []int     // Fenwick tree over positions, for counting
	near  [2][]int  // positions of neighbours, for comparing two vertices
}

// orderLayers fills layers and positions and returns the number of crossings left.
func (g *graph) orderLayers(previous *Layout) int {
	o := &orderer{graph: g, value: make([]float64, len(g.vertices))}
	o.seeds(previous)
	o.begin()
	best, least := o.copyLayers(), o.crossings()
	for sweep, idle := 0, 0; sweep < maxSweeps && idle < patience && least > 0; sweep++ {
		o.sweep(sweep)
		o.transpose()
		idle++
		if c := o.crossings(); c < least {
			best, least, idle = o.copyLayers(), c, 0
		}
	}
	g.layers = best
	o.number()
	return least
}

// seeds notes the rows of the nodes that were in the previous layout.
func (o *orderer) seeds(previous *Layout) {
	o.seed = make([]float64, len(o.vertices))
	for v := range o.seed {
		o.seed[v] = -1
		if previous == nil || v >= len(o.nodes) {
			continue
		}
		if b, ok := previous.Box(o.nodes[v].ID); ok {
			o.seed[v] = float64(2*b.Y + b.H)
		}
	}
}

// begin lists the vertices of each layer depth first, so that what belongs together starts together, and
// puts seeded ones into their old order.
func (o *orderer) begin() {
	depth := 0
	for i := range o.vertices {
		depth = max(depth, o.vertices[i].layer+1)
	}
	o.layers = make([][]int, depth)
	seen := make([]bool, len(o.vertices))
	var visit func(v int)
	visit = func(v int) {
		if seen[v] {
			return
		}
		seen[v] = true
		l := o.vertices[v].layer
		o.layers[l] = append(o.layers[l], v)
		for _, h := range o.vertices[v].right {
			visit(o.hops[h].to)
		}
	}
	for _, withHops := range [...]bool{true, false} { // nodes without edges stand below the others
		for v := range o.nodes {
			if o.vertices[v].layer == 0 && (len(o.vertices[v].right) > 0) == withHops {
				visit(v)
			}
		}
	}
	for v := range o.nodes { // nodes without edges that were spread to later layers
		visit(v)
	}
	o.number()
	for l := range o.layers {
		for _, v := range o.layers[l] {
			o.value[v] = float64(o.vertices[v].pos)
		}
		o.sortLayer(l)
	}
}

func (o *orderer) number() {
	for _, layer := range o.layers {
		for i, v := range layer {
			o.vertices[v].pos = i
		}
	}
}

func (o *orderer) copyLayers() [][]int {
	c := make([][]int, len(o.layers))
	for i := range c {
		c[i] = slices.Clone(o.layers[i])
	}
	return c
}

// sweep goes over all layers once, to the right or to the left, and sorts each by the mean (or, every other
// pair of sweeps, the median) position of the neighbours in the layer before.
func (o *orderer) sweep(n int) {
	rightward, median := n%2 == 0, n%4 >= 2
	for i := range o.layers {
		l := i
		if !rightward {
			l = len(o.layers) - 1 - i
		}
		beside := l - 1
		if !rightward {
			beside = l + 1
		}
		if beside < 0 || beside >= len(o.layers) {
			continue
		}
		scale := float64(len(o.layers[beside])) / float64(len(o.layers[l]))
		for _, v := range o.layers[l] {
			o.value[v] = o.wish(v, rightward, median, float64(o.vertices[v].pos)*scale)
		}
		o.sortLayer(l)
	}
}

// wish is where v's neighbours on one side would have it; without neighbours it wants to stay.
func (o *orderer) wish(v int, left, median bool, stay float64) float64 {
	near := o.neighbours(0, v, left)
	if len(near) == 0 {
		return stay
	}
	if median {
		return float64(near[(len(near)-1)/2]+near[len(near)/2]) / 2
	}
	sum := 0
	for _, p := range near {
		sum += p
	}
	return float64(sum) / float64(len(near))
}

// neighbours returns the sorted positions of v's neighbours on one side, in scratch space i.
func (o *orderer) neighbours(i, v int, left bool) []int {
	near := o.near[i][:0]
	if left {
		for _, h := range o.vertices[v].left {
			near = append(near, o.vertices[o.hops[h].from].pos)
		}
	} else {
		for _, h := range o.vertices[v].right {
			near = append(near, o.vertices[o.hops[h].to].pos)
		}
	}
	slices.Sort(near)
	o.near[i] = near
	return near
}

// sortLayer sorts a layer by value. Seeded vertices keep their old order among themselves: their values are
// first made monotone in it, by isotonic regression.
func (o *orderer) sortLayer(l int) {
	layer := o.layers[l]
	var fixed []int
	for _, v := range layer {
		if o.seed[v] >= 0 {
			fixed = append(fixed, v)
		}
	}
	slices.SortFunc(fixed, func(a, b int) int { return cmp.Or(cmp.Compare(o.seed[a], o.seed[b]), cmp.Compare(a, b)) })
	values := make([]float64, len(fixed))
	for i, v := range fixed {
		values[i] = o.value[v]
	}
	monotone(values)
	for i, v := range fixed {
		o.value[v] = values[i]
	}
	slices.SortStableFunc(layer, func(a, b int) int {
		return cmp.Or(cmp.Compare(o.value[a], o.value[b]), cmp.Compare(o.vertices[a].pos, o.vertices[b].pos))
	})
	if len(fixed) > 1 {
		o.restore(layer, fixed)
	}
	for i, v := range layer {
		o.vertices[v].pos = i
	}
}

// restore puts the seeded vertices of a layer into their old order where equal values let them stand.
func (o *orderer) restore(layer, fixed []int) {
	i := 0
	for p, v := range layer {
		if o.seed[v] >= 0 {
			layer[p] = fixed[i]
			i++
		}
	}
}

// monotone is the isotonic regression of x: the nearest non-decreasing sequence by least squares.
func monotone(x []float64) {
	type block struct {
		sum float64
		n   int
	}
	var blocks []block
	for _, v := range x {
		b := block{v, 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.sum*float64(b.n) <= b.sum*float64(last.n) {
				break
			}
			b = block{b.sum + last.sum, b.n + last.n}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			x[i] = b.sum / float64(b.n)
			i++
		}
	}
}

// transpose swaps neighbours within layers as long as that saves crossings.
func (o *orderer) transpose() {
	for range maxPasses {
		better := false
		for _, layer := range o.layers {
			for i := 0; i+1 < len(layer); i++ {
				u, v := layer[i], layer[i+1]
				if o.seed[u] >= 0 && o.seed[v] >= 0 {
					continue
				}
				if o.between(v, u) < o.between(u, v) {
					layer[i], layer[i+1] = v, u
					o.vertices[u].pos, o.vertices[v].pos = i+1, i
					better = true
				}
			}
		}
		if !better {
			return
		}
	}
}

// between counts the crossings among the hops of u and v when u stands above v.
func (o *orderer) between(u, v int) int {
	n := 0
	for _, left := range [...]bool{true, false} {
		a, b := o.neighbours(0, u, left), o.neighbours(1, v, left)
		below := 0 // neighbours of v that stand above the current neighbour of u
		for _, p := range a {
			for below < len(b) && b[below] < p {
				below++
			}
			n += below
		}
	}
	return n
}

// crossings counts the crossings between all neighbouring layers.
func (o *orderer) crossings() int {
	n := 0
	for l := range len(o.layers) - 1 {
		width := len(o.layers[l+1])
		o.tree = append(o.tree[:0], make([]int, width+1)...)
		seen := 0
		for _, v := range o.layers[l] {
			near := o.neighbours(0, v, false)
			for _, p := range near { // hops seen so far that end below p cross this one
				n += seen
				for i := p + 1; i > 0; i -= i & -i {
					n -= o.tree[i]
				}
			}
			for _, p := range near {
				for i := p + 1; i <= width; i += i & -i {
					o.tree[i]++
				}
			}
			seen += len(near)
		}
	}
	return n
}
