// Lens 5, Traces: the column that a person makes of an expression.

package ui

import (
	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// setOwn shows a column of the person's own, the highest values first; nil takes it away.
func (s *Traces) setOwn(x *features.Expr) {
	s.own = x
	if x != nil {
		s.sortBy(mostOf(tracesOwn))
	}
}

// showOwn shows the column that the person asked for, else the one that the scope is narrowed by.
func (s *Traces) showOwn(in *aggregate.Selection) {
	s.shown = s.own
	if s.shown == nil && in != nil && in.Column.Expr != "" {
		s.shown, _ = features.Parse(in.Column.Expr) // the engine says what is wrong with it
	}
	col := &s.table.cols[tracesOwn]
	if col.hidden = s.shown == nil; !col.hidden {
		col.named = model.Sanitise(s.shown.String())
	} else if s.table.sort.isBy(tracesOwn) {
		s.sortBy(mostOf(tracesStart))
	}
}

// ownCell draws the value in the person's own column; a trace without one has a dash.
func (s *Traces) ownCell(r traceRow, c canvas.Area, f *Frame) {
	switch {
	case r.Column.Sort == features.Missing:
		c.Rune(c.W-1, 0, '-', f.Theme.Faint)
	case r.Column.Sort == features.Text:
		c.Cut(max(0, c.W-canvas.Width(r.own)), 0, c.W, r.own, f.G.Ellipsis, f.Theme.Text)
	case s.shown != nil:
		var buf [24]byte
		figureRight(c, appendCell(buf[:0], &r.Column, s.shown.Unit()), f.Theme.Text)
	}
}

// cellTextOf is the value of a column as text, for the list of traces; empty where it is a figure.
func cellTextOf(c *features.Cell) string {
	if c.Sort != features.Text {
		return ""
	}
	return c.Text
}

// appendCell writes the number of a column.
func appendCell(b []byte, c *features.Cell, unit string) []byte {
	if unit == "ns" {
		return num.Duration(b, int64(c.Number))
	}
	return appendNumber(b, c.Number)
}

// columnTitle says which values of a column are selected.
func columnTitle(c aggregate.ColumnRange) string {
	figure := func(v float64) string {
		if x, err := features.Parse(c.Expr); err == nil && x.Unit() == "ns" {
			return durationText(int64(v))
		}
		return string(appendNumber(nil, v))
	}
	switch {
	case c.Sort == features.Missing:
		return c.Expr + " none"
	case c.Sort == features.Text:
		return c.Expr + " = " + c.Text
	case c.Low == c.High:
		return c.Expr + " = " + figure(c.Low)
	}
	return c.Expr + " " + figure(c.Low) + "–" + figure(c.High)
}
