package model

import (
	"cmp"
	"math/bits"
	"slices"
)

// Link arranges spans into t, overwriting what was there (ANALYSES D1, D2, D3, D8). Every head gets
// exactly one node; every parent id that no span has gets one Missing node whose children are its
// orphans. The tree does not depend on the order of heads. Nothing recurses, so depth is no limit;
// O(n log n), no allocation once t has grown.
//
// Spans are first put into canonical order (start, end descending, id, rest); all that follows works on
// ranks in that order, which is at the same time the order of siblings and of roots.
func (t *Tree) Link(heads []Head) {
	t.link(heads, nil)
}

// LinkKnown is Link of spans of which no two have the same id and no parent is missing, by somebody who knows where
// they are: parents is the index of each head's parent, −1 where it names none.
func (t *Tree) LinkKnown(heads []Head, parents []int32) { t.link(heads, parents) }

func (t *Tree) link(heads []Head, parents []int32) {
	s := &t.scratch
	t.Nodes, t.Missing, t.Roots = t.Nodes[:0], t.Missing[:0], 0
	if len(heads) == 0 {
		return
	}
	s.sortHeads(heads)
	var backwards bool
	if parents != nil {
		backwards = s.takeParents(heads, parents)
	} else {
		s.indexIDs(heads)
		backwards = s.findParents(heads)
	}
	if backwards {
		s.cutCycles()
	}
	s.listChildren(len(heads))
	t.emit(heads)
}

// sortHeads fills order. Most exporters send nearly sorted spans, so sorted input is checked for first.
//
// Starts are sorted as numbers, with the index in their lower bits, which takes a third of the time that a
// comparison of heads at every step does; compareHeads is left with the few that start together.
func (s *treeScratch) sortHeads(heads []Head) {
	s.order = resized(s.order, len(heads))
	sorted, first, last := true, heads[0].Start, heads[0].Start
	for i := range heads {
		s.order[i] = int32(i)
		sorted = sorted && (i == 0 || compareHeads(&heads[i-1], &heads[i]) <= 0)
		first, last = min(first, heads[i].Start), max(last, heads[i].Start)
	}
	if sorted {
		return
	}
	compare := func(a, b int32) int { return compareHeads(&heads[a], &heads[b]) }
	width := bits.Len(uint(len(heads)))
	if uint64(last)-uint64(first) >= 1<<(63-width) { // years apart: some clock is wrong
		slices.SortFunc(s.order, compare)
		return
	}
	s.keys = resized(s.keys, len(heads))
	for i := range heads {
		s.keys[i] = (uint64(heads[i].Start)-uint64(first))<<width | uint64(i)
	}
	s.sortKeys()
	run := 0 // where those begin that start with the current one
	for k, key := range s.keys {
		s.order[k] = int32(key & (1<<width - 1))
		if k+1 == len(s.keys) || s.keys[k+1]>>width != key>>width {
			if k > run {
				slices.SortFunc(s.order[run:k+1], compare)
			}
			run = k + 1
		}
	}
}

// fewKeys is up to how many keys are sorted by counting: most traces have so few spans.
const fewKeys = 32

// sortKeys sorts keys, of which no two are equal and none has its highest bit set. Of few each finds its place by
// how many are smaller, without a branch that the processor could mispredict: a third of the time of slices.Sort.
func (s *treeScratch) sortKeys() {
	n := len(s.keys)
	if n > fewKeys {
		slices.Sort(s.keys)
		return
	}
	var few [fewKeys]uint64
	keys := few[:n]
	copy(keys, s.keys)
	for _, k := range keys {
		smaller := uint64(0)
		for _, other := range keys {
			smaller += (other - k) >> 63 // 1 where other < k
		}
		s.keys[smaller] = k
	}
}

