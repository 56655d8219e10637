package whatif

import (
	"cmp"
	"math"
	"slices"

	"oteltop/model"
)

// Unawaited is the slack of a span that nothing waits for.
const Unawaited = -1

// Single is what the times of one trace say about its spans, by node, ns.
type Single struct {
	// Slack is by how much longer a span could take before the root does; 0 on the critical path, Unawaited where
	// nothing waits for it.
	Slack []int64
	// Drag is by how much earlier a span could end before something else is waited for: what the root gains at
	// most if the span took no time. 0 off the critical path.
	Drag []int64
	// Own is what the root gains at most if the span took no time of its own, but what it calls took what it did: no more
	// than its own time on the critical path, nor than its drag. They sum to no more than the root took.
	Own []int64
}

// Of works out slack and drag below a root; critical are the own times on its critical path
// (model.CriticalTimes). Outside of the root's subtree all is Unawaited and 0.
func Of(heads []model.Head, tree *model.Tree, root int32, critical []int64) Single {
	n := len(tree.Nodes)
	s := Single{Slack: make([]int64, n), Drag: make([]int64, n), Own: make([]int64, n)}
	for i := range s.Slack {
		s.Slack[i] = Unawaited
	}
	if root < 0 || tree.Nodes[root].Span < 0 {
		return s
	}
	var f Frame
	f.Set(heads, tree, root)
	onPath := pathOf(tree, root, critical)
	s.Slack[root], s.Drag[root] = 0, f.head(root).Duration()
	for i := root; i < tree.Nodes[root].End; i++ {
		if f.span(i).idle || tree.Nodes[i].End == i+1 {
			continue
		}
		f.open(i)
		f.slack(i, onPath, s.Slack)
		f.drag(i, onPath, s.Drag)
	}
	for i := root; i < tree.Nodes[root].End; i++ {
		s.Own[i] = min(critical[i], s.Drag[i])
	}
	return s
}

// pathOf marks, by node − root, the spans that have, or are above one that has, time on the critical path.
func pathOf(tree *model.Tree, root int32, critical []int64) []bool {
	on := make([]bool, tree.Nodes[root].End-root)
	for i := tree.Nodes[root].End - 1; i >= root; i-- {
		on[i-root] = on[i-root] || critical[i] > 0
		if on[i-root] && i > root {
			on[tree.Nodes[i].Parent-root] = true
		}
	}
	return on
}

// slack works out the children of a node: each may end later by what is left until the last that the next one
// waited for, and by the slack of that one; the parent waits for all.
func (f *Frame) slack(node int32, onPath []bool, slack []int64) {
	if len(f.kids) == 0 {
		return
	}
	final := f.kids[f.ends[len(f.ends)-1]].end
	latest := make([]int64, len(f.kids)+1) // when a call must have ended for those that begin from kid k on
	latest[len(f.kids)] = math.MaxInt64
	for k := len(f.kids) - 1; k >= 0; k-- {
		x := &f.kids[k]
		next, _ := slices.BinarySearchFunc(f.kids, x.end, func(y kid, end int64) int { return cmp.Compare(y.start, end) })
		own := min(slack[node]+final, latest[next]) - x.end
		if onPath[x.node-f.root] {
			own = 0
		}
		slack[x.node] = own
		latest[k] = latest[k+1]
		if before, ok := f.endedBefore(x.start); ok {
			latest[k] = min(latest[k], before+own)
		}
	}
}

// endedBefore is the latest end of a kid up to a time; false where none had ended.
func (f *Frame) endedBefore(at int64) (int64, bool) {
	n, _ := slices.BinarySearchFunc(f.ends, at+1, func(k int, at int64) int { return cmp.Compare(f.kids[k].end, at) })
	if n == 0 {
		return 0, false
	}
	return f.kids[f.ends[n-1]].end, true
}

// drag works out the children of a node: one that is waited for is so until the sibling that ended before it.
func (f *Frame) drag(node int32, onPath []bool, drag []int64) {
	for i, k := range f.ends {
		x := &f.kids[k]
		if !onPath[x.node-f.root] {
			continue
		}
		own := min(x.end-x.start, drag[node])
		for next := i - 1; next >= 0; next-- {
			if before := &f.kids[f.ends[next]]; before.inside != k { // a wrapper of it ends with it
				own = min(own, x.end-before.end)
				break
			}
		}
		drag[x.node] = own
	}
}
