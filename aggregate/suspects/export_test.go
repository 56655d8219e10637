package suspects

import (
	"math/rand/v2"

	"oteltop/model"
)

// Permuted is a history of the same traces, whose times of start are dealt out anew: whatever begins in it at
// some moment does so by chance.
func (h *History) Permuted(rng *rand.Rand) *History {
	p := h.Some(func(model.TraceID) bool { return true })
	rng.Shuffle(len(p.seen), func(i, j int) { p.seen[i].start, p.seen[j].start = p.seen[j].start, p.seen[i].start })
	return p
}

// Some is a history of the traces that are wanted.
func (h *History) Some(wanted func(id model.TraceID) bool) *History {
	p := &History{observer: h.observer, spans: h.spans}
	for _, o := range h.seen {
		if wanted(o.id) {
			c := *o
			p.seen = append(p.seen, &c)
		}
	}
	return p
}

// Bound lets a history tell only so many things apart.
func (h *History) Bound(keys int) { h.most = keys }

// Traces is how many traces a history has.
func (h *History) Traces() int { return len(h.seen) }

// Date dates an onset of no effect in particular.
func (h *History) Date(from, at int64) (int64, int64, int64) {
	x := Onset{Suspects: []Suspect{{lead: effect{key: key{mechanism: Work}}}}, from: from, At: at, Earliest: at, Latest: at}
	h.date(&x, at+h.focus)
	return x.At, x.Earliest, x.Latest
}
