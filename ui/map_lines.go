// Lens 1, Map: the lines of edges, joined where they cross, and the figures on them.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/layout"
	"oteltop/ui/num"
)

// busyShare is the part of the busiest edge's rate from which an edge is drawn heavy.
const busyShare = 0.33

// joints are the box-drawing characters for every combination of arms, each without line, light or heavy:
// index up*27 + right*9 + down*3 + left.
var joints = [...]rune{
	' ', '╴', '╸', '╷', '┐', '┑', '╻', '┒', '┓', '╶', '─', '╾', '┌', '┬', '┭', '┎', '┰', '┱', '╺', '╼', '━', '┍', '┮', '┯', '┏', '┲', '┳',
	'╵', '┘', '┙', '│', '┤', '┥', '╽', '┧', '┪', '└', '┴', '┵', '├', '┼', '┽', '┟', '╁', '╅', '┕', '┶', '┷', '┝', '┾', '┿', '┢', '╆', '╈',
	'╹', '┚', '┛', '╿', '┦', '┩', '┃', '┨', '┫', '┖', '┸', '┹', '┞', '╀', '╃', '┠', '╂', '╉', '┗', '┺', '┻', '┡', '╄', '╇', '┣', '╊', '╋',
}

// armLevels is how heavy the line is on each side of a cell: up, right, down, left.
type armLevels [4]int

func (l *armLevels) add(a layout.Arms, level int) {
	for i, arm := range [...]layout.Arms{layout.Up, layout.Right, layout.Down, layout.Left} {
		if a&arm != 0 {
			l[i] = max(l[i], level)
		}
	}
}

// glyph is the character for the arms; dashed lines are those of messaging.
func (l armLevels) glyph(dashed bool, g *themes.Glyphs) rune {
	level := l[1] > 0 && l[3] > 0 && l[0]+l[2] == 0
	upright := l[0] > 0 && l[2] > 0 && l[1]+l[3] == 0
	heavy := max(l[0], l[1], l[2], l[3]) > 1
	if g.ASCII {
		return asciiJoint(level, upright, heavy, dashed)
	}
	switch {
	case dashed && level && heavy:
		return '┅'
	case dashed && level:
		return '┄'
	case dashed && upright && heavy:
		return '┇'
	case dashed && upright:
		return '┆'
	}
	r := joints[l[0]*27+l[1]*9+l[2]*3+l[3]]
	switch r { // light corners are round, like the boxes
	case '┌':
		return g.TopLeft
	case '┐':
		return g.TopRight
	case '└':
		return g.BottomLeft
	case '┘':
		return g.BottomRight
	}
	return r
}

func asciiJoint(level, upright, heavy, dashed bool) rune {
	switch {
	case level && dashed:
		return '.'
	case upright && dashed:
		return ':'
	case level && heavy:
		return '='
	case level:
		return '-'
	case upright:
		return '|'
	}
	return '+'
}

// lineLook is how a line of the layout is drawn now.
type lineLook struct {
	level  int // 1 light, 2 heavy
	health health
	dashed bool
	strong bool
	quiet  bool
	// accused says that a finding is about the calls, which makes them worth a figure whatever room there is.
	accused bool
}

// looks judges all lines: the worst of the edges that each stands for.
func (m *Map) looks(p *mapPlan) []lineLook {
	busiest := 0.0
	for i := range m.graph.edges {
		busiest = max(busiest, m.graph.edges[i].Rate)
	}
	m.scratch = append(m.scratch[:0], make([]lineLook, len(p.lines))...)
	for i, edges := range p.lines {
		look := lineLook{level: 1, dashed: true, quiet: true}
		for _, j := range edges {
			e := &m.graph.edges[j]
			if e.Rate > 0 && e.Rate >= busyShare*busiest {
				look.level = 2
			}
			look.health = max(look.health, e.health)
			if m.found.accuses(e) {
				look.accused, look.health = true, max(look.health, notice)
			}
			look.dashed = look.dashed && e.Kind == aggregate.EdgeMessaging
			look.quiet = look.quiet && e.quiet
			look.strong = look.strong || m.emphasised(e)
		}
		m.scratch[i] = look
	}
	return m.scratch
}

