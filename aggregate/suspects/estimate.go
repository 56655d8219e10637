package suspects

import (
	"math"

	"oteltop/aggregate/stats"
)

// tally is the sums of a key on one side. n is calls: of the operation (Work, Wait) or of the parent
// (Calls, Unanswered); x is what was measured per trace: ns, or calls of the child.
type tally struct {
	n, x          float64
	nn, nx, xx    float64
	traces        float64 // that could show it: with n > 0
	hits          float64
	time          float64 // ns below the calls of Calls and Unanswered
	self          float64 // Work: own time, on the critical path or not, ns
	logs, squares float64 // of the mean per call of each trace, see addLogs
}

func (t *tally) mean() float64 { return t.x / t.n }

// variance is the sampling variance of the mean per call: that of a ratio of sums over traces, because
// the calls of one trace are no independent sample (Cochran 1977, 6.3).
func (t *tally) variance() float64 {
	m := t.mean()
	residual := max(0, t.xx-2*m*t.nx+m*m*t.nn)
	v := residual / (t.n * t.n)
	if t.traces > 1 {
		v *= t.traces / (t.traces - 1)
	}
	return v
}

// logMean is the mean over traces of the log of the time per call.
func (t *tally) logMean() float64 { return t.logs / t.traces }

// logVariance is the variance of the logs within the two sides.
func logVariance(t *[sides]tally) sampleVariance {
	sum, freedom := 0.0, -2.0
	for s := range t {
		m := t[s].logMean()
		sum += max(0, t[s].squares-t[s].traces*m*m)
		freedom += t[s].traces
	}
	if freedom < 1 {
		return sampleVariance{}
	}
	return sampleVariance{sum / freedom, freedom}
}

// perParent reports whether a mechanism counts children per call of their parent.
func (m Mechanism) perParent() bool { return m == Calls || m == Unanswered || m == last }

// estimate works out the changes that can be estimated, in the order of the keys.
func (c *Comparison) estimate(tallies [][sides]tally) []effect {
	answerers := c.answerers(tallies)
	whole := c.request() * float64(len(c.seen[Focus]))
	others := c.logPrior(tallies)
	out := make([]effect, 0, len(tallies))
	for i := range tallies {
		t := &tallies[i]
		e := effect{id: int32(i), key: c.keys[i]}
		ok := false
		switch e.key.mechanism {
		case Work, Wait:
			ok = e.ofTime(t, others, whole, c.focusVariance(t))
		case Calls:
			ok = e.ofCalls(t, whole, c.focusVariance(t))
		case Unanswered:
			ok = e.ofAnswers(t, answerers[e.key.parent], whole)
		case Errors:
			e.ofErrors(t, c.traces(), answerers[e.key.op])
			ok = true
		}
		if ok {
			out = append(out, e)
		}
	}
	return out
}

// logPrior is what the variances of the logs of all operations have in common.
func (c *Comparison) logPrior(tallies [][sides]tally) prior {
	var samples []sampleVariance
	for i := range tallies {
		t := &tallies[i]
		if k := c.keys[i].mechanism; (k == Work || k == Wait) && t[Baseline].traces > 0 && t[Focus].traces > 0 {
			samples = append(samples, logVariance(t))
		}
	}
	return priorOf(samples)
}

func (c *Comparison) traces() [sides]int {
	return [sides]int{Baseline: len(c.seen[Baseline]), Focus: len(c.seen[Focus])}
}

// tally sums the samples, in two passes: logs need the means.
func (c *Comparison) tally() [][sides]tally {
	tallies := make([][sides]tally, len(c.keys))
	type parent struct{ n, nn, traces float64 }
	parents := make([][sides]parent, len(c.atOp))
	calls := make([]float64, len(c.atOp)) // of the trace at hand
	for side := range c.seen {
		for _, o := range c.seen[side] {
			for _, v := range o.visits {
				n := float64(v.calls)
				calls[v.place] = n
				p := &parents[v.place][side]
				p.n, p.nn, p.traces = p.n+n, p.nn+n*n, p.traces+1
			}
			for i := range o.samples {
				s := &o.samples[i]
				t := &tallies[s.key][side]
				n, x := float64(s.calls), float64(s.time)
				if c.keys[s.key].mechanism.perParent() {
					n, x = calls[c.parents[s.key]], n
					t.time += float64(s.time)
					t.hits += float64(s.hits)
				} else {
					t.n, t.nn, t.traces = t.n+n, t.nn+n*n, t.traces+1
					t.self += float64(s.self)
				}
				t.x, t.nx, t.xx = t.x+x, t.nx+n*x, t.xx+x*x
			}
			for _, v := range o.visits {
				calls[v.place] = 0
			}
		}
	}
	for i := range tallies {
		if c.keys[i].mechanism.perParent() {
			for s, p := range parents[c.parents[i]] {
				t := &tallies[i][s]
				t.n, t.nn, t.traces = p.n, p.nn, p.traces
			}
		}
	}
	c.addLogs(tallies)
	return tallies
}

