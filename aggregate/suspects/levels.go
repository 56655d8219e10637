package suspects

import (
	"cmp"
	"math"
	"slices"
)

const (
	// minLonger is how many times as long an operation must take, or be waited for, to be said to be slower:
	// of thousands of calls, a few percent more are certain, and nobody's concern.
	minLonger = 1.25
	// sameLevel is how far from an earlier level a change may end to count as having led back there, as a share of the
	// change.
	sameLevel = 0.25
)

// level is what a key was in a step of a history: x of n calls.
type level struct {
	step int64 // start divided by the length
	n, x float64
}

// levels are all keys of a history over time, in steps of which an onset's focus has onsetSteps.
type levels struct {
	step  int64 // ns
	keys  [][]level
	calls map[uint32][]level // of operations that call others
}

// newLevels sums up what a history has seen, which is in order of start.
func newLevels(h *History) *levels {
	l := &levels{step: max(1, h.focus/onsetSteps), keys: make([][]level, len(h.keys)), calls: map[uint32][]level{}}
	for _, o := range h.seen {
		step := o.start / l.step
		for i := range o.samples {
			s := &o.samples[i]
			n, x := float64(s.calls), float64(s.time)
			if h.keys[s.key].mechanism.perParent() {
				n, x = 0, n
			}
			l.keys[s.key] = addLevel(l.keys[s.key], level{step, n, x})
		}
		for _, v := range o.visits {
			l.calls[v.op] = addLevel(l.calls[v.op], level{step, float64(v.calls), 0})
		}
	}
	return l
}

func addLevel(to []level, x level) []level {
	if n := len(to); n > 0 && to[n-1].step == x.step {
		to[n-1].n += x.n
		to[n-1].x += x.x
		return to
	}
	return append(to, x)
}

// of is what a key was in stretches as long as a focus, in order, without those with too few calls. The step of a
// stretch is its number, from the one that begins at the moment, which is 0; those before it are below 0.
func (l *levels) of(id int32, k *key, at int64) []level {
	stretch := func(step int64) int64 {
		steps := step - at/l.step
		if steps < 0 {
			steps -= onsetSteps - 1
		}
		return steps / onsetSteps
	}
	var out []level
	for _, x := range l.keys[id] {
		x.step = stretch(x.step)
		out = addLevel(out, x)
	}
	if k.mechanism.perParent() {
		var calls []level
		for _, x := range l.calls[k.parent] {
			x.step = stretch(x.step)
			calls = addLevel(calls, x)
		}
		for i := range calls {
			at, ok := slices.BinarySearchFunc(out, calls[i].step, func(x level, step int64) int { return cmp.Compare(x.step, step) })
			if ok {
				calls[i].x = out[at].x
			}
		}
		out = calls
	}
	return slices.DeleteFunc(out, func(x level) bool { return x.n < minTimed })
}

// recovered reports whether a change leads back to where its key was before: it was there earlier in the
// history than what the change leads away from, and is there most of the time.
func (l *levels) recovered(e *effect, at int64) bool {
	windows := l.of(e.id, &e.key, at)
	mean := func(x level) float64 { return x.x / x.n }
	now := slices.IndexFunc(windows, func(x level) bool { return x.step == 0 })
	if now < 0 {
		return false
	}
	after := mean(windows[now])
	far := -1 // what the change leads away from
	for i := range windows[:now] {
		if windows[i].step >= -baselineParts && (far < 0 || math.Abs(mean(windows[i])-after) > math.Abs(mean(windows[far])-after)) {
			far = i
		}
	}
	if far < 0 {
		return false
	}
	left := mean(windows[far])
	until := len(windows)
	if e.key.mechanism != Calls && e.after > e.before {
		until = now // longer times are a fault, unless they were usual before
	}
	all := make([]float64, 0, len(windows))
	for _, x := range windows[:until] {
		all = append(all, mean(x))
	}
	slices.Sort(all)
	usual := (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	return math.Abs(after-usual) < math.Abs(left-usual) && slices.ContainsFunc(windows[:far], func(x level) bool {
		return (mean(x)-left)/(after-left) >= 1-sameLevel // a moment in between is on the way back
	})
}

// sift divides what is certain at a moment into faults and what ends one. What only got faster, and what
// became longer by little, is neither.
func (h *History) sift(at int64, found []effect) (faults, recoveries []effect) {
	for i := range found {
		e := &found[i]
		timed := e.key.mechanism == Work || e.key.mechanism == Wait
		switch {
		case !e.certain || e.size <= 0:
			faults = append(faults, *e)
		case !e.key.mechanism.exact() && h.past.recovered(e, at):
			if !timed || e.after < e.before {
				recoveries = append(recoveries, *e)
			}
		case timed && e.after < e.before && !e.early, timed && e.after > e.before && e.after < minLonger*e.before:
		default:
			faults = append(faults, *e)
		}
	}
	return faults, recoveries
}

// value is what a trace has of a key, and in how many calls.
func (o *observation) value(id int32, k *key) (x, calls float64) {
	at := slices.IndexFunc(o.samples, func(s sample) bool { return s.key == id })
	if !k.mechanism.perParent() {
		if at < 0 {
			return 0, 0
		}
		return float64(o.samples[at].time), float64(o.samples[at].calls)
	}
	for _, v := range o.visits {
		if v.op == k.parent {
			calls = float64(v.calls)
		}
	}
	if at >= 0 {
		x = float64(o.samples[at].calls)
	}
	return x, calls
}
