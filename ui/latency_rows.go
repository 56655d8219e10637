// Lens 3, Latency: rows of the heatmap put together where there is no room for all.

package ui

import (
	"math/bits"

	"oteltop/aggregate"
	"oteltop/model"
)

// coarser merges rows of a heatmap, an octave of durations high each, until there are at most most of them:
// the engine goes no further than octaves, and a row below the edge of the screen would hide requests that
// the title counts. Bounds are at multiples of the new height on the logarithmic scale, so they stay where
// they are while slower or faster requests come.
func coarser(h *aggregate.Heatmap, most int) *aggregate.Heatmap {
	if len(h.RowLow) <= max(1, most) {
		return h
	}
	group := func(row, octaves int) int { return (bits.Len64(uint64(h.RowLow[row])) - 1) / octaves }
	octaves, rows := 1, len(h.RowLow)
	for rows > max(1, most) {
		octaves++
		rows = group(len(h.RowLow)-1, octaves) - group(0, octaves) + 1
	}
	c := *h
	c.RowLow = make([]int64, rows)
	c.Counts, c.Errors = make([]uint64, rows*h.Columns), make([]uint64, rows*h.Columns)
	c.Exemplars = make([]model.TraceID, rows*h.Columns)
	if h.Before != nil {
		c.Before = make([]uint64, rows)
	}
	for r := len(h.RowLow) - 1; r >= 0; r-- { // downwards: the lowest bound stays, and the slowest example
		to := group(r, octaves) - group(0, octaves)
		c.RowLow[to] = h.RowLow[r]
		if h.Before != nil {
			c.Before[to] += h.Before[r]
		}
		for col := range h.Columns {
			from, into := col*len(h.RowLow)+r, col*rows+to
			c.Counts[into] += h.Counts[from]
			c.Errors[into] += h.Errors[from]
			if c.Exemplars[into].IsZero() {
				c.Exemplars[into] = h.Exemplars[from]
			}
		}
	}
	return &c
}
