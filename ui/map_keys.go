// Lens 1, Map: keys and mouse.

package ui

import (
	"fmt"
	"oteltop/aggregate"
	"oteltop/ui/layout"

	tea "charm.land/bubbletea/v2"
)

// panStep is how many cells a notch of the wheel pans.
const panStep = 4

// Key handles the bindings of Keys.
func (m *Map) Key(k tea.KeyPressMsg, at Moment) Action {
	if m.graph == nil || len(m.graph.nodes) == 0 {
		return nil
	}
	m.planFor(at.W, at.H)
	if r := m.currentFinding(); r != nil && m.pane == paneStory {
		if s := k.String(); s == "T" || s == "y" {
			return r.act(s, at.Scope)
		}
	}
	switch s := k.String(); s {
	case "enter":
		return m.enter(at)
	case "e":
		return m.traces(at, &aggregate.Selection{ErrorsOnly: true})
	case "T":
		return m.traces(at, nil)
	case "o":
		return Drill{Lens: LensOperations, Scope: m.narrowed(at.Scope)}
	case "v":
		m.form = (m.form + 1) % mapForms
		return m.sayForm()
	case "n":
		return m.problem(1)
	case "N":
		return m.problem(-1)
	case "s":
		m.sortBy(m.table.nextSorting())
		return Handled{}
	case "y":
		return Copy{What: "figures of the map", Text: m.evidence()}
	case "tab", "shift+tab":
		m.switchPane()
		return Handled{}
	case "esc":
		return m.deselect()
	default:
		return m.moveKey(k)
	}
}

// moveKey moves the cursor of the pane that has the keys.
func (m *Map) moveKey(k tea.KeyPressMsg) Action {
	s := k.String()
	switch {
	case m.pane == paneStory:
		if !m.story.key(s) {
			return nil
		}
	case m.plan.form == formFocus:
		if s == "left" || s == "h" || s == "right" || s == "l" {
			m.along(s == "right" || s == "l")
			break
		}
		if !m.table.key(k) {
			return nil
		}
		if name, ok := m.table.selected(); ok {
			m.pick(mapPick{node: name})
		}
	default:
		dx, dy, ok := direction(s)
		if !ok {
			return m.panKey(s)
		}
		m.move(dx, dy)
	}
	return Handled{}
}

func direction(s string) (dx, dy int, ok bool) {
	switch s {
	case "left", "h":
		return -1, 0, true
	case "right", "l":
		return 1, 0, true
	case "up", "k":
		return 0, -1, true
	case "down", "j":
		return 0, 1, true
	}
	return 0, 0, false
}

// panKey pans by pages, and to the first and last layer.
func (m *Map) panKey(s string) Action {
	switch s {
	case "pgup":
		m.offY -= m.plan.mapArea.h / 2
	case "pgdown":
		m.offY += m.plan.mapArea.h / 2
	case "ctrl+u":
		m.offX -= m.plan.mapArea.w / 2
	case "ctrl+d":
		m.offX += m.plan.mapArea.w / 2
	case "g", "home":
		m.pickBox(m.edgeOfMap(false))
	case "G", "end":
		m.pickBox(m.edgeOfMap(true))
	default:
		return nil
	}
	return Handled{}
}

// edgeOfMap is the top box of the first layer, or the bottom box of the last.
func (m *Map) edgeOfMap(last bool) layout.Box {
	boxes := m.plan.lay.Boxes
	best := boxes[0]
	for _, b := range boxes[1:] {
		if last && (b.Layer > best.Layer || b.Layer == best.Layer && b.Y > best.Y) ||
			!last && (b.Layer < best.Layer || b.Layer == best.Layer && b.Y < best.Y) {
			best = b
		}
	}
	return best
}

func (m *Map) pickBox(b layout.Box) { m.pick(mapPick{node: b.ID}) }

// move selects the nearest box in a direction. Sideways a box that an edge leads to comes first, so that
// the arrows follow calls; up and down stay in the layer. With nothing selected it starts at the left.
func (m *Map) move(dx, dy int) {
	from, ok := m.selectedBox(m.plan)
	if !ok {
		m.pickBox(m.edgeOfMap(false))
		return
	}
	if m.picked.isEdge() { // an edge: its ends are its neighbours
		name := m.picked.edge.server
		if dx < 0 {
			name = m.picked.edge.client
		}
		m.pick(mapPick{node: name})
		return
	}
	best, least := from, 0
	for _, b := range m.plan.lay.Boxes {
		if cost := m.stepCost(from, b, dx, dy); cost > 0 && (least == 0 || cost < least) {
			best, least = b, cost
		}
	}
	if least > 0 {
		m.pickBox(best)
	}
}

