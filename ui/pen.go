// A pen that writes a sentence piece by piece, without putting it together first.

package ui

import (
	"strings"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"github.com/charmbracelet/x/ansi"
)

// pen writes one piece of a sentence after the other, so that no sentence has to be put together first: a
// frame allocates nothing. A sentence that does not fit ends in an ellipsis, whoever writes it.
type pen struct {
	a canvas.Area
	x int
}

func (p *pen) lit(t canvas.Literal, s themes.Style) {
	n := p.a.Lit(p.x, 0, t, s)
	p.end(string(t), n, s)
}

func (p *pen) text(t model.Text, s themes.Style) {
	n := p.a.Text(p.x, 0, t, s)
	p.end(t.String(), n, s)
}

func (p *pen) figure(b []byte, s themes.Style) {
	if p.x += p.a.Figure(p.x, 0, b, s); p.x > p.a.W && len(b) > 0 {
		p.elide(s)
	}
}

func (p *pen) rune(r rune, s themes.Style) { p.a.Rune(p.x, 0, r, s); p.x++ }
func (p *pen) blank(columns int)           { p.x += columns }

// end takes note of a text of which so many columns were written.
func (p *pen) end(t string, columns int, s themes.Style) {
	const widest = 2 // columns of a grapheme that did not fit
	if p.x += columns; p.x > p.a.W-widest && ansi.StringWidth(strings.TrimRight(t, " ")) > columns {
		p.elide(s)
	}
}

// elide says that something did not fit.
func (p *pen) elide(s themes.Style) { p.a.Rune(p.a.W-1, 0, '…', s) }

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
