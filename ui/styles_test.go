// The styles of every screen in every theme and colour profile.

package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/themes"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
)

// looks are all that terminals and flags make of a screen: the themes in true colours, and one of them with fewer.
func looks() map[string]look {
	ls := map[string]look{
		"256":       {theme: "dark", profile: colorprofile.ANSI256},
		"16":        {theme: "dark", profile: colorprofile.ANSI},
		"mono":      {theme: "dark", profile: colorprofile.ASCII},
		"ascii":     {theme: "dark", profile: colorprofile.ANSI256, ascii: true},
		"light-256": {theme: "light", profile: colorprofile.ANSI256},
	}
	for _, n := range themes.Names() {
		ls[n] = look{theme: n, profile: colorprofile.TrueColor}
	}
	return ls
}

// lensScenes are one of every lens, the waterfall, an answer, and what stands over them.
var lensScenes = []scene{
	{name: "map", keys: []string{"1", "n"}},
	{name: "operations", keys: []string{"2", "b", "down"}},
	{name: "latency", keys: []string{"3", "V", "tab", "down"}},
	{name: "findings", keys: []string{"4", "down"}},
	{name: "traces", keys: []string{"5", "down"}},
	{name: "shapes", keys: []string{"6", "down"}},
	{name: "compare", keys: []string{"+", "7", "down"}},
	{name: "coverage", keys: []string{"8"}},
	{name: "waterfall", keys: []string{"5", "enter", "down"}},
	{name: "answer", keys: []string{":"}, text: "what grows", then: []string{"enter", "down"}},
	{name: "help", keys: []string{"2", "?"}},
	{name: "palette", keys: []string{":"}, text: "chk"},
	{name: "filter", keys: []string{"2", "/"}, text: "service = cart"},
	{name: "columns", keys: []string{"5", "c"}},
	{name: "tour", keys: []string{"4", "?", "t"}},
	{name: "empty", empty: true},
}

// usedStyle is a style on a screen: how many cells have it, and the first words that do.
type usedStyle struct {
	sgr, sample string
	cells       int
}

// styles are those of a screen, the most used first.
func (s *session) styles(w, h int) []usedStyle {
	b := uv.NewScreenBuffer(w, h)
	uv.NewStyledString(s.app.View().Content).Draw(b, b.Bounds())
	used := map[string]*usedStyle{}
	was := ""
	for y := range h {
		for x := range w {
			c := b.CellAt(x, y)
			sgr := strings.TrimSuffix(strings.TrimPrefix(c.Style.String(), "\x1b["), "m")
			u := used[sgr]
			if u == nil {
				u = &usedStyle{sgr: sgr}
				used[sgr] = u
			}
			if u.cells++; len(u.sample) < 12 && (sgr == was || u.cells == 1) {
				u.sample += c.Content
			}
			was = sgr
		}
	}
	var us []usedStyle
	for _, u := range used {
		us = append(us, *u)
	}
	slices.SortFunc(us, func(a, b usedStyle) int {
		if a.cells != b.cells {
			return b.cells - a.cells
		}
		return strings.Compare(a.sgr, b.sgr)
	})
	return us
}

// In every look each screen has the styles that it is known to have, and the same text: no theme moves anything.
// ASCII has other signs, and where there are few colours there are more of them.
func TestStylesOfEveryLook(t *testing.T) {
	t.Parallel()
	const w, h = 120, 40
	all := looks()
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	plain := map[string]string{}
	for _, sc := range lensScenes {
		plain[sc.name] = sc.play(w, h, plainLook).lines()
	}
	for _, name := range names {
		var b strings.Builder
		for _, sc := range lensScenes {
			s := sc.play(w, h, all[name])
			if text := s.lines(); text != plain[sc.name] && all[name].profile >= colorprofile.ANSI256 && !all[name].ascii {
				t.Errorf("%s in the look %s has another text:\n%s", sc.name, name, text)
			}
			fmt.Fprintf(&b, "# %s\n", sc.name)
			for _, u := range s.styles(w, h) {
				fmt.Fprintf(&b, "%4d %-40s %s\n", u.cells, u.sgr, strings.TrimSpace(u.sample))
			}
		}
		golden(t, "styles-"+name+".txt", b.String())
	}
}

// Every lens, panel and overlay at the three sizes that people have: those that have no golden of their own.
func TestScreensOfLenses(t *testing.T) {
	had := map[string]bool{}
	for _, sc := range frameScenes {
		had[sc.name] = true
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, sc := range lensScenes {
			if had[sc.name] {
				continue
			}
			s := sc.play(size[0], size[1], plainLook)
			name := fmt.Sprintf("screens-%s-%dx%d", sc.name, size[0], size[1])
			golden(t, name+".txt", s.lines())
			s.picture(t, name)
		}
	}
}
