// The table that all lists are: a cursor that stays with its row, columns that give way, a scroll bar.

package ui

import (
	"unicode/utf8"

	"oteltop/model"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// column is a column of a table. Widths do not depend on the data, so nothing jumps sideways.
type column struct {
	title canvas.Literal
	named model.Text // a title that a person wrote, instead
	width int        // columns; 0: takes what is left (one per table)
	least int        // of the flexible column: below it other columns are dropped
	rank  int        // columns of the highest rank are dropped first on a narrow screen; 0: never
	right bool       // figures end at the right
	chart int        // of its width, or least, the columns at the left that hold a bar or a trend; 0: it has none
	grow  int        // how much wider it gets where the flexible column has more than ample

	noOrder bool // rows cannot be sorted by it
	hidden  bool // there is nothing to show in it now
}

// picture is how many of w columns hold a bar or a trend: figures beside it are as wide everywhere, and what the
// column gets beyond its width, or least, goes to the picture.
func (c *column) picture(w int) int {
	if c.chart == 0 {
		return 0
	}
	return max(0, c.chart+w-c.width-c.least)
}

// ample is the width that names seldom need more than: on a wide screen figures far from their names are hard to read.
const ample = 56

// table is a list with a cursor that stays with its row. K identifies rows: selection is never a row
// number, so rows that arrive or change order do not pull another row under the cursor.
type table[K comparable] struct {
	cols []column
	sort sorting
	// ranked tables have an order of their own besides those of their columns; s comes back to it.
	ranked bool
	keys   []K // rows as sorted
	sel    K
	at     int // index of sel in keys
	top    int // first row drawn
	rows   int // rows drawn last, for paging
	// touched is set once the person moved the cursor; before that it stays on the first row.
	touched bool
	// quiet is the first of the columns at the right that are mostly in the style Dim; their blanks are as
	// well, so that a terminal is told of it once a row and not once a column. 0: none.
	quiet int
	away  bool   // the keys go to another part of the screen: the cursor is quiet
	tall  int    // lines of a row where more than one; cells are as high
	off   []bool // columns that the person switched off; nil: none
	x     []int  // left edge of each column as laid out last; -1: dropped
	w     []int

	pictures []canvas.Area // scratch of drawCursor
}

// tableTarget is the target kind of rows; headTarget of column titles.
const (
	rowTarget uint8 = 1 + iota
	headTarget
)

// wheelRows is how many rows a notch of the wheel scrolls.
const wheelRows = 3

// setRows takes the rows of a new answer and keeps the cursor on its row and line.
func (t *table[K]) setRows(keys []K) {
	line := t.at - t.top
	t.keys = keys
	if !t.touched {
		t.top, t.at = 0, 0
		if len(keys) > 0 {
			t.sel = keys[0]
		}
		return
	}
	for i, k := range keys {
		if k == t.sel {
			t.at = i
			t.top = max(0, i-line)
			return
		}
	}
	t.at = max(0, min(t.at, len(keys)-1)) // the row is gone: its place stays
	if len(keys) > 0 {
		t.sel = keys[t.at]
	}
}

// selected returns the row under the cursor.
func (t *table[K]) selected() (K, bool) {
	if t.at < len(t.keys) {
		return t.sel, true
	}
	var none K
	return none, false
}

// selectedOf is what rows hold of the row under the cursor, nil for none.
func selectedOf[K comparable, R any](t *table[K], rows map[K]*R) *R {
	id, ok := t.selected()
	if !ok {
		return nil
	}
	return rows[id]
}

// move puts the cursor on row i.
func (t *table[K]) move(i int) {
	if len(t.keys) == 0 {
		return
	}
	t.at = max(0, min(i, len(t.keys)-1))
	t.sel = t.keys[t.at]
	t.touched = true
}

// toTop puts the cursor on the first row, whichever that is then.
func (t *table[K]) toTop() { t.touched, t.top = false, 0 }

// tableKeys are the bindings every table has.
func tableKeys() []key.Binding {
	return []key.Binding{
		bind("↑↓", "select", "up", "down", "k", "j"),
		pageKey(),
	}
}

// pageKey is the binding of what moves a cursor by more than a row.
func pageKey() key.Binding {
	return bind("pgup/pgdn g G", "page, first, last", "pgup", "pgdown", "g", "G", "home", "end", "ctrl+u", "ctrl+d")
}

// key handles moving; false when the key is not one of tableKeys.
func (t *table[K]) key(k tea.KeyPressMsg) bool {
	to, ok := rowAfter(k.String(), t.at, len(t.keys), t.rows)
	if ok {
		t.move(to)
	}
	return ok
}

// rowAfter is where a key moves a cursor that is at one of some rows, of which so many are seen; it may lie outside of
// them. False for keys that move none.
func rowAfter(k string, at, rows, seen int) (to int, ok bool) {
	page := max(1, seen-1)
	switch k {
	case "up", "k":
		return at - 1, true
	case "down", "j":
		return at + 1, true
	case "pgup":
		return at - page, true
	case "pgdown":
		return at + page, true
	case "ctrl+u":
		return at - page/2, true
	case "ctrl+d":
		return at + page/2, true
	case "g", "home":
		return 0, true
	case "G", "end":
		return rows - 1, true
	}
	return at, false
}

// mouse handles clicks on rows and the wheel; open is true for a double click on a row, head ≥ 0 for a
// click on that column's title.
func (t *table[K]) mouse(m Mouse) (open bool, head int) {
	switch {
	case m.Event == WheelUp:
		t.move(t.at - wheelRows)
	case m.Event == WheelDown:
		t.move(t.at + wheelRows)
	case m.Target.Kind == rowTarget && (m.Event == Click || m.Event == Double):
		t.move(int(m.Target.Index))
		return m.Event == Double, -1
	case m.Target.Kind == headTarget && m.Event == Click:
		return false, int(m.Target.Index)
	}
	return false, -1
}

// lay decides which columns fit into w and where they stand.
func (t *table[K]) lay(w int) {
	if t.x == nil {
		t.x, t.w = make([]int, len(t.cols)), make([]int, len(t.cols))
	}
	keep := 0
	for i := range t.cols {
		keep = max(keep, t.cols[i].rank)
	}
	fixed, flexible := t.need(keep)
	for ; keep > 0 && flexible >= 0 && w-fixed < t.cols[flexible].least; keep-- {
		fixed, flexible = t.need(keep - 1)
	}
	x := 1
	for i := range t.cols {
		if t.x[i] = -1; !t.keeps(i, keep) {
			continue
		}
		t.x[i], t.w[i] = x, t.cols[i].width
		if i == flexible {
			t.w[i] = max(0, w-fixed-2) // a column left and right stays free, for the scroll bar
		}
		x += t.w[i] + 2
	}
	if flexible >= 0 {
		t.share(flexible)
	}
}

// share gives what the flexible column has too much to those that have a use for it.
func (t *table[K]) share(flexible int) {
	shift := 0
	for i := range t.cols {
		if t.x[i] < 0 {
			continue
		}
		t.x[i] += shift
		if more := min(t.cols[i].grow, t.w[flexible]-ample); more > 0 {
			t.w[i] += more
			t.w[flexible] -= more
			shift += more
		}
	}
	for i := range t.cols {
		if i > flexible && t.x[i] >= 0 {
			t.x[i] -= shift
		}
	}
}

// need is the width of the columns up to a rank, besides the flexible one, and which that is; −1: none.
func (t *table[K]) need(keep int) (fixed, flexible int) {
	flexible = -1
	for i := range t.cols {
		switch {
		case !t.keeps(i, keep):
		case t.cols[i].width == 0:
			flexible = i
		default:
			fixed += t.cols[i].width + 2
		}
	}
	return fixed, flexible
}

// keeps reports whether a column is shown when those above a rank are dropped.
func (t *table[K]) keeps(i, keep int) bool {
	c := &t.cols[i]
	return !c.hidden && !t.isOff(i) && (c.width == 0 || c.rank <= keep)
}

// draw draws titles and rows; cell draws one cell into an area of the column's width.
func (t *table[K]) draw(a canvas.Area, f *Frame, cell func(row, col int, a canvas.Area)) {
	t.lay(a.W)
	tall := max(1, t.tall)
	t.rows = max(0, a.H-1) / tall
	t.drawTitles(a.Row(0), f)
	t.top = max(0, min(t.top, len(t.keys)-t.rows))
	if t.at < t.top {
		t.top = t.at
	}
	if t.rows > 0 && t.at >= t.top+t.rows {
		t.top = t.at - t.rows + 1
	}
	for y := 0; y < t.rows && t.top+y < len(t.keys); y++ {
		i := t.top + y
		row := a.Sub(0, 1+y*tall, a.W, tall)
		if x := t.x[t.quiet]; t.quiet > 0 && x >= 0 {
			row.Sub(x, 0, a.W, 1).Fill(' ', f.Theme.Dim)
		}
		for c := range t.cols {
			if t.x[c] >= 0 {
				cell(i, c, row.Sub(t.x[c], 0, t.w[c], tall))
			}
		}
		row.Target(canvas.Target{Kind: rowTarget, Index: int32(i)})
		if i == t.at {
			t.drawCursor(row, f)
		}
	}
	t.drawScroll(a.Sub(a.W-1, 1, 1, t.rows*tall), f)
}

// drawCursor marks the selected row.
func (t *table[K]) drawCursor(row canvas.Area, f *Frame) {
	t.pictures = t.pictures[:0]
	for i, c := range t.cols {
		if c.chart != 0 && t.x[i] >= 0 {
			t.pictures = append(t.pictures, row.Sub(t.x[i], 0, c.picture(t.w[i]), 1))
		}
	}
	if t.away {
		row.Tint(f.Theme.SelectedDim)
		return
	}
	tintCursor(row, t.pictures, f)
	row.Sub(0, 1, row.W, row.H-1).Tint(f.Theme.Selected)
}

// drawTitles draws the titles; that of the column that rows are sorted by carries a marker (▼ descending).
func (t *table[K]) drawTitles(r canvas.Area, f *Frame) {
	for i, c := range t.cols {
		if t.x[i] < 0 {
			continue
		}
		s := f.Theme.ColumnTitle
		cell := r.Sub(t.x[i], 0, t.w[i], 1)
		if t.sort.isBy(i) {
			s = f.Theme.ColumnSorted
		}
		title := utf8.RuneCountInString(string(c.title))
		if c.named != (model.Text{}) {
			title = min(t.w[i]-1, canvas.Width(c.named)) // a column is for the mark
		}
		x := 0
		if c.right {
			x = max(0, t.w[i]-title)
		}
		if c.named != (model.Text{}) {
			cell.Cut(x, 0, title, c.named, f.G.Ellipsis, s)
		} else {
			cell.Lit(x, 0, c.title, s)
			if title > t.w[i] {
				cell.Rune(t.w[i]-1, 0, f.G.Ellipsis, s)
			}
		}
		if t.sort.isBy(i) {
			g := f.G.ArrowDown
			if t.sort.ascending {
				g = f.G.ArrowUp
			}
			mx := x + title
			if c.right {
				mx = x - 1
			}
			r.Rune(t.x[i]+mx, 0, g, f.Theme.Accent) // between the columns where the title fills its own
		}
		cell.Target(canvas.Target{Kind: headTarget, Index: int32(i)})
	}
}

// drawScroll draws where in the list the rows stand; nothing when all are seen.
func (t *table[K]) drawScroll(a canvas.Area, f *Frame) {
	n := len(t.keys)
	if n <= t.rows || a.H == 0 {
		return
	}
	h := max(1, a.H*t.rows/n)
	y := (a.H - h) * t.top / max(1, n-t.rows)
	for i := range a.H {
		a.Rune(0, i, f.G.Vertical, f.Theme.Border)
	}
	for i := range h {
		a.Rune(0, y+i, f.G.Vertical, f.Theme.Accent)
	}
}
