package trust

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// Measure is how much of a request its spans explain. Times are as received.
type Measure struct {
	Coverage float64 // share of the root's duration in which another span runs
	Ratio    float64 // sum of the durations of all spans but roots, by the root's (Salesforce); may exceed 1
	Gap      int64   // the longest stretch, ns, of the critical path in which a span with children runs alone
	GapNode  int32   // that span, −1 for none
	Root     bool    // there is a root of some duration: else all of this means nothing
	Single   bool    // the root is the only span: nothing is covered, but nothing is missing either
}

// Gauge measures traces one after the other, reusing its memory. The zero value is ready.
type Gauge struct {
	covered []interval
	next    []int32 // by node: the first child that has not begun by the end of what was looked at
	until   []int64 // by node: the end of the children that have
}

type interval struct{ start, end int64 }

// Measure looks at a linked trace with its main root and the critical path of that.
func (g *Gauge) Measure(heads []model.Head, t *model.Tree, root int32, path []model.Section) Measure {
	m := Measure{GapNode: -1}
	if root < 0 || t.Nodes[root].Span < 0 || t.Nodes[root].Parent >= 0 {
		return m
	}
	r := &heads[t.Nodes[root].Span]
	if r.Duration() <= 0 {
		return m
	}
	m.Root, m.Single = true, true
	g.covered = g.covered[:0]
	sum := 0.0 // as float: a few clocks that are wrong by years would overflow
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Span < 0 || n.Parent < 0 {
			continue
		}
		m.Single = false
		h := &heads[n.Span]
		sum += float64(h.Duration())
		if from, to := max(h.Start, r.Start), min(h.End, r.End); from < to {
			g.covered = append(g.covered, interval{from, to})
		}
	}
	m.Ratio = sum / float64(r.Duration())
	m.Coverage = float64(union(g.covered)) / float64(r.Duration())
	m.Gap, m.GapNode = g.gap(heads, t, path)
	return m
}

// union is the length of what intervals cover together. It sorts them.
func union(all []interval) (length int64) {
	slices.SortFunc(all, func(a, b interval) int { return cmp.Compare(a.start, b.start) })
	end := int64(0)
	for i, x := range all {
		if i == 0 || x.start > end {
			length += x.end - x.start
			end = x.end
		} else if x.end > end {
			length += x.end - end
			end = x.end
		}
	}
	return length
}

// gap finds the longest part of a section in which no child of its span runs. Sections of one span come in order of
// time, as do its children, so that each child is looked at once.
func (g *Gauge) gap(heads []model.Head, t *model.Tree, path []model.Section) (longest int64, node int32) {
	node = -1
	g.next, g.until = slices.Grow(g.next[:0], len(t.Nodes))[:len(t.Nodes)], slices.Grow(g.until[:0], len(t.Nodes))[:len(t.Nodes)]
	for _, s := range path {
		g.next[s.Node], g.until[s.Node] = s.Node+1, 0
	}
	for _, s := range path {
		if t.Nodes[s.Node].End == s.Node+1 {
			continue
		}
		free := func(from, to int64) {
			if to-from > longest {
				longest, node = to-from, s.Node
			}
		}
		at := max(s.Start, g.until[s.Node])
		child := g.next[s.Node]
		for ; child < t.Nodes[s.Node].End; child = t.Nodes[child].End {
			h := &heads[t.Nodes[child].Span]
			if h.Start >= s.End {
				break
			}
			if h.Duration() > 0 { // one that takes no time does not run
				free(at, h.Start)
				at = max(at, h.End)
			}
		}
		free(at, s.End)
		g.next[s.Node], g.until[s.Node] = child, max(at, g.until[s.Node])
	}
	return longest, node
}
