// Lens 7, Compare: question, answer and keys of what changed from a baseline to now.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/model"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Compare is what changed from a baseline to now: a table of changes, causes first, and the call paths of
// both sides in one tree. It is asked aside, because two sets of traces have to be linked.
type Compare struct {
	table table[changeID]
	tree  table[uint64]
	rows  []changeRow // parallel to table.keys
	nodes []nodeRow   // parallel to tree.keys

	answer  *compareAnswer
	about   compareAbout // what the answer is about
	asked   compareAbout
	words   compareWords
	basis   basis
	saved   []SavedBaseline
	wanted  baseline // zero: the first there is
	keep    bool     // the next question keeps what is there now
	found   bool     // the tree's cursor was put somewhere else: what is around it is to be seen
	all     bool     // the tree has call paths that did not change too
	even    bool     // it has them because none changed
	marker  aggregate.Window
	origins uint64 // changes that begin where they are
	lay     panes
	room    compareRoom
	pair    *pairView // a pair of traces is shown in place of all this; nil: none is

	keys, treeKeys, pairKeys, noneKeys []key.Binding
}

// compareWords are the sentences of the screen.
type compareWords struct {
	head         model.Text // what is compared with what
	rows         int        // for those about the selected change
	why, verdict prose
}

// compareAbout identifies what is compared, whatever time it is.
type compareAbout struct {
	scope  scopeID
	wanted baseline
	keep   bool
}

// changesLimit is how many changes are asked for; the first few are what matters.
const changesLimit = 200

// Columns of the changes.
const (
	changesVerb = iota
	changesWhat
	changesFigures
	changesSize
	changesN
	changesQ
)

// Columns of the tree of call paths.
const (
	treePath = iota
	treeCalls
	treeCritical
	treeSelf
	treeN
)

// changeBar is the width of the bar in changesSize.
const changeBar = 4

func newCompare(saved []SavedBaseline) *Compare {
	return &Compare{
		saved: saved,
		keys:  compareKeys(), treeKeys: compareTreeKeys(), pairKeys: comparePairKeys(), noneKeys: compareNoneKeys(),
		table: table[changeID]{cols: []column{
			changesVerb:    {title: "  what", width: 12},
			changesWhat:    {title: "where", least: 28},
			changesFigures: {title: "before > now", width: 17, right: true},
			changesSize:    {title: "change", width: changeBar + 8, right: true, chart: changeBar},
			changesN:       {title: "n", width: 11, right: true, rank: 2},
			changesQ:       {title: "q", width: 5, right: true, rank: 1},
		}},
		tree: table[uint64]{cols: []column{
			treePath:     {title: "call path", least: 36},
			treeCalls:    {title: "calls a trace", width: 13, right: true},
			treeCritical: {title: "critical path", width: 17, right: true},
			treeSelf:     {title: "self time", width: 17, right: true, rank: 2},
			treeN:        {title: "traces", width: 11, right: true, rank: 1},
		}},
	}
}

// Basis is what both sides were computed from.
func (c *Compare) Basis() *basis { return &c.basis }

// Question: all that is shown is asked aside.
func (c *Compare) Question(Moment) Question { return nil }

// Answer never comes.
func (c *Compare) Answer(any) {}

// Aside asks what changed, or for the pair of traces that is to be shown.
func (c *Compare) Aside(at Moment) (about any, q Question) {
	if c.pair != nil && c.pair.about.of.scope != scopeOf(at) {
		c.pair = nil // it is of another scope
	}
	if c.pair != nil {
		return c.pairAside(at)
	}
	if b := at.Scope.Baseline; b != c.marker { // a marker that is set now is what is meant
		if c.marker = b; b != (aggregate.Window{}) {
			c.wanted = baseline{kind: fromMarker}
		}
	}
	x := newComparing(at)
	x.saved, x.wanted, x.keep = c.saved, c.wanted, c.keep
	c.asked = compareAbout{scopeOf(at), c.wanted, c.keep}
	return c.asked, x.put
}

// Listed reports whether what changed, or the pair that is shown in its place, is what was asked for last.
func (c *Compare) Listed() bool {
	if p := c.pair; p != nil {
		return p.answer != nil && p.answer.about == p.about
	}
	return c.answer != nil && c.about == c.asked
}

