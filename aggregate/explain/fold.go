package explain

import (
	"context"
	"math/bits"
	"strconv"

	"oteltop/aggregate/stats"
)

// traceSet is a set of traces by ordinal.
type traceSet []uint64

func newTraceSet(n int) traceSet { return make(traceSet, (n+63)/64) }

func (b traceSet) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b traceSet) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// marker is what a pass marks for one tally: the candidates that came from it.
type marker struct {
	values map[uint32][]*candidate
	absent []*candidate
	number []*candidate
}

// mark makes a pass that notes which traces have each of the candidates.
func (a *tallying) mark(ctx context.Context, ks []*candidate) error {
	markers := make([]*marker, len(a.tallies))
	n := a.spans.traces()
	some := false
	for _, k := range ks {
		if k.origin == fromStructure {
			continue
		}
		some = true
		k.has = newTraceSet(n)
		m := markers[k.tally]
		if m == nil {
			m = &marker{values: map[uint32][]*candidate{}}
			markers[k.tally] = m
		}
		switch k.origin {
		case fromAbsence:
			m.absent = append(m.absent, k)
		case fromNumber:
			m.number = append(m.number, k)
		default:
			m.values[k.value] = append(m.values[k.value], k)
		}
	}
	if !some {
		return nil
	}
	err := a.each(ctx, func(ordinal int, seg uint32, i int, p *plan) {
		for _, f := range p.fixed {
			if m := markers[f.tally]; m != nil {
				m.note(ordinal, f.value, a.values)
			}
		}
		for pos, k := range p.keys {
			for _, at := range [2]int32{k.span, k.trace} {
				if at >= 0 && markers[at] != nil {
					markers[at].note(ordinal, a.values.at(seg, i, pos), a.values)
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for _, m := range markers { // absence was noted as presence
		if m != nil {
			for _, k := range m.absent {
				k.has.invert(n)
			}
		}
	}
	return nil
}

func (m *marker) note(ordinal int, value uint32, vs *values) {
	for _, k := range m.values[value] {
		k.has.add(ordinal)
	}
	for _, k := range m.absent {
		k.has.add(ordinal)
	}
	number, isNumber := vs.number(value)
	if !isNumber {
		return
	}
	for _, k := range m.number {
		if k.beyond(numberBin(number)) {
			k.has.add(ordinal)
		}
	}
}

// beyond reports whether a number is on the side of the selected traces' median that speaks for them.
func (k *candidate) beyond(bin int) bool {
	if k.isAbove {
		return bin >= k.limit
	}
	return bin <= k.limit
}

// invert makes the complement among n traces.
func (b traceSet) invert(n int) {
	for w := range b {
		b[w] = ^b[w] & wordBelow(w, n)
	}
}

// maxAlso is how many redundant candidates a row names.
const maxAlso = 8

// fold keeps the best candidate and drops those that tell nothing beyond it, then the best of what is
// left, and so on until there are limit. Redundant is what, among the traces that have the kept one and among those that do
// not, is no longer associated with the cohort.
func fold(ks []*candidate, selected, all, limit int) []*candidate {
	var kept []*candidate
	for len(ks) > 0 && len(kept) < limit {
		best, rest := ks[0], ks[1:]
		kept = append(kept, best)
		p := make([]float64, len(rest))
		for i, k := range rest {
			p[i] = stats.MantelHaenszel(strata(best, k, selected, all)...)
		}
		ks = nil
		for i, q := range stats.BenjaminiHochberg(p) {
			if q <= significance {
				ks = append(ks, rest[i])
				continue
			}
			best.AlsoCount++
			if len(best.Also) < maxAlso && rest[i].lift()*best.lift() > 0 {
				best.Also = append(best.Also, rest[i].label())
			}
		}
	}
	return kept
}

// strata counts the traces with k in each cohort, among those with given and among those without.
func strata(given, k *candidate, selected, all int) []stats.Stratum {
	var out [2]stats.Stratum
	for w := range k.has {
		known := ^uint64(0)
		if given.known != nil {
			known &= given.known[w]
		}
		if k.known != nil {
			known &= k.known[w]
		}
		cohort := [2]uint64{wordBelow(w, selected), wordBelow(w, all) &^ wordBelow(w, selected)}
		for i, in := range [2]uint64{given.has[w], ^given.has[w]} {
			in &= known
			out[i].A += ones(in & k.has[w] & cohort[0])
			out[i].N += ones(in & cohort[0])
			out[i].C += ones(in & k.has[w] & cohort[1])
			out[i].M += ones(in & cohort[1])
		}
	}
	return out[:]
}

func ones(w uint64) uint64 { return uint64(bits.OnesCount64(w)) }

// wordBelow has the bits of the ordinals of word w that are below limit.
func wordBelow(w, limit int) uint64 {
	switch n := limit - w*64; {
	case n <= 0:
		return 0
	case n >= 64:
		return ^uint64(0)
	default:
		return 1<<n - 1
	}
}

// exemplar is the first selected trace that shows a candidate: one that has it, or that lacks it where the
// selected traces have it less often. −1 for none.
func (k *candidate) exemplar(selected int) int {
	more := k.lift() >= 0 || k.Numeric // of numbers has marks those that speak for the difference
	for i := range selected {
		if (k.known == nil || k.known.has(i)) && k.has.has(i) == more {
			return i
		}
	}
	return -1
}

// label names a candidate in one line.
func (k *candidate) label() string {
	where := ""
	if k.Scope != ScopeSpan {
		where = string(k.Scope) + " "
	}
	if k.Service != "" {
		where = k.Service + " "
	}
	if k.Operation != "" {
		where += k.Operation + " "
	}
	switch {
	case k.Absent:
		return where + k.Key + " absent"
	case k.Numeric && k.Value == "":
		return where + k.Key + " ~ " + strconv.FormatFloat(k.SelectedMedian, 'g', 3, 64)
	}
	return where + k.Key + "=" + k.Value
}
