// What all screens show: the scope, the lenses, and the place in the drill.

package ui

import (
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
)

// Scope is what all lenses show, each in its own way: one window of time, one filter, one focus.
// A value; screens return a changed copy in a Drill and never keep one.
type Scope struct {
	// Last is the length of a window that moves with the data; 0 takes everything retained.
	// Window, when not zero, is a fixed window and wins.
	Last      time.Duration
	Window    aggregate.Window
	Filter    *filter.Expr
	Focus     aggregate.Focus
	Selection *aggregate.Selection // a part of a heatmap; narrows Traces
	Baseline  aggregate.Window
}

// Query is the scope as a question, with newest as the end of a moving window (Unix ns of event time).
func (s Scope) Query(newest int64) aggregate.Query {
	q := aggregate.Query{Window: s.Window, Filter: s.Filter, Focus: s.Focus, Baseline: s.Baseline}
	if q.Window == (aggregate.Window{}) && s.Last > 0 && newest > 0 {
		q.Window.From = newest - int64(s.Last)
	}
	return q
}

// reaching is the scope with a moving window long enough for a moment to be in it.
func (s Scope) reaching(at, newest int64) Scope {
	for _, last := range windows {
		if s.Last != 0 && (last > s.Last || last == 0) && newest-int64(s.Last) > at {
			s.Last = last
		}
	}
	return s
}

// everything reports whether all that is retained is in the scope's time, so that no window is longer.
func (s Scope) everything() bool {
	return s.Last == 0 && s.Window == (aggregate.Window{}) && s.Baseline == (aggregate.Window{})
}

// filtered is the scope with another condition on its traces; an error where that is no filter.
func (s Scope) filtered(condition string) (Scope, error) {
	if s.Filter != nil {
		condition = "(" + s.Filter.String() + ") && " + condition
	}
	f, err := filter.Parse(condition)
	if err != nil {
		return s, err
	}
	s.Filter = f
	return s, nil
}

// scopeID is a scope as a comparable value.
type scopeID struct {
	last     time.Duration
	window   aggregate.Window
	baseline aggregate.Window
	filter   string
	focus    aggregate.Focus
	timed    bool // the time of the data is known
}

func scopeOf(at Moment) scopeID {
	s := at.Scope
	id := scopeID{last: s.Last, window: s.Window, baseline: s.Baseline, focus: s.Focus, timed: at.Newest() != 0}
	if s.Filter != nil {
		id.filter = s.Filter.Canonical()
	}
	return id
}

// Lens is a way of looking at the scope.
type Lens uint8

// The lenses, in the order of their keys 1–8, the waterfall, which Enter on a trace opens, and the sheet.
const (
	LensMap Lens = iota
	LensOperations
	LensLatency
	LensFindings
	LensTraces
	LensShapes
	LensCompare
	LensCoverage
	LensWaterfall
	LensSheet // the answer to a question of the palette
	lenses
)

// place is a step of the drill: where the person is. Esc goes back to the one before.
type place struct {
	lens  Lens
	scope Scope
	trace model.TraceID // with LensWaterfall
	span  model.SpanID  // the span to select there, 0 for none
	sheet sheetID       // with LensSheet
	said  []model.Text  // its breadcrumb, made by the trail that it is a step of
}

// operationFocus narrows a scope to an operation.
func operationFocus(s Scope, service, operation string, kind model.Kind) Scope {
	s.Focus, s.Selection = aggregate.Focus{Service: service, Operation: operation, Kind: kind}, nil
	return s
}
