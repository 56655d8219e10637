// Lens 1, Map: the placed graph: boxes, chips, and what marks a node as sick or selected.

package ui

import (
	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/layout"
	"oteltop/ui/num"
)

// Targets of the map; those below belong to the table of nodes.
const (
	mapNodeTarget  uint8 = 10 + iota // index of a node of the graph
	mapLineTarget                    // index of a line of the layout
	mapStoryTarget                   // index of a row of the story
)

// drawLayout draws the placed graph: panned where it is larger than the area, in its middle where smaller.
func (m *Map) drawLayout(a canvas.Area, p *mapPlan, f *Frame) {
	ox, oy := m.origin(a.W, a.H, p)
	looks := m.looks(p)
	m.drawLines(a, ox, oy, p, looks, f)
	m.drawLabels(a, ox, oy, p, looks, f)
	for i, b := range p.lay.Boxes { // boxes stand in the order of the graph's nodes: both go by name
		x, y := ox+b.X, oy+b.Y
		if x >= a.W || y >= a.H || x+b.W <= 0 || y+b.H <= 0 {
			continue
		}
		n := &m.graph.nodes[i]
		if p.form == formBoxes {
			m.drawBox(a, x, y, b, n, f)
		} else {
			m.drawChip(a, x, y, b, n, p.form == formChips, f)
		}
		a.Sub(x, y, b.W, b.H).Target(canvas.Target{Kind: mapNodeTarget, Index: int32(i)})
	}
	m.drawMore(a, ox, oy, p, f)
}

// origin is where cell (0,0) of the layout is drawn. With follow set it first pans to the selection.
func (m *Map) origin(w, h int, p *mapPlan) (ox, oy int) {
	if b, ok := m.selectedBox(p); ok && m.follow {
		m.offX = within(m.offX, b.X-2, b.X+b.W+2, w)
		m.offY = within(m.offY, b.Y-1, b.Y+b.H+1, h)
	}
	m.follow = false
	m.offX = max(0, min(m.offX, p.lay.W-w))
	m.offY = max(0, min(m.offY, p.lay.H-h))
	ox, oy = -m.offX, -m.offY
	if p.lay.W < w {
		ox = (w - p.lay.W) / 2
	}
	if p.lay.H < h {
		oy = max(1, (h-p.lay.H)/3)
	}
	return ox, oy
}

// within moves an offset so that [from, to) is seen in a window of size cells.
func within(offset, from, to, size int) int {
	if to > offset+size {
		offset = to - size
	}
	return min(offset, from)
}

func (m *Map) selectedBox(p *mapPlan) (layout.Box, bool) {
	if n := m.node(); n != nil {
		return p.lay.Box(n.Name)
	}
	return layout.Box{}, false
}

// drawMore marks the sides on which the map goes on.
func (m *Map) drawMore(a canvas.Area, ox, oy int, p *mapPlan, f *Frame) {
	s := f.Theme.AccentStrong
	if ox < 0 {
		a.Rune(0, a.H/2, f.G.ArrowLeft, s)
	}
	if ox+p.lay.W > a.W {
		a.Rune(a.W-1, a.H/2, f.G.ArrowRight, s)
	}
	if oy < 0 {
		a.Rune(a.W/2, 0, f.G.ArrowUp, s)
	}
	if oy+p.lay.H > a.H {
		a.Rune(a.W/2, a.H-1, f.G.ArrowDown, s)
	}
}

// emphasis is how much a node is drawn to the front.
type emphasis uint8

const (
	emNormal   emphasis = iota
	emUnlinked          // it went quiet, or something else is selected that it has nothing to do with
	emSelected
)

// emphasisOf looks a node up in the selection.
func (m *Map) emphasisOf(n *mapNode) emphasis {
	if m.picked.none() {
		if n.quiet {
			return emUnlinked
		}
		return emNormal
	}
	if m.picked.isEdge() {
		if n.Name == m.picked.edge.client || n.Name == m.picked.edge.server {
			return emNormal
		}
		return emUnlinked
	}
	if n.Name == m.picked.node {
		return emSelected
	}
	for _, i := range n.in {
		if m.graph.edges[i].Client == m.picked.node {
			return emNormal
		}
	}
	for _, i := range n.out {
		if m.graph.edges[i].Server == m.picked.node {
			return emNormal
		}
	}
	return emUnlinked
}

