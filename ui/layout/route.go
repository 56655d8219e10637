package layout

import (
	"cmp"
	"slices"
)

// Width of a channel beside its tracks: a stub on the left, a run and an arrow on the right.
const channelMargin = 3

// Costs of the order of two trunks in a channel. A crossing is a blemish; a branch that passes through the
// line of another trunk to the same target can be misread; two trunks on one run will be.
const (
	costCrossing = 1
	costBlurred  = 20
	costOverlap  = 400
)

// maxTrackPasses bounds the search for a good order of the tracks of a channel.
const maxTrackPasses = 12

// run is a trunk in one channel: it comes in on one row at the left and leaves on several at the right.
type run struct {
	trunk  int
	left   int
	rights []int // ascending
	lo, hi int   // extent of the vertical piece
	track  int
}

func (r *run) straight() bool { return r.lo == r.hi }

func (r *run) meets(row int) bool { return r.lo <= row && row <= r.hi }

func (r *run) ends(row int) bool {
	_, ok := slices.BinarySearch(r.rights, row)
	return ok
}

// route chooses a column for every vertical piece and puts the layout together.
func (g *graph) route(o Options, crossings int) *Layout {
	channels := make([][]run, max(0, len(g.layers)-1))
	for l := range channels {
		channels[l] = g.runs(l)
		orderTracks(channels[l])
	}
	width, x := g.columns(o, channels)
	l := &Layout{Layers: len(g.layers), Crossings: crossings, Boxes: make([]Box, len(g.nodes))}
	for v, n := range g.nodes {
		p := &g.vertices[v]
		l.Boxes[v] = Box{ID: n.ID, Layer: p.layer, X: x[p.layer], Y: p.y, W: width[p.layer], H: n.H}
		l.W = max(l.W, x[p.layer]+width[p.layer])
	}
	for v := range g.vertices {
		l.H = max(l.H, g.vertices[v].y+g.vertices[v].h)
	}
	for i := range g.arcs {
		l.Lines = append(l.Lines, g.line(&g.arcs[i], channels, width, x))
	}
	return l
}

// runs collects what passes the channel to the right of a layer, by trunk.
func (g *graph) runs(layer int) []run {
	var out []run
	for _, v := range g.layers[layer] {
		for _, i := range g.vertices[v].right {
			h := g.hops[i]
			at := slices.IndexFunc(out, func(r run) bool { return r.trunk == h.trunk })
			if at < 0 {
				at = len(out)
				row := g.vertices[v].y + g.port(v, h.trunk)
				out = append(out, run{trunk: h.trunk, left: row, lo: row, hi: row})
			}
			row := g.vertices[h.to].y + g.port(h.to, h.trunk)
			r := &out[at]
			r.rights = append(r.rights, row)
			r.lo, r.hi = min(r.lo, row), max(r.hi, row)
		}
	}
	for i := range out {
		slices.Sort(out[i].rights)
	}
	return out
}

// orderTracks sorts the runs so that few cross and none hides another, and gives each the leftmost track
// that this order leaves free.
func orderTracks(runs []run) {
	slices.SortFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(downward(a), downward(b)), cmp.Compare(a.left, b.left), cmp.Compare(a.trunk, b.trunk))
	})
	cost := make([][]int, len(runs)) // cost[a][b]: of a left of b
	for a := range runs {
		cost[a] = make([]int, len(runs))
		for b := range runs {
			if a != b {
				cost[a][b] = pairCost(&runs[a], &runs[b])
			}
		}
	}
	order := make([]int, len(runs))
	for i := range order {
		order[i] = i
	}
	for range maxTrackPasses {
		if !improve(order, cost) {
			break
		}
	}
	for i, b := range order {
		for _, a := range order[:i] {
			if apart := runs[a].hi < runs[b].lo || runs[b].hi < runs[a].lo; !apart && !runs[a].straight() {
				runs[b].track = max(runs[b].track, runs[a].track+1)
			}
		}
	}
}

// downward sorts runs for a start: those that go up come first, from the top; those that go down after them.
func downward(r run) int {
	if r.hi-r.left > r.left-r.lo {
		return 1
	}
	return 0
}

