// Lens 4, Findings: its keys, in each of its parts, and the mouse.

package ui

import (
	"slices"

	"oteltop/aggregate"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Key gives a key to the part that has them, and what that has no use for to the list.
func (s *Findings) Key(k tea.KeyPressMsg, at Moment) Action {
	var act Action
	switch s.part {
	case onExamples:
		act = s.exampleKey(k)
	case onSpecial:
		act = s.specialKey(k, at)
	}
	if act != nil {
		return act
	}
	return s.moved(s.listKey(k, at), at)
}

// moved follows the cursor of the list, and asks at once for what is to be said of another finding.
func (s *Findings) moved(act Action, at Moment) Action {
	s.follow()
	if _, isHere := act.(Handled); isHere && s.asksElse(at) {
		return Ask{}
	}
	return act
}

// listKey handles sorting, drilling and copying.
func (s *Findings) listKey(k tea.KeyPressMsg, at Moment) Action {
	if s.table.key(k) {
		return Handled{}
	}
	r := s.selected()
	switch pressed := k.String(); pressed {
	case "s":
		s.order = (s.order + 1) % findingOrders
		s.table.toTop()
		s.arrange()
	case "enter", "l", "right":
		if r != nil {
			return r.drill(at.Scope, at.Newest())
		}
	case "o", "T", "f", "y":
		if r != nil {
			return r.act(pressed, at.Scope)
		}
	case "tab":
		s.nextPart(1)
	case "shift+tab":
		s.nextPart(findingsParts - 1)
	case "e":
		sc := at.Scope
		if r != nil {
			sc = r.narrow(sc)
		}
		sc.Selection = &aggregate.Selection{ErrorsOnly: true}
		return Drill{LensTraces, sc}
	case "esc":
		if s.part == onFindings {
			return nil
		}
		s.part = onFindings
	}
	return Handled{}
}

// nextPart gives the keys to the part that many further, of those that are shown.
func (s *Findings) nextPart(by findingsPart) {
	for {
		if s.part = (s.part + by) % findingsParts; s.has(s.part) {
			return
		}
	}
}

// has reports whether a part is shown and has rows.
func (s *Findings) has(p findingsPart) bool {
	switch p {
	case onExamples:
		return s.examples.room != rect{}
	case onSpecial:
		x := s.special.current()
		return s.special.room != rect{} && x != nil && len(x.Rows) > 0
	}
	return true
}

// Mouse selects and drills by a double click.
func (s *Findings) Mouse(m Mouse, at Moment) Action {
	part := onFindings
	switch {
	case s.examples.room.has(m.X, m.Y):
		part = onExamples
	case s.special.room.has(m.X, m.Y):
		part = onSpecial
	}
	if (m.Event == Click || m.Event == Double) && s.has(part) {
		s.part = part
	}
	switch part {
	case onExamples:
		return s.exampleMouse(m)
	case onSpecial:
		return s.specialMouse(m, at)
	}
	if open, _ := s.table.mouse(m); open {
		if r := s.selected(); r != nil {
			return r.drill(at.Scope, at.Newest())
		}
	}
	return s.moved(Handled{}, at)
}

// Keys are the bindings of the part that has the keys.
func (s *Findings) Keys() []key.Binding {
	switch s.part {
	case onExamples:
		return s.exampleKeys
	case onSpecial:
		return s.specialKeys
	}
	return s.keys
}

func findingsKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "show where", "enter", "l", "right"),
		bind("o", "example trace", "o"),
		bind("T", "its traces", "T"),
		bind("f", "on the map", "f"),
		bind("s", "sort", "s"),
		bind("e", "failed ones", "e"),
		bind("y", "copy evidence", "y"),
		paneKey(),
	}, tableKeys())
}

func findingExampleKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "open it", "enter", "l", "right", "o"),
		bind("T", "traces of the finding", "T"),
		bind("f", "on the map", "f"),
		bind("y", "copy id", "y"),
		paneKey(), escapeKey(),
	}, tableKeys())
}

func findingSpecialKeys() []key.Binding {
	return slices.Concat(explainKeys(), []key.Binding{paneKey(), escapeKey()})
}
