package rollup

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
)

// run is the sealed form of a table: cells sorted by series and bin, coded as varints, about a fifth of
// the hash table's size and read in order. Immutable.
//
// Per series in ranges, from its offset: for each cell uvarint(bin step<<1 | has errors), uvarint(n),
// and uvarint(errs) where there are any. The sum bin needs no exception: it is just the last bin.
type run struct {
	ranges []seriesRange // ascending by series; the last is a sentinel with the length of coded
	coded  []byte
}

type seriesRange struct{ series, offset uint32 }

// encodeRun seals cells, which it sorts; cells of one key are added up, and those that cancel vanish.
func encodeRun(cells []cell) *run {
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.key, b.key) })
	r := &run{coded: make([]byte, 0, 4*len(cells))}
	series, bin := uint32(0), uint32(0)
	for i := 0; i < len(cells); {
		c := cells[i]
		for i++; i < len(cells) && cells[i].key == c.key; i++ {
			c = c.plus(cells[i])
		}
		if c.n|c.errs == 0 {
			continue
		}
		if s := c.key >> binBits; s != series {
			series, bin = s, 0
			r.ranges = append(r.ranges, seriesRange{s, uint32(len(r.coded))})
		}
		step := (c.key&binMask - bin) << 1
		bin = c.key & binMask
		if c.errs != 0 {
			step |= 1
		}
		r.coded = binary.AppendUvarint(r.coded, uint64(step))
		r.coded = binary.AppendUvarint(r.coded, uint64(c.n))
		if c.errs != 0 {
			r.coded = binary.AppendUvarint(r.coded, uint64(c.errs))
		}
	}
	r.ranges = append(r.ranges, seriesRange{maxSeries + 1, uint32(len(r.coded))})
	r.coded = slices.Clip(slices.Clone(r.coded))
	return r
}

// each calls yield for every cell, ascending. A nil run has none.
func (r *run) each(yield func(c cell)) {
	if r == nil {
		return
	}
	for i := 0; i+1 < len(r.ranges); i++ {
		r.decode(i, yield)
	}
}

// series calls yield for every cell of one series.
func (r *run) series(series uint32, yield func(c cell)) {
	if r == nil {
		return
	}
	i := sort.Search(len(r.ranges), func(i int) bool { return r.ranges[i].series >= series })
	if i+1 < len(r.ranges) && r.ranges[i].series == series {
		r.decode(i, yield)
	}
}

func (r *run) decode(i int, yield func(c cell)) {
	coded := r.coded[r.ranges[i].offset:r.ranges[i+1].offset]
	key := r.ranges[i].series << binBits
	for at := 0; at < len(coded); {
		step, k := uvarint(coded[at:])
		at += k
		n, k := uvarint(coded[at:])
		at += k
		key += step >> 1
		c := cell{key: key, n: n}
		if step&1 != 0 {
			c.errs, k = uvarint(coded[at:])
			at += k
		}
		yield(c)
	}
}

// addTo adds every cell to the Stat of its series. It is each and addCell in one loop without a call per
// cell, because maps and tables of an hour read a million cells.
func (r *run) addTo(stats []Stat) {
	if r == nil {
		return
	}
	for i := 0; i+1 < len(r.ranges); i++ {
		s := &stats[r.ranges[i].series]
		coded := r.coded[r.ranges[i].offset:r.ranges[i+1].offset]
		bin := uint32(0)
		for at := 0; at < len(coded); {
			step, k := uvarint(coded[at:])
			at += k
			n, k := uvarint(coded[at:])
			at += k
			errs := uint32(0)
			if step&1 != 0 {
				errs, k = uvarint(coded[at:])
				at += k
			}
			if bin += step >> 1; bin == binSum {
				s.Self += cell{n: n, errs: errs}.sum()
				continue
			}
			s.add(int(bin), int64(int32(n)), int64(int32(errs)))
		}
	}
}

// uvarint is binary.Uvarint with the short cut for one byte, which nearly all of ours are.
func uvarint(b []byte) (uint32, int) {
	if b[0] < 0x80 {
		return uint32(b[0]), 1
	}
	v, k := binary.Uvarint(b)
	return uint32(v), k
}

func (r *run) bytes() int64 {
	if r == nil {
		return 0
	}
	return int64(cap(r.coded) + 8*cap(r.ranges))
}
