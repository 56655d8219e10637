package suspects

import (
	"slices"

	"oteltop/model"
)

// reactionShare is the share of the calls that end differently which must end after one and the same
// service was asked, for that to be why.
const reactionShare = 0.5

// last is who was asked last before a call ended: from's parent asked to, or nobody. It is no mechanism of
// its own but tells whether calls vanish because of what a callee answered.
const last Mechanism = "last"

// observeLast notes which other service a span asked last.
func (o *observer) observeLast(x *observation, i int32) {
	h := &o.heads[o.tree.Nodes[i].Span]
	s := o.sample(x, key{mechanism: last, from: party{id: h.Service}, to: o.asked[i], parent: h.Op})
	s.calls++
	s.hits++
}

// lastAsked is who answered the call that ended last below a span, through spans of its own service; nobody
// where that was own work. That of the spans below is known.
func (o *observer) lastAsked(i int32) party {
	latest := o.latest(i)
	if latest < 0 {
		return party{}
	}
	child := &o.heads[o.tree.Nodes[latest].Span]
	if service := o.heads[o.tree.Nodes[i].Span].Service; child.Service != service {
		return party{id: child.Service}
	}
	if child.Kind.IsExit() {
		to, _ := o.answerer(latest)
		return to
	}
	return o.asked[latest]
}

// latest is the child that ended last, -1 for none. Consumers are not waited for.
func (o *observer) latest(i int32) int32 {
	best := int32(-1)
	for c := i + 1; c < o.tree.Nodes[i].End; c = o.tree.Nodes[c].End {
		h := &o.heads[o.tree.Nodes[c].Span]
		if h.Kind != model.KindConsumer && (best < 0 || h.End >= o.heads[o.tree.Nodes[best].Span].End) {
			best = c
		}
	}
	return best
}

// followShare is the share of a change that must be gone in requests without an error, for the error to be
// why: an operation that tries again, or waits before it does, works longer only where something failed.
const followShare = 0.25

// follow charges what an operation does longer or more often to a callee that fails, where it does so only
// in requests in which errors of that callee begin. Only a callee, directly or not: what waits for a slow
// one may fail by itself.
func (c *Comparison) follow(effects []effect) {
	var failing []*effect
	for i := range effects {
		if e := &effects[i]; e.certain && e.size > 0 && e.key.mechanism == Errors {
			failing = append(failing, e)
		}
	}
	if len(failing) == 0 {
		return
	}
	calls := c.callees()
	for i := range effects {
		e := &effects[i]
		if !e.certain || e.size <= 0 || e.after <= e.before || e.key.mechanism == Errors || e.key.mechanism == Unanswered {
			continue
		}
		for _, f := range failing {
			if e.suspect == f.suspect || !reaches(calls, e.key.from, f.suspect) {
				continue
			}
			if without, ok := c.without(e, f.id); ok && without-e.before < followShare*(e.after-e.before) {
				e.suspect = f.suspect
				break
			}
		}
	}
}

// without is the mean per call of an effect in the traces of the focus that have no sample of a key.
func (c *Comparison) without(e *effect, key int32) (mean float64, ok bool) {
	var n, x float64
	for _, o := range c.seen[Focus] {
		if slices.ContainsFunc(o.samples, func(s sample) bool { return s.key == key }) {
			continue
		}
		if v, calls := o.value(e.id, &e.key); calls > 0 {
			n, x = n+calls, x+v
		}
	}
	return x / n, n >= minTimed
}

// callees is who calls whom.
func (c *Comparison) callees() map[party][]party {
	out := map[party][]party{}
	for i := range c.keys {
		if k := &c.keys[i]; k.mechanism == Wait && !slices.Contains(out[k.from], k.to) {
			out[k.from] = append(out[k.from], k.to)
		}
	}
	return out
}

func reaches(calls map[party][]party, from, to party) bool {
	seen := map[party]struct{}{from: {}}
	for queue := []party{from}; len(queue) > 0; {
		next := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, p := range calls[next] {
			if p == to {
				return true
			}
			if _, known := seen[p]; !known {
				seen[p] = struct{}{}
				queue = append(queue, p)
			}
		}
	}
	return false
}

// corroborate marks what became less because an operation ends early: its calls vanish too, or errors begin.
// That an operation got faster is no fault of anybody.
func corroborate(effects []effect) {
	vanish, fail := map[uint32]bool{}, map[party]bool{}
	for i := range effects {
		e := &effects[i]
		switch {
		case !e.certain || e.size <= 0:
		case e.key.mechanism == Calls && e.after < e.before:
			vanish[e.key.parent] = true
			e.early = true
		case e.key.mechanism == Errors && e.after > e.before:
			fail[e.suspect] = true
		}
	}
	for i := range effects {
		if e := &effects[i]; e.key.mechanism == Work && e.after < e.before {
			e.early = vanish[e.key.op] || fail[e.suspect]
		}
	}
}

// react charges calls that vanish to a callee where that is why: the calls of the parent that end
// differently than before end after that callee was asked, and it has certainly changed itself. A caller
// that gives up on a wrong answer did not return early of its own accord.
func (c *Comparison) react(effects []effect, tallies [][sides]tally) {
	changed := map[party]bool{}
	for i := range effects {
		if e := &effects[i]; e.certain && e.size > 0 {
			changed[e.suspect] = true
		}
	}
	type ending struct {
		total, most float64
		after       party
	}
	endings := map[uint32]*ending{}
	for i := range tallies {
		b, f := &tallies[i][Baseline], &tallies[i][Focus]
		if k := &c.keys[i]; k.mechanism == last && b.n > 0 && f.n > 0 && f.mean() > b.mean() {
			x := endings[k.parent]
			if x == nil {
				x = &ending{}
				endings[k.parent] = x
			}
			more := f.mean() - b.mean()
			x.total += more
			if more > x.most {
				x.most, x.after = more, k.to
			}
		}
	}
	for i := range effects {
		e := &effects[i]
		if e.key.mechanism != Calls || e.after >= e.before {
			continue
		}
		x := endings[e.key.parent]
		if x != nil && x.most >= reactionShare*x.total && x.after != e.key.from && changed[x.after] {
			e.suspect = x.after
		}
	}
}
