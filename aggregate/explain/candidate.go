package explain

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
)

// candidate is a row with what tests and folding need.
type candidate struct {
	Row
	p       float64
	has     traceSet // traces, by ordinal, that have it; nil until marked
	known   traceSet // traces of which that is known; nil: all
	tally   int32
	value   uint32
	isAbove bool // of a number: has marks the traces above the threshold, else those below
	limit   int  // of a number: the threshold's bin
	origin  origin
	share   map[int32]int // of a share of the critical path: per mille by ordinal
	// isSlight: it is hardly any of the time that the selected traces take.
	isSlight bool
}

// origin says what a candidate came from.
type origin uint8

const (
	fromValue origin = iota
	fromAbsence
	fromNumber
	fromStructure // marked already
)

// candidates are all comparisons that the tallies allow.
func (a *tallying) candidates() []*candidate {
	totals := [2]uint64{uint64(a.spans.selected), uint64(a.spans.traces() - a.spans.selected)}
	var out []*candidate
	for at, t := range a.tallies {
		seen := map[uint32]struct{}{}
		for side := range t.sides {
			for _, c := range t.sides[side].entries {
				if _, again := seen[c.value]; again {
					continue
				}
				seen[c.value] = struct{}{}
				k := a.newCandidate(int32(at), fromValue, totals)
				k.value = c.value
				k.Value = a.values.texts[c.value]
				k.Beginning, k.IsCut = a.values.cut[c.value]
				selected, errS := t.sides[0].of(c.value)
				baseline, errB := t.sides[1].of(c.value)
				k.compare(selected, errS, baseline, errB)
				out = append(out, k)
			}
		}
		selected, baseline := totals[0]-t.sides[0].present, totals[1]-t.sides[1].present
		if t.scope != ScopeTrace && selected+baseline > 0 {
			k := a.newCandidate(int32(at), fromAbsence, totals)
			k.Absent = true
			k.compare(selected, 0, baseline, 0)
			out = append(out, k)
		}
		if k := a.newCandidate(int32(at), fromNumber, totals); k.compareNumbers(&t.number[0], &t.number[1]) {
			out = append(out, k)
		}
	}
	return out
}

func (a *tallying) newCandidate(at int32, from origin, totals [2]uint64) *candidate {
	t := a.tallies[at]
	k := &candidate{tally: at, origin: from}
	k.Scope, k.Key, k.IDLike = t.scope, t.key, t.idLike()
	k.SelectedTotal, k.BaselineTotal = totals[0], totals[1]
	switch {
	case t.op != 0:
		op := a.names.Operation(t.op)
		k.Service, k.Operation, k.Kind = op.ServiceName, op.Name, op.Kind
	case t.service != 0:
		k.Service = a.names.Service(t.service)
	}
	return k
}

// compare tests a share. Counts that may be too large are taken as is least favourable to a difference.
func (k *candidate) compare(selected, errS, baseline, errB uint64) {
	k.Selected, k.Baseline, k.Error = selected, baseline, max(errS, errB)
	n, m := k.SelectedTotal, k.BaselineTotal
	k.Lower = stats.NewcombeWithin(selected, errS, n, baseline, errB, m, stats.Z95).Distance()
	if float64(selected)*float64(m) > float64(baseline)*float64(n) {
		selected -= errS
	} else {
		baseline -= errB
	}
	k.p = stats.Association(selected, n, baseline, m)
}

// fewNumbers is how many distinct bins make a number worth comparing by rank; below, its values say it.
const fewNumbers = 8

// compareNumbers tests a number by rank; false where it has too few values to rank.
func (k *candidate) compareNumbers(s, b *numbers) bool {
	bins := 0
	for _, n := range [2]*numbers{s, b} {
		here := 0
		n.hist.Each(func(int, int64) { here++ })
		bins = max(bins, here)
	}
	if bins < fewNumbers || s.count == 0 || b.count == 0 {
		return false
	}
	k.ranked(s, b)
	return true
}

// ranked fills a candidate from the ranks of two samples.
func (k *candidate) ranked(s, b *numbers) {
	r := stats.MannWhitney(&b.hist, &s.hist)
	ms, mb := medianBin(&s.hist), medianBin(&b.hist)
	k.Numeric, k.AUC, k.p = true, r.AUC, r.P
	k.SelectedMedian, k.BaselineMedian = binNumber(ms), binNumber(mb)
	k.Selected, k.Baseline = s.count, b.count
	k.SelectedTotal, k.BaselineTotal = s.count, b.count
	k.Lower = r.Distance(s.count, b.count, stats.Z95)
	k.isAbove, k.limit = r.AUC > 0.5, ms
}

// significant gives all candidates their q-values and returns those that pass, best first.
func significant(all []*candidate) []*candidate {
	p := make([]float64, len(all))
	for i, k := range all {
		p[i] = k.p
	}
	var out []*candidate
	for i, q := range stats.BenjaminiHochberg(p) {
		k := all[i]
		// Shares of the critical path sum to one: a smaller one only says that another is larger.
		isRemainder := k.share != nil && !k.isAbove
		if k.Q = q; q < significance && k.Lower > 0 && !isRemainder && !k.isSlight {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, compareRank)
	return out
}

// sameLower is how near two bounds are when only rounding tells them apart: a value and its complement
// have the same.
const sameLower = 1e-9

// class ranks what a difference can tell.
type class uint8

const (
	telling     class = iota // attributes and callees
	shares                   // of the critical path: where the time goes rather than which traces lose it
	identifiers              // of which most traces have one of their own
)

func (k *candidate) class() class {
	switch {
	case k.IDLike:
		return identifiers
	case k.share != nil:
		return shares
	}
	return telling
}

// bestOf takes the best of every class, so that many attributes leave room for the critical path.
func bestOf(ranked []*candidate) []*candidate {
	var taken [identifiers + 1]int
	var out []*candidate
	for _, k := range ranked {
		if c := k.class(); taken[c] < c.folded() {
			taken[c]++
			out = append(out, k)
		}
	}
	return out
}

// compareRank orders by class, then by how large the difference is at least. Where that is the same, a
// value that selected traces have comes before one that they lack, then the plainer scope.
func compareRank(a, b *candidate) int {
	return cmp.Or(
		cmp.Compare(a.class(), b.class()),
		cmp.Compare(math.Round(b.Lower/sameLower), math.Round(a.Lower/sameLower)),
		cmp.Compare(b.lift(), a.lift()),
		cmp.Compare(scopeRank(a.Scope), scopeRank(b.Scope)),
		cmp.Compare(a.origin, b.origin),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation),
		cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value),
	)
}

// lift is (p_s − p_b)/(p_s + p_b): 1 for what only selected traces have, −1 for what none of them has.
func (k *candidate) lift() float64 {
	s, b := k.SelectedShare(), k.BaselineShare()
	if k.Numeric {
		return 2*k.AUC - 1
	}
	if s+b == 0 {
		return 0
	}
	return (s - b) / (s + b)
}

func scopeRank(s Scope) int {
	switch s {
	case ScopeSpan:
		return 0
	case ScopeResource:
		return 1
	}
	return 2
}
