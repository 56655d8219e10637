// Trends in few cells: bars, dots, and how a series is fitted to them.

package ui

import (
	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// sparkMax is the most columns of values a sparkline holds: two per cell of the widest screen drawn on.
const sparkMax = 1024

// sparkHot is the error share of a step from which its bar is drawn as failing.
const sparkHot = 0.01

// noStep marks a column that no step falls into.
const noStep = -1

// fold says how steps that share a column become one value.
type fold uint8

const (
	foldMean fold = iota // counts and rates: independent of how many steps a column holds
	foldMax              // durations: a spike must not be averaged away
)

// resample spreads the steps of a series over len(out) columns, newest at the right. Where several steps
// share a column the groups are aligned to absolute time (first is Trend.Start/Trend.Step), so that bars
// keep their height while the window moves; columns without a step are noStep. It returns the largest value.
func resample[T uint64 | int64](out []float64, v []T, first int64, how fold) float64 {
	w, n := len(out), len(v)
	for i := range out {
		out[i] = noStep
	}
	if w == 0 || n == 0 {
		return 0
	}
	peak := 0.0
	if n <= w {
		for c := range out {
			out[c] = float64(v[c*n/w])
			peak = max(peak, out[c])
		}
		return peak
	}
	column := func(i int) int64 { return (first + int64(i)) * int64(w) / int64(n) }
	last := column(n - 1)
	for i := n - 1; i >= 0; {
		group := column(i)
		sum, most, count := 0.0, 0.0, 0.0
		for ; i >= 0 && column(i) == group; i-- {
			sum += float64(v[i])
			most = max(most, float64(v[i]))
			count++
		}
		c := w - 1 - int(last-group)
		if c < 0 {
			break
		}
		if out[c] = sum / count; how == foldMax {
			out[c] = most
		}
		peak = max(peak, out[c])
	}
	return peak
}

// bars draws values as bars that stand on the last row of the area and reach its top at peak. hot, when
// not nil, says which columns are drawn in the style for errors.
func bars(a canvas.Area, v []float64, peak float64, hot []bool, s themes.Style, f *Frame) {
	for x := range min(a.W, len(v)) {
		if v[x] < 0 {
			continue
		}
		style := s
		if hot != nil && hot[x] {
			style = f.Theme.Error
		}
		if v[x] == 0 {
			a.Rune(x, a.H-1, f.G.Bars[1], f.Theme.Faint)
			continue
		}
		eighths := max(1, int(v[x]/peak*float64(8*a.H)+0.5))
		for y := a.H - 1; y >= 0 && eighths > 0; y-- {
			a.Rune(x, y, f.G.Bars[min(8, eighths)], style)
			eighths -= 8
		}
	}
}

// brailleDots are the bits of the braille cell, by column and by row from the bottom.
var brailleDots = [2][4]rune{{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}

// dots draws values as an area of braille dots, two columns of values per cell; values of zero leave a gap,
// for "no calls".
func dots(a canvas.Area, v []float64, peak float64, s themes.Style) {
	if peak <= 0 || a.H == 0 {
		return
	}
	for x := range a.W {
		for y := range a.H {
			cell := rune(0)
			for c := range 2 {
				i := 2*x + c
				if i >= len(v) || v[i] <= 0 {
					continue
				}
				high := max(1, int(v[i]/peak*float64(4*a.H)+0.5))
				for d := range min(4, high-4*(a.H-1-y)) {
					cell |= brailleDots[c][d]
				}
			}
			if cell != 0 {
				a.Rune(x, y, 0x2800+cell, s)
			}
		}
	}
}

// trendStep is the absolute number of a trend's first step.
func trendStep(t *aggregate.Trend) int64 {
	if t.Step <= 0 {
		return 0
	}
	return t.Start / t.Step
}

// sparkCalls draws the calls of a trend as bars; columns in which at least sparkHot of the calls failed
// are drawn as failing.
func sparkCalls(a canvas.Area, t *aggregate.Trend, f *Frame) { callBars(a, t, 1, f.Theme.Service, f) }

// sparkRow is sparkCalls for a row of a table: quiet, so that of all rows only failures stand out, and with
// the top eighth left free, so that the bars of two rows do not run into each other.
func sparkRow(a canvas.Area, t *aggregate.Trend, f *Frame) { callBars(a, t, 7.0/8, f.Theme.Ghost, f) }

// callBars draws calls as bars, of which the highest takes the share height of the area.
func callBars(a canvas.Area, t *aggregate.Trend, height float64, s themes.Style, f *Frame) {
	var calls, errors [sparkMax]float64
	var hot [sparkMax]bool
	w := min(a.W, sparkMax)
	peak := resample(calls[:w], t.Calls, trendStep(t), foldMean)
	resample(errors[:w], t.Errors, trendStep(t), foldMean)
	for i := range w {
		hot[i] = errors[i] > 0 && errors[i] >= sparkHot*calls[i]
	}
	bars(a, calls[:w], peak/height, hot[:w], s, f)
}

// sparkErrors draws the failed calls of a trend as bars.
func sparkErrors(a canvas.Area, t *aggregate.Trend, f *Frame) {
	var v [sparkMax]float64
	w := min(a.W, sparkMax)
	peak := resample(v[:w], t.Errors, trendStep(t), foldMean)
	bars(a, v[:w], peak, nil, f.Theme.Error, f)
}

// sparkP95 draws the p95 of a trend as an area of dots, as bars where the theme has only ASCII.
func sparkP95(a canvas.Area, t *aggregate.Trend, f *Frame) {
	var v [sparkMax]float64
	w := min(2*a.W, sparkMax)
	if f.G.ASCII {
		w = min(a.W, sparkMax)
	}
	peak := resample(v[:w], t.P95, trendStep(t), foldMax)
	if f.G.ASCII {
		bars(a, v[:w], peak, nil, f.Theme.P95, f)
		return
	}
	dots(a, v[:w], peak, f.Theme.P95)
}
