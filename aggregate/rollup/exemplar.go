package rollup

import (
	"math/bits"

	"oteltop/aggregate/hist"
	"oteltop/model"
)

// exemplarsPerRow is how many traces can stand for a heatmap cell: the newest error, the slowest, and
// two that later ones displace in turn. More than one, because a trace may no longer be retained when a
// person points at the cell.
const exemplarsPerRow = 4

// The places of an exemplar.
const (
	exemplarError = iota
	exemplarSlowest
	exemplarSample // and the rest
)

// exemplarRow holds candidates for one √2 row of one series in one time bucket.
type exemplarRow struct {
	key     uint32 // series<<binBits | row; 0: empty
	slowest uint16 // bin of the slowest
	next    uint8  // which sample to displace next
	traces  [exemplarsPerRow]model.TraceID
}

// exemplars is a table of rows as table is of cells. Bounded: what comes when it is full is dropped,
// because cells of that bucket then have thousands of candidates already.
type exemplars struct {
	rows  []exemplarRow
	used  int
	shift uint8 // 64 − log2(len(rows))
}

// home is where a key belongs.
func (x *exemplars) home(key uint32) uint32 { return uint32(uint64(key) * hashFactor >> x.shift) }

// maxExemplarRows bounds one time bucket: 8,192 rows of 72 bytes.
const maxExemplarRows = 8192

// offer makes a trace a candidate for the row of a span's duration; false when there is no room.
func (x *exemplars) offer(series uint32, bin int, failed bool, trace model.TraceID) bool {
	r := x.slot(series<<binBits | uint32(bin>>hist.RowShift))
	if r == nil {
		return false
	}
	if failed {
		r.traces[exemplarError] = trace
	}
	if uint16(bin) >= r.slowest {
		// Of equally slow ones the newest stays longest in the ring; the one before becomes a sample.
		r.slowest = uint16(bin)
		r.traces[exemplarSlowest], trace = trace, r.traces[exemplarSlowest]
		if trace.IsZero() {
			return true
		}
	}
	r.traces[exemplarSample+r.next%(exemplarsPerRow-exemplarSample)] = trace
	r.next++
	return true
}

// slot is the row of a key, which it makes when there is none; nil where there is no room for it.
func (x *exemplars) slot(key uint32) *exemplarRow {
	if x.used*4 >= len(x.rows)*3 && !x.grow() {
		return nil
	}
	r := x.probe(key)
	if r.key == 0 {
		r.key = key
		x.used++
	}
	return r
}

// probe is the row of a key, or the free one that it would have. There have to be rows.
func (x *exemplars) probe(key uint32) *exemplarRow {
	mask := uint32(len(x.rows) - 1)
	for i := x.home(key); ; i++ {
		if r := &x.rows[i&mask]; r.key == key || r.key == 0 {
			return r
		}
	}
}

func (x *exemplars) grow() bool {
	if len(x.rows) >= maxExemplarRows {
		return false
	}
	old := x.rows
	size := max(64, 2*len(old))
	x.rows = make([]exemplarRow, size)
	x.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	x.used = 0
	for _, r := range old {
		if r.key != 0 {
			*x.slot(r.key) = r
		}
	}
	return true
}

// find returns the candidates of a row, nil when there are none. The zero id marks a free place.
func (x *exemplars) find(series uint32, row int) *exemplarRow {
	if len(x.rows) == 0 {
		return nil
	}
	if r := x.probe(series<<binBits | uint32(row)); r.key != 0 {
		return r
	}
	return nil
}

// merge takes over the candidates of o, which are older than those that are here.
func (x *exemplars) merge(o *exemplars) (lost int) {
	for i := range o.rows {
		from := &o.rows[i]
		if from.key == 0 {
			continue
		}
		to := x.slot(from.key)
		if to == nil {
			lost++
			continue
		}
		if from.slowest > to.slowest || to.traces[exemplarSlowest].IsZero() {
			to.slowest, to.traces[exemplarSlowest] = from.slowest, from.traces[exemplarSlowest]
		}
		for p, t := range from.traces {
			if to.traces[p].IsZero() {
				to.traces[p] = t
			}
		}
	}
	return lost
}

func (x *exemplars) clone() exemplars {
	c := *x
	c.rows = append([]exemplarRow(nil), x.rows...)
	return c
}

func (x *exemplars) bytes() int64 { return int64(cap(x.rows)) * 72 }
