package rollup

import (
	"cmp"
	"slices"
)

// bound keeps memory below MaxBytes. What costs least to lose goes first: exemplars of old buckets (the
// traces are gone from the ring by then), then resolution of time, then all exemplars, then the coldest
// operations, which are counted under store.Overflow. Totals stay exact throughout. Callers hold r.mu.
func (r *Rollup) bound() {
	limit := r.options.MaxBytes
	if t := &r.time; t.live && t.keep < fineKeep && t.bytes() < limit/4 {
		t.keep *= 2 // the pressure is over: let the fine tier grow again
	}
	if r.time.bytes() <= limit {
		return
	}
	r.dropExemplars(limit, len(r.time.fine.buckets)*3/4)
	for r.time.bytes() > limit && r.time.coarsen() {
	}
	r.dropExemplars(limit, len(r.time.fine.buckets))
	for r.time.bytes() > limit && r.foldColdest() {
	}
}

// dropExemplars empties the exemplars of the oldest buckets until the bound is met: of the coarse tier,
// then of the first fine buckets.
func (r *Rollup) dropExemplars(limit int64, fine int) {
	t := &r.time
	over := t.bytes() - limit
	t.forgetCache()
	drop := func(tier *tier, n int) {
		for i, b := range tier.buckets[:n] {
			if over <= 0 || b.exemplars.used == 0 {
				continue
			}
			over -= b.exemplars.bytes()
			r.counters.LostExemplars += uint64(b.exemplars.used)
			if b.shared {
				b = b.clone()
				tier.buckets[i] = b
			}
			b.exemplars = exemplars{}
		}
	}
	drop(&t.coarse, len(t.coarse.buckets))
	drop(&t.fine, fine)
}

// coarsen trades resolution of time for memory; false when there is nothing left to trade.
func (t *timeline) coarsen() bool {
	if t.live {
		if t.keep <= minFineKeep {
			return false
		}
		t.keep = max(t.keep/2, minFineKeep)
		t.age(t.now)
	} else {
		if len(t.fine.buckets) <= maxBuckets/8 {
			return false
		}
		t.double()
	}
	t.sealAll()
	return true
}

// sealAll compacts every bucket, also those in use.
func (t *timeline) sealAll() { t.seal(func(*bucket) bool { return true }) }

// foldColdest moves the half of the operations with the fewest calls into the overflow series of their
// service, in every bucket; false when there is nothing left to fold.
func (r *Rollup) foldColdest() bool {
	calls := make([]uint64, len(r.registry.subjects))
	r.time.eachCell(func(c cell) {
		if c.key&binMask != binSum {
			calls[c.key>>binBits] += uint64(max(int32(c.n), 0))
		}
	})
	var own []uint32 // series of operations that still have one of their own
	for op, s := range r.registry.ops {
		if s != 0 && r.registry.subjects[s].Op == uint32(op) {
			own = append(own, uint32(op))
		}
	}
	if len(own) < 2 {
		return false
	}
	slices.SortFunc(own, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(calls[r.registry.ops[a]], calls[r.registry.ops[b]]), cmp.Compare(a, b))
	})
	moved := map[uint32]uint32{}
	for _, op := range own[:len(own)/2] {
		r.registry.fold(op, moved)
	}
	r.counters.FoldedOperations += uint64(len(own) / 2)
	r.time.rekey(moved)
	return true
}

// fold gives an operation's series, and that of its roots, over to the overflow of its service.
func (g *registry) fold(op uint32, moved map[uint32]uint32) {
	for _, ids := range [][]uint32{g.ops, g.roots} {
		if int(op) >= len(ids) || ids[op] == 0 {
			continue
		}
		s := g.subjects[ids[op]]
		to := g.other(s.Measure, s.Service, s.Kind)
		moved[ids[op]] = to
		ids[op] = to
	}
}

// rekey renames series everywhere. Exemplars of renamed series are left behind: nothing asks for them.
func (t *timeline) rekey(moved map[uint32]uint32) {
	t.forgetCache()
	renamed := func(c cell) cell {
		if to, ok := moved[c.key>>binBits]; ok {
			c.key = to<<binBits | c.key&binMask
		}
		return c
	}
	for _, tier := range []*tier{&t.coarse, &t.fine} {
		for i, b := range tier.buckets {
			n := *b
			n.shared = false
			n.exemplars = b.exemplars.clone()
			t.scratch = t.scratch[:0]
			b.each(func(c cell) { t.scratch = append(t.scratch, renamed(c)) })
			n.sealed, n.open = encodeRun(t.scratch), table{}
			tier.buckets[i] = &n
		}
	}
	t.trim()
	cells := make(map[uint32]wide, len(t.base.cells))
	for k, w := range t.base.cells {
		k = renamed(cell{key: k}).key
		old := cells[k]
		cells[k] = wide{old.n + w.n, old.errs + w.errs}
	}
	t.base = base{cells: cells}
}

// eachCell calls yield for the cells of all buckets.
func (t *timeline) eachCell(yield func(c cell)) {
	for _, tier := range []*tier{&t.coarse, &t.fine} {
		for _, b := range tier.buckets {
			b.each(yield)
		}
	}
}
