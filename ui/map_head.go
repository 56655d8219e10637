// Lens 1, Map: the line above, the legend, and what stands there while there is no map.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// drawHead says how much is seen, and how much is not.
func (m *Map) drawHead(a canvas.Area, f *Frame) {
	t := f.Theme
	services, peers, edges, quiet := m.graph.count()
	left := pen{a: a, x: 1}
	left.total(uint64(services), 2, " service  ", " services  ", t)
	if peers > 0 {
		left.total(uint64(peers), 2, " peer  ", " peers  ", t)
	}
	left.total(uint64(edges), 3, " edge  ", " edges  ", t)
	if quiet > 0 {
		left.slot(uint64(quiet), 3, t.Dim)
		left.lit(" gone quiet", t.Dim)
	}
	m.drawLosses(&left, f)
	if f.Problem != "" {
		left.lit("  ", t.Dim)
		left.rune(f.G.Error, t.Error)
		left.lit(" ", t.Dim)
		left.text(model.Sanitise(f.Problem), t.Error)
		return
	}
	m.basis.drawNote(left, f)
}

// count says how much the answer lists, and how much of the map went quiet.
func (g *mapGraph) count() (services, peers, edges, quiet int) {
	for i := range g.nodes {
		switch n := &g.nodes[i]; {
		case n.quiet:
			quiet++
		case n.Kind == aggregate.NodeService:
			services++
		default:
			peers++
		}
	}
	for i := range g.edges {
		if g.edges[i].quiet {
			quiet++
		} else {
			edges++
		}
	}
	return services, peers, edges, quiet
}

// total writes how many there are of something: what follows stays where it is, whatever the figure.
func (p *pen) total(n uint64, width int, one, many canvas.Literal, t *themes.Theme) {
	p.slot(n, width, t.Strong)
	from := p.x
	p.lit(oneOrMany(int(n), one, many), t.Dim)
	p.x = from + max(len(one), len(many))
}

// headWide is the width from which the line above the map has room for all that it counts in its own words.
const headWide = 100

// drawLosses counts what is not on the map, where there is any.
func (m *Map) drawLosses(p *pen, f *Frame) {
	for _, c := range [...]struct {
		n           uint64
		name, brief canvas.Literal
		s           themes.Style
	}{
		{m.graph.answer.Broken, " no caller", " no caller", f.Theme.Warn},
		{m.graph.answer.Dropped, " dropped", " dropped", f.Theme.Error},
		{m.graph.folded, " inferred, counted as calls", " inferred", f.Theme.Dim},
		{m.graph.answer.Pending, " pending calls", " pending", f.Theme.Dim}, // last: it comes and goes all the time
	} {
		if c.n == 0 {
			continue
		}
		p.lit("  ", f.Theme.Dim)
		p.slot(c.n, 3, c.s)
		if p.a.W >= headWide {
			p.lit(c.name, c.s)
		} else {
			p.lit(c.brief, c.s)
		}
	}
}

// drawLegend explains the signs that are on the screen, as many as fit.
func (m *Map) drawLegend(a canvas.Area, f *Frame) {
	t, g := f.Theme, f.G
	var kinds [5]bool
	for i := range m.graph.nodes {
		kinds[kindIndex(m.graph.nodes[i].Kind)] = true
	}
	w := pen{a: a, x: 1}
	m.legendMarks(&w, f)
	if m.plan.short {
		w.lit("names without ", t.Faint)
		w.text(m.graph.leftOut, t.Dim)
		w.lit("  ", t.Faint)
	}
	for i, k := range legendKinds {
		if r, s := nodeGlyph(k.kind, f); kinds[i] {
			w.sign(r, s, k.name, t.Faint)
		}
	}
	messaging := slices.ContainsFunc(m.graph.edges, func(e mapEdge) bool { return e.Kind == aggregate.EdgeMessaging })
	lines := [...]struct {
		look lineLook
		name canvas.Literal
	}{
		{lineLook{level: 1}, "call"}, {lineLook{level: 2}, "busy"}, {lineLook{level: 1, dashed: true}, "messaging"},
	}
	for _, l := range lines {
		if l.look.dashed && !messaging || w.x+1+signWidth(l.name) > a.W {
			continue
		}
		r := armLevels{1: l.look.level, 3: l.look.level}.glyph(l.look.dashed, g)
		w.rune(r, t.Dim)
		w.sign(r, t.Dim, l.name, t.Faint)
	}
}

