// The theme in use: chosen, or by the terminal's background; and what is painted where the two do not suit.

package ui

import "oteltop/themes"

// background follows the terminal's background unless a theme was chosen.
func (a *App) background(isDark bool) {
	a.night = isDark
	a.paint()
	if a.o.Theme == "" || a.o.Theme == "auto" {
		a.retheme("auto", isDark)
	}
}

func (a *App) retheme(name string, isDark bool) {
	if name == "" || name == "auto" {
		name = "dark"
		if !isDark {
			name = "light"
		}
	}
	a.theme = themes.New(name, a.profile, a.o.ASCII)
	a.paint()
	a.dirty = true
}

// paint gives the theme its own background where the terminal's does not suit it.
func (a *App) paint() {
	paper := themes.Style{}
	if a.theme.Dark != a.night {
		paper = a.theme.Paper
	}
	a.canvas.SetPaper(paper)
	a.canvas.SetASCII(a.theme.Glyphs.ASCII)
}

// cycleTheme goes to the next theme and keeps to it, whatever the background.
func (a *App) cycleTheme() {
	names := themes.Names()
	for i, n := range names {
		if n == a.theme.Name {
			a.o.Theme = names[(i+1)%len(names)]
			break
		}
	}
	a.retheme(a.o.Theme, a.theme.Dark)
}
