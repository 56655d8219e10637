package themes

import "github.com/charmbracelet/colorprofile"

// Names lists the themes in the order in which they cycle.
func Names() []string {
	var ns []string
	for _, p := range palettes() {
		ns = append(ns, p.name)
	}
	return ns
}

// New resolves a theme for a colour profile. An unknown name gives the first theme, dark.
// With ascii all glyphs are ASCII.
func New(name string, profile colorprofile.Profile, ascii bool) *Theme {
	ps := palettes()
	p := ps[0]
	for _, q := range ps {
		if q.name == name {
			p = q
		}
	}
	t := &Theme{Name: p.name, Dark: p.dark, Profile: profile, Glyphs: unicodeGlyphs()}
	if ascii {
		t.Glyphs = asciiGlyphs()
	}
	if t.Mono() {
		mono(t)
	} else {
		colour(t, &p)
	}
	return t
}

func colour(t *Theme, p *palette) {
	ink := func(w swatch) Style { return Style{Fg: w.in(t.Profile)} }
	on := func(s Style, w swatch) Style { return s.On(w.in(t.Profile)) }

	t.Paper = on(ink(p.ink), p.paper)
	t.Text, t.Strong, t.Dim, t.Faint = ink(p.text), ink(p.strong).With(Bold), ink(p.dim), ink(p.faint)
	t.Note = t.Dim.With(Italic)
	t.Accent, t.AccentStrong, t.Title = ink(p.accent), ink(p.accent).With(Bold), ink(p.accent).With(Bold)
	t.ColumnTitle, t.ColumnSorted = t.Dim.With(Underline), t.AccentStrong.With(Underline)

	t.Bar, t.BarStrong, t.BarDim = on(ink(p.barText), p.bar), on(ink(p.strong), p.bar).With(Bold), on(ink(p.dim), p.bar)
	t.Key = on(ink(p.accent), p.bar).With(Bold)
	t.Tab, t.TabActive = ink(p.dim), on(ink(p.selectedText), p.selected).With(Bold)
	t.Crumb = ink(p.text)
	t.Border, t.BorderFocus = ink(p.rule), ink(p.accent)

	t.Selected = Style{Bg: p.selected.in(t.Profile), Attr: Bold}
	t.SelectedDim = Style{Bg: p.selectedDim.in(t.Profile)}
	t.SelectedBar = t.Selected
	if p.selectedInk || t.Profile == colorprofile.ANSI { // no colour but the ink is to be read on this background
		t.Selected.Fg = p.selectedText.in(t.Profile)
		t.SelectedBar = Style{}
	}
	t.Cursor = on(ink(p.cursorInk), p.cursor).With(Bold)
	t.Brush, t.Window = t.SelectedDim, t.SelectedDim
	t.Match = ink(p.warn).With(Bold | Underline)
	t.Input, t.InputError, t.Placeholder = ink(p.strong), ink(p.fail).With(Bold), ink(p.faint)
	t.Toast, t.ToastProblem = on(ink(p.ok), p.bar).With(Bold), on(ink(p.fail), p.bar).With(Bold)

	t.OK, t.Warn, t.Error, t.Info = ink(p.ok), ink(p.warn), ink(p.fail).With(Bold), ink(p.info)
	t.WarnStrong, t.WarnLine, t.ErrorLine = t.Warn.With(Bold), t.Warn, ink(p.fail)
	t.Service, t.Database, t.Messaging = ink(p.service), ink(p.database), ink(p.messaging)
	t.Inferred, t.User = ink(p.inferred), ink(p.user)
	t.Critical, t.Ghost = ink(p.critical), ink(p.ghost)
	t.Up, t.Down = ink(p.fail), ink(p.ok)
	t.P50, t.P95, t.P99 = ink(p.p50), ink(p.p95), ink(p.p99)

	if t.Profile == colorprofile.ANSI {
		t.SelectedDim = Style{Attr: Underline} // on the grey of 16 colours no other is read
		t.Brush, t.Window = Style{Attr: Reverse}, Style{}
	}
	if t.Profile > colorprofile.ANSI {
		t.Heat, t.ErrorHeat = colours(p.heat, t.Profile), colours(p.errorHeat, t.Profile)
		for _, c := range colours(p.series, t.Profile) {
			t.Series = append(t.Series, Style{Fg: c})
		}
		return
	}
	for _, i := range []uint8{6, 2, 3, 5, 4, 14, 10, 13} { // the hues of 16 colours, red left to errors
		t.Series = append(t.Series, Style{Fg: Indexed(i)})
	}
}

func colours(ws []swatch, p colorprofile.Profile) []Color {
	cs := make([]Color, len(ws))
	for i, w := range ws {
		cs[i] = w.in(p)
	}
	return cs
}

// mono keeps importance by attributes alone; judgements and kinds are told apart by their glyphs.
func mono(t *Theme) {
	bold, faint, rev := Style{Attr: Bold}, Style{Attr: Faint}, Style{Attr: Reverse}
	t.Strong, t.Title, t.Accent, t.AccentStrong = bold, bold, bold, bold
	t.Note = faint.With(Italic)
	t.ColumnTitle, t.ColumnSorted = faint.With(Underline), bold.With(Underline)
	t.Dim, t.Faint, t.Border, t.Ghost, t.Inferred, t.Placeholder = faint, faint, faint, faint, faint, faint
	t.Bar, t.BarDim, t.BarStrong, t.Key = rev, rev, rev.With(Bold), rev.With(Bold)
	t.TabActive, t.Selected, t.SelectedBar, t.SelectedDim = rev, rev, rev, Style{Attr: Underline}
	t.Cursor, t.Brush = rev.With(Bold), rev
	t.BorderFocus, t.Match = bold, bold.With(Underline)
	t.Input, t.InputError = bold, bold.With(Reverse)
	t.Toast, t.ToastProblem = rev, rev.With(Bold)
	t.Warn, t.WarnStrong, t.Error, t.Critical, t.Up = bold, bold, bold, bold, bold
	t.P95, t.P99 = bold, bold
	t.Series = []Style{{}}
}
