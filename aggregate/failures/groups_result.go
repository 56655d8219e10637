package failures

import (
	"cmp"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
)

// When a group counts as new or increasing.
const (
	// minMore is by how much of the requests that pass the operation more of them have the error, at least: the
	// lower bound of the difference. What fewer meet is worth a row, not an alarm.
	minMore = .01
	// minRatio is how many times as many that has to be, where there were some before.
	minRatio = 2
	minAfter = 5   // requests with it
	minSide  = 30  // requests that pass the operation, before and after
	maxQ     = .01 // one user's requests fail together: tests that take them for independent are too sure
	// turns is how many moments are tried as the turn of a group, evenly spread.
	turns = 16
	// goneBy is how many errors are missing at the end when a group counts as over: chance leaves out so many in
	// one case of 150.
	goneBy = 5
)

// Change is what became of a group.
type Change string

// The changes.
const (
	Steady     Change = "steady"
	New        Change = "new"
	Increasing Change = "increasing"
)

// GroupsResult is errors by operation and type.
type GroupsResult struct {
	Traces    uint64
	Failing   uint64 // requests with an error anywhere
	Soft      uint64 // spans with an error type whose status is no error
	Rows      []ErrorGroup
	Tests     int    // moments that were tried as a turn, of all groups together
	Undecoded uint64 // errors whose events were not looked at, for the bound
	Dropped   uint64
}

// ErrorGroup is the errors of an operation and type.
type ErrorGroup struct {
	Service, Operation string
	Kind               model.Kind
	Type               string // error.type, else of an exception, else a status code, else the message without what is single
	Source             Source
	Message            string // of the first, as it was
	Spans              uint64
	Begin              uint64 // spans at which the error begins
	Traces             uint64 // requests
	Failed             uint64 // of which are errors themselves
	Of                 uint64 // requests that pass the operation
	First, Last        int64  // Unix ns
	Counts             []uint32
	Exemplars          []Exemplar
	Select             string

	Change Change
	Since  int64 // the turn, Unix ns; 0 where nothing was compared
	Over   bool  // it has stopped since
	// Requests with the error, of those that pass the operation, before and after the turn.
	Before, BeforeOf, After, AfterOf uint64
	MoreAtLeast                      float64 // lower bound of the difference of the shares, 95 %
	Q                                float64 // 1 where nothing was compared
}

// Result is what was counted so far: what is new first, then what increases, then the rest, each by requests.
func (g *Groups) Result() *GroupsResult {
	r := &GroupsResult{Traces: g.traces, Failing: g.failing, Soft: g.soft, Undecoded: g.kinds.Undecoded, Dropped: g.dropped + g.kinds.Dropped}
	var ps []float64
	var tested []int
	for k, x := range g.groups {
		o, typ, p := g.names.Operation(k.op), g.kinds.list[k.typ], g.operations[k.op]
		row := ErrorGroup{
			Service: o.ServiceName, Operation: o.Name, Kind: o.Kind, Type: typ.text, Source: typ.source, Message: x.message,
			Spans: x.spans, Begin: x.begin, Traces: x.traces, Failed: x.failed, Of: p.before + p.after, First: x.first, Last: x.last,
			Counts: slices.Clone(x.series[:len(g.periods.starts)]), Exemplars: x.sample.list(), Select: "{ " + selects(o, typ, true) + " }", Change: Steady, Q: 1,
		}
		if p, n := g.compare(&row, x, p); n > 0 {
			ps, tested = append(ps, min(1, p*float64(n))), append(tested, len(r.Rows))
			r.Tests += n
		}
		r.Rows = append(r.Rows, row)
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		r.Rows[tested[i]].judge(q)
	}
	slices.SortFunc(r.Rows, func(a, b ErrorGroup) int {
		return cmp.Or(cmp.Compare(a.Change.rank(), b.Change.rank()), cmp.Compare(b.Traces, a.Traces), cmp.Compare(b.Begin, a.Begin), cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type))
	})
	return r
}

func (c Change) rank() int { return slices.Index([]Change{New, Increasing, Steady}, c) }

// compare finds the turn of a group, and returns its p-value and how many were tried.
func (g *Groups) compare(row *ErrorGroup, x *group, all *presence) (p float64, tried int) {
	if g.turn != 0 {
		if all.before < minSide || all.after < minSide {
			return 1, 0
		}
		row.Since = g.turn
		row.at(x.before, all.before, x.after, all.after)
		return stats.Association(x.after, all.after, x.before, all.before), 1
	}
	n := len(g.periods.starts)
	for k := 1; k < turns; k++ {
		turn := k * n / turns
		before, after := all.sum(0, turn), all.sum(turn, n)
		if turn == 0 || turn == (k-1)*n/turns || before < minSide || after < minSide {
			continue
		}
		tried++
		a, b := x.sum(0, turn), x.sum(turn, n)
		q := stats.Association(b, after, a, before)
		if a*after >= b*before {
			q = 2 - q // less than before: no turn for the worse
		}
		if tried == 1 || q < p {
			p = q
			row.Since = g.periods.starts[turn]
			row.at(a, before, b, after)
		}
	}
	row.Over = x.over(all, n)
	return min(p, 1), tried
}

// at notes the requests with the error before and after a turn.
func (r *ErrorGroup) at(before, beforeOf, after, afterOf uint64) {
	r.Before, r.BeforeOf, r.After, r.AfterOf = before, beforeOf, after, afterOf
	r.MoreAtLeast = stats.Newcombe(after, afterOf, before, beforeOf, stats.Z95).Lower
}

// over reports whether requests went on without the error: at the rate from its first to its last period,
// several more would have had it.
func (x *group) over(all *presence, n int) bool {
	first, last := -1, -1
	for i := range n {
		if x.series[i] > 0 {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	if last < 0 {
		return false
	}
	rate := stats.Ratio(x.sum(first, last+1), all.sum(first, last+1))
	return rate*float64(all.sum(last+1, n)) >= goneBy
}

func (r *ErrorGroup) judge(q float64) {
	r.Q = q
	if q > maxQ || r.MoreAtLeast < minMore || r.After < minAfter {
		return
	}
	switch {
	case r.Before == 0:
		r.Change = New
	case stats.Ratio(r.After, r.AfterOf) >= minRatio*stats.Ratio(r.Before, r.BeforeOf):
		r.Change = Increasing
	}
}
