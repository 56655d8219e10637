package themes

import (
	"reflect"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

var profiles = []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI, colorprofile.ASCII, colorprofile.NoTTY}

// A theme only uses colours that its profile has.
func TestColoursFitTheProfile(t *testing.T) {
	for _, name := range Names() {
		for _, p := range profiles {
			th := New(name, p, false)
			each(reflect.ValueOf(*th), func(c Color) {
				i, indexed := c.Index()
				_, _, _, rgb := c.RGB()
				switch {
				case p <= colorprofile.ASCII && c != 0:
					t.Errorf("%s in %v has a colour", name, p)
				case p == colorprofile.ANSI && (rgb || indexed && i > 15):
					t.Errorf("%s in 16 colours has %x", name, uint32(c))
				case p == colorprofile.ANSI256 && rgb:
					t.Errorf("%s in 256 colours has truecolor %x", name, uint32(c))
				}
			})
			if len(th.Series) == 0 {
				t.Errorf("%s in %v has no style for services", name, p)
			}
		}
	}
}

// each visits every colour of a theme.
func each(v reflect.Value, visit func(Color)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), visit)
		}
	case reflect.Uint32:
		if c, ok := v.Interface().(Color); ok {
			visit(c)
		}
	}
}

// What matters is told apart without colour as well.
func TestMonoKeepsMeaning(t *testing.T) {
	th := New("dark", colorprofile.ASCII, true)
	for name, s := range map[string]Style{"Selected": th.Selected, "Error": th.Error, "Strong": th.Strong, "TabActive": th.TabActive} {
		if s == th.Text {
			t.Errorf("%s looks like text", name)
		}
	}
	if len(th.Heat) != 0 {
		t.Error("a ramp without colours")
	}
	g := th.Glyphs
	if g.Error == g.OK || g.Error == g.Warn || g.Service == g.Database || g.Database == g.Inferred {
		t.Error("glyphs that must differ are equal")
	}
}

func TestASCIIGlyphsAreASCII(t *testing.T) {
	v := reflect.ValueOf(*New("dark", colorprofile.TrueColor, true).Glyphs)
	for i := range v.NumField() {
		var rs []rune
		switch f := v.Field(i).Interface().(type) {
		case rune:
			rs = []rune{f}
		case []rune:
			rs = f
		}
		for _, r := range rs {
			if r > 126 || r < 32 {
				t.Errorf("glyph %s has %q", v.Type().Field(i).Name, r)
			}
		}
	}
}

func TestUnknownThemeIsDark(t *testing.T) {
	if n := New("no such", colorprofile.TrueColor, false).Name; n != "dark" {
		t.Errorf("got %q", n)
	}
}

// Under the cursor figures are read and bars keep their colours, in every theme: where the cursor brings its own
// ink, bars are left as they are, for it would take their colours.
func TestCursorLeavesBarsTheirColours(t *testing.T) {
	for _, name := range Names() {
		for _, p := range profiles {
			th := New(name, p, false)
			if th.SelectedBar.Fg != 0 {
				t.Errorf("%s in %v: the cursor takes the colour of bars", name, p)
			}
			if th.Selected.Fg != 0 && th.SelectedBar.Bg == th.Selected.Bg && !th.Mono() {
				t.Errorf("%s in %v: bars stand on a background that only its own ink is read on", name, p)
			}
		}
	}
}
