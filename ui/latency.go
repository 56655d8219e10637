// Lens 3, Latency: question, answer and selection of the heatmap of time by duration.

package ui

import (
	"context"
	"slices"

	"oteltop/aggregate"
	"oteltop/model"

	"charm.land/bubbles/v2/key"
)

// Latency is the heatmap of the scope, time by duration. Below it stand what is special about the part that is
// selected, and its traces.
// Cursor and selection are kept as times and durations, so they stay with the data while it moves.
type Latency struct {
	answer  *aggregate.Heatmap
	basis   basis
	subject model.Text // what is counted in it
	picks   *Traces    // the traces of the selection
	special explained  // what sets them apart

	cursor  heatPoint
	anchor  heatPoint       // the other corner of the selection
	ranged  bool            // a selection of more than the cursor's cell is made
	whole   bool            // it was made at once, by V or the mouse, and is taken back at once
	clicked bool            // into a selected rectangle: a second click drills into it
	was     [2]heatPoint    // anchor and cursor before that click
	of      aggregate.Focus // what cursor and selection are about
	drag    bool
	touched bool        // the person placed the cursor; before that it follows the newest column
	part    latencyPart // where keys go
	slowest bool        // the slowest are to be selected as soon as the map is there
	narrows int         // steps of the drill that were taken from the explanation, which esc takes back first

	colour heatColour
	lines  bool
	linear bool // rows are equally high
	before bool // the period before is drawn over the distribution
	spread heatSpread
	above  bool // the explanation is so short that it stands above its list on wide screens too
	inks   heatInks
	lay    heatLayout

	keys, listKeys, explainKeys []key.Binding
}

// latencyPart is a part of the screen that has the keys.
type latencyPart uint8

const (
	onHeat latencyPart = iota
	onExplanation
	onList
)

// heatColour is what the colour of a cell says.
type heatColour uint8

const (
	colourCount heatColour = iota
	colourErrors
	colourRate
	heatColours
)

// latencyAnswer is a heatmap and the traces of the selection in it.
type latencyAnswer struct {
	heat    *aggregate.Heatmap
	picks   *aggregate.TraceList
	subject model.Text
}

// axisWidth is the room for duration labels left of the map.
const axisWidth = 8

func newLatency() *Latency {
	l := &Latency{picks: newTraces(), special: newExplained(" special about them"), lines: true, before: true, keys: latencyKeys()}
	l.picks.sortBy(mostOf(tracesDuration))
	l.listKeys = slices.Concat(l.picks.Keys(), []key.Binding{paneKey(), escapeKey()})
	l.explainKeys = slices.Concat(l.special.keys, []key.Binding{paneKey(), escapeKey()})
	return l
}

// Basis is what the heatmap was computed from.
func (l *Latency) Basis() *basis { return &l.basis }

// Question asks for the heatmap and for the traces of the selection (of everything, without one).
func (l *Latency) Question(at Moment) Question {
	if l.of != at.Scope.Focus { // durations of something else: the selection means nothing among them
		l.of, l.touched, l.ranged, l.narrows = at.Scope.Focus, false, false, 0
	}
	h := aggregate.HeatmapQuery{Query: at.Query(), Columns: max(10, at.W-axisWidth-1-spreadWidth(at.W)), MaxRows: max(4, heatRows(at.H)), Linear: l.linear}
	h.Baseline = l.period(at)
	t := aggregate.TracesQuery{Query: at.Query(), Selection: l.chosen(at.Scope), Limit: 100}
	t.Sort, t.Ascending = l.picks.order()
	return func(ctx context.Context, e aggregate.Engine) (any, error) {
		heat, err := e.Heatmap(ctx, h)
		if err != nil {
			return nil, err
		}
		picks, err := e.Traces(ctx, t)
		return latencyAnswer{coarser(heat, h.MaxRows), picks, subjectOf(h.Focus)}, err
	}
}

// Answer takes both.
func (l *Latency) Answer(result any) {
	r, ok := result.(latencyAnswer)
	if !ok {
		return
	}
	l.answer, l.basis, l.subject = r.heat, basisOf(r.heat.Provenance), r.subject
	l.spread.take(r.heat)
	if l.slowest && r.heat.Total > 0 {
		l.slowest = false
		l.selectSlow()
	}
	if !l.touched {
		l.cursor = l.busiest()
	}
	l.picks.Answer(r.picks)
}

// Aside asks what is special about the selection. While it is being dragged it is not complete.
func (l *Latency) Aside(at Moment) (about any, q Question) {
	if l.drag {
		return nil, nil
	}
	return l.special.question(at, l.chosen(at.Scope))
}

// AsideAnswer takes what is special.
func (l *Latency) AsideAnswer(about, result any) {
	if r, ok := result.(*aggregate.Explanation); ok {
		l.special.take(about.(explainAbout), r)
	}
}

// subjectOf names what a heatmap with a focus counts.
func subjectOf(f aggregate.Focus) model.Text {
	switch {
	case f.Server != "":
		return model.Sanitise("calls " + focusTitle(f))
	case f.Operation != "":
		return model.Sanitise("spans of " + focusTitle(f))
	case f.Service != "":
		return model.Sanitise("entry spans of " + f.Service)
	}
	return model.Sanitise("requests (roots)")
}

// uncounted is how many traces the list below has more than the n requests that the map counts: a request
// counts when its trace has settled, while the list shows what has come of it so far.
func (l *Latency) uncounted(n uint64) uint64 {
	if l.picks.answer == nil || l.picks.answer.Matched <= n {
		return 0
	}
	return min(l.picks.arriving, l.picks.answer.Matched-n)
}

// drill goes to the traces of the selection. Where the person selected none they stand as they do below the map: in a
// stretch of time that a finding is about not all requests show it, but the slowest do.
func (l *Latency) drill(at Moment, errors bool) Action {
	if n, _, _ := l.counts(); n == 0 && l.touched && (l.picks.answer == nil || l.picks.answer.Matched == 0) {
		return Say{Text: "no request in this cell: n and N go to the next that has some", Problem: true}
	}
	sc := at.Scope
	var sel aggregate.Selection
	if chosen := l.chosen(sc); chosen != nil { // a drill that came with a time keeps it
		sel = *chosen
	}
	sel.ErrorsOnly = sel.ErrorsOnly || errors
	sc.Selection = nil
	if sel != (aggregate.Selection{}) {
		sc.Selection = &sel
	}
	if !l.touched {
		return DrillSlowest{sc}
	}
	return Drill{LensTraces, sc}
}
