// Lens 7, Compare: how the pair of traces is drawn.

package ui

import (
	"strings"

	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// Room of a pair.
const (
	pairTail   = 42  // percent of a title that is too long which its end has
	pairBeside = 110 // columns from which on the bars of both traces stand side by side; else one below the other
	pairHead   = 4   // rows above the table: what it is about, both traces, the scale
	pairWords  = 1   // rows below it
	pairFacts  = 60  // columns of what is said of a trace besides its root
	pairShort  = 34  // the same where room is short: spans, and why it stands for the others
	// pairNotice is the share of the longer trace that a path takes more or less from which on that is drawn to the
	// front.
	pairNotice = .03
)

// draw draws both traces and their call paths.
func (p *pairView) draw(a canvas.Area, f *Frame) {
	t := f.Theme
	p.drawTitle(a.Row(0), f)
	if p.answer == nil {
		w := pen{a: a.Row(2), x: 2}
		if f.AsideProblem == "" {
			w.lit("looking for a request of before and one of now", t.Dim)
			w.rune(f.G.Ellipsis, t.Dim)
			w.blank(1)
		}
		drawWorking(&w, f)
		return
	}
	for s := range pairSides {
		p.drawSide(a.Row(1+int(s)), s, f)
	}
	p.drawScale(a.Row(3), f)
	if len(p.answer.rows) == 0 {
		return
	}
	p.lay(a.W)
	body := a.Sub(0, pairHead, a.W, a.H-pairHead-pairWords)
	p.table.draw(body, f, func(row, col int, c canvas.Area) { p.cell(&p.answer.rows[row], col, c, f) })
	tall := max(1, p.table.tall)
	p.drawWords(a.Sub(1, min(a.H-pairWords, pairHead+1+len(p.answer.rows)*tall), a.W-2, 1), f) // near the rows where these are few
}

// drawTitle says what the traces are examples of. Of a change that does not fit, the end says by how much.
func (p *pairView) drawTitle(r canvas.Area, f *Frame) {
	const label canvas.Literal = "side by side: "
	w := pen{a: r, x: 1}
	width := canvas.Width(p.title)
	if w.x+len(label)+width < r.W {
		w.lit(label, f.Theme.Dim)
	}
	if width <= r.W-2 {
		r.Text(w.x, 0, p.title, f.Theme.Title)
		return
	}
	tail := (r.W - 2) * pairTail / 100
	head := r.Sub(1, 0, r.W-2-tail, 1) // the end begins with the ellipsis for both
	head.Text(0, 0, p.title, f.Theme.Title)
	r.CutStart(1+head.W, 0, tail, p.title, f.G.Ellipsis, f.Theme.Title)
}

// drawSide says which trace stands for a side.
func (p *pairView) drawSide(r canvas.Area, s pairSideID, f *Frame) {
	t, x := f.Theme, &p.answer.sides[s]
	w := pen{a: r, x: 1}
	mark, style := ' ', t.Dim
	if p.side == s {
		mark, style = f.G.Collapsed, t.AccentStrong
	}
	w.rune(mark, t.Accent)
	w.lit([pairSides]canvas.Literal{" before  ", " now     "}[s], style)
	if x.id.IsZero() {
		w.text(x.none, t.Warn)
		return
	}
	var buf [24]byte
	b := num.Duration(buf[:0], x.duration)
	w.blank(max(0, 6-len(b)))
	w.figure(b, t.Strong)
	w.blank(2)
	room := max(noteLeast, r.W-w.x-pairFacts)
	if r.W < pairBeside {
		room = max(noteLeast, r.W-w.x-pairShort)
	}
	w.x += room
	serviceAndOperation(r.Sub(w.x-room, 0, room, 1), x.service, x.root, seriesStyle(t, x.seriesOf), f)
	w.blank(1)
	w.number(uint64(x.spans), " span", " spans", t.Dim)
	if x.errors > 0 {
		w.lit("  ", t.Dim)
		w.number(uint64(x.errors), " error", " errors", t.Error)
	}
	w.lit("  ", t.Dim)
	w.x += r.Cut(w.x, 0, r.W-w.x-1, x.words, f.G.Ellipsis, t.Dim)
	if w.x+canvas.Width(x.name)+3 <= r.W { // enter and y lead to it anyway
		w.lit("  ", t.Dim)
		w.text(x.name, t.Dim)
	}
}

// drawScale says how long the bars are, and what is shown.
func (p *pairView) drawScale(r canvas.Area, f *Frame) {
	t := f.Theme
	r.Repeat(0, 0, r.W, f.G.Horizontal, t.Border)
	w := pen{a: r, x: 1}
	w.lit(" ", t.Dim)
	w.number(uint64(len(p.answer.rows)), " call path", " call paths", t.Dim)
	if p.answer.more > 0 {
		w.lit(" of ", t.Warn)
		w.count(uint64(len(p.answer.rows)+p.answer.more), t.Warn)
	}
	w.lit(", a full bar is ", t.Dim)
	w.duration(p.answer.end, t.Dim)
	if p.about.typical {
		w.lit("; ordinary requests, m: extreme ones ", t.Dim)
	} else {
		w.lit("; extreme requests, m: ordinary ones ", t.Dim)
	}
}

// lay gives the bars their widths: side by side, or of both in the lines of a row.
func (p *pairView) lay(width int) {
	cols := p.table.cols
	cols[pairsNow].hidden, cols[pairsNowTime].hidden, cols[pairsChange].hidden = width < pairBeside, width < pairBeside, width < pairBeside
	const gaps = 2
	if width < pairBeside {
		p.table.tall = 2
		cols[pairsBefore].title = "before, and now"
		cols[pairsBefore].width = width - cols[pairsPath].least - cols[pairsBeforeTime].width - 3*gaps - gaps
		cols[pairsPath].width = 0
		return
	}
	p.table.tall = 1
	path := max(cols[pairsPath].least, min(64, width*3/10))
	rest := width - path - 2*cols[pairsBeforeTime].width - cols[pairsChange].width - 6*gaps - gaps
	cols[pairsBefore].title = "before"
	cols[pairsBefore].width, cols[pairsNow].width = rest/2, rest/2
}

func (p *pairView) cell(r *pairRow, col int, a canvas.Area, f *Frame) {
	switch col {
	case pairsPath:
		p.drawPath(r, a, f)
	case pairsBefore:
		p.bar(r, pairBefore, a.Row(0), f)
		if a.H > 1 {
			p.bar(r, pairNow, a.Row(1), f)
		}
	case pairsNow:
		p.bar(r, pairNow, a, f)
	case pairsBeforeTime:
		p.took(r, pairBefore, a.Row(0), f)
		if a.H > 1 {
			p.took(r, pairNow, a.Row(1), f)
		}
	case pairsNowTime:
		p.took(r, pairNow, a, f)
	case pairsChange:
		p.delta(r, a, f)
	}
}

// drawPath draws the call path, with a sign where only one of the traces takes it.
func (p *pairView) drawPath(r *pairRow, a canvas.Area, f *Frame) {
	t := f.Theme
	mark, style := f.G.Bullet, t.Faint
	switch {
	case r.at[pairBefore].calls == 0:
		mark, style = '+', t.Up
	case r.at[pairNow].calls == 0:
		mark, style = '-', t.Down
	case r.at[pairNow].calls > r.at[pairBefore].calls:
		mark, style = f.G.ArrowUp, t.Up
	case r.at[pairNow].calls < r.at[pairBefore].calls:
		mark, style = f.G.ArrowDown, t.Down
	}
	x := min(r.depth, a.W/2)
	a.Rune(x, 0, mark, style)
	in := a.Sub(x+2, 0, a.W-x-2, 1)
	if r.inside {
		in.Cut(0, 0, in.W, r.what, f.G.Ellipsis, t.Text)
	} else {
		serviceAndOperation(in, r.service, r.what, seriesStyle(t, r.seriesOf), f)
	}
	if a.H > 1 {
		p.delta(r, a.Row(1), f)
	}
}

// bar draws when a path is taken in a trace: before in one texture, now in another.
func (p *pairView) bar(r *pairRow, s pairSideID, a canvas.Area, f *Frame) {
	c := &r.at[s]
	if c.calls == 0 || a.W < 1 {
		return
	}
	low, middle, _ := spreadGlyphs(f)
	glyph, style := low, seriesStyle(f.Theme, r.seriesOf)
	if s == pairBefore {
		glyph, style = middle, f.Theme.Ghost
	}
	at := func(ns int64) int { return int(float64(ns) / float64(p.answer.end) * float64(a.W)) }
	x := max(0, min(a.W-1, at(c.start)))
	a.Repeat(x, 0, max(1, min(a.W, at(c.end))-x), glyph, style)
	if c.failed > 0 {
		a.Rune(min(a.W-1, max(x+1, at(c.end))), 0, f.G.Error, f.Theme.Error)
	}
}

// took draws how long all calls of a path took in a trace, and how many there were where it is not one.
func (p *pairView) took(r *pairRow, s pairSideID, a canvas.Area, f *Frame) {
	c := &r.at[s]
	if c.calls == 0 {
		a.Rune(a.W-1, 0, '-', f.Theme.Faint)
		return
	}
	style := f.Theme.Text
	if s == pairBefore {
		style = f.Theme.Dim
	}
	var buf [24]byte
	figureRight(a, num.Duration(buf[:0], c.total), style)
	if c.calls > 1 {
		a.Figure(0, 0, num.Count(append(buf[:0], 'x'), uint64(c.calls)), f.Theme.Dim)
	}
}

// delta draws how much longer all calls of a path took: to the front only where it matters to the whole.
func (p *pairView) delta(r *pairRow, a canvas.Area, f *Frame) {
	before, now := &r.at[pairBefore], &r.at[pairNow]
	d := now.total - before.total
	if before.calls == 0 && now.calls == 0 || d == 0 {
		return
	}
	style := f.Theme.Dim
	if size := float64(max(d, -d)); size >= pairNotice*float64(p.answer.end) {
		style = f.Theme.Down
		if d > 0 {
			style = f.Theme.Up
		}
	}
	var buf [24]byte
	b := buf[:0]
	if d > 0 {
		b = append(b, '+')
	}
	figureRight(a, num.Duration(b, d), style)
}

// drawWords says the call path under the cursor in a sentence.
func (p *pairView) drawWords(a canvas.Area, f *Frame) {
	r := p.selected()
	if r == nil {
		return
	}
	w, room := pen{a: a}, a.W
	for s := range pairSides {
		room -= r.at[s].words()
	}
	w.x += a.Cut(0, 0, max(noteLeast, room), r.what, f.G.Ellipsis, f.Theme.Strong)
	for s := range pairSides {
		w.lit([pairSides]canvas.Literal{"  before ", "  now "}[s], f.Theme.Dim)
		c := &r.at[s]
		if c.calls == 0 {
			w.lit("not called", f.Theme.Text)
			continue
		}
		if c.calls > 1 {
			w.count(uint64(c.calls), f.Theme.Text)
			w.lit(" calls, ", f.Theme.Text)
		}
		w.duration(c.total, f.Theme.Text)
		w.lit(", self ", f.Theme.Dim)
		w.duration(c.self, f.Theme.Text)
		if c.failed > 0 {
			w.lit(", ", f.Theme.Dim)
			w.counted(uint64(c.failed), " failed", f.Theme.Error)
		}
	}
}

// words is how many columns the words about a path in a trace take at most.
func (c *pairCall) words() int {
	const side, calls, failed = 28, 12, 13 // "  before 123ms, self 123ms", "1234 calls, ", ", 1234 failed"
	n := side
	if c.calls > 1 {
		n += calls
	}
	if c.failed > 0 {
		n += failed
	}
	return n
}

// evidence is the pair as text, for a message to others.
func (p *pairView) evidence() string {
	var b strings.Builder
	b.WriteString(p.title.String())
	for s := range pairSides {
		x := &p.answer.sides[s]
		b.WriteString([pairSides]string{"\nbefore: ", "\nnow: "}[s])
		if x.id.IsZero() {
			b.WriteString(x.none.String())
			continue
		}
		b.WriteString(x.service.String() + " " + x.root.String() + " " + durationText(x.duration) + ", trace " + x.id.String())
	}
	for i := range p.answer.rows {
		r := &p.answer.rows[i]
		b.WriteString("\n" + strings.Repeat("  ", r.depth) + r.service.String() + " " + r.what.String() + "  " + callText(&r.at[pairBefore]) + " → " + callText(&r.at[pairNow]))
	}
	return b.String()
}

func callText(c *pairCall) string {
	switch {
	case c.calls == 0:
		return "-"
	case c.calls == 1:
		return durationText(c.total)
	}
	return countText(uint64(c.calls)) + " calls " + durationText(c.total)
}
