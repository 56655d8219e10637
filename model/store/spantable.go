package store

import (
	"math/bits"
	"math/rand/v2"

	"oteltop/model"
)

// spanTable maps the span ids of a large trace to their latest refs, by open addressing: 12 bytes a slot and
// nothing for the garbage collector to follow, where a map takes 65 bytes for each of 130 ids.
type spanTable struct {
	ids  []model.SpanID // 0: free; no span has that id
	refs []uint32       // parallel to ids
	used int
	mix  uint64 // drawn at random, so that a sender cannot make its ids collide
}

const spanSlotBytes = 8 + 4

func newSpanTable(n int) *spanTable {
	t := &spanTable{mix: rand.Uint64() | 1}
	t.resize(1 << bits.Len(uint(n)))
	return t
}

func (t *spanTable) resize(slots int) {
	t.ids, t.refs, t.used = make([]model.SpanID, slots), make([]uint32, slots), 0
}

func (t *spanTable) bytes() int64 { return int64(spanSlotBytes*len(t.ids)) + 96 }

// slot is where an id stands or belongs.
func (t *spanTable) slot(id model.SpanID) int {
	mask := len(t.ids) - 1
	at := int(uint64(id) * t.mix >> (65 - bits.Len(uint(len(t.ids)))))
	for t.ids[at] != 0 && t.ids[at] != id {
		at = (at + 1) & mask
	}
	return at
}

func (t *spanTable) get(id model.SpanID) (ref uint32, ok bool) {
	at := t.slot(id)
	return t.refs[at], t.ids[at] != 0
}

// put enters an id, or another ref for one that is there.
func (t *spanTable) put(id model.SpanID, ref uint32) {
	at := t.slot(id)
	if t.ids[at] == 0 {
		if t.used++; 3*t.used > 2*len(t.ids) {
			t.grow()
			t.put(id, ref)
			return
		}
		t.ids[at] = id
	}
	t.refs[at] = ref
}

func (t *spanTable) grow() {
	ids, refs := t.ids, t.refs
	t.resize(2 * len(ids))
	for i, id := range ids {
		if id != 0 {
			t.put(id, refs[i])
		}
	}
}

// clear forgets all ids and keeps the room.
func (t *spanTable) clear() {
	clear(t.ids)
	t.used = 0
}
