// Lens 7, Compare: two traces laid over each other by call path.

package ui

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// pairRowsMost bounds the call paths of a pair: more than anyone reads.
const pairRowsMost = 2000

// pairCall is the calls of a path in one trace. Times are ns from the start of the trace, by corrected clocks.
type pairCall struct {
	calls      int // 0: the trace has none
	start, end int64
	total      int64 // sum of the durations of all calls
	self       int64 // sum of their self times
	failed     int
	span       model.SpanID // of the longest call
	longest    int64
}

// pairRow is a call path in both traces.
type pairRow struct {
	path          uint64
	depth         int
	service, what model.Text
	seriesOf      string // the service, for its colour
	inside        bool   // its caller is of the same service, which need not be named again
	at            [pairSides]pairCall
}

// pairNode is a call path while traces are merged.
type pairNode struct {
	pairRow
	below []int // places of the paths that it calls
}

// pairMerger merges call paths.
type pairMerger struct {
	nodes []pairNode
	place map[uint64]int // by path
	roots []int
}

// mergePair lays traces over each other by call path: of what calls the same, what begins first stands first. A trace
// may be nil. more is how many paths the bound cut off.
func mergePair(traces [pairSides]*model.Trace) (rows []pairRow, more int) {
	m := &pairMerger{place: map[uint64]int{}}
	for s := range pairSides {
		if traces[s] != nil {
			m.add(s, traces[s])
		}
	}
	order := func(places []int) {
		slices.SortStableFunc(places, func(a, b int) int {
			return cmp.Or(cmp.Compare(m.nodes[a].begins(), m.nodes[b].begins()), cmp.Compare(m.nodes[a].path, m.nodes[b].path))
		})
	}
	order(m.roots)
	stack := slices.Clone(m.roots)
	slices.Reverse(stack)
	for len(stack) > 0 {
		n := &m.nodes[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		rows = append(rows, n.pairRow)
		order(n.below)
		for _, k := range slices.Backward(n.below) {
			stack = append(stack, k)
		}
	}
	more = max(0, len(rows)-pairRowsMost)
	return rows[:len(rows)-more], more
}

// begins is when a path is first taken: now, else before.
func (n *pairNode) begins() int64 {
	if n.at[pairNow].calls > 0 {
		return n.at[pairNow].start
	}
	return n.at[pairBefore].start
}

// add takes the spans of a trace. Nodes of a tree come before what is below them.
func (m *pairMerger) add(s pairSideID, t *model.Trace) {
	at := make([]int, len(t.Tree.Nodes)) // place of the path of each node
	for i := range t.Tree.Nodes {
		n := &t.Tree.Nodes[i]
		service, name, kind := "", "(missing parent)", model.KindUnspecified
		if n.Span >= 0 {
			x := &t.Spans[n.Span]
			service, name, kind = model.ServiceOf(x.Resource), x.Name, x.Kind
		}
		above, parent := uint64(0), -1
		if n.Parent >= 0 {
			parent = at[n.Parent]
			above = m.nodes[parent].path
		}
		at[i] = m.find(pathHash(above, service, name, kind), parent, service, name)
		if n.Span >= 0 {
			m.nodes[at[i]].at[s].count(t, i)
		}
	}
}

// find is the place of a path, made where there is none yet.
func (m *pairMerger) find(path uint64, parent int, service, name string) int {
	if at, ok := m.place[path]; ok {
		return at
	}
	n := pairNode{pairRow: pairRow{path: path, service: model.Sanitise(service), what: model.Sanitise(name), seriesOf: service}}
	at := len(m.nodes)
	m.place[path] = at
	if parent < 0 {
		m.roots = append(m.roots, at)
	} else {
		n.depth, n.inside = m.nodes[parent].depth+1, m.nodes[parent].seriesOf == service
		m.nodes[parent].below = append(m.nodes[parent].below, at)
	}
	m.nodes = append(m.nodes, n)
	return at
}

// count adds the span of a node.
func (c *pairCall) count(t *model.Trace, node int) {
	x := &t.Spans[t.Tree.Nodes[node].Span]
	start, end := x.Start-t.Start, max(x.Start, x.End)-t.Start
	if node < len(t.Skew) {
		start, end = start+t.Skew[node], end+t.Skew[node]
	}
	if c.calls == 0 || start < c.start {
		c.start = start
	}
	if c.calls == 0 || end > c.end {
		c.end = end
	}
	if d := end - start; c.calls == 0 || d > c.longest {
		c.longest, c.span = d, x.ID
	}
	c.calls++
	c.total += end - start
	if node < len(t.Self) {
		c.self += t.Self[node]
	}
	if x.Status == model.StatusError {
		c.failed++
	}
}