// AsideAnswer takes what changed, or a pair of traces.
func (c *Compare) AsideAnswer(about, result any) {
	if a, ok := result.(*pairAnswer); ok {
		if c.pair != nil && c.pair.about == a.about {
			c.pair.take(a)
		}
		return
	}
	r, ok := result.(compareAnswer)
	if !ok {
		return
	}
	was := c.chosen()
	c.answer, c.about, c.words.head, c.saved = &r, about.(compareAbout), model.Sanitise(r.words), r.saved
	if c.keep = false; c.about.keep {
		c.wanted = r.choices[r.chosen]
		c.about = compareAbout{c.about.scope, c.wanted, false}
		c.asked = c.about
	}
	if c.chosen() != was {
		c.table.toTop()
		c.tree.toTop()
	}
	c.basis, c.rows, c.nodes, c.origins = basis{}, nil, nil, 0
	var ids []changeID
	if x := r.result; x != nil {
		c.basis = basisOf(x.Provenance)
		c.rows = newChangeRows(x)
		for i := range c.rows {
			ids = append(ids, idOfChange(c.rows[i].Change))
			if c.rows[i].isCause() {
				c.origins++
			}
		}
	}
	c.table.setRows(ids)
	c.fillTree()
}

// fillTree lists the rows of the tree.
func (c *Compare) fillTree() {
	var paths []uint64
	if x := c.answer.result; x != nil {
		c.nodes = nodeRows(x.Tree, c.rows, c.all)
		if c.even = len(c.nodes) == 0; c.even { // nothing changed: what there is
			c.nodes = nodeRows(x.Tree, nil, true)
		}
		for i := range c.nodes {
			paths = append(paths, c.nodes[i].At)
		}
	}
	c.tree.setRows(paths)
	c.follow()
}

// chosen is what the answer compares with.
func (c *Compare) chosen() baseline {
	if c.answer == nil || c.answer.chosen < 0 {
		return baseline{}
	}
	return c.answer.choices[c.answer.chosen]
}

// current is the comparison of what is asked for now; nil while there is none.
func (c *Compare) current() *aggregate.Comparison {
	if c.answer == nil || c.about != c.asked {
		return nil
	}
	return c.answer.result
}

// sure is how many rows are changes that are sure; the others come after them.
func (c *Compare) sure() int {
	i := slices.IndexFunc(c.rows, func(r changeRow) bool { return r.unsure })
	if i < 0 {
		return len(c.rows)
	}
	return i
}

// selected is the change under the cursor.
func (c *Compare) selected() (r changeRow, ok bool) {
	if c.table.at >= len(c.rows) {
		return r, false
	}
	return c.rows[c.table.at], true
}

// follow puts the tree's cursor where the selected change is: of an operation that is called in several places, where
// that makes the largest difference.
func (c *Compare) follow() {
	r, ok := c.selected()
	if !ok || c.lay.inTree {
		return
	}
	at, most := -1, -1.
	for i := range c.nodes {
		n := &c.nodes[i]
		if r.At != 0 && r.At == n.At {
			at = i
			break
		}
		if weight := n.weight(); r.At == 0 && n.Operation == r.Operation && weight > most {
			at, most = i, weight
		}
	}
	if at >= 0 {
		c.tree.move(at)
		c.found = true
	}
}

// Key moves, drills, and changes what is compared with.
func (c *Compare) Key(k tea.KeyPressMsg, at Moment) Action {
	if c.pair != nil {
		return c.pairKey(k)
	}
	switch k.String() {
	case "tab", "shift+tab":
		c.lay.inTree = !c.lay.inTree
		return Handled{}
	case "o":
		return c.next()
	case "K":
		c.keep = true
		return Ask{}
	case "a":
		if c.all = !c.all; c.answer != nil {
			c.fillTree()
		}
		return Handled{}
	}
	if !c.Listed() {
		return nil // there are no rows that keys could mean
	}
	if k.String() == "p" {
		return c.openPair()
	}
	if c.lay.inTree {
		return c.treeKey(k, at)
	}
	if c.table.key(k) {
		c.follow()
		return Handled{}
	}
	r, ok := c.selected()
	if !ok {
		return nil
	}
	switch k.String() {
	case "enter", "right", "l":
		return c.drill(r, at, LensLatency)
	case "T":
		return c.drill(r, at, LensTraces)
	case "x":
		return example(r.Exemplar, "there is none now")
	case "X":
		if c.chosen().kind == fromSaved {
			return Say{Text: "the traces of a saved baseline are not retained", Problem: true}
		}
		return example(r.ExemplarBefore, "there was none before")
	case "y":
		return Copy{"what changed", r.why.String() + " (" + c.words.head.String() + "; " + r.verdict.String() + ")"}
	}
	return nil
}

