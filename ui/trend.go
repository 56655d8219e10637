// Charts of rate, errors and p95 over the window, for the map and for a finding.

package ui

import (
	"oteltop/aggregate"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// chartRows is the most rows of a chart of a trend: more show nothing more.
const chartRows = 3

// chart is one of the charts of a trend.
type chart uint8

const (
	chartRate chart = iota
	chartErrors
	chartP95
	charts
)

func (c chart) title() canvas.Literal { return [...]canvas.Literal{"rate", "errors", "p95"}[c] }

// draw draws the chart and returns, appended to b, the figure at the top of its scale: the highest of the window.
func (c chart) draw(b []byte, a canvas.Area, t *aggregate.Trend, f *Frame) []byte {
	switch c {
	case chartErrors:
		sparkErrors(a, t, f)
		return num.Rate(b, perSecond(t, t.Errors))
	case chartP95:
		sparkP95(a, t, f)
		return num.Duration(b, peakOf(t.P95))
	}
	sparkCalls(a, t, f)
	return num.Rate(b, perSecond(t, t.Calls))
}

// drawTrend charts rate, errors and p95 over the window, with the top of each scale and a time axis. The
// errors are left out where there are only two rows: failures are seen in the colour of the rate as well.
func drawTrend(a canvas.Area, t *aggregate.Trend, f *Frame) {
	const labels, scale, least = 7, len("max 18.2k/s "), 5
	if len(t.Calls) == 0 || a.H < 1 || a.W < labels+scale+least {
		return
	}
	axis := 0
	if a.H > int(charts) {
		axis = 1
	}
	rows := max(1, min(chartRows, (a.H-axis)/int(charts)))
	blank := rows / chartRows // a free row above high charts
	w, y := a.W-labels-scale, 0
	for c := range charts {
		if c == chartErrors && a.H < int(charts) || y+rows > a.H {
			continue
		}
		a.Lit(0, y+rows-1, c.title(), f.Theme.Dim)
		var b [24]byte
		top := c.draw(append(b[:0], "max "...), a.Sub(labels, y+blank, w, rows-blank), t, f)
		a.Figure(a.W-len(top), y+blank, top, f.Theme.Faint)
		y += rows
	}
	if axis > 0 && y < a.H {
		drawTimeAxis(a.Sub(labels, y, w, 1), t, f)
	}
}

// drawTimeAxis writes how far back a chart goes.
func drawTimeAxis(a canvas.Area, t *aggregate.Trend, f *Frame) {
	var b [24]byte
	a.Repeat(0, 0, a.W, f.G.Horizontal, f.Theme.Faint)
	a.Figure(0, 0, append(num.Duration(append(b[:0], '-'), int64(len(t.Calls))*t.Step), ' '), f.Theme.Faint)
	end := canvas.Literal(" now")
	if !f.Status.Live {
		end = " end"
	}
	a.Lit(a.W-len(end), 0, end, f.Theme.Faint)
}

// perSecond is the highest step of a series of counts, per second.
func perSecond(t *aggregate.Trend, v []uint64) float64 {
	if t.Step <= 0 {
		return 0
	}
	return float64(peakOf(v)) / (float64(t.Step) / 1e9)
}

func peakOf[T uint64 | int64](v []T) T {
	var peak T
	for _, x := range v {
		peak = max(peak, x)
	}
	return peak
}
