package hist

import "math"

// Rise is where durations became longer: the duration, ns, from which on the share of them grew the most certainly from
// one histogram to another, and by how much, 0–1. 0, 0 where none did or one of them is empty.
//
// Of all cuts it is the one with the largest difference of the two shares in terms of its standard error (R. Miller and
// D. Siegmund, Maximally selected chi square statistics, 1982), the lower bound of a bin. The largest difference alone
// would take a part of the usual durations along, by chance.
func Rise(before, after *Histogram) (from int64, share float64) {
	n, m := float64(before.Count()), float64(after.Count())
	if n == 0 || m == 0 {
		return 0, 0
	}
	low, high := min(before.low, after.low), max(before.low+len(before.counts), after.low+len(after.counts))
	was, is, best := 0.0, 0.0, 0.0 // numbers from a bin on
	for bin := high - 1; bin >= low; bin-- {
		was += float64(before.At(bin))
		is += float64(after.At(bin))
		p := (was + is) / (n + m)
		if z := (is/m - was/n) / math.Sqrt(p*(1-p)*(1/n+1/m)); p < 1 && z > best {
			from, share, best = Low(bin), is/m-was/n, z
		}
	}
	return from, share
}
