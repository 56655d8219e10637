package outliers

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/shapes"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// minRequests is how many requests of a root operation say what is usual. One in 500 is rarer than the
	// rare cases of healthy traffic that were measured: see the tests.
	minRequests = 500
	// rareShare is the share of requests in which a call is rare.
	rareShare = .001
	// rareMass is the share of requests with any rare call up to which one is news: where each request does
	// something of its own, as with names made from ids, nothing rare is.
	rareMass = .005
	// expected is the share of requests with a call in which its absence is odd (A21).
	expected = .99
	// lossPrior is the weight, in spans, of what is assumed of the share of lost spans before any was seen: half of
	// one of so many is lost.
	lossPrior = 1_000
	// farLarger is by how much the size of an odd request exceeds what 99 % stay below, and at least by
	// how many.
	farLarger      = 2
	farLargerLeast = 10
)

// Reason says what is odd about a request.
type Reason string

// The reasons.
const (
	Calls Reason = "calls" // it makes a call that hardly any other makes
	Lacks Reason = "lacks" // it does not make a call that nearly all others make
	Wide  Reason = "wide"  // one of its spans makes far more calls of an operation
	Deep  Reason = "deep"  // it has far more levels
	Large Reason = "large" // it has far more spans
)

// Odd is requests of one root operation that are odd for the same reason.
type Odd struct {
	Root   store.Operation
	Reason Reason
	Of     uint64 // requests of the root operation; of Lacks, those that make the call above
	Count  uint64 // odd ones
	Failed uint64 // of these, with a failed span

	Path   []store.Operation // of Calls and Lacks: from the root down to the call
	Others float64           // of Lacks: the share of Of that makes the call
	Call   store.Operation   // of Wide: what is called
	Caller store.Operation   // of Wide: by what
	Most   int               // of Wide, Deep, Large: how large the largest is
	Usual  int64             // of the same: what 99 % of the requests stay below
	Z      float64           // of the same: robust z of the logarithm
	Q      float64           // family-wise probability of chance; 0 of Calls, where nothing is tested

	ShapeBits  float64 // surprise of the shape: −log2((n+½)/(N+1)), of the most surprising one
	PathBits   float64 // mean surprise of the calls of that shape given the two before: −log2 (n+½)/(N+1)
	Percentile float64 // rank of the most extreme of shape, calls and sizes among the requests, 0–100

	Span   model.SpanID // in Traces[0]; 0: none in particular
	Traces []model.TraceID
	Exact  bool // of Calls: no request of the root operation has the called operation in another place

	shapes []int // which shapes, to tell that two reasons are one
}

// Odd are the groups of structural outliers, at most three of a root operation, the rarest first.
func (x *Structure) Odd() []Odd {
	var out []Odd
	tests := x.tests()
	for op, r := range x.roots {
		if r.shapes.N < minRequests {
			continue
		}
		j := newJudge(x, r, tests)
		groups := slices.Concat(j.calls(), j.lacks(), j.sizes())
		for i := range groups {
			groups[i].Root = x.names.Operation(op)
		}
		sortOdd(groups)
		out = append(out, firstOfEach(groups)...)
	}
	sortOdd(out)
	return out
}

// sortOdd orders by rarity, then by reason and place.
func sortOdd(groups []Odd) {
	rank := map[Reason]int{Calls: 0, Lacks: 1, Wide: 2, Deep: 3, Large: 4}
	slices.SortStableFunc(groups, func(a, b Odd) int {
		return cmp.Or(cmp.Compare(float64(a.Count)/float64(a.Of), float64(b.Count)/float64(b.Of)), cmp.Compare(rank[a.Reason], rank[b.Reason]), cmp.Compare(len(a.Path), len(b.Path)),
			cmp.Compare(a.Root.ServiceName, b.Root.ServiceName), cmp.Compare(a.Root.Name, b.Root.Name), cmp.Compare(a.Root.Kind, b.Root.Kind), cmp.Compare(placeOf(&a), placeOf(&b)))
	})
}

func placeOf(o *Odd) string {
	text := ""
	for _, p := range o.Path {
		text += p.ServiceName + "\x00" + p.Name + "\x00"
	}
	return text
}

// firstOfEach keeps the first reason of those that the same requests have, and three of a root operation.
func firstOfEach(groups []Odd) []Odd {
	var out []Odd
	for _, g := range groups {
		same := slices.ContainsFunc(out, func(o Odd) bool {
			if len(g.shapes) > 0 && len(o.shapes) > 0 {
				return slices.Equal(o.shapes, g.shapes)
			}
			return o.Traces[0] == g.Traces[0]
		})
		if !same && len(out) < perRoot {
			out = append(out, g)
		}
	}
	return out
}

// tests is how many questions about absent calls and sizes are asked of all root operations.
func (x *Structure) tests() float64 {
	n := uint64(1)
	for _, r := range x.roots {
		if r.shapes.N >= minRequests {
			n += uint64(len(r.paths.List)) + uint64(sizes)
		}
	}
	return float64(n)
}

