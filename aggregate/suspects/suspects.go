// Package suspects answers "which service did it?": it compares the traces of a baseline with those of a
// stretch in which something is wrong, and ranks services by how much of the change they account for.
//
//	Add(trace) ─▶ observe: who worked, who was waited for, who called whom, where errors began
//	Rank ─▶ estimate: change per call of every observation, with its sampling error
//	     ─▶ charge:   whether the caller or the callee is behind a longer wait
//	     ─▶ sum per service, of what is not chance
//
// Five mechanisms make up the change. They are measured on one scale, requests: 1 is as much as the whole
// of an average request of the baseline, on every request.
//
//   - Work: own time of an operation on the critical path (A10), per call. Less of it is suspicious only
//     where most of its self time is gone, too; and it returned early only if calls of it vanish or errors begin.
//   - Wait: time on the critical path between a client span and the server span that answers it, or of a
//     call to a peer that sends no spans. It shows only there when packets are delayed.
//   - Calls: how often an operation makes each of its calls. Calls that vanish while their caller is there
//     mark the caller: it returned early, unless it did so after asking a service that has changed too. Whatever
//     an operation does longer or more often only where a callee fails is charged to that callee.
//     Time that is no longer spent counts like time added.
//   - Unanswered: client spans that lost their server span mark the callee.
//   - Errors: share of traces in which an error begins in a service (A15: the deepest failed span).
//
// What an operation does and how often it is called are kept apart (Kitagawa 1955), so a callee is not
// blamed for being called more often, nor a caller for a callee that is slower. Time is charged per call
// of an operation, so that a different mix of requests is no change.
//
// A History looks for changes along a stretch of time by itself: when each began and, if it is over, when it ended, both
// by the posterior of a change point (see date and ended).
//
// A change counts with the end of its 95 % confidence interval that is nearer to nothing, and only if it
// survives the Benjamini–Hochberg procedure over everything that was compared: noise of busy services must
// not outrank a small but certain change of a rare one. The unit of sampling is the trace.
package suspects

import (
	"cmp"
	"maps"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// falseDiscovery is the accepted share of false findings among the changes that count.
	falseDiscovery = 0.01
	// minBefore and minAfter are the fewest calls on each side that a change is estimated from: below, a
	// standard error means nothing.
	minBefore, minAfter = 5, 3
	// minTimed is the same for times, whose error is also known from other operations.
	minTimed = 2
	// maxChanges is how many changes are given in evidence of one suspect.
	maxChanges = 5
	// maxExemplars is how many traces are named for one suspect.
	maxExemplars = 3
)

// Side is one of the two sets of traces that are compared.
type Side uint8

// The sides.
const (
	Baseline Side = iota
	Focus
	sides
)

// Mechanism is a way in which a service can change requests. See the package comment.
type Mechanism string

// The mechanisms.
const (
	Work       Mechanism = "work"
	Wait       Mechanism = "wait"
	Calls      Mechanism = "calls"
	Unanswered Mechanism = "unanswered"
	Errors     Mechanism = "errors"
)

// Change is one change that a suspect accounts for.
type Change struct {
	Mechanism Mechanism
	Service   string     // where it was observed
	Operation string     // that works, is waited for, calls, or fails
	Kind      model.Kind // of Operation
	Callee    string     // Calls: the operation that is called
	Client    string     // Wait, Unanswered: the caller; "" else
	Server    string     // Wait, Unanswered: the service or peer that is called; "" else
	Peer      bool       // Server sends no spans: Operation is the client's
	Early     bool       // Work, Calls that became less: calls of the operation vanish, or errors appear
	Database  bool       // Server is a database
	Before    float64
	After     float64 // ns per call (Work, Wait), calls per call (Calls, Unanswered), share of traces (Errors)
	Calls     uint64  // of the operation in the focus; Errors: traces
	Score     float64 // requests, 0 where it may be chance
	Q         float64 // q-value among all changes that were compared
}

// Suspect is a service, or a peer that sends no spans, and what speaks against it.
type Suspect struct {
	Service string
	Peer    bool
	// Score is how much of the change the suspect accounts for beyond chance, in requests (see the
	// package comment). 0: nothing is certain, and the suspect is ranked by estimate alone.
	Score   float64
	Share   float64  // of the scores of all suspects, 0–1
	Changes []Change // largest first, those beyond chance before others
	Traces  []model.TraceID
	// Passing are the traces of the focus that could show the first change, Harmed those that do: they are
	// nearer to what it is after than to what it was before.
	Harmed, Passing uint64
	// Appeared is set by whoever knows the resources that spans come from.
	Appeared []Appeared
	// Ended is when the first change was over, Unix ns; 0: it goes on, or is too young or too rare to tell. Only
	// known of an onset, and where a score tells that the change is more than chance.
	Ended int64

	lead effect // the first change
}

// Appeared is an attribute of the resources of a suspect that only the focus has: another version, say.
type Appeared struct {
	Key, Value string
	Share      float64 // of the suspect's spans in the focus
}

