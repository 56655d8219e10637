// Lens 1, Map: which form the map takes on a screen, and where each part of the screen is.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/ui/canvas"
	"oteltop/ui/layout"
)

// mapForm is how the map is drawn, from the roomiest to the one that always fits.
type mapForm uint8

const (
	formAuto  mapForm = iota
	formBoxes         // four lines per node, with its figures and trend
	formChips         // one line per node, with p95 and error share
	formSlim          // one line per node: its name and a mark
	formFocus         // lists: callers, the node, callees; and the table of all
	mapForms
)

func (f mapForm) String() string {
	return [...]string{"auto", "boxes", "chips", "names", "focus"}[f]
}

// Sizes of the drawn things, in cells.
const (
	boxHeight   = 4
	boxLeast    = 18 // rate, p95, error share and a short trend fit
	boxNameMax  = 24
	chipNameMax = 20
	slimNameMax = 24
	nameWhole   = 48 // longer ones are cut on any map
	slimNameMin = 11 // where the screen is too narrow for that
	slimTight   = 16 // up to here, room goes to names rather than between them and marks
	chipFigures = 17 // "  18.2ms  <0.01% "
	sideStory   = 58 // columns of a story beside the map
	sideLeast   = 46
	lowStory    = 12 // rows of a story below the map
	highStory   = 20 // the same where the map leaves room
	lowLeast    = 7
)

// Graphs with more nodes are not tried in these forms when the form is picked automatically: long before
// that a person reads lists faster than lines.
const (
	autoBoxes = 40
	autoChips = 90
)

// mapPlan says what goes where. Made from the topology and the size of the screen; it does not depend on
// any figure.
type mapPlan struct {
	room      mapRoom
	form      mapForm
	rank      int // which of the ways to show a map this is
	mapArea   rect
	storyArea rect
	legend    int  // row; -1: none
	short     bool // names are without what most have in common
	lay       *layout.Layout
	cells     []layout.Cell
	labels    []labelSpot
	lines     [][]int // edges of each line of the layout
}

// planFor returns the plan for a screen of w×h cells, made anew only when size, form or topology changed.
func (m *Map) planFor(w, h int) *mapPlan {
	room := mapRoom{w, h, m.form}
	if p := m.plan; p != nil && p.room == room {
		return p
	}
	p := m.makePlan(room)
	p.room = room
	m.plan, m.follow = p, true
	m.held = heldForm{room, p.rank}
	return p
}

// makePlan takes the first form, and the first place for the story, with which the whole map is seen. A
// form chosen by hand is taken even if it has to be panned.
func (m *Map) makePlan(room mapRoom) *mapPlan {
	for form := formBoxes; form < formFocus; form++ {
		if m.form != formAuto && m.form != form {
			continue
		}
		if m.form == formAuto && len(m.graph.nodes) > m.held.nodesAt(room, form) {
			continue
		}
		sizes := sizings(form)
		for i, s := range sizes {
			if i == 0 && m.graph.longest() <= sizes[1].name { // the next is the same
				continue
			}
			if p := m.trySizing(s, room, rankOf(form, i), m.form == form && i == len(sizes)-1); p != nil {
				return p
			}
		}
	}
	p := splitScreen(formFocus, room.w, room.h, false)
	p.rank = rankOf(formFocus, 0)
	return p
}

// sizing says how large the boxes of a layout are.
type sizing struct {
	form mapForm
	name int // most columns of a name
	gap  int // free rows between nodes

	short bool // names are without what most have in common
}

// sizings are the sizes to try with a form, roomiest first.
func sizings(form mapForm) []sizing {
	switch form {
	case formBoxes:
		return []sizing{{form: form, name: nameWhole, gap: 1}, {form: form, name: boxNameMax, gap: 1}, {form: form, name: boxNameMax}}
	case formChips:
		return []sizing{{form: form, name: nameWhole}, {form: form, name: chipNameMax}}
	}
	return []sizing{
		{form: form, name: nameWhole}, {form: form, name: slimNameMax}, {form: form, name: slimNameMax, short: true}, {form: form, name: slimTight, short: true},
		{form: form, name: 13, short: true}, {form: form, name: slimNameMin, short: true},
	}
}

