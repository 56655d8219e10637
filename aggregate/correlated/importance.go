package correlated

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxRoots and maxOperations bound what is kept; what finds no room is counted.
	maxRoots      = 1 << 12
	maxOperations = 1 << 16
	// minRequests is how many requests are needed in which an operation is on the critical path.
	minRequests = 100
	// minShare is the share of the duration of all requests below which an operation comes after the others: what
	// hardly takes time may go with it, but does not decide it.
	minShare = .01
)

// root sums up the requests of one root operation.
type root struct {
	n        uint64
	duration int64
}

type pairKey struct{ root, op uint32 }

// critical sums up those of them in which an operation is on the critical path: x is ln of its time there, y of the
// duration of the request. The others are left out: an operation that only some kinds of requests have would otherwise
// go with whatever sets these kinds apart.
type critical struct {
	n                uint64
	x, y, xx, xy, yy float64
	ns               int64
}

// Fold sums up requests. Not safe for concurrent use.
type Fold struct {
	names   store.Names
	roots   map[uint32]*root
	ops     map[pairKey]*critical
	dropped uint64
	own     map[uint32]int64 // of the request that is being looked at
}

// New returns an empty fold.
func New(names store.Names) *Fold {
	return &Fold{names: names, roots: map[uint32]*root{}, ops: map[pairKey]*critical{}, own: map[uint32]int64{}}
}

// Fold sums up a request.
func (f *Fold) Fold(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	s := t.Span(t.Root)
	r := f.roots[s.Op]
	if r == nil {
		if len(f.roots) >= maxRoots || s.Op == 0 {
			f.dropped++
			return
		}
		r = &root{}
		f.roots[s.Op] = r
	}
	y := math.Log(float64(max(s.Duration(), 1)))
	r.n++
	r.duration = bounded.Sum(r.duration, s.Duration())
	clear(f.own)
	for node, ns := range t.Critical() {
		if ns > 0 {
			if x := t.Span(int32(node)); x != nil && x.Op != 0 {
				f.own[x.Op] = bounded.Sum(f.own[x.Op], ns)
			}
		}
	}
	for op, ns := range f.own {
		f.add(pairKey{s.Op, op}, ns, y)
	}
}

func (f *Fold) add(k pairKey, ns int64, y float64) {
	c := f.ops[k]
	if c == nil {
		if len(f.ops) >= maxOperations {
			f.dropped++
			return
		}
		c = &critical{}
		f.ops[k] = c
	}
	x := math.Log(float64(ns))
	c.n++
	c.x += x
	c.y += y
	c.yy += y * y
	c.xx += x * x
	c.xy += x * y
	c.ns = bounded.Sum(c.ns, ns)
}

// Importance is how closely the critical time of an operation goes with how long requests of a root operation take
// (relative importance of FIRM, OSDI 2020). A part goes with its whole: only large values say something.
type Importance struct {
	Root, Place model.Place
	Op          uint32
	R           float64 // of the logarithms, where it is on the path
	P, Q        float64 // two-sided
	Requests    uint64  // of the root operation
	OnPath      uint64  // of which it is on the critical path
	Share       float64 // of their duration
}

// Importance is that of all operations that are on the critical path of enough requests, the most important first.
func (f *Fold) Importance() (rows []Importance, dropped uint64) {
	for k, c := range f.ops {
		r := f.roots[k.root]
		if c.n < minRequests {
			continue
		}
		rows = append(rows, Importance{
			Root: f.place(k.root), Place: f.place(k.op), Op: k.op, R: c.correlation(), Requests: r.n, OnPath: c.n,
			Share: float64(c.ns) / float64(max(r.duration, 1)),
		})
	}
	slices.SortFunc(rows, func(a, b Importance) int {
		return cmp.Or(cmp.Compare(small(a.Share), small(b.Share)), cmp.Compare(b.R, a.R), cmp.Compare(b.Share, a.Share), a.Root.Compare(b.Root), a.Place.Compare(b.Place))
	})
	ps := make([]float64, len(rows))
	for i := range rows {
		rows[i].P = stats.CorrelationP(rows[i].R, float64(rows[i].OnPath))
		ps[i] = rows[i].P
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		rows[i].Q = q
	}
	return rows, f.dropped
}

func (f *Fold) place(op uint32) model.Place {
	o := f.names.Operation(op)
	return model.Place{Service: o.ServiceName, Operation: o.Name, Kind: o.Kind}
}

// small puts what hardly takes time last.
func small(share float64) int {
	if share < minShare {
		return 1
	}
	return 0
}

// correlation is Pearson's r from the sums.
func (c *critical) correlation() float64 {
	n := float64(c.n)
	xy, xx, yy := c.xy-c.x*c.y/n, c.xx-c.x*c.x/n, c.yy-c.y*c.y/n
	// What rounding leaves of values that are all alike is no variation.
	if xx <= 1e-9*c.xx || yy <= 1e-9*c.yy {
		return 0
	}
	return min(max(xy/math.Sqrt(xx*yy), -1), 1)
}
