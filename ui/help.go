// The help, made from the key maps, the words on the screens and the reference of filters.

package ui

import (
	"slices"
	"strings"

	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Layout of the help: as many columns as are at least helpColumn wide, helpColumns at most. The keys of a
// section take as much as the longest needs, up to helpKey; longer ones push their description to the right.
const (
	helpColumn  = 34
	helpColumns = 4
	helpKey     = 9
)

// help lists what the keys do on this screen, everywhere, and in filters, and what the words on the screens
// mean. The keys come from the key maps, so they cannot be out of date.
type help struct {
	entries []helpEntry
	top     int // first line shown
	page    int // lines that were seen at once, as drawn last
	lines   []helpLine
	column  int    // width that lines were broken for, with the gap behind it
	laid    [2]int // width and rows that this was worked out for
}

// helpEntry is a heading (with no key), or a key with what it does.
type helpEntry struct{ head, key, desc string }

func newHelp(a *App) *help {
	h := &help{}
	here := a.screen().Keys()
	h.section("On "+a.trail.here().lens.String(), here)
	h.entries = append(h.entries, helpEntry{head: "Everywhere"})
	h.entries = append(h.entries, everywhere(&a.keys, here)...)
	h.entries = append(h.entries, helpEntry{head: "Words and signs"})
	h.entries = append(h.entries, words(a.theme.Glyphs)...)
	h.entries = append(h.entries, helpEntry{head: "Filter language"})
	for _, t := range filter.Reference() {
		h.entries = append(h.entries, helpEntry{key: t.Example, desc: t.Meaning})
	}
	return h
}

// everywhere is what App's own keys do, in as few lines as can be: whoever asks for help sees all keys at once, before
// words and filters. Keys that the screen takes and explains are not App's here.
func everywhere(k *keyMap, here []key.Binding) []helpEntry {
	var names []string
	for _, l := range k.lenses {
		names = append(names, l.Key.Help().Desc)
	}
	first, last := k.lenses[0].Key.Help().Key, k.lenses[len(k.lenses)-1].Key.Help().Key
	one := func(b key.Binding, desc string) helpEntry {
		if explains(here, b) {
			return helpEntry{}
		}
		return helpEntry{key: b.Help().Key, desc: desc}
	}
	same := func(b key.Binding) helpEntry { return one(b, b.Help().Desc) }
	two := func(a, b key.Binding, desc string) helpEntry {
		e := one(a, desc)
		if e.key != "" {
			e.key += " " + b.Help().Key
		}
		return e
	}
	return slices.DeleteFunc([]helpEntry{
		{key: first + "-" + last, desc: strings.Join(names, ", ")},
		one(k.Filter, "filter what all screens show"),
		one(k.Palette, "palette: questions, services, operations, commands, a trace by its id"),
		same(k.Back), two(k.Older, k.Newer, "history back, forward"),
		two(k.Wider, k.Narrower, "longer, shorter time window"),
		same(k.Pause), same(k.Mark), same(k.Theme), same(k.Mouse), same(k.Help),
		{key: k.Help.Help().Key + " t", desc: "the tour: six steps from the map to a request; again ends it"},
		same(k.Quit),
	}, func(e helpEntry) bool { return e == helpEntry{} })
}

// explains reports whether a screen's own keys, as the help lists them, have the key that a binding is shown by.
func explains(here []key.Binding, b key.Binding) bool {
	return slices.ContainsFunc(here, func(own key.Binding) bool {
		return own.Enabled() && own.Help().Key != "" && slices.Contains(own.Keys(), b.Help().Key)
	})
}

// words are those that screens use in a sense of their own, and the signs that stand for judgements.
func words(g *themes.Glyphs) []helpEntry {
	return []helpEntry{
		{key: "p97", desc: "rank: took longer than 97% of its own operation"},
		{key: "×2.4", desc: "times the median of its operation"},
		{key: "~p97", desc: "rank among all spans named GET, POST …, whatever they call: of little weight"},
		{key: string(g.Warn), desc: "unusual: p99 and above, 1% errors, or a p95 that doubled; of a span p95 and ×1.5, " +
			string(g.Warn) + string(g.Warn) + " p99 and ×3"},
		{key: string(g.Error), desc: "failed, or 5% and more of it did"},
		{key: string(g.Changed), desc: "changed at some moment; findings say how"},
		{key: string(g.Clock), desc: "makes some requests slow"},
		{key: string(g.Retry), desc: "work that could be saved"},
		{key: string(g.Diamond), desc: "unusual; among calls, the slowest"},
		{key: string(g.OK), desc: "was found, but is over"},
		{key: "self", desc: "time of a span in which no child of it ran"},
		{key: "time", desc: "share of the self time of all operations"},
		{key: "critical", desc: "on the path that decided when the trace ended"},
		{key: "n=", desc: "how many spans a figure was computed from"},
		{key: "least", desc: "the difference is at least so large, with 95% confidence"},
		{key: "q", desc: "of the rows down to this one, so large a share may be chance"},
		{key: "retained", desc: "whole traces in memory: these can be opened"},
		{key: "every span", desc: "of the time shown, retained or not"},
		{key: "orphan", desc: "a span whose parent never came"},
		{key: "inferred", desc: "called, but sends no spans of its own"},
		{key: "pending", desc: "calls whose other side has not come yet"},
		{key: "no caller", desc: "server spans whose caller's span never came"},
	}
}

func (h *help) section(title string, bs []key.Binding) {
	h.entries = append(h.entries, helpEntry{head: title})
	for _, b := range bs {
		if b.Enabled() && b.Help().Key != "" {
			h.entries = append(h.entries, helpEntry{key: b.Help().Key, desc: b.Help().Desc})
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
		h.top += h.page
	case "pgup", "ctrl+b":
		h.top -= h.page
	case "g", "home":
		h.top = 0
	case "t":
		a.toggleTour()
		return a.ask(), true
	case "G", "end":
		h.top = 1 << 20 // drawing takes it back to the last page
	default:
		return nil, true
	}
	return nil, false
}

func (h *help) paste(*App, string) tea.Cmd { return nil }

func (h *help) mouse(_ *App, ev MouseEvent, _ canvas.Target) (tea.Cmd, bool) {
	switch ev {
	case WheelUp:
		h.top -= wheelRows
	case WheelDown:
		h.top += wheelRows
	}
	return nil, false
}

// draw fills the columns one after the other, as a newspaper does.
func (h *help) draw(all canvas.Area, f *Frame) {
	in := panel(all, min(all.W-2, 170), all.H-2, f, "help")
	rows := in.H - 1
	w := h.lay(in.W, rows)
	cols := (in.W + 2) / w
	h.page = rows * cols
	h.top = max(0, min(h.top, len(h.lines)-h.page))
	for i, l := range h.lines[h.top:] {
		if i < h.page {
			l.draw(in.Sub(i/rows*w, i%rows, w-2, 1), f.Theme)
		}
	}
	p := pen{a: in.Row(in.H - 1)}
	if n := len(h.lines) - h.top - h.page; n > 0 {
		p.rune(f.G.ArrowDown, f.Theme.Dim)
		p.lit(" ", f.Theme.Dim)
		p.counted(uint64(n), " more lines below: space ", f.Theme.Dim)
		p.rune('·', f.Theme.Dim)
		p.lit(" ", f.Theme.Dim)
	}
	p.lit("t: the tour ", f.Theme.Dim)
	p.rune('·', f.Theme.Dim)
	p.lit(" any other key closes", f.Theme.Dim)
}

// lay breaks the entries into lines of as few columns as show all of them, else of as many as there is room for, and
// returns the width of a column with the gap behind it.
func (h *help) lay(width, rows int) (column int) {
	size := [2]int{width, rows}
	if h.laid == size {
		return h.column
	}
	most := max(1, min(helpColumns, (width+2)/helpColumn))
	for cols := 1; cols <= most; cols++ {
		h.column = (width + 2) / cols
		h.lines = helpLines(h.entries, h.column-2)
		if len(h.lines) <= rows*cols {
			break
		}
	}
	h.laid = size
	return h.column
}

// helpLine is a line of the help as it is drawn: a heading, or a key and its description, or what of the
// description did not fit beside the key, indented by at.
type helpLine struct {
	head, key, desc model.Text
	at              int
}

// helpLines breaks the entries into lines of width w, with a blank line before each heading but the first.
func helpLines(es []helpEntry, w int) []helpLine {
	var ls []helpLine
	keys := 0 // width of the keys of the section
	for i, e := range es {
		if e.head != "" {
			if i > 0 {
				ls = append(ls, helpLine{})
			}
			ls = append(ls, helpLine{head: model.Sanitise(e.head)})
			keys = keyWidth(es[i+1:])
			continue
		}
		l := helpLine{key: model.Sanitise(e.key)}
		l.at = max(min(keys, helpKey), canvas.Width(l.key)) + 2
		for _, d := range wrapWords(e.desc, w-l.at) {
			l.desc = model.Sanitise(d)
			ls = append(ls, l)
			l.key = model.Text{}
		}
	}
	return ls
}

// keyWidth is the width of the longest key before the next heading.
func keyWidth(es []helpEntry) int {
	most := 0
	for _, e := range es {
		if e.head != "" {
			break
		}
		most = max(most, canvas.Width(model.Sanitise(e.key)))
	}
	return most
}

func (l helpLine) draw(r canvas.Area, t *themes.Theme) {
	r.Text(0, 0, l.head, t.Title)
	r.Text(0, 0, l.key, t.Accent)
	r.Cut(l.at, 0, r.W-l.at, l.desc, t.Glyphs.Ellipsis, t.Text)
}
