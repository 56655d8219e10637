// Keys that were pressed before there was anything to apply them to.

package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// typeAheadMax bounds how many keys wait for an answer: more than anyone types in a few seconds, less than
// what a pasted page does.
const typeAheadMax = 64

// typeAhead keeps the keys that were pressed for a screen before it had anything to apply them to, so that
// who types fast, or over a slow line, loses none: they are applied in order when the answer is there.
// Moving elsewhere drops them.
type typeAhead struct {
	keys     []tea.KeyPressMsg
	answered [lenses]*place // what the last answer of each lens was about; nil: it had none
}

// ready reports whether the screen shows what the place is about, so that keys mean what a person sees.
func (a *App) ready() bool {
	p := a.trail.here()
	was := a.ahead.answered[p.lens]
	if was == nil || !was.about(p) {
		return false
	}
	l, isLister := a.screen().(lister)
	return !isLister || l.Listed() || a.aside.problem == cancelledAside // who cancelled it does not wait for it
}

// about reports whether two places show the same thing, maybe at different times.
func (p place) about(o place) bool {
	return p.lens == o.lens && p.trace == o.trace && p.sheet == o.sheet && p.scope.Focus == o.scope.Focus &&
		p.scope.Filter == o.scope.Filter && p.scope.Selection == o.scope.Selection
}

// wait keeps a key for later; false when it is for now. Once a key waits, those after it do too, for what
// they mean may depend on it.
func (a *App) wait(k tea.KeyPressMsg) (cmd tea.Cmd, waits bool) {
	if a.ready() || a.overlay != nil || len(a.ahead.keys) == 0 && !a.screenTakes(k) {
		return nil, false
	}
	if a.leaves(k) {
		a.ahead.keys = a.ahead.keys[:0]
		return nil, false
	}
	if len(a.ahead.keys) == typeAheadMax {
		return a.say("too many keys before an answer; esc drops them", true), true
	}
	a.ahead.keys = append(a.ahead.keys, k)
	return nil, true
}

// screenTakes reports whether the screen has a binding for a key.
func (a *App) screenTakes(k tea.KeyPressMsg) bool { return key.Matches(k, a.screen().Keys()...) }

// leaves reports whether a key goes somewhere else. Digits are text once an input is to be opened.
func (a *App) leaves(k tea.KeyPressMsg) bool {
	if key.Matches(k, a.keys.Back, a.keys.Older, a.keys.Newer) {
		return true
	}
	for _, waiting := range a.ahead.keys {
		if key.Matches(waiting, a.keys.Filter, a.keys.Palette) {
			return false
		}
	}
	for _, l := range a.keys.lenses {
		if key.Matches(k, l.Key) {
			return true
		}
	}
	return key.Matches(k, a.keys.Quit)
}

// catchUp takes note of an answer and applies the keys that waited for it.
func (a *App) catchUp() tea.Cmd {
	here := a.trail.here()
	a.ahead.answered[here.lens] = &here
	return a.typeOut()
}

// typeOut applies the keys that wait, up to one that asks for something else: those after it wait on.
func (a *App) typeOut() tea.Cmd {
	var cmds []tea.Cmd
	for len(a.ahead.keys) > 0 && (a.ready() || a.overlay != nil) {
		k := a.ahead.keys[0]
		a.ahead.keys = a.ahead.keys[1:]
		cmds = append(cmds, a.key(k))
	}
	return tea.Batch(cmds...)
}
