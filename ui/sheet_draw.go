// The sheet: title, sentences, table, and how long an answer takes.

package ui

import (
	"oteltop/model"
	"oteltop/ui/canvas"
)

// sayMost is how many lines a sentence on a sheet takes at most; what is longer names things that somebody
// else made so long.
const sayMost = 5

// namesLeast and namesMost bound the width of names beside a chart that takes the rest.
const namesLeast, namesMost = 34, 70

// noteBeside is what is left of a note of several lines: the number of rows, a bullet, blanks.
const noteBeside = 13

// sheetProse are the sentences of a sheet, broken into lines.
type sheetProse struct {
	head, say, note prose
	of              *sheetAnswer
	width           int
	tall            int // lines of the longest of what the rows mean, so that the table stays as high under every row
}

// Draw draws the sentence, the table and what the selected row means.
func (s *Sheet) Draw(a canvas.Area, f *Frame) {
	spec := s.specs[s.asked.sheet.name]
	if spec == nil {
		return
	}
	w := pen{a: a.Row(0), x: 1}
	w.lit(spec.title, f.Theme.Title)
	if s.asked.sheet.about != "" {
		w.lit("  ", f.Theme.Dim)
		w.text(s.about, f.Theme.Accent)
	}
	if s.answer == nil {
		drawAwaited(pen{a: a.Row(2), x: 1}, "looking at the retained requests", f)
		return
	}
	if !s.Listed() || f.AsideProblem != "" {
		w.blank(2)
		drawWorking(&w, f)
	}
	top := 1
	if s.answer.head != (model.Text{}) {
		top += s.prose.head.draw(a.Sub(1, top, a.W-2, sayMost), s.answer.head, f.Theme.Text, f)
	}
	if len(s.answer.rows) == 0 {
		a.Rune(1, top+1, f.G.Bullet, f.Theme.Info) // no judgement: nothing may be good, or too little to tell
		s.prose.say.draw(a.Sub(3, top+1, a.W-4, sayMost), s.answer.none, f.Theme.Text, f)
		return
	}
	s.measure(a.W - 2)
	foot := min(a.H-1-s.prose.tall, top+len(s.answer.rows)+2) // near the rows, where these are few
	if spec.names > 0 {
		s.table.cols[0].width = max(namesLeast, min(namesMost, a.W*spec.names/100))
	}
	s.table.draw(a.Sub(0, top, a.W, foot-top), f, func(row, col int, c canvas.Area) { s.cell(row, col, c, f) })
	if r := s.selected(); r != nil {
		s.prose.say.draw(a.Sub(1, foot, a.W-2, s.prose.tall), r.say, f.Theme.Strong, f)
	}
	s.drawFoot(a, a.H-1-foot-s.prose.tall, f)
}

// drawFoot writes how many rows there are and what must be known besides, in as many lines as that takes where lines
// above are free.
func (s *Sheet) drawFoot(a canvas.Area, free int, f *Frame) {
	n, y, room := len(s.answer.rows), a.H-1, a.W-2-noteBeside
	if canvas.Width(s.basis.note) > room && free > 0 && room >= noteLeast {
		y = a.H - s.prose.note.lay(s.basis.note, room, free+1)
	}
	w := pen{a: a.Row(y), x: 1}
	w.number(uint64(n), " row", " rows", f.Theme.Dim)
	if y == a.H-1 {
		s.basis.drawNote(w, f)
		return
	}
	a.Rune(noteBeside-1, y, f.G.Bullet, f.Theme.Warn)
	s.prose.note.paint(a.Sub(noteBeside+1, y, room, a.H-y), f.Theme.Note, f)
}

// measure finds out how many lines what the rows mean takes.
func (s *Sheet) measure(width int) {
	x := &s.prose
	if x.of == s.answer && x.width == width {
		return
	}
	x.of, x.width, x.tall = s.answer, width, 1
	for i := range s.answer.rows {
		if say := s.answer.rows[i].say; x.tall < sayMost && canvas.Width(say) > width*x.tall {
			lines, _ := wrapText(say.String(), width, sayMost)
			x.tall = max(x.tall, len(lines))
		}
	}
}