// judge looks for what is odd among the requests of one root operation.
type judge struct {
	x      *Structure
	r      *structureRoot
	tests  float64
	forms  []shapes.Counter[form]
	n      float64
	counts []uint64 // traces by path
	bits   []surprise
	ranks  []float64 // percentile by shape
}

// surprise of a shape, bits.
type surprise struct{ shape, path float64 }

func newJudge(x *Structure, r *structureRoot, tests float64) *judge {
	j := &judge{x: x, r: r, tests: tests, n: float64(r.shapes.N), counts: make([]uint64, len(r.paths.List))}
	copy(j.counts, r.displaced)
	j.forms = slices.SortedFunc(slices.Values(r.shapes.Counters()), func(a, b shapes.Counter[form]) int { return cmp.Compare(a.Key, b.Key) })
	for i := range j.forms {
		for _, p := range j.forms[i].Of.paths {
			j.counts[p] += j.forms[i].Known()
		}
	}
	j.surprise()
	return j
}

// link is a call with the two calls above it: the operations of length-3 paths.
type link struct{ above, caller, op uint32 }

// context is the two calls above, whatever is called.
func (l link) context() link { return link{above: l.above, caller: l.caller} }

// surprise works out how surprising shapes are, by themselves and by their calls. P(call | the two before)
// is a share of requests, each counted once: a loop does not make its call usual.
func (j *judge) surprise() {
	calls, contexts := map[link]uint64{}, map[link]uint64{}
	links := make([][]link, len(j.forms))
	for i := range j.forms {
		links[i] = j.linksOf(j.forms[i].Of.paths)
		known := j.forms[i].Known()
		for k, l := range links[i] {
			calls[l] += known
			if k == 0 || links[i][k-1].context() != l.context() {
				contexts[l.context()] += known
			}
		}
	}
	j.bits = make([]surprise, len(j.forms))
	for i := range j.forms {
		j.bits[i].shape = -math.Log2((float64(j.forms[i].Known()) + .5) / (j.n + 1))
		for _, l := range links[i] {
			seen := float64(contexts[l.context()])
			j.bits[i].path -= math.Log2((float64(calls[l])+.5)/(seen+1)) / float64(len(links[i]))
		}
	}
	byShape := j.rank(func(s surprise) float64 { return s.shape })
	byPath := j.rank(func(s surprise) float64 { return s.path })
	for i := range byShape {
		j.ranks = append(j.ranks, max(byShape[i], byPath[i]))
	}
}

// linksOf are the different links of some paths, those of one context side by side. They are sorted because figures
// are summed over them: in another order the last digits would differ each time that they are asked for.
func (j *judge) linksOf(paths []int32) []link {
	var links []link
	for _, p := range paths {
		if l, ok := j.linkOf(p); ok {
			links = append(links, l)
		}
	}
	slices.SortFunc(links, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.above, b.above), cmp.Compare(a.caller, b.caller), cmp.Compare(a.op, b.op))
	})
	return slices.Compact(links)
}

// linkOf is the length-3 path that ends in a path; the root's own is none.
func (j *judge) linkOf(p int32) (link, bool) {
	at := &j.r.paths.List[p]
	if at.Parent < 0 {
		return link{}, false
	}
	caller := &j.r.paths.List[at.Parent]
	l := link{caller: caller.Op, op: at.Op}
	if caller.Parent >= 0 {
		l.above = j.r.paths.List[caller.Parent].Op
	}
	return l, true
}

// rank is the mid-rank of each shape among all requests, 0–100.
func (j *judge) rank(by func(surprise) float64) []float64 {
	order := make([]int, len(j.forms))
	for i := range order {
		order[i] = i
	}
	key := func(i int) float64 { return math.Round(by(j.bits[i]) * 1e9) } // shapes with other links of the same surprise differ in the last digits
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(key(a), key(b)) })
	out := make([]float64, len(order))
	below := 0.0
	for i := 0; i < len(order); {
		k, equal := i, 0.0
		for ; k < len(order) && key(order[k]) == key(order[i]); k++ {
			equal += float64(j.forms[order[k]].Known())
		}
		for _, at := range order[i:k] {
			out[at] = 100 * (below + equal/2) / j.n
		}
		below += equal
		i = k
	}
	return out
}

// calls are the calls that hardly any request makes. Below one, others are as rare: only it is named.
func (j *judge) calls() []Odd {
	limit := max(1, uint64(rareShare*j.n))
	rare := map[int32][]int{}
	mass := float64(j.r.lost)
	for i := range j.forms {
		some := false
		for _, p := range j.forms[i].Of.paths {
			parent := j.r.paths.List[p].Parent
			if j.counts[p] > limit {
				continue
			}
			some = true
			if parent < 0 || j.counts[parent] > limit {
				rare[p] = append(rare[p], i)
			}
		}
		if some {
			mass += float64(j.forms[i].Known())
		}
	}
	if mass > max(1, rareMass*j.n) {
		return nil
	}
	var out []Odd
	for _, p := range slices.Sorted(maps.Keys(rare)) {
		o := j.group(Calls, rare[p])
		o.Count, o.Of, o.Path = j.counts[p], uint64(j.n), j.path(p)
		o.Exact = j.isOnlyPlace(p)
		out = append(out, o)
	}
	return out
}