// Comparison collects the two sides. The zero value is not usable; see New.
type Comparison struct {
	*observer
	seen   [sides][]*observation
	spans  uint64
	accept float64 // largest q-value that counts
	strict bool    // see focusVariance
}

// New returns an empty comparison. names resolves the ids in the spans that are added.
func New(names store.Names) *Comparison {
	return &Comparison{observer: newObserver(names), accept: falseDiscovery}
}

// Spans is how many spans the traces had that were added.
func (c *Comparison) Spans() uint64 { return c.spans }

// Add counts a trace. spans is not kept.
func (c *Comparison) Add(side Side, id model.TraceID, spans []store.Settled) {
	o := c.observe(id, spans)
	c.spans += uint64(len(spans))
	c.seen[side] = append(c.seen[side], &o)
}

// request is how long an average request of the baseline takes, ns: the main roots.
func (c *Comparison) request() float64 {
	sum := 0.0
	for _, o := range c.seen[Baseline] {
		sum += float64(o.duration)
	}
	return sum / float64(len(c.seen[Baseline]))
}

// Rank is the suspects, the likeliest first: by score, then by estimate, then by name. At most limit, all
// where that is 0. Nothing is comparable, and there are none, while a side is empty.
func (c *Comparison) Rank(limit int) []Suspect {
	if len(c.seen[Baseline]) == 0 || len(c.seen[Focus]) == 0 || c.request() <= 0 {
		return nil
	}
	return c.rank(c.effects(), limit)
}

// effects are all changes that can be estimated, with who is charged with each.
func (c *Comparison) effects() []effect {
	tallies := c.tally()
	found := c.estimate(tallies)
	charge(found)
	p := make([]float64, len(found))
	for i := range found {
		p[i] = found[i].p
	}
	for i, q := range stats.BenjaminiHochberg(p) {
		found[i].certain = q <= c.accepted(found[i].key.mechanism)
		found[i].q = q
	}
	c.react(found, tallies)
	c.follow(found)
	corroborate(found)
	return found
}

// accepted is the largest q-value that counts. A history is stricter with times and numbers of calls: see falseOnset.
func (c *Comparison) accepted(m Mechanism) float64 {
	if c.strict && !m.exact() {
		return c.accept * falseOnset / falseDiscovery
	}
	return c.accept
}

// exact reports whether what a mechanism changes are shares, which have an exact test; the others are times and numbers
// of calls.
func (m Mechanism) exact() bool { return m == Errors || m == Unanswered }

// rank sums effects up by suspect.
func (c *Comparison) rank(found []effect, limit int) []Suspect {
	by := map[party][]*effect{}
	for i := range found {
		if e := &found[i]; e.size > 0 {
			by[e.suspect] = append(by[e.suspect], e)
		}
	}
	ranked := c.sorted(by)
	if limit > 0 && len(ranked) > limit {
		ranked = ranked[:limit]
	}
	total := 0.0
	for _, r := range ranked {
		total += r.score
	}
	out := make([]Suspect, 0, len(ranked))
	for _, r := range ranked {
		s := Suspect{Service: c.nameOf(r.who), Peer: r.who.peer, Score: r.score, lead: *r.effects[0]}
		if total > 0 {
			s.Share = r.score / total
		}
		for _, e := range r.effects[:min(len(r.effects), maxChanges)] {
			s.Changes = append(s.Changes, c.change(e))
		}
		s.Traces = c.exemplars(r.effects[0])
		s.Harmed, s.Passing = c.harmed(r.effects[0])
		out = append(out, s)
	}
	return out
}

// ranking is a suspect before it is written down.
type ranking struct {
	who      party
	score    float64
	estimate float64 // what may be chance counts with the probability that it is not
	effects  []*effect
}

func (c *Comparison) sorted(by map[party][]*effect) []ranking {
	var out []ranking
	for _, who := range slices.SortedFunc(maps.Keys(by), func(a, b party) int { return cmp.Compare(c.nameOf(a), c.nameOf(b)) }) {
		r := ranking{who: who, effects: by[who]}
		for _, e := range r.effects {
			r.score += e.score()
			r.estimate += e.size * (1 - e.p)
		}
		slices.SortStableFunc(r.effects, func(a, b *effect) int {
			return cmp.Or(cmp.Compare(b.score(), a.score()), cmp.Compare(b.size, a.size))
		})
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b ranking) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.estimate, a.estimate))
	})
	return out
}

// effect is an estimated change of one key.
type effect struct {
	id      int32 // of key
	key     key
	suspect party
	before  float64 // per call
	after   float64
	calls   float64 // in the focus
	least   float64 // of the size of the change per call: the end of its interval, ≥ 0
	size    float64 // requests
	p, q    float64
	certain bool // not put down to chance
	early   bool // of less work or fewer calls: what else changed says that the operation ends early
}

// score is the size of an effect that is not put down to chance.
func (e *effect) score() float64 {
	if !e.certain {
		return 0
	}
	return e.size
}
