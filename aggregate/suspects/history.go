package suspects

import (
	"cmp"
	"context"
	"slices"
	"time"

	"oteltop/model"
	"oteltop/model/store"
)

// How a history is cut into what is compared: a focus, which is the time after a moment, with a baseline, which is the
// time before it.
const (
	// longestFocus is the length of a focus: who is behind a change should be known within a minute of its onset.
	longestFocus = int64(time.Minute)
	// A history of less than focusParts minutes, as there is after a start or in a fast replay, has a shorter focus: its
	// length divided by focusParts, but no less than shortestFocus.
	focusParts    = 5
	shortestFocus = int64(2 * time.Second)
	// baselineParts is the length of the baseline, in lengths of the focus. At the beginning of a history one will do.
	baselineParts = 5
	// Before is the length of the baseline of a minute.
	Before = baselineParts * time.Duration(longestFocus)
	// onsetSteps is at how many moments within the length of a focus onsets are looked for.
	onsetSteps = 4
)

// falseOnset takes the place of falseDiscovery in a history for changes of times and of numbers of calls. Their tests
// suppose shorter tails than latency has, which shows where an estimate is made from two or three calls.
//
// Measured: the starts of recorded requests were dealt out anew, so that nothing begins anywhere. With falseDiscovery,
// 10 of 100 such histories of ten minutes had an onset nevertheless; with falseOnset and minCost less than one has
// (null_test.go, where a second system confirms it). The price: of 120 faults planted into the same traffic 94 are
// named instead of 97, and within a minute 91, as before.
const falseOnset = 1e-4

// What a person wants to see before believing that something began.
const (
	minFocus  = 20 // traces in the focus
	minHarmed = 3  // traces that show the change
	// minScore and minCost are what the change has to cost at least, in requests (see the package comment). minCost is for
	// times and numbers of calls, minScore for errors and missing answers: a service that fails one request in a thousand
	// is of interest, one that makes each of them a thousandth longer is not.
	minScore = 0.001
	minCost  = 0.005
	// onsetSuspects is how many suspects are named.
	onsetSuspects = 3
)

// Onset is a moment from which on requests are certainly different than before.
type Onset struct {
	// At is when, Unix ns: as likely as not it was earlier. With 95 % it was from Earliest to Latest: a rare
	// operation shows a change only when it is called.
	At, Earliest, Latest int64

	To       int64     // end of the minute that was compared
	Ended    int64     // when it was over for the first suspect, Unix ns; 0: it goes on, or is too young or too rare to tell
	Suspects []Suspect // never empty, the first with a score
	// Recovery: what began is no fault, but the end of one. Requests are again as they used to be.
	Recovery bool
	// Baseline and Focus are how many traces were compared: of the minutes before, of the minute after.
	Baseline, Focus int

	from int64 // it began after this, Unix ns
	turn int   // see moment
}

// History finds when services began to change requests, in traces over a stretch of time. The zero value
// is not usable; see NewHistory.
type History struct {
	*observer
	seen  []*observation
	spans uint64
	past  *levels
	focus int64 // ns after a moment that are compared with the time before
	since int64 // see Since, Unix ns
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

// Onsets compares, all along the history, each focus (a minute, or less: see longestFocus) with its baseline, and
// returns the moments at which the difference is largest, by score of the first suspect, and after them those at
// which a fault was over. There are as many comparisons as there are minutes, so the accepted share of false findings
// is divided by their number.
//
// Successive moments that blame the same service tell of one onset: a focus that begins before the onset has only a
// part of the change, and one that begins long after it has a baseline that holds the change, too. One of them is
// returned.
func (h *History) Onsets(ctx context.Context) ([]Onset, error) {
	slices.SortFunc(h.seen, func(a, b *observation) int {
		return cmp.Or(cmp.Compare(a.start, b.start), a.id.Compare(b.id))
	})
	if n := len(h.seen); n > 0 {
		h.focus = max(shortestFocus, min(longestFocus, (h.seen[n-1].start-h.seen[0].start)/focusParts))
	}
	moments := h.moments()
	minutes := float64(len(moments)) / onsetSteps
	accept := falseDiscovery / max(1, minutes)
	h.past = newLevels(h)
	var found, over []Onset
	turn := 0
	for _, at := range moments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := h.compare(at, accept)
		if m == nil {
			continue
		}
		turn++
		m = h.refine(m)
		m.turn = turn
		faults, recoveries := h.sift(m.at, m.effects)
		found = h.append(found, m, faults)
		if len(recoveries) > 0 {
			over = h.append(over, m, recoveries)
		}
	}
	found = h.peaks(found)
	for i := range found {
		h.end(&found[i], found)
	}
	return slices.DeleteFunc(append(found, ends(h.peaks(over), found)...), h.wasOver), nil
}

// ends are the recoveries of whoever has been at fault before.
func ends(over, faults []Onset) []Onset {
	var out []Onset
	for _, x := range over {
		if slices.ContainsFunc(faults, func(f Onset) bool { return f.At < x.At && f.Suspects[0].Service == x.Suspects[0].Service }) {
			x.Recovery = true
			out = append(out, x)
		}
	}
	return out
}

