package model

import "slices"

// absentHash stands for the operation of a Missing node in shapes.
const absentHash = 0x6d697373696e67

// Shape is a hash of what a trace did, whatever its timing: key k2 of A20. Spans hash their operation and
// the multiset of their children's hashes, of which only few (1), some (2–4) or many (5+) equal ones are
// told apart; INTERNAL spans are collapsed, their children counting as their parent's. So traces that
// differ in the order of calls, in a repeat count, or in a library's internal spans have one shape.
// opHash maps Head.Op to a hash that is the same in all traces compared. Iterative, O(n log n), no
// allocation once t has grown. It works in t's scratch memory: one call at a time per Tree.
func Shape(heads []Head, t *Tree, opHash func(op uint32) uint64) uint64 {
	s := &t.scratch
	s.hashes = s.hashes[:0]
	s.pend = resized(s.pend, len(t.Nodes))
	clear(s.pend)
	roots := int32(0)
	// Backwards through depth-first order: when a node's turn comes, the hashes of its children are the
	// last on the stack, pend[i] of them.
	for i := len(t.Nodes) - 1; i >= 0; i-- {
		node := &t.Nodes[i]
		given := s.pend[i]
		if node.Parent < 0 || heads[node.Span].Kind != KindInternal {
			op := uint64(absentHash)
			if node.Span >= 0 {
				op = opHash(heads[node.Span].Op)
			}
			s.fold(op, int(given))
			given = 1
		}
		if node.Parent < 0 {
			roots += given
		} else {
			s.pend[node.Parent] += given
		}
	}
	s.fold(0, int(roots))
	return s.hashes[0]
}

// fold replaces the last n hashes of the stack by the hash of a node that has them as its children.
func (s *treeScratch) fold(op uint64, n int) {
	children := s.hashes[len(s.hashes)-n:]
	slices.Sort(children)
	hash := Mix(op, shapeSeed)
	for i := 0; i < n; {
		run := i + 1
		for run < n && children[run] == children[i] {
			run++
		}
		hash = Mix(hash^children[i], multiplicity(run-i))
		i = run
	}
	s.hashes = append(s.hashes[:len(s.hashes)-n], hash)
}

// shapeSeed separates a node without children from its bare operation hash.
const shapeSeed = 0x7368617065

// multiplicity is the bucket of a count of equal children: 1, 2–4, 5 and more.
func multiplicity(n int) uint64 {
	switch {
	case n < 2:
		return 1
	case n < 5:
		return 2
	}
	return 3
}
