package patterns

import (
	"cmp"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
)

// repeats finds calls of a trace that ask the same of the same peer again, whoever makes them (A19). Failed ones are
// repeated for a reason; and where one lies inside of another, two layers of one client tell of the same call.
func (f *Fold) repeats(t *request.Trace) {
	f.scratch = f.scratch[:0]
	for i := range f.calls {
		if c := &f.calls[i]; c.exact != 0 && !c.failed {
			f.scratch = append(f.scratch, *c)
		}
	}
	if len(f.scratch) < 2 {
		return
	}
	slices.SortFunc(f.scratch, func(a, b call) int { return cmp.Or(cmp.Compare(a.exact, b.exact), cmp.Compare(a.node, b.node)) })
	for from := 0; from < len(f.scratch); {
		to, end := from+1, t.Tree.Nodes[f.scratch[from].node].End
		kept := to
		for ; to < len(f.scratch) && f.scratch[to].exact == f.scratch[from].exact; to++ {
			if f.scratch[to].node >= end {
				f.scratch[kept] = f.scratch[to]
				end = t.Tree.Nodes[f.scratch[to].node].End
				kept++
			}
		}
		if kept-from > 1 {
			f.duplicated(t, f.scratch[from:kept])
		}
		from = to
	}
}

// duplicated counts all calls but the first as wasted.
func (f *Fold) duplicated(t *request.Trace, calls []call) {
	slices.SortFunc(calls, func(a, b call) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.node, b.node)) })
	o := occurrence{calls: len(calls), width: 1}
	first := t.Span(calls[0].node).Service
	for i := range calls[1:] {
		c := &calls[1+i]
		o.time = bounded.Sum(o.time, c.duration())
		o.critical += f.critical(t, c.node)
		if t.Span(c.node).Service != first {
			o.width = 2
		}
	}
	o.save = o.critical
	again := &calls[1]
	f.collect(t, placeKey{kind: Duplicates, caller: t.Span(again.caller).Op, print: again.print}, again.node, o)
}
