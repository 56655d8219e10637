package compare

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
)

// nodes compares call paths of the root operations that both sides have: in how many traces they are, and
// how often in those. What follows from a change further up is left out.
func (t *tester) nodes() {
	fresh, gone := t.onlyIn(t.b, t.a), t.onlyIn(t.a, t.b)
	for _, hash := range t.hashes() {
		a, b := t.a.nodes[hash], t.b.nodes[hash]
		n := b
		if n == nil {
			n = a
		}
		ra, rb := t.a.roots[n.root], t.b.roots[n.root]
		if ra == nil || rb == nil || n.above == 0 || fresh[n.op] != nil || gone[n.op] != nil {
			continue // a root, or a change of its own
		}
		x := &pathPair{hash: hash, node: n, a: counts(a), b: counts(b), rootA: ra, rootB: rb}
		t.structure(x)
		if a != nil && b != nil {
			t.calls(x)
		}
	}
}

// pathPair is a call path on both sides; a is the baseline.
type pathPair struct {
	hash         uint64
	node         *node // of the side that has it, b where both do
	a, b         *node // without calls where a side has none
	rootA, rootB *node
}

// hashes are all call paths, in an order that is always the same.
func (t *tester) hashes() []uint64 {
	var out []uint64
	for h := range t.a.nodes {
		out = append(out, h)
	}
	for h := range t.b.nodes {
		if t.a.nodes[h] == nil {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, cmp.Compare[uint64])
	return out
}

// counts is a node, or one without calls.
func counts(n *node) *node {
	if n == nil {
		return &node{}
	}
	return n
}

// structure compares in how many traces of its root operation a path is.
func (t *tester) structure(x *pathPair) {
	a, b, ra, rb := x.a, x.b, x.rootA, x.rootB
	c := &comparison{p: stats.Association(a.traces, ra.traces, b.traces, rb.traces)}
	c.Kind = Structure
	c.Before, c.After = stats.Ratio(a.traces, ra.traces), stats.Ratio(b.traces, rb.traces)
	c.TracesBefore, c.TracesAfter = ra.traces, rb.traces
	c.Lower = stats.Newcombe(b.traces, rb.traces, a.traces, ra.traces, stats.Z95).Distance()
	c.effect = math.Abs(c.After-c.Before) >= minPresence
	// Among the traces that have the caller, nothing may have changed.
	above := func(p *Profile) uint64 { return counts(p.nodes[x.node.above]).traces }
	given := stats.Ratio(b.traces, above(t.b)) - stats.Ratio(a.traces, above(t.a))
	c.hideThis = math.Abs(given) < minPresence || above(t.a) == 0 || above(t.b) == 0
	t.place(c, x)
}

// calls compares how often a path is taken in the traces that have it.
func (t *tester) calls(x *pathPair) {
	a, b := x.a, x.b
	r := stats.MannWhitneyCounts(a.counts, b.counts)
	c := &comparison{p: r.P}
	c.Kind = Calls
	c.Before, c.After = float64(a.calls)/float64(a.traces), float64(b.calls)/float64(b.traces)
	c.TracesBefore, c.TracesAfter = a.traces, b.traces
	c.Lower = r.Distance(a.traces, b.traces, stats.Z95)
	c.effect = differs(c.After/c.Before, minRatio) && math.Abs(r.AUC-0.5) >= minShift
	// So few traces prove nothing; what all of them do, on either side, is a fact none the less.
	c.certain = min(a.traces, b.traces) < minTraces && a.isConstant() && b.isConstant()
	per := func(p *Profile, k *node) float64 {
		return float64(k.calls) / float64(max(counts(p.nodes[k.above]).calls, 1))
	}
	c.hideThis = !differs(per(t.b, b)/per(t.a, a), minRatio)
	t.place(c, x)
}

// isConstant reports whether all traces that have a path take it equally often.
func (n *node) isConstant() bool { return n.counts[len(n.counts)-1] == n.traces }

// place says where a change is. A call is named by the operation that answers it, where there is one:
// that is what is called too often.
func (t *tester) place(c *comparison, x *pathPair) {
	c.Operation, c.At = x.node.op, x.hash
	c.Origin = !t.fails(x.node.above, (c.After-c.Before)/max(c.After, c.Before))
	p := t.b
	if p.nodes[x.hash] == nil {
		p = t.a
	}
	c.Client = p.nodes[x.node.above].op.Service
	c.Path = p.path(x.hash)
	if answer, ok := p.answer(x.hash); ok {
		c.Operation = answer
	}
	c.Exemplar, c.ExemplarBefore = x.b.mostIn, x.a.mostIn
	mean := func(sum float64, root *node) float64 { return sum / float64(root.traces) }
	c.attribute(mean(x.b.total, x.rootB)-mean(x.a.total, x.rootA), mean(x.rootA.length, x.rootA), mean(x.rootB.length, x.rootB))
	t.add(c)
}

// failedInstead is the share of a change of how often something is called that requests which fail higher up
// have to account for, relatively, to be the cause.
const failedInstead = 0.5

// fails reports whether the calls of a path change because a caller, directly or not, fails more often or less:
// what fails does not go on. change is relative to the larger side.
func (t *tester) fails(above uint64, change float64) bool {
	for above != 0 {
		n := t.b.nodes[above]
		if n == nil {
			if n = t.a.nodes[above]; n == nil {
				return false
			}
		}
		a, b := t.a.operations[n.op], t.b.operations[n.op]
		if a != nil && b != nil {
			failing := stats.Ratio(b.failed, b.traces) - stats.Ratio(a.failed, a.traces)
			if failing*change < 0 && math.Abs(failing) >= failedInstead*math.Abs(change) {
				return true
			}
		}
		above = n.above
	}
	return false
}

// pathShown is how many operations a path names; what is above them is left out.
const pathShown = 32

// path names the operations from the root down to a call path.
func (p *Profile) path(hash uint64) []string {
	var out []string
	for n := p.nodes[hash]; n != nil; n = p.nodes[n.above] {
		if len(out) == pathShown {
			out = append(out, "…")
			break
		}
		out = append(out, n.op.Service+" "+n.op.Name)
	}
	slices.Reverse(out)
	return out
}

// answer is the operation in another service that most calls of an exit path arrive at.
func (p *Profile) answer(hash uint64) (Operation, bool) {
	n := p.nodes[hash]
	if n.op.Kind != model.KindClient && n.op.Kind != model.KindProducer {
		return Operation{}, false
	}
	for _, at := range n.below {
		if k := p.nodes[at]; k.op.Service != n.op.Service && 2*k.calls > n.calls {
			return k.op, true
		}
	}
	return Operation{}, false
}

// answers are the services that answer exit operations: of each that on the path with the most calls.
func (p *Profile) answers() map[Operation]string {
	most := map[Operation]*node{}
	out := map[Operation]string{}
	for hash, n := range p.nodes {
		answer, ok := p.answer(hash)
		if !ok {
			continue
		}
		if m := most[n.op]; m == nil || n.calls > m.calls || n.calls == m.calls && answer.Service < out[n.op] {
			most[n.op], out[n.op] = n, answer.Service
		}
	}
	return out
}
