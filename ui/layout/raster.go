package layout

import (
	"cmp"
	"slices"
)

// Arms is the set of directions in which lines leave a cell.
type Arms uint8

// The directions.
const (
	Up Arms = 1 << iota
	Right
	Down
	Left
)

// Stroke is what one line does in one cell.
type Stroke struct {
	Line int32 // index into Layout.Lines
	Arms Arms
}

// Cell is a cell that lines pass.
type Cell struct {
	X, Y    int
	Strokes []Stroke // by line
	// Cross says that lines of different trunks cross here without meeting: they must not look joined.
	Cross bool
}

// Cells lists the cells of all lines, row by row. Draw a cell with the glyph of its strokes' arms together.
func (l *Layout) Cells() []Cell {
	type mark struct {
		y, x int
		Stroke
	}
	var marks []mark
	for i := range l.Lines {
		l.Lines[i].walk(func(x, y int, a Arms) { marks = append(marks, mark{y, x, Stroke{int32(i), a}}) })
	}
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x), cmp.Compare(a.Line, b.Line))
	})
	strokes := make([]Stroke, len(marks))
	var cells []Cell
	for i, m := range marks {
		strokes[i] = m.Stroke
		if n := len(cells); n > 0 && cells[n-1].X == m.x && cells[n-1].Y == m.y {
			c := &cells[n-1]
			c.Strokes = strokes[i-len(c.Strokes) : i+1]
			continue
		}
		cells = append(cells, Cell{X: m.x, Y: m.y, Strokes: strokes[i : i+1]})
	}
	for i := range cells {
		cells[i].Cross = l.crosses(cells[i].Strokes)
	}
	return cells
}

// crosses reports whether one trunk passes a cell upright, another level, and no arm is shared.
func (l *Layout) crosses(strokes []Stroke) bool {
	if len(strokes) < 2 {
		return false
	}
	upright, level := -1, -1
	for _, s := range strokes {
		trunk := l.Lines[s.Line].Trunk
		switch s.Arms {
		case Up | Down:
			if upright >= 0 && upright != trunk {
				return false
			}
			upright = trunk
		case Left | Right:
			level = trunk
		default:
			return false
		}
	}
	return upright >= 0 && level >= 0 && upright != level
}

// walk calls visit for every cell of the line, in order, with the arms it has there. At its ends the line
// has an arm towards the box.
func (p *Line) walk(visit func(x, y int, a Arms)) {
	in := Right // the direction in which the line enters the cell, as the arm on the side it comes from
	if !p.Back {
		in = Left
	}
	first := p.Path[0]
	x, y := first.X, first.Y
	for _, to := range p.Path[1:] {
		for x != to.X || y != to.Y {
			dx, dy := sign(to.X-x), sign(to.Y-y)
			out := towards(dx, dy)
			visit(x, y, in|out)
			x, y, in = x+dx, y+dy, opposite(out)
		}
	}
	out := Right
	if p.Back {
		out = Left
	}
	visit(x, y, in|out)
}

func sign(d int) int { return cmp.Compare(d, 0) }

func towards(dx, dy int) Arms {
	switch {
	case dx > 0:
		return Right
	case dx < 0:
		return Left
	case dy > 0:
		return Down
	}
	return Up
}

func opposite(a Arms) Arms { return (a<<2 | a>>2) & (Up | Right | Down | Left) }
