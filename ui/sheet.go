package ui

import (
	"cmp"
	"slices"

	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Sheet answers one question of the palette as a table: a sentence, rows that drill, and what the selected
// row means. Questions that deserve a picture have a lens of their own.
type Sheet struct {
	specs     map[string]*sheetSpec
	shown     sheetID
	table     table[string]
	sort      int // column, −1: as the engine ranked them
	ascending bool
	answer    *sheetAnswer
	rows      map[string]*sheetRow
	basis     basis
	keys      []key.Binding
}

// sheetID says which sheet, about what.
type sheetID struct{ name, about string }

// sheetSpec is a kind of sheet.
type sheetSpec struct {
	title canvas.Literal
	cols  []column
	bands []string // what p goes through: abouts; empty: nothing
	// ask puts the question, whose answer is a *sheetAnswer. It runs in the update loop, the Question that
	// it returns does not.
	ask func(at Moment, about string) Question
}

// sheetAnswer is what a sheet shows.
type sheetAnswer struct {
	basis basis
	head  model.Text // a sentence that answers the question as a whole; empty: the rows do
	none  model.Text // what to say when there are no rows
	rows  []sheetRow
}

// sheetRow is a row. id identifies it from answer to answer.
type sheetRow struct {
	id    string
	depth int // in a tree
	cells []sheetCell
	say   model.Text               // what the row means, in a sentence
	drill func(s Scope) Action     // Enter; nil: nothing
	trace func() (OpenTrace, bool) // o; nil: no example
}

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
	cellRatio
	cellDelta // ns, signed
	cellLane
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
	n          float64
	from, bar  float64 // where the bar begins and its length, 0–1; a negative one leads back
	loud       bool
	lane       []laneMark
}

func textCell(s string) sheetCell { return sheetCell{kind: cellText, text: model.Sanitise(s)} }
func dimCell(s string) sheetCell  { return sheetCell{kind: cellDim, text: model.Sanitise(s)} }
func nameCell(service, operation string) sheetCell {
	return sheetCell{kind: cellName, text: model.Sanitise(service), more: model.Sanitise(operation)}
}
func figureCell(k cellKind, n float64) sheetCell { return sheetCell{kind: k, n: n} }

func newSheet() *Sheet {
	return &Sheet{specs: sheetSpecs(), sort: -1, keys: sheetKeys()}
}

// Basis is what the sheet was computed from.
func (s *Sheet) Basis() *basis { return &s.basis }

// Question puts the question of the sheet that is to be shown.
func (s *Sheet) Question(at Moment) Question {
	spec := s.specs[at.Sheet.name]
	if spec == nil {
		return nil
	}
	if at.Sheet != s.shown {
		s.shown, s.answer, s.rows, s.sort, s.basis = at.Sheet, nil, nil, -1, basis{}
		s.table = table[string]{cols: slices.Clone(spec.cols)}
	}
	return spec.ask(at, at.Sheet.about)
}

// Answer takes the rows.
func (s *Sheet) Answer(result any) {
	r, ok := result.(*sheetAnswer)
	if !ok {
		return
	}
	s.answer, s.basis = r, r.basis
	s.rows = make(map[string]*sheetRow, len(r.rows))
	for i := range r.rows {
		s.rows[r.rows[i].id] = &r.rows[i]
	}
	s.arrange()
}

// arrange sorts the rows. A tree that is sorted by a figure becomes a list.
func (s *Sheet) arrange() {
	if s.answer == nil {
		return
	}
	ids := make([]string, 0, len(s.answer.rows))
	for i := range s.answer.rows {
		ids = append(ids, s.answer.rows[i].id)
	}
	if s.sort >= 0 {
		slices.SortStableFunc(ids, func(a, b string) int {
			x, y := &s.rows[a].cells[s.sort], &s.rows[b].cells[s.sort]
			c := cmp.Or(cmp.Compare(y.n, x.n), cmp.Compare(x.text.String(), y.text.String()), cmp.Compare(x.more.String(), y.more.String()))
			if s.ascending {
				c = -c
			}
			return c
		})
	}
	s.table.setRows(ids)
}

// Draw draws the sentence, the table and what the selected row means.
func (s *Sheet) Draw(a canvas.Area, f *Frame) {
	spec := s.specs[s.shown.name]
	if spec == nil {
		return
	}
	w := pen{a: a.Row(0), x: 1}
	w.lit(spec.title, f.Theme.Title)
	if s.shown.about != "" {
		w.lit("  ", f.Theme.Dim)
		w.text(model.Sanitise(s.shown.about), f.Theme.Accent)
	}
	if s.answer == nil {
		s.drawAsking(a, f)
		return
	}
	top := 1
	if s.answer.head != (model.Text{}) {
		a.Cut(1, 1, a.W-2, s.answer.head, f.G.Ellipsis, f.Theme.Text)
		top = 2
	}
	if len(s.answer.rows) == 0 {
		a.Rune(1, top+1, f.G.OK, f.Theme.OK)
		a.Cut(3, top+1, a.W-4, s.answer.none, f.G.Ellipsis, f.Theme.Text)
		return
	}
	body := a.Sub(0, top, a.W, a.H-top-2)
	s.table.draw(body, f, s.sort, s.ascending, func(row, col int, c canvas.Area) { s.cell(row, col, c, f) })
	if r := s.selected(); r != nil {
		a.Cut(1, a.H-2, a.W-2, r.say, f.G.Ellipsis, f.Theme.Strong)
	}
	w = pen{a: a.Row(a.H - 1), x: 1}
	w.number(uint64(len(s.answer.rows)), " row", " rows", f.Theme.Dim)
	s.basis.drawNote(w, f)
}

