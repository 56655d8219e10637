// Package correlated finds services whose latencies move together, and operations whose time decides how long a
// request takes (ANALYSES A27).
//
//	p95 per window of services on a common path ─▶ Pairs   who moves with whom, at once or a window later
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Importance         which operation's time goes with the request's
//
// Both are associations, not causes: what moves together may have a third as its cause.
package correlated

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
)

const (
	// MinSamples is how many calls a window needs for its p95, MinWindows how many such windows a service.
	MinSamples = 20
	MinWindows = 20
	// maxServices bounds the pairs that are tested; the services with the most calls are taken.
	maxServices = 200
	// maxLag is by how many windows one may follow the other.
	maxLag = 1
	// MaxQ is the false discovery rate up to which a correlation is called one.
	MaxQ = .05
)

// Series is the p95 of a service over windows of equal width, ascending; those with too few calls are left out.
type Series struct {
	Service string
	Step    int64   // ns per window
	At      []int64 // begins, Unix ns
	P95     []float64
	Calls   uint64
}

// Pair is two services on a common path and how their p95 move. Both have differences taken first, so that a trend
// that both have is no correlation.
type Pair struct {
	Caller, Callee string // the first reaches the second by calls
	R              float64
	Lag            int64 // ns by which the caller follows the callee; below 0: the callee follows
	Windows        int   // differences compared
	Step           int64
	P, Q           float64
}

// Pairs compares each two services of which one reaches the other, strongest first, with the lag at which each
// correlates most. A service may have series of several steps: the narrowest that both have is taken. tests is how
// many comparisons were made.
func Pairs(series []Series, reaches func(from, to string) bool) (pairs []Pair, tests int) {
	series = slices.Clone(series)
	slices.SortFunc(series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Service, b.Service))
	})
	series = busiest(series)
	moves := make([]map[int64]float64, len(series))
	for i := range series {
		moves[i] = series[i].moves()
	}
	var ps []float64
	done := map[[2]string]struct{}{}
	for i := range series {
		for j := range series {
			if i == j || series[i].Step != series[j].Step || !reaches(series[i].Service, series[j].Service) {
				continue
			}
			_, twice := done[[2]string{series[i].Service, series[j].Service}]
			_, turned := done[[2]string{series[j].Service, series[i].Service}] // each may reach the other
			if twice || turned {
				continue
			}
			p, ok := compare(&series[i], moves[i], moves[j])
			if !ok {
				continue
			}
			p.Caller, p.Callee = series[i].Service, series[j].Service
			done[[2]string{p.Caller, p.Callee}] = struct{}{}
			pairs, ps = append(pairs, p), append(ps, p.P)
		}
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		pairs[i].Q = q
	}
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(rank(a.Q), rank(b.Q)), cmp.Compare(math.Abs(b.R), math.Abs(a.R)),
			cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Callee, b.Callee))
	})
	return pairs, len(pairs) * (2*maxLag + 1)
}

// busiest keeps so many of each step.
func busiest(series []Series) []Series {
	kept, of := series[:0], map[int64]int{}
	for _, s := range series {
		if of[s.Step]++; of[s.Step] <= maxServices {
			kept = append(kept, s)
		}
	}
	return kept
}

// rank puts what is beyond chance first.
func rank(q float64) int {
	if q < MaxQ {
		return 0
	}
	return 1
}

// moves are the changes of ln p95 from one window to the next, by the start of the later one.
func (s *Series) moves() map[int64]float64 {
	m := make(map[int64]float64, len(s.At))
	for i := 1; i < len(s.At); i++ {
		if s.At[i]-s.At[i-1] == s.Step {
			m[s.At[i]] = math.Log(max(s.P95[i], 1)) - math.Log(max(s.P95[i-1], 1))
		}
	}
	return m
}

// compare is the strongest of the correlations at each lag. Its p-value is of as many tests as there are lags.
func compare(s *Series, a, b map[int64]float64) (best Pair, ok bool) {
	best.P = 1
	for lag := int64(-maxLag); lag <= maxLag; lag++ {
		var x, y []float64
		for _, at := range s.At {
			u, has := a[at]
			v, also := b[at-lag*s.Step]
			if has && also {
				x, y = append(x, u), append(y, v)
			}
		}
		if len(x) < MinWindows-1 {
			continue
		}
		ok = true
		r := stats.Pearson(x, y)
		// Differences of noise go up after they went down. Such series correlate by chance more than independent
		// values do: as if there were fewer (Bartlett 1935).
		n := float64(len(x)) / (1 + 2*max(0, stats.LagOne(x)*stats.LagOne(y)))
		if p := min(1, stats.CorrelationP(r, n)*(2*maxLag+1)); p < best.P || best.Windows == 0 {
			best = Pair{R: r, Lag: lag * s.Step, Windows: len(x), Step: s.Step, P: p}
		}
	}
	return best, ok
}