// Costs of a step sideways: another layer farther away, and a box that no edge leads to, both weigh more
// than any distance in rows.
const (
	stepLayer  = 1_000
	stepStrand = 1_000_000
)

// stepCost says how far b is in a direction, 0 when it is not in it.
func (m *Map) stepCost(from, b layout.Box, dx, dy int) int {
	rows := 2*b.Y + b.H - 2*from.Y - from.H
	if dy != 0 {
		if b.Layer != from.Layer || rows*dy <= 0 {
			return 0
		}
		return rows * dy
	}
	layers := (b.Layer - from.Layer) * dx
	if layers <= 0 {
		return 0
	}
	cost := layers*stepLayer + max(rows, -rows) + 1
	if m.plan.lineOf(from.ID, b.ID) < 0 && m.plan.lineOf(b.ID, from.ID) < 0 {
		cost += stepStrand
	}
	return cost
}

// along follows the busiest edge of the node in the focus view.
func (m *Map) along(forward bool) {
	n := m.subject()
	if n == nil {
		return
	}
	if forward && len(n.out) > 0 {
		m.pick(mapPick{node: m.graph.edges[n.out[0]].Server})
	} else if !forward && len(n.in) > 0 {
		m.pick(mapPick{node: m.graph.edges[n.in[0]].Client})
	}
}

// problem selects the next node in trouble, the worst first.
func (m *Map) problem(by int) Action {
	var sick []string
	at := -1
	for _, r := range m.troubleRows(nil) {
		if r.node == m.picked.node {
			at = len(sick)
		}
		sick = append(sick, r.node)
	}
	if len(sick) == 0 {
		return Say{Text: "nothing stands out: under 1% of calls fail everywhere, no p95 that doubled, no change found"}
	}
	if at < 0 && by < 0 {
		at = 0
	}
	m.pick(mapPick{node: sick[(at+by+len(sick))%len(sick)]})
	return Handled{}
}

func (m *Map) switchPane() {
	if m.pane == paneMap && len(m.story.rows) > 0 {
		m.pane = paneStory
		return
	}
	m.pane = paneMap
}

// deselect goes one step back inside the screen; nil when there is none, so that Esc leaves it.
func (m *Map) deselect() Action {
	switch {
	case m.pane == paneStory:
		m.pane = paneMap
	case !m.picked.none():
		m.pick(m.before)
	default:
		return nil
	}
	return Handled{}
}

// enter goes one step down: from a finding to where it is seen, from another row of the story to its node or
// edge, from there to the latency.
func (m *Map) enter(at Moment) Action {
	if r := m.currentFinding(); r != nil && m.pane == paneStory {
		return r.drill(at.Scope, at.Newest())
	}
	if row, ok := m.story.current(); ok && m.pane == paneStory {
		before := m.picked
		m.pick(mapPick{node: row.node, edge: row.edge})
		m.before, m.pane = before, paneMap
		return Handled{}
	}
	return Drill{Lens: LensLatency, Scope: m.narrowed(at.Scope)}
}

func (m *Map) traces(at Moment, sel *aggregate.Selection) Action {
	s := m.narrowed(at.Scope)
	if sel != nil && sel.ErrorsOnly {
		if calls, failed, what := m.graph.failures(s.Focus); what != "" && failed == 0 {
			return sayNoneFailed(calls, what)
		}
	}
	s.Selection = sel
	return Drill{Lens: LensTraces, Scope: s}
}

// failures counts the calls that a focus is about and those of them that failed, and says what they are; empty
// when the map does not know.
func (g *mapGraph) failures(f aggregate.Focus) (calls, failed uint64, what string) {
	switch {
	case f.Server != "":
		for i := range g.edges {
			if e := &g.edges[i]; e.Client == f.Client && e.Server == f.Server {
				calls, failed, what = calls+e.Calls, failed+e.Failed, "calls of "+f.Client+" to "+f.Server
			}
		}
	case f.Service != "" && f.Operation == "":
		if i, ok := g.node(f.Service); ok {
			return g.nodes[i].RED.Calls, g.nodes[i].RED.Errors, "requests to " + f.Service
		}
	}
	return calls, failed, what
}

