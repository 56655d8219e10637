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
	// foundMost is how many of them stand under the map, where a third of the story has room for them.
	foundMost = 4
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
	// gravest are the nodes of which something was found that makes requests fail or slow, the most important
	// finding first.
	gravest []string
	edges   map[[2]string]*findingRow // by client and server, likewise of what was found about their calls
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
		if had := m.found.places[f.Service]; had == nil || f.Kind.Class() < had.Kind.Class() {
			m.found.places[f.Service] = f
		}
		if f.grave() && !slices.Contains(m.found.gravest, f.Service) {
			m.found.gravest = append(m.found.gravest, f.Service)
		}
		ends := [2]string{f.Client, f.Service}
		if had := m.found.edges[ends]; f.Client != "" && (had == nil || f.Kind.Class() < had.Kind.Class()) {
			m.found.edges[ends] = f
		}
	}
	if m.graph != nil {
		m.sortTable()
		m.refreshStory()
	}
}

// mark is the sign of the gravest finding about a node; a blank where nothing was found that makes requests
// fail or slow.
func (m *mapFindings) mark(node string, f *Frame) (rune, themes.Style) {
	if m.hasGrave(node) {
		return classMark(m.places[node].Kind.Class(), f)
	}
	return ' ', f.Theme.Text
}

// edgeMark is likewise the sign of the gravest finding about the calls of an edge.
func (m *mapFindings) edgeMark(e *mapEdge, f *Frame) (rune, themes.Style) {
	if m.accuses(e) {
		return classMark(m.edges[[2]string{e.Client, e.Server}].Kind.Class(), f)
	}
	return ' ', f.Theme.Text
}

// accuses reports whether something was found about the calls of an edge that makes requests fail or slow.
func (m *mapFindings) accuses(e *mapEdge) bool {
	at := m.edges[[2]string{e.Client, e.Server}]
	return at != nil && at.grave()
}

// grave reports whether a finding makes requests fail or slow.
func (r *findingRow) grave() bool { return r.Kind.Class() <= findings.Slow }

// share is the harmed part of the requests that could have been.
func (r *findingRow) share() float64 { return float64(r.Harmed) / float64(max(1, r.Of)) }

// hasGrave reports whether something was found about a node that makes requests fail or slow.
func (m *mapFindings) hasGrave(node string) bool {
	at := m.places[node]
	return at != nil && at.grave()
}

// has reports whether something of a class was found about any node.
func (m *mapFindings) has(c findings.Class) bool {
	for _, at := range m.places {
		if at.Kind.Class() == c {
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
	rows := min(to-from, foundMost, a.H/3)
	if rows == 0 {
		return a
	}
	m.drawFound(a.Sub(0, 0, a.W, rows), f)
	return a.Sub(0, rows+1, a.W, a.H-rows-1)
}

// drawFound draws findings, a line each: sign, title, and the part of the requests that is harmed.
func (m *Map) drawFound(a canvas.Area, f *Frame) {
	m.drawRows(a, listFindings, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
		none := row.Sub(0, 0, 0, 1)
		x := m.found.find(r.finding)
		if x == nil {
			return none
		}
		mark, s := classMark(x.Kind.Class(), f)
		row.Rune(0, 0, mark, s)
		var buf [24]byte
		b := num.Share(buf[:0], x.share())
		const figure = 7
		x.drawTitle(row.Sub(2, 0, row.W-3-figure, 1), f)
		figureRight(row, b, s)
		return none
	})
}

// focusFound is how many rows the findings take in the focus form of a height, their title among them. It does
// not depend on what is selected, so that nothing moves with the cursor.
func (m *Map) focusFound(h int) int {
	switch n := len(m.found.rows); {
	case n == 0 || h < focusFoundLeast:
		return 0
	case h < focusFoundMore:
		return 1 + min(n, 2)
	default:
		return 1 + min(n, foundMost)
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
	m.drawFound(a.Sub(1, 1, a.W-2, a.H-1), f)
}
