// How the rows of a table are sorted: by which column, which way round, and how keys and clicks change it.

package ui

import (
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
)

// sorting is the order of the rows of a table. Zero: as whoever made the rows ranked them.
type sorting struct {
	on        bool // by a column
	column    int
	ascending bool // the least come first
}

// mostOf puts the rows with the most of a column first.
func mostOf(column int) sorting { return sorting{on: true, column: column} }

// isBy reports whether it is by this column.
func (s sorting) isBy(column int) bool { return s.on && s.column == column }

// directed turns a comparison that puts the most first into the direction that was chosen.
func (s sorting) directed(c int) int {
	if s.ascending {
		return -c
	}
	return c
}

// sortKey handles s and S; false for other keys. The caller puts its rows in order.
func (t *table[K]) sortKey(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "s":
		t.sort = t.nextSorting()
	case "S":
		t.sort.ascending = !t.sort.ascending
	default:
		return false
	}
	t.toTop()
	return true
}

// sortByTitle sorts by the column whose title was clicked, the second time the other way round; false where the
// column has no order.
func (t *table[K]) sortByTitle(column int) bool {
	if t.cols[column].noOrder {
		return false
	}
	t.sort = sorting{on: true, column: column, ascending: t.sort.isBy(column) && !t.sort.ascending}
	t.toTop()
	return true
}

// nextSorting is by the next column that is shown and has an order; a table that is ranked comes back to that
// after the last.
func (t *table[K]) nextSorting() sorting {
	from := -1
	if t.sort.on {
		from = t.sort.column
	}
	n := len(t.cols)
	for i := 1; i <= n; i++ {
		c := from + i
		if c >= n && t.ranked {
			return sorting{}
		}
		if c %= n; t.canShow(c) && !t.cols[c].noOrder {
			return mostOf(c)
		}
	}
	return t.sort
}

// drawUnseen says what rows are sorted by where no title does, because that column found no room.
func (t *table[K]) drawUnseen(w *pen, f *Frame) {
	if !t.sort.on || t.canShow(t.sort.column) || t.cols[t.sort.column].named != (model.Text{}) {
		return
	}
	w.lit(", by ", f.Theme.Dim)
	w.lit(t.cols[t.sort.column].title, f.Theme.Dim)
	if t.sort.ascending {
		w.lit(", the least first", f.Theme.Dim)
	}
}

// canShow reports whether a column was shown when the table was drawn last; before that, whether it can be.
func (t *table[K]) canShow(c int) bool {
	if t.x == nil {
		return !t.cols[c].hidden && !t.isOff(c)
	}
	return t.x[c] >= 0
}