// narrowed is the scope with a focus on what the cursor is on.
func (m *Map) narrowed(s Scope) Scope {
	if row, ok := m.story.current(); ok && m.pane == paneStory {
		switch {
		case row.node != "":
			s.Focus = m.nodeFocus(row.node)
		case row.edge != edgeKey{}:
			s.Focus = m.edgeFocus(row.edge)
		default:
			s.Focus = row.finding.focus()
		}
		return s
	}
	switch n := m.subject(); {
	case m.picked.isEdge():
		s.Focus = m.edgeFocus(m.picked.edge)
	case n != nil:
		s.Focus = m.nodeFocus(n.Name)
	}
	return s
}

// nodeFocus is the focus on a node. Only services have spans of their own: a database or queue is seen
// through the busiest edge into it, and what users see is the root spans, which is no focus at all.
func (m *Map) nodeFocus(name string) aggregate.Focus {
	i, ok := m.graph.node(name)
	if !ok {
		return aggregate.Focus{}
	}
	switch n := &m.graph.nodes[i]; {
	case n.Kind == aggregate.NodeService:
		return aggregate.Focus{Service: name}
	case n.Kind != aggregate.NodeUser && len(n.in) > 0:
		return m.edgeFocus(m.graph.edges[n.in[0]].key())
	}
	return aggregate.Focus{}
}

// edgeFocus is the focus on an edge. Users send no spans: their calls are the server's entry spans.
func (m *Map) edgeFocus(k edgeKey) aggregate.Focus {
	if i, ok := m.graph.node(k.client); ok && m.graph.nodes[i].Kind == aggregate.NodeUser {
		return aggregate.Focus{Service: k.server}
	}
	return aggregate.Focus{Client: k.client, Server: k.server}
}

// Mouse selects what is clicked, drills on a double click, pans and scrolls with the wheel.
func (m *Map) Mouse(e Mouse, at Moment) Action {
	if m.graph == nil || m.plan == nil || len(m.graph.nodes) == 0 {
		return nil
	}
	switch {
	case e.Event == WheelUp:
		return m.wheel(e, -1)
	case e.Event == WheelDown:
		return m.wheel(e, 1)
	case e.Event != Click && e.Event != Double:
		return nil
	}
	if !m.click(e) {
		return nil
	}
	if e.Event == Double && e.Target.Kind != headTarget {
		return m.enter(at)
	}
	return Handled{}
}

// click selects what was hit; false when nothing was.
func (m *Map) click(e Mouse) bool {
	i := int(e.Target.Index)
	switch e.Target.Kind {
	case mapNodeTarget:
		if i >= len(m.graph.nodes) {
			return false
		}
		m.pane = paneMap
		m.pick(mapPick{node: m.graph.nodes[i].Name})
	case mapLineTarget:
		if i >= len(m.plan.lines) || len(m.plan.lines[i]) == 0 {
			return false
		}
		m.pane = paneMap
		m.pick(mapPick{edge: m.graph.edges[m.plan.lines[i][0]].key()})
	case mapStoryTarget:
		if !m.story.move(i) {
			return false
		}
		m.pane = paneStory
	case headTarget:
		if m.table.cols[i].noOrder {
			return false
		}
		m.sortBy(mostOf(i))
	case rowTarget:
		m.table.mouse(e)
		m.pane = paneMap
		name, _ := m.table.selected()
		m.pick(mapPick{node: name})
	default:
		return false
	}
	return true
}

// wheel scrolls the story under the pointer, else the table, else the map: down and up where it is
// higher than the screen, sideways with Shift or where it is only wider.
func (m *Map) wheel(e Mouse, by int) Action {
	p := m.plan
	s := p.storyArea
	switch {
	case e.X >= s.x && e.X < s.x+s.w && e.Y >= s.y && e.Y < s.y+s.h:
		m.story.move(m.story.at + by)
	case p.form == formFocus:
		m.table.mouse(e)
		if name, ok := m.table.selected(); ok {
			m.pick(mapPick{node: name})
		}
	case e.Shift || p.lay.H <= p.mapArea.h:
		m.offX += by * panStep
	default:
		m.offY += by * panStep
	}
	return Handled{}
}

// sayForm says which form a person chose, and where nodes are too many for it that others are shown.
func (m *Map) sayForm() Action {
	if m.plan != nil && m.form != formAuto {
		if p := m.planFor(m.plan.room.w, m.plan.room.h); p.form != m.form {
			return Say{Text: fmt.Sprintf("map form: %s, but %d nodes are too many for it: %s", m.form, len(m.graph.nodes), p.form), Problem: true}
		}
	}
	return Say{Text: "map form: " + m.form.String()}
}
