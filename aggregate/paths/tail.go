package paths

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
)

// Contribution is the part that a call path has in the difference between two cohorts of requests
// (ANALYSES A12). Times are ns per request, on the critical path.
type Contribution struct {
	Node       int32
	Fast, Slow float64 // mean exclusive time of a request of either cohort
	// Delta is Slow − Fast. More is what follows from more (or fewer) calls on this path at the speed of
	// the fast cohort, Slower what follows from each call taking longer on the critical path:
	//
	//	Delta = (n_slow − n_fast)·mean_fast + n_slow·(mean_slow − mean_fast) = More + Slower
	//
	// where n is calls per request and mean is ns per call. Calls of a path that the fast cohort never
	// takes are all More.
	Delta, More, Slower float64
	Low, High           float64 // 95 % interval of Delta, normal approximation over requests
	CallsFast           float64 // calls per request
	CallsSlow           float64
	Share               float64 // of the difference of mean durations; over all paths 1
}

// Decomposition says what the difference in duration of two cohorts of one kind of request consists of.
type Decomposition struct {
	Root             int32   // the path of length 1
	CountFast        uint64  // requests
	CountSlow        uint64  // requests
	Fast, Slow       float64 // mean duration, ns
	Parts            []Contribution
	Unexplainable    bool // the mean durations do not differ: shares are 0
	tree             *Tree
	fast, slowCohort int
}

// Decompose takes apart the difference between two cohorts of the requests that begin with the path
// root. Parts are by size of Delta, largest first; those with no time in either cohort are left out.
// Their Deltas sum to Slow − Fast, because critical paths partition durations.
func Decompose(t *Tree, root int32, fast, slow int) Decomposition {
	d := Decomposition{
		Root: root, tree: t, fast: fast, slowCohort: slow,
		CountFast: t.Stats[fast][root].Present, CountSlow: t.Stats[slow][root].Present,
	}
	if d.CountFast == 0 || d.CountSlow == 0 {
		d.Unexplainable = true
		return d
	}
	below := make([]bool, len(t.Nodes))
	below[root] = true
	var timeFast, timeSlow int64 // whole ns: sums of means would differ from equal ones by the order of their terms
	for i := int(root); i < len(t.Nodes); i++ {
		if p := t.Nodes[i].Parent; p > 0 && below[p] {
			below[i] = true
		}
		if !below[i] || t.Stats[fast][i].Exclusive == 0 && t.Stats[slow][i].Exclusive == 0 {
			continue
		}
		timeFast += t.Stats[fast][i].Exclusive
		timeSlow += t.Stats[slow][i].Exclusive
		d.Parts = append(d.Parts, d.part(int32(i)))
	}
	d.Fast, d.Slow = float64(timeFast)/float64(d.CountFast), float64(timeSlow)/float64(d.CountSlow)
	d.Unexplainable = d.Slow == d.Fast
	for i := range d.Parts {
		if !d.Unexplainable {
			d.Parts[i].Share = d.Parts[i].Delta / (d.Slow - d.Fast)
		}
	}
	slices.SortFunc(d.Parts, func(a, b Contribution) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Delta), math.Abs(a.Delta)), cmp.Compare(a.Node, b.Node))
	})
	return d
}

func (d *Decomposition) part(node int32) Contribution {
	f, s := &d.tree.Stats[d.fast][node], &d.tree.Stats[d.slowCohort][node]
	nf, ns := float64(d.CountFast), float64(d.CountSlow)
	c := Contribution{
		Node: node,
		Fast: float64(f.Exclusive) / nf, Slow: float64(s.Exclusive) / ns,
		CallsFast: float64(f.Calls) / nf, CallsSlow: float64(s.Calls) / ns,
	}
	c.Delta = c.Slow - c.Fast
	switch {
	case f.Calls == 0:
		c.More = c.Delta
	default:
		c.More = (c.CallsSlow - c.CallsFast) * float64(f.Exclusive) / float64(f.Calls)
		c.Slower = c.Delta - c.More
	}
	half := stats.Z95 * math.Sqrt(meanVariance(f, nf)+meanVariance(s, ns))
	c.Low, c.High = c.Delta-half, c.Delta+half
	return c
}

// meanVariance is the variance of the mean over n requests of their time on a path, of which most may
// have none.
func meanVariance(s *Stat, n float64) float64 {
	if n < 2 {
		return 0
	}
	mean := float64(s.Exclusive) / n
	return max(s.Squares/n-mean*mean, 0) / (n - 1)
}