// addLogs adds for Work and Wait the logs of each trace's mean per call. Latency is skewed: on a log scale
// few calls are enough to see a large change, and a few outliers do not hide it. 1 plus the ratio to the
// baseline's mean is taken, because a span that is not on the critical path has 0.
func (c *Comparison) addLogs(tallies [][sides]tally) {
	scale := make([]float64, len(tallies)) // the inverse of the baseline's mean; 0 where no logs are wanted
	for i := range tallies {
		if k := c.keys[i].mechanism; (k == Work || k == Wait) && tallies[i][Baseline].n > 0 {
			scale[i] = 1 / max(1, tallies[i][Baseline].mean())
		}
	}
	for side := range c.seen {
		for _, o := range c.seen[side] {
			for i := range o.samples {
				s := &o.samples[i]
				if scale[s.key] == 0 {
					continue
				}
				l := math.Log1p(float64(s.time) / float64(s.calls) * scale[s.key])
				t := &tallies[s.key][side]
				t.logs += l
				t.squares += l * l
			}
		}
	}
}

// sampled reports whether both sides have calls enough, and sets what effects have in common.
func (e *effect) sampled(t *[sides]tally, before, after float64) bool {
	b, f := &t[Baseline], &t[Focus]
	if b.n < before || f.n < after {
		return false
	}
	e.before, e.after, e.calls = b.mean(), f.mean(), f.n
	return true
}

// compare tests the difference of two means, given their sampling variances, and sets least and p: nothing where
// neither varies.
func (e *effect) compare(t *[sides]tally, before, after float64) {
	if before+after <= 0 {
		return
	}
	e.least = max(0, math.Abs(e.after-e.before)-stats.Z95*math.Sqrt(before+after))
	e.p = welch(e.after-e.before, before, after, t[Baseline].traces, t[Focus].traces)
}

// focusVariance is the sampling variance of the mean of the focus. A search looks at very many comparisons and
// at the luckiest of them: there, a few calls that happen to be alike are taken to vary like those of the baseline.
func (c *Comparison) focusVariance(t *[sides]tally) float64 {
	b, f := &t[Baseline], &t[Focus]
	v := f.variance()
	if c.strict && f.traces > 0 {
		v = max(v, b.variance()*b.traces/f.traces)
	}
	return v
}

// ofTime is a change of own time. Time saved is no reason for suspicion, unless it is most of it, but was a
// comparison. whole is the time of as many average requests of the baseline as the focus has.
func (e *effect) ofTime(t *[sides]tally, others prior, whole, variance float64) bool {
	if !e.sampled(t, minTimed, minTimed) {
		return false
	}
	b, f := &t[Baseline], &t[Focus]
	e.p = 1
	if b.n >= minBefore && f.n >= minAfter {
		e.compare(t, b.variance(), variance)
	}
	if e.after < e.before {
		e.least = 0
	}
	if v := others.moderate(logVariance(t)); v.variance > 0 {
		e.compareLogs(t, v)
	}
	e.suspect = e.key.from
	if e.key.mechanism == Wait && !e.key.to.peer {
		e.suspect = e.key.to
	}
	e.size = e.least * e.calls / whole
	return true
}

// collapse is the share of an operation's usual work that it must certainly be left with less than, to be
// suspected of no longer doing it.
const collapse = 0.5

