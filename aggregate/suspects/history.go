package suspects

import (
	"cmp"
	"context"
	"slices"
	"time"

	"oteltop/model"
	"oteltop/model/store"
)

const (
	// longestFocus is how long after its onset a change is looked at: who is behind it should be known
	// within a minute. Histories of less than five minutes, as after a start or in a fast replay, are looked
	// at in parts of which there are focusParts, but of no less than shortestFocus.
	longestFocus  = int64(time.Minute)
	shortestFocus = int64(2 * time.Second)
	focusParts    = 5
	// baselineParts is how many times as much of the time before is compared with, once at least.
	baselineParts = 5
	// onsetSteps is how many times in a focus it is looked for onsets.
	onsetSteps = 4
	// onsetSuspects is how many suspects an onset names.
	onsetSuspects = 3
)

// Onset is a moment from which on requests are certainly different than before.
type Onset struct {
	At       int64     // Unix ns
	To       int64     // end of the minute that was compared
	Suspects []Suspect // never empty, the first with a score
	// Baseline and Focus are how many traces were compared: of the minutes before, of the minute after.
	Baseline, Focus int
}

// History finds when services began to change requests, in traces over a stretch of time. The zero value
// is not usable; see NewHistory.
type History struct {
	*observer
	seen  []*observation
	spans uint64
	focus int64 // ns after a moment that are compared with the time before
}

// NewHistory returns an empty history. names resolves the ids in the spans that are added.
func NewHistory(names store.Names) *History { return &History{observer: newObserver(names)} }

// Spans is how many spans the traces had that were added.
func (h *History) Spans() uint64 { return h.spans }

// Add adds a trace that starts at start, Unix ns. spans is not kept.
func (h *History) Add(id model.TraceID, start int64, spans []store.Settled) {
	o := h.observe(id, spans)
	o.start = start
	h.spans += uint64(len(spans))
	h.seen = append(h.seen, &o)
}

// Onsets compares, all along the history, each minute (or less, see longestFocus) with the five minutes
// before it (one at least), and returns the moments at which the difference is largest, by score of the first suspect. As many more
// comparisons are made as there are minutes, so the accepted share of false findings is divided by them.
//
// A minute that begins before the onset has too little of it, and once the baseline reaches into it the
// difference fades; so of successive moments that blame the same service one is returned.
func (h *History) Onsets(ctx context.Context) ([]Onset, error) {
	slices.SortFunc(h.seen, func(a, b *observation) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo))
	})
	if n := len(h.seen); n > 0 {
		h.focus = max(shortestFocus, min(longestFocus, (h.seen[n-1].start-h.seen[0].start)/focusParts))
	}
	moments := h.moments()
	minutes := float64(len(moments)) / onsetSteps
	accept := falseDiscovery / max(1, minutes)
	var found []Onset
	for _, at := range moments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := &Comparison{observer: h.observer, accept: accept}
		c.seen[Baseline], c.seen[Focus] = h.between(at-baselineParts*h.focus, at), h.between(at, at+h.focus)
		if s := c.Rank(onsetSuspects); len(s) > 0 && s[0].Score > 0 {
			found = append(found, Onset{At: at, To: at + h.focus, Suspects: s, Baseline: len(c.seen[Baseline]), Focus: len(c.seen[Focus])})
		}
	}
	return h.peaks(found), nil
}

// moments are the moments at which something can begin: with a minute before them, and a step after.
func (h *History) moments() []int64 {
	var out []int64
	step := h.focus / onsetSteps
	since := int64(0) // where the traces begin that have no gap longer than the baseline
	for i, o := range h.seen {
		if i == 0 || o.start-h.seen[i-1].start > baselineParts*h.focus {
			since = o.start
			continue
		}
		// Multiples of the step up to this trace, from a minute of baseline on, that are new.
		first := (since + h.focus + step - 1) / step * step
		if len(out) > 0 {
			first = max(first, out[len(out)-1]+step)
		}
		for at := first; at <= o.start-step; at += step {
			out = append(out, at)
		}
	}
	return out
}

// between is the traces that start in [from, to).
func (h *History) between(from, to int64) []*observation {
	at := func(start int64) int {
		i, _ := slices.BinarySearchFunc(h.seen, start, func(o *observation, s int64) int { return cmp.Compare(o.start, s) })
		return i
	}
	return h.seen[at(from):at(to)]
}

// peaks are the onsets in moments of certain difference, which are in order of time: one for each run of
// moments that blame the same service, but none within a minute of a larger one, nor while a larger one that
// says the same is in its baseline.
func (h *History) peaks(moments []Onset) []Onset {
	var runs []Onset
	for from := 0; from < len(moments); {
		to := from + 1
		for to < len(moments) && h.continues(&moments[to-1], &moments[to]) {
			to++
		}
		runs = append(runs, h.onsetOf(moments[from:to]))
		from = to
	}
	slices.SortStableFunc(runs, func(a, b Onset) int { return cmp.Compare(b.score(), a.score()) })
	var out []Onset
	for _, x := range runs {
		if !slices.ContainsFunc(out, func(y Onset) bool {
			apart := max(x.At-y.At, y.At-x.At)
			return apart < h.focus || apart < baselineParts*h.focus && x.repeats(&y)
		}) {
			out = append(out, x)
		}
	}
	return out
}

func (x *Onset) score() float64 { return x.Suspects[0].Score }

func (h *History) continues(before, x *Onset) bool {
	return x.At-before.At <= h.focus && x.Suspects[0].Service == before.Suspects[0].Service
}

// repeats reports whether two onsets tell of the same change.
func (x *Onset) repeats(y *Onset) bool {
	a, b := &x.Suspects[0].Changes[0], &y.Suspects[0].Changes[0]
	return x.Suspects[0].Service == y.Suspects[0].Service && a.Mechanism == b.Mechanism && a.Operation == b.Operation &&
		a.Server == b.Server && a.After > a.Before == (b.After > b.Before)
}

// onsetShare is the share of the largest score of a run that its beginning has. The minute after a moment
// shortly before the onset has some of the change, but less than a third of it if it has less than a third
// of the time after the onset.
const onsetShare = 1.0 / 3

// onsetOf is where a run begins, with the suspects of where the difference is largest: things may go on
// getting worse. The beginning is the largest difference within a minute of the first considerable one.
func (h *History) onsetOf(run []Onset) Onset {
	larger := func(a, b Onset) int { return cmp.Compare(a.score(), b.score()) }
	peak := slices.MaxFunc(run, larger)
	first := slices.IndexFunc(run, func(x Onset) bool { return x.score() >= onsetShare*peak.score() })
	last := first + 1
	for last < len(run) && run[last].At-run[first].At < h.focus {
		last++
	}
	peak.At = slices.MaxFunc(run[first:last], larger).At
	return peak
}
