package suspects

const (
	// countedOnset is the largest p-value of an onset when nothing counts but how many requests show it, before it and
	// after (Fisher's exact test). The tests of times need to know how times are distributed, which a few requests do not
	// tell: where operations are slow now and then, three slow requests in a minute come by chance, though none of the
	// twenty before was slow.
	countedOnset = 3e-4
	// nearly is the largest q-value at which it is tried whether a moment close by tells more.
	nearly = falseDiscovery
)

// moment is the comparison of what follows a moment with the time before.
type moment struct {
	*Comparison
	at      int64 // Unix ns
	turn    int   // how many moments before it could be compared
	effects []effect
}

// compare compares what follows a moment with the time before; nil where there are too few requests.
func (h *History) compare(at int64, accept float64) *moment {
	c := &Comparison{observer: h.observer, accept: accept, strict: true}
	c.seen[Baseline], c.seen[Focus] = h.between(at-baselineParts*h.focus, at), h.between(at, at+h.focus)
	if len(c.seen[Baseline]) == 0 || len(c.seen[Focus]) < minFocus || c.request() <= 0 {
		return nil
	}
	return &moment{Comparison: c, at: at, effects: c.effects()}
}

// refine is a moment, or the one near it at which what seems to change there began: moments are looked at in steps, and
// of an operation that is called every few seconds the first calls after the onset may well lie before the next step.
func (h *History) refine(m *moment) *moment {
	var best *effect
	for i := range m.effects {
		switch e := &m.effects[i]; {
		case e.size <= 0:
		case e.certain:
			return m
		case e.q <= nearly && (best == nil || e.q < best.q):
			best = e
		}
	}
	if best == nil {
		return m
	}
	x := Onset{from: m.at - h.focus, At: m.at, Suspects: []Suspect{{lead: *best}}}
	h.date(&x, m.at+h.focus)
	if step := h.focus / onsetSteps; x.At == m.at || max(x.At-m.at, m.at-x.At) > step {
		return m // the next moment is nearer to it
	}
	if finer := h.compare(x.At, m.accept); finer != nil {
		return finer
	}
	return m
}

// counts reports whether an onset is more than chance by the number of requests that show it (see countedOnset): fewer of
// all before it than of the focus, or than of as long a time as the baseline. Changes that are tested exactly, and several
// that agree, need not pass.
func (h *History) counts(m *moment, s *Suspect) bool {
	e := &s.lead
	if e.key.mechanism.exact() || s.agree() {
		return true
	}
	before := h.shown(e, h.seen[0].start, m.at)
	return before.fewerThan(h.shown(e, m.at, m.at+h.focus)) || before.fewerThan(h.shown(e, m.at, m.at+baselineParts*h.focus))
}

// fewerThan reports whether a smaller share than of others shows an effect, beyond chance.
func (s showings) fewerThan(others showings) bool {
	a, n, b, m := s.hits(), float64(len(s)), others.hits(), float64(len(others))
	return a*m < b*n && association(a, n, b, m) <= countedOnset
}
