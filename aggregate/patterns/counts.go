package patterns

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/hist"
	"oteltop/model"
)

// counts is the distribution of a small number, exact below maxCount and to 1.1 % from there on.
type counts struct {
	n     []uint32       // n[v] requests have v
	large hist.Histogram // of those from maxCount on
	total uint64
	most  int
}

func (c *counts) add(v int) {
	c.total++
	c.most = max(c.most, v)
	if v >= maxCount {
		c.large.Add(int64(v))
		return
	}
	for v >= len(c.n) {
		c.n = append(c.n, 0)
	}
	c.n[v]++
}

// quantile is by nearest rank, 0 of nothing.
func (c *counts) quantile(q float64) int {
	rank, seen := max(uint64(math.Ceil(q*float64(c.total))), 1), uint64(0)
	for v := range c.n {
		if seen += uint64(c.n[v]); seen >= rank {
			return v
		}
	}
	if n := c.large.Count(); n > 0 {
		return int(c.large.QuantileWithin(float64(rank-seen)/float64(n), maxCount, int64(c.most)))
	}
	return 0
}

// times is a distribution of durations whose quantiles are within what was added.
type times struct {
	all         hist.Histogram
	least, most int64
}

func (t *times) add(ns int64) {
	if t.all.Count() == 0 {
		t.least, t.most = ns, ns
	}
	t.least, t.most = min(t.least, ns), max(t.most, ns)
	t.all.Add(ns)
}

// median is to 1.1 %, 0 of nothing.
func (t *times) median() int64 { return t.all.QuantileWithin(.5, t.least, t.most) }

// example is an occurrence that can be opened.
type example struct {
	trace  model.TraceID
	span   model.SpanID
	cost   int64
	within uint32 // operation inside of which the calls are made, where that is not the caller's
}

// maxExamples is how many traces are named for a pattern.
const maxExamples = 5

// tally counts occurrences of one pattern in one place.
type tally struct {
	requests, occurrences uint64
	harmed                uint64 // requests to which it matters
	seen, seenHarmed      uint64 // number of the last trace that was counted
	calls                 counts // per occurrence
	width                 int
	times, roots, saves   times     // of an occurrence, of its request, ns
	ratios                times     // of a burst: slowest over median, in thousandths
	costs, hurtRoots      times     // of occurrences that matter and their requests: what they cost, ns
	lost                  int64     // by these together
	sourced               uint64    // occurrences before which something else was asked
	time, critical, save  int64     // ns
	best                  []example // the costliest first
}

// occurrence is one.
type occurrence struct {
	calls                int
	width                int
	time, critical, save int64
	ratio                float64
	sourced              bool
	matters              bool
	root                 int64
	example
}

func (t *tally) add(trace uint64, o *occurrence) {
	t.occurrences++
	if t.seen != trace {
		t.seen = trace
		t.requests++
		t.roots.add(o.root)
	}
	if o.matters {
		t.harm(trace, o)
	}
	t.calls.add(o.calls)
	t.width = max(t.width, o.width)
	t.times.add(o.time)
	t.saves.add(o.save)
	if o.ratio > 0 {
		t.ratios.add(int64(min(o.ratio, 1e9) * 1000))
	}
	if o.sourced {
		t.sourced++
	}
	t.time, t.critical, t.save = bounded.Sum(t.time, o.time), bounded.Sum(t.critical, o.critical), bounded.Sum(t.save, o.save)
	o.cost = max(o.save, o.critical)
	t.keep(o.example)
}

// harm counts an occurrence that matters.
func (t *tally) harm(trace uint64, o *occurrence) {
	t.costs.add(o.save)
	t.lost = bounded.Sum(t.lost, o.save)
	if t.seenHarmed != trace {
		t.seenHarmed = trace
		t.harmed++
		t.hurtRoots.add(o.root)
	}
}

// keep enters an example where it is among the costliest, of each trace its costliest only.
func (t *tally) keep(e example) {
	if i := slices.IndexFunc(t.best, func(x example) bool { return x.trace == e.trace }); i >= 0 {
		if compareExamples(e, t.best[i]) >= 0 {
			return
		}
		t.best = slices.Delete(t.best, i, i+1)
	}
	at, _ := slices.BinarySearchFunc(t.best, e, compareExamples)
	if at < maxExamples {
		t.best = slices.Insert(t.best, at, e)
		t.best = t.best[:min(len(t.best), maxExamples)]
	}
}

func compareExamples(a, b example) int {
	return cmp.Or(cmp.Compare(b.cost, a.cost), a.trace.Compare(b.trace), cmp.Compare(a.span, b.span))
}