// emphasised reports whether an edge belongs to what is selected.
func (m *Map) emphasised(e *mapEdge) bool {
	if k, ok := m.story.cursorEdge(m.pane == paneStory); ok {
		return e.key() == k
	}
	if m.picked.isEdge() {
		return e.key() == m.picked.edge
	}
	return m.picked.node != "" && (e.Client == m.picked.node || e.Server == m.picked.node)
}

// lines draws all edges: quiet ones first in each cell, those of the selection over them.
func (d *mapDrawing) lines() {
	for i := range d.p.cells {
		c := &d.p.cells[i]
		x, y := d.ox+c.X, d.oy+c.Y
		if x < 0 || y < 0 || x >= d.a.W || y >= d.a.H {
			continue
		}
		look, arms := cellLook(c, d.looks)
		if c.Cross && !look.strong { // a crossing: the level line passes under the upright one
			arms[1], arms[3] = 0, 0
		}
		d.a.Rune(x, y, arms.glyph(look.dashed, d.f.G), d.lineStyle(look))
		d.a.Sub(x, y, 1, 1).Target(canvas.Target{Kind: mapLineTarget, Index: lineAt(c, d.looks)})
	}
	for i := range d.p.lay.Lines {
		l := &d.p.lay.Lines[i]
		end := l.Path[len(l.Path)-1]
		arrow := d.f.G.ArrowRight
		if l.Back {
			arrow = d.f.G.ArrowLeft
		}
		look := d.looks[i]
		if look.strong || !d.strongAt(l.To, l.Back) {
			d.a.Rune(d.ox+end.X, d.oy+end.Y, arrow, d.lineStyle(look))
		}
	}
}

// strongAt reports whether a line of the selection ends at the same side of the node to.
func (d *mapDrawing) strongAt(to string, back bool) bool {
	for i := range d.p.lay.Lines {
		if l := &d.p.lay.Lines[i]; d.looks[i].strong && l.To == to && l.Back == back {
			return true
		}
	}
	return false
}

// lineAt is the line that a click on a cell means: of the selection, else the one in the worst health.
func lineAt(c *layout.Cell, looks []lineLook) int32 {
	best := c.Strokes[0].Line
	for _, s := range c.Strokes[1:] {
		a, b := looks[s.Line], looks[best]
		if a.strong && !b.strong || a.strong == b.strong && a.health > b.health {
			best = s.Line
		}
	}
	return best
}

// cellLook merges the strokes of a cell; where the selection passes, only its strokes give the style.
func cellLook(c *layout.Cell, looks []lineLook) (lineLook, armLevels) {
	out := lineLook{dashed: true, quiet: true}
	for _, s := range c.Strokes {
		out.strong = out.strong || looks[s.Line].strong
	}
	var arms armLevels
	for _, s := range c.Strokes {
		l := looks[s.Line]
		if out.strong && !l.strong {
			if !c.Cross { // a branch keeps its joint
				arms.add(s.Arms, l.level)
			}
			continue
		}
		arms.add(s.Arms, l.level)
		out.health = max(out.health, l.health)
		out.dashed = out.dashed && l.dashed
		out.quiet = out.quiet && l.quiet
	}
	return out, arms
}

// lineStyle colours a line: sick ones always, the selection strongly, others quietly.
func (d *mapDrawing) lineStyle(l lineLook) themes.Style {
	t := d.f.Theme
	switch {
	case l.strong && l.health == failing:
		return t.Error
	case l.strong && l.health == notice:
		return t.WarnStrong
	case l.strong:
		return t.AccentStrong
	case l.health == failing:
		return t.ErrorLine
	case l.health == notice:
		return t.WarnLine
	case d.dimmed, l.quiet:
		return t.Faint
	}
	return t.Dim
}

// labelSpot is a level stretch that belongs to one line alone, wide enough for a figure.
type labelSpot struct{ line, x, y, w int }

// labelLeast is the width of the shortest label, "1.2ms" with a cell of line on both sides.
const labelLeast = 8

