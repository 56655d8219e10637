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

// mapDrawing is one drawing of the placed graph: what all of its boxes, lines and labels need to know.
type mapDrawing struct {
	m      *Map
	p      *mapPlan
	f      *Frame
	a      canvas.Area
	ox, oy int        // where in the area cell (0,0) of the layout is; below 0 where the map is panned
	looks  []lineLook // by line of the layout
	dimmed bool       // something is selected: what has nothing to do with it steps back
}

// drawLayout draws the placed graph: panned where it is larger than the area, in its middle where smaller.
func (m *Map) drawLayout(a canvas.Area, p *mapPlan, f *Frame) {
	d := mapDrawing{m: m, p: p, f: f, a: a, looks: m.looks(p), dimmed: !m.picked.none()}
	d.ox, d.oy = m.origin(a.W, a.H, p)
	d.lines()
	d.labels()
	for i, b := range p.lay.Boxes { // boxes stand in the order of the graph's nodes: both go by name
		at := rect{d.ox + b.X, d.oy + b.Y, b.W, b.H}
		if at.x >= a.W || at.y >= a.H || at.x+at.w <= 0 || at.y+at.h <= 0 {
			continue
		}
		n := nodeDrawing{mapDrawing: &d, n: &m.graph.nodes[i], at: at}
		n.emphasis = m.emphasisOf(n.n)
		if p.form == formBoxes {
			n.box()
		} else {
			n.chip(p.form == formChips)
		}
		at.of(a).Target(canvas.Target{Kind: mapNodeTarget, Index: int32(i)})
	}
	d.more()
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

// more marks the sides on which the map goes on.
func (d *mapDrawing) more() {
	a, g, s := d.a, d.f.G, d.f.Theme.AccentStrong
	if d.ox < 0 {
		a.Rune(0, a.H/2, g.ArrowLeft, s)
	}
	if d.ox+d.p.lay.W > a.W {
		a.Rune(a.W-1, a.H/2, g.ArrowRight, s)
	}
	if d.oy < 0 {
		a.Rune(a.W/2, 0, g.ArrowUp, s)
	}
	if d.oy+d.p.lay.H > a.H {
		a.Rune(a.W/2, a.H-1, g.ArrowDown, s)
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

// nodeDrawing is a node on a drawing of the map.
type nodeDrawing struct {
	*mapDrawing
	n        *mapNode
	at       rect // its place in the area, of which parts may be outside
	emphasis emphasis
}

// box draws a node as a box of four lines:
//
//	╭ ● checkout ──✖╮
//	│ 182/s   310ms▲│
//	│ 2.4%   ▁▂▃▅▇█ │
//	╰───────────────╯
func (d *nodeDrawing) box() {
	a, f, at := d.a, d.f, d.at
	selected, border, rule := d.emphasis == emSelected, d.border(), f.G.Horizontal
	if selected {
		rule = heavyRule(f.G)
	}
	drawOutline(a, at, selected, border, f.G)
	a.Repeat(at.x+1, at.y, at.w-2, ' ', f.Theme.Text)
	glyph, gs := nodeGlyph(d.n.Kind, f)
	a.Rune(at.x+2, at.y, glyph, gs)
	found, fs := d.m.found.mark(d.n.Name, f)
	if at.w <= foundRoom {
		found = ' '
	}
	health, hs := healthMark(d.n.health, f)
	room := at.w - 6
	if found != ' ' && health != ' ' {
		room--
	}
	used := a.Cut(at.x+4, at.y, room, d.n.text, f.G.Ellipsis, nameStyle(d.n.health, d.emphasis, f))
	a.Repeat(at.x+5+used, at.y, at.w-6-used, rule, border)
	x := at.x + at.w - 2
	if health != ' ' {
		a.Rune(x, at.y, health, hs)
		x--
	}
	if found != ' ' {
		a.Rune(x, at.y, found, fs)
	}
	d.boxFigures()
	if selected {
		a.Sub(at.x+1, at.y, min(at.w-2, 4+used), 1).Tint(d.cursor())
	}
}

// border is the style of a node's box.
func (d *nodeDrawing) border() themes.Style {
	t := d.f.Theme
	switch {
	case d.n.health == failing:
		return t.Error
	case d.n.health == notice:
		return t.Warn
	case d.emphasis == emSelected:
		return t.BorderFocus.With(themes.Bold)
	case d.emphasis == emNormal:
		return t.Dim
	}
	return t.Border
}

// cursor is the style of the selected node: loud while keys go to the map.
func (d *nodeDrawing) cursor() themes.Style {
	if d.m.pane != paneMap {
		return d.f.Theme.SelectedDim
	}
	return d.f.Theme.Selected
}

// boxFigures fills the two lines inside a box.
func (d *nodeDrawing) boxFigures() {
	a, f, n, x, y := d.a, d.f, d.n, d.at.x, d.at.y
	end := x + d.at.w - 2
	a.Repeat(x+1, y+1, d.at.w-2, ' ', f.Theme.Text)
	a.Repeat(x+1, y+2, d.at.w-2, ' ', f.Theme.Text)
	if n.RED.Calls == 0 {
		d.m.drawCallerOnly(a, x+2, y+1, n, f)
		return
	}
	text := f.Theme.Text
	if d.emphasis == emUnlinked {
		text = f.Theme.Dim
	}
	var buf [24]byte
	a.Figure(x+2, y+1, num.Rate(buf[:0], n.RED.Rate), f.Theme.Dim)
	p95 := num.Duration(buf[:0], n.RED.P95)
	if n.growth >= growthNotice {
		a.Rune(end, y+1, f.G.ArrowUp, f.Theme.Up)
		text = f.Theme.Warn
	}
	a.Figure(end-len(p95), y+1, p95, text)
	a.Figure(x+2, y+2, num.Share(buf[:0], n.RED.ErrorShare()), shareStyle(n.RED.ErrorShare(), f))
	if x >= 0 {
		sparkRow(a.Sub(x+9, y+2, d.at.w-11, 1), &n.Trend, f)
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

// drawOutline draws the border of a box; heavy where it is selected, which shows without colour as well.
func drawOutline(a canvas.Area, at rect, heavy bool, s themes.Style, g *themes.Glyphs) {
	hr, vr, tl, tr, bl, br := g.Horizontal, g.Vertical, g.TopLeft, g.TopRight, g.BottomLeft, g.BottomRight
	if heavy && !g.ASCII {
		hr, vr, tl, tr, bl, br = '━', '┃', '┏', '┓', '┗', '┛'
	} else if heavy {
		hr, vr = '=', '#'
	}
	right, bottom := at.x+at.w-1, at.y+at.h-1
	a.Repeat(at.x+1, at.y, at.w-2, hr, s)
	a.Repeat(at.x+1, bottom, at.w-2, hr, s)
	for y := at.y + 1; y < bottom; y++ {
		a.Rune(at.x, y, vr, s)
		a.Rune(right, y, vr, s)
	}
	a.Rune(at.x, at.y, tl, s)
	a.Rune(right, at.y, tr, s)
	a.Rune(at.x, bottom, bl, s)
	a.Rune(right, bottom, br, s)
}

func heavyRule(g *themes.Glyphs) rune {
	if g.ASCII {
		return '='
	}
	return '━'
}

// chip draws a node in one line: kind, name, and with figures p95, error share and a mark.
func (d *nodeDrawing) chip(figures bool) {
	a, f, n, x, y, w := d.a, d.f, d.n, d.at.x, d.at.y, d.at.w
	bg := f.Theme.Bar.Bg
	a.Repeat(x, y, w, ' ', f.Theme.Text.On(bg))
	glyph, gs := nodeGlyph(n.Kind, f)
	indent, room := 0, w-3
	if figures {
		indent, room = 1, w-3-chipFigures
	}
	a.Rune(x+indent, y, glyph, gs.On(bg))
	name := n.text
	if d.p.short {
		name = n.short
	}
	a.Cut(x+indent+2, y, room, name, f.G.Ellipsis, nameStyle(n.health, d.emphasis, f).On(bg))
	if figures && n.RED.Calls > 0 {
		d.chipFigures(bg)
	}
	mark, s := healthMark(n.health, f)
	if mark == ' ' || n.health < failing && d.m.found.hasGrave(n.Name) { // what is behind it says more than how it fares
		mark, s = d.m.found.mark(n.Name, f)
	}
	if mark != ' ' {
		a.Rune(x+w-1, y, mark, s.On(bg))
	}
	if d.emphasis == emSelected {
		a.Sub(x, y, w, 1).Tint(d.cursor())
	}
}

// chipFigures writes p95 and, where there are failures, the error share of a node at the end of its line.
func (d *nodeDrawing) chipFigures(bg themes.Color) {
	f, n, end, y := d.f, d.n, d.at.x+d.at.w, d.at.y
	var buf [24]byte
	p95 := num.Duration(buf[:0], n.RED.P95)
	s := f.Theme.Text
	if n.growth >= growthNotice {
		s = f.Theme.Up
	}
	d.a.Figure(end-9-len(p95), y, p95, s.On(bg))
	if share := n.RED.ErrorShare(); share > 0 {
		v := num.Share(buf[:0], share)
		d.a.Figure(end-2-len(v), y, v, shareStyle(share, f).On(bg))
	}
}
