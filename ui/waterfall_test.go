package ui

import (
	"testing"

	"oteltop/themes"

	"github.com/charmbracelet/colorprofile"
)

func TestWaterfallScreens(t *testing.T) {
	v := waterfallCheckoutView(t)
	for _, c := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		ascii   bool
		keys    []string
	}{
		{name: "80x20", w: 80, h: 20, profile: colorprofile.ANSI256},
		{name: "60x11", w: 60, h: 11, profile: colorprofile.ANSI256},
		{name: "120x36", w: 120, h: 36, profile: colorprofile.TrueColor},
		{name: "200x56", w: 200, h: 56, profile: colorprofile.TrueColor, keys: []string{"e", "e", "tab"}},
		{name: "ascii", w: 120, h: 36, profile: colorprofile.ANSI256, ascii: true, keys: []string{"e"}},
		{name: "mono", w: 120, h: 36, profile: colorprofile.ASCII, keys: []string{"e"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newWaterfallScene(t, v, c.w, c.h)
			s.f.Theme = themes.New("dark", c.profile, c.ascii)
			s.f.G = s.f.Theme.Glyphs
			s.press(c.keys...)
			text := s.text()
			golden(t, "waterfall_"+c.name+".txt", text)
			shot(t, s, c.name)
			if c.name == "80x20" { // once with colours, in the profile that SSH leaves
				golden(t, "waterfall_80x20_256.txt", s.c.Encode())
			}
		})
	}
}
