package suspects

import "oteltop/model"

// reactionShare is the share of the calls that end differently which must end after one and the same
// service was asked, for that to be why.
const reactionShare = 0.5

// last is who was asked last before a call ended: from's parent asked to, or nobody. It is no mechanism of
// its own but tells whether calls vanish because of what a callee answered.
const last Mechanism = "last"

// observeLast notes which other service a span asked last.
func (o *observer) observeLast(x *observation, i int32) {
	h := &o.heads[o.tree.Nodes[i].Span]
	s := o.sample(x, key{mechanism: last, from: party{id: h.Service}, to: o.asked(i), parent: h.Op})
	s.calls++
	s.hits++
}

// asked is who answered the call that ended last below a span, through spans of its own service; nobody
// where that was own work.
func (o *observer) asked(i int32) party {
	for {
		latest := o.latest(i)
		if latest < 0 {
			return party{}
		}
		child := &o.heads[o.tree.Nodes[latest].Span]
		if service := o.heads[o.tree.Nodes[i].Span].Service; child.Service != service {
			return party{id: child.Service}
		}
		if isExit(child.Kind) {
			to, _ := o.answerer(latest)
			return to
		}
		i = latest
	}
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
