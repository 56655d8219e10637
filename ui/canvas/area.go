package canvas

import (
	"unicode/utf8"

	"oteltop/model"
	"oteltop/themes"

	"github.com/charmbracelet/x/ansi"
)

// Area is a clipped rectangle of a canvas with its own origin. A value: pass and cut it freely.
// Nothing drawn through an Area can leave it.
type Area struct {
	c    *Canvas
	X, Y int // origin on the canvas
	W, H int
}

// Literal is text from the source code: only constants convert to it implicitly, so that data cannot
// reach the screen without model.Sanitise.
type Literal string

// Sub is the rectangle at (x, y) of the area, cut to what lies inside.
func (a Area) Sub(x, y, w, h int) Area {
	if x < 0 {
		w, x = w+x, 0
	}
	if y < 0 {
		h, y = h+y, 0
	}
	w, h = min(w, a.W-x), min(h, a.H-y)
	if w <= 0 || h <= 0 {
		return Area{c: a.c, X: a.X, Y: a.Y}
	}
	return Area{c: a.c, X: a.X + x, Y: a.Y + y, W: w, H: h}
}

// Row is one line of the area.
func (a Area) Row(y int) Area { return a.Sub(0, y, a.W, 1) }

// Contains reports whether the canvas position lies in the area.
func (a Area) Contains(x, y int) bool {
	return x >= a.X && y >= a.Y && x < a.X+a.W && y < a.Y+a.H
}

// at returns the cell at (x, y), nil outside.
func (a Area) at(x, y int) *cell {
	if x < 0 || y < 0 || x >= a.W || y >= a.H {
		return nil
	}
	return &a.c.cells[(a.Y+y)*a.c.w+a.X+x]
}

// Rune draws one single-width character.
func (a Area) Rune(x, y int, r rune, s themes.Style) {
	if p := a.at(x, y); p != nil {
		a.mend(x, y, p)
		p.glyph, p.style = r, s
	}
}

// mend blanks the other half of a wide glyph of which a cell is about to be overwritten, so that lines
// keep their width.
func (a Area) mend(x, y int, p *cell) {
	i := (a.Y+y)*a.c.w + a.X + x
	if p.glyph == 0 { // its left part stands before it
		for j := i - 1; j >= 0; j-- {
			left := a.c.cells[j].glyph
			a.c.cells[j].glyph = ' '
			if left != 0 {
				break
			}
		}
	}
	for j := i + 1; j < (a.Y+y+1)*a.c.w && a.c.cells[j].glyph == 0; j++ {
		a.c.cells[j].glyph = ' '
	}
}

// Repeat draws a single-width character n times to the right.
func (a Area) Repeat(x, y, n int, r rune, s themes.Style) {
	for i := max(0, -x); i < n && x+i < a.W; i++ {
		a.Rune(x+i, y, r, s)
	}
}

// Fill draws every cell of the area.
func (a Area) Fill(r rune, s themes.Style) {
	for y := range a.H {
		a.Repeat(0, y, a.W, r, s)
	}
}

// Text draws t and returns the columns used; what does not fit is cut (see Cut for an ellipsis).
func (a Area) Text(x, y int, t model.Text, s themes.Style) int { return a.str(x, y, t.String(), s) }

// Lit draws text from the source code.
func (a Area) Lit(x, y int, t Literal, s themes.Style) int { return a.str(x, y, string(t), s) }

// Figure draws what was made with package num, and ranges of it: printable ASCII and the en dash; anything
// else as '?'. An x before a digit, or before a bound, is the multiplication sign that it stands for. It returns the columns used and
// allocates nothing.
func (a Area) Figure(x, y int, b []byte, s themes.Style) int {
	x0 := x
	for i := 0; i < len(b); x++ {
		r, n := utf8.DecodeRune(b[i:])
		if (r < ' ' || r > '~') && r != '–' {
			r = '?'
		}
		if r == 'x' && i+1 < len(b) && ('0' <= b[i+1] && b[i+1] <= '9' || b[i+1] == '<') {
			r = '×'
		}
		a.Rune(x, y, r, s)
		i += n
	}
	return x - x0
}

// Cut draws t in at most w columns, with an ellipsis where it is longer, and returns the columns used.
func (a Area) Cut(x, y, w int, t model.Text, ellipsis rune, s themes.Style) int {
	w = min(w, a.W-x)
	if w <= 0 {
		return 0
	}
	if Width(t) <= w {
		return a.Text(x, y, t, s)
	}
	n := a.Sub(x, y, w-1, 1).str(0, 0, t.String(), s)
	n = min(n, w-1)
	a.Rune(x+n, y, ellipsis, s)
	return n + 1
}

