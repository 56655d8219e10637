package order

import "oteltop/model"

// turns is what one request says about the calls of one parent, by slot.
type turns struct {
	of     [maxOps]turn
	beside [maxOps]uint32 // by slot: the slots whose calls it was seen to overlap
	ended  [maxOps]bool   // all calls ended before the parent
	used   []int          // slots with a call
}

// turn is the calls in a slot so far, in order of start.
type turn struct {
	calls       int
	first, last int64 // starts
	end         int64 // the latest, of the call that began at endOf
	endOf       int64
}

// learn takes in the calls of one parent in one request.
func (m *Model) learn(heads []model.Head, tree *model.Tree, node, path int32) {
	n := &tree.Nodes[node]
	h := &heads[n.Span]
	x := &m.turns
	x.used = x.used[:0]
	tolerance := model.Tolerance(h.Duration())
	for c := node + 1; c < n.End; c = tree.Nodes[c].End {
		k := &heads[tree.Nodes[c].Span]
		start, end := max(k.Start, h.Start), min(k.End, h.End)
		if start >= end || !Waits(h.Kind, k.Kind) {
			continue
		}
		slot := -1
		if path != unknown {
			slot = m.slot(&m.parents[path], k.Op)
		}
		if slot < 0 {
			m.Folded++
			continue
		}
		x.call(slot, start, end, tolerance)
		x.ended[slot] = x.ended[slot] && (k.End-h.End <= tolerance || IsCall(h.Kind, k.Kind))
	}
	if len(x.used) > 0 {
		x.tell(&m.parents[path])
	}
}

// Waits reports whether a parent waits for a child at all: a consumer runs on its own time (D8).
func Waits(parent, child model.Kind) bool {
	return parent != model.KindProducer || child != model.KindConsumer
}

// IsCall reports whether two spans are both sides of a call. The client waits for the server, so that a server
// which seems to end later has another clock.
func IsCall(parent, child model.Kind) bool {
	return parent == model.KindClient && child == model.KindServer
}

// call takes in the next call in order of start.
func (x *turns) call(slot int, start, end, tolerance int64) {
	t := &x.of[slot]
	fresh := true
	for _, s := range x.used {
		before := &x.of[s]
		fresh = fresh && s != slot
		if before.end > start && (before.end-start > tolerance || before.end >= end || before.endOf >= start) {
			x.beside[s] |= 1 << slot
			x.beside[slot] |= 1 << s
		}
	}
	if fresh {
		x.used = append(x.used, slot)
		*t = turn{first: start}
		x.ended[slot] = true
	}
	t.calls++
	t.last = start
	if t.calls == 1 || end > t.end {
		t.end, t.endOf = end, start
	}
}

// tell adds to the counts what the request has shown.
func (x *turns) tell(p *Parent) {
	for i, a := range x.used {
		p.ends[a].tell(x.ended[a])
		if x.of[a].calls > 1 {
			p.pairs[a*p.width+a].tell(x.beside[a]&(1<<a) == 0)
		}
		for _, b := range x.used[i+1:] {
			beside := x.beside[a]&(1<<b) != 0
			// b began after a did. Unless all of a had begun by then, they take turns.
			inTurns := x.of[a].last > x.of[b].first
			p.pairs[a*p.width+b].tell(!beside)
			p.pairs[b*p.width+a].tell(!beside && inTurns)
		}
	}
	for _, a := range x.used {
		x.beside[a] = 0
	}
}
