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
	}
	op := k.op
	switch k.mechanism {
	case Calls:
		x.Callee, op = c.names.Operation(k.op).Name, k.parent
	case Wait:
		x.Client, x.Server, x.Peer = c.nameOf(k.from), c.nameOf(k.to), k.to.peer
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
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo))
	})
	var ids []model.TraceID
	for _, x := range found[:min(len(found), maxExemplars)] {
		ids = append(ids, x.id)
	}
	return ids
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
