// How the answers of Memory are kept, and for how long each may be given again.

package aggregate

import (
	"context"
	"errors"
	"time"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

const (
	// staleFactor bounds the share of a core that scans take under load: an answer that took t to compute
	// may be given again for staleFactor·t although spans have arrived since.
	staleFactor = 3
	// steadyFactor is the same for findings, which are asked for all the time, so that they never take more
	// than a tenth of a core.
	steadyFactor = 9
	// idleFactor is the same while nothing arrives, when only the edges of windows move: a question takes a
	// thousandth of a core, for an idle screen may take 1 % for everything. longestIdle is the longest that figures
	// stand still then.
	idleFactor  = 1000
	longestIdle = 15 * time.Second
	// Once nothing has arrived for settledLeast, and settledFactor times as long as an answer took, that answer is not
	// given again where it lacks what came last: nothing would follow that shows it to be old.
	settledLeast  = 2 * time.Second
	settledFactor = 2
	// maxAnswers bounds the cache; a screen asks a handful of questions.
	maxAnswers = 32
)

// question identifies an answer. It is comparable, so that it can be looked up: texts stand for filters and
// expressions. Fields that a question has no use for are zero.
type question struct {
	what   string // which
	scope  Query  // without its filter
	filter string // in canonical form

	columns, rows int              // of a heatmap
	linear        bool             // likewise
	selected      bool             // of a list of traces: there is a selection
	selection     Selection        // that
	sort          TraceSort        // of a list
	ascending     bool             // likewise
	limit         int              // of rows
	band          paths.Band       // of critical paths
	id            model.TraceID    // of a single trace
	logs          uint64           // the newest log record of that trace
	saved         *compare.Profile // of a comparison
	at            int64            // of a comparison: where the data are divided, Unix ns
	key           string           // whatever else tells two questions apart, as text
}

// whatFindings marks the question that is asked all the time.
const whatFindings = "findings"

// questionOf begins a question about a scope.
func questionOf(what string, q Query) question {
	k := question{what: what, scope: q}
	if q.Filter != nil {
		k.filter = q.Filter.Canonical()
		k.scope.Filter = nil
	}
	return k
}

// sliding makes questions about a window that ends now equal when the windows are as long, to the second: else the
// same question would be another one at each refresh, and no answer could be given again.
func (m *Memory) sliding(k question) question {
	if w := &k.scope.Window; m.options.Live && w.To == 0 && w.From > 0 {
		now := m.options.Now().UnixNano()
		ago := func(at *int64) {
			if *at != 0 {
				*at = -max(1, (now-*at+int64(tick)/2)/int64(tick))
			}
		}
		ago(&w.From)
		ago(&k.scope.Baseline.From)
		ago(&k.scope.Baseline.To)
	}
	return k
}

// generation changes when an answer may.
type generation struct {
	stored, evicted, settled, traces, shelf, pins uint64
	tick                                          int64 // of a live engine: rates depend on the clock
}

// onTick is the generation as it would be at another tick.
func (g generation) onTick(tick int64) generation {
	g.tick = tick
	return g
}

// tick is how fine the clock is that live answers depend on.
const tick = time.Second

// answer is a cached result. done is closed when it is there, so that equal questions asked at the same
// time are computed once.
type answer struct {
	at     generation
	done   chan struct{}
	result any
	err    error
	made   time.Time
	cost   time.Duration
	factor time.Duration // staleFactor or steadyFactor
}

// generation is the present one. Callers hold m.mu.
func (m *Memory) generation() generation {
	c := m.store.Counters()
	g := generation{stored: c.Stored, evicted: c.Evicted, settled: c.Settled, traces: c.Traces, shelf: c.ShelfTraces, pins: m.pins}
	if m.options.Live {
		g.tick = m.options.Now().UnixNano() / int64(tick)
	}
	return g
}

// still is how long nothing but the clock has changed, as far as questions tell. Callers hold m.mu.
func (m *Memory) still(g generation, now time.Time) time.Duration {
	if g = g.onTick(0); m.latest != g {
		m.latest, m.moved = g, now
	}
	return now.Sub(m.moved)
}

// errPanicked is what whoever waits for an answer finds where computing it panicked.
var errPanicked = errors.New("the answer could not be computed")

// ask returns the cached answer to a question, or computes it. Failures are not kept.
func ask[T any](ctx context.Context, m *Memory, k question, compute func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	m.mu.Lock()
	k = m.sliding(k)
	a, ok := m.answers[k]
	g := m.generation()
	if now := m.options.Now(); ok && a.serves(g, now, m.still(g, now)) {
		m.mu.Unlock()
		select {
		case <-a.done:
		case <-ctx.Done():
			return none, ctx.Err()
		}
		if a.err == nil {
			return a.result.(T), nil
		}
		// Whoever computed it gave up, which is no reason for us to.
		return compute()
	}
	a = &answer{at: g, done: make(chan struct{}), factor: staleFactor}
	if k.what == whatFindings {
		a.factor = steadyFactor
	}
	m.keep(k, a)
	m.mu.Unlock()

	result, err := none, errPanicked // unless compute returns
	start := m.options.Now()
	defer func() {
		m.mu.Lock()
		a.result, a.err, a.made = result, err, m.options.Now()
		a.cost = a.made.Sub(start)
		if err != nil && m.answers[k] == a {
			delete(m.answers, k)
		}
		m.mu.Unlock()
		close(a.done)
	}()
	result, err = compute()
	return result, err
}

// serves reports whether an answer may be given for the present state, in which nothing has arrived for a while. Callers
// hold m.mu.
func (a *answer) serves(g generation, now time.Time, still time.Duration) bool {
	if a.at == g {
		return true
	}
	if a.at.pins != g.pins || a.made.IsZero() {
		return false
	}
	fresh := a.factor * a.cost
	if a.at.onTick(g.tick) == g { // only the clock went on
		fresh = max(fresh, min(idleFactor*a.cost, longestIdle))
	} else if still >= max(settledLeast, settledFactor*a.cost) {
		return false
	}
	return now.Sub(a.made) < fresh
}

// keep enters an answer, making room by dropping those of other generations, or all. Callers hold m.mu.
func (m *Memory) keep(k question, a *answer) {
	if len(m.answers) >= maxAnswers {
		for k, old := range m.answers {
			if old.at != a.at {
				delete(m.answers, k)
			}
		}
		if len(m.answers) >= maxAnswers {
			clear(m.answers)
		}
	}
	m.answers[k] = a
}
