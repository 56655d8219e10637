package hist

import "slices"

// Histogram counts durations by bin. It stores the run of bins between the lowest and the highest that
// was touched. The zero value is empty and ready. Not safe for concurrent writing.
//
// Counts are signed, so that a difference of two histograms, or a series of which something was taken
// back before it was added, is representable; Clip makes such a histogram fit for quantiles.
type Histogram struct {
	low    int     // bin of counts[0]
	counts []int64 // no meaning beyond its length
	n      int64   // sum of counts
	signed bool    // something was taken away, so that counts may be negative
}

// Add counts one duration in ns.
func (h *Histogram) Add(ns int64) { h.AddBin(Bin(ns), 1) }

// AddBin adds n (which may be negative) to a bin.
func (h *Histogram) AddBin(bin int, n int64) {
	i := bin - h.low
	if uint(i) >= uint(len(h.counts)) {
		i = h.reach(bin)
	}
	h.counts[i] += n
	h.n += n
	if n < 0 {
		h.signed = true
	}
}

// reach extends the run of bins to include bin and returns its index.
func (h *Histogram) reach(bin int) int {
	if len(h.counts) == 0 {
		h.low = bin
		h.counts = append(h.counts, 0)
		return 0
	}
	if bin >= h.low {
		for len(h.counts) <= bin-h.low {
			h.counts = append(h.counts, 0)
		}
		return bin - h.low
	}
	grow := h.low - bin
	old := len(h.counts)
	h.counts = slices.Grow(h.counts, grow)[:old+grow]
	copy(h.counts[grow:], h.counts[:old])
	clear(h.counts[:grow])
	h.low = bin
	return 0
}

// Merge adds all counts of o.
func (h *Histogram) Merge(o *Histogram) { h.combine(o, 1) }

// Sub takes away all counts of o: it undoes Merge.
func (h *Histogram) Sub(o *Histogram) { h.combine(o, -1) }

func (h *Histogram) combine(o *Histogram, sign int64) {
	if len(o.counts) == 0 {
		return
	}
	h.reach(o.low)
	h.reach(o.low + len(o.counts) - 1)
	at := o.low - h.low
	for i, c := range o.counts {
		h.counts[at+i] += sign * c
	}
	h.n += sign * o.n
	h.signed = h.signed || o.signed || sign < 0
}

// Clip sets negative counts to zero.
func (h *Histogram) Clip() {
	if !h.signed {
		return
	}
	h.signed = false
	for i, c := range h.counts {
		if c < 0 {
			h.n -= c
			h.counts[i] = 0
		}
	}
}

// Reset empties the histogram and keeps its memory and its run of bins: what is counted next is likely
// to fall into the same.
func (h *Histogram) Reset() {
	clear(h.counts)
	h.n, h.signed = 0, false
}

// Clone is an independent copy.
func (h *Histogram) Clone() Histogram {
	return Histogram{low: h.low, counts: slices.Clone(h.counts), n: h.n, signed: h.signed}
}

// Count is the number of durations, 0 where more was taken away than added.
func (h *Histogram) Count() uint64 { return uint64(max(h.n, 0)) }

// At is the count of a bin.
func (h *Histogram) At(bin int) int64 {
	if i := bin - h.low; uint(i) < uint(len(h.counts)) {
		return h.counts[i]
	}
	return 0
}

// Each calls yield for every bin that is not zero, in ascending order.
func (h *Histogram) Each(yield func(bin int, n int64)) {
	for i, c := range h.counts {
		if c != 0 {
			yield(h.low+i, c)
		}
	}
}

// Range is the lowest and the highest bin with a positive count; ok is false for an empty histogram.
func (h *Histogram) Range() (low, high int, ok bool) {
	low = -1
	for i, c := range h.counts {
		if c > 0 {
			if low < 0 {
				low = h.low + i
			}
			high = h.low + i
		}
	}
	return low, high, low >= 0
}

// Quantile is the nearest-rank quantile in ns, q in 0…1: the geometric midpoint of the bin that holds
// the ⌈q·n⌉-th smallest duration (the first for q = 0). It is within 1.1 % of that duration, and 0 for
// an empty histogram.
func (h *Histogram) Quantile(q float64) int64 {
	bin, ok := h.quantileBin(q)
	if !ok {
		return 0
	}
	return Mid(bin)
}

// QuantileWithin is Quantile clamped to a known smallest and largest duration in ns.
func (h *Histogram) QuantileWithin(q float64, smallest, largest int64) int64 {
	if h.n <= 0 {
		return 0
	}
	return min(max(h.Quantile(q), smallest), largest)
}

func (h *Histogram) quantileBin(q float64) (int, bool) {
	if h.n <= 0 {
		return 0, false
	}
	rank := nearestRank(q, h.n)
	last, seen := -1, int64(0)
	for i, c := range h.counts {
		if c <= 0 {
			continue
		}
		last = h.low + i
		if seen += c; seen >= rank {
			break
		}
	}
	return last, last >= 0
}

// Quantiles are the three that tables show, in ns within 1.1 %; 0 of no durations.
type Quantiles struct{ P50, P95, P99 int64 }

// Quantiles are the median, the 95th and the 99th percentile.
func (h *Histogram) Quantiles() Quantiles {
	return Quantiles{h.Quantile(.5), h.Quantile(.95), h.Quantile(.99)}
}

// nearestRank is ⌈q·n⌉ within 1…n. The product is computed in float64, whose error at exact multiples
// (0.95·100) must not push it over the next integer; a part in 10^12 is far below one rank.
func nearestRank(q float64, n int64) int64 {
	x := q * float64(n)
	r := int64(x)
	if x-float64(r) > 1e-12*x {
		r++
	}
	return min(max(r, 1), n)
}

// Max is the midpoint of the highest bin in use, ns: within 1.1 % of the largest duration. 0 when empty.
func (h *Histogram) Max() int64 {
	_, high, ok := h.Range()
	if !ok {
		return 0
	}
	return Mid(high)
}

// Rank is the mid-rank of a duration, 0…1: the share of durations in lower bins plus half of those in
// its own bin, so that a duration that is like all others ranks 0.5. ok is false for an empty histogram.
func (h *Histogram) Rank(ns int64) (rank float64, ok bool) {
	if h.n <= 0 {
		return 0, false
	}
	bin := Bin(ns)
	below := int64(0)
	for i, c := range h.counts {
		if h.low+i >= bin {
			break
		}
		below += max(c, 0)
	}
	return (float64(below) + float64(max(h.At(bin), 0))/2) / float64(h.n), true
}

// Coarsen calls yield for each non-zero row of 2^shift bins, ascending: row r holds exactly the counts
// of bins r<<shift up to (r+1)<<shift, so totals are preserved.
func (h *Histogram) Coarsen(shift int, yield func(row int, n int64)) {
	row, sum := -1, int64(0)
	for i, c := range h.counts {
		if r := (h.low + i) >> shift; r != row {
			if sum != 0 {
				yield(row, sum)
			}
			row, sum = r, 0
		}
		sum += c
	}
	if sum != 0 {
		yield(row, sum)
	}
}
