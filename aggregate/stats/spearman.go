package stats

import (
	"cmp"
	"slices"
)

// Spearman is the rank correlation of two samples of the same length (Spearman 1904), −1…1, with tied values at
// the mean of their ranks; 0 where one does not vary.
func Spearman(x, y []float64) float64 { return Pearson(Ranks(x), Ranks(y)) }

const (
	// maxPairs is how many pairs a sample holds: 256 tell a correlation of 0.2 from none.
	maxPairs = 256
	// minPairs is how many a correlation takes at least.
	minPairs = 20
)

// Pairs is a bounded sample of pairs of figures, the same whatever the order in which they come: it keeps those
// whose hash ends in as many zeros as it takes for them to fit. The zero value is ready.
type Pairs struct {
	mask uint64
	all  []hashedPair
}

type hashedPair struct {
	hash uint64
	x, y float64
}

// Add offers a pair. The key should be different for each, and need not be random.
func (p *Pairs) Add(key uint64, x, y float64) {
	h := mix(key)
	if h&p.mask != 0 {
		return
	}
	p.all = append(p.all, hashedPair{h, x, y})
	for len(p.all) > maxPairs && p.mask != ^uint64(0) {
		p.mask = p.mask<<1 | 1
		p.all = slices.DeleteFunc(p.all, func(x hashedPair) bool { return x.hash&p.mask != 0 })
	}
	if len(p.all) > maxPairs { // one key again and again
		p.all = p.all[:maxPairs]
	}
}

// Spearman is the rank correlation of the pairs in the sample and its two-sided p-value; 0 and 1 where there are too
// few.
func (p *Pairs) Spearman() (rho, significance float64) {
	if len(p.all) < minPairs {
		return 0, 1
	}
	x, y := make([]float64, len(p.all)), make([]float64, len(p.all))
	slices.SortFunc(p.all, func(a, b hashedPair) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y))
	})
	for i := range p.all { // in an order of their own, so that sums round alike
		x[i], y[i] = p.all[i].x, p.all[i].y
	}
	rho = Spearman(x, y)
	return rho, CorrelationP(rho, float64(len(x)))
}

// mix is the finaliser of splitmix64 (Steele, Lea & Flood 2014): keys that are counted up look random.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
