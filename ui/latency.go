// Lens 3, Latency: question, answer and selection of the heatmap of time by duration.

package ui

import (
	"context"
	"slices"
	"sort"

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

// heatPoint is a place in a heatmap: the start of its column (Unix ns) and of its row (ns).
type heatPoint struct{ time, dur int64 }

// heatColour is what the colour of a cell says.
type heatColour uint8

const (
	colourCount heatColour = iota
	colourErrors
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
	l := &Latency{picks: newTraces(), special: newExplained(), lines: true, keys: latencyKeys()}
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
	h := aggregate.HeatmapQuery{Query: at.Query(), Columns: max(10, at.W-axisWidth-1), MaxRows: max(4, heatRows(at.H))}
	t := aggregate.TracesQuery{Query: at.Query(), Selection: l.chosen(at.Scope), Limit: 100}
	by := l.picks.table.sort
	t.Sort, t.Ascending = traceSort(by.column), by.ascending
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

// busiest is where the cursor starts: the slowest row of the newest column that has anything.
func (l *Latency) busiest() heatPoint {
	h := l.answer
	for c := h.Columns - 1; c >= 0; c-- {
		for r := len(h.RowLow) - 1; r >= 0; r-- {
			if h.Counts[c*len(h.RowLow)+r] > 0 {
				return heatPoint{h.Start + int64(c)*h.Step, h.RowLow[r]}
			}
		}
	}
	return heatPoint{}
}

// cell finds the column and row that a point lies in, within the map.
func (l *Latency) cell(p heatPoint) (col, row int) {
	h := l.answer
	if h.Step > 0 {
		col = int((p.time - h.Start) / h.Step)
	}
	row = sort.Search(len(h.RowLow), func(i int) bool { return h.RowLow[i] > p.dur }) - 1
	return max(0, min(col, h.Columns-1)), max(0, min(row, len(h.RowLow)-1))
}

// point is the inverse of cell.
func (l *Latency) point(col, row int) heatPoint {
	h := l.answer
	return heatPoint{h.Start + int64(col)*h.Step, h.RowLow[row]}
}

// corners are the selected cells: the cursor's, or the rectangle between anchor and cursor.
func (l *Latency) corners() (c0, r0, c1, r1 int) {
	c1, r1 = l.cell(l.cursor)
	c0, r0 = c1, r1
	if l.ranged {
		c0, r0 = l.cell(l.anchor)
	}
	return min(c0, c1), min(r0, r1), max(c0, c1), max(r0, r1)
}

// outlined are the cells of what is selected in the map, else of what the scope selects; false for none.
func (l *Latency) outlined(s Scope) (c0, r0, c1, r1 int, ok bool) {
	if l.touched {
		c0, r0, c1, r1 = l.corners()
		return c0, r0, c1, r1, true
	}
	sel, h := s.Selection, l.answer
	if sel == nil || sel.Window == (aggregate.Window{}) && sel.MinDur == 0 && sel.MaxDur == 0 {
		return 0, 0, 0, 0, false
	}
	end := h.Start + int64(h.Columns)*h.Step
	from, to := heatPoint{max(h.Start, sel.Window.From), sel.MinDur}, heatPoint{end - 1, h.RowHigh}
	if sel.Window.To != 0 {
		to.time = min(to.time, sel.Window.To-1)
	}
	if sel.MaxDur != 0 {
		to.dur = sel.MaxDur - 1
	}
	c0, r0 = l.cell(from)
	c1, r1 = l.cell(to)
	return c0, r0, c1, r1, from.time < end && to.time >= h.Start
}

// selection is what is selected as a condition; nil before the person selected anything.
func (l *Latency) selection() *aggregate.Selection {
	if s, ok := l.selected(); ok {
		return &s
	}
	return nil
}

// chosen is the selection in the map, else that of the scope.
func (l *Latency) chosen(s Scope) *aggregate.Selection {
	if sel := l.selection(); sel != nil {
		return sel
	}
	return s.Selection
}

// explains reports whether there is a selection to be explained.
func (l *Latency) explains(s Scope) bool {
	_, ok := l.selected()
	return ok || s.Selection != nil
}

// selected is selection by value, for drawing; false before the person selected anything.
func (l *Latency) selected() (s aggregate.Selection, ok bool) {
	h := l.answer
	if h == nil || !l.touched || len(h.RowLow) == 0 || h.Columns == 0 {
		return s, false
	}
	c0, r0, c1, r1 := l.corners()
	s.Window = aggregate.Window{From: h.Start + int64(c0)*h.Step, To: h.Start + int64(c1+1)*h.Step}
	s.MinDur, s.MaxDur = h.RowLow[r0], h.RowHigh
	if r1+1 < len(h.RowLow) {
		s.MaxDur = h.RowLow[r1+1]
	}
	return s, true
}

// counts sums the selected cells.
func (l *Latency) counts() (n, errors uint64, exemplar model.TraceID) {
	h := l.answer
	c0, r0, c1, r1 := l.corners()
	for c := c0; c <= c1; c++ {
		for r := r0; r <= r1; r++ {
			i := c*len(h.RowLow) + r
			n += h.Counts[i]
			errors += h.Errors[i]
			if !h.Exemplars[i].IsZero() {
				exemplar = h.Exemplars[i]
			}
		}
	}
	return n, errors, exemplar
}

// uncounted is how many traces the list below has more than the n requests that the map counts: a request
// counts when its trace has settled, while the list shows what has come of it so far.
func (l *Latency) uncounted(n uint64) uint64 {
	if l.picks.answer == nil || l.picks.answer.Matched <= n {
		return 0
	}
	return min(l.picks.arriving, l.picks.answer.Matched-n)
}

// slowShare is what selectSlow takes: the usual question is what the slowest have in common. Where that is fewer than
// slowLeast calls, of which nothing could be said with any confidence, it takes more, though not most of them.
const (
	slowShare = 0.05
	slowLeast = 5
)

// selectSlow selects the slowest rows over all time that together hold at most slowShare of the calls or slowLeast;
// the topmost that has any when that alone is more.
func (l *Latency) selectSlow() Action {
	h := l.answer
	perRow := make([]uint64, len(h.RowLow))
	for i, n := range h.Counts {
		perRow[i%len(perRow)] += n
	}
	row, sum := len(perRow), uint64(0)
	for row > 0 {
		n := perRow[row-1]
		isMore := float64(sum+n) > slowShare*float64(h.Total)
		if sum > 0 && isMore && (sum >= slowLeast || 2*(sum+n) > h.Total) {
			break
		}
		sum += n
		row--
	}
	l.anchor, l.cursor = l.point(0, row), l.point(h.Columns-1, len(h.RowLow)-1)
	l.ranged, l.touched = true, true
	return Ask{}
}

// drill goes to the traces of the selection. Where the person selected none they stand as they do below the map: in a
// stretch of time that a finding is about not all requests show it, but the slowest do.
func (l *Latency) drill(at Moment, errors bool) Action {
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
