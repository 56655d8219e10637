// Lens 4, Findings: the traces that show the finding under the cursor, as the list of traces has them.

package ui

import (
	"oteltop/aggregate"
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
)

// examples are the traces that a finding names. They are a list of traces, apart from how it is sorted: the most
// telling come first.
type examples struct {
	list *Traces
	of   findingID
	room rect // where it was drawn last, for the mouse
}

func newExamples() examples {
	x := examples{list: newTraces()}
	x.list.table.sort = sorting{}
	x.list.table.cols[tracesState].hidden = true
	return x
}

// examplesLeast is the fewest rows that the examples are worth: what they are, the titles, a trace.
const examplesLeast = 3

// follow shows the examples of the finding under the cursor.
func (s *Findings) follow() {
	x, r := &s.examples, s.selected()
	if r == nil {
		x.list.setRows(nil)
		s.part = onFindings
		return
	}
	if id, _ := s.table.selected(); id != x.of {
		x.of = id
		x.list.table.toTop()
	}
	rows := make([]aggregate.TraceRow, 0, len(r.Traces))
	for _, id := range r.Traces {
		if row, ok := s.answer.Traces[id]; ok {
			rows = append(rows, row)
		}
	}
	x.list.setRows(rows)
	if s.part == onExamples && len(rows) == 0 {
		s.part = onFindings
	}
}

// exampleKey handles a key while the examples have the keys; nil: it means what it means in the list.
func (s *Findings) exampleKey(k tea.KeyPressMsg) Action {
	x, r := &s.examples, s.selected()
	if x.list.table.key(k) {
		return Handled{}
	}
	id, ok := x.list.table.selected()
	if !ok || r == nil {
		return nil
	}
	switch k.String() {
	case "enter", "l", "right", "o":
		return r.open(id)
	case "y":
		return Copy{"trace id", id.String()}
	}
	return nil
}

// exampleMouse selects an example and opens it by a double click.
func (s *Findings) exampleMouse(m Mouse) Action {
	x, r := &s.examples, s.selected()
	if open, _ := x.list.table.mouse(m); open && r != nil {
		id, _ := x.list.table.selected()
		return r.open(id)
	}
	return Handled{}
}

// rows is how many rows the examples take, at most so many; 0: there is none, or no room for any.
func (x *examples) rows(most int) int {
	n := len(x.list.table.keys)
	if n == 0 || most < examplesLeast {
		return 0
	}
	return min(n+2, most)
}

// draw draws what they are and the list.
func (x *examples) draw(a canvas.Area, f *Frame, focused bool) {
	t := f.Theme
	border := t.Border
	if focused {
		border = t.BorderFocus
	}
	a.Repeat(0, 0, a.W, f.G.Horizontal, border)
	w := pen{a: a.Row(0), x: 2}
	w.lit(" seen in ", t.Title)
	w.number(uint64(len(x.list.table.keys)), " request", " requests", t.Title)
	if focused {
		w.lit(": enter opens one, esc goes back to the list ", t.Dim)
	} else {
		w.lit(": o opens the first, tab goes to them ", t.Dim)
	}
	x.list.table.away = !focused
	x.list.table.draw(a.Sub(0, 1, a.W, a.H-1), f, func(row, col int, c canvas.Area) { x.list.cell(row, col, c, f) })
}