// compareHeads is the canonical order. It looks at every field, so that only heads that are equal in all
// respects tie, and those may change places without anybody seeing it.
func compareHeads(a, b *Head) int {
	switch {
	case a.Start != b.Start:
		return cmp.Compare(a.Start, b.Start)
	case a.End != b.End:
		return cmp.Compare(b.End, a.End)
	case a.ID != b.ID:
		return cmp.Compare(a.ID, b.ID)
	}
	return cmp.Or(
		cmp.Compare(a.Parent, b.Parent),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Op, b.Op),
		cmp.Compare(a.Status, b.Status),
		compareBools(a.Negative, b.Negative),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// indexIDs enters each id with its first span and chains the others that use the same id.
func (s *treeScratch) indexIDs(heads []Head) {
	n := len(heads)
	s.ids.reset(n)
	s.twin = resized(s.twin, n)
	s.flags = resized(s.flags, n)
	s.parent = resized(s.parent, n)
	s.absent = s.absent[:0]
	shared := false
	for r := int32(n - 1); r >= 0; r-- { // descending, so that the slot ends with the earliest
		h := &heads[s.order[r]]
		s.twin[r], s.flags[r], s.parent[r] = -1, 0, unresolved
		if h.Negative {
			s.flags[r] = NegativeDuration
		}
		if h.ID == 0 {
			continue // no child can name it; receivers refuse such spans
		}
		slot := s.ids.at(h.ID)
		if slot.id != 0 {
			s.twin[r] = slot.place
			shared = true
		}
		slot.id, slot.place = h.ID, r
	}
	if shared {
		s.resolveTwins(heads)
	}
}

// unresolved marks a parent that findParents still has to look up.
const unresolved = -2

// resolveTwins decides who owns an id that several spans use (D1). A client and a server with one id are
// the two halves of one Zipkin call: the server goes below the client, and whoever names the id as its
// parent was called by the server. All other collisions are faults: the first span keeps the children.
func (s *treeScratch) resolveTwins(heads []Head) {
	for r := range s.twin {
		h := &heads[s.order[r]]
		if s.twin[r] < 0 || s.ids.at(h.ID).place != int32(r) {
			continue // not the first of a group; the slot may name the server of a group already done
		}
		client, server, size := int32(-1), int32(-1), 0
		for q := int32(r); q >= 0; q = s.twin[q] {
			switch k := heads[s.order[q]].Kind; {
			case k == KindClient && client < 0:
				client = q
			case k == KindServer && server < 0:
				server = q
			}
			size++
		}
		pair := client >= 0 && server >= 0
		if !pair || size > 2 {
			for q := int32(r); q >= 0; q = s.twin[q] {
				s.flags[q] |= DuplicateID
			}
		}
		if pair {
			s.flags[server] |= SharedID
			s.parent[server] = client
			s.ids.at(h.ID).place = server
		}
	}
}

// findParents resolves every parent id, making a Missing place for those that nobody has. It reports
// whether any span sorts before its parent: only then can there be a cycle.
func (s *treeScratch) findParents(heads []Head) (backwards bool) {
	n := int32(len(heads))
	for r := range n {
		if s.parent[r] != unresolved {
			backwards = backwards || s.parent[r] > r
			continue
		}
		h := &heads[s.order[r]]
		switch h.Parent {
		case 0:
			s.parent[r] = -1
			continue
		case h.ID:
			s.parent[r] = -1
			s.flags[r] |= CycleCut
			continue
		}
		slot := s.ids.at(h.Parent)
		if slot.id == 0 {
			slot.id, slot.place = h.Parent, n+int32(len(s.absent))
			s.absent = append(s.absent, absentee{h.Parent, r})
		}
		if slot.place >= n {
			s.flags[r] |= Orphan
		} else {
			backwards = backwards || slot.place > r
		}
		s.parent[r] = slot.place
	}
	return backwards
}

// takeParents is indexIDs and findParents for parents that are known.
func (s *treeScratch) takeParents(heads []Head, parents []int32) (backwards bool) {
	n := len(heads)
	s.flags, s.parent, s.rank = resized(s.flags, n), resized(s.parent, n), resized(s.rank, n)
	s.absent = s.absent[:0]
	for r, i := range s.order {
		s.rank[i] = int32(r)
	}
	for r, i := range s.order {
		h, parent := &heads[i], parents[i]
		s.flags[r] = 0
		if h.Negative {
			s.flags[r] = NegativeDuration
		}
		switch parent {
		case -1:
			s.parent[r] = -1
		case i:
			s.parent[r] = -1
			s.flags[r] |= CycleCut
		default:
			s.parent[r] = s.rank[parent]
			backwards = backwards || s.parent[r] > int32(r)
		}
	}
	return backwards
}

// cutCycles makes a root of the earliest span of each cycle. Each span is walked over once.
func (s *treeScratch) cutCycles() {
	n := int32(len(s.parent))
	s.walk = resized(s.walk, int(n))
	clear(s.walk)
	for r := range n {
		q := r
		for q >= 0 && q < n && s.walk[q] == 0 {
			s.walk[q] = r + 1
			q = s.parent[q]
		}
		if q < 0 || q >= n || s.walk[q] != r+1 {
			continue // reached a root, a Missing node, or what an earlier walk has seen to
		}
		first := q
		for p := s.parent[q]; p != q; p = s.parent[p] {
			first = min(first, p)
		}
		s.parent[first] = -1
		s.flags[first] |= CycleCut
		s.flags[first] &^= SharedID
	}
}

// listChildren turns parents into sibling lists. Place n+len(absent) heads the list of the roots.
// Walking the ranks downwards and pushing to the front leaves every list in canonical order.
func (s *treeScratch) listChildren(n int) {
	top := n + len(s.absent)
	s.child = resized(s.child, top+1)
	s.next = resized(s.next, top+1)
	for i := range s.child {
		s.child[i] = -1
	}
	push := func(parent, place int32) {
		s.next[place] = s.child[parent]
		s.child[parent] = place
	}
	for r := int32(n - 1); r >= 0; r-- {
		p := s.parent[r]
		if p < 0 {
			push(int32(top), r)
			continue
		}
		push(p, r)
		if int(p) >= n && s.absent[int(p)-n].first == r {
			push(int32(top), p) // a Missing node starts where its first orphan does
		}
	}
	s.next[top] = -1
}

// emit writes the nodes by walking the sibling lists depth first; node indices on the way up come from
// the nodes' own Parent, so that no stack is needed.
func (t *Tree) emit(heads []Head) {
	s := &t.scratch
	n := int32(len(heads))
	t.Nodes = slices.Grow(t.Nodes, int(n)+len(s.absent))
	place, parent, depth := s.child[n+int32(len(s.absent))], int32(-1), int32(0)
	s.walk = resized(s.walk, int(n)+len(s.absent)) // from here: node → place
	for {
		for place < 0 { // this list is at its end: close the parent, go on with its sibling
			if parent < 0 {
				return
			}
			t.Nodes[parent].End = int32(len(t.Nodes))
			place, parent, depth = s.next[s.walk[parent]], t.Nodes[parent].Parent, depth-1
		}
		at := int32(len(t.Nodes))
		s.walk[at] = place
		t.Nodes = append(t.Nodes, t.node(heads, place, parent, depth))
		place, parent, depth = s.child[place], at, depth+1
	}
}

// node makes the node of a place and counts it among the roots or the missing where it is one.
func (t *Tree) node(heads []Head, place, parent, depth int32) Node {
	s := &t.scratch
	if n := int32(len(heads)); place >= n {
		t.Missing = append(t.Missing, s.absent[place-n].id)
		return Node{Span: -1, Parent: -1, Depth: depth, Flags: Missing}
	}
	span := s.order[place]
	flags := s.flags[place]
	if parent < 0 {
		t.Roots++
	} else if above := t.Nodes[parent].Span; above >= 0 && heads[span].End > heads[above].End {
		flags |= AsyncTail
	}
	return Node{Span: span, Parent: parent, Depth: depth, Flags: flags}
}
