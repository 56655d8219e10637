package gaps

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// span is a call that nobody answered, or a server span without a parent.
type span struct {
	start, end int64 // Unix ns
	trace      model.TraceID
	pair       int32 // of calls: the pair of services
	failed     bool
}

// match calls yield for as many pairs of a call, moved by shift ns, and a server span within it as there can be
// with each in one at most. servers are sorted by start.
//
// Each server span, in order of start, takes of the calls that began before it the one that ends soonest after it:
// whatever it could take of the others, the next could too, which makes this greedy choice the best (a matching of
// points under dominance).
func match(calls, servers []span, shift int64, yield func(call, server *span)) {
	byStart, byEnd := make([]int32, len(calls)), make([]int32, len(calls))
	for i := range calls {
		byStart[i], byEnd[i] = int32(i), int32(i)
	}
	slices.SortFunc(byStart, func(a, b int32) int { return cmp.Compare(calls[a].start, calls[b].start) })
	slices.SortFunc(byEnd, func(a, b int32) int { return cmp.Or(cmp.Compare(calls[a].end, calls[b].end), cmp.Compare(a, b)) })
	rank := make([]int32, len(calls))
	for r, i := range byEnd {
		rank[i] = int32(r)
	}
	free := newRanks(len(calls))
	begun := 0
	for i := range servers {
		s := &servers[i]
		for ; begun < len(byStart) && calls[byStart[begun]].start+shift <= s.start; begun++ {
			free.set(int(rank[byStart[begun]]), true)
		}
		first, _ := slices.BinarySearchFunc(byEnd, s.end, func(c int32, end int64) int { return cmp.Compare(calls[c].end+shift, end) })
		if r := free.next(first); r >= 0 {
			free.set(r, false)
			yield(&calls[byEnd[r]], s)
		}
	}
}

// ranks is a set of numbers below n that finds its next member: a binary tree of which nodes hold any.
type ranks struct {
	leaves int
	any    []bool
}

func newRanks(n int) *ranks {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	return &ranks{leaves, make([]bool, 2*leaves)}
}

func (r *ranks) set(i int, member bool) {
	i += r.leaves
	r.any[i] = member
	for i /= 2; i > 0; i /= 2 {
		r.any[i] = r.any[2*i] || r.any[2*i+1]
	}
}

// next is the least member from i on, −1 for none.
func (r *ranks) next(i int) int {
	if i >= r.leaves {
		return -1
	}
	at := i + r.leaves
	for !r.any[at] {
		// To the right: the sibling of the first ancestor that is a left child.
		for at&1 == 1 {
			at /= 2
		}
		if at == 0 {
			return -1
		}
		at++
	}
	for at < r.leaves {
		if at *= 2; !r.any[at] {
			at++
		}
	}
	return at - r.leaves
}
