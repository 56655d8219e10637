package order

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// Doubt is a hop of a critical path that other requests contradict: that Node waited for Before, the last call
// that had ended when it began.
type Doubt struct {
	Node, Before int32
	Count
}

// Doubts finds the hops of the critical path below root that do not hold in all requests, by Node (A10). An
// order that was broken anywhere is not known to be one: what Node truly waited for may be something else.
func (m *Model) Doubts(heads []model.Head, tree *model.Tree, root int32, path []model.Section) []Doubt {
	nodes := tree.Nodes
	if root < 0 || nodes[root].Span < 0 {
		return nil
	}
	onPath := make([]bool, nodes[root].End-root)
	for _, s := range path {
		onPath[s.Node-root] = true
	}
	for i := nodes[root].End - 1; i > root; i-- {
		if onPath[i-root] {
			onPath[nodes[i].Parent-root] = true
		}
	}
	places := make([]int32, len(onPath))
	var doubts []Doubt
	for i := root; i < nodes[root].End; i++ {
		above := int32(noPath)
		if i > root {
			above = places[nodes[i].Parent-root]
		}
		places[i-root] = m.Find(above, heads[nodes[i].Span].Op)
		p := m.Parent(places[i-root])
		before := int32(-1)
		for c := i + 1; c < nodes[i].End; c = nodes[c].End {
			if !onPath[c-root] {
				continue
			}
			if before >= 0 {
				count := p.Order(p.Slot(heads[nodes[before].Span].Op), p.Slot(heads[nodes[c].Span].Op))
				if count.Broken > 0 {
					doubts = append(doubts, Doubt{c, before, count})
				}
			}
			before = c
		}
	}
	slices.SortFunc(doubts, func(a, b Doubt) int { return cmp.Compare(a.Node, b.Node) })
	return doubts
}
