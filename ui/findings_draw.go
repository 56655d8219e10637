// Lens 4, Findings: the list, and the evidence for the finding under the cursor.

package ui

import (
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// Draw draws the list, in up to half of the room, and below it the evidence for the finding under the cursor.
func (s *Findings) Draw(a canvas.Area, f *Frame) {
	if s.answer == nil {
		drawAwaited(pen{a: a.Row(a.H / 3), x: max(2, a.W/2-24)}, "looking at every retained request", f)
		return
	}
	if len(s.table.keys) == 0 {
		s.drawNone(a, f)
		return
	}
	l := s.lay(a.W, a.H)
	s.examples.room, s.special.room = l.examples, l.special
	if !s.has(s.part) {
		s.part = onFindings
	}
	s.table.away = s.part != onFindings
	s.table.draw(a.Sub(0, 0, a.W, l.list), f, func(row, col int, c canvas.Area) { s.cell(row, col, c, f) })
	s.drawEvidence(a, &l, f)
	w := pen{a: a.Row(a.H - 1), x: 1}
	if n := len(s.answer.Rows); n < s.answer.Found {
		w.lit("first ", f.Theme.Dim)
		w.counted(uint64(n), " of ", f.Theme.Dim)
	}
	w.number(uint64(s.answer.Found), " finding, ", " findings, ", f.Theme.Dim)
	w.lit(findingOrderWords[s.order], f.Theme.Dim)
	if !s.Listed() || f.AsideProblem != "" && !s.special.awaited() {
		w.blank(2)
		drawWorking(&w, f)
		return
	}
	s.basis.drawNote(w, f)
}

// titleMost is the most lines of a title in the list: what is longer, the evidence has whole.
const titleMost = 4

// findingOrderWords say what the list is sorted by.
var findingOrderWords = [findingOrders]canvas.Literal{"the most important first", "the latest first", "the costliest first"}

func (s *Findings) cell(row, col int, c canvas.Area, f *Frame) {
	r := s.rows[s.table.keys[row]]
	t := f.Theme
	mark, style := r.mark(f)
	var buf [24]byte
	switch col {
	case findingsKind:
		c.Rune(0, 0, mark, style)
		c.Lit(2, 0, r.kindWord(), style)
	case findingsTitle:
		r.drawTitle(c, f)
	case findingsSince:
		switch {
		case r.over():
			figureRight(c, appendClock(append(appendClock(buf[:0], r.From), '-'), r.Ended), t.Dim)
		case r.From != 0:
			figureRight(c, appendClock(buf[:0], r.From), t.Dim)
		}
	case findingsHarmed:
		if r.Of > 0 {
			share := float64(r.Harmed) / float64(r.Of)
			bar(c.Sub(0, 0, harmBar, 1), share, style, f)
			figureRight(c, num.Share(buf[:0], share), t.Strong)
		}
	case findingsCost:
		duration(c, r.Lost, t.Dim, f)
	case findingsTrend:
		if trend := r.trend(); trend != nil {
			sparkRow(c, trend, f)
		}
	}
}

// drawTitle draws the title of a row: whole where it fits, else short and over the lines of the row.
func (r *findingRow) drawTitle(c canvas.Area, f *Frame) {
	if canvas.Width(r.title) <= c.W {
		c.Text(0, 0, r.title, f.Theme.Text)
		return
	}
	for y, line := range r.titleLines(c.W, c.H) {
		c.Cut(0, y, c.W, line, f.G.Ellipsis, f.Theme.Text)
	}
}

// titleNeeds is how many lines a title of a width takes.
func (r *findingRow) titleNeeds(width int) int {
	if r.needsTo != width {
		r.needs, r.needsTo = 1, width
		if canvas.Width(r.title) > width {
			const most = 8 // what is longer is a name that somebody else made so long
			lines, _ := wrapText(r.brief.String(), width, most)
			r.needs = len(lines)
		}
	}
	return r.needs
}

// titleLines is the short title broken to a width, in at most so many lines; the last may have to be cut.
func (r *findingRow) titleLines(width, most int) []model.Text {
	if to := [2]int{width, most}; r.titledTo != to {
		r.titledTo, r.titled = to, breakTitle(r.brief, width, most)
	}
	return r.titled
}

// drawEvidence draws all that is known of the finding under the cursor: what there is to say, how its place fares, the
// traces that show it, and what is special about them.
func (s *Findings) drawEvidence(screen canvas.Area, l *findingsLayout, f *Frame) {
	r, a := s.selected(), l.evidence.of(screen)
	if r == nil || a.H == 0 {
		return
	}
	t := f.Theme
	mark, style := r.mark(f)
	a.Repeat(0, 0, a.W, f.G.Horizontal, t.Border)
	w := pen{a: a.Row(0), x: 1}
	w.lit(" ", t.Text)
	w.rune(mark, style)
	w.lit(" ", t.Text)
	w.lit(r.kindWord(), t.Title)
	w.lit(" ", t.Text)
	r.drawWords(l.words.of(screen), f)
	if l.chart.h > 0 {
		r.drawPlace(l.chart.of(screen), f)
	}
	if l.examples != (rect{}) {
		s.examples.draw(l.examples.of(screen), f, s.part == onExamples)
	}
	if l.special != (rect{}) {
		s.special.draw(l.special.of(screen), f, s.part == onSpecial)
	}
}

// drawWords draws the evidence in words, as they were wrapped for this room.
func (r *findingRow) drawWords(a canvas.Area, f *Frame) {
	for i, line := range r.wrapped {
		s := f.Theme.Text
		if i < r.heads {
			s = f.Theme.Strong
		}
		if i == a.H-1 && len(r.wrapped) > a.H {
			a.Rune(0, i, f.G.Ellipsis, f.Theme.Dim)
			return
		}
		a.Text(0, i, line, s)
	}
}

// drawPlace charts the place of a finding, and says which it is: a finding about a wait is at the other side of it.
func (r *findingRow) drawPlace(a canvas.Area, f *Frame) {
	t := f.Theme
	if r.calls != nil {
		x := a.Lit(0, 0, "calls ", t.Dim)
		a.Cut(x, 0, a.W-x, r.callsTitle, f.G.Ellipsis, seriesStyle(t, r.Service))
	} else {
		x := a.Lit(0, 0, "spans of ", t.Dim)
		serviceAndOperation(a.Sub(x, 0, a.W-x, 1), r.placeService, r.placeOperation, seriesStyle(t, r.place.Service), f)
	}
	drawTrend(a.Sub(0, 1, a.W, a.H-1), r.trend(), f)
}

// drawNone says that there is nothing, of how much.
func (s *Findings) drawNone(a canvas.Area, f *Frame) {
	if s.answer.Provenance.Traces == 0 && f.Scope.Filter != nil {
		drawNothing(a, f, "no settled trace in this scope")
		return
	}
	t, y := f.Theme, a.H/3
	line := func() pen {
		y++
		return pen{a: a.Row(y - 1), x: max(2, a.W/2-24)}
	}
	w := line()
	if s.failed == 0 {
		w.rune(f.G.OK, t.OK)
	} else {
		w.rune(f.G.Bullet, t.Info)
	}
	w.lit(" nothing stands out", t.Title)
	w = line()
	w.lit("in ", t.Dim)
	w.number(s.answer.Provenance.Traces, " request", " requests", t.Dim)
	if s.failed == 0 {
		w.lit(": no failures, outliers, waste or gaps worth a look", t.Dim)
	} else {
		w.lit(": no outliers, waste or gaps worth a look", t.Dim)
		w = line()
		w.number(s.failed, " span", " spans", t.Error)
		w.lit(" failed, too few or too usual to stand out: e lists the traces", t.Dim)
	}
	if !f.Scope.everything() {
		w = line()
		w.lit("- takes a longer time window", t.Dim)
	}
	w = pen{a: a.Row(a.H - 1), x: 1}
	s.basis.drawNote(w, f)
}
