// Lens 6, Shapes: how the room is shared, and the table of shapes.

package ui

import (
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// shapesBeside is the width from which the typical trace stands beside the table.
	shapesBeside = 230
	// typicalLeast is how many lines the typical trace needs below the table: head, titles, some calls.
	typicalLeast = 9
	// shapesLeast is how many lines the table keeps.
	shapesLeast = 5
)

// Draw draws the table, what the selected shape is, and its typical trace.
func (s *Shapes) Draw(a canvas.Area, f *Frame) {
	s.lay.table, s.lay.tree = rect{}, rect{}
	if !s.Listed() {
		drawAwaited(pen{a: a.Row(1), x: 2}, "telling the shapes of the retained traces apart", f)
		return
	}
	if len(s.table.keys) == 0 {
		drawNothing(a, f, "no settled trace in this scope")
		return
	}
	s.divide(rect{0, 0, a.W, a.H - 1})
	s.table.away = s.lay.inTree
	s.table.cols[shapesRoot].least = max(shapeRootLeast, s.lay.table.w*3/10) // names before figures of less weight
	s.table.draw(s.lay.table.of(a), f, func(row, col int, c canvas.Area) { s.cell(s.rows[s.table.keys[row]], col, c, f) })
	s.drawTypical(s.lay.tree.of(a), f)
	s.drawFoot(a.Row(a.H-1), f)
}

// divide shares the room among table and typical trace.
func (s *Shapes) divide(body rect) {
	s.lay.table, s.lay.tree = body, body
	if body.w >= shapesBeside {
		s.lay.table.w = body.w * 45 / 100
		s.lay.tree.x, s.lay.tree.w = s.lay.table.w, body.w-s.lay.table.w
		return
	}
	need := len(s.table.keys) + 2
	s.lay.table.h = max(shapesLeast, min(need, body.h-typicalLeast, body.h*2/5))
	s.lay.tree.y, s.lay.tree.h = body.y+s.lay.table.h, body.h-s.lay.table.h
}

// drawFoot says how many shapes there are and what must be known besides.
func (s *Shapes) drawFoot(r canvas.Area, f *Frame) {
	w := pen{a: r, x: 1}
	w.number(uint64(len(s.answer.Rows)), " shape of ", " shapes of ", f.Theme.Dim)
	w.number(uint64(s.answer.Roots), " root operation", " root operations", f.Theme.Dim)
	if f.AsideProblem != "" {
		w.blank(2)
		drawProblem(&w, f)
		return
	}
	s.basis.drawNote(w, f)
}

func (s *Shapes) cell(r *shapeRow, col int, c canvas.Area, f *Frame) {
	t := f.Theme
	var buf [24]byte
	switch col {
	case shapesRoot:
		s.drawRoot(r, c, f)
	case shapesTraces:
		figureRight(c, num.Count(buf[:0], r.Count), t.Strong)
		if r.CountError > 0 {
			c.Rune(0, 0, '~', t.Warn)
		}
	case shapesShare:
		bar(c.Sub(0, 0, shapeBar, 1), r.Share, t.Accent, f)
		figureRight(c, num.Share(buf[:0], r.Share), t.Text)
	case shapesP50:
		duration(c, r.P50, t.Text, f)
	case shapesP95:
		duration(c, r.P95, t.Dim, f)
	case shapesP99:
		duration(c, r.P99, t.Text, f)
	case shapesErrors:
		errorShare(c, r.ErrorShare, f)
	case shapesSpans:
		figureRight(c, num.Count(buf[:0], uint64(r.Spans)), t.Dim)
	case shapesServices:
		figureRight(c, num.Count(buf[:0], uint64(r.Services)), t.Dim)
	case shapesVariants:
		b := num.Count(buf[:0], uint64(r.Variants))
		if r.MoreVariant {
			b = append(b, '+')
		}
		figureRight(c, b, t.Dim)
	case shapesFirst:
		if f.Status.Live && !f.Paused {
			figureRight(c, age(buf[:0], f.Status.Now.UnixNano()-r.First), t.Dim)
			return
		}
		figureRight(c, appendClock(buf[:0], r.First), t.Dim)
	case shapesName:
		c.Text(0, 0, r.name, t.Dim)
	}
}

// drawRoot draws the root operation and, where there is room, the services that the request comes to: they tell
// shapes of one operation apart.
func (s *Shapes) drawRoot(r *shapeRow, c canvas.Area, f *Frame) {
	serviceAndOperation(c, r.service, r.operation, seriesStyle(f.Theme, r.Root.ServiceName), f)
	x := canvas.Width(r.service) + canvas.Width(r.operation) + 2
	for i, name := range r.through {
		w := canvas.Width(name)
		if x+w+2 > c.W {
			if i > 0 && x < c.W {
				c.Rune(x, 0, f.G.Ellipsis, f.Theme.Faint)
			}
			return
		}
		x += c.Text(x, 0, name, seriesStyle(f.Theme, name.String())) + 1
	}
}