// longest is the width of the longest name of a node.
func (g *mapGraph) longest() (most int) {
	for i := range g.nodes {
		most = max(most, canvas.Width(g.nodes[i].text))
	}
	return most
}

func autoMost(form mapForm) int {
	if form == formBoxes {
		return autoBoxes
	}
	return autoChips
}

// trySizing lays the graph out with boxes of a size; nil when it does not fit and need not be taken anyway.
func (m *Map) trySizing(s sizing, room mapRoom, rank int, anyway bool) *mapPlan {
	w, h := room.w, room.h
	if s.form != formBoxes {
		s.gap = m.airyGap(s, h)
	}
	natural := m.place(s, 0)
	if natural == nil {
		return nil
	}
	for below, beside := range [...]bool{true, false} {
		spare := m.held.spare(room, rank+below)
		// A flat map is better seen with the story below it.
		if beside && (w < sideLeast*3 || natural.H < h/2+spare(h)/2) {
			continue
		}
		needW, needH := natural.W+spare(w), natural.H+spare(h)
		p := splitScreen(s.form, w, h, beside)
		p.giveRows(needH)
		fits := needW <= p.mapArea.w && needH <= p.mapArea.h
		if !fits && !(anyway && !beside) {
			continue
		}
		p = splitScreen(s.form, w, h, beside)
		p.giveRows(natural.H)
		p.rank = rank + below
		if beside {
			p.widenStory(natural)
		}
		p.short = s.short && canvas.Width(m.graph.leftOut) > 0
		p.lay = m.place(s, p.mapArea.w)
		m.seeds[s.form] = p.lay
		p.cells = p.lay.Cells()
		p.labels = labelSpots(p.lay, p.cells)
		p.lines = m.linesOf(p.lay)
		return p
	}
	return nil
}

// widenStory gives a story beside the map the columns that the map does not need.
func (p *mapPlan) widenStory(natural *layout.Layout) {
	spare := p.mapArea.w - natural.W - natural.Layers*8
	if more := min(spare, p.room.w*2/5-p.storyArea.w); more > 0 {
		p.mapArea.w -= more
		p.storyArea.x -= more
		p.storyArea.w += more
	}
}

// airyGap is 1, a free row between chips, where that leaves room for a story below.
func (m *Map) airyGap(s sizing, h int) int {
	s.gap = 1
	if l := m.place(s, 0); l != nil && l.H+lowStory+3 <= h {
		return 1
	}
	return 0
}

// splitScreen cuts the screen: a line of head, the map, a legend, the story beside or below.
func splitScreen(form mapForm, w, h int, beside bool) *mapPlan {
	p := &mapPlan{form: form, legend: -1, room: mapRoom{w: w, h: h}}
	body := rect{0, 1, w, h - 1}
	if h >= 12 && form != formFocus {
		p.legend = h - 1
		body.h--
	}
	if form == formFocus {
		p.mapArea = body
		return p
	}
	if beside {
		side := max(sideLeast, min(sideStory, w/3))
		p.mapArea = rect{0, body.y, w - side - 1, body.h}
		p.storyArea = rect{w - side, body.y, side, body.h}
		return p
	}
	low := min(lowStory, body.h*2/5)
	if low < lowLeast {
		low = 0
	}
	p.mapArea = rect{0, body.y, w, body.h - low}
	p.storyArea = rect{0, body.y + body.h - low, w, low}
	if p.legend >= 0 && low > 0 { // the legend belongs to the map, not to the story
		p.legend = p.mapArea.y + p.mapArea.h
		p.storyArea.y++
	}
	return p
}

