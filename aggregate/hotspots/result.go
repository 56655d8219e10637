package hotspots

import (
	"cmp"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
)

const (
	// minFailing and minHealthy are how many requests of each outcome are compared at least, the latter of each
	// root operation.
	minFailing = 20
	minHealthy = 20
	// Nearly every request that fails has to pass a chokepoint, and on the way to its error.
	minPresence = .95
	minOnPath   = .8
	// minMore is by how much less of the requests that succeed have to pass it, at least: else it says no more
	// than that it is on every way.
	minMore = .2
	// maxKinds is how many root operations are compared, those with the most errors.
	maxKinds = 256
	maxQ     = .05
	// alike is how close the evidence of two places has to be for where errors begin to decide.
	alike = .05
)

// Result is what traffic passes through.
type Result struct {
	Traces, Failing uint64 // requests; those with an error
	Calls           uint64
	Nodes           []Node // by betweenness, then presence, then name
	Edges           []Edge // by calls, then names
	Tests           int    // places that were tested for being a chokepoint
	Dropped         uint64 // how often something found no room
}

// Node is a service, or a peer that sends no spans.
type Node struct {
	Name     string
	Peer     bool
	Traces   uint64 // that pass it
	Inner    uint64 // that pass through it: it is called and calls another service
	Calls    uint64 // to it
	Failed   uint64 // of which failed
	Critical int64  // time on critical paths, ns
	Callers  int    // distinct (fan-in)
	Callees  int

	TraceShare    float64 // Traces of all
	Betweenness   float64 // Inner of all
	CallShare     float64 // Calls of all
	CriticalShare float64 // Critical of the duration of all requests

	// Failing are the requests with an error that pass it, of FailingOf that can be compared: those whose root
	// operation also has requests without. OnPath and Origins are in how many it lies on the way to the error,
	// and in how many the error begins there.
	Failing, FailingOf uint64
	OnPath, Origins    uint64
	// FailingShare is Failing/FailingOf, HealthyShare as large a share as that would be if failing requests
	// passed it as often as those without an error do, root operation by root operation. MoreAtLeast is the
	// lower bound of their difference (95 %), Q its false discovery rate; 1 where nothing was tested.
	FailingShare, HealthyShare float64
	MoreAtLeast                float64
	Q                          float64
	Tested                     bool // there are enough requests to compare
	Chokepoint                 bool
	Sample                     []model.TraceID // with an error, that pass it
}

// Edge is the calls from one place to another.
type Edge struct {
	Client, Server string
	Calls, Failed  uint64
	Traces         uint64
	CallShare      float64 // of all calls
	TraceShare     float64 // of all requests
}

// Result is what was counted so far.
func (f *Fold) Result() *Result {
	r := &Result{Traces: f.traces, Failing: f.failing, Calls: f.calls, Dropped: f.dropped}
	kinds := f.comparable()
	var ps []float64
	var tested []int
	for i := range f.places {
		n := f.node(int32(i))
		if p, ok := f.test(&n, int32(i), kinds); ok {
			ps, tested = append(ps, p), append(tested, len(r.Nodes))
		}
		r.Nodes = append(r.Nodes, n)
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		n := &r.Nodes[tested[i]]
		n.Tested, n.Q = true, q
		n.Chokepoint = q < maxQ && n.MoreAtLeast >= minMore && n.FailingShare >= minPresence && float64(n.OnPath) >= minOnPath*float64(n.Failing)
	}
	r.Tests = len(ps)
	for k, e := range f.edges {
		r.Edges = append(r.Edges, Edge{
			Client: f.places[k.client].name, Server: f.places[k.server].name, Calls: e.calls, Failed: e.failed, Traces: e.traces,
			CallShare: stats.Ratio(e.calls, f.calls), TraceShare: stats.Ratio(e.traces, f.traces),
		})
	}
	slices.SortFunc(r.Nodes, func(a, b Node) int {
		return cmp.Or(cmp.Compare(b.Inner, a.Inner), cmp.Compare(b.Traces, a.Traces), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(r.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Server, b.Server))
	})
	return r
}

func (f *Fold) node(at int32) Node {
	p := &f.places[at]
	n := Node{
		Name: p.name, Peer: p.peer, Traces: p.traces, Inner: p.inner, Calls: p.in, Failed: p.failed, Critical: p.critical,
		Callers: p.callers, Callees: p.callees, TraceShare: stats.Ratio(p.traces, f.traces), Betweenness: stats.Ratio(p.inner, f.traces),
		CallShare: stats.Ratio(p.in, f.calls), OnPath: p.path, Origins: p.origin, Q: 1, Sample: p.sample,
	}
	if f.duration > 0 {
		n.CriticalShare = float64(p.critical) / float64(f.duration)
	}
	return n
}

// comparable are the root operations that have requests of both outcomes, those with the most errors first.
func (f *Fold) comparable() []uint32 {
	var roots []uint32
	for root, k := range f.kinds {
		if k.failing > 0 && k.healthy >= minHealthy {
			roots = append(roots, root)
		}
	}
	slices.SortFunc(roots, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(f.kinds[b].failing, f.kinds[a].failing), cmp.Compare(a, b))
	})
	return roots[:min(len(roots), maxKinds)]
}

// test compares how many of the failing requests pass a place with how many of the others do, within each root
// operation: that a checkout passes payment, and checkouts fail, does not make payment a chokepoint.
func (f *Fold) test(n *Node, at int32, roots []uint32) (p float64, ok bool) {
	var strata []stats.Stratum
	var healthy uint64
	expected := 0.0
	for _, root := range roots {
		k := f.kinds[root]
		s := stats.Stratum{N: k.failing, M: k.healthy}
		if x := f.pairs[pairKey{root, at}]; x != nil {
			s.A, s.C = x.failing, x.healthy
		}
		n.Failing += s.A
		n.FailingOf += s.N
		healthy += s.M
		expected += float64(s.N) * stats.Ratio(s.C, s.M)
		strata = append(strata, s)
	}
	if n.FailingOf < minFailing {
		return 1, false
	}
	n.FailingShare, n.HealthyShare = stats.Ratio(n.Failing, n.FailingOf), expected/float64(n.FailingOf)
	passed := uint64(n.HealthyShare*float64(healthy) + .5)
	n.MoreAtLeast = max(0, stats.Newcombe(n.Failing, n.FailingOf, min(passed, healthy), healthy, stats.Z95).Lower)
	return stats.MantelHaenszel(strata...), true
}

// Chokepoints are the places that nearly all failing requests pass and others do not, the most telling first: of
// those about which the evidence is alike, the one where most errors begin.
func (r *Result) Chokepoints() []*Node {
	var found []*Node
	best := 0.0
	for i := range r.Nodes {
		if n := &r.Nodes[i]; n.Chokepoint {
			found = append(found, n)
			best = max(best, n.MoreAtLeast)
		}
	}
	slices.SortStableFunc(found, func(a, b *Node) int {
		x, y := a.MoreAtLeast >= best-alike, b.MoreAtLeast >= best-alike
		switch {
		case x != y && x:
			return -1
		case x != y:
			return 1
		case x:
			return cmp.Or(cmp.Compare(b.Origins, a.Origins), boolean(a.Peer)-boolean(b.Peer), cmp.Compare(b.MoreAtLeast, a.MoreAtLeast))
		}
		return cmp.Compare(b.MoreAtLeast, a.MoreAtLeast)
	})
	return found
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
