// The sheet, which answers a question of the palette as a table: question, answer, order, keys.

package ui

import (
	"cmp"
	"slices"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Sheet answers one question of the palette as a table: a sentence, rows that drill, and what the selected
// row means. Questions that deserve a picture have a lens of their own. It asks aside, since it looks at every
// request; the last answer stays until the next is there.
type Sheet struct {
	specs  map[string]*sheetSpec
	asked  sheetAbout // what is to be shown
	given  sheetAbout // what the answer is about
	table  table[string]
	answer *sheetAnswer // nil: none yet to this kind of question
	rows   map[string]*sheetRow
	about  model.Text // what the sheet is about, besides the scope
	prose  sheetProse
	basis  basis
	keys   []key.Binding
}

// sheetAbout is what a sheet is about, whatever time it is.
type sheetAbout struct {
	sheet sheetID
	scope scopeID
}

// sheetID says which sheet, about what.
type sheetID struct{ name, about string }

// sheetSpec is a kind of sheet.
type sheetSpec struct {
	title canvas.Literal
	cols  []column
	names int      // percent of the width for the first column, names, beside which a chart takes the rest; 0: as cols say
	bands []string // what p goes through: abouts; empty: nothing
	by    string   // what bands are, for the key
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

func newSheet() *Sheet {
	return &Sheet{specs: sheetSpecs(), keys: sheetKeys()}
}

// Basis is what the sheet was computed from.
func (s *Sheet) Basis() *basis { return &s.basis }

// Question asks nothing: all is asked aside.
func (s *Sheet) Question(Moment) Question { return nil }

// Answer never comes.
func (s *Sheet) Answer(any) {}

// Aside puts the question of the sheet that is to be shown.
func (s *Sheet) Aside(at Moment) (about any, q Question) {
	spec := s.specs[at.Sheet.name]
	if spec == nil {
		return nil, nil
	}
	if at.Sheet.name != s.asked.sheet.name { // other columns
		s.answer, s.rows, s.basis = nil, nil, basis{}
		s.table = table[string]{cols: slices.Clone(spec.cols), ranked: true}
	}
	s.asked, s.about = sheetAbout{at.Sheet, scopeOf(at)}, model.Sanitise(at.Sheet.about)
	return s.asked, spec.ask(at, at.Sheet.about)
}

// AsideAnswer takes the rows.
func (s *Sheet) AsideAnswer(about, result any) {
	r, ok := result.(*sheetAnswer)
	if !ok {
		return
	}
	if about != s.given {
		s.table.toTop()
	}
	s.given, s.answer, s.basis = about.(sheetAbout), r, r.basis
	s.rows = make(map[string]*sheetRow, len(r.rows))
	for i := range r.rows {
		s.rows[r.rows[i].id] = &r.rows[i]
	}
	s.arrange()
}

// Listed reports whether the rows are about what was asked last.
func (s *Sheet) Listed() bool { return s.answer != nil && s.given == s.asked }

// arrange sorts the rows. A tree that is sorted by a figure becomes a list.
func (s *Sheet) arrange() {
	if s.answer == nil {
		return
	}
	ids := make([]string, 0, len(s.answer.rows))
	for i := range s.answer.rows {
		ids = append(ids, s.answer.rows[i].id)
	}
	if by := s.table.sort; by.on {
		slices.SortStableFunc(ids, func(a, b string) int {
			x, y := &s.rows[a].cells[by.column], &s.rows[b].cells[by.column]
			return by.directed(cmp.Or(cmp.Compare(y.n, x.n), cmp.Compare(x.text.String(), y.text.String()), cmp.Compare(x.more.String(), y.more.String())))
		})
	}
	s.table.setRows(ids)
}

func (s *Sheet) selected() *sheetRow { return selectedOf(&s.table, s.rows) }

// pointsAt is what Enter on the row under the cursor would focus.
func (s *Sheet) pointsAt() aggregate.Focus {
	if r := s.selected(); r != nil && r.drill != nil {
		if d, ok := r.drill(Scope{}).(Drill); ok {
			return d.Scope.Focus
		}
	}
	return aggregate.Focus{}
}

// Key handles sorting and drilling.
func (s *Sheet) Key(k tea.KeyPressMsg, at Moment) Action {
	if s.answer == nil {
		return nil
	}
	if s.table.key(k) {
		return Handled{}
	}
	if s.table.sortKey(k) {
		s.arrange()
		return Handled{}
	}
	r := s.selected()
	switch k.String() {
	case "esc":
		if !s.Listed() && s.given.sheet != s.asked.sheet && s.given.scope == s.asked.scope {
			return Resheet{s.given.sheet.about} // it was another variant of what is still shown
		}
		return nil
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
	bands := s.specs[s.asked.sheet.name].bands
	at := slices.Index(bands, s.asked.sheet.about)
	return Resheet{bands[(at+1)%len(bands)]}
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
	if head >= 0 && s.table.sortByTitle(head) {
		s.arrange()
	}
	return Handled{}
}

// Keys are the bindings of the table, and of what this sheet has besides.
func (s *Sheet) Keys() []key.Binding {
	spec := s.specs[s.asked.sheet.name]
	hasBands := spec != nil && len(spec.bands) > 0
	if s.keys[bandBinding].SetEnabled(hasBands); hasBands {
		s.keys[bandBinding].SetHelp("p", spec.by)
	}
	return s.keys
}

// bandBinding is the place in sheetKeys of the binding that not all sheets have.
const bandBinding = 3

func sheetKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "show where", "enter", "l", "right"),
		bind("o", "example trace", "o"),
		bind("s S", "sort, reverse", "s", "S"),
		bandBinding: bind("p", "", "p"),
		bind("y", "copy", "y"), bind("c", "columns", "c"),
		escapeKey(),
	}, tableKeys())
}
