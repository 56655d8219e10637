// Waterfall: its keys.

package ui

import (
	"fmt"

	"oteltop/model"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// waterfallBindings are the keys of the waterfall, most important first. They hide App's own meaning of / + - and
// esc, where that is what a person who reads a trace expects.
func waterfallBindings() []key.Binding {
	return []key.Binding{
		bind("enter", "fold, details", "enter", "x"),
		bind("/", "search", "/"),
		matchBinding: bind("n N", "matches", "n", "N"),
		bind("e E", "errors", "e", "E"),
		bind("c C", "critical path", "c", "C"),
		bind("+ - 0", "zoom", "+", "=", "-", "_", "0"),
		bind("tab", "details", "tab", "shift+tab"),
		bind("v", "against typical", "v"),
		bind("F", "focus subtree", "F"),
		bind("z Z", "fold by depth, unfold all", "z", "Z"),
		bind("←→", "fold and to the parent, unfold", "left", "right", "h", "l"),
		bind("s", "zoom to the span", "s"),
		bind("< >", "pan", "<", ">", ",", ".", "shift+left", "shift+right"),
		bind("o", "latency of the operation", "o"),
		bind("f", "filter by the attribute or operation", "f"),
		bind("( )", "request before, after in the session", "(", ")"),
		bind("y Y", "copy the trace id or value, the span", "y", "Y"),
		bind("ctrl+y", "copy the tree as text", "ctrl+y"),
		bind("w", "write the trace as OTLP JSON", "w"),
		bind("p", "pin, unpin", "p"),
		bind("d", "details beside, below, off", "d"),
		bind("{ }", "smaller, larger details", "{", "}"),
		bind("M", "reveal masked values", "M"),
		bind("K", "align the clocks of hosts", "K"),
		bind("↑↓", "select", "up", "down", "k", "j"),
		pageKey(),
		bind("esc", "leave search, details, link, zoom, focus; then back", "esc"),
	}
}

// matchBinding is the place in waterfallBindings of the keys that mean something only after a search.
const matchBinding = 2

// typingBindings claim every key while a search is typed: App offers a key to the screen only where it has
// a binding for it.
func typingBindings() []key.Binding {
	keys := []string{"space", "backspace", "ctrl+u", "ctrl+g", "up", "down", "left", "right", "tab"}
	for c := '!'; c <= '~'; c++ {
		keys = append(keys, string(c))
	}
	for c := '¡'; c <= 'ſ'; c++ { // Latin letters beyond ASCII
		keys = append(keys, string(c))
	}
	return []key.Binding{
		bind("type", "to search names, ids, attributes, events", keys...),
		bind("enter", "search all and go to the next", "enter"),
		bind("esc", "give up", "esc"),
	}
}

// Keys are the bindings that are in force.
func (w *Waterfall) Keys() []key.Binding {
	if w.search.typing {
		return w.typingKeys
	}
	w.keys[matchBinding].SetEnabled(w.search.text != "")
	return w.keys
}

// Key handles a key of Keys; nil leaves it to App.
func (w *Waterfall) Key(k tea.KeyPressMsg, at Moment) Action {
	if !w.shows(at) {
		return nil
	}
	if w.search.typing {
		return w.searchKey(k)
	}
	name := k.String()
	if w.pane.focus && w.lay.hasPane {
		if act := w.paneKey(name); act != nil {
			return act
		}
	}
	if name == "o" {
		return w.drillToOperation(at)
	}
	for _, handle := range [...]func(*Waterfall, string) Action{
		(*Waterfall).moveKey, (*Waterfall).foldKey, (*Waterfall).zoomKey, (*Waterfall).seekKey,
		(*Waterfall).viewKey, (*Waterfall).outKey,
	} {
		if act := handle(w, name); act != nil {
			return act
		}
	}
	return nil
}

// moveKey moves the cursor.
func (w *Waterfall) moveKey(k string) Action {
	to, ok := rowAfter(k, w.at, len(w.rows), w.lay.rows.H)
	if !ok {
		return nil
	}
	w.touched = true
	w.put(to)
	return Handled{}
}

// foldKey folds and unfolds.
func (w *Waterfall) foldKey(k string) Action {
	r := w.selected()
	if r == nil {
		return nil
	}
	switch k {
	case "enter", "x":
		if !r.kids {
			return w.openPane()
		}
		w.toggle(r)
	case "right", "l":
		if r.kids && r.folded {
			w.toggle(r)
		} else if r.kids {
			w.put(w.at + 1)
		}
	case "left", "h":
		if r.kids && !r.folded {
			w.toggle(r)
		} else if r.up >= 0 {
			w.put(int(r.up))
		}
	case "z":
		return w.foldDeeper()
	case "Z":
		w.fold.depth, w.fold.open = noFold, true
		clear(w.fold.toggled)
		w.relist()
		return Say{Text: fmt.Sprintf("all %s unfolded", plural(len(w.rows), "row"))}
	case "F":
		return w.focus(r)
	default:
		return nil
	}
	w.touched = true
	return Handled{}
}

func (w *Waterfall) toggle(r *waterfallRow) {
	w.fold.toggle(w.m.rowKey(*r))
	w.chosen = true
	w.relist()
}

// deepestFold is the depth up to which z goes before it starts again with everything unfolded.
const deepestFold = 4

// foldDeeper goes from everything to two levels, three, four, and back to everything.
func (w *Waterfall) foldDeeper() Action {
	clear(w.fold.toggled)
	w.fold.open = false
	switch d := w.fold.depth; {
	case d == noFold:
		w.fold.depth = 1
	case d < deepestFold:
		w.fold.depth++
	default:
		w.fold.depth = noFold
	}
	w.chosen = true
	w.relist()
	if w.fold.depth == noFold {
		return Say{Text: "unfolded, but for runs of siblings (Z unfolds those as well)"}
	}
	return Say{Text: "folded below level " + fmt.Sprint(w.fold.depth+1) + "; z goes on, Z unfolds everything"}
}

// focus shows the subtree of a row alone; the bars take its time range.
func (w *Waterfall) focus(r *waterfallRow) Action {
	if r.group >= 0 || !w.m.real(r.node) {
		return Say{Text: "focus needs a single span", Problem: true}
	}
	k := w.m.key(r.node)
	if n := len(w.fold.focus); n > 0 && w.fold.focus[n-1] == k {
		return Handled{}
	}
	w.fold.focus = append(w.fold.focus, k)
	w.zoomed, w.chosen = false, true
	w.relist()
	return Say{Text: "focused on " + model.Sanitise(w.m.span(r.node).Name).String() + "; esc shows the whole trace"}
}

// zoomKey changes the range of time.
func (w *Waterfall) zoomKey(k string) Action {
	v := w.view()
	switch k {
	case "+", "=":
		w.setZoom(v.zoomed(1/zoomStep, w.zoomCentre(v)))
	case "-", "_":
		w.setZoom(v.zoomed(zoomStep, w.zoomCentre(v)))
	case "<", ",", "shift+left":
		w.setZoom(v.moved(-panShare))
	case ">", ".", "shift+right":
		w.setZoom(v.moved(panShare))
	case "s":
		w.zoomToSpan()
	case "0":
		switch {
		case w.zoomed:
			w.zoomed = false
		case w.home != w.all:
			w.zoom, w.zoomed = w.all, true
		}
	default:
		return nil
	}
	return Handled{}
}

// setZoom shows a range; one as wide as everything is no zoom.
func (w *Waterfall) setZoom(r timeRange) {
	r = r.within(w.all)
	w.zoom, w.zoomed = r, r != w.home
}

// zoomToSpan shows the time of the selected row, with a margin.
func (w *Waterfall) zoomToSpan() {
	if s, e, ok := w.selectedInterval(); ok {
		margin := since(e, s) / 16
		w.setZoom(timeRange{later(s, -margin), later(e, margin)}.sound())
	}
}

// selectedInterval is when the selected row ran, as shown; of a group, from first to last.
func (w *Waterfall) selectedInterval() (start, end int64, ok bool) {
	r := w.selected()
	switch {
	case r == nil || r.group < 0 && !w.m.real(r.node):
		return 0, 0, false
	case r.group >= 0:
		g, d := &w.m.groups[r.group], w.clock().shift(r.node)
		return later(g.start, d), later(g.stop, d), true
	}
	start, end = w.clock().interval(r.node)
	return start, end, true
}

// zoomCentre is the middle of the selected span where it is in view, else of the view.
func (w *Waterfall) zoomCentre(v timeRange) int64 {
	middle := later(v.lo, v.width()/2)
	s, e, ok := w.selectedInterval()
	if s, e = max(s, v.lo), min(e, v.hi); !ok || s > e {
		return middle
	}
	return later(s, since(e, s)/2)
}

// seekKey goes to the next thing of a kind.
func (w *Waterfall) seekKey(k string) Action {
	switch k {
	case "/":
		w.search.typing, w.search.input = true, ""
		return Handled{}
	case "n", "N":
		what := "match of the filter"
		switch {
		case w.search.text != "":
			w.searchAgain()
			what = "match for " + w.search.input
		case w.m.matched == nil:
			return Say{Text: "no search yet: / searches", Problem: true}
		}
		return w.seek(k == "n", what, w.hit)
	case "e", "E":
		return w.seek(k == "e", "error", func(n int32) bool { return w.m.errorsIn(n, n+1) > 0 })
	case "c", "C":
		return w.nextSection(k == "c")
	case "(":
		return w.neighbour(-1)
	case ")":
		return w.neighbour(1)
	}
	return nil
}

// viewKey changes how the trace is shown, or takes something out of it.
func (w *Waterfall) viewKey(k string) Action {
	switch k {
	case "v":
		return w.compareNext()
	case "K":
		return w.toggleSkew()
	case "M":
		w.reveal = !w.reveal
		w.pane.stale()
		if w.reveal {
			return Say{Text: "masked values are shown, here and in copies; M hides them again", Problem: true}
		}
		return Say{Text: "secrets are masked again"}
	case "d":
		w.pane.cycle(w.lay.hasPane, w.lay.side, w.wide())
		w.lay = w.layout(w.lay.whole)
	case "{":
		w.pane.resize(w.lay.side, -paneStep)
	case "}":
		w.pane.resize(w.lay.side, paneStep)
	case "tab", "shift+tab":
		return w.openPane()
	default:
		return nil
	}
	return Handled{}
}

// toggleSkew switches between times as received and times with clocks aligned.
func (w *Waterfall) toggleSkew() Action {
	if w.m.moved == 0 {
		return Say{Text: "no clock skew is seen: spans lie within their parents, or on one host"}
	}
	w.skewed = !w.skewed
	w.zoomed, w.chosen = false, true
	w.relist()
	if w.skewed {
		return Say{Text: fmt.Sprintf("clocks aligned: %s by up to %s; durations stay as received",
			plural(w.m.moved, "span"), appendSkew(nil, w.m.shift, w.m.half))}
	}
	return Say{Text: "times as received"}
}

// openPane gives the details the keys, showing them where they are not.
func (w *Waterfall) openPane() Action {
	if w.pane.focus && w.lay.hasPane {
		w.pane.focus = false
		return Handled{}
	}
	if !w.lay.hasPane {
		w.pane.show(w.wide())
		w.lay = w.layout(w.lay.whole)
	}
	w.pane.focus = true
	return Handled{}
}

func (w *Waterfall) wide() bool { return w.lay.width >= sideFrom }

// outKey is esc, from the inside out, and what leaves the screen: copy, write, filter, pin.
func (w *Waterfall) outKey(k string) Action {
	switch k {
	case "esc":
		return w.escape()
	case "y":
		return Copy{What: "trace id", Text: w.m.t.ID.String()}
	case "Y":
		return w.copySpan()
	case "ctrl+y":
		return w.copyTree()
	case "f":
		return w.narrowToOperation()
	case "w":
		return w.write()
	case "p":
		return Pin{ID: w.m.t.ID, Pinned: w.m.view.Row.Kept != model.KeptPinned}
	}
	return nil
}

// escape undoes the innermost thing; nil, and so App's way back, when there is none.
func (w *Waterfall) escape() Action {
	switch {
	case w.drag.kind != dragNone:
		w.drag = dragging{}
	case w.search.text != "":
		w.search.edit("esc", "")
	case len(w.from) > 0:
		w.unfollow()
	case w.zoomed:
		w.zoomed = false
	case len(w.fold.focus) > 0:
		w.fold.focus = w.fold.focus[:len(w.fold.focus)-1]
		w.chosen = true
		w.relist()
	default:
		return nil
	}
	return Handled{}
}