// CutStart draws the end of t in at most w columns, after an ellipsis where it is longer, and returns the
// columns used: for names that differ in their ends.
func (a Area) CutStart(x, y, w int, t model.Text, ellipsis rune, s themes.Style) int {
	w = min(w, a.W-x)
	if w <= 0 {
		return 0
	}
	rest, over := t.String(), Width(t)-w
	if over <= 0 {
		return a.Text(x, y, t, s)
	}
	for over++; over > 0 && rest != ""; { // a column more, for the ellipsis
		cluster, n := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[max(1, len(cluster)):]
		over -= n
	}
	a.Rune(x, y, ellipsis, s)
	return 1 + a.Sub(x+1, y, w-1, 1).str(0, 0, rest, s)
}

// Right draws t so that it ends before column x.
func (a Area) Right(x, y int, t model.Text, s themes.Style) int {
	w := Width(t)
	a.Text(x-w, y, t, s)
	return w
}

// Width is the number of columns that t takes.
func Width(t model.Text) int { return ansi.StringWidth(t.String()) }

// str draws graphemes up to the first that does not fit, and returns the columns used; the ASCII path
// allocates nothing.
func (a Area) str(x, y int, t string, s themes.Style) int {
	x0 := x
	for i := 0; i < len(t) && x < a.W; {
		if b := t[i]; b < utf8.RuneSelf && (i+1 == len(t) || t[i+1] < utf8.RuneSelf) {
			a.Rune(x, y, rune(b), s)
			x++
			i++
			continue
		}
		cluster, w := ansi.FirstGraphemeCluster(t[i:], ansi.GraphemeWidth)
		if x+w > a.W {
			break
		}
		a.cluster(x, y, cluster, w, s)
		x += w
		i += max(1, len(cluster))
	}
	return x - x0
}

// cluster draws one grapheme of w columns that fits.
func (a Area) cluster(x, y int, g string, w int, s themes.Style) {
	p := a.at(x, y)
	if p == nil || w <= 0 {
		return
	}
	for i := range w {
		a.mend(x+i, y, a.at(x+i, y))
	}
	r, n := utf8.DecodeRuneInString(g)
	p.style = s
	if n == len(g) {
		p.glyph = r
	} else {
		a.c.clusters = append(a.c.clusters, g)
		p.glyph = rune(^(len(a.c.clusters) - 1))
	}
	for i := 1; i < w; i++ {
		q := a.at(x+i, y)
		q.glyph, q.style = 0, s
	}
}

// Tint lays a style over what is drawn: its background where it has one, its foreground where it has
// one, its attributes in addition. Selections use it, so that colours that carry meaning stay.
func (a Area) Tint(s themes.Style) {
	for y := range a.H {
		row := a.c.cells[(a.Y+y)*a.c.w+a.X:][:a.W]
		for i := range row {
			if s.Bg != 0 {
				row[i].style.Bg = s.Bg
			}
			if s.Fg != 0 {
				row[i].style.Fg = s.Fg
			}
			row[i].style.Attr |= s.Attr
		}
	}
}

// Target makes the area clickable as t.
func (a Area) Target(t Target) {
	if a.W <= 0 || a.H <= 0 {
		return
	}
	id := a.c.target(t)
	for y := range a.H {
		row := a.c.cells[(a.Y+y)*a.c.w+a.X:][:a.W]
		for i := range row {
			row[i].target = id
		}
	}
}

// Box draws a frame around the area and returns what is inside.
func (a Area) Box(g *themes.Glyphs, s themes.Style) Area {
	if a.W < 2 || a.H < 2 {
		return a.Sub(0, 0, 0, 0)
	}
	a.Repeat(1, 0, a.W-2, g.Horizontal, s)
	a.Repeat(1, a.H-1, a.W-2, g.Horizontal, s)
	for y := 1; y < a.H-1; y++ {
		a.Rune(0, y, g.Vertical, s)
		a.Rune(a.W-1, y, g.Vertical, s)
	}
	a.Rune(0, 0, g.TopLeft, s)
	a.Rune(a.W-1, 0, g.TopRight, s)
	a.Rune(0, a.H-1, g.BottomLeft, s)
	a.Rune(a.W-1, a.H-1, g.BottomRight, s)
	return a.Sub(1, 1, a.W-2, a.H-2)
}

// Overlay draws a character over what is there and keeps the background.
func (a Area) Overlay(r rune, s themes.Style) {
	if p := a.at(0, 0); p != nil {
		a.mend(0, 0, p)
		p.glyph, p.style.Fg, p.style.Attr = r, s.Fg, s.Attr
	}
}

// Underlay draws r in the first cell if that is blank, and keeps its background.
func (a Area) Underlay(r rune, s themes.Style) {
	if p := a.at(0, 0); p != nil && p.glyph == ' ' {
		p.glyph, p.style.Fg, p.style.Attr = r, s.Fg, s.Attr
	}
}