// isOnlyPlace reports whether the operation of a path is on no other path.
func (j *judge) isOnlyPlace(p int32) bool {
	for i := range j.r.paths.List {
		if int32(i) != p && j.r.paths.List[i].Op == j.r.paths.List[p].Op {
			return false
		}
	}
	return true
}

// lacks are absent calls: of the requests that get to a place, nearly all make the call, and more do not than the
// spans that get lost on the way explain.
func (j *judge) lacks() []Odd {
	lost := (float64(j.x.missing) + .5) / (float64(j.x.inner+j.x.missing) + lossPrior)
	var out []Odd
	for p := range j.r.paths.List {
		parent := j.r.paths.List[p].Parent
		if parent < 0 || j.counts[parent] < minRequests || j.counts[p] >= j.counts[parent] {
			continue
		}
		of, with := float64(j.counts[parent]), float64(j.counts[p])
		absent := of - with
		q := min(1, j.tests*poissonTail(absent, of*lost))
		if with < expected*of || q >= maxError {
			continue
		}
		var without []int
		for i := range j.forms {
			paths := j.forms[i].Of.paths
			_, comes := slices.BinarySearch(paths, parent)
			_, calls := slices.BinarySearch(paths, int32(p))
			if comes && !calls {
				without = append(without, i)
			}
		}
		if len(without) == 0 {
			continue // they were of shapes that were given up
		}
		o := j.group(Lacks, without)
		o.Count, o.Of, o.Others, o.Q, o.Path = uint64(absent), uint64(of), with/of, q, j.path(int32(p))
		out = append(out, o)
	}
	return out
}

// poissonTail is the probability of n or more where mean are expected.
func poissonTail(n, mean float64) float64 {
	if n <= mean {
		return 1
	}
	gamma, _ := math.Lgamma(n + 1)
	term := math.Exp(n*math.Log(mean) - mean - gamma)
	sum := 0.0
	for k := n + 1; term > 1e-18*(sum+1e-300) && term > 0; k++ {
		sum += term
		term *= mean / k
	}
	return min(1, sum)
}

// group is what shapes that are odd for a reason have in common.
func (j *judge) group(why Reason, forms []int) Odd {
	o := Odd{Reason: why, shapes: forms}
	var all []seen
	for _, i := range forms {
		f := &j.forms[i]
		o.Failed += f.Of.failed
		all = append(all, f.Of.traces...)
		if f := j.ranks[i]; f > o.Percentile {
			o.Percentile = f
		}
		if j.bits[i].shape > o.ShapeBits {
			o.ShapeBits, o.PathBits = j.bits[i].shape, j.bits[i].path
		}
	}
	slices.SortFunc(all, func(a, b seen) int {
		if isNewer(a, b) {
			return -1
		}
		return 1
	})
	for _, s := range all[:min(len(all), maxTraces)] {
		o.Traces = append(o.Traces, s.trace)
	}
	return o
}

// path names the operations from the root down.
func (j *judge) path(p int32) []store.Operation {
	var out []store.Operation
	for ; p >= 0; p = j.r.paths.List[p].Parent {
		out = append(out, operationOf(j.x.names, j.r.paths.List[p].Op))
	}
	slices.Reverse(out)
	return out
}

// sizes are requests that are far larger than nearly all others.
func (j *judge) sizes() []Odd {
	var out []Odd
	for of, why := range [sizes]Reason{width: Wide, depth: Deep, spans: Large} {
		h, top := &j.r.size[of], j.r.largest[of]
		spread, _ := stats.Spread(h)
		usual := h.Quantile(.99)
		o := Odd{Reason: why, Of: uint64(j.n), Usual: usual}
		for i := range top {
			l := &top[i]
			z := spread.Z(int64(l.n))
			q := min(1, j.tests*j.n*stats.UpperTail(z))
			if z <= stats.OutlierZ || q >= maxError || int64(l.n) < max(farLarger*usual, usual+farLargerLeast) {
				break // the others are smaller
			}
			if i == 0 {
				o.Most, o.Span, o.Z, o.Q = l.n, l.span, z, q
				rank, _ := h.Rank(int64(l.n))
				o.Percentile = 100 * rank
				if l.op != 0 {
					o.Call, o.Caller = operationOf(j.x.names, l.op), operationOf(j.x.names, l.caller)
				}
			}
			o.Count++
			if l.failed {
				o.Failed++
			}
			if len(o.Traces) < maxTraces {
				o.Traces = append(o.Traces, l.trace)
			}
		}
		if o.Count > 0 {
			o.Count = max(o.Count, countFrom(h, hist.Bin(int64(top[o.Count-1].n))))
			out = append(out, o)
		}
	}
	return out
}
