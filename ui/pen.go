// A pen that writes a sentence piece by piece, without putting it together first.

package ui

import (
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// pen writes one piece of a sentence after the other, so that no sentence has to be put together first: a
// frame allocates nothing.
type pen struct {
	a canvas.Area
	x int
}

func (p *pen) lit(t canvas.Literal, s themes.Style) { p.x += p.a.Lit(p.x, 0, t, s) }
func (p *pen) text(t model.Text, s themes.Style)    { p.x += p.a.Text(p.x, 0, t, s) }
func (p *pen) figure(b []byte, s themes.Style)      { p.x += p.a.Figure(p.x, 0, b, s) }
func (p *pen) rune(r rune, s themes.Style)          { p.a.Rune(p.x, 0, r, s); p.x++ }
func (p *pen) blank(columns int)                    { p.x += columns }

func (p *pen) count(n uint64, s themes.Style) { var b [24]byte; p.figure(num.Count(b[:0], n), s) }
func (p *pen) duration(ns int64, s themes.Style) {
	var b [24]byte
	p.figure(num.Duration(b[:0], ns), s)
}
func (p *pen) share(part float64, s themes.Style) {
	var b [24]byte
	p.figure(num.Share(b[:0], part), s)
}

// slot writes a figure at the right of as many columns as it takes at most, as a rule.
func (p *pen) slot(n uint64, width int, s themes.Style) {
	var b [24]byte
	text := num.Count(b[:0], n)
	p.blank(max(0, width-len(text)))
	p.figure(text, s)
}

// counted writes a figure and what it counts.
func (p *pen) counted(n uint64, t canvas.Literal, s themes.Style) { p.count(n, s); p.lit(t, s) }

// number writes a figure and what it counts, in the right number.
func (p *pen) number(n uint64, one, many canvas.Literal, s themes.Style) {
	if n == 1 {
		many = one
	}
	p.counted(n, many, s)
}
