package suspects

import (
	"cmp"
	"math/rand/v2"
	"slices"

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

// Between is a history of the traces that start in [from, to).
func (h *History) Between(from, to int64) *History {
	return &History{observer: h.observer, spans: h.spans, seen: slices.Clone(h.between(from, to))}
}

// Drawn is a history of so many traces, drawn with replacement and spread evenly at random over [0, length).
func (h *History) Drawn(rng *rand.Rand, traces int, length int64) *History {
	p := &History{observer: h.observer, spans: h.spans}
	for range traces {
		c := *h.seen[rng.IntN(len(h.seen))]
		c.start, c.id = 1e18+rng.Int64N(length), model.TraceID{Hi: rng.Uint64(), Lo: rng.Uint64()}
		p.seen = append(p.seen, &c)
	}
	slices.SortFunc(p.seen, func(a, b *observation) int { return cmp.Compare(a.start, b.start) })
	return p
}

// Span is when the first and the last trace start.
func (h *History) Span() (from, to int64) { return h.seen[0].start, h.seen[len(h.seen)-1].start }
