package layout

import (
	"cmp"
	"slices"
)

// rowSweeps is how often the rows are improved from both sides; they hardly change after the fourth.
const rowSweeps = 8

// Straightness by kind of hop, as a factor of its share: a long line that jogs in the middle is worse than
// one that bends beside its box.
const (
	straightBends = 8
	straightBend  = 2
	straightNodes = 1
)

// assignRows chooses the top row of every vertex: the order and the distances within a layer hold, and hops
// are as straight as can be. For one layer against its neighbours that is an isotonic regression; with
// absolute distances (medians) instead of squares the rows are whole and many hops become fully straight.
func (g *graph) assignRows(gap int) {
	for _, layer := range g.layers {
		y := 0
		for i, v := range layer {
			if i > 0 {
				y += g.apart(layer[i-1], v, gap)
			}
			g.vertices[v].y = y
		}
	}
	best, least := g.rows(), g.slack()
	for s := range rowSweeps {
		for i := range g.layers {
			l := i
			if s%2 == 1 {
				l = len(g.layers) - 1 - i
			}
			// The first sweeps look back only, so that a layer follows those that are done.
			both := s >= 2
			g.settle(g.layers[l], gap, both || s%2 == 0, both || s%2 == 1)
		}
		if c := g.slack(); c < least {
			best, least = g.rows(), c
		}
	}
	top := 0
	for v := range best {
		if v == 0 || best[v] < top {
			top = best[v]
		}
	}
	for v := range best {
		g.vertices[v].y = best[v] - top
	}
}

func (g *graph) rows() []int {
	y := make([]int, len(g.vertices))
	for v := range y {
		y[v] = g.vertices[v].y
	}
	return y
}

// apart is the least distance between the top rows of two vertices that follow each other in a layer.
func (g *graph) apart(above, below, gap int) int {
	if g.vertices[above].bend || g.vertices[below].bend {
		gap = 0
	}
	return g.vertices[above].h + gap
}

// pull is a row that a hop would like a vertex to have.
type pull struct {
	row    int
	weight float64
}

// strength says how much a hop wants to be straight.
func (g *graph) strength(h hop) float64 {
	a, b := g.vertices[h.from].bend, g.vertices[h.to].bend
	switch {
	case a && b:
		return straightBends
	case a || b:
		return straightBend
	}
	return straightNodes
}

// slack is the total length of vertical runs, weighted: what assignRows makes small.
func (g *graph) slack() float64 {
	sum := 0.0
	for _, h := range g.hops {
		d := g.vertices[h.from].y + g.port(h.from, h.trunk) - g.vertices[h.to].y - g.port(h.to, h.trunk)
		sum += g.strength(h) * float64(max(d, -d))
	}
	return sum
}

// settle moves the vertices of one layer to the best rows, given the layers beside it.
func (g *graph) settle(layer []int, gap int, useLeft, useRight bool) {
	type block struct {
		pulls []pull
		n     int // vertices
		at    int
	}
	var blocks []block
	offset := 0
	offsets := make([]int, len(layer))
	for i, v := range layer {
		if i > 0 {
			offset += g.apart(layer[i-1], v, gap)
		}
		offsets[i] = offset
		b := block{pulls: g.pulls(v, offset, useLeft, useRight), n: 1}
		b.at = median(b.pulls, g.vertices[v].y-offset)
		for len(blocks) > 0 && blocks[len(blocks)-1].at > b.at {
			last := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			b = block{pulls: append(last.pulls, b.pulls...), n: last.n + b.n, at: last.at}
			b.at = median(b.pulls, b.at)
		}
		blocks = append(blocks, b)
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			g.vertices[layer[i]].y = b.at + offsets[i]
			i++
		}
	}
}

// pulls lists the rows, less offset, that v's hops would like it to have.
func (g *graph) pulls(v, offset int, useLeft, useRight bool) []pull {
	var out []pull
	if useLeft {
		for _, i := range g.vertices[v].left {
			h := g.hops[i]
			row := g.vertices[h.from].y + g.port(h.from, h.trunk) - g.port(v, h.trunk)
			out = append(out, pull{row - offset, g.strength(h)})
		}
	}
	if useRight {
		for _, i := range g.vertices[v].right {
			h := g.hops[i]
			row := g.vertices[h.to].y + g.port(h.to, h.trunk) - g.port(v, h.trunk)
			out = append(out, pull{row - offset, g.strength(h)})
		}
	}
	return out
}

// median is a row with the least weighted distance to the pulls: of all such rows the one nearest to where
// the vertex is now, or that row itself when nothing pulls.
func median(p []pull, now int) int {
	if len(p) == 0 {
		return now
	}
	slices.SortFunc(p, func(a, b pull) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.weight, b.weight))
	})
	total := 0.0
	for _, x := range p {
		total += x.weight
	}
	sum := 0.0
	for i, x := range p {
		sum += x.weight
		if sum*2 > total {
			return x.row
		}
		if sum*2 == total {
			return min(max(now, x.row), p[i+1].row)
		}
	}
	return p[len(p)-1].row
}