// nodeGlyph is the sign of a kind of node and its style.
func nodeGlyph(k aggregate.NodeKind, f *Frame) (rune, themes.Style) {
	t, g := f.Theme, f.G
	switch k {
	case aggregate.NodeDatabase:
		return g.Database, t.Database
	case aggregate.NodeMessaging:
		return g.Messaging, t.Messaging
	case aggregate.NodeInferred:
		return g.Inferred, t.Inferred
	case aggregate.NodeUser:
		return g.User, t.User
	}
	return g.Service, t.Service
}

// healthMark is the sign of a judgement; a blank where all is fine.
func healthMark(h health, f *Frame) (rune, themes.Style) {
	switch h {
	case failing:
		return f.G.Error, f.Theme.Error
	case notice:
		return f.G.Warn, f.Theme.Warn
	}
	return ' ', f.Theme.Text
}

// nameStyle is the style of a node's name.
func nameStyle(h health, e emphasis, f *Frame) themes.Style {
	switch {
	case h == failing:
		return f.Theme.Error
	case h == notice:
		return f.Theme.WarnStrong
	case e == emUnlinked:
		return f.Theme.Dim
	}
	return f.Theme.Strong
}

// drawBox draws a node as a box of four lines:
//
//	╭ ● checkout ──✖╮
//	│ 182/s   310ms▲│
//	│ 2.4%   ▁▂▃▅▇█ │
//	╰───────────────╯
func (m *Map) drawBox(a canvas.Area, x, y int, b layout.Box, n *mapNode, f *Frame) {
	e := m.emphasisOf(n)
	border := f.Theme.Border
	switch {
	case n.health == failing:
		border = f.Theme.Error
	case n.health == notice:
		border = f.Theme.Warn
	case e == emSelected:
		border = f.Theme.BorderFocus.With(themes.Bold)
	case e == emNormal:
		border = f.Theme.Dim
	}
	drawOutline(a, x, y, b.W, b.H, e == emSelected, border, f.G)
	a.Repeat(x+1, y, b.W-2, ' ', f.Theme.Text)
	glyph, gs := nodeGlyph(n.Kind, f)
	a.Rune(x+2, y, glyph, gs)
	found, fs := m.found.mark(n.Name, f)
	if b.W <= foundRoom {
		found = ' '
	}
	health, hs := healthMark(n.health, f)
	room := b.W - 6
	if found != ' ' && health != ' ' {
		room--
	}
	used := a.Cut(x+4, y, room, n.text, f.G.Ellipsis, nameStyle(n.health, e, f))
	rule := f.G.Horizontal
	if e == emSelected {
		rule = heavyRule(f.G)
	}
	a.Repeat(x+5+used, y, b.W-6-used, rule, border)
	at := x + b.W - 2
	if health != ' ' {
		a.Rune(at, y, health, hs)
		at--
	}
	if found != ' ' {
		a.Rune(at, y, found, fs)
	}
	m.drawBoxFigures(a, x, y, b.W, n, e, f)
	if e == emSelected {
		s := f.Theme.Selected
		if m.pane != paneMap {
			s = f.Theme.SelectedDim
		}
		a.Sub(x+1, y, min(b.W-2, 4+used), 1).Tint(s)
	}
}

// drawBoxFigures fills the two lines inside a box.
func (m *Map) drawBoxFigures(a canvas.Area, x, y, w int, n *mapNode, e emphasis, f *Frame) {
	a.Repeat(x+1, y+1, w-2, ' ', f.Theme.Text)
	a.Repeat(x+1, y+2, w-2, ' ', f.Theme.Text)
	if n.RED.Calls == 0 {
		m.drawCallerOnly(a, x+2, y+1, n, f)
		return
	}
	text := f.Theme.Text
	if e == emUnlinked {
		text = f.Theme.Dim
	}
	var buf [24]byte
	a.Figure(x+2, y+1, num.Rate(buf[:0], n.RED.Rate), f.Theme.Dim)
	p95 := num.Duration(buf[:0], n.RED.P95)
	if n.growth >= growthNotice {
		a.Rune(x+w-2, y+1, f.G.ArrowUp, f.Theme.Up)
		text = f.Theme.Warn
	}
	a.Figure(x+w-2-len(p95), y+1, p95, text)
	a.Figure(x+2, y+2, num.Share(buf[:0], n.RED.ErrorShare()), shareStyle(n.RED.ErrorShare(), f))
	if x >= 0 {
		sparkRow(a.Sub(x+9, y+2, w-11, 1), &n.Trend, f)
	}
}

