package model

import (
	"cmp"
	"slices"
	"sort"
)

// overlapShare is the part of a parent's duration by which a child may outlast the start of its successor
// and still count as having happened before it, 1/overlapShare: clocks and instrumentation are not exact
// (CRISP's figure, 1 %).
const overlapShare = 100

// Tolerance is by how much, in ns, calls of a parent with a duration may overlap and still count as one after the
// other.
func Tolerance(duration int64) int64 { return (duration - 1) / overlapShare }

// pathScratch is the working memory of CriticalPath.
type pathScratch struct {
	frames []pathFrame
	kids   []pathKid // of all open frames, one run each
	starts []int64   // starts of the kids, run by run in ascending order
}

// pathFrame is a span whose part of the path is being walked, backwards in time.
type pathFrame struct {
	node       int32
	start, end int64 // clipped to the frame below (D9)
	cur        int64 // the path is known from here on
	base, at   int   // its kids are kids[base:], those before at have been looked at
	last       int   // the kid that was taken last, -1 for none yet
}

// pathKid is a child that its parent may have waited for, clipped to the parent.
type pathKid struct {
	start, end int64
	node       int32
}

// CriticalPath returns the stretches of time in which the end of root was waiting for a single span
// itself, in time order (A10, after CRISP and jaeger-ui). The sections are disjoint and contiguous, cover
// root's interval exactly, and each lies in its span's interval. A root that is a Missing node or has no
// duration has none. dst is overwritten, and kept where it is large enough.
//
// It walks backwards from the end of a span: the child that ended last before the current point is what
// was waited for, and so on from that child's start. Only the children of spans on the path are looked
// at. Iterative, O(n log n). It works in t's scratch memory: one call at a time per Tree.
func CriticalPath(heads []Head, t *Tree, root int32, dst []Section) []Section {
	dst = dst[:0]
	if root < 0 || int(root) >= len(t.Nodes) || t.Nodes[root].Span < 0 {
		return dst
	}
	s := &t.scratch.path
	s.frames, s.kids, s.starts = s.frames[:0], s.kids[:0], s.starts[:0]
	h := &heads[t.Nodes[root].Span]
	s.open(heads, t, pathKid{h.Start, h.End, root}, h.End)
	for len(s.frames) > 0 {
		f := &s.frames[len(s.frames)-1]
		k, ok := s.take(f)
		if !ok {
			dst = emitSection(dst, f.node, f.start, f.cur)
			s.kids, s.starts = s.kids[:f.base], s.starts[:f.base]
			s.frames = s.frames[:len(s.frames)-1]
			continue
		}
		hi := min(k.end, f.cur)
		dst = emitSection(dst, f.node, hi, f.cur)
		f.cur = k.start
		s.open(heads, t, k, hi)
	}
	slices.Reverse(dst)
	return dst
}

func emitSection(dst []Section, node int32, start, end int64) []Section {
	if start < end {
		dst = append(dst, Section{node, start, end})
	}
	return dst
}

// open pushes a frame for span, to be walked from hi backwards, and gathers its children: those that
// block it and overlap it, clipped to it (D9), by end descending, start descending, id.
func (s *pathScratch) open(heads []Head, t *Tree, span pathKid, hi int64) {
	base := len(s.kids)
	node := &t.Nodes[span.node]
	kind := heads[node.Span].Kind
	for c := span.node + 1; c < node.End; c = t.Nodes[c].End {
		h := &heads[t.Nodes[c].Span]
		if h.Start >= span.end {
			break // siblings are in order of start
		}
		k := pathKid{max(h.Start, span.start), min(h.End, span.end), c}
		if k.start < k.end && blocks(kind, h.Kind) {
			s.kids = append(s.kids, k)
			s.starts = append(s.starts, k.start)
		}
	}
	if kids := s.kids[base:]; len(kids) > 1 {
		slices.SortFunc(kids, func(a, b pathKid) int {
			switch {
			case a.end != b.end:
				return cmp.Compare(b.end, a.end)
			case a.start != b.start:
				return cmp.Compare(b.start, a.start)
			}
			return cmp.Or(cmp.Compare(heads[t.Nodes[a.node].Span].ID, heads[t.Nodes[b.node].Span].ID), cmp.Compare(a.node, b.node))
		})
	}
	s.frames = append(s.frames, pathFrame{node: span.node, start: span.start, end: span.end, cur: hi, base: base, at: base, last: -1})
}

// take finds the next child that f waited for. A child that was passed over cannot come into question
// again, because the current point only moves back: so each is looked at once.
func (s *pathScratch) take(f *pathFrame) (pathKid, bool) {
	for ; f.at < len(s.kids); f.at++ {
		k := s.kids[f.at]
		if k.start >= f.cur || (k.end > f.cur && !s.happensBefore(f, k)) {
			continue
		}
		f.last = f.at
		f.at++
		return k, true
	}
	return pathKid{}, false
}

// happensBefore decides on a child that ends after the start of the one taken last: the overlap is put
// down to imprecision if it is short, the child starts and ends before the other, and nothing else
// happens among the siblings meanwhile.
func (s *pathScratch) happensBefore(f *pathFrame, k pathKid) bool {
	if f.last < 0 || k.end-f.cur > Tolerance(f.end-f.start) {
		return false
	}
	last := s.kids[f.last]
	if k.end >= last.end || k.start >= last.start {
		return false
	}
	// Of all starts and ends of siblings in between there have to be two: where last starts, and where k ends.
	lo, hi := f.cur, k.end
	kids, starts := s.kids[f.base:], s.starts[f.base:]
	begun := sort.Search(len(starts), func(i int) bool { return starts[i] > hi }) -
		sort.Search(len(starts), func(i int) bool { return starts[i] >= lo })
	ended := sort.Search(len(kids), func(i int) bool { return kids[i].end < lo }) -
		sort.Search(len(kids), func(i int) bool { return kids[i].end <= hi })
	return begun+ended == 2
}

// CriticalTimes sums sections by node: the own time in ns of each of nodes nodes on the path. dst is
// overwritten, and kept where it is large enough.
func CriticalTimes(sections []Section, nodes int, dst []int64) []int64 {
	dst = resized(dst, nodes)
	clear(dst)
	for _, s := range sections {
		dst[s.Node] += s.End - s.Start
	}
	return dst
}
