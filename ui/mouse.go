// The mouse: what was hit on the last frame, and what that means to an overlay, to the frame or to the screen.

package ui

import (
	"time"

	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
)

// doubleClick is the longest pause between the clicks of a double click.
const doubleClick = 400 * time.Millisecond

// lastClick remembers a click for recognising the second of a double click.
type lastClick struct {
	at     time.Time
	target canvas.Target
	x, y   int
}

// mouseEvent finds what was hit on the last frame.
func (a *App) mouseEvent(msg tea.MouseMsg) tea.Cmd {
	m := msg.Mouse()
	if a.tooSmall() {
		return nil
	}
	if a.overlay != nil {
		return a.overlayMouse(msg)
	}
	if m.Y == lensRow {
		if _, ok := msg.(tea.MouseClickMsg); ok {
			if t := a.canvas.At(m.X, m.Y); t.Kind == tabTarget {
				return a.lens(Lens(t.Index))
			}
		}
		return nil
	}
	if m.Y == crumbRow {
		return a.crumbClick(msg)
	}
	ev, ok := a.event(msg)
	if !ok {
		return nil
	}
	e := Mouse{X: m.X, Y: m.Y - topRows, Event: ev, Target: a.canvas.At(m.X, m.Y), Shift: m.Mod&tea.ModShift != 0, Ctrl: m.Mod&tea.ModCtrl != 0}
	if e.Y < 0 || m.Y >= a.h-1 {
		if ev == Click || ev == Double {
			return nil
		}
		e.Target.Kind = 0
	}
	if act := a.screen().Mouse(e, a.moment()); act != nil {
		return a.act(act)
	}
	return nil
}

// event classifies a mouse message; the second click on one cell within doubleClick is a double click.
func (a *App) event(msg tea.MouseMsg) (MouseEvent, bool) {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		if m.Button != tea.MouseLeft {
			return 0, false
		}
		now, was := a.o.Now(), a.click
		a.click = lastClick{at: now, target: a.canvas.At(m.X, m.Y), x: m.X, y: m.Y}
		if now.Sub(was.at) <= doubleClick && was.x == m.X && was.y == m.Y {
			a.click = lastClick{}
			return Double, true
		}
		return Click, true
	case tea.MouseReleaseMsg:
		return Release, true
	case tea.MouseMotionMsg:
		return Drag, m.Button == tea.MouseLeft
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			return WheelUp, true
		case tea.MouseWheelDown:
			return WheelDown, true
		}
	}
	return 0, false
}

// crumbClick goes back to the step of the drill that was clicked.
func (a *App) crumbClick(msg tea.MouseMsg) tea.Cmd {
	m := msg.Mouse()
	t := a.canvas.At(m.X, m.Y)
	if _, ok := msg.(tea.MouseClickMsg); !ok || t.Kind != crumbTarget || int(t.Index) >= len(a.trail.steps)-1 {
		return nil
	}
	a.trail.steps = a.trail.steps[: t.Index+1 : t.Index+1]
	a.trail.record()
	return a.ask()
}
