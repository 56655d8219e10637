package compare

import (
	"math"

	"oteltop/aggregate/stats"
)

// sameErrors is how near the change of one way of failing has to come to the change of all failures of an
// operation for both to be the same statement: a tenth more or less.
const sameErrors = 0.1

// withoutEchoes drops that an operation fails more or less where a way of failing that is new or gone accounts
// for it, and is among the changes: the latter says the same, and with what. A way that has no name says less, and
// is dropped itself.
func (t *tester) withoutEchoes(changes []Change) []Change {
	says := map[Operation]*Change{}
	for i := range changes {
		c := &changes[i]
		if (c.Kind == NewError || c.Kind == VanishedError) && t.accounts(c) {
			says[c.Operation] = c
		}
	}
	dropped := map[*Change]bool{}
	for i := range changes {
		c := &changes[i]
		by := says[c.Operation]
		switch {
		case c.Kind != Errors || by == nil || (by.After > by.Before) != (c.After > c.Before):
		case by.Error == unspecified:
			c.Origin = c.Origin || by.Origin
			dropped[by] = true
		case by.Origin || !c.Origin:
			dropped[c] = true
		}
	}
	var kept []Change
	for i := range changes {
		if !dropped[&changes[i]] {
			kept = append(kept, changes[i])
		}
	}
	return kept
}

// accounts reports whether an operation fails more, or less, by as much as by this way of failing.
func (t *tester) accounts(c *Change) bool {
	whole := t.b.failing(c.Operation) - t.a.failing(c.Operation)
	return whole != 0 && math.Abs((c.After-c.Before)/whole-1) <= sameErrors
}

// failing is the share of an operation's spans that fail in any way.
func (p *Profile) failing(op Operation) float64 {
	var spans uint64
	for e, n := range p.errors {
		if e.Operation == op {
			spans += n.spans
		}
	}
	return stats.Ratio(min(spans, p.seen[op]), p.seen[op])
}
