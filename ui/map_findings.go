package ui

import (
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
	// foundRoom is the width of a box in which a mark leaves room for a name.
	foundRoom = 12
)

// mapFindings is what was found in the scope, for the places on the map.
type mapFindings struct {
	rows   []*findingRow
	places map[string]*findingRow    // by node; the gravest of what was found there
	edges  map[[2]string]*findingRow // by client and server, likewise of what was found about their calls
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
	m.found = mapFindings{places: map[string]*findingRow{}, edges: map[[2]string]*findingRow{}}
	for i := range r.Rows {
		f := newFindingRow(&r.Rows[i])
		m.found.rows = append(m.found.rows, f)
		if had := m.found.places[f.Service]; had == nil || f.Kind.Class() < had.Kind.Class() {
			m.found.places[f.Service] = f
		}
		ends := [2]string{f.Client, f.Service}
		if had := m.found.edges[ends]; f.Client != "" && (had == nil || f.Kind.Class() < had.Kind.Class()) {
			m.found.edges[ends] = f
		}
	}
	if m.graph != nil {
		m.refreshStory()
	}
}

// mark is the sign of the gravest finding about a node; a blank where nothing was found that makes requests
// fail or slow.
func (m *mapFindings) mark(node string, f *Frame) (rune, themes.Style) {
	if m.gravely(node) {
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

// gravely reports whether something was found about a node that makes requests fail or slow.
func (m *mapFindings) gravely(node string) bool {
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

// classWords say in the legend what marks of findings mean.
var classWords = [...]canvas.Literal{findings.Changed: " changed", findings.Broken: " makes requests fail", findings.Slow: " makes requests slow"}

// concerns reports whether a finding is about what is selected; with nothing selected, all are.
func (m *Map) concerns(r *findingRow) bool {
	switch n := m.subject(); {
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
func (id findingID) focus() aggregate.Focus {
	if id.client != "" {
		return aggregate.Focus{Client: id.client, Server: id.service}
	}
	return aggregate.Focus{Service: id.service}
}

// drawFindings draws what was found about the selection on the first lines of the story, and returns the
// room that is left.
func (m *Map) drawFindings(a canvas.Area, f *Frame) canvas.Area {
	from, to := m.story.span(listFindings)
	rows := min(to-from, foundMost, a.H/3)
	if rows == 0 {
		return a
	}
	m.drawRows(a.Sub(0, 0, a.W, rows), listFindings, f, func(row canvas.Area, r storyRow) (bar canvas.Area) {
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
	return a.Sub(0, rows+1, a.W, a.H-rows-1)
}
