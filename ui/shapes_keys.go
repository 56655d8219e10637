// Lens 6, Shapes: keys and mouse.

package ui

import (
	"slices"

	"oteltop/model"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Key moves, sorts, drills and opens.
func (s *Shapes) Key(k tea.KeyPressMsg, at Moment) Action {
	switch k.String() {
	case "tab", "shift+tab":
		s.lay.inTree = !s.lay.inTree
		return Handled{}
	case "o":
		return s.open(s.at)
	case "r":
		return s.cycle(1)
	case "R":
		return s.cycle(-1)
	}
	if s.lay.inTree {
		return s.treeKey(k, at)
	}
	if s.table.key(k) {
		return Ask{} // for the typical trace of this one
	}
	if s.table.sortKey(k) {
		s.arrange()
		return Ask{}
	}
	r := s.selected()
	if r == nil {
		return nil
	}
	switch k.String() {
	case "enter", "right", "l":
		return Drill{LensTraces, r.narrow(at.Scope)}
	case "L":
		return Drill{LensLatency, r.narrow(at.Scope)}
	case "y":
		return Copy{"shape", s.evidence(r)}
	}
	return nil
}

// treeKey handles keys while the typical trace has the focus.
func (s *Shapes) treeKey(k tea.KeyPressMsg, at Moment) Action {
	if s.tree.key(k) {
		return Handled{}
	}
	r, x := s.selected(), s.current()
	switch k.String() {
	case "esc":
		s.lay.inTree = false
		return Handled{}
	case "enter", "right", "l", "L":
		if r == nil || x == nil || s.tree.at >= len(x.rows) || x.rows[s.tree.at].isMissing() {
			return nil
		}
		op := x.rows[s.tree.at].Operation
		return Drill{LensLatency, operationFocus(r.narrow(at.Scope), op.ServiceName, op.Name, op.Kind)}
	case "y":
		if r != nil {
			return Copy{"typical trace", s.evidence(r)}
		}
	}
	return nil
}

// open shows one of the representatives.
func (s *Shapes) open(i int) Action {
	x := s.current()
	if x == nil || i >= len(x.Representatives) {
		return Say{Text: "no trace of this shape is retained now", Problem: true}
	}
	return OpenTrace{ID: x.Representatives[i].Trace}
}

// cycle chooses another representative for o.
func (s *Shapes) cycle(by int) Action {
	x := s.current()
	if x == nil || len(x.Representatives) == 0 {
		return Say{Text: "no trace of this shape is retained now", Problem: true}
	}
	n := len(x.Representatives)
	s.at = (s.at + by + n) % n
	e := x.Representatives[s.at]
	return Say{Text: e.Why + ": o opens trace " + shortID(e.Trace)}
}

// Mouse selects, sorts by a title, drills by a double click, opens a representative.
func (s *Shapes) Mouse(m Mouse, at Moment) Action {
	switch s.lay.hit(m) {
	case hitTable:
		was := s.table.sel
		open, head := s.table.mouse(m)
		switch r := s.selected(); {
		case open && r != nil:
			return Drill{LensTraces, r.narrow(at.Scope)}
		case head >= 0 && s.table.sortByTitle(head):
			s.arrange()
			return Ask{}
		case s.table.sel != was:
			return Ask{}
		}
	case hitTree:
		if m.Target.Kind == representativeTarget && (m.Event == Click || m.Event == Double) {
			s.at = int(m.Target.Index)
			return s.open(s.at)
		}
		if open, _ := s.tree.mouse(m); open {
			return s.treeKey(tea.KeyPressMsg{Code: tea.KeyEnter}, at)
		}
	}
	return Handled{}
}

// evidence is the shape and its typical trace as text, for a message to others.
func (s *Shapes) evidence(r *shapeRow) string {
	text := s.sentence(r).String()
	x := s.current()
	if x == nil {
		return text
	}
	for i := range x.rows {
		text += "\n" + x.rows[i].line()
	}
	for _, e := range x.Representatives {
		text += "\n" + e.Why + ": trace " + e.Trace.String()
	}
	return text
}

// sentence says what the shape is, with its figures.
func (s *Shapes) sentence(r *shapeRow) model.Text {
	return sayf("%s %s, shape %s: %s of %s requests (%s), p50 %s, p99 %s, %s failed",
		r.Root.ServiceName, r.Root.Name, r.name, countText(r.Count), countText(r.OfRoot),
		shareText(r.Share), durationText(r.P50), durationText(r.P99), countText(r.Failed))
}

// Keys are the bindings of the part that has the focus.
func (s *Shapes) Keys() []key.Binding {
	if s.lay.inTree {
		return s.treeKeys
	}
	return s.keys
}

func shapesKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "its traces", "enter", "right", "l"),
		bind("o", "open the typical one", "o"),
		bind("r R", "p50, p90, p99, failed one", "r", "R"),
		bind("tab", "typical trace", "tab", "shift+tab"),
		bind("s S", "sort, reverse", "s", "S"),
		bind("L", "latency", "L"),
		bind("y", "copy", "y"),
	}, tableKeys())
}

func shapesTreeKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "latency of the call", "enter", "right", "l", "L"),
		bind("o", "open the typical one", "o"),
		bind("r R", "p50, p90, p99, failed one", "r", "R"),
		bind("tab", "shapes", "tab", "shift+tab"),
		bind("y", "copy", "y"),
		escapeKey(),
	}, tableKeys())
}
