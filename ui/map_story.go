// Lens 1, Map: the story of what is selected, as rows that a cursor goes through.

package ui

import (
	"slices"

	"oteltop/ui/canvas"
)

// storyTop is how many nodes each list of the whole system's story holds.
const storyTop = 20

// storyList names the lists of rows that a story consists of.
type storyList uint8

const (
	listFindings storyList = iota
	listTrouble
	listSlow
	listBusy
	listCallers
	listCallees
)

// storyRow is a row that can be selected: a node, an edge or a finding, in one of the lists. Identity of the
// cursor.
type storyRow struct {
	list    storyList
	node    string
	edge    edgeKey
	finding findingID
}

// mapStory is the cursor over the rows of the story.
type mapStory struct {
	rows []storyRow // of all lists, in the order of drawing
	row  storyRow
	at   int
}

func (s *mapStory) reset() { s.row, s.at = storyRow{}, 0 }

// refreshStory lists the rows of the story anew, in the memory of those before.
func (m *Map) refreshStory() { m.story.setRows(m.storyRows(m.story.rows[:0])) }

// setRows takes the rows of a new answer; the cursor stays with its row.
func (s *mapStory) setRows(rows []storyRow) {
	s.rows = rows
	if i := slices.Index(rows, s.row); i >= 0 {
		s.at = i
		return
	}
	s.move(s.at)
}

// move puts the cursor on row i; false when there are no rows.
func (s *mapStory) move(i int) bool {
	if len(s.rows) == 0 {
		s.reset()
		return false
	}
	s.at = max(0, min(i, len(s.rows)-1))
	s.row = s.rows[s.at]
	return true
}

// current is the row under the cursor.
func (s *mapStory) current() (storyRow, bool) {
	if s.at < len(s.rows) && s.rows[s.at] == s.row {
		return s.row, true
	}
	return storyRow{}, false
}

// cursorEdge is the edge under the cursor, if the story has the keys.
func (s *mapStory) cursorEdge(focused bool) (edgeKey, bool) {
	row, ok := s.current()
	return row.edge, ok && focused && row.edge != edgeKey{}
}

// key moves the cursor: up and down by rows, left and right to the list beside. False for other keys.
func (s *mapStory) key(k string) bool {
	switch k {
	case "up", "k":
		s.move(s.at - 1)
	case "down", "j":
		s.move(s.at + 1)
	case "left", "h":
		s.aside(-1)
	case "right", "l":
		s.aside(1)
	case "pgup", "ctrl+u":
		s.move(s.at - wheelRows)
	case "pgdown", "ctrl+d":
		s.move(s.at + wheelRows)
	case "g", "home":
		s.move(0)
	case "G", "end":
		s.move(len(s.rows) - 1)
	default:
		return false
	}
	return true
}

// aside goes to the same place in the next list that has rows.
func (s *mapStory) aside(by int) {
	row, ok := s.current()
	if !ok {
		return
	}
	first := slices.IndexFunc(s.rows, func(r storyRow) bool { return r.list == row.list })
	i := s.at
	for i >= 0 && i < len(s.rows) && s.rows[i].list == row.list {
		i += by
	}
	if i < 0 || i >= len(s.rows) {
		return
	}
	next := s.rows[i].list
	start := slices.IndexFunc(s.rows, func(r storyRow) bool { return r.list == next })
	end := start
	for end < len(s.rows) && s.rows[end].list == next {
		end++
	}
	s.move(min(start+s.at-first, end-1))
}

// subject is the node that the story is about: the selected one, in the focus view else the first of the
// table; nil for the whole system.
func (m *Map) subject() *mapNode {
	if n := m.node(); n != nil {
		return n
	}
	if m.plan == nil || m.plan.form != formFocus {
		return nil
	}
	if name, ok := m.table.selected(); ok {
		if i, ok := m.graph.node(name); ok {
			return &m.graph.nodes[i]
		}
	}
	return nil
}

// storyRows appends the rows of the story as it stands.
func (m *Map) storyRows(rows []storyRow) []storyRow {
	listed := m.plan == nil || m.plan.form != formFocus || m.focusFound(m.plan.mapArea.h) > 0 // else the cursor would be lost there
	for _, r := range m.found.rows {
		if listed && m.concerns(r) {
			rows = append(rows, storyRow{list: listFindings, finding: idOfFinding(r.Finding)})
		}
	}
	if n := m.subject(); n != nil && (!m.picked.isEdge() || m.plan != nil && m.plan.form == formFocus) {
		for _, i := range n.in {
			rows = append(rows, storyRow{list: listCallers, edge: m.graph.edges[i].key()})
		}
		for _, i := range n.out {
			rows = append(rows, storyRow{list: listCallees, edge: m.graph.edges[i].key()})
		}
		return rows
	}
	if m.picked.isEdge() {
		return append(rows,
			storyRow{list: listCallers, node: m.picked.edge.client},
			storyRow{list: listCallees, node: m.picked.edge.server})
	}
	rows = m.troubleRows(rows)
	for _, l := range [...]struct {
		list  storyList
		order []int
	}{{listSlow, m.graph.slowest}, {listBusy, m.graph.busiest}} {
		for _, i := range l.order[:min(storyTop, len(l.order))] {
			if m.graph.nodes[i].RED.Calls > 0 {
				rows = append(rows, storyRow{list: l.list, node: m.graph.nodes[i].Name})
			}
		}
	}
	return rows
}

// troubleRows appends the nodes in trouble.
func (m *Map) troubleRows(rows []storyRow) []storyRow {
	for _, name := range m.troubles[:min(storyTop, len(m.troubles))] {
		rows = append(rows, storyRow{list: listTrouble, node: name})
	}
	return rows
}

// span returns the rows of one list as indexes [from, to).
func (s *mapStory) span(l storyList) (from, to int) {
	from = slices.IndexFunc(s.rows, func(r storyRow) bool { return r.list == l })
	if from < 0 {
		return 0, 0
	}
	to = from
	for to < len(s.rows) && s.rows[to].list == l {
		to++
	}
	return from, to
}

// drawRows draws the rows of a list into an area, scrolled to the cursor, and makes them clickable. The last
// column is left to the mark that there is more. draw returns the bar in the row, empty where there is none.
func (m *Map) drawRows(a canvas.Area, l storyList, f *Frame, draw func(row canvas.Area, r storyRow) (bar canvas.Area)) {
	m.drawTallRows(a, l, 1, f, draw)
}

// drawTallRows is drawRows with rows of so many lines.
func (m *Map) drawTallRows(a canvas.Area, l storyList, tall int, f *Frame, draw func(row canvas.Area, r storyRow) (bar canvas.Area)) {
	from, to := m.story.span(l)
	first, shown := from, a.H/tall
	if m.story.at >= from+shown && m.story.at < to {
		first = m.story.at - shown + 1
	}
	for y := 0; y < shown && first+y < to; y++ {
		i := first + y
		row := a.Sub(0, y*tall, a.W-1, tall)
		bar := draw(row, m.story.rows[i])
		row.Target(canvas.Target{Kind: mapStoryTarget, Index: int32(i)})
		if cur, ok := m.story.current(); ok && cur == m.story.rows[i] && m.pane == paneStory {
			tintCursor(row.Row(0), []canvas.Area{bar}, f)
			row.Sub(0, 1, row.W, row.H-1).Tint(f.Theme.Selected)
		}
	}
	if rest := to - first - shown; rest > 0 && shown > 0 {
		a.Rune(a.W-1, a.H-1, f.G.ArrowDown, f.Theme.Accent)
	}
}
