package suspects

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// change writes down an effect.
func (c *Comparison) change(e *effect) Change {
	k := &e.key
	x := Change{
		Mechanism: k.mechanism, Service: c.nameOf(k.from),
		Before: e.before, After: e.after, Calls: uint64(e.calls), Score: e.score(), Q: e.q,
		Early: e.early,
	}
	op := k.op
	switch k.mechanism {
	case Calls:
		x.Callee, op = c.names.Operation(k.op).Name, k.parent
	case Wait:
		x.Client, x.Server, x.Peer = c.nameOf(k.from), c.nameOf(k.to), k.to.peer
		_, x.Database = c.databases[k.to]
	case Unanswered:
		x.Client, x.Server = c.nameOf(k.from), c.nameOf(k.to)
		op = k.parent
	}
	o := c.names.Operation(op)
	x.Operation, x.Kind = o.Name, o.Kind
	return x
}

// exemplars are the traces of the focus that show an effect most.
func (c *Comparison) exemplars(e *effect) []model.TraceID {
	type candidate struct {
		id    model.TraceID
		value float64
	}
	var found []candidate
	for _, o := range c.seen[Focus] {
		if v, ok := o.shows(e); ok {
			found = append(found, candidate{o.id, v})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.value, a.value), a.id.Compare(b.id))
	})
	var ids []model.TraceID
	for _, x := range found[:min(len(found), maxExemplars)] {
		ids = append(ids, x.id)
	}
	return ids
}

// harmed counts the traces of the focus that show an effect, of those that could.
func (c *Comparison) harmed(e *effect) (harmed, passing uint64) {
	for _, o := range c.seen[Focus] {
		if hit, ok := o.hit(e); ok {
			passing++
			harmed += uint64(hit)
		}
	}
	return harmed, passing
}

// hit is 1 where a trace shows an effect: it is nearer to what it was after than to what it was before, else
// 0; false where it cannot show it.
func (o *observation) hit(e *effect) (hit float64, passes bool) {
	v, ok := o.shows(e)
	if e.key.mechanism == Errors {
		if ok {
			return 1, true
		}
		return 0, slices.ContainsFunc(o.visits, func(v visit) bool { return v.op == e.key.op })
	}
	middle := (e.before + e.after) / 2
	if e.after < e.before {
		middle = -middle
	}
	if ok && v > middle {
		hit = 1
	}
	return hit, ok
}

// shows is how much a trace shows an effect; false where it cannot.
func (o *observation) shows(e *effect) (float64, bool) {
	at := slices.IndexFunc(o.samples, func(s sample) bool { return s.key == e.id })
	switch e.key.mechanism {
	case Errors:
		return float64(o.duration), at >= 0
	case Work, Wait:
		if at < 0 {
			return 0, false
		}
		if e.key.mechanism == Work && e.after < e.before {
			return -float64(o.samples[at].self) / float64(o.samples[at].calls), true
		}
		return float64(o.samples[at].time) / float64(o.samples[at].calls), true
	}
	in := slices.IndexFunc(o.visits, func(v visit) bool { return v.op == e.key.parent })
	if in < 0 {
		return 0, false
	}
	per := 0.0
	if at >= 0 {
		per = float64(o.samples[at].calls) / float64(o.visits[in].calls)
	}
	if e.after < e.before {
		per = -per
	}
	return per, true
}