// drawCallerOnly says what a node that nobody calls sends: users and jobs.
func (m *Map) drawCallerOnly(a canvas.Area, x, y int, n *mapNode, f *Frame) {
	if n.quiet {
		a.Lit(x, y, "gone quiet", f.Theme.Faint)
		return
	}
	rate := 0.0
	for _, i := range n.out {
		rate += m.graph.edges[i].Rate
	}
	if rate == 0 {
		a.Lit(x, y, "no calls seen", f.Theme.Faint)
		return
	}
	var b [24]byte
	used := a.Lit(x, y, "calls ", f.Theme.Dim)
	a.Figure(x+used, y, num.Rate(b[:0], rate), f.Theme.Dim)
}

// shareStyle is the style of an error share: quiet at zero, loud where it is a problem.
func shareStyle(share float64, f *Frame) themes.Style {
	switch judge(share, 0) {
	case failing:
		return f.Theme.Error
	case notice:
		return f.Theme.Warn
	}
	if share > 0 {
		return f.Theme.Text
	}
	return f.Theme.Faint
}

// drawOutline draws a box; heavy where it is selected, which shows without colour as well.
func drawOutline(a canvas.Area, x, y, w, h int, heavy bool, s themes.Style, g *themes.Glyphs) {
	hr, vr, tl, tr, bl, br := g.Horizontal, g.Vertical, g.TopLeft, g.TopRight, g.BottomLeft, g.BottomRight
	if heavy && !g.ASCII {
		hr, vr, tl, tr, bl, br = '━', '┃', '┏', '┓', '┗', '┛'
	} else if heavy {
		hr, vr = '=', '#'
	}
	a.Repeat(x+1, y, w-2, hr, s)
	a.Repeat(x+1, y+h-1, w-2, hr, s)
	for i := 1; i < h-1; i++ {
		a.Rune(x, y+i, vr, s)
		a.Rune(x+w-1, y+i, vr, s)
	}
	a.Rune(x, y, tl, s)
	a.Rune(x+w-1, y, tr, s)
	a.Rune(x, y+h-1, bl, s)
	a.Rune(x+w-1, y+h-1, br, s)
}

func heavyRule(g *themes.Glyphs) rune {
	if g.ASCII {
		return '='
	}
	return '━'
}

// drawChip draws a node in one line: kind, name, and with figures p95, error share and a mark.
func (m *Map) drawChip(a canvas.Area, x, y int, b layout.Box, n *mapNode, figures bool, f *Frame) {
	e := m.emphasisOf(n)
	bg := f.Theme.Bar.Bg
	a.Repeat(x, y, b.W, ' ', f.Theme.Text.On(bg))
	glyph, gs := nodeGlyph(n.Kind, f)
	indent, room := 0, b.W-3
	if figures {
		indent, room = 1, b.W-3-chipFigures
	}
	a.Rune(x+indent, y, glyph, gs.On(bg))
	name := n.text
	if m.plan.short {
		name = n.short
	}
	a.Cut(x+indent+2, y, room, name, f.G.Ellipsis, nameStyle(n.health, e, f).On(bg))
	if figures && n.RED.Calls > 0 {
		var buf [24]byte
		p95 := num.Duration(buf[:0], n.RED.P95)
		s := f.Theme.Text
		if n.growth >= growthNotice {
			s = f.Theme.Up
		}
		a.Figure(x+b.W-9-len(p95), y, p95, s.On(bg))
		if share := n.RED.ErrorShare(); share > 0 {
			v := num.Share(buf[:0], share)
			a.Figure(x+b.W-2-len(v), y, v, shareStyle(share, f).On(bg))
		}
	}
	mark, s := healthMark(n.health, f)
	if mark == ' ' || n.health < failing && m.found.hasGrave(n.Name) { // what is behind it says more than how it fares
		mark, s = m.found.mark(n.Name, f)
	}
	if mark != ' ' {
		a.Rune(x+b.W-1, y, mark, s.On(bg))
	}
	if e == emSelected {
		s := f.Theme.Selected
		if m.pane != paneMap {
			s = f.Theme.SelectedDim
		}
		a.Sub(x, y, b.W, 1).Tint(s)
	}
}
