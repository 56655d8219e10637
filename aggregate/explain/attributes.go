package explain

import (
	"context"
	"slices"

	"oteltop/model"
	"oteltop/model/store"
)

// ctxEvery is after how many traces a pass looks whether it is still wanted.
const ctxEvery = 512

// tallying reads the attributes of the cohorts' spans and resources into tallies.
type tallying struct {
	snap    store.Snapshot
	names   store.Names
	spans   *gathered
	subject map[uint32]struct{}
	except  []string

	tallies []*tally
	index   map[tallyKey]int32
	room    int // counters that may still be made, all tallies together
	dropped uint64
	full    map[tallyKey]struct{} // keys that were dropped, so that each counts once
	plans   [][]*plan             // by segment and class
	values  *values

	segments []store.Segment
}

// plan says which tallies the attributes of a class go to.
type plan struct {
	keys  []target
	fixed []fixed // attributes of the resource: the same for all spans of the class
}

// target is the tallies of an attribute by its place, −1 for none: in ScopeSpan and in ScopeTrace.
type target struct{ span, trace int32 }

// fixed is an attribute whose value is known from the class.
type fixed struct {
	tally int32
	value uint32
}

func newTallying(snap store.Snapshot, names store.Names, g *gathered, o Options) *tallying {
	segments := snap.Segments()
	return &tallying{
		snap: snap, names: names, spans: g, subject: o.Subject, except: o.Except, segments: segments, room: maxCounters,
		index: map[tallyKey]int32{}, full: map[tallyKey]struct{}{},
		plans: make([][]*plan, len(segments)), values: newValues(segments),
	}
}

// count makes the pass over all spans.
func (a *tallying) count(ctx context.Context) error {
	return a.each(ctx, func(ordinal int, seg uint32, i int, p *plan) {
		side := a.spans.side(ordinal)
		for _, f := range p.fixed {
			a.tallies[f.tally].sides[side].see(ordinal)
			a.add(f.tally, ordinal, side, f.value)
		}
		for pos, k := range p.keys {
			if k.span >= 0 || k.trace >= 0 {
				a.countValue(ordinal, side, seg, i, pos, k)
			}
		}
	})
}

// each calls yield with every span and the plan of its class, trace by trace.
func (a *tallying) each(ctx context.Context, yield func(ordinal int, seg uint32, i int, p *plan)) error {
	g := a.spans
	for t := range g.traces() {
		if t%ctxEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for at := g.first[t]; at < g.first[t+1]; at++ {
			p := g.places[at]
			yield(t, p.segment, int(p.index), a.plan(p.segment, g.classes[at]))
		}
	}
	return nil
}

// countValue counts the value at one place of a span.
func (a *tallying) countValue(ordinal, side int, seg uint32, i, pos int, k target) {
	wanted := false // unless every table that it could go to is closed
	for _, at := range [2]int32{k.span, k.trace} {
		if at >= 0 {
			s := &a.tallies[at].sides[side]
			s.see(ordinal)
			wanted = wanted || !s.isFrozen
		}
	}
	coded := a.values.isCoded(seg, i, pos)
	if !wanted && !coded {
		return // decoding a value costs more than all the rest, and an identifier tells nothing
	}
	v := a.values.at(seg, i, pos)
	for _, at := range [2]int32{k.span, k.trace} {
		if at >= 0 {
			a.add(at, ordinal, side, v)
		}
	}
}

// add counts a value in a tally.
func (a *tallying) add(at int32, ordinal, side int, value uint32) {
	t := a.tallies[at]
	t.sides[side].add(ordinal, value, &a.room)
	if n, ok := a.values.number(value); ok {
		t.number[side].add(ordinal, n)
	}
}

// plan finds or makes the plan of a class.
func (a *tallying) plan(seg, class uint32) *plan {
	if a.plans[seg] == nil {
		a.plans[seg] = make([]*plan, a.segments[seg].Classes())
	}
	p := a.plans[seg][class]
	if p == nil {
		p = a.newPlan(a.segments[seg].Class(class))
		a.plans[seg][class] = p
	}
	return p
}

func (a *tallying) newPlan(c *store.Class) *plan {
	_, isSubject := a.subject[c.Op]
	isSubject = isSubject || a.subject == nil
	// With a single subject operation, ScopeTrace would count the same again.
	elsewhere := !isSubject || len(a.subject) != 1
	p := &plan{keys: make([]target, len(c.Keys))}
	for pos, key := range c.Keys {
		k := target{-1, -1}
		if isSubject {
			k.span = a.tally(tallyKey{scope: ScopeSpan, key: key})
		}
		if elsewhere {
			k.trace = a.tally(tallyKey{scope: ScopeTrace, op: c.Op, key: key})
		}
		p.keys[pos] = k
	}
	for _, x := range model.AttributesOf(c.Resource) {
		if isSubject {
			p.addFixed(a, tallyKey{scope: ScopeResource, key: x.Key}, x.Value)
		}
		if elsewhere && x.Key != "service.name" { // which is what this tally is of
			p.addFixed(a, tallyKey{scope: ScopeTrace, service: c.Service, key: x.Key}, x.Value)
		}
	}
	return p
}

func (p *plan) addFixed(a *tallying, k tallyKey, v model.Value) {
	at := a.tally(k)
	if at < 0 {
		return
	}
	p.fixed = append(p.fixed, fixed{at, a.values.of(v)})
}

// tally finds or makes a tally; −1 for a key that is not compared, or when the bound is reached.
func (a *tallying) tally(k tallyKey) int32 {
	at, ok := a.index[k]
	switch {
	case slices.Contains(a.except, k.key):
		return -1
	case ok:
		return at
	case len(a.tallies) < maxTallies:
		at = int32(len(a.tallies))
		a.tallies = append(a.tallies, &tally{tallyKey: k})
		a.index[k] = at
		return at
	}
	if _, known := a.full[k]; !known && len(a.full) < maxTallies {
		a.full[k] = struct{}{}
		a.dropped++
	}
	return -1
}
