package rollup

import "math/bits"

// A cell is the count of one bin of one series within a time bucket. n and errs are differences modulo
// 2³²: what is taken back before it is sealed wraps around and cancels exactly when cells are summed.
// In the sum bin (binSum) n and errs are the low and high half of one signed 64-bit sum instead.
type cell struct {
	key     uint32 // series<<binBits | bin; 0: empty
	n, errs uint32
}

const (
	binBits = 11
	binMask = 1<<binBits - 1
	// binSum lies beyond the last histogram bin (hist.Bins = 2016) and holds a sum of ns.
	binSum = binMask
	// maxSeries is what fits beside the bin into a 32-bit key.
	maxSeries = 1<<(32-binBits) - 1

	// hashFactor is 2⁶⁴ over the golden ratio (Knuth's multiplicative hashing). Of 32 bits of it the keys of a few
	// hundred series met each other often.
	hashFactor = 0x9E3779B97F4A7C15
	// near is how many neighbouring bins lie side by side: durations of one operation are alike, so that most counts go
	// to few lines of the cache. Ingest takes 2 to 3 % less than with every bin spread on its own.
	near = 8

	minTable = 256 // cells; a smaller table would only be grown at once
)

// plus adds two cells of one key.
func (c cell) plus(o cell) cell {
	if c.key&binMask == binSum {
		sum := c.sum() + o.sum()
		return cell{c.key, uint32(sum), uint32(uint64(sum) >> 32)}
	}
	return cell{c.key, c.n + o.n, c.errs + o.errs}
}

func (c cell) sum() int64 { return int64(uint64(c.errs)<<32 | uint64(c.n)) }

func sumCell(series uint32, v int64) cell {
	return cell{series<<binBits | binSum, uint32(v), uint32(uint64(v) >> 32)}
}

// table is an open-addressing hash table of cells: one flat pointer-free slice, so that the garbage collector never
// looks into it. The zero value is empty.
type table struct {
	cells []cell
	used  int
	shift uint8 // 64 − log2(len(cells)/near)
}

// home is where a key belongs: its group by hash, and its place among the neighbours.
func (t *table) home(key uint32) uint32 {
	return uint32(uint64(key/near)*hashFactor>>t.shift)*near + key%near
}

// at is slot with the first probe inlined, which finds nine keys out of ten.
func (t *table) at(key uint32) *cell {
	if i := int(t.home(key)); i < len(t.cells) && t.cells[i].key == key {
		return &t.cells[i]
	}
	return t.slot(key)
}

// slot returns the cell of a key, which it makes when there is none. The pointer is valid until the
// next call. It probes a group further and one place on: one place on alone it would meet neighbours, and the same
// place of other groups may be taken in all of them. The step is odd, so that it comes to every cell.
func (t *table) slot(key uint32) *cell {
	if t.used*4 >= len(t.cells)*3 { // half was no faster: the larger table misses the cache
		t.grow()
	}
	mask := uint32(len(t.cells) - 1)
	for i := t.home(key); ; i += near + 1 {
		c := &t.cells[i&mask]
		if c.key == key {
			return c
		}
		if c.key == 0 {
			c.key = key
			t.used++
			return c
		}
	}
}

func (t *table) add(c cell) {
	s := t.at(c.key)
	*s = s.plus(c)
}

func (t *table) grow() {
	old := t.cells
	size := max(minTable, 2*len(old))
	t.cells = make([]cell, size)
	t.shift = uint8(64 - bits.TrailingZeros(uint(size)/near))
	t.used = 0
	for _, c := range old {
		if c.key != 0 {
			*t.slot(c.key) = c
		}
	}
}

// clone is an independent copy.
func (t *table) clone() table {
	c := *t
	c.cells = append([]cell(nil), t.cells...)
	return c
}

func (t *table) bytes() int64 { return int64(cap(t.cells)) * 12 }
