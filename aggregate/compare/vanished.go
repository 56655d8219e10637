package compare

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
)

// edges finds calls between services that only one side has.
func (t *tester) edges() {
	for _, e := range onlyKeys(t.a.edges, t.b.edges) {
		a, b := t.a.edges[e], t.b.edges[e]
		kind, before, after := NewEdge, uint64(0), uint64(0)
		if b == nil {
			kind, before = VanishedEdge, a.traces
		} else {
			after = b.traces
		}
		c := t.presence(kind, Operation{Service: e.Server}, before, after)
		c.Client = e.Client
		if b != nil {
			c.Exemplar = b.in
		} else {
			c.ExemplarBefore = a.in
		}
		t.add(c)
	}
}

// onlyKeys are the edges of exactly one side, sorted.
func onlyKeys(a, b map[edge]*edgeCount) []edge {
	var out []edge
	for e := range a {
		if b[e] == nil {
			out = append(out, e)
		}
	}
	for e := range b {
		if a[e] == nil {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.Client, y.Client), cmp.Compare(x.Server, y.Server))
	})
	return out
}

// errorTypes finds ways of failing that only one side has, of operations that both have.
func (t *tester) errorTypes() {
	var keys []errorType
	for e := range t.a.errors {
		if t.b.errors[e] == nil {
			keys = append(keys, e)
		}
	}
	for e := range t.b.errors {
		if t.a.errors[e] == nil {
			keys = append(keys, e)
		}
	}
	slices.SortFunc(keys, func(x, y errorType) int {
		return cmp.Or(compareOperations(x.Operation, y.Operation), cmp.Compare(x.Type, y.Type))
	})
	for _, e := range keys {
		n, m := t.a.seen[e.Operation], t.b.seen[e.Operation]
		if n == 0 || m == 0 {
			continue
		}
		c := &comparison{effect: true}
		c.Kind, c.Operation, c.Error = NewError, e.Operation, e.Type
		var before, after uint64
		if k := t.b.errors[e]; k != nil {
			after, c.Exemplar, c.Origin = min(k.spans, m), k.in, t.b.begins(e.Operation)
		} else {
			k := t.a.errors[e]
			c.Kind, before, c.ExemplarBefore, c.Origin = VanishedError, min(k.spans, n), k.in, t.a.begins(e.Operation)
		}
		c.p = stats.Association(before, n, after, m)
		c.Before, c.After, c.TracesBefore, c.TracesAfter = stats.Ratio(before, n), stats.Ratio(after, m), n, m
		c.Lower = stats.Newcombe(after, m, before, n, stats.Z95).Distance()
		c.certain = math.Abs(c.After-c.Before) == 1
		t.add(c)
	}
}

// begins reports whether a good part of the failures of an operation begin there: the others pass on what a
// callee failed with, under whatever name.
func (p *Profile) begins(op Operation) bool {
	o := p.operations[op]
	return o == nil || float64(o.first) >= ownShare*float64(o.failed)
}
