// Lens 3, Latency: what is selected in the heatmap.

package ui

import (
	"sort"

	"oteltop/aggregate"
	"oteltop/model"
)

// heatPoint is a place in a heatmap: from when and which duration on, and before when and below which, its column and
// its row took (Unix ns, ns). On another map, finer, coarser or linear, it is the cells that hold those.
type heatPoint struct{ time, dur, until, below int64 }

// busiest is where the cursor starts: the slowest row of the newest column that has anything.
func (l *Latency) busiest() heatPoint {
	h := l.answer
	for c := h.Columns - 1; c >= 0; c-- {
		for r := len(h.RowLow) - 1; r >= 0; r-- {
			if h.Counts[c*len(h.RowLow)+r] > 0 {
				return l.point(c, r)
			}
		}
	}
	return heatPoint{}
}

// cellAt finds the column and row of a time and a duration, within the map.
func (l *Latency) cellAt(time, dur int64) (col, row int) {
	h := l.answer
	if h.Step > 0 {
		col = int((time - h.Start) / h.Step)
	}
	row = sort.Search(len(h.RowLow), func(i int) bool { return h.RowLow[i] > dur }) - 1
	return max(0, min(col, h.Columns-1)), max(0, min(row, len(h.RowLow)-1))
}

// cell finds the column and row that a place begins in.
func (l *Latency) cell(p heatPoint) (col, row int) { return l.cellAt(p.time, p.dur) }

// point is the inverse of cell.
func (l *Latency) point(col, row int) heatPoint {
	h := l.answer
	p := heatPoint{h.Start + int64(col)*h.Step, h.RowLow[row], h.Start + int64(col+1)*h.Step, h.RowHigh}
	if row+1 < len(h.RowLow) {
		p.below = h.RowLow[row+1]
	}
	return p
}

// ends are where what is selected begins and ends: the cursor, or the rectangle between anchor and cursor.
func (l *Latency) ends() heatPoint {
	p, a := l.cursor, l.anchor
	if l.ranged {
		p = heatPoint{min(p.time, a.time), min(p.dur, a.dur), max(p.until, a.until), max(p.below, a.below)}
	}
	return p
}

// corners are the selected cells; false where none of the map is: what was selected is older than all that is shown, or
// nothing of the scope is as slow any more.
func (l *Latency) corners() (c0, r0, c1, r1 int, ok bool) {
	h, p := l.answer, l.ends()
	c0, r0 = l.cell(p)
	c1, r1 = l.cellAt(p.until-1, p.below-1)
	ok = p.time < h.Start+int64(h.Columns)*h.Step && p.until > h.Start && p.dur < h.RowHigh && p.below > h.RowLow[0]
	return c0, r0, max(c0, c1), max(r0, r1), ok
}

// outlined are the cells of what is selected in the map, else of what the scope selects; false for none.
func (l *Latency) outlined(s Scope) (c0, r0, c1, r1 int, ok bool) {
	if l.touched {
		return l.corners()
	}
	sel, h := s.Selection, l.answer
	if sel == nil || sel.Window == (aggregate.Window{}) && sel.MinDur == 0 && sel.MaxDur == 0 {
		return 0, 0, 0, 0, false
	}
	end := h.Start + int64(h.Columns)*h.Step
	from, to, longest := max(h.Start, sel.Window.From), end-1, h.RowHigh
	if sel.Window.To != 0 {
		to = min(to, sel.Window.To-1)
	}
	if sel.MaxDur != 0 {
		longest = sel.MaxDur - 1
	}
	c0, r0 = l.cellAt(from, sel.MinDur)
	c1, r1 = l.cellAt(to, longest)
	return c0, r0, c1, r1, from < end && to >= h.Start
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
	p := l.ends()
	if c0, r0, c1, r1, ok := l.corners(); ok { // whole cells of this map
		from, to := l.point(c0, r0), l.point(c1, r1)
		p = heatPoint{from.time, from.dur, to.until, to.below}
	}
	return aggregate.Selection{Window: aggregate.Window{From: p.time, To: p.until}, MinDur: p.dur, MaxDur: p.below}, true
}

// counts sums the selected cells.
func (l *Latency) counts() (n, errors uint64, exemplar model.TraceID) {
	h := l.answer
	c0, r0, c1, r1, ok := l.corners()
	if !ok {
		return 0, 0, exemplar
	}
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
	l.ranged, l.whole, l.touched = true, true, true
	return Ask{}
}