// compareLogs tests the same on the log scale, given the variance of the logs. Either test may find what
// the other misses, so least is the larger bound and p is that of the better of two tests.
func (e *effect) compareLogs(t *[sides]tally, v sampleVariance) {
	b, f := &t[Baseline], &t[Focus]
	shift := f.logMean() - b.logMean()
	deviation := math.Sqrt(v.variance * (1/b.traces + 1/f.traces))
	least := max(0, math.Abs(shift)-stats.Z95*deviation)
	usual := math.Expm1(b.logMean())
	p := 1.0
	switch left := math.Expm1(b.logMean() - least); {
	case shift > 0 && e.after > e.before:
		p = stats.Student(shift/deviation, v.freedom)
		e.least = max(e.least, max(1, b.mean())*(math.Expm1(b.logMean()+least)-usual))
	case shift < 0 && e.after < e.before && e.key.mechanism == Work && left < collapse*usual:
		if f.self/f.n >= collapse*b.self/b.n {
			break // it works as ever, only nobody waits for it
		}
		p = stats.Student(shift/deviation, v.freedom)
		e.least = b.mean() * (usual - left)
		e.before, e.after = b.self/b.n, f.self/f.n
	}
	e.p = min(1, 2*min(e.p, p))
}

// pseudo is added to the variance of counts per call, times 1/n²: of calls that always or never happened
// the sample alone would say that there is no error.
const pseudo = 0.25

// ofCalls is a change of how often a call is made. It speaks against the operation that makes it, since
// that is there to be seen.
func (e *effect) ofCalls(t *[sides]tally, whole, variance float64) bool {
	if !e.sampled(t, minBefore, minAfter) {
		return false
	}
	b, f := &t[Baseline], &t[Focus]
	e.compare(t, b.variance()+pseudo/(b.n*b.n), variance+pseudo/(f.n*f.n))
	if e.after < e.before {
		e.p = min(1, 2*min(e.p, association(b.hits, b.n, f.hits, f.n)))
	}
	cost := f.time / max(1, f.x)
	if e.after < e.before {
		cost = b.time / b.x
	}
	e.suspect = e.key.from
	e.size = e.least * cost * e.calls / whole
	return true
}

// ofAnswers is a loss of answers. answers is how many calls of the exit operation anybody answers: a
// shift from one callee to another is none.
func (e *effect) ofAnswers(t *[sides]tally, a *answers, whole float64) bool {
	if !e.sampled(t, minBefore, minAfter) || e.after >= e.before || a.n[Focus]*t[Baseline].n >= a.n[Baseline]*t[Focus].n {
		return false
	}
	b, f := &t[Baseline], &t[Focus]
	e.compare(t, b.variance()+pseudo/(b.n*b.n), f.variance()+pseudo/(f.n*f.n))
	e.p = association(a.n[Baseline], b.n, a.n[Focus], f.n)
	e.least = min(e.least, a.n[Baseline]/b.n-a.n[Focus]/f.n)
	e.suspect = e.key.to
	e.size = e.least * b.time / b.x * e.calls / whole
	return true
}

// ofErrors is more errors beginning in a service. Where nobody answered a call that failed, the error is
// that of whoever answers it otherwise, else of the peer that the span names.
func (e *effect) ofErrors(t *[sides]tally, traces [sides]int, a *answers) {
	e.suspect = e.key.from
	if e.key.exit {
		switch {
		case a != nil:
			e.suspect = a.most
		case e.key.to != (party{}):
			e.suspect = e.key.to
		}
	}
	b, n := uint64(t[Baseline].traces), uint64(traces[Baseline])
	f, m := uint64(t[Focus].traces), uint64(traces[Focus])
	e.before, e.after, e.calls = float64(b)/float64(n), float64(f)/float64(m), float64(m)
	e.p = stats.Association(b, n, f, m)
	if e.after > e.before {
		e.least = stats.Newcombe(f, m, b, n, stats.Z95).Distance()
	}
	e.size = e.least
}

// answers is who answers an exit operation.
type answers struct {
	n     [sides]float64 // calls that anybody answers
	most  party          // who answered most calls of the baseline
	calls float64        // how many that were
}

func (c *Comparison) answerers(tallies [][sides]tally) map[uint32]*answers {
	out := map[uint32]*answers{}
	for i := range tallies {
		k := &c.keys[i]
		if k.mechanism != Unanswered {
			continue
		}
		a := out[k.parent]
		if a == nil {
			a = &answers{}
			out[k.parent] = a
		}
		for s := range tallies[i] {
			a.n[s] += tallies[i][s].x
		}
		if n := tallies[i][Baseline].x; n > a.calls || a.most == (party{}) {
			a.most, a.calls = k.to, n
		}
	}
	return out
}

func association(a, n, b, m float64) float64 {
	return stats.Association(uint64(a), uint64(n), uint64(b), uint64(m))
}
