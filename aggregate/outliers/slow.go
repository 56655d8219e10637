package outliers

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// minPopulation is how many requests of a kind say what is usual (3.2).
	minPopulation = 100
	// maxTail is the rank, from above, within its mode that an outlier has at most.
	maxTail = .01
	// minExcess and minExcessFactor: what an outlier took beyond the median, at least 5 ms and twice the
	// median. Less does not hurt anybody.
	minExcess       = 5e6
	minExcessFactor = 2
	// perRoot is how many groups are named of a root operation.
	perRoot = 3
	// maxTraces is how many traces a group names.
	maxTraces = 5
	// maxLost is a year: what a hostile clock made longer does not overflow a sum.
	maxLost = 1 << 55
)

// Slow is outliers of one root operation that did the same and that the same call path made slow.
type Slow struct {
	Root     store.Operation
	Shape    uint64 // 0: several shapes, each of them too rare to be judged alone
	Of       uint64 // requests of the root operation
	Among    uint64 // of these, the ones that it was compared with: of the shape and the mode
	Count    uint64 // outliers
	AtLeast  bool   // there are more, which were not assigned to a path
	Failed   uint64 // of these, with a failed span
	Median   int64  // of those compared with, ns
	Fastest  int64  // of the outliers, ns
	Slowest  int64
	Z        float64 // of the slowest: 0.6745·(ln x − median)/MAD, one-sided
	Surprise float64 // of the slowest: −log2 of the share of requests that take longer, bits
	Q        float64 // probability that chance makes one so slow among all that was looked at, if logarithms were normal
	Exact    bool    // no other request of the root operation takes as long as the fastest

	Path     []store.Operation // from the root down to the call that took the time
	Own      int64             // what it took of the slowest: own time on the critical path, ns
	Usual    int64             // what it takes on average, ns
	Lost     int64             // what it took beyond that of all outliers, ns
	Span     model.SpanID      // of the slowest
	Traces   []model.TraceID   // the slowest first
	From, To int64             // starts of the first and the last outlier, Unix ns
}

// Slow are the groups of latency outliers, the most significant first, at most three of a root operation.
func (l *Latency) Slow() []Slow {
	var out []Slow
	for op, r := range l.roots {
		var groups []Slow
		pooled := r.pooled
		all := r.pooled.duration.Clone()
		pool := population{}
		pool.add(&pooled)
		for _, shape := range slices.Sorted(maps.Keys(r.shapes)) {
			p := r.shapes[shape]
			all.Merge(&p.duration)
			if p.duration.Count() < minPopulation {
				pool.add(p)
				continue
			}
			groups = append(groups, l.judge(r, p, shape)...)
		}
		groups = append(groups, l.judge(r, &pool, 0)...)
		sortSlow(groups)
		groups = groups[:min(len(groups), perRoot)]
		for i := range groups {
			g := &groups[i]
			g.Root, g.Of = l.names.Operation(op), r.n
			g.Exact = !g.AtLeast && countFrom(&all, hist.Bin(g.Fastest)) == g.Count
		}
		out = append(out, groups...)
	}
	sortSlow(out)
	return out
}

func sortSlow(groups []Slow) {
	slices.SortFunc(groups, func(a, b Slow) int {
		return cmp.Or(cmp.Compare(a.Q, b.Q), cmp.Compare(b.Lost, a.Lost), cmp.Compare(b.Slowest, a.Slowest), cmp.Compare(a.Root.ServiceName, b.Root.ServiceName),
			cmp.Compare(a.Root.Name, b.Root.Name), cmp.Compare(a.Traces[0].Hi, b.Traces[0].Hi), cmp.Compare(a.Traces[0].Lo, b.Traces[0].Lo))
	})
}

// countFrom counts durations of a bin and above.
func countFrom(h *hist.Histogram, bin int) (n uint64) {
	h.Each(func(b int, count int64) {
		if b >= bin {
			n += uint64(count)
		}
	})
	return n
}