// legendMarks explains what stands for trouble, which goes before all else where room is short.
func (m *Map) legendMarks(w *pen, f *Frame) {
	t, g := f.Theme, f.G
	w.sign(g.Error, t.Error, "errors 5%+", t.Faint)
	w.sign(g.Warn, t.Warn, "errors 1%+, p95 ×2", t.Faint)
	for c := findings.Changed; c <= findings.Slow; c++ {
		if m.found.has(c, false) && classWords[c] != "" {
			mark, s := classMark(c, f)
			w.sign(mark, s, classWords[c], t.Faint)
		}
	}
	if m.found.has(findings.Changed, true) {
		w.sign(g.OK, t.Dim, "changed, over", t.Faint)
	}
}

// signWidth is the room that a sign takes with what it means.
func signWidth(means canvas.Literal) int { return 2 + len(means) }

// sign writes a sign and what it means, where there is room for both.
func (p *pen) sign(r rune, s themes.Style, means canvas.Literal, quiet themes.Style) {
	if p.x+signWidth(means) > p.a.W {
		return
	}
	p.rune(r, s)
	p.lit(" ", quiet)
	p.lit(means, quiet)
	p.lit("  ", quiet)
}

var legendKinds = [...]struct {
	kind aggregate.NodeKind
	name canvas.Literal
}{
	{aggregate.NodeService, "service"}, {aggregate.NodeDatabase, "database"}, {aggregate.NodeMessaging, "queue"},
	{aggregate.NodeInferred, "inferred"}, {aggregate.NodeUser, "user"},
}

func kindIndex(k aggregate.NodeKind) int {
	for i := range legendKinds {
		if legendKinds[i].kind == k {
			return i
		}
	}
	return 0
}

// drawWaiting is the screen before the first answer.
func (m *Map) drawWaiting(a canvas.Area, f *Frame) {
	w := pen{a: a.Row(a.H / 2), x: 2}
	if f.Problem != "" {
		w.rune(f.G.Error, f.Theme.Error)
		w.lit(" ", f.Theme.Text)
		w.text(model.Sanitise(f.Problem), f.Theme.Error)
		return
	}
	w.lit("asking for the service map", f.Theme.Dim)
	w.rune(f.G.Ellipsis, f.Theme.Dim)
}

// drawEmpty says why there is nothing in scope and how to get out of it.
func (m *Map) drawEmpty(a canvas.Area, f *Frame) {
	t := f.Theme
	y := max(0, a.H/2-3)
	a.Lit(2, y, "No calls in this scope.", t.Strong)
	y += 2
	s := f.Scope
	if s.Filter != nil {
		n := a.Lit(2, y, "The filter matches no retained span: ", t.Text)
		a.Text(2+n, y, model.Sanitise(s.Filter.String()), t.Accent)
		y++
		a.Lit(2, y, "/ changes it, esc goes back.", t.Dim)
		y++
	}
	if s.Last > 0 {
		n := a.Lit(2, y, "Nothing arrived in the last ", t.Text)
		var b [24]byte
		n += a.Figure(2+n, y, num.Duration(b[:0], int64(s.Last)), t.Accent)
		a.Lit(2+n, y, ".", t.Text)
		y++
		a.Lit(2, y, "- takes a longer window.", t.Dim)
		y++
	}
	switch {
	case s.Baseline != (aggregate.Window{}):
		a.Lit(2, y, "Nothing came since the marker yet; b removes it.", t.Text)
		y++
	case s.Window != (aggregate.Window{}):
		a.Lit(2, y, "The scope is a fixed window without spans; esc goes back.", t.Text)
		y++
	}
	if s.Focus != (aggregate.Focus{}) || s.Selection != nil {
		a.Lit(2, y, "The scope is narrowed to a part of the system; esc widens it.", t.Text)
	}
}
