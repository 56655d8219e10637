// Lens 1, Map: what was found in the scope, marked where it is and listed in the story.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// mapFindingsLimit is how many findings the map asks for: what stands under it, and more for its marks.
	mapFindingsLimit = 20
	// foundMost is how many of them stand under the map where titles take several lines: else as many as a third of the
	// story has room for.
	foundMost = 4
	// foundLines is the most lines of a title, and foundFigure the room for the figure behind it.
	foundLines, foundFigure = 4, 7
	// focusFoundLeast and focusFoundMore are the rows from which the focus form has room for two findings, and
	// for foundMost.
	focusFoundLeast, focusFoundMore = 17, 30
	// foundRoom is the width of a box in which a mark leaves room for a name.
	foundRoom = 12
)

// mapFindings is what was found in the scope, for the places on the map.
type mapFindings struct {
	rows   []*findingRow
	places map[string]*findingRow // by node; the gravest of what was found there
	// gravest are the nodes of which something was found that changed or that makes requests fail, slow those that make a
	// few of them slow; the most important finding first.
	gravest, slow []string
	edges         map[[2]string]*findingRow // by client and server, likewise of what was found about their calls
}

// Aside asks what is worth a look in the scope, which marks places on the map.
func (m *Map) Aside(at Moment) (about any, q Question) {
	at.Scope.Focus = aggregate.Focus{} // the map selects what is focused, it does not narrow to it
	return askFindings(at, mapFindingsLimit)
}

// AsideAnswer takes what was found.
func (m *Map) AsideAnswer(_, result any) {
	r, ok := result.(*aggregate.Findings)
	if !ok {
		return
	}
	if len(m.found.rows) == 0 && m.pane == paneMap {
		m.story.reset() // the cursor begins at the findings, which are the first rows
	}
	m.found = mapFindings{places: map[string]*findingRow{}, edges: map[[2]string]*findingRow{}}
	for i := range r.Rows {
		f := newFindingRow(&r.Rows[i])
		m.found.rows = append(m.found.rows, f)
		if f.graver(m.found.places[f.Service]) {
			m.found.places[f.Service] = f
		}
		switch {
		case f.grave() && f.Kind.Class() == findings.Slow:
			m.found.slow = append(m.found.slow, f.Service)
		case f.grave():
			m.found.gravest = append(m.found.gravest, f.Service)
		}
		ends := [2]string{f.Client, f.Service}
		if f.Client != "" && f.graver(m.found.edges[ends]) {
			m.found.edges[ends] = f
		}
	}
	if m.graph != nil {
		m.sortTable()
		m.refreshStory()
	}
}

// mark is the sign of the gravest finding about a node; a blank where nothing was found that makes requests
// fail or slow, or did.
func (m *mapFindings) mark(node string, f *Frame) (rune, themes.Style) {
	return m.places[node].placeMark(f)
}

// edgeMark is likewise the sign of the gravest finding about the calls of an edge.
func (m *mapFindings) edgeMark(e *mapEdge, f *Frame) (rune, themes.Style) {
	return m.edges[[2]string{e.Client, e.Server}].placeMark(f)
}

// placeMark is the sign of a finding at its place; a blank for none, and for what does no harm.
func (r *findingRow) placeMark(f *Frame) (rune, themes.Style) {
	if r == nil || !r.grave() && !r.over() {
		return ' ', f.Theme.Text
	}
	return r.mark(f)
}

// accuses reports whether something was found about the calls of an edge that makes requests fail or slow.
func (m *mapFindings) accuses(e *mapEdge) bool {
	at := m.edges[[2]string{e.Client, e.Server}]
	return at != nil && at.grave()
}

// grave reports whether a finding makes requests fail or slow, and still does.
func (r *findingRow) grave() bool { return r.Kind.Class() <= findings.Slow && !r.over() }

// graver reports whether a finding says more about its place than another, nil for none.
func (r *findingRow) graver(than *findingRow) bool {
	switch {
	case than == nil:
		return true
	case r.over() != than.over():
		return than.over()
	}
	return r.Kind.Class() < than.Kind.Class()
}

// share is the harmed part of the requests that could have been.
func (r *findingRow) share() float64 { return float64(r.Harmed) / float64(max(1, r.Of)) }