func example(id model.TraceID, none string) Action {
	if id.IsZero() {
		return Say{Text: none, Problem: true}
	}
	return OpenTrace{ID: id}
}

// next compares with the next of what there is.
func (c *Compare) next() Action {
	if c.answer == nil || len(c.answer.choices) < 2 {
		return Say{Text: "nothing else to compare with; K keeps what is there now as a baseline"}
	}
	c.wanted = c.answer.choices[(c.answer.chosen+1)%len(c.answer.choices)]
	return Ask{}
}

// drill goes to what changed.
func (c *Compare) drill(r changeRow, at Moment, l Lens) Action {
	if r.isGone() {
		return Say{Text: "there is nothing of it now; X opens an example from before", Problem: true}
	}
	s := at.Scope
	s.Focus, s.Selection = r.focus(), nil
	return Drill{l, s}
}

// treeKey handles keys while the tree has the focus.
func (c *Compare) treeKey(k tea.KeyPressMsg, at Moment) Action {
	if c.tree.key(k) {
		return Handled{}
	}
	if c.tree.at >= len(c.nodes) {
		return nil
	}
	n := c.nodes[c.tree.at]
	s := at.Scope
	s.Focus, s.Selection = focusOf(n.Operation), nil
	switch k.String() {
	case "esc":
		c.lay.inTree = false
		return Handled{}
	case "enter", "right", "l":
		return Drill{LensLatency, s}
	case "T":
		return Drill{LensTraces, s}
	}
	return nil
}

// Mouse selects, and drills by a double click.
func (c *Compare) Mouse(m Mouse, at Moment) Action {
	if c.pair != nil {
		return c.pairMouse(m)
	}
	open := false
	switch c.lay.hit(m) {
	case hitTable:
		open, _ = c.table.mouse(m)
		c.follow()
	case hitTree:
		open, _ = c.tree.mouse(m)
	}
	if open {
		return c.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, at)
	}
	return Handled{}
}

// Keys are the bindings of the part that has the focus.
func (c *Compare) Keys() []key.Binding {
	if c.pair != nil {
		return c.pairKeys
	}
	switch r := c.current(); {
	case c.Listed() && (r == nil || len(c.nodes) == 0): // before, keys wait for the rows
		return c.noneKeys
	case c.lay.inTree:
		return c.treeKeys
	}
	return c.keys
}

// compareNoneKeys are those that mean something while there is nothing to compare.
func compareNoneKeys() []key.Binding {
	return []key.Binding{bind("o", "other baseline", "o"), bind("K", "keep now as a baseline", "K")}
}

func compareKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "latency", "enter", "right", "l"),
		bind("p", "traces side by side", "p"),
		bind("o", "other baseline", "o"),
		bind("x X", "example now, before", "x", "X"),
		bind("tab", "call paths", "tab", "shift+tab"),
		bind("T", "traces", "T"),
		bind("K", "keep now as a baseline", "K"),
		bind("a", "all call paths", "a"),
		bind("y", "copy", "y"),
	}, tableKeys())
}

func compareTreeKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "latency", "enter", "right", "l"),
		bind("tab", "changes", "tab", "shift+tab"),
		bind("p", "traces side by side", "p"),
		bind("o", "other baseline", "o"),
		bind("T", "traces", "T"),
		bind("a", "all call paths", "a"),
		bind("K", "keep now as a baseline", "K"),
		escapeKey(),
	}, tableKeys())
}
