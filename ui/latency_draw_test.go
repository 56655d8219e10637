package ui

import "testing"

// Every cell of a heatmap belongs to the column drawn there, whatever the widths of the columns.
func TestHeatmapCellsBelongToTheColumnDrawnThere(t *testing.T) {
	for cols := 1; cols <= 40; cols++ {
		for width := cols; width <= 3*cols+7; width++ {
			h := heatLayout{x: 8, y: 1, cols: cols, rows: 3, width: width, rh: 2}
			if l, r := h.left(0), h.left(cols); l != 0 || r != width {
				t.Fatalf("%d columns in %d cells reach from %d to %d", cols, width, l, r)
			}
			for c := range cols {
				if w := h.left(c+1) - h.left(c); w != width/cols && w != (width+cols-1)/cols {
					t.Errorf("%d columns in %d cells: column %d is %d wide", cols, width, c, w)
				}
				for x := h.left(c); x < h.left(c+1); x++ {
					if got, _, ok := h.cellAt(h.x+x, h.y); got != c || !ok {
						t.Errorf("%d columns in %d cells: cell %d is of column %d, drawn in %d", cols, width, x, got, c)
					}
				}
			}
			if _, _, ok := h.cellAt(h.x+width, h.y); ok {
				t.Errorf("%d columns in %d cells: there is a column right of the map", cols, width)
			}
		}
	}
}
