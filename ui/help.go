package ui

import (
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// help lists what the keys do on this screen, everywhere, and in filters. Made from the key maps, so it
// cannot be out of date.
type help struct {
	lines []helpLine
	top   int
}

type helpLine struct {
	head string // a heading; then key is empty
	key  string
	desc string
}

func newHelp(a *App) *help {
	h := &help{}
	h.section("On "+a.trail.here().lens.String(), a.screen().Keys())
	var lenses []key.Binding
	for _, l := range a.keys.lensKeys() {
		lenses = append(lenses, l.Key)
	}
	h.section("Everywhere", append(lenses, a.keys.global()...))
	h.lines = append(h.lines, helpLine{}, helpLine{head: "Filter language"})
	for _, t := range filter.Reference() {
		h.lines = append(h.lines, helpLine{key: t.Example, desc: t.Meaning})
	}
	return h
}

func (h *help) section(title string, bs []key.Binding) {
	if len(h.lines) > 0 {
		h.lines = append(h.lines, helpLine{})
	}
	h.lines = append(h.lines, helpLine{head: title})
	for _, b := range bs {
		if b.Help().Key != "" {
			h.lines = append(h.lines, helpLine{key: b.Help().Key, desc: b.Help().Desc})
		}
	}
}

func (h *help) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "down", "j":
		h.top++
	case "up", "k":
		h.top--
	case "pgdown", "space", "ctrl+f":
		h.top += 10
	case "pgup", "ctrl+b":
		h.top -= 10
	case "g", "home":
		h.top = 0
	case "G", "end":
		h.top = len(h.lines)
	default:
		return nil, true
	}
	return nil, false
}

func (h *help) paste(*App, string) tea.Cmd { return nil }

func (h *help) mouse(_ *App, ev MouseEvent, _ canvas.Target) (tea.Cmd, bool) {
	switch ev {
	case WheelUp:
		h.top -= 3
	case WheelDown:
		h.top += 3
	}
	return nil, false
}

// draw uses two columns where there is room, so that most of it is seen at once.
func (h *help) draw(all canvas.Area, f *Frame) {
	t := f.Theme
	in := panel(all, min(all.W-4, 150), all.H-2, f, "help")
	cols := 1
	if in.W >= 110 {
		cols = 2
	}
	rows := in.H - 1
	h.top = max(0, min(h.top, len(h.lines)-rows*cols))
	w := in.W / cols
	for c := range cols {
		for y := range rows {
			if i := h.top + c*rows + y; i < len(h.lines) {
				drawHelpLine(in.Sub(c*w, y, w-2, 1), h.lines[i], t)
			}
		}
	}
	more := model.Sanitise("any other key closes")
	if h.top+rows*cols < len(h.lines) {
		more = model.Textf("%c more below · any other key closes", f.G.ArrowDown)
	}
	in.Text(0, in.H-1, more, t.Faint)
}

func drawHelpLine(r canvas.Area, l helpLine, t *themes.Theme) {
	if l.head != "" {
		r.Text(0, 0, model.Sanitise(l.head), t.Title)
		return
	}
	k := model.Sanitise(l.key)
	n := max(12, canvas.Width(k)+2)
	r.Text(0, 0, k, t.Accent)
	r.Cut(n, 0, r.W-n, model.Sanitise(l.desc), t.Glyphs.Ellipsis, t.Text)
}
