// Waterfall: the bar of a span, with what it works, waits for, and what happens in it.

package ui

import (
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// A bar tells what its span did, column by column, by glyph as much as by colour:
//
//	█ ends in eighths of a column   working itself (self time)
//	━                               waiting for its children
//	█ with a stripe                 on the critical path
//	▒                               working on after its parent ended (async tail)
//	◆                               an event
//	╎                               where an unusual span would usually have ended
type barKind uint8

const (
	noBar barKind = iota
	barWaiting
	barSelf
	barTail
	barCritical
)

// barCell is one column of a bar while it is worked out.
type barCell struct {
	kind     barKind
	from, to float32 // the part of the column that the span fills, 0–1
	covered  float32 // of that: by children
	critical float32 // of that: on the critical path
	marked   weight  // of what is marked here
}

// barGlyphs are the characters of bars.
type barGlyphs struct {
	self, waiting, tail, critical rune
	left, right                   rune // beginning and ending in the middle of a column while waiting
	point                         rune // no duration
	median                        rune // where it would usually have ended
}

func barGlyphsOf(t *themes.Theme) barGlyphs {
	switch {
	case t.Glyphs.ASCII:
		return barGlyphs{self: '#', waiting: '-', tail: '~', critical: '=', left: '-', right: '-', point: '|', median: ':'}
	case t.Mono():
		return barGlyphs{self: '▒', waiting: '━', tail: '░', critical: '█', left: '╺', right: '╸', point: '╎', median: '╎'}
	}
	return barGlyphs{self: '█', waiting: '━', tail: '▒', critical: '▂', left: '╺', right: '╸', point: '▏', median: '╎'}
}

// barPen draws the bars of one frame.
type barPen struct {
	m     *traceModel
	path  *pathIndex
	c     clock
	r     timeRange
	f     *Frame
	g     barGlyphs
	bg    themes.Color // behind the bar of the selected row
	cells []barCell    // scratch, one per column

	against *against // nil: laid over nothing
}

// row draws the bar of a row into its part of the row.
func (p *barPen) row(a canvas.Area, r *waterfallRow) {
	if a.W <= 0 || (r.group < 0 && !p.m.real(r.node)) {
		return
	}
	p.cells = p.cells[:0]
	for range a.W {
		p.cells = append(p.cells, barCell{})
	}
	if r.group >= 0 {
		p.group(a, r)
		return
	}
	if p.m.untimed(r.node) {
		a.Lit(0, 0, "no time", p.f.Theme.Faint)
		return
	}
	s, e := p.c.interval(r.node)
	if p.outside(a, s, e, p.ink(r.node)) {
		return
	}
	p.span(r.node, s, e)
	p.flush(a, p.ink(r.node).On(p.bg))
	if p.against != nil {
		p.ghost(a, r.node)
	} else {
		p.median(a, r.node, s)
	}
	p.events(a, r.node)
}

// ink is the colour of a span's bar: its service's.
func (p *barPen) ink(node int32) themes.Style { return seriesStyle(p.f.Theme, p.m.service(node)) }

// outside draws an arrow for what lies outside of the range.
func (p *barPen) outside(a canvas.Area, s, e int64, ink themes.Style) bool {
	switch {
	case e < p.r.lo:
		a.Rune(0, 0, p.f.G.ArrowLeft, ink.On(p.bg))
	case s > p.r.hi:
		a.Rune(a.W-1, 0, p.f.G.ArrowRight, ink.On(p.bg))
	default:
		return false
	}
	return true
}

// span works out the cells of one span.
func (p *barPen) span(node int32, s, e int64) {
	w := len(p.cells)
	p.extent(s, e)
	p.cover(node, e)
	for _, c := range p.path.of(node) {
		d := p.c.shift(node)
		p.spread(later(c.Start, d), later(c.End, d), func(b *barCell, part float32) { b.critical += part })
	}
	tail := w
	if p.m.trails(node) {
		_, end := p.c.interval(p.m.t.Tree.Nodes[node].Parent)
		tail = max(0, int(min(float64(w), p.r.column(end, w)+0.5)))
	}
	thin := p.r.column(e, w)-p.r.column(s, w) < sliver // then what is drawn is more than what is filled
	for i := range p.cells {
		b := &p.cells[i]
		filled := b.to - b.from
		switch {
		case b.kind == noBar:
		case b.critical > 0 && (thin || b.critical >= filled/4):
			b.kind = barCritical
		case i >= tail:
			b.kind = barTail
		case b.covered > filled/2:
			b.kind = barWaiting
		default:
			b.kind = barSelf
		}
	}
}

// sliver is the least part of a column that a span fills: an eighth is hard to see.
const sliver = 2.0 / 8

// extent marks the columns that [s, e] fills, a sliver at least.
func (p *barPen) extent(s, e int64) {
	w := float64(len(p.cells))
	x0 := max(0, p.r.column(s, len(p.cells)))
	x1 := min(w, p.r.column(e, len(p.cells)))
	x1 = max(x1, x0+sliver)
	if x1 > w {
		x0, x1 = w-sliver, w
	}
	for i := int(x0); i < len(p.cells) && float64(i) < x1; i++ {
		b := &p.cells[i]
		b.kind = barSelf
		b.from = float32(max(0, x0-float64(i)))
		b.to = float32(min(1, x1-float64(i)))
	}
}

// spread adds the part of each column that [s, e] fills.
func (p *barPen) spread(s, e int64, add func(b *barCell, part float32)) {
	w := len(p.cells)
	x0, x1 := max(0, p.r.column(s, w)), min(float64(w), p.r.column(e, w))
	for i := int(x0); i < w && float64(i) < x1; i++ {
		add(&p.cells[i], float32(min(x1, float64(i+1))-max(x0, float64(i))))
	}
}

// cover marks where the span waited for children: the union of the blocking ones (A08).
func (p *barPen) cover(node int32, end int64) {
	nodes := p.m.t.Tree.Nodes
	producer := p.m.head(node).Kind == model.KindProducer
	seen := p.r.lo
	for c := node + 1; c < nodes[node].End; c = nodes[c].End {
		s, e := p.c.interval(c)
		if s > p.r.hi && !p.c.skewed {
			return // siblings are in order of start
		}
		if e = min(e, end); e <= seen || (producer && p.m.head(c).Kind == model.KindConsumer) {
			continue
		}
		p.spread(max(s, seen), e, func(b *barCell, part float32) { b.covered += part })
		if !p.c.skewed { // moved siblings are in no order: overlaps then count twice, which changes no majority
			seen = e
		}
	}
}

// group draws the members of a folded group on one line: as shade where they are denser.
func (p *barPen) group(a canvas.Area, r *waterfallRow) {
	g := &p.m.groups[r.group]
	ink := p.ink(g.first)
	if d := p.c.shift(g.first); p.outside(a, later(g.start, d), later(g.stop, d), ink) {
		return
	}
	nodes := p.m.t.Tree.Nodes
	for n := g.first; n < g.end; n = nodes[n].End {
		s, e := p.c.interval(n)
		if e < p.r.lo || s > p.r.hi {
			continue
		}
		p.extent(s, e)
		for _, c := range p.path.of(n) {
			d := p.c.shift(n)
			p.spread(later(c.Start, d), later(c.End, d), func(b *barCell, part float32) { b.critical += part })
		}
		p.spread(s, e, func(b *barCell, part float32) { b.covered += part })
	}
	for i := range p.cells {
		b := &p.cells[i]
		switch {
		case b.kind == noBar:
		case b.critical >= 0.25:
			b.kind, b.from, b.to = barCritical, 0, 1
		case b.covered >= 0.95: // members side by side fill the column
			b.from, b.to = 0, 1
		}
	}
	p.flush(a, ink.On(p.bg))
}

// flush draws the cells.
func (p *barPen) flush(a canvas.Area, ink themes.Style) {
	critical := p.f.Theme.Critical.On(p.bg)
	for i := range p.cells {
		b := &p.cells[i]
		switch b.kind {
		case barWaiting:
			a.Rune(i, 0, p.waiting(b), ink)
		case barTail:
			a.Rune(i, 0, p.g.tail, ink)
		case barSelf:
			p.partial(a, i, b, p.g.self, ink)
		case barCritical:
			switch {
			case p.f.Theme.Mono() || p.f.G.ASCII:
				p.partial(a, i, b, p.g.critical, critical)
			case b.from == 0 && b.to == 1:
				a.Rune(i, 0, p.g.critical, critical.On(ink.Fg))
			case p.striped(i-1) || p.striped(i+1): // the end of a bar that has the stripe
				p.partial(a, i, b, p.g.self, ink)
			default:
				p.partial(a, i, b, p.g.self, critical)
			}
		}
	}
}

// filled reports whether the span has a part in a column.
func (p *barPen) filled(i int) bool {
	return i >= 0 && i < len(p.cells) && p.cells[i].kind != noBar
}

// striped reports whether a column is filled and on the critical path.
func (p *barPen) striped(i int) bool {
	return i >= 0 && i < len(p.cells) && p.cells[i].kind == barCritical && p.cells[i].from == 0 && p.cells[i].to == 1
}

func (p *barPen) waiting(b *barCell) rune {
	switch {
	case b.from >= 0.5:
		return p.g.left
	case b.to <= 0.5:
		return p.g.right
	}
	return p.g.waiting
}

// partial draws a column that the span fills from b.from to b.to, in eighths. The left part of a column is
// a block of that width; the right part is the same block reversed: the block is what is not filled.
func (p *barPen) partial(a canvas.Area, x int, b *barCell, full rune, s themes.Style) {
	from, to := int(b.from*8+0.5), int(b.to*8+0.5)
	to = max(to, from+1)
	if to > 8 {
		from, to = 7, 8
	}
	blocks := p.f.G.Blocks
	switch {
	case p.f.Theme.Mono() && b.kind == barSelf && !p.f.G.ASCII: // solid edges would look critical
		a.Rune(x, 0, full, s)
	case p.f.G.ASCII:
		if to-from <= 2 && !p.filled(x-1) && !p.filled(x+1) {
			full = p.g.point
		}
		a.Rune(x, 0, full, s)
	case from == 0 && to == 8:
		a.Rune(x, 0, full, s)
	case from == 0:
		a.Rune(x, 0, blocks[to], s)
	case to == 8:
		a.Rune(x, 0, blocks[from], s.With(themes.Reverse))
	case from+to <= 8:
		a.Rune(x, 0, blocks[to-from], s)
	case to-from == 1:
		a.Rune(x, 0, '▕', s)
	default:
		a.Rune(x, 0, blocks[8-(to-from)], s.With(themes.Reverse))
	}
}

// median marks where an unusual span would have ended, had it taken as long as usual.
func (p *barPen) median(a canvas.Area, node int32, start int64) {
	if o := p.m.oddity(node); o == ordinary || o == unranked || o == mixed {
		return
	}
	t := later(start, float64(p.m.context(node).Median))
	if t < p.r.lo || t >= p.r.hi {
		return
	}
	x := min(a.W-1, int(p.r.column(t, a.W)))
	if p.filled(x) && !(p.filled(x-1) && p.filled(x+1)) {
		return // it would hide an end of the bar
	}
	s := p.f.Theme.Strong.On(p.bg)
	if b := &p.cells[x]; b.kind >= barSelf && b.from == 0 && b.to == 1 && !p.f.Theme.Mono() {
		s = s.On(p.ink(node).Fg)
	}
	a.Rune(x, 0, p.g.median, s)
}

// events draws a mark for each column in which something was recorded or logged; what weighs most
// is seen.
func (p *barPen) events(a canvas.Area, node int32) {
	d := p.c.shift(node)
	p.m.eachLog(node, func(l *model.Log) bool {
		glyph, s, w := p.logMark(l)
		p.mark(a, node, later(l.Time, d), glyph, s, w)
		return true
	})
	es := p.m.span(node).Events
	for i := range es {
		glyph, s, w := p.f.G.Event, p.f.Theme.Strong, weightEvent
		if es[i].Name == "exception" {
			glyph, s, w = p.f.G.Error, p.f.Theme.Error, weightFailure
		}
		p.mark(a, node, later(es[i].Time, d), glyph, s, w)
	}
}

// weight decides which of several marks in one column is seen.
type weight uint8

const (
	weightNone weight = iota
	weightLog
	weightEvent
	weightWarning
	weightFailure
)

// mark draws one of them at its time.
func (p *barPen) mark(a canvas.Area, node int32, t int64, glyph rune, s themes.Style, w weight) {
	if t < p.r.lo || t > p.r.hi {
		return
	}
	x := min(a.W-1, int(p.r.column(t, a.W)))
	b := &p.cells[x]
	if w < b.marked {
		return
	}
	b.marked = w
	s = s.On(p.bg)
	if b.kind >= barSelf && b.from == 0 && b.to == 1 && !p.f.Theme.Mono() {
		s = s.On(p.ink(node).Fg)
		if w == weightFailure {
			s = s.With(themes.Reverse)
		}
	}
	a.Rune(x, 0, glyph, s)
}
