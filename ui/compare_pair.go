// Lens 7, Compare: a trace of before and one of now side by side; question, answer and keys.

package ui

import (
	"slices"

	"oteltop/aggregate/compare"
	"oteltop/model"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// pairSideID is a side of a comparison.
type pairSideID uint8

// The sides.
const (
	pairBefore pairSideID = iota
	pairNow
	pairSides
)

// pairAbout identifies a pair of traces: what it shows an example of, and from which comparison.
type pairAbout struct {
	of      compareAbout
	what    changeID
	typical bool // traces of ordinary length, instead of those that show the change best
}

// pairView is the pair of traces that stands in place of the comparison: one of before and one of now, laid over each
// other by call path.
type pairView struct {
	about  pairAbout
	change compare.Change // what it is about; of a call path only the operation
	title  model.Text
	answer *pairAnswer // nil while it is looked for
	table  table[uint64]
	side   pairSideID // that Enter opens
}

// Columns of a pair.
const (
	pairsPath = iota
	pairsBefore
	pairsBeforeTime
	pairsNow
	pairsNowTime
	pairsChange
)

func newPairTable() table[uint64] {
	return table[uint64]{cols: []column{
		pairsPath:       {title: "call path", least: 24},
		pairsBefore:     {title: "before", width: 20},
		pairsBeforeTime: {title: "took", width: 11, right: true},
		pairsNow:        {title: "now", width: 20},
		pairsNowTime:    {title: "took", width: 11, right: true},
		pairsChange:     {title: "change", width: 8, right: true},
	}}
}

// rarely reports whether what changed is in few requests, so that an ordinary one would not show it.
func rarely(k compare.Kind) bool {
	switch k {
	case compare.LatencyShift, compare.LatencyShape, compare.OwnTime, compare.Calls, compare.Structure:
		return false
	}
	return true
}

// openPair shows examples of what is under the cursor side by side.
func (c *Compare) openPair() Action {
	if c.chosen().kind == fromSaved {
		return Say{Text: "the traces of a saved baseline are not retained: x opens one of now", Problem: true}
	}
	if c.lay.inTree {
		if c.tree.at >= len(c.nodes) {
			return nil
		}
		n := &c.nodes[c.tree.at]
		c.pairOf(compare.Change{Kind: compare.LatencyShift, Operation: n.Operation, At: n.At}, sayf("%s %s", n.Service, n.Name))
		return Ask{}
	}
	r, ok := c.selected()
	if !ok {
		return nil
	}
	c.pairOf(*r.Change, r.why)
	return Ask{}
}

// pairOf begins to look for a pair.
func (c *Compare) pairOf(change compare.Change, title model.Text) {
	side := pairNow
	if c.pair != nil {
		side = c.pair.side
	}
	c.pair = &pairView{
		about:  pairAbout{of: c.about, what: idOfChange(&change), typical: !rarely(change.Kind)},
		change: change, title: title, table: newPairTable(), side: side,
	}
}

// pairAside asks for the pair until it is there: it does not change any more.
func (c *Compare) pairAside(at Moment) (about any, q Question) {
	p := c.pair
	if p.answer != nil && p.answer.about == p.about {
		return p.about, nil
	}
	x := pairing{comparing: newComparing(at), about: p.about, base: c.chosen(), change: p.change}
	x.onset = c.answer.onset
	x.saved = c.saved
	return p.about, x.put
}

// take takes the pair. The cursor begins where the difference is.
func (p *pairView) take(a *pairAnswer) {
	p.answer = a
	paths := make([]uint64, len(a.rows))
	worst := 0
	for i := range a.rows {
		paths[i] = a.rows[i].path
		if a.rows[i].tells(&a.rows[worst]) {
			worst = i
		}
	}
	p.table.setRows(paths)
	p.table.move(worst)
}

// tells reports whether a path tells more of a difference than another: the deepest that fails and did not, then what
// takes more or less time itself; what is not called any more comes last, for that follows from something else.
func (r *pairRow) tells(o *pairRow) bool {
	fails := func(x *pairRow) bool { return x.at[pairNow].failed > 0 && x.at[pairBefore].failed == 0 }
	called := func(x *pairRow) bool { return x.at[pairNow].calls > 0 }
	differs := func(x *pairRow) int64 { d := x.at[pairNow].self - x.at[pairBefore].self; return max(d, -d) }
	switch {
	case fails(r) != fails(o):
		return fails(r)
	case fails(r):
		return r.depth > o.depth
	case called(r) != called(o):
		return called(r)
	}
	return differs(r) > differs(o)
}

// selected is the call path under the cursor, nil for none.
func (p *pairView) selected() *pairRow {
	if p.answer == nil || p.table.at >= len(p.answer.rows) {
		return nil
	}
	return &p.answer.rows[p.table.at]
}

// pairKey handles keys while a pair is shown.
func (c *Compare) pairKey(k tea.KeyPressMsg) Action {
	p := c.pair
	switch s := k.String(); s {
	case "esc", "p":
		c.pair = nil
		return Ask{}
	case "m":
		p.about.typical = !p.about.typical
		return Ask{}
	case "n", "N":
		return c.nextPair(s == "n")
	case "tab", "shift+tab":
		p.side = 1 - p.side
	case "enter", "right", "l":
		return p.open(p.side)
	case "x":
		return p.open(pairNow)
	case "X":
		return p.open(pairBefore)
	case "y":
		if p.answer != nil {
			return Copy{"pair of traces", p.evidence()}
		}
	default:
		p.table.key(k)
	}
	return Handled{}
}

// nextPair goes to the pair of the next change, or the one before.
func (c *Compare) nextPair(forward bool) Action {
	by := 1
	if !forward {
		by = -1
	}
	to := c.table.at + by
	if to < 0 || to >= len(c.rows) {
		return Say{Text: "no more changes in this direction"}
	}
	c.lay.inTree = false
	c.table.move(to)
	c.follow()
	return c.openPair()
}

// open shows the trace of a side, at the span of the call path under the cursor.
func (p *pairView) open(s pairSideID) Action {
	if p.answer == nil {
		return Handled{}
	}
	side := &p.answer.sides[s]
	if side.id.IsZero() {
		return Say{Text: side.none.String(), Problem: true}
	}
	var span model.SpanID
	if r := p.selected(); r != nil {
		span = r.at[s].span
	}
	return OpenTrace{ID: side.id, Span: span}
}

// pairMouse selects, and opens by a double click the trace whose half is clicked.
func (c *Compare) pairMouse(m Mouse) Action {
	p := c.pair
	open, _ := p.table.mouse(m)
	if p.table.x == nil || m.Event != Click && m.Event != Double {
		return Handled{}
	}
	if at := p.table.x[pairsNow]; at > 0 && m.X >= at-1 {
		p.side = pairNow
	} else if at := p.table.x[pairsBefore]; at > 0 && m.X >= at-1 && p.table.tall < 2 {
		p.side = pairBefore
	}
	if open {
		return p.open(p.side)
	}
	return Handled{}
}

func comparePairKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "waterfall", "enter", "right", "l"),
		bind("tab", "before, now", "tab", "shift+tab"),
		bind("esc", "all changes", "esc", "p"),
		bind("m", "typical, example", "m"),
		bind("n N", "next change", "n", "N"),
		bind("x X", "waterfall now, before", "x", "X"),
		bind("y", "copy", "y"),
	}, tableKeys())
}
