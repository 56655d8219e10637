package outliers

import (
	"math"

	"oteltop/aggregate/hist"
)

const (
	// modeShift makes rows of 8 bins, a fifth of a duration wide: finer ones are ragged at a thousand
	// requests, coarser ones hide a valley between a hit and a miss that takes twice as long.
	modeShift = 3
	// modeShare is what is a mode at least: a lump above all others that holds less is their tail. It is the
	// rank that an outlier has at most (3.2), so that everything is either of a mode or may be an outlier.
	modeShare = .01
	// valleyZ is how many standard deviations of a difference of two Poisson counts a valley is below the
	// lower of the peaks beside it; 4, because every row of every population is asked.
	valleyZ = 4
	// maxModes bounds the modes of a population.
	maxModes = 8
)

// mode is a hump of a distribution of durations: the bins from Low to High.
type mode struct {
	low, high int // the last reaches to the highest bin there is
	n         uint64
}

// modesOf splits a histogram at the valleys of its logarithmic scale: a cache that misses one time in ten
// makes two modes, of which each is judged by itself.
func modesOf(h *hist.Histogram) []mode {
	low, high, ok := h.Range()
	if !ok {
		return nil
	}
	first, last := low>>modeShift, high>>modeShift
	counts := make([]float64, last-first+1)
	h.Coarsen(modeShift, func(row int, n int64) { counts[row-first] = float64(n) })
	s := splitter{counts: counts, smooth: smoothed(counts), least: modeShare * float64(h.Count()), cuts: []int{}}
	s.split(0, len(counts), 1)
	modes := []mode{{low: 0}}
	for _, cut := range s.cuts {
		at := (first + cut) << modeShift
		modes[len(modes)-1].high = at - 1
		modes = append(modes, mode{low: at})
	}
	modes[len(modes)-1].high = hist.Bins
	i := 0
	h.Each(func(bin int, n int64) {
		for bin > modes[i].high {
			i++
		}
		modes[i].n += uint64(n)
	})
	return modes
}

// smoothed averages each row with its neighbours, weights 1 2 1.
func smoothed(counts []float64) []float64 {
	out := make([]float64, len(counts))
	at := func(i int) float64 {
		if i < 0 || i >= len(counts) {
			return 0
		}
		return counts[i]
	}
	for i := range counts {
		out[i] = (at(i-1) + 2*at(i) + at(i+1)) / 4
	}
	return out
}

// splitter cuts rows at valleys.
type splitter struct {
	counts, smooth []float64
	least          float64 // what is a mode at least
	cuts           []int   // first rows of all modes but the lowest, ascending
}

// split cuts rows [from, to) at their clearest valley, then both sides.
func (s *splitter) split(from, to, depth int) {
	cut, ok := s.valley(from, to)
	if !ok || depth >= maxModes || len(s.cuts) >= maxModes-1 {
		return
	}
	s.split(from, cut, depth+1)
	s.cuts = append(s.cuts, cut)
	s.split(cut, to, depth+1)
}

// valley is the row at which rows [from, to) are best cut: where the distance to the lower of the highest
// peaks on both sides is the most significant. In a gap it is the middle.
func (s *splitter) valley(from, to int) (cut int, ok bool) {
	peaks := make([]float64, to-from) // the highest from each row on
	top, total := 0.0, 0.0
	for i := to - 1; i >= from; i-- {
		top = max(top, s.smooth[i])
		peaks[i-from] = top
		total += s.counts[i]
	}
	best, first, last := 0.0, 0, 0
	left, below := 0.0, 0.0
	for i := from; i < to-1; i++ {
		lower := min(left, peaks[i+1-from])
		here := s.smooth[i]
		if below > s.least && total-below-s.counts[i] > s.least && here <= lower/2 {
			z := (lower - here) / math.Sqrt(lower+here+1)
			switch {
			case z > best:
				best, first, last = z, i, i
			case z == best && last == i-1:
				last = i
			}
		}
		left = max(left, here)
		below += s.counts[i]
	}
	return (first + last + 1) / 2, best >= valleyZ
}