// labelSpots finds the longest such stretch of every line.
func labelSpots(l *layout.Layout, cells []layout.Cell) []labelSpot {
	best := make([]labelSpot, len(l.Lines))
	run := labelSpot{line: -1}
	keep := func() {
		if run.line >= 0 && run.w >= labelLeast && run.w > best[run.line].w {
			best[run.line] = run
		}
	}
	for i := range cells {
		c := &cells[i]
		end := l.Lines[c.Strokes[0].Line].Path
		arrow := end[len(end)-1] == layout.Point{X: c.X, Y: c.Y}
		alone := len(c.Strokes) == 1 && c.Strokes[0].Arms == layout.Left|layout.Right && !arrow && !crossesBox(l, c)
		if alone && run.line == int(c.Strokes[0].Line) && run.y == c.Y && run.x+run.w == c.X {
			run.w++
			continue
		}
		keep()
		run = labelSpot{line: -1}
		if alone {
			run = labelSpot{int(c.Strokes[0].Line), c.X, c.Y, 1}
		}
	}
	keep()
	var out []labelSpot
	for _, s := range best {
		if s.w > 0 {
			out = append(out, s)
		}
	}
	return out
}

// crossesBox reports whether the cell lies among the boxes of a layer, where a label would look like one.
func crossesBox(l *layout.Layout, c *layout.Cell) bool {
	for i := range l.Boxes {
		if b := &l.Boxes[i]; c.X >= b.X && c.X < b.X+b.W {
			return true
		}
	}
	return false
}

// sharedSpot is the longest level stretch of a line that it may share with others, for a line that must have a
// label and has none of its own; the label's mark and the colour of the line say whose it is.
func (p *mapPlan) sharedSpot(line int) (best labelSpot) {
	run := labelSpot{line: line}
	for i := range p.cells {
		c := &p.cells[i]
		arms := layout.Arms(0)
		for _, s := range c.Strokes {
			if int(s.Line) == line {
				arms = s.Arms
			}
		}
		end := p.lay.Lines[line].Path
		if arms != layout.Left|layout.Right || c.Cross || end[len(end)-1] == (layout.Point{X: c.X, Y: c.Y}) || crossesBox(p.lay, c) {
			continue
		}
		if run.w == 0 || run.y != c.Y || run.x+run.w != c.X {
			run = labelSpot{line: line, x: c.X, y: c.Y}
		}
		if run.w++; run.w >= best.w { // of equal ones the last: nearer to the callee
			best = run
		}
	}
	return best
}

// labels writes p95 and, where there are failures, the error share on the lines. Lines that a finding is
// about, and the one that is selected, have a label even where that has to be on a stretch shared with others.
func (d *mapDrawing) labels() {
	for _, s := range d.p.labels {
		d.label(s)
	}
	for i := range d.looks {
		own := slices.ContainsFunc(d.p.labels, func(s labelSpot) bool { return s.line == i })
		must := d.looks[i].accused || d.looks[i].strong && d.m.picked.isEdge()
		if must && !own {
			d.label(d.p.sharedSpot(i))
		}
	}
}

// label writes the figures of a line on a stretch of it, where they fit.
func (d *mapDrawing) label(s labelSpot) {
	look, edges := d.looks[s.line], d.p.lines[s.line]
	if len(edges) == 0 || d.dimmed && !look.strong && !look.accused {
		return
	}
	e := &d.m.graph.edges[edges[0]]
	if e.Calls == 0 || e.p95() == 0 {
		return
	}
	mark, style := d.m.found.edgeMark(e, d.f)
	room := s.w - 3
	if mark != ' ' {
		room -= 2
	}
	var buf [40]byte
	b := num.Duration(append(buf[:0], ' '), e.p95())
	if e.health == failing || e.share() >= shareNotice {
		if with := num.Share(append(b, ' '), e.share()); len(with) <= room {
			b = with
		}
	}
	if look.strong {
		if with := num.Rate(append(b, ' '), e.Rate); len(with) <= room {
			b = with
		}
	}
	if b = append(b, ' '); len(b) > room+1 {
		return
	}
	x, y := d.ox+s.x+(s.w-len(b)+1)/2, d.oy+s.y
	d.a.Figure(x, y, b, d.lineStyle(look))
	if mark != ' ' {
		d.a.Rune(x-1, y, mark, style)
		d.a.Rune(x-2, y, ' ', style)
	}
}