// pairCost is what it costs to have the vertical piece of a left of that of b.
func pairCost(a, b *run) int {
	if a.straight() || b.straight() {
		return 0 // no vertical piece: nothing depends on the order
	}
	sum := 0
	for _, row := range a.rights { // a runs on to the right, over b's column
		switch {
		case !b.meets(row):
		case row == b.left:
			sum += costOverlap
		case b.ends(row):
			if b.lo < row && row < b.hi {
				sum += costBlurred
			}
		default:
			sum += costCrossing
		}
	}
	if a.meets(b.left) && !a.ends(b.left) { // b comes from the left, over a's column
		sum += costCrossing
	}
	return sum
}

// improve moves every run to its best place among the others, once; it reports whether any moved.
func improve(order []int, cost [][]int) bool {
	moved := false
	for i := range order {
		v := order[i]
		best, gain, sum := i, 0, 0
		for j := i - 1; j >= 0; j-- { // v left of order[j] instead of right of it
			if sum += cost[v][order[j]] - cost[order[j]][v]; sum < gain {
				best, gain = j, sum
			}
		}
		sum = 0
		for j := i + 1; j < len(order); j++ {
			if sum += cost[order[j]][v] - cost[v][order[j]]; sum < gain {
				best, gain = j, sum
			}
		}
		if best != i {
			order = slices.Insert(slices.Delete(order, i, i+1), best, v)
			moved = true
		}
	}
	return moved
}

// columns returns the width of every layer and its first column.
func (g *graph) columns(o Options, channels [][]run) (width, x []int) {
	width, x = make([]int, len(g.layers)), make([]int, len(g.layers))
	for l, layer := range g.layers {
		for _, v := range layer {
			if !g.vertices[v].bend {
				width[l] = max(width[l], g.nodes[v].W)
			}
		}
	}
	gaps, total := make([]int, len(channels)), 0
	for l, runs := range channels {
		tracks := 0
		for i := range runs {
			if !runs[i].straight() {
				tracks = max(tracks, runs[i].track+1)
			}
		}
		gaps[l] = max(o.GapX, tracks+channelMargin)
		total += gaps[l]
	}
	for _, w := range width {
		total += w
	}
	widen(gaps, o.Width-total, o.MaxGapX)
	for l := 1; l < len(x); l++ {
		x[l] = x[l-1] + width[l-1] + gaps[l-1]
	}
	return width, x
}

// widen spends spare columns on the channels, narrowest first, none over most.
func widen(gaps []int, spare, most int) {
	for spare > 0 && len(gaps) > 0 {
		least := 0
		for i := range gaps {
			if gaps[i] < gaps[least] {
				least = i
			}
		}
		if gaps[least] >= most {
			return
		}
		gaps[least]++
		spare--
	}
}

// line is the course of one arc through all its channels.
func (g *graph) line(a *arc, channels [][]run, width, x []int) Line {
	first, last := g.vertices[a.from].layer, g.vertices[a.to].layer
	row := g.vertices[a.from].y + g.port(a.from, a.trunk)
	path := []Point{{x[first] + width[first], row}}
	for l, v := first, a.from; l < last; l++ {
		to := g.follow(v, a)
		next := g.vertices[to].y + g.port(to, a.trunk)
		if next != row {
			i := slices.IndexFunc(channels[l], func(r run) bool { return r.trunk == a.trunk })
			at := x[l] + width[l] + 1 + channels[l][i].track
			path = append(path, Point{at, row}, Point{at, next})
		}
		v, row = to, next
	}
	path = append(path, Point{x[last] - 1, row})
	out := Line{From: g.nodes[a.from].ID, To: g.nodes[a.to].ID, Trunk: a.trunk, Path: path}
	if a.back {
		out.From, out.To, out.Back = out.To, out.From, true
		slices.Reverse(path)
	}
	return out
}

// follow returns the next vertex on a's way after v: its target if the trunk has a hop there, else the bend.
func (g *graph) follow(v int, a *arc) int {
	bend := -1
	for _, i := range g.vertices[v].right {
		switch h := g.hops[i]; {
		case h.trunk != a.trunk:
		case h.to == a.to:
			return a.to
		case g.vertices[h.to].bend:
			bend = h.to
		}
	}
	return bend
}
