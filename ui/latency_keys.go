// Lens 3, Latency: its keys, in each of its three parts.

package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Key moves and extends the selection, and drills into it.
func (l *Latency) Key(k tea.KeyPressMsg, at Moment) Action {
	if l.answer == nil || len(l.answer.RowLow) == 0 {
		return nil
	}
	switch s := k.String(); s {
	case "tab":
		return l.nextPart(at, 1)
	case "shift+tab":
		return l.nextPart(at, onList)
	case "esc":
		return l.escape(at)
	case "T":
		return l.drill(at, false)
	case "E":
		return l.drill(at, true)
	case "c":
		l.colour = (l.colour + 1) % heatColours
		return Handled{}
	case "L":
		l.lines = !l.lines
		return Handled{}
	case "a":
		l.linear = !l.linear
		return Ask{}
	case "B":
		l.before = !l.before
		return Ask{}
	}
	switch l.focus(at.Scope) {
	case onList:
		return l.picks.Key(k, at)
	case onExplanation:
		return l.explainKey(k)
	}
	return l.mapKey(k, at)
}

// explainKey gives a key to the explanation, and notes when that narrows the scope.
func (l *Latency) explainKey(k tea.KeyPressMsg) Action {
	act := l.special.key(k)
	if _, narrows := act.(Narrow); narrows {
		l.narrows++
	}
	return act
}

// focus is the part that has the keys: without a selection nothing is explained.
func (l *Latency) focus(s Scope) latencyPart {
	if l.part == onExplanation && !l.explains(s) {
		return onHeat
	}
	return l.part
}

// nextPart gives the keys to the part that many further.
func (l *Latency) nextPart(at Moment, by latencyPart) Action {
	l.part = (l.focus(at.Scope) + by) % (onList + 1)
	if l.part != l.focus(at.Scope) {
		l.part = (l.part + by) % (onList + 1)
	}
	return Handled{}
}

// escape takes back one thing: what the explanation narrowed, the focus of a list, the range, the selection;
// then App goes back.
func (l *Latency) escape(at Moment) Action {
	switch {
	case l.narrows > 0 && at.Scope.Filter != nil:
		l.narrows--
		return Back{}
	case l.focus(at.Scope) != onHeat:
		l.part = onHeat
		return Handled{}
	case l.ranged:
		l.ranged, l.touched = false, !l.whole // the cursor of who selected cell by cell stays where it was put
		return Ask{}
	case l.touched:
		l.touched = false
		return Ask{}
	}
	return nil
}

func (l *Latency) mapKey(k tea.KeyPressMsg, at Moment) Action {
	c, r := l.cell(l.cursor)
	moved := true
	switch k.String() {
	case "left", "h", "shift+left":
		c--
	case "right", "l", "shift+right":
		c++
	case "up", "k", "shift+up":
		r++
	case "down", "j", "shift+down":
		r--
	case "pgup":
		r += 5
	case "pgdown":
		r -= 5
	case "g", "home":
		c = 0
	case "G", "end":
		c = l.answer.Columns - 1
	case "n", "N":
		c, r = l.nextFull(c, r, k.String() == "n")
	default:
		moved = false
	}
	if moved {
		if k.Mod&tea.ModShift != 0 && !l.ranged && k.Text == "" {
			l.ranged, l.whole, l.anchor = true, false, l.cursor
		}
		l.cursor = l.point(max(0, min(c, l.answer.Columns-1)), max(0, min(r, len(l.answer.RowLow)-1)))
		l.touched = true
		return Ask{}
	}
	switch k.String() {
	case "v":
		l.ranged, l.whole, l.anchor, l.touched = !l.ranged, false, l.cursor, true
		return Ask{}
	case "V":
		return l.selectSlow()
	case "enter":
		return l.drill(at, false)
	case "x":
		if !l.touched { // no cell is seen to be selected: the slowest of the list
			return l.picks.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, at)
		}
		if _, _, id := l.counts(); !id.IsZero() {
			return OpenTrace{ID: id}
		}
		return Say{Text: "no retained trace in this cell", Problem: true}
	}
	return nil
}

// nextFull is the next non-empty cell upwards or downwards in the map's order.
func (l *Latency) nextFull(c, r int, forward bool) (int, int) {
	h := l.answer
	n, rows := len(h.Counts), len(h.RowLow)
	step := 1
	if !forward {
		step = n - 1
	}
	for i, k := (c*rows+r+step)%n, 0; k < n; i, k = (i+step)%n, k+1 {
		if h.Counts[i] > 0 {
			return i / rows, i % rows
		}
	}
	return c, r
}

// Keys are the bindings of the part that has the focus.
func (l *Latency) Keys() []key.Binding {
	switch {
	case l.part == onList:
		return l.listKeys
	case l.part == onExplanation && l.special.asked != (explainAbout{}):
		return l.explainKeys
	}
	return l.keys
}

func latencyKeys() []key.Binding {
	return []key.Binding{
		bind("enter", "its traces", "enter", "T"),
		bind("V", "explain the slowest", "V"),
		bind("v", "select a range", "v", "shift+left", "shift+right", "shift+up", "shift+down"),
		bind("arrows", "move", "left", "right", "up", "down", "h", "j", "k", "l", "pgup", "pgdown", "g", "G", "home", "end"),
		paneKey(),
		bind("x", "open an example", "x"),
		bind("E", "failed ones", "E"),
		bind("n N", "next, previous full cell", "n", "N"),
		bind("c", "colour: count, errors, rate", "c"),
		bind("a", "axis: log, linear", "a"),
		bind("B", "outline of before, or none", "B"),
		bind("L", "percentile lines", "L"),
		escapeKey(),
	}
}