// append appends an onset where the first suspect of a comparison has a score and harms some requests.
func (h *History) append(to []Onset, m *moment, found []effect) []Onset {
	s := m.rank(found, onsetSuspects)
	if len(s) == 0 || s[0].Score < s[0].leastScore() || !s[0].seen() || !h.counts(m, &s[0]) {
		return to
	}
	end := min(m.at+h.focus, h.seen[len(h.seen)-1].start)
	return append(to, Onset{At: m.at, To: end, turn: m.turn, Suspects: s, Baseline: len(m.seen[Baseline]), Focus: len(m.seen[Focus])})
}

// leastScore is the score from which on a person wants to know of a suspect.
func (s *Suspect) leastScore() float64 {
	if s.Changes[0].Mechanism.exact() {
		return minScore
	}
	return minCost
}

// seen reports whether enough requests show what a suspect did. One less will do where several changes agree.
func (s *Suspect) seen() bool {
	return s.Harmed >= minHarmed || s.Harmed == minHarmed-1 && s.agree()
}

// agree reports whether several changes of a suspect are certain.
func (s *Suspect) agree() bool {
	certain := 0
	for i := range s.Changes {
		if s.Changes[i].Score > 0 {
			certain++
		}
	}
	return certain > 1
}

// moments are the moments at which something can begin, in steps: those with the length of a focus before them without
// a long gap, with a step after them, and within Reach of what is asked about.
func (h *History) moments() []int64 {
	var out []int64
	step := h.focus / onsetSteps
	since := int64(0) // the start of the traces between which no gap is longer than a baseline
	for i, o := range h.seen {
		if i == 0 || o.start-h.seen[i-1].start > baselineParts*h.focus {
			since = o.start
			continue
		}
		// Multiples of the step up to this trace, from a minute of baseline on, that are new.
		first := max(since+h.focus, h.since-int64(Reach)) / step * step
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

// OtherShare is the share of two scores from which on the smaller is told beside the larger: two things may begin
// within a minute. Below it is what the first suspect did to others.
const OtherShare = .2

// peaks are the onsets in moments of certain difference, which are in order of time: one for each run of moments that
// blame the same service. Left out is one that is within a minute of a larger one that accounts for it, and one whose
// baseline holds a larger one that says the same.
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
			return apart < h.focus && y.accounts(&x) || apart < baselineParts*h.focus && x.repeats(&y)
		}) {
			out = append(out, x)
		}
	}
	return out
}

// accounts reports whether a smaller onset at about the same time tells nothing of its own: its service is a
// suspect here already, or its change is small beside this one.
func (x *Onset) accounts(smaller *Onset) bool {
	service := smaller.Suspects[0].Service
	return smaller.score() < OtherShare*(x.score()+smaller.score()) ||
		slices.ContainsFunc(x.Suspects, func(s Suspect) bool { return s.Score > 0 && s.Service == service })
}

func (x *Onset) score() float64 { return x.Suspects[0].Score }

// continues reports whether two moments tell of one change. Moments with too few requests to compare are none at
// which it was over.
func (h *History) continues(before, x *Onset) bool {
	return x.turn-before.turn <= onsetSteps && x.At-before.At <= baselineParts*h.focus && x.Suspects[0].Service == before.Suspects[0].Service
}

// repeats reports whether two onsets tell of the same change.
func (x *Onset) repeats(y *Onset) bool {
	a, b := &x.Suspects[0].Changes[0], &y.Suspects[0].Changes[0]
	same := x.Suspects[0].Service == y.Suspects[0].Service || a.Mechanism == Wait && a.Client == b.Client // whoever is charged
	return same && a.Mechanism == b.Mechanism && a.Operation == b.Operation && a.Server == b.Server && a.After > a.Before == (b.After > b.Before)
}

// onsetShare is the share of the largest score of a run from which on a moment counts as its beginning. Moments shortly
// before the onset have a smaller one: a focus of which less than a third lies after the onset has less than a third of
// the change.
const onsetShare = 1.0 / 3

// onsetOf is the onset that a run tells of. When it began is the moment of the largest difference within a minute of the
// first that has onsetShare. Its suspects are those of the largest difference of all: things may go on getting worse.
func (h *History) onsetOf(run []Onset) Onset {
	larger := func(a, b Onset) int { return cmp.Compare(a.score(), b.score()) }
	peak := slices.MaxFunc(run, larger)
	first := slices.IndexFunc(run, func(x Onset) bool { return x.score() >= onsetShare*peak.score() })
	last := first + 1
	for last < len(run) && run[last].At-run[first].At < h.focus {
		last++
	}
	at := slices.MaxFunc(run[first:last], larger).At
	peak.from, peak.At, peak.Earliest, peak.Latest = run[0].At-h.focus, at, at, at
	if run[0].At-(h.since-int64(Reach)) <= h.focus/onsetSteps {
		peak.from = run[0].At - baselineParts*h.focus // nobody looked for what began earlier
	}
	h.date(&peak, at+h.focus)
	return peak
}
