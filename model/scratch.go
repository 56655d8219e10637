package model

// treeScratch is the working memory of Link, CriticalPath and Shape, kept between calls so that a scan
// over many traces allocates nothing once it is warm. Ranks are positions in the canonical order of the
// spans (see Link); places at and after the number of spans are synthetic Missing nodes.
type treeScratch struct {
	order []int32  // rank → index into the heads
	rank  []int32  // index into the heads → rank, where parents are known by index
	keys  []uint64 // start and index, while the order is found
	ids   idTable  // id → rank of the span that owns it, or place of its Missing node

	parent []int32     // place → place of its parent, -1 for none
	child  []int32     // place → its first child, -1 for none
	next   []int32     // place → its next sibling, -1 for none
	twin   []int32     // rank → next rank with the same id, -1 for none
	flags  []NodeFlags // rank → flags
	walk   []int32     // rank → the walk that visited it, while cycles are looked for
	absent []absentee  // the Missing nodes

	path   pathScratch
	hashes []uint64 // Shape: hashes of finished subtrees
	pend   []int32  // Shape: node → how many of those are its children
}

// absentee is a parent id that no span has.
type absentee struct {
	id    SpanID
	first int32 // rank of its earliest orphan
}

// resized returns s with length n, its memory kept where it suffices; the contents are undefined.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
