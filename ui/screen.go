// What a screen is to App: the interface, what it is told, and what it may ask App to do.

package ui

import (
	"context"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Screen is one lens, or the waterfall: a plain struct that App calls. App is the only tea.Model.
// All methods run in the update loop; none may block, read a clock or do I/O.
type Screen interface {
	// Question says what to ask the engine for this scope; nil when nothing is to be asked. The function
	// runs outside the update loop: it captures values and touches nothing of the screen.
	Question(at Moment) Question
	// Answer takes the result of the last question. An answer to an outdated question never arrives.
	Answer(result any)
	// Basis is what the answer was computed from: the frame says it, so that every lens does.
	Basis() *basis
	// Draw draws exactly the area. The frame (status, breadcrumbs, lenses, keys) is App's.
	Draw(a canvas.Area, f *Frame)
	// Key handles a key that App itself does not take. The result is what App shall do; nil: nothing.
	Key(k tea.KeyPressMsg, at Moment) Action
	// Mouse handles a click, drag or wheel inside the area.
	Mouse(m Mouse, at Moment) Action
	// Keys are the screen's bindings, most important first: footer and help are made from them.
	Keys() []key.Binding
}

// Question asks the engine; the result goes to Screen.Answer.
type Question func(ctx context.Context, e aggregate.Engine) (any, error)

// Moment is what a screen needs to know of the program when it acts.
type Moment struct {
	Scope  Scope
	Status *aggregate.Status // never nil
	W, H   int               // size of the screen's area
	Trace  model.TraceID     // the trace that the waterfall shows
	Span   model.SpanID      // the span to select in it, 0 for none
	Sheet  sheetID           // the sheet that is shown
	Frozen int64             // where moving windows end while the program is frozen, Unix ns; 0: they move
}

// with is the moment with another scope shown.
func (m Moment) with(s Scope) Moment {
	if m.Frozen != 0 && s.Window.To == 0 {
		s.Window.To = m.Frozen
		if s.Window.From == 0 && s.Last > 0 {
			s.Window.From = m.Frozen - int64(s.Last)
		}
	}
	m.Scope = s
	return m
}

// Newest is the event time that "now" means for moving windows: wall clock when live, else the end of
// the data. Unix ns.
func (m Moment) Newest() int64 {
	if m.Status.Live {
		return m.Status.Now.UnixNano()
	}
	return m.Status.Newest
}

// Query is the scope as a question at this moment.
func (m Moment) Query() aggregate.Query { return m.Scope.Query(m.Newest()) }

// Frame is what a screen needs for drawing.
type Frame struct {
	Moment
	Theme   *themes.Theme
	G       *themes.Glyphs // Theme.Glyphs
	Paused  bool
	Waiting time.Duration // how long the current question has been out; 0: none is. Show progress over 200 ms
	Problem string        // why the last question failed; empty: it did not
	// Aside and AsideProblem are likewise of the question that a screen asks besides its own.
	Aside        time.Duration
	AsideProblem string
}

// Mouse is a mouse event inside a screen's area.
type Mouse struct {
	X, Y   int // relative to the area
	Target canvas.Target
	Event  MouseEvent
	Shift  bool
	Ctrl   bool
}

// MouseEvent is what happened.
type MouseEvent uint8

// The events. A drag starts with a Click; Double follows a Click on the same target.
const (
	Click MouseEvent = iota
	Double
	Drag
	Release
	WheelUp
	WheelDown
)

// Action is what a screen asks App to do. The concrete types are below.
type Action interface{ action() }

// Drill narrows or changes the scope and shows it through a lens; Esc comes back.
type Drill struct {
	Lens  Lens
	Scope Scope
}

// DrillSlowest shows the traces of a scope, the slowest first.
type DrillSlowest struct{ Scope Scope }

// OpenTrace shows a trace in the waterfall; Span selects a span in it.
type OpenTrace struct {
	ID   model.TraceID
	Span model.SpanID
}

// TurnToTrace shows a trace in place of the one that is shown: no step deeper.
type TurnToTrace struct{ ID model.TraceID }

// OpenSubject shows a trace in the waterfall, with the cursor on the span that Focus means there.
type OpenSubject struct {
	ID    model.TraceID
	Focus aggregate.Focus
}

// OpenSheet answers a question in a table of its own.
type OpenSheet struct {
	Name, About string
	Scope       Scope
}

// Resheet changes what the sheet is about in place.
type Resheet struct{ About string }

// Rescope changes the scope in place, without a step in the history (a time window moved or zoomed).
type Rescope struct{ Scope Scope }

// Ask puts the screen's question again at once, because what it depends on changed (sort order).
type Ask struct{}

// Copy puts text on the clipboard; What says in a word what it is ("trace id").
type Copy struct{ What, Text string }

// Write saves content to a file named after Name in the working directory and says where it is.
type Write struct {
	Name    string // without a path, e.g. "trace-4bf9.json"
	Content func(ctx context.Context, e aggregate.Engine) ([]byte, error)
}

// Say shows a message in the footer for some seconds.
type Say struct {
	Text    string
	Problem bool
}

// Pin keeps or lets go a trace.
type Pin struct {
	ID     model.TraceID
	Pinned bool
}

// Narrow adds a condition to the filter (with &&), as a step of the drill.
type Narrow struct{ Expr string }

// Back does what Esc does.
type Back struct{}

// Handled says that the screen took the key or click and nothing else is to be done. App offers a key to
// the screen first when one of Screen.Keys matches it; nil then passes it on to App's own keys.
type Handled struct{}

func (Drill) action()        {}
func (DrillSlowest) action() {}
func (OpenTrace) action()    {}
func (TurnToTrace) action()  {}
func (OpenSubject) action()  {}
func (OpenSheet) action()    {}
func (Resheet) action()      {}
func (Rescope) action()      {}
func (Ask) action()          {}
func (Copy) action()         {}
func (Write) action()        {}
func (Say) action()          {}
func (Pin) action()          {}
func (Narrow) action()       {}
func (Back) action()         {}
func (Handled) action()      {}
