// Package themes turns palettes into the styles that screens draw with, for each colour profile.
// Palettes are designed for 256 colours first, because that is what SSH and tmux leave of a terminal;
// truecolor refines them, 16 colours and none keep the meaning by attributes and glyphs.
package themes

import "github.com/charmbracelet/colorprofile"

// Color is a terminal colour: the zero value is the terminal's default.
type Color uint32

const (
	kindIndexed Color = 1 << 24 // low byte: index 0–255
	kindRGB     Color = 2 << 24 // low 24 bits: red, green, blue
)

// Indexed is one of the terminal's 256 colours.
func Indexed(i uint8) Color { return kindIndexed | Color(i) }

// RGB is a truecolor colour 0xRRGGBB.
func RGB(hex uint32) Color { return kindRGB | Color(hex&0xffffff) }

// Index returns the index of an indexed colour.
func (c Color) Index() (uint8, bool) { return uint8(c), c&^0xff == kindIndexed }

// RGB returns the components of a truecolor colour.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&^0xffffff == kindRGB
}

// Attr is a set of text attributes.
type Attr uint8

// The attributes. Blink and conceal do not exist here on purpose.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Underline
	Reverse
)

// Style is how a cell is drawn. Comparable; the zero value is the terminal's default.
type Style struct {
	Fg, Bg Color
	Attr   Attr
}

// On returns the style on another background.
func (s Style) On(bg Color) Style { s.Bg = bg; return s }

// Ink returns the style in another foreground.
func (s Style) Ink(fg Color) Style { s.Fg = fg; return s }

// With adds attributes.
func (s Style) With(a Attr) Style { s.Attr |= a; return s }

// swatch is one colour of a palette in each profile. 16 < 0 and 256 < 0 mean the default colour.
type swatch struct {
	hex  uint32
	x256 int16
	x16  int16
}

func (w swatch) in(p colorprofile.Profile) Color {
	switch {
	case p >= colorprofile.TrueColor:
		return RGB(w.hex)
	case p == colorprofile.ANSI256 && w.x256 >= 0:
		return Indexed(uint8(w.x256))
	case p == colorprofile.ANSI && w.x16 >= 0:
		return Indexed(uint8(w.x16))
	}
	return 0
}
