// Lens 1, Map: question, answer, what is selected, and its bindings.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/ui/canvas"
	"oteltop/ui/layout"

	"charm.land/bubbles/v2/key"
)

// Map is the first lens: who calls whom, how fast, and what is sick. It draws the scope's services as a
// layered map, and the story of what is selected beside or below it.
//
//	aggregate.Map ─▶ mapGraph (index, health) ─▶ mapPlan (form and layout that fit) ─▶ cells
//
// The layout follows the topology alone, so figures change in place and nothing moves.
type Map struct {
	graph *mapGraph // nil before the first answer
	basis basis
	plan  *mapPlan                 // nil: must be made again
	held  heldForm                 // how it was shown last
	seeds [mapForms]*layout.Layout // the last of each form: the next one keeps its order

	form     mapForm // chosen by hand; formAuto picks by room
	pane     mapPane
	picked   mapPick
	before   mapPick // what was selected when an edge was entered from its story; Esc goes back to it
	scope    Scope   // when it was last looked at
	story    mapStory
	found    mapFindings
	troubles []string      // see troubled
	table    table[string] // of all nodes, in the focus view
	offX     int           // cells that the map is panned to the left and up
	offY     int
	follow   bool       // pan so that the selection is seen
	rescoped bool       // the next answer is about another scope: nothing of the last one stays
	scratch  []lineLook // of looks, kept between frames
	keys     []key.Binding
}

// mapPane is the part of the screen that keys go to.
type mapPane uint8

const (
	paneMap mapPane = iota
	paneStory
)

// mapPick is what is selected: a node, an edge or nothing. Identity, so it survives every answer.
type mapPick struct {
	node string
	edge edgeKey
}

func (p mapPick) none() bool   { return p == mapPick{} }
func (p mapPick) isEdge() bool { return p.edge != edgeKey{} }

func newMap() *Map {
	return &Map{table: table[string]{cols: mapColumns(), ranked: true}, keys: mapBindings()}
}

// Basis is what the map was computed from.
func (m *Map) Basis() *basis { return &m.basis }

// revisit makes the next look at the map select what the scope's focus means, though it is the focus of the look
// before.
func (m *Map) revisit() { m.scope.Focus = aggregate.Focus{} }

// Question asks for the map of the scope. A focus that the scope brings along selects its subject; the map stays
// whole, for what a place hangs together with is what one looks for on it.
func (m *Map) Question(at Moment) Question {
	if f := at.Scope.Focus; f != m.scope.Focus {
		switch {
		case f.Client != "" && f.Server != "":
			m.pick(mapPick{edge: edgeKey{client: f.Client, server: f.Server}})
		case f.Service != "":
			m.pick(mapPick{node: f.Service})
		}
	}
	s := at.Scope
	if s.Filter != m.scope.Filter || s.Window != m.scope.Window || s.Last != m.scope.Last {
		m.rescoped = true
	}
	m.scope = s
	q := at.Query()
	q.Focus = aggregate.Focus{}
	return func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Map(ctx, q) }
}

// Answer takes a map. The layout stays unless nodes or edges came or went.
func (m *Map) Answer(result any) {
	answer, ok := result.(*aggregate.Map)
	if !ok {
		return
	}
	m.basis = basisOf(answer.Provenance)
	before := m.graph
	if m.rescoped {
		before, m.rescoped, m.held = nil, false, heldForm{}
	}
	g := newMapGraph(answer, before)
	if !g.sameTopology(m.graph) {
		m.plan = nil
	}
	m.graph = g
	if m.picked.isEdge() && m.picked.edge.kind == "" {
		if i, ok := g.edge(m.picked.edge); ok {
			m.picked.edge = g.edges[i].key()
		}
	}
	m.sortTable()
	m.refreshStory()
}

// Draw draws map and story.
func (m *Map) Draw(a canvas.Area, f *Frame) {
	if m.graph == nil {
		m.drawWaiting(a, f)
		return
	}
	if len(m.graph.nodes) == 0 {
		m.drawEmpty(a, f)
		return
	}
	p := m.planFor(a.W, a.H)
	m.refreshStory()
	m.drawHead(a.Row(0), f)
	if p.form == formFocus {
		m.drawFocus(p.mapArea.of(a), f)
	} else {
		m.drawLayout(p.mapArea.of(a), p, f)
	}
	if p.legend >= 0 {
		m.drawLegend(a.Row(p.legend), f)
	}
	if p.storyArea.h > 0 {
		m.drawStory(p.storyArea.of(a), f)
	}
}

// node returns the selected node, or the end that a selected edge leads to; nil when nothing is selected
// or it is not on the map now.
func (m *Map) node() *mapNode {
	name := m.picked.node
	if m.picked.isEdge() {
		name = m.picked.edge.server
	}
	if m.graph == nil || name == "" {
		return nil
	}
	if i, ok := m.graph.node(name); ok {
		return &m.graph.nodes[i]
	}
	return nil
}

// edge returns the selected edge; nil when none is or it is not on the map now.
func (m *Map) edge() *mapEdge {
	if m.graph == nil || !m.picked.isEdge() {
		return nil
	}
	if i, ok := m.graph.edge(m.picked.edge); ok {
		return &m.graph.edges[i]
	}
	return nil
}

// pick selects and brings what is selected into view.
func (m *Map) pick(p mapPick) {
	m.picked, m.before, m.follow = p, mapPick{}, true
	m.story.reset()
	if m.graph != nil {
		m.refreshStory()
	}
	if p.node != "" {
		m.table.sel, m.table.touched = p.node, true
		m.table.setRows(m.table.keys)
	}
}

// Keys lists the bindings; Esc is the map's only while something is selected.
func (m *Map) Keys() []key.Binding {
	m.keys[enterBinding].SetHelp("enter", m.enterHelp())
	m.keys[formBinding].SetHelp("v", formHelp[m.form])
	m.keys[sortBinding].SetEnabled(m.plan != nil && m.plan.form == formFocus)
	m.keys[escBinding].SetEnabled(m.pane == paneStory || !m.picked.none())
	return m.keys
}

// enterHelp says what Enter does with what the cursor is on.
func (m *Map) enterHelp() string {
	row, ok := m.story.current()
	switch {
	case m.pane != paneStory || !ok:
		return "latency of it"
	case row.list == listFindings:
		return "show where"
	case row.edge != edgeKey{}:
		return "take these calls apart"
	}
	return "select it"
}

// Places in mapBindings of those that change.
const (
	enterBinding = 1
	formBinding  = 6
	sortBinding  = 8
	escBinding   = 11
)

// formHelp says what v is at.
var formHelp = [mapForms]string{"form: auto", "form: boxes", "form: chips", "form: names", "form: focus"}

func mapBindings() []key.Binding {
	return []key.Binding{
		bind("←↑↓→", "move", "left", "right", "up", "down", "h", "j", "k", "l"),
		enterBinding: bind("enter", "latency of it", "enter"),
		bind("n/N", "next, previous problem", "n", "N"),
		bind("e", "traces of its errors", "e"),
		bind("T", "its traces", "T"),
		bind("o", "its operations", "o"),
		formBinding: bind("v", formHelp[formAuto], "v"),
		bind("y", "copy its figures", "y"),
		sortBinding: bind("s", "sort", "s"),
		bind("tab", "map, story", "tab", "shift+tab"),
		pageKey(),
		escBinding: bind("esc", "deselect", "esc"),
	}
}
