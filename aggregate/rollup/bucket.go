package rollup

import "math"

// bucket is everything that started within [from, to). A View shares buckets with the Rollup: once
// shared, a bucket is never written again; the writer works on a copy (see timeline.writable).
type bucket struct {
	from, to    int64 // Unix ns
	first, last int64 // earliest and latest start counted; first > last: none
	shared      bool  // a View may read it
	touched     bool  // written since the last sweep

	open      table // what came since sealing, added to sealed
	sealed    *run
	exemplars exemplars
}

func newBucket(from, to int64) *bucket {
	return &bucket{from: from, to: to, first: math.MaxInt64, last: math.MinInt64}
}

// clone is a copy to write to. It shares the sealed part, which is immutable: so a copy costs as much
// as what came since sealing.
func (b *bucket) clone() *bucket {
	c := *b
	c.shared = false
	c.open = b.open.clone()
	c.exemplars = b.exemplars.clone()
	return &c
}

// seal compacts all cells. cells is scratch space; it is returned for the next call.
func (b *bucket) seal(cells []cell) []cell {
	cells = cells[:0]
	b.each(func(c cell) { cells = append(cells, c) })
	b.sealed, b.open = encodeRun(cells), table{}
	return cells
}

// each calls yield for every cell; a key may come twice, to be added up.
func (b *bucket) each(yield func(c cell)) {
	b.sealed.each(yield)
	for _, c := range b.open.cells {
		if c.key != 0 {
			yield(c)
		}
	}
}

// absorb adds all of o, which covers a part of b's time.
func (b *bucket) absorb(o *bucket) (lostExemplars int) {
	o.each(b.open.add)
	b.first, b.last = min(b.first, o.first), max(b.last, o.last)
	b.touched = true
	return b.exemplars.merge(&o.exemplars)
}

func (b *bucket) bytes() int64 {
	return b.open.bytes() + b.sealed.bytes() + b.exemplars.bytes() + bucketBytes
}

// bucketBytes is about what the struct itself takes.
const bucketBytes = 160
