// The cells that tables and panels share: figures, bars, shares, ranks, names, ages.

package ui

import (
	"strconv"
	"strings"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// figureRight draws a figure of package num so that it ends at the right edge of the area.
func figureRight(a canvas.Area, b []byte, s themes.Style) { a.Figure(max(0, a.W-len(b)), 0, b, s) }

// duration draws ns at the right; 0 as a quiet dash, for "no value".
func duration(a canvas.Area, ns int64, s themes.Style, f *Frame) {
	if ns == 0 {
		a.Rune(a.W-1, 0, '-', f.Theme.Faint)
		return
	}
	var buf [16]byte
	figureRight(a, num.Duration(buf[:0], ns), s)
}

// errorShare draws an error share at the right: quiet when there is none, else with the mark that the map has for it.
func errorShare(a canvas.Area, share float64, f *Frame) {
	var buf [16]byte
	b := num.Share(buf[:0], share)
	s := shareStyle(share, f)
	figureRight(a, b, s)
	mark := f.G.Warn
	switch {
	case share < shareNotice:
		return
	case share >= shareFailing:
		mark = f.G.Error
	}
	if len(b)+2 <= a.W {
		a.Rune(a.W-len(b)-2, 0, mark, s)
	}
}

// bar draws a horizontal bar of share v in [0,1] with eighths of a cell.
func bar(a canvas.Area, v float64, s themes.Style, f *Frame) {
	n := int(v*float64(a.W)*8 + 0.5)
	if v > 0 && n == 0 {
		n = 1
	}
	full := min(n/8, a.W)
	a.Repeat(0, 0, full, f.G.Blocks[8], s)
	if full < a.W && n%8 > 0 {
		a.Rune(full, 0, f.G.Blocks[n%8], s)
	}
}

// otherBar is the bar of what something is compared with: another texture, so that the two are told apart
// without colour.
func otherBar(a canvas.Area, v float64, f *Frame) {
	n := int(v*float64(a.W) + 0.5)
	if v > 0 && n == 0 {
		n = 1
	}
	a.Repeat(0, 0, min(n, a.W), f.G.Shades[2], f.Theme.Ghost)
}

// tintCursor lays the cursor over a row. pictures are the bars and trends in it, from left to right: there
// another style makes sure that their colours are still seen.
func tintCursor(row canvas.Area, pictures []canvas.Area, f *Frame) {
	x := 0
	for _, p := range pictures {
		from := p.X - row.X
		row.Sub(x, 0, from-x, 1).Tint(f.Theme.Selected)
		p.Tint(f.Theme.SelectedBar)
		x = from + p.W
	}
	row.Sub(x, 0, row.W-x, 1).Tint(f.Theme.Selected)
}

// ratioCell draws a factor against the baseline: worse and better by arrow and colour, near 1 quiet.
func ratioCell(a canvas.Area, v float64, f *Frame) {
	var buf [16]byte
	b := num.Ratio(buf[:0], v)
	switch {
	case v >= 1.1:
		figureRight(a, b, f.Theme.Up)
		a.Rune(a.W-len(b)-2, 0, f.G.ArrowUp, f.Theme.Up)
	case v > 0 && v <= 1/1.1:
		figureRight(a, b, f.Theme.Down)
		a.Rune(a.W-len(b)-2, 0, f.G.ArrowDown, f.Theme.Down)
	default:
		figureRight(a, b, f.Theme.Faint)
	}
}

// seriesStyle is the style of a service: the same on every screen.
func seriesStyle(t *themes.Theme, service string) themes.Style {
	h := uint32(2166136261) // FNV-1a: colours should not change from run to run
	for i := range len(service) {
		h = (h ^ uint32(service[i])) * 16777619
	}
	return t.Series[h%uint32(len(t.Series))]
}

// kindText is the name of a span kind.
func kindText(k model.Kind) canvas.Literal {
	switch k {
	case model.KindServer:
		return "server"
	case model.KindClient:
		return "client"
	case model.KindProducer:
		return "producer"
	case model.KindConsumer:
		return "consumer"
	case model.KindInternal:
		return "internal"
	}
	return "-"
}

// rank draws a percentile as p50, p99.7: loud when unusual, with a mark as well as a colour.
func rank(a canvas.Area, p float64, f *Frame) {
	if p < 0 {
		a.Rune(a.W-1, 0, '-', f.Theme.Faint)
		return
	}
	var buf [16]byte
	s := rankStyle(f.Theme, p, f.Theme.Dim)
	b := appendRank(buf[:0], p)
	figureRight(a, b, s)
	if p >= 99 && len(b)+1 <= a.W {
		a.Rune(a.W-len(b)-1, 0, f.G.ArrowUp, s)
	}
}

func rankStyle(t *themes.Theme, p float64, usual themes.Style) themes.Style {
	switch {
	case p >= 99:
		return t.Error
	case p >= 95:
		return t.Warn
	}
	return usual
}

// appendRank writes a percentile as p50, p99.7: a digit more where it matters. What is below or above all others
// is p<1 or p99.9, never p0 or p100.
func appendRank(b []byte, p float64) []byte {
	b = append(b, 'p')
	switch {
	case p < 1:
		return append(b, "<1"...)
	case p < 99:
		return strconv.AppendFloat(b, p, 'f', 0, 64)
	}
	return strconv.AppendFloat(b, min(p, 99.9), 'f', 1, 64)
}

// serviceAndOperation draws both in one cell. Where they do not fit, the service gives way first, down to
// half of the room.
func serviceAndOperation(a canvas.Area, service, operation model.Text, s themes.Style, f *Frame) {
	w := max(a.W/2, a.W-1-canvas.Width(operation))
	x := a.Cut(0, 0, w, service, f.G.Ellipsis, s) + 1
	cutOperation(a, x, a.W-x, operation, f.Theme.Text, f)
}

// cutOperation draws an operation in at most w columns and returns those used. Of package.Service/Method and of a
// path the end is kept: beginnings are alike.
func cutOperation(a canvas.Area, x, w int, operation model.Text, s themes.Style, f *Frame) int {
	if name := operation.String(); strings.Contains(name, "/") && !strings.Contains(name, " ") {
		return a.CutStart(x, 0, w, operation, f.G.Ellipsis, s)
	}
	return a.Cut(x, 0, w, operation, f.G.Ellipsis, s)
}

// age appends how long ago something was, ns: now, 12s ago, 3m ago. Coarser than a duration, so that a
// list of ages does not change at every refresh.
func age(b []byte, ns int64) []byte {
	switch s := ns / 1e9; {
	case s < 1:
		return append(b, "now"...)
	case s < 60:
		b = append(strconv.AppendInt(b, s, 10), 's')
	case s < 3600:
		b = append(strconv.AppendInt(b, s/60, 10), 'm')
	default:
		b = num.Duration(b, ns)
	}
	return append(b, " ago"...)
}
