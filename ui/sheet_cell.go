// The sheet: the kinds of cells, and how each is drawn.

package ui

import (
	"math"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// cellKind says how a cell is drawn.
type cellKind uint8

// The kinds: text, text in the background, a service and an operation, and figures.
const (
	cellText cellKind = iota
	cellDim
	cellName
	cellDuration
	cellCount
	cellNumber
	cellShare
	cellErrors // the share of calls that failed
	cellRatio
	cellDelta  // ns, signed: more is worse
	cellOffset // ns, signed: neither is
	cellLane
	cellPair // who calls and who is called: both are told where there is room for parts of them only
)

// laneMark is a trace on a lane of time: where, 0–1, and whether it failed.
type laneMark struct {
	at     float64
	failed bool
}

// sheetCell is a cell. Figures with a bar have it in the part of the column that is a chart.
type sheetCell struct {
	kind       cellKind
	text, more model.Text
	brief      model.Text // more with short names, where room is short
	n          float64
	from, bar  float64 // where the bar begins and its length, 0–1; a negative one leads back
	of         string  // the service whose colour the bar has; empty: the accent
	loud       bool
	lane       []laneMark
}

func textCell(s string) sheetCell { return sheetCell{kind: cellText, text: model.Sanitise(s)} }
func dimCell(s string) sheetCell  { return sheetCell{kind: cellDim, text: model.Sanitise(s)} }
func nameCell(service, operation string) sheetCell {
	return sheetCell{kind: cellName, text: model.Sanitise(service), more: model.Sanitise(operation), brief: model.Sanitise(shortMethods(operation))}
}

func pairCell(client, server string) sheetCell {
	return sheetCell{kind: cellPair, text: model.Sanitise(client), more: model.Sanitise("→ " + server)}
}

// qCell is how much of what stands down to this row may be chance.
func qCell(q float64) sheetCell {
	c := dimCell(string(appendQ(nil, q)))
	c.n = q
	return c
}

func figureCell(k cellKind, n float64) sheetCell { return sheetCell{kind: k, n: n} }

// sheetIndent is how many columns a level of a tree takes, sheetIndentMost how many are taken at most.
const (
	sheetIndent     = 2
	sheetIndentMost = 24
)

func (s *Sheet) cell(row, col int, c canvas.Area, f *Frame) {
	r := s.rows[s.table.keys[row]]
	if col >= len(r.cells) {
		return
	}
	x := &r.cells[col]
	if col == 0 && !s.table.sort.on {
		in := min(r.depth*sheetIndent, sheetIndentMost, c.W/2)
		c = c.Sub(in, 0, c.W-in, 1)
	}
	if in := canvas.Width(x.text); s.table.cols[col].right && in < c.W && (x.kind == cellText || x.kind == cellDim) {
		c = c.Sub(c.W-in, 0, in, 1)
	}
	s.draw(x, s.table.cols[col].picture(c.W), c, f)
}

func (s *Sheet) draw(x *sheetCell, chart int, c canvas.Area, f *Frame) {
	t := f.Theme
	style := t.Text
	if x.loud {
		style = t.Strong
	}
	var buf [24]byte
	if chart > 0 {
		ink := t.Accent
		if x.of != "" {
			ink = seriesStyle(t, x.of)
		}
		drawSpan(c.Sub(0, 0, chart, 1), x.from, x.bar, ink, f)
	}
	switch x.kind {
	case cellText:
		c.Cut(0, 0, c.W, x.text, f.G.Ellipsis, style)
	case cellDim:
		c.Cut(0, 0, c.W, x.text, f.G.Ellipsis, t.Dim)
	case cellName:
		operation := x.more
		if canvas.Width(x.text)+1+canvas.Width(operation) > c.W {
			operation = x.brief
		}
		serviceAndOperation(c, x.text, operation, seriesStyle(t, x.text.String()), f)
	case cellPair:
		serviceAndOperation(c, x.text, x.more, style, f)
	case cellDuration:
		duration(c, int64(x.n), style, f)
	case cellCount:
		figureRight(c, num.Count(buf[:0], uint64(x.n)), style)
	case cellNumber:
		figureRight(c, appendNumber(buf[:0], x.n), style)
	case cellShare:
		b := buf[:0]
		if x.n < 0 { // of a difference
			b = append(b, '-')
		}
		figureRight(c, num.Share(b, math.Abs(x.n)), style)
	case cellErrors:
		errorShare(c, x.n, f)
	case cellRatio:
		figureRight(c, num.Ratio(buf[:0], x.n), style)
	case cellLane:
		drawLane(c, x.lane, f)
	case cellDelta, cellOffset:
		b := buf[:0]
		if x.n > 0 {
			b = append(b, '+')
		}
		switch {
		case x.kind == cellOffset:
		case x.n > 0:
			style = t.Up
		case x.n < 0:
			style = t.Down
		}
		figureRight(c, num.Duration(b, int64(x.n)), style)
	}
}

// drawLane draws traces on a line of time; failed ones last, so that they are seen.
func drawLane(a canvas.Area, marks []laneMark, f *Frame) {
	a.Repeat(0, 0, a.W, f.G.Track, f.Theme.Border)
	for _, failed := range [2]bool{false, true} {
		r, s := f.G.Service, f.Theme.Service
		if failed {
			r, s = f.G.Error, f.Theme.Error
		}
		for i := range marks {
			if m := &marks[i]; m.failed == failed {
				a.Rune(min(a.W-1, int(m.at*float64(a.W))), 0, r, s)
			}
		}
	}
}

// drawSpan draws a bar that begins somewhere; one that leads back in the colour of what became better.
func drawSpan(a canvas.Area, from, length float64, s themes.Style, f *Frame) {
	if length < 0 {
		from, length, s = from+length, -length, f.Theme.Down
	}
	if length == 0 {
		return
	}
	x := max(0, min(a.W-1, int(from*float64(a.W))))
	bar(a.Sub(x, 0, a.W-x, 1), min(1, length*float64(a.W)/float64(a.W-x)), s, f)
}
