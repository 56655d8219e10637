package store

import (
	"bytes"
	"hash/maphash"
)

// Codes stand for values within a segment. inlined says that the value follows the codes instead.
const (
	inlined  = 0xffff
	maxCodes = 0xffff

	maxDictionaryValue = 1024 // bytes; longer values repeat too seldom to be looked up
	// A position is judged after this many look-ups: if more than half brought new values, it is inline.
	verdictAfter = 128
)

// dictionary maps values to codes for the segment being written. The values themselves belong to the
// segment and are append-only; the hash table is the encoder's and starts anew with each segment.
type dictionary struct {
	seed   maphash.Seed
	values []byte
	ends   []uint32 // value c is values[ends[c−1]:ends[c]]
	slots  []uint16 // code+1, open addressing; at most half full
}

func (d *dictionary) reset() {
	d.values, d.ends = nil, nil
	if d.slots == nil {
		d.slots = make([]uint16, 1024)
		d.seed = maphash.MakeSeed()
	}
	clear(d.slots)
}

func (d *dictionary) value(code uint16) []byte { return valueOf(d.values, d.ends, uint32(code)) }

func valueOf(values []byte, ends []uint32, code uint32) []byte {
	from := uint32(0)
	if code > 0 {
		from = ends[code-1]
	}
	return values[from:ends[code]]
}

// code finds or adds a value; ok is false when the dictionary is full.
func (d *dictionary) code(v []byte) (code uint16, fresh, ok bool) {
	mask := uint64(len(d.slots) - 1)
	i := maphash.Bytes(d.seed, v) & mask
	for ; d.slots[i] != 0; i = (i + 1) & mask {
		if c := d.slots[i] - 1; bytes.Equal(d.value(c), v) {
			return c, false, true
		}
	}
	if len(d.ends) >= maxCodes-1 {
		return 0, false, false
	}
	d.slots[i] = uint16(len(d.ends)) + 1
	d.values = append(d.values, v...)
	d.ends = append(d.ends, uint32(len(d.values)))
	if 2*len(d.ends) > len(d.slots) && len(d.slots) < 2*maxCodes {
		d.grow()
	}
	return uint16(len(d.ends) - 1), true, true
}

func (d *dictionary) grow() {
	d.slots = make([]uint16, 2*len(d.slots))
	mask := uint64(len(d.slots) - 1)
	for c := range d.ends {
		i := maphash.Bytes(d.seed, d.value(uint16(c))) & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = uint16(c) + 1
	}
}

// place decides how a value is stored at a position, and returns its code or inlined.
func (d *dictionary) place(p *position, v []byte) uint16 {
	if p.inline || len(v) > maxDictionaryValue {
		return inlined
	}
	// Where raw is remembered, follow has compared it, and whoever looks here first finds the value below.
	if p.last != inlined && len(p.raw) == 0 && bytes.Equal(d.value(p.last), v) {
		return p.last
	}
	code, fresh, ok := d.code(v)
	if !ok {
		return inlined
	}
	p.last, p.raw = code, p.raw[:0]
	p.tries++
	if fresh {
		p.fresh++
	}
	if p.tries == verdictAfter {
		p.tries, p.fresh, p.inline = 0, 0, p.fresh > verdictAfter/2
		if p.inline {
			p.last = inlined // not looked at any more
		}
	}
	return code
}
