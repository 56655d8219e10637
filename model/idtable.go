package model

import (
	"math/bits"
	"math/rand/v2"
)

// idTable maps span ids to places by open addressing. It is seeded at random per table, because ids come
// from the network: without a seed a sender could choose ids that all fall into one run and make linking
// quadratic. The layout never shows in a result.
type idTable struct {
	slots []idSlot
	mask  uint64
	seed  uint64
}

// idSlot is free where its id is 0, which no span has (as a parent it means none).
type idSlot struct {
	id    SpanID
	place int32
}

// reset empties the table and makes room for n spans with up to n missing parents at a load of ≤ ⅔.
func (t *idTable) reset(n int) {
	size := 1 << bits.Len(uint(3*n))
	if cap(t.slots) < size {
		t.slots = make([]idSlot, size)
	} else {
		t.slots = t.slots[:size]
		clear(t.slots)
	}
	t.mask = uint64(size - 1)
	if t.seed == 0 {
		t.seed = rand.Uint64() | 1
	}
}

// at returns the slot of id: its own, or the free one where it belongs.
func (t *idTable) at(id SpanID) *idSlot {
	for i := Mix(uint64(id), t.seed); ; i++ {
		s := &t.slots[i&t.mask]
		if s.id == id || s.id == 0 {
			return s
		}
	}
}

// Mix hashes two words into one: it folds the 128-bit product of both, disguised, so that each bit of the
// result depends on all. Paths and trees are hashed by it step by step; it is no secret.
func Mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return hi ^ lo
}
