package canvas

import (
	"strconv"
	"unicode/utf8"

	"oteltop/themes"
)

// Encode renders the canvas as lines of text with SGR sequences, one sequence per run of equal style.
// Every line starts and ends in the default style, so that a line can be diffed and repainted alone.
// One allocation (the string) when warm.
func (c *Canvas) Encode() string {
	b := c.buf[:0]
	for y := range c.h {
		if y > 0 {
			b = append(b, '\n')
		}
		b = c.line(b, c.cells[y*c.w:(y+1)*c.w])
	}
	c.buf = b
	return string(b)
}

func (c *Canvas) line(b []byte, row []cell) []byte {
	var cur themes.Style
	for i := range row {
		p := &row[i]
		if p.glyph == 0 {
			continue // the right part of a wide glyph
		}
		s := p.style
		if s.Fg == 0 {
			s.Fg = c.paper.Fg
		}
		if s.Bg == 0 {
			s.Bg = c.paper.Bg
		}
		if s != cur {
			b = sgr(b, cur, s)
			cur = s
		}
		switch {
		case p.glyph < 0:
			b = append(b, c.clusters[^p.glyph]...)
		case p.glyph < utf8.RuneSelf:
			b = append(b, byte(p.glyph))
		case c.ascii:
			b = utf8.AppendRune(b, plain(p.glyph))
		default:
			b = utf8.AppendRune(b, p.glyph)
		}
	}
	if cur != (themes.Style{}) {
		b = append(b, "\x1b[m"...)
	}
	return b
}

// plain is the ASCII character for punctuation that texts and key names use, else the character itself.
func plain(r rune) rune {
	switch r {
	case '–', '·':
		return '-'
	case '…':
		return '~'
	case '×':
		return 'x'
	case '→':
		return '>'
	case '←':
		return '<'
	case '↑':
		return '^'
	case '↓':
		return 'v'
	}
	return r
}

// sgr appends the shortest sequence that goes from one style to another: only what changed, unless an
// attribute has to be switched off, which takes a reset.
func sgr(b []byte, from, to themes.Style) []byte {
	if to == (themes.Style{}) {
		return append(b, "\x1b[m"...)
	}
	b = append(b, "\x1b["...)
	n := len(b)
	if from.Attr&^to.Attr != 0 {
		b = append(b, '0', ';')
		from = themes.Style{}
	}
	for bit, code := range [...]byte{'1', '2', '3', '4', '7'} {
		if a := themes.Attr(1 << bit); to.Attr&a != 0 && from.Attr&a == 0 {
			b = append(b, code, ';')
		}
	}
	if to.Fg != from.Fg {
		b = color(b, to.Fg, 0)
	}
	if to.Bg != from.Bg {
		b = color(b, to.Bg, 10)
	}
	if len(b) > n {
		b = b[:len(b)-1] // the last semicolon
	}
	return append(b, 'm')
}

// color appends the parameters of a colour and a semicolon; shift is 0 for foreground, 10 for background.
func color(b []byte, c themes.Color, shift int64) []byte {
	if r, g, bl, ok := c.RGB(); ok {
		b = append(strconv.AppendInt(b, 38+shift, 10), ";2;"...)
		b = append(strconv.AppendInt(b, int64(r), 10), ';')
		b = append(strconv.AppendInt(b, int64(g), 10), ';')
		return append(strconv.AppendInt(b, int64(bl), 10), ';')
	}
	i, ok := c.Index()
	switch {
	case !ok:
		b = strconv.AppendInt(b, 39+shift, 10)
	case i < 8:
		b = strconv.AppendInt(b, 30+shift+int64(i), 10)
	case i < 16:
		b = strconv.AppendInt(b, 82+shift+int64(i), 10)
	default:
		b = strconv.AppendInt(append(strconv.AppendInt(b, 38+shift, 10), ";5;"...), int64(i), 10)
	}
	return append(b, ';')
}
