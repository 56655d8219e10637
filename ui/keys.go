// Keys: what goes to an overlay, to the screen, or is App's own.

package ui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// keyMap is what App itself understands on every screen. Help and footer are made from it.
type keyMap struct {
	Map, Operations, Latency, Findings, Traces, Shapes, Compare, Coverage key.Binding
	Enter, Back, Older, Newer                                             key.Binding
	Filter, Palette, Pause, Mark                                          key.Binding
	Wider, Narrower                                                       key.Binding
	Theme, Mouse, Help, Quit                                              key.Binding

	lenses []lensKey     // in order
	tail   []key.Binding // at the right of every footer, so that nobody is lost
}

// lensKey is a lens that has a tab, and its key.
type lensKey struct {
	Lens Lens
	Key  key.Binding
}

func bind(help, desc string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, desc))
}

// paneKey and escapeKey are the bindings of screens with several parts.
func paneKey() key.Binding   { return bind("tab", "next part", "tab", "shift+tab") }
func escapeKey() key.Binding { return bind("", "", "esc") }

func newKeyMap() keyMap {
	k := keyMap{
		Map: bind("1", "map", "1"), Operations: bind("2", "operations", "2"), Latency: bind("3", "latency", "3"),
		Findings: bind("4", "findings", "4"), Traces: bind("5", "traces", "5"), Shapes: bind("6", "shapes", "6"),
		Compare: bind("7", "compare", "7"), Coverage: bind("8", "coverage", "8"),
		Enter: bind("enter", "drill", "enter"), Back: bind("esc", "back", "esc", "backspace"),
		Older: bind("[", "history back", "["), Newer: bind("]", "history forward", "]"),
		Filter: bind("/", "filter", "/"), Palette: bind(":", "palette", ":", "ctrl+p"),
		Pause: bind("space", "freeze the screen, collecting goes on", "space"),
		Mark:  bind("b", "baseline marker: compare what comes now with before", "b"),
		Wider: bind("-", "longer time window", "-"), Narrower: bind("+", "shorter time window", "+", "="),
		Theme: bind("t", "theme", "t"), Mouse: bind("m", "mouse reporting on and off", "m"),
		Help: bind("?", "help", "?", "f1"), Quit: bind("q", "quit", "q", "ctrl+c"),
	}
	k.lenses = []lensKey{{LensMap, k.Map}, {LensOperations, k.Operations}, {LensLatency, k.Latency}, {LensFindings, k.Findings},
		{LensTraces, k.Traces}, {LensShapes, k.Shapes}, {LensCompare, k.Compare}, {LensCoverage, k.Coverage}}
	k.tail = []key.Binding{k.Filter, k.Palette, k.Help, k.Quit}
	return k
}

// global lists App's bindings for help and footer.
func (k keyMap) global() []key.Binding {
	return []key.Binding{k.Filter, k.Palette, k.Back, k.Pause, k.Mark, k.Wider, k.Narrower, k.Older, k.Newer, k.Theme, k.Mouse, k.Help, k.Quit}
}

// windows are the lengths that + and - step through; 0 is everything.
var windows = [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 0}

// key does what a key means. What the footer said of the key before is over, but while the cursor moves: it would speak
// of what is no more.
func (a *App) key(k tea.KeyPressMsg) tea.Cmd {
	if _, moves := rowAfter(k.String(), 0, 1, 1); !moves {
		a.toast.text = ""
	}
	return a.send(k)
}

// send gives a key to the overlay, else to the screen if it wants it, else to App's own bindings.
func (a *App) send(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		return a.quit()
	}
	if a.overlay != nil {
		return a.overlayKey(k)
	}
	if a.tooSmall() {
		if key.Matches(k, a.keys.Quit) {
			return a.quit()
		}
		return nil
	}
	if cmd, waits := a.wait(k); waits {
		return cmd
	}
	s := a.screen()
	for _, b := range s.Keys() {
		if key.Matches(k, b) {
			if act := s.Key(k, a.moment()); act != nil {
				return a.act(act)
			}
			break
		}
	}
	return a.globalKey(k)
}

// globalKey handles App's own bindings.
func (a *App) globalKey(k tea.KeyPressMsg) tea.Cmd {
	for _, l := range a.keys.lenses {
		if key.Matches(k, l.Key) {
			return a.lens(l.Lens)
		}
	}
	switch {
	case key.Matches(k, a.keys.Quit):
		return a.quit()
	case key.Matches(k, a.keys.Back):
		return a.back()
	case key.Matches(k, a.keys.Older):
		return a.travel(-1)
	case key.Matches(k, a.keys.Newer):
		return a.travel(1)
	case key.Matches(k, a.keys.Filter):
		return a.openFilter()
	case key.Matches(k, a.keys.Palette):
		return a.openPalette()
	case key.Matches(k, a.keys.Pause):
		return a.togglePause()
	case key.Matches(k, a.keys.Mark):
		return a.mark()
	case key.Matches(k, a.keys.Wider):
		return a.resize(1)
	case key.Matches(k, a.keys.Narrower):
		return a.resize(-1)
	case key.Matches(k, a.keys.Theme):
		a.cycleTheme()
		return a.say("theme "+a.theme.Name, false)
	case key.Matches(k, a.keys.Mouse):
		a.mouse = !a.mouse
		if a.mouse {
			return a.say("mouse on", false)
		}
		return a.say("mouse off: the terminal selects text again", false)
	case key.Matches(k, a.keys.Help):
		a.overlay = newHelp(a)
	case k.String() == "d" && a.status.Received == 0 && a.o.StartDemo != nil:
		a.o.StartDemo()
		a.o.StartDemo = nil
		return a.say("demo started", false)
	}
	return nil
}

// lens shows the scope through another lens. From a waterfall that is a step of its own, so that Esc
// comes back to the trace.
func (a *App) lens(l Lens) tea.Cmd {
	p := a.trail.here()
	if p.lens == l {
		return nil
	}
	if p.lens >= LensWaterfall {
		a.trail.push(place{lens: l, scope: p.scope})
	} else {
		p.lens = l
		a.trail.replace(p)
	}
	return a.ask()
}

func (a *App) travel(by int) tea.Cmd {
	if !a.trail.travel(by) {
		return a.say("no more history in this direction", false)
	}
	return a.ask()
}

// resize steps the window through windows; a fixed window becomes a moving one.
func (a *App) resize(by int) tea.Cmd {
	p := a.trail.here()
	i := 0
	for i < len(windows)-1 && windows[i] != p.scope.Last {
		i++
	}
	i = max(0, min(len(windows)-1, i+by))
	if windows[i] == p.scope.Last {
		return nil
	}
	p.scope.Last = windows[i]
	a.trail.replace(p)
	return tea.Batch(a.ask(), a.say("showing "+windowTitle(p.scope), false))
}
