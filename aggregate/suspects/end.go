package suspects

import "math"

// certainEnd is the log of by how much an end has to be likelier than none: 10,000 times, as falseOnset.
const certainEnd = 9.21

// end says when the largest change of an onset was over, if it was before until. What was over soon is mixed with
// what followed it in all that the onset was dated by, so that is dated again, up to where the end seems to be.
func (h *History) end(x *Onset, until int64) {
	ended, _ := h.ended(x, until)
	if ended == 0 {
		return
	}
	again := *x
	if ended < x.At+h.focus {
		h.date(&again, ended)
	}
	if ended, certain := h.ended(&again, until); certain {
		*x = again
		x.Ended = ended
	}
}

// ended is the gap between two requests from which on hardly any shows the largest change of an onset, found as date
// finds the one before which hardly any did; 0 for none. It is certain if what follows the onset is likelier with such
// a gap, wherever it is, than without any (the odds of the two: Smith 1975, as for date). The share that shows the
// change has to be nearly what it was before the onset: what gets less, or comes again, is not over.
func (h *History) ended(x *Onset, until int64) (at int64, certain bool) {
	before, after := h.shown(&x.lead, x.At-baselineParts*h.focus, x.At), h.shown(&x.lead, x.At, until)
	usual := share(before.hits(), float64(len(before)))
	early, late := 0.0, after.hits()
	n, m := 0.0, float64(len(after))
	steady := logBeta(late, m)
	var gaps []gap
	since := x.At
	for _, s := range after {
		if length := s.start - since; length > 0 && n > 0 && share(late, m)-usual <= sameLevel*(share(early, n)-usual) {
			gaps = append(gaps, gap{since, s.start, math.Log(float64(length)/float64(until-x.At)) + logBeta(early, n) + logBeta(late, m)})
		}
		since = s.start
		early, late = early+s.hit, late-s.hit
		n, m = n+1, m-1
	}
	if len(gaps) == 0 {
		return 0, false
	}
	return quantile(gaps, .5), evidence(gaps)-steady >= certainEnd
}

// share of none is none.
func share(hits, n float64) float64 { return hits / max(n, 1) }
