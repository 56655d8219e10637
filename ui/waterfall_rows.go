// Waterfall: which rows there are: folding, focus and groups, across refreshes.

package ui

import (
	"math"

	"oteltop/model"
)

// spanKey tells spans of one trace apart across refreshes. Ids alone do not: hostile and Zipkin-style
// traces use one id twice.
type spanKey struct {
	id         model.SpanID
	start, end int64
}

// rowKey tells rows apart: a folded group and its first member share the span.
type rowKey struct {
	spanKey
	group bool
}

// waterfallRow is one line of the waterfall.
type waterfallRow struct {
	node   int32 // of a group: its first member
	group  int32 // index into traceModel.groups, -1 for a span
	up     int32 // row that this one hangs under, -1 at the top
	depth  int32 // as shown: a group's members stand one deeper than in the tree
	last   bool  // no sibling follows
	kids   bool  // can be folded
	folded bool  // is
}

// folding is what a person folded, opened and focused: it outlives a refresh of the trace, so it speaks of
// keys and not of nodes.
type folding struct {
	depth   int             // nodes this deep start out folded; noFold: none
	toggled map[rowKey]bool // spans and groups that are not as they start out
	focus   []spanKey       // the subtree shown is that of the last; empty: everything
	open    bool            // groups start out open
}

// noFold is a folding depth that no trace reaches.
const noFold = math.MaxInt32

func newFolding() folding { return folding{depth: noFold, toggled: map[rowKey]bool{}} }

// folded reports whether a row that could be folded is.
func (f *folding) folded(k rowKey, depth int) bool {
	base := depth >= f.depth
	if k.group {
		base = !f.open
	}
	return base != f.toggled[k]
}

// toggle folds what is open and opens what is folded.
func (f *folding) toggle(k rowKey) {
	if f.toggled[k] {
		delete(f.toggled, k)
	} else {
		f.toggled[k] = true
	}
}

// frontier is an open row whose subtree is being listed: rows for nodes before end hang under it.
type frontier struct {
	end, row int32
}

// rows lists what is visible, in depth-first order, from the node at (-1: from all roots). O(visible + n of
// one pass over what is not folded); nothing recurses. dst is overwritten and kept where large enough.
func (m *traceModel) rows(f *folding, at int32, dst []waterfallRow) []waterfallRow {
	dst = dst[:0]
	i, end := int32(0), int32(len(m.t.Tree.Nodes))
	if at >= 0 {
		i, end = at, m.t.Tree.Nodes[at].End
	}
	stack := m.stack[:0]
	for i < end {
		for len(stack) > 0 && i >= stack[len(stack)-1].end {
			stack = stack[:len(stack)-1]
		}
		up, stop := int32(-1), end
		if n := len(stack); n > 0 {
			up, stop = stack[n-1].row, stack[n-1].end
		}
		depth := int32(len(stack))
		if g := m.groupAt[i]; g >= 0 && i != at && (up < 0 || dst[up].group != g) {
			stop2 := m.groups[g].end
			r := waterfallRow{node: i, group: g, up: up, depth: depth, last: stop2 == stop, kids: true}
			r.folded = f.folded(m.rowKey(r), int(depth))
			dst = append(dst, r)
			if r.folded {
				i = stop2
			} else {
				stack = append(stack, frontier{stop2, int32(len(dst) - 1)})
			}
			continue
		}
		node := &m.t.Tree.Nodes[i]
		r := waterfallRow{node: i, group: -1, up: up, depth: depth, last: node.End == stop, kids: node.End > i+1}
		r.folded = r.kids && f.folded(m.rowKey(r), int(depth))
		dst = append(dst, r)
		if r.folded || !r.kids {
			i = node.End
			continue
		}
		stack = append(stack, frontier{node.End, int32(len(dst) - 1)})
		i++
	}
	m.stack = stack
	return dst
}

// key is the identity of a node. A Missing node has no times: it is told apart by the id nobody has.
func (m *traceModel) key(node int32) spanKey {
	n := &m.t.Tree.Nodes[node]
	if n.Span < 0 {
		return spanKey{id: m.missing[node], start: math.MinInt64, end: math.MinInt64}
	}
	h := &m.t.Heads[n.Span]
	return spanKey{h.ID, h.Start, h.End}
}

func (m *traceModel) rowKey(r waterfallRow) rowKey { return rowKey{m.key(r.node), r.group >= 0} }

// find is the node with the key, -1 when there is none (any more).
func (m *traceModel) find(k spanKey) int32 {
	for i := range m.t.Tree.Nodes {
		if m.key(int32(i)) == k {
			return int32(i)
		}
	}
	return -1
}

// findSpan is the first node whose span has the id, -1 for none.
func (m *traceModel) findSpan(id model.SpanID) int32 {
	for i := range m.t.Tree.Nodes {
		if s := m.t.Tree.Nodes[i].Span; s >= 0 && m.t.Heads[s].ID == id {
			return int32(i)
		}
	}
	return -1
}

// reveal opens whatever hides the node: folded ancestors, folded groups, a focus elsewhere.
func (m *traceModel) reveal(f *folding, node int32) {
	for len(f.focus) > 0 {
		at := m.find(f.focus[len(f.focus)-1])
		if at >= 0 && node >= at && node < m.t.Tree.Nodes[at].End {
			break
		}
		f.focus = f.focus[:len(f.focus)-1]
	}
	// Depths as shown count open groups, so go from the top down: collect the way up first.
	var way []int32
	for n := node; n >= 0; n = m.t.Tree.Nodes[n].Parent {
		way = append(way, n)
	}
	depth := 0
	top := int32(-1)
	if n := len(f.focus); n > 0 {
		top = m.find(f.focus[n-1])
	}
	for i := len(way) - 1; i >= 0; i-- {
		n := way[i]
		if n < top {
			continue
		}
		if g := m.groupOf(n); g >= 0 && n != top {
			k := rowKey{m.key(m.groups[g].first), true}
			if f.folded(k, depth) {
				f.toggle(k)
			}
			depth++
		}
		if k := (rowKey{m.key(n), false}); n != node && f.folded(k, depth) {
			f.toggle(k)
		}
		depth++
	}
}
