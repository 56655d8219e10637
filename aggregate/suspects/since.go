package suspects

const (
	// Reach is how long before a moment that is asked about (see Since) what goes on may have begun.
	Reach = Before
	// Lookback is how long before it traces are to be added, so that everything within reach is compared with the same
	// time before whenever it is asked: compared now with one minute and then with five, what is chance has many
	// chances.
	Lookback = Reach + Before
)

// Since leaves out what is of no interest from a moment on, Unix ns: what began earlier and was over by then, or is not
// seen since, and what began longer ago than Reach.
func (h *History) Since(at int64) { h.since = at }

// wasOver reports whether an onset is of no interest from the moment on that is asked about. What is not certainly over
// need not go on: it does if requests show it.
func (h *History) wasOver(x Onset) bool {
	switch {
	case x.At >= h.since:
		return false
	case x.Recovery || x.At < h.since-int64(Reach):
		return true
	case x.Ended != 0:
		return x.Ended < h.since
	}
	before, early := h.shown(x.lead(), x.from-baselineParts*h.focus, x.from), h.shown(x.lead(), x.At, x.To)
	since := h.shown(x.lead(), h.since, h.seen[len(h.seen)-1].start+1)
	usual := share(before.hits(), float64(len(before)))
	return share(since.hits(), float64(len(since)))-usual <= sameLevel*(share(early.hits(), float64(len(early)))-usual)
}
