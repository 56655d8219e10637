// Waterfall: the line of the search, and jumps to matches, and along the critical path.

package ui

import (
	"fmt"
	"sort"

	tea "charm.land/bubbletea/v2"
)

// searchKey edits the search text. The first match is found while typing; the cursor moves on Enter.
func (w *Waterfall) searchKey(k tea.KeyPressMsg) Action {
	text := k.Text
	if name := k.String(); name == "tab" || name == "up" || name == "down" {
		return Handled{}
	}
	changed, done := w.search.edit(k.String(), text)
	switch {
	case changed:
		w.search.run(w.m, false)
	case done && w.search.input != "":
		w.search.run(w.m, true)
		if w.search.count == 0 {
			return Say{Text: "not found: " + w.search.input, Problem: true}
		}
		if r := w.selected(); r != nil && r.group < 0 && w.search.hit(r.node) {
			return Handled{}
		}
		return w.seek(true, "match for "+w.search.input, w.search.hit)
	}
	return Handled{}
}

// searchAgain searches everything, after an answer or where only names were searched so far.
func (w *Waterfall) searchAgain() {
	if w.search.found == nil || !w.search.deep {
		w.search.run(w.m, true)
	}
}

// bounds are the nodes that are shown: all, or those of the focus.
func (w *Waterfall) bounds() (from, end int32) {
	if len(w.fold.focus) > 0 && len(w.rows) > 0 {
		n := w.rows[0].node
		return n, w.m.t.Tree.Nodes[n].End
	}
	return 0, int32(len(w.m.t.Tree.Nodes))
}

// hit reports whether a node is marked: by the search, or while there is none by the scope's filter.
func (w *Waterfall) hit(node int32) bool {
	if w.search.text == "" {
		return w.m.matched != nil && w.m.matched[node]
	}
	return w.search.hit(node)
}

// seek goes to the next or previous node for which is holds, around the end, opening what hides it.
func (w *Waterfall) seek(forward bool, what string, is func(int32) bool) Action {
	from, end := w.bounds()
	n := end - from
	if n <= 0 || len(w.rows) == 0 {
		return Handled{}
	}
	here := w.rows[w.at].node
	start := here
	if r := &w.rows[w.at]; r.group >= 0 && forward {
		start-- // a folded group stands on its first member, which may be the one that is looked for
	}
	for i := int32(1); i <= n; i++ {
		at := from + ((start-from+i)%n+n)%n
		if !forward {
			at = from + ((start-from-i)%n+n)%n
		}
		if is(at) {
			wrapped := forward && at <= here || !forward && at >= here
			w.choose(at)
			if wrapped {
				return Say{Text: "went around: " + what}
			}
			return Handled{}
		}
	}
	if len(w.fold.focus) > 0 && w.anywhere(is) {
		return Say{Text: "no " + what + " in the subtree; esc shows the whole trace", Problem: true}
	}
	return Say{Text: "no " + what + " here", Problem: true}
}

// anywhere reports whether is holds for a node of the trace.
func (w *Waterfall) anywhere(is func(int32) bool) bool {
	for n := range w.m.t.Tree.Nodes {
		if is(int32(n)) {
			return true
		}
	}
	return false
}

// nextSection goes along the critical path in time, and says where on it the cursor is.
func (w *Waterfall) nextSection(forward bool) Action {
	ss := w.steps
	if len(ss) == 0 {
		return Say{Text: "no critical path: the root has no duration", Problem: true}
	}
	i := w.section
	if r := w.selected(); r == nil || i >= len(ss) || i < 0 || ss[i].Node != r.node || r.group >= 0 {
		i = w.sectionNear(forward)
	} else if forward {
		i = (i + 1) % len(ss)
	} else {
		i = (i + len(ss) - 1) % len(ss)
	}
	w.choose(ss[i].Node)
	w.section = i
	s := ss[i]
	return Say{Text: fmt.Sprintf("critical path %d of %d: %s here", i+1, len(ss), durationText(s.End-s.Start))}
}

// sectionNear is where to get on the path: the selected span's first section, else the first one after it
// starts (before, when going back).
func (w *Waterfall) sectionNear(forward bool) int {
	ss := w.steps
	r := w.selected()
	if r == nil || !w.m.real(r.node) || w.at == 0 {
		if forward {
			return 0
		}
		return len(ss) - 1
	}
	start := w.m.head(r.node).Start
	i := sort.Search(len(ss), func(i int) bool { return ss[i].Start >= start })
	if !forward {
		i--
	}
	return (i + len(ss)) % len(ss)
}
