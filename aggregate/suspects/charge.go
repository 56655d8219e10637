package suspects

import (
	"cmp"
	"maps"
	"slices"
)

// pair is an edge: from waits for to.
type pair struct{ from, to party }

// chargeRounds is how often the two sides of charge are fitted in turn; it settles at once unless chains
// of services with few edges depend on each other.
const chargeRounds = 3

// fullVote is how many calls an edge needs for what it says about its callee to count in full: callers are
// asked about one and the same service. What a caller's edges say about it is of different services, and
// the only one that is called often must not outvote the others.
const fullVote = 30

// charge decides who is behind a longer wait: whoever is waited for, whose network or queue is slow, or
// whoever waits, short of CPU or threads and late to notice the answer. A cause on one side shows on (most
// of) its edges: the growth per call of an edge is fitted as the sum of a part of its caller, which most
// of the caller's edges have, and one of its callee, which most of the callee's have, by medians in turn
// (after Tukey's median polish 1977). The larger part tells. Medians are the lower ones: of two edges both
// must have grown. Where an edge is all there is on both sides, the callee is charged.
//
// Peers that send no spans (a database) are charged only if several services wait for them: with a single
// caller nothing tells the two apart, and the caller is the one that can be looked into.
func charge(effects []effect) {
	growth, calls := map[pair]float64{}, map[pair]float64{}
	for i := range effects {
		if e := &effects[i]; e.key.mechanism == Wait {
			p := pair{e.key.from, e.key.to}
			growth[p] += max(0, e.after-e.before) * e.calls
			calls[p] += e.calls
		}
	}
	out, in := map[party][]pair{}, map[party][]pair{}
	for _, p := range slices.SortedFunc(maps.Keys(growth), comparePairs) {
		growth[p] /= calls[p]
		out[p.from] = append(out[p.from], p)
		in[p.to] = append(in[p.to], p)
	}
	callers, callees := map[party]float64{}, map[party]float64{}
	froms, tos := slices.SortedFunc(maps.Keys(out), compareParties), slices.SortedFunc(maps.Keys(in), compareParties)
	for range chargeRounds {
		for _, from := range froms {
			edges := out[from]
			if len(edges) == 1 {
				callers[from] = soleEdge(edges[0], in[edges[0].to], growth, calls, callers)
				continue
			}
			callers[from] = common(edges, nil, func(p pair) float64 { return growth[p] - callees[p.to] })
		}
		for _, to := range tos {
			callees[to] = common(in[to], calls, func(p pair) float64 { return growth[p] - callers[p.from] })
		}
	}
	for i := range effects {
		e := &effects[i]
		if e.key.mechanism != Wait {
			continue
		}
		from, to := e.key.from, e.key.to
		byCallee := callers[from] <= callees[to]
		if to.peer && len(in[to]) < 2 {
			byCallee = false
		}
		e.suspect = from
		if byCallee {
			e.suspect = to
		}
	}
}

// soleEdge is the part of a caller with one edge: what that edge grew more than the callee's other edges
// did, nothing where there are none.
func soleEdge(edge pair, siblings []pair, growth, calls map[pair]float64, callers map[party]float64) float64 {
	var others []pair
	for _, p := range siblings {
		if p != edge {
			others = append(others, p)
		}
	}
	if len(others) == 0 {
		return 0
	}
	return max(0, growth[edge]-common(others, calls, func(p pair) float64 { return growth[p] - callers[p.from] }))
}

// common is the lower median over edges, at least 0. Each edge has a vote; given calls, less of one if it
// has few.
func common(edges []pair, calls map[pair]float64, of func(pair) float64) float64 {
	type vote struct{ value, weight float64 }
	votes := make([]vote, 0, len(edges))
	total := 0.0
	for _, p := range edges {
		v := vote{of(p), 1}
		if calls != nil {
			v.weight = min(1, calls[p]/fullVote)
		}
		votes = append(votes, v)
		total += v.weight
	}
	slices.SortFunc(votes, func(a, b vote) int { return cmp.Compare(a.value, b.value) })
	below := 0.0
	for _, v := range votes {
		if below += v.weight; below >= total/2 {
			return max(0, v.value)
		}
	}
	return 0
}

func comparePairs(a, b pair) int {
	return cmp.Or(compareParties(a.from, b.from), compareParties(a.to, b.to))
}

func compareParties(a, b party) int {
	if a.peer != b.peer {
		if b.peer {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.id, b.id)
}