// giveRows moves the border between map and a story below it to where both have what they need: the story
// takes rows that the map leaves, up to half of all, and gives some up to a map that would not fit otherwise. For
// boxes it does not: what they show of all nodes, the story tells of those that matter.
func (p *mapPlan) giveRows(need int) {
	if p.storyArea.h == 0 || p.storyArea.y == p.mapArea.y {
		return
	}
	total, least := p.mapArea.h+p.storyArea.h, lowLeast
	if p.form == formBoxes {
		least = p.storyArea.h
	}
	rows := min(max(need+2, total-max(highStory, total/2)), total-least)
	if need > total-least {
		rows = p.mapArea.h
	}
	move := rows - p.mapArea.h
	p.mapArea.h += move
	p.storyArea.y += move
	p.storyArea.h -= move
	if p.legend >= 0 {
		p.legend += move
	}
}

// place lays the graph out, over at least width columns where they help; nil when it is too large for that. The
// old order is kept unless a fresh one is far less tangled.
func (m *Map) place(s sizing, width int) *layout.Layout {
	nodes := make([]layout.Node, len(m.graph.nodes))
	for i := range m.graph.nodes {
		nodes[i] = s.box(&m.graph.nodes[i])
	}
	edges := make([]layout.Edge, len(m.graph.edges))
	for i, e := range m.graph.edges {
		edges[i] = layout.Edge{From: e.Client, To: e.Server, Weight: float64(e.Calls)}
	}
	o := layout.Options{GapX: 4, GapY: s.gap, MaxGapX: 14, Width: width}
	if s.form == formBoxes {
		o.GapX, o.MaxGapX = 5, 24
	}
	fresh, err := layout.Place(nodes, edges, o)
	if err != nil {
		return nil
	}
	if m.seeds[s.form] == nil {
		return fresh
	}
	o.Previous = m.seeds[s.form]
	seeded, err := layout.Place(nodes, edges, o)
	if err != nil || 2*fresh.Crossings+2 < seeded.Crossings {
		return fresh
	}
	return seeded
}

// box is the box of a node: its width depends on the name only.
func (s sizing) box(n *mapNode) layout.Node {
	text := n.text
	if s.short {
		text = n.short
	}
	name := min(s.name, canvas.Width(text))
	switch s.form {
	case formBoxes:
		return layout.Node{ID: n.Name, W: max(boxLeast, name+6), H: boxHeight}
	case formChips:
		return layout.Node{ID: n.Name, W: 3 + name + chipFigures, H: 1}
	}
	w := 3 + name // sign, blank, name, mark
	if s.name > slimTight {
		w++ // a blank before the mark
	}
	return layout.Node{ID: n.Name, W: w, H: 1}
}

// linesOf lists for each line of a layout the edges that it stands for: one per kind.
func (m *Map) linesOf(l *layout.Layout) [][]int {
	type ends struct{ client, server string }
	by := make(map[ends][]int, len(l.Lines))
	for i, e := range m.graph.edges {
		k := ends{e.Client, e.Server}
		by[k] = append(by[k], i)
	}
	out := make([][]int, len(l.Lines))
	for i, p := range l.Lines {
		out[i] = by[ends{p.From, p.To}]
	}
	return out
}

// lineOf finds the line of an edge; -1 when it has none (an edge of a node to itself).
func (p *mapPlan) lineOf(client, server string) int {
	if p.lay == nil {
		return -1
	}
	return slices.IndexFunc(p.lay.Lines, func(l layout.Line) bool { return l.From == client && l.To == server })
}

// kindGlyph is the sign of a kind of edge in lists.
func kindGlyph(k aggregate.EdgeKind, f *Frame) rune {
	switch k {
	case aggregate.EdgeMessaging:
		return f.G.Messaging
	case aggregate.EdgeDatabase:
		return f.G.Database
	case aggregate.EdgeInferred:
		return f.G.Inferred
	}
	return f.G.ArrowRight
}
