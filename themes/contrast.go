package themes

import "math"

// Least contrasts, as WCAG asks for them: of text, and of lines and marks that carry a meaning.
const (
	TextContrast = 4.5
	LineContrast = 3.0
)

// Over is the style on a background of the map's ramps: in its own colour where that is seen there, else in
// black or white, whichever is seen better. What a line is then still shows by its glyph.
func (s Style) Over(bg Color) Style {
	over := s.On(bg)
	if c, known := Contrast(s.Fg, bg); !known || c >= LineContrast {
		return over
	}
	black, white := inkLike(bg, 0x000000, 16), inkLike(bg, 0xffffff, 231)
	onBlack, _ := Contrast(black, bg)
	onWhite, _ := Contrast(white, bg)
	if onBlack > onWhite {
		return over.Ink(black)
	}
	return over.Ink(white)
}

// inkLike is a colour of the same profile as like.
func inkLike(like Color, hex uint32, index uint8) Color {
	if _, indexed := like.Index(); indexed {
		return Indexed(index)
	}
	return RGB(hex)
}

// Contrast is the contrast ratio of two colours, 1 to 21, as WCAG defines it; false where a terminal decides
// what one of them looks like.
func Contrast(a, b Color) (ratio float64, known bool) {
	x, ok := luminance(a)
	y, also := luminance(b)
	if !ok || !also {
		return 0, false
	}
	return (max(x, y) + 0.05) / (min(x, y) + 0.05), true
}

// luminance is the relative luminance of a colour in [0,1], as WCAG defines it; false for the terminal's default
// and the 16 colours that people set as they like.
func luminance(c Color) (l float64, known bool) {
	r, g, b, ok := c.RGB()
	if i, indexed := c.Index(); indexed {
		r, g, b, ok = xterm(i)
	}
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b), ok
}

// xterm is what terminals show for an index from 16 on: a cube of 6×6×6, then greys.
func xterm(i uint8) (r, g, b uint8, ok bool) {
	if i < 16 {
		return 0, 0, 0, false
	}
	if i >= 232 {
		v := 8 + 10*(i-232)
		return v, v, v, true
	}
	level := [...]uint8{0, 95, 135, 175, 215, 255}
	i -= 16
	return level[i/36], level[i/6%6], level[i%6], true
}
