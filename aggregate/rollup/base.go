package rollup

// base holds what has no place in time any more: buckets that left retention, and spans whose times
// were out of range. It keeps the totals exact. Counts are 64 bits wide because it never forgets.
type base struct {
	cells  map[uint32]wide // by cell key; small, since time is not part of the key
	shared bool            // a View may read it
}

// wide is a cell with room for the life of the process. n is the sum itself for the sum bin.
type wide struct{ n, errs int64 }

// add counts a cell as the signed difference it stands for.
func (b *base) add(c cell) {
	if b.shared {
		cells := make(map[uint32]wide, len(b.cells)+1)
		for k, w := range b.cells {
			cells[k] = w
		}
		b.cells, b.shared = cells, false
	}
	w := b.cells[c.key]
	if c.key&binMask == binSum {
		w.n += c.sum()
	} else {
		w.n += int64(int32(c.n))
		w.errs += int64(int32(c.errs))
	}
	b.cells[c.key] = w
}

// baseEntryBytes is about what a map entry takes, measured at the usual load.
const baseEntryBytes = 40

func (b *base) bytes() int64 { return int64(len(b.cells)) * baseEntryBytes }
