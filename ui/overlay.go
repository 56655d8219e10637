// What stands over the screen and takes all keys: the interface, the box and the line that is typed in.

package ui

import (
	"unicode/utf8"

	"oteltop/model"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"

	tea "charm.land/bubbletea/v2"
)

// overlay stands over the screen and takes all keys until it is closed: filter input, palette, help.
type overlay interface {
	// key handles a key; done closes the overlay before cmd's action takes place.
	key(a *App, k tea.KeyPressMsg) (cmd tea.Cmd, done bool)
	// paste takes pasted text.
	paste(a *App, text string) tea.Cmd
	// mouse handles a click on one of the overlay's targets and the wheel.
	mouse(a *App, ev MouseEvent, t canvas.Target) (cmd tea.Cmd, done bool)
	draw(all canvas.Area, f *Frame)
}

// typed is an overlay that text is typed into. The keys of the screen below mean letters meanwhile, so the footer names
// those that do something here.
type typed interface {
	overlay
	keysOf() []key.Binding
}

var (
	filterKeys = []key.Binding{
		bind("enter", "puts it in force", "enter"), bind("tab", "completes", "tab"), bind("↑↓", "suggestions", "up", "down"), bind("esc", "gives up", "esc"),
	}
	paletteKeys = []key.Binding{bind("enter", "goes there", "enter"), bind("↑↓", "select", "up", "down"), bind("esc", "closes", "esc")}
)

func (b *filterBar) keysOf() []key.Binding { return filterKeys }
func (p *palette) keysOf() []key.Binding   { return paletteKeys }

func (a *App) overlayKey(k tea.KeyPressMsg) tea.Cmd {
	cmd, done := a.overlay.key(a, k)
	if done {
		a.overlay = nil
	}
	return cmd
}

func (a *App) overlayMouse(msg tea.MouseMsg) tea.Cmd {
	ev, ok := a.event(msg)
	if !ok || ev == Release || ev == Drag {
		return nil
	}
	m := msg.Mouse()
	t := a.canvas.At(m.X, m.Y)
	if t.Kind != overlayTarget && (ev == Click || ev == Double) {
		a.overlay = nil // a click beside it
		return nil
	}
	cmd, done := a.overlay.mouse(a, ev, t)
	if done {
		a.overlay = nil
	}
	return cmd
}

// paste goes to the overlay; a trace id pasted anywhere else is looked up.
func (a *App) paste(text string) tea.Cmd {
	if a.overlay != nil {
		return a.overlay.paste(a, text)
	}
	if id, ok := traceIn(text); ok {
		return a.act(OpenTrace{ID: id})
	}
	return nil
}

// drawInput draws a line of text that is typed, with its cursor in sight, and returns which rune of it stands at
// the left.
func drawInput(a canvas.Area, in *textinput.Model, f *Frame) (from int) {
	from = max(0, in.Position()-(a.W-2))
	x, at, i := 0, 0, 0
	text := in.Value()
	for b, r := range text {
		if i == in.Position() {
			at = x
		}
		if i++; i > from && x < a.W {
			x += a.Text(x, 0, model.Sanitise(text[b:b+utf8.RuneLen(r)]), f.Theme.Input)
		}
	}
	if i == in.Position() {
		at = x
	}
	a.Sub(at, 0, 1, 1).Tint(f.Theme.Cursor)
	return from
}

// panel blanks a centred box of at most w×h over the screen and returns what is inside.
func panel(all canvas.Area, w, h int, f *Frame, title canvas.Literal) canvas.Area {
	w, h = min(w, all.W-4), min(h, all.H-2)
	box := all.Sub((all.W-w)/2, max(1, (all.H-h)/3), w, h)
	box.Fill(' ', f.Theme.Text)
	box.Target(canvas.Target{Kind: overlayTarget, Index: -1})
	in := box.Box(f.G, f.Theme.BorderFocus)
	box.Lit(2, 0, " ", f.Theme.Title)
	n := box.Lit(3, 0, title, f.Theme.Title)
	box.Lit(3+n, 0, " ", f.Theme.Title)
	return in.Sub(1, 0, in.W-2, in.H)
}
