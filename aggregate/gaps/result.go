package gaps

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// When the calls from one service to another are said to lose their context. A call is unanswered when the callee has no
// span in its trace, and matched when the callee starts a trace during it.
const (
	// fewest is how many calls have to be matched.
	fewest = 20
	// fits is the share of the unanswered calls that have to be matched. Not counted are failed calls without a match:
	// they may never have reached the callee.
	fits = .9
	// least is the share of all calls between the two services, answered or not, that have to be matched.
	least = .05
	// clearly is by how much the share that is matched has to exceed the share that would be by chance.
	clearly = .5
	// Where a callee is so busy that chance alone matches nearly everything, no share can exceed that clearly. Then nearly
	// all unanswered calls have to be matched (traceless), and most of the traces that the callee starts (accounted).
	traceless = .98
	accounted = .8
)

const (
	// maxSample is how many traces of each sort are named for a pair.
	maxSample = 5
	// shiftTimes is how many times the calls are moved in time to learn how many are matched by chance.
	shiftTimes = 4
)

// Result is the pairs of services of which one calls the other without an answer. Immutable.
type Result struct {
	Pairs  []Pair // what lost context first, then by calls without an answer
	Traces uint64
	// Answered are the calls of one service to another that a span of the other answers in the same trace.
	Answered uint64
	Dropped  uint64 // spans, peers and pairs that there was no room for
}

// Pair is the calls of one service to another that sends spans of its own.
type Pair struct {
	Client, Server string
	Calls          uint64 // all
	Unanswered     uint64 // of Calls: the server has no span in their trace
	Failed         uint64 // of Unanswered
	Matched        uint64 // of Unanswered: the server started a trace during the call
	Excused        uint64 // of Failed: not matched; they may never have reached the server

	Roots        uint64  // traces that the server starts
	RootsMatched uint64  // of Roots: during a call of any service
	Chance       float64 // share of Unanswered that would be matched by chance
	Lost         bool    // context is lost on the way

	ClientTraces []model.TraceID // of some calls that were matched
	ServerTraces []model.TraceID // parallel to ClientTraces: the trace that each was matched with
	SilentTraces []model.TraceID // of some unanswered calls, first of those without a match
}

// Rate is the share of all calls that were matched.
func (p *Pair) Rate() float64 { return float64(p.Matched) / float64(max(p.Calls, 1)) }

// Fits is the share of the unanswered calls that were matched, of those that were not excused.
func (p *Pair) Fits() float64 { return float64(p.Matched) / float64(max(p.Unanswered-p.Excused, 1)) }

// Silent is how many calls reached the server, as far as is known, and left no span of it anywhere. Where context is
// lost, matched calls have left one in another trace. Where it is not, a match is chance and says nothing of a call.
func (p *Pair) Silent() uint64 {
	if p.Lost {
		return p.Unanswered - p.Excused - p.Matched
	}
	return p.Unanswered - p.Failed
}

// lost decides whether context is lost: see the constants.
func (p *Pair) lost() bool {
	if p.Matched < fewest || p.Fits() < fits || p.Rate() < least {
		return false
	}
	byChance := p.Chance * float64(p.Unanswered) / float64(max(p.Unanswered-p.Excused, 1))
	if p.Fits()-byChance >= clearly {
		return true
	}
	return p.Fits() >= traceless && p.Fits() > byChance && float64(p.RootsMatched) >= accounted*float64(p.Roots)
}

// Result is what was found so far. The Fold can go on.
func (f *Fold) Result() *Result {
	f.at.index()
	r := &Result{Traces: f.traces, Dropped: f.dropped + f.at.dropped}
	for k, n := range f.answered {
		if k.client != k.server {
			r.Answered += n
		}
	}
	byServer := map[uint32][]int32{} // peers, by the service at them
	for i := range f.keys {
		service := f.at.service(f.called[i])
		if service == 0 {
			service = f.answers[f.keys[i].peer].whose()
		}
		if service != 0 && service != f.keys[i].client {
			byServer[service] = append(byServer[service], int32(i))
		}
	}
	for server, peers := range byServer {
		r.Pairs = append(r.Pairs, f.pairsOf(server, peers)...)
	}
	slices.SortFunc(r.Pairs, func(a, b Pair) int {
		if a.Lost != b.Lost {
			return map[bool]int{true: -1, false: 1}[a.Lost]
		}
		return cmp.Or(cmp.Compare(b.Unanswered, a.Unanswered), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server))
	})
	return r
}

// pairsOf matches all calls to one server that nobody answered with the traces that it starts.
func (f *Fold) pairsOf(server uint32, peers []int32) []Pair {
	var pairs []Pair
	at := map[uint32]int32{} // by caller
	var calls []span
	longest := int64(0)
	for _, peer := range peers {
		client := f.keys[peer].client
		k, ok := at[client]
		if !ok {
			k = int32(len(pairs))
			at[client] = k
			pairs = append(pairs, Pair{Client: f.names.Service(client), Server: f.names.Service(server), Calls: f.answered[edgeKey{client, server}]})
		}
		for _, c := range f.open[peer] {
			c.pair = k
			calls = append(calls, c)
			longest = max(longest, c.end-c.start)
			pairs[k].Calls++
			pairs[k].Unanswered++
			if c.failed {
				pairs[k].Failed++
				pairs[k].Excused++
			}
		}
	}
	slices.SortFunc(calls, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), a.trace.Compare(b.trace))
	})
	roots := slices.Clone(f.roots[server])
	slices.SortFunc(roots, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), a.trace.Compare(b.trace))
	})
	f.matchPairs(pairs, calls, roots, longest)
	return pairs
}

// matchPairs fills in what the pairs have of calls that are matched, truly and by chance.
func (f *Fold) matchPairs(pairs []Pair, calls, roots []span, longest int64) {
	matched := map[*span]bool{}
	all := uint64(0)
	match(calls, roots, 0, func(call, root *span) {
		p := &pairs[call.pair]
		matched[call] = true
		all++
		p.Matched++
		if call.failed {
			p.Excused--
		}
		if len(p.ClientTraces) < maxSample {
			p.ClientTraces, p.ServerTraces = append(p.ClientTraces, call.trace), append(p.ServerTraces, root.trace)
		}
	})
	for i := range calls {
		if p := &pairs[calls[i].pair]; !calls[i].failed && !matched[&calls[i]] && len(p.SilentTraces) < maxSample {
			p.SilentTraces = append(p.SilentTraces, calls[i].trace)
		}
	}
	for i := range pairs {
		p := &pairs[i]
		p.SilentTraces = append(p.SilentTraces, p.ClientTraces[:min(len(p.ClientTraces), maxSample-len(p.SilentTraces))]...)
	}
	byChance := make([]uint64, len(pairs))
	if all > 0 {
		// A call that is moved by more than the longest one lasts contains no trace that it caused: what it contains is
		// chance.
		for i := range int64(shiftTimes) {
			shift := (longest + 1) * (i/2 + 1)
			if i%2 == 1 {
				shift = -shift
			}
			match(calls, roots, shift, func(call, _ *span) { byChance[call.pair]++ })
		}
	}
	for i := range pairs {
		p := &pairs[i]
		p.Roots, p.RootsMatched = uint64(len(roots)), all
		p.Chance = float64(byChance[i]) / shiftTimes / float64(max(p.Unanswered, 1))
		p.Lost = p.lost()
	}
}
