package suspects

import "math"

// certainEnd is how much likelier an end has to be than none, as a logarithm: 10,000 times, as strict as falseOnset.
const certainEnd = 9.21

// end says of each suspect of an onset when its largest change was over, if that was before the next onset of the same
// service. The onset was dated by requests of which some came after that end, where it came soon; so it is dated anew,
// by its first suspect, from what came before the end.
func (h *History) end(x *Onset, found []Onset) {
	until := h.untilNext(found, x.At, x.Suspects[0].Service)
	if ended, _ := h.ended(x.lead(), x.At, until); ended != 0 {
		again := *x
		if ended < x.At+h.focus {
			h.date(&again, ended)
		}
		if ended, certain := h.ended(x.lead(), again.At, until); certain {
			*x = again
			x.Ended, x.Suspects[0].Ended = ended, ended
		}
	}
	for i := range x.Suspects[1:] {
		s := &x.Suspects[1+i]
		if s.Score == 0 {
			continue
		}
		if ended, certain := h.ended(&s.lead, x.At, h.untilNext(found, x.At, s.Service)); certain {
			s.Ended = ended
		}
	}
}

// untilNext is the time until which an onset is looked at for the end of what a service did: the next one of that
// service, or the last trace.
func (h *History) untilNext(found []Onset, at int64, service string) int64 {
	until := h.seen[len(h.seen)-1].start + 1
	for j := range found {
		if y := &found[j]; y.At > at && y.Suspects[0].Service == service {
			until = min(until, y.At)
		}
	}
	return until
}

// lead is the largest change of the first suspect.
func (x *Onset) lead() *effect { return &x.Suspects[0].lead }

// ended is the gap between two requests from which on hardly any shows a change that began at a moment, found as date
// finds the one before which hardly any did; 0 for none. It is certain if what follows the onset is likelier with such
// a gap, wherever it is, than without any (the odds of the two: Smith 1975, as for date). The share that shows the
// change has to be nearly what it was before the onset: what gets less, or comes again, is not over.
func (h *History) ended(e *effect, from, until int64) (at int64, certain bool) {
	before, after := h.shown(e, from-baselineParts*h.focus, from), h.shown(e, from, until)
	usual := share(before.hits(), float64(len(before)))
	early, late := 0.0, after.hits()
	n, m := 0.0, float64(len(after))
	steady := logBeta(late, m)
	var gaps []gap
	since := from
	for _, s := range after {
		if length := s.start - since; length > 0 && n > 0 && share(late, m)-usual <= sameLevel*(share(early, n)-usual) {
			gaps = append(gaps, gap{since, s.start, math.Log(float64(length)/float64(until-from)) + logBeta(early, n) + logBeta(late, m)})
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

// share is hits among n, 0 of none.
func share(hits, n float64) float64 { return hits / max(n, 1) }