// troubled are the nodes in trouble: those that a finding accuses of a change or of failures, then those that fail often,
// those that make a few requests slow, and those whose figures are not as they should be; the worst of each first.
func (m *Map) troubled() (names []string) {
	add := func(name string) {
		if _, ok := m.graph.node(name); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	figures := func(least health) {
		for _, i := range m.graph.ranked {
			if n := &m.graph.nodes[i]; n.health >= least {
				add(n.Name)
			}
		}
	}
	for _, name := range m.found.gravest {
		add(name)
	}
	figures(failing)
	for _, name := range m.found.slow {
		add(name)
	}
	figures(notice)
	return names
}

// foremost is the service that is most in trouble, as findings tell, else figures; empty before the first answer. Of a
// peer, which tells nothing of itself, it is who calls it.
func (m *Map) foremost() string {
	if m.graph == nil {
		return ""
	}
	isService := func(name string) bool {
		i, ok := m.graph.node(name)
		return ok && m.graph.nodes[i].Kind == aggregate.NodeService
	}
	for _, name := range m.troubled() {
		if isService(name) {
			return name
		}
		if at := m.found.places[name]; at != nil && at.grave() && isService(at.Client) {
			return at.Client
		}
	}
	for _, i := range m.graph.ranked {
		if n := &m.graph.nodes[i]; n.Kind == aggregate.NodeService {
			return n.Name
		}
	}
	return ""
}

// hasGrave reports whether something was found about a node that makes requests fail or slow.
func (m *mapFindings) hasGrave(node string) bool {
	at := m.places[node]
	return at != nil && at.grave()
}

// has reports whether something of a class was found about any node, that goes on or that is over.
func (m *mapFindings) has(c findings.Class, over bool) bool {
	for _, at := range m.places {
		if at.Kind.Class() == c && at.over() == over {
			return true
		}
	}
	return false
}

// classWords say in the legend what marks of findings mean. What makes requests fail has the sign of errors.
var classWords = [...]canvas.Literal{findings.Changed: "changed", findings.Broken: "", findings.Slow: "makes slow"}

// concerns reports whether a finding is about what is selected; with nothing selected, all are.
func (m *Map) concerns(r *findingRow) bool {
	switch n := m.node(); {
	case m.picked.isEdge():
		return r.Service == m.picked.edge.server && (r.Client == "" || r.Client == m.picked.edge.client)
	case n != nil:
		return r.Service == n.Name || r.Client == n.Name
	}
	return true
}

// currentFinding is the finding under the cursor of the story, nil for none.
func (m *Map) currentFinding() *findingRow {
	row, ok := m.story.current()
	if !ok || row.list != listFindings {
		return nil
	}
	return m.found.find(row.finding)
}

func (m *mapFindings) find(id findingID) *findingRow {
	for _, r := range m.rows {
		if idOfFinding(r.Finding) == id {
			return r
		}
	}
	return nil
}

// focus is the place of a finding as far as its identity tells it.
func (i findingID) focus() aggregate.Focus {
	if i.client != "" {
		return aggregate.Focus{Client: i.client, Server: i.service}
	}
	return aggregate.Focus{Service: i.service}
}

// drawFindings draws what was found about the selection on the first lines of the story, and returns the
// room that is left.
func (m *Map) drawFindings(a canvas.Area, f *Frame) canvas.Area {
	from, to := m.story.span(listFindings)
	room := a.H / 3
	rows := min(to-from, room)
	if rows == 0 {
		return a
	}
	if need := m.foundTall(from, to, a.W, foundLines); need > 1 { // rather whole titles than many
		rows = min(rows, max(foundMost, room/need))
	}
	tall := m.foundTall(from, to, a.W, room/rows)
	m.drawFound(a.Sub(0, 0, a.W, rows*tall), tall, f)
	return a.Sub(0, rows*tall+1, a.W, a.H-rows*tall-1)
}

// foundTall is how many lines each of the findings takes: as many as the longest title needs, at most those that
// there is room for, and foundLines.
func (m *Map) foundTall(from, to, width, room int) int {
	tall := 1
	for _, r := range m.story.rows[from:to] {
		if x := m.found.find(r.finding); x != nil {
			tall = max(tall, x.titleNeeds(foundTitle(width)))
		}
	}
	return min(tall, room, foundLines)
}

// foundTitle is the room for a title in a row of a width, between sign and figure.
func foundTitle(width int) int { return width - 4 - foundFigure }

// drawFound draws findings, so many lines each: sign, title, and the part of the requests that is harmed.
func (m *Map) drawFound(a canvas.Area, tall int, f *Frame) {
	m.drawTallRows(a, listFindings, tall, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
		none := row.Sub(0, 0, 0, 1)
		x := m.found.find(r.finding)
		if x == nil {
			return none
		}
		mark, s := x.mark(f)
		row.Rune(0, 0, mark, s)
		x.drawTitle(row.Sub(2, 0, foundTitle(row.W+1), row.H), f)
		var buf [24]byte
		b := num.Share(buf[:0], x.share())
		if x.over() { // of what is over, the share says nothing about now
			b = append(buf[:0], "over"...)
		}
		figureRight(row, b, s)
		return none
	})
}

// focusFound is how many rows the findings take in the focus form of a height, if there are any, their title among
// them. It does not depend on what is selected, so that nothing moves with the cursor.
func (m *Map) focusFound(h int) int {
	switch n := len(m.found.rows); {
	case n == 0 || h < focusFoundLeast:
		return 0
	case h < focusFoundMore:
		return 1 + 2 // one finding in two lines, or two
	default:
		return 1 + foundMost
	}
}

// drawFocusFindings draws the gravest findings about the selection, with nothing selected those of the system.
func (m *Map) drawFocusFindings(a canvas.Area, f *Frame) {
	t := f.Theme
	border := t.Border
	if m.pane == paneStory {
		border = t.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	w := pen{a: a.Row(0), x: 1}
	from, to := m.story.span(listFindings)
	w.lit(" found: ", t.Title)
	w.count(uint64(to-from), t.Dim)
	if n := m.node(); n != nil && !m.picked.isEdge() {
		w.lit(" about ", t.Dim)
		w.text(n.text, t.Dim)
	}
	w.lit(", the worst first ", t.Dim)
	if from == to {
		a.Rune(1, 1, f.G.OK, t.OK)
		p := pen{a: a.Row(1), x: 3}
		p.lit("nothing about what is selected; esc: ", t.Dim)
		p.counted(uint64(len(m.found.rows)), " in the whole system", t.Dim)
		return
	}
	list := a.Sub(1, 1, a.W-2, a.H-1)
	m.drawFound(list, m.foundTall(from, to, list.W, max(1, list.H/min(to-from, list.H))), f)
}