func (s *Sheet) drawAsking(a canvas.Area, f *Frame) {
	w := pen{a: a.Row(2), x: 1}
	if f.Problem != "" {
		w.rune(f.G.Error, f.Theme.Error)
		w.lit(" ", f.Theme.Text)
		w.text(model.Sanitise(f.Problem), f.Theme.Error)
		return
	}
	w.lit("looking at the retained requests", f.Theme.Dim)
	w.rune(f.G.Ellipsis, f.Theme.Dim)
}

func (s *Sheet) selected() *sheetRow {
	id, ok := s.table.selected()
	if !ok {
		return nil
	}
	return s.rows[id]
}

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
	if col == 0 && s.sort < 0 {
		in := min(r.depth*sheetIndent, sheetIndentMost, c.W/2)
		c = c.Sub(in, 0, c.W-in, 1)
	}
	s.draw(x, s.table.cols[col].chart, c, f)
}

func (s *Sheet) draw(x *sheetCell, chart int, c canvas.Area, f *Frame) {
	t := f.Theme
	style := t.Text
	if x.loud {
		style = t.Strong
	}
	var buf [24]byte
	if chart > 0 {
		drawSpan(c.Sub(0, 0, chart, 1), x.from, x.bar, f)
	}
	switch x.kind {
	case cellText:
		c.Cut(0, 0, c.W, x.text, f.G.Ellipsis, style)
	case cellDim:
		c.Cut(0, 0, c.W, x.text, f.G.Ellipsis, t.Dim)
	case cellName:
		serviceAndOperation(c, x.text, x.more, seriesStyle(t, x.text.String()), f)
	case cellDuration:
		duration(c, int64(x.n), style, f)
	case cellCount:
		figureRight(c, num.Count(buf[:0], uint64(x.n)), style)
	case cellNumber:
		figureRight(c, appendEvidence(buf[:0], x.n), style)
	case cellShare:
		figureRight(c, num.Share(buf[:0], x.n), style)
	case cellRatio:
		figureRight(c, num.Ratio(buf[:0], x.n), style)
	case cellLane:
		drawLane(c, x.lane, f)
	case cellDelta:
		b := buf[:0]
		switch {
		case x.n > 0:
			b, style = append(b, '+'), t.Up
		case x.n < 0:
			style = t.Down
		}
		figureRight(c, num.Duration(b, int64(x.n)), style)
	}
}

// drawLane draws traces on a line of time; failed ones last, so that they are seen.
func drawLane(a canvas.Area, marks []laneMark, f *Frame) {
	a.Repeat(0, 0, a.W, f.G.Track, f.Theme.Faint)
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
func drawSpan(a canvas.Area, from, length float64, f *Frame) {
	s := f.Theme.Accent
	if length < 0 {
		from, length, s = from+length, -length, f.Theme.Down
	}
	if length == 0 {
		return
	}
	x := max(0, min(a.W-1, int(from*float64(a.W))))
	bar(a.Sub(x, 0, a.W-x, 1), min(1, length*float64(a.W)/float64(a.W-x)), s, f)
}

// Key handles sorting and drilling.
func (s *Sheet) Key(k tea.KeyPressMsg, at Moment) Action {
	if s.answer == nil {
		return nil
	}
	if s.table.key(k) {
		return Handled{}
	}
	r := s.selected()
	switch k.String() {
	case "s":
		s.nextSort()
	case "S":
		s.ascending = !s.ascending
		s.arrange()
	case "enter", "l", "right":
		if r != nil && r.drill != nil {
			return r.drill(at.Scope)
		}
	case "o":
		if r != nil && r.trace != nil {
			if t, ok := r.trace(); ok {
				return t
			}
		}
		return Say{Text: "the row names no trace", Problem: true}
	case "y":
		if r != nil {
			return Copy{"row", r.say.String()}
		}
	case "p":
		return s.nextBand()
	case "c":
		return s.table.choose()
	}
	return Handled{}
}

// nextBand asks the same of another part of the requests.
func (s *Sheet) nextBand() Action {
	bands := s.specs[s.shown.name].bands
	if len(bands) == 0 {
		return Say{Text: "this answer has no other variants"}
	}
	at := slices.Index(bands, s.shown.about)
	return Resheet{bands[(at+1)%len(bands)]}
}

// nextSort goes through the columns that are shown, and after the last back to the engine's order.
func (s *Sheet) nextSort() {
	for s.sort++; s.sort < len(s.table.cols) && (s.table.x == nil || s.table.x[s.sort] < 0); s.sort++ {
	}
	if s.sort >= len(s.table.cols) {
		s.sort = -1
	}
	s.table.touched, s.table.top = false, 0
	s.arrange()
}

// Mouse selects, sorts by a title, and drills by a double click.
func (s *Sheet) Mouse(m Mouse, at Moment) Action {
	if s.answer == nil {
		return Handled{}
	}
	open, head := s.table.mouse(m)
	if r := s.selected(); open && r != nil && r.drill != nil {
		return r.drill(at.Scope)
	}
	if head >= 0 {
		s.ascending = s.sort == head && !s.ascending
		s.sort = head
		s.arrange()
	}
	return Handled{}
}

// Keys are the bindings of the table.
func (s *Sheet) Keys() []key.Binding { return s.keys }

func sheetKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "show where", "enter", "l", "right"),
		bind("o", "example trace", "o"),
		bind("s S", "sort, reverse", "s", "S"),
		bind("p", "percentiles, factors", "p"),
		bind("y", "copy", "y"), bind("c", "columns", "c"),
	}, tableKeys())
}
