// What App does when a screen or an overlay asks for it: drills, copies, pins.

package ui

import (
	"context"
	"fmt"
	"strings"

	"oteltop/aggregate"
	"oteltop/ui/num"

	tea "charm.land/bubbletea/v2"
)

// clipboardMax is what terminals and multiplexers are known to pass on by OSC 52.
const clipboardMax = 74_000

// act does what a screen or overlay asked for.
func (a *App) act(act Action) tea.Cmd {
	switch x := act.(type) {
	case Drill:
		if x.Lens == LensMap {
			a.screens[LensMap].(*Map).revisit()
		}
		a.trail.push(place{lens: x.Lens, scope: x.Scope})
		return a.ask()
	case DrillSlowest:
		a.screens[LensTraces].(*Traces).sortBy(mostOf(tracesDuration))
		return a.act(Drill{LensTraces, x.Scope})
	case OpenTrace:
		if p := a.trail.here(); !p.sameTrace(x.ID) {
			a.trail.push(place{lens: LensWaterfall, scope: p.scope, trace: x.ID, span: x.Span})
		} else {
			p.span = x.Span
			a.trail.replace(p)
		}
		return a.ask()
	case TurnToTrace:
		return a.turn(func(p *place) { p.trace, p.span = x.ID, 0 })
	case OpenSubject:
		s := a.trail.here().scope
		s.Focus = x.Focus
		a.trail.push(place{lens: LensWaterfall, scope: s, trace: x.ID})
		return a.ask()
	case OpenSheet:
		a.trail.push(place{lens: LensSheet, scope: x.Scope, sheet: sheetID{x.Name, x.About}})
		return a.ask()
	case ChooseColumns:
		a.overlay = newChooser(x)
		return nil
	case GroupBy:
		return a.openGroups()
	case Resheet:
		return a.turn(func(p *place) { p.sheet.about = x.About })
	case Rescope:
		return a.turn(func(p *place) { p.scope = x.Scope })
	case Narrow:
		return a.narrow(x.Expr)
	case Ask:
		return a.ask()
	case Copy:
		return a.copy(x)
	case Write:
		return a.write(x)
	case Say:
		return a.say(x.Text, x.Problem)
	case Pin:
		return a.pin(x)
	case Back:
		return a.back()
	}
	return nil
}

// turn changes what is shown here, no step deeper.
func (a *App) turn(change func(p *place)) tea.Cmd {
	p := a.trail.here()
	change(&p)
	a.trail.replace(p)
	return a.ask()
}

// narrow adds a condition to the filter.
func (a *App) narrow(expr string) tea.Cmd {
	p := a.trail.here()
	scope, err := p.scope.filtered(expr)
	if err != nil {
		return a.say(err.Error(), true)
	}
	p.scope = scope
	a.trail.push(p.filterable())
	return a.ask()
}

// filterable is the place where a filter shows: the list of traces instead of lenses that no filter changes.
func (p place) filterable() place {
	if p.lens == LensWaterfall || p.lens == LensCoverage {
		p.lens = LensTraces
	}
	return p
}

// back is Esc: up the drill, and at its top out of the filter.
func (a *App) back() tea.Cmd {
	if a.cancelWriting() {
		return nil
	}
	if a.trail.pop() {
		return a.ask()
	}
	p := a.trail.here()
	if p.scope.Filter == nil && p.scope.Focus == (aggregate.Focus{}) && p.scope.Selection == nil {
		if cmd, ok := a.cancelAsked(); ok {
			return cmd
		}
		if p.scope.Baseline != (aggregate.Window{}) {
			return a.say("this is the top; b removes the marker, q quits", false)
		}
		return a.say("this is the top; q quits", false)
	}
	p.scope = Scope{Last: p.scope.Last}
	a.trail.replace(p)
	return a.ask()
}

// copy sets the clipboard by OSC 52 and says what and how much, since some terminals ignore it.
func (a *App) copy(c Copy) tea.Cmd {
	if len(c.Text) > clipboardMax {
		return a.say(fmt.Sprintf("%s is %s, more than terminals take by OSC 52 (%s): w writes a file instead",
			c.What, num.Bytes(nil, int64(len(c.Text))), num.Bytes(nil, clipboardMax)), true)
	}
	what := fmt.Sprintf("copied %s (%s)", c.What, num.Bytes(nil, int64(len(c.Text))))
	if len(c.Text) <= 64 && !strings.ContainsAny(c.Text, "\n\r") {
		what += ": " + c.Text
	}
	return tea.Batch(tea.SetClipboard(c.Text), a.say(what, false))
}

func (a *App) pin(p Pin) tea.Cmd {
	e := a.o.Engine
	return func() tea.Msg {
		switch ok := e.Pin(context.Background(), p.ID, p.Pinned); {
		case !ok:
			return toastMsg{"not pinned: the trace is gone or there are too many pins", true}
		case p.Pinned:
			return toastMsg{"pinned " + shortID(p.ID) + ": it stays whatever else is evicted", false}
		}
		return toastMsg{"unpinned " + shortID(p.ID), false}
	}
}

// mark sets the baseline marker, or takes it away: figures are then compared with what was before it.
func (a *App) mark() tea.Cmd {
	p := a.trail.here()
	if p.scope.Baseline != (aggregate.Window{}) {
		p.scope.Baseline, p.scope.Window = aggregate.Window{}, aggregate.Window{}
		a.trail.replace(p)
		return tea.Batch(a.ask(), a.say("baseline marker removed", false))
	}
	if !a.status.Live {
		return a.say("a file gets no more spans to mark off: Compare (7) compares its two halves", true)
	}
	now := a.moment().Newest()
	from := int64(0)
	if p.scope.Last > 0 {
		from = now - int64(p.scope.Last)
	}
	p.scope.Baseline = aggregate.Window{From: from, To: now}
	p.scope.Window = aggregate.Window{From: now}
	a.trail.replace(p)
	return tea.Batch(a.ask(), a.say("marker set: Compare (7) says what changes from now on; b removes it", false))
}