// judge finds the outliers of a population, grouped by the path that took the time.
func (l *Latency) judge(r *latencyRoot, p *population, shape uint64) []Slow {
	var out []Slow
	for _, m := range modesOf(&p.duration) {
		if m.n < minPopulation {
			continue
		}
		limit, ok := limitOf(&p.duration, m)
		if !ok {
			continue
		}
		byPath := map[int32]*Slow{}
		assigned := uint64(0)
		for _, c := range slices.SortedFunc(slices.Values(p.slowest), func(a, b candidate) int { return compareCandidates(&b, &a) }) {
			bin := hist.Bin(c.ns)
			if bin < limit.bin || bin > m.high {
				continue
			}
			assigned++
			own, usual := responsible(&c, p)
			s := byPath[own.path]
			if s == nil {
				s = l.group(p, m, limit, &c)
				s.Own, s.Usual, s.Span, s.Path, s.Shape = own.ns, usual, own.span, l.path(r, own.path), shape
				byPath[own.path] = s
			}
			s.count(&c, own, usual)
		}
		for _, path := range slices.Sorted(maps.Keys(byPath)) {
			s := byPath[path]
			s.AtLeast = assigned < limit.tail
			out = append(out, *s)
		}
	}
	return out
}

// limit is from where on requests of a mode are outliers.
type limit struct {
	bin    int    // the lowest
	tail   uint64 // outliers
	spread stats.LogSpread
	median int64
}

// limitOf applies 3.2 to a mode: all its conditions hold from some duration on.
func limitOf(h *hist.Histogram, m mode) (limit, bool) {
	var part hist.Histogram
	h.Each(func(bin int, n int64) {
		if bin >= m.low && bin <= m.high {
			part.AddBin(bin, n)
		}
	})
	spread, ok := stats.Spread(&part)
	if !ok {
		return limit{}, false
	}
	x := limit{bin: -1, spread: spread, median: part.Quantile(.5)}
	excess := max(float64(minExcess), minExcessFactor*float64(x.median))
	above := m.n
	part.Each(func(bin int, n int64) {
		low := hist.Low(bin)
		if x.bin < 0 && spread.Z(low) > stats.OutlierZ && float64(above) <= maxTail*float64(m.n) && float64(low-x.median) >= excess {
			x.bin, x.tail = bin, above
		}
		above -= uint64(n)
	})
	return x, x.bin >= 0
}

// responsible is the call path that took most beyond what it takes on average.
func responsible(c *candidate, p *population) (most ownTime, usual int64) {
	n := float64(p.duration.Count())
	best := math.Inf(-1)
	for _, x := range c.own {
		mean := p.critical[x.path] / n
		if excess := float64(x.ns) - mean; excess > best {
			best, most, usual = excess, x, int64(mean)
		}
	}
	return most, usual
}

// group begins a group with its slowest request.
func (l *Latency) group(p *population, m mode, x limit, c *candidate) *Slow {
	s := &Slow{Among: m.n, Median: x.median, Slowest: c.ns, Z: x.spread.Z(c.ns), From: c.start, To: c.start}
	above := countFrom(&p.duration, hist.Bin(c.ns)+1) - countFrom(&p.duration, m.high+1)
	s.Surprise = -math.Log2(float64(above+1) / float64(m.n))
	s.Q = min(1, float64(l.Traces)*stats.UpperTail(s.Z))
	return s
}

// path names the operations of a call path from the root down.
func (l *Latency) path(r *latencyRoot, at int32) (path []store.Operation) {
	for ; at >= 0; at = r.paths.List[at].Parent {
		path = append(path, operationOf(l.names, r.paths.List[at].Op))
	}
	slices.Reverse(path)
	return path
}

func (s *Slow) count(c *candidate, own ownTime, usual int64) {
	s.Count++
	if c.failed {
		s.Failed++
	}
	s.Fastest = c.ns
	s.Lost += min(max(0, own.ns-usual), maxLost)
	s.From, s.To = min(s.From, c.start), max(s.To, c.start)
	if len(s.Traces) < maxTraces {
		s.Traces = append(s.Traces, c.trace)
	}
}

// operationOf names the operation of a path.
func operationOf(names store.Names, op uint32) store.Operation {
	if op == 0 {
		return store.Operation{} // a parent that was never seen
	}
	return names.Operation(op)
}
