// Memory, the Engine over the store of this process, and how its answers are kept.

package aggregate

import (
	"context"
	"sync"
	"time"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/store"
)

// Tuning of Memory.
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
	// maxAnswers bounds the cache; a screen asks a handful of questions.
	maxAnswers = 32
	// ctxEvery is after how many traces a scan looks whether it is still wanted.
	ctxEvery = 256
)

// MemoryOptions configure a Memory.
type MemoryOptions struct {
	Live bool             // a receiver or generator is attached: "now" moves
	Now  func() time.Time // default time.Now
	Log  func() []string  // the last messages of the program, newest last; nil: none
	Logs *logbook.Book    // what services said; nil: nothing
}

// Memory is the Engine over the store of this process: rollups answer for everything received, scans of
// the retained traces for filters, lists and single traces. Answers are shared and immutable: an equal
// question against an unchanged store gets the previous one.
type Memory struct {
	store   store.Store
	rollup  *rollup.Rollup
	intake  *model.Intake
	options MemoryOptions

	mu      sync.Mutex // protects answers, details and pins
	answers map[question]*answer
	details map[model.TraceID]traceDetail
	pins    uint64 // how often a pin was changed
}

var (
	_ Engine         = (*Memory)(nil)
	_ filter.Catalog = (*Memory)(nil)
)

// NewMemory returns an engine over a store whose observer is r. in may be nil.
func NewMemory(s store.Store, r *rollup.Rollup, in *model.Intake, o MemoryOptions) *Memory {
	if o.Now == nil {
		o.Now = time.Now
	}
	if in == nil {
		in = new(model.Intake)
	}
	if o.Logs == nil {
		o.Logs = logbook.New(0)
	}
	return &Memory{
		store: s, rollup: r, intake: in, options: o,
		answers: map[question]*answer{}, details: map[model.TraceID]traceDetail{},
	}
}

// question identifies an answer. It is comparable: the filter stands in its canonical form.
type question struct {
	what      string
	filter    string
	scope     Query // without Filter
	columns   int
	rows      int
	selected  bool
	selection Selection
	sort      TraceSort
	ascending bool
	limit     int
	band      paths.Band
	id        model.TraceID
	logs      uint64 // the newest log record of that trace
	key       string
	saved     *compare.Profile
	at        int64
}

// whatFindings marks the question that is asked all the time.
const whatFindings = "findings"

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

// at is the generation as it would be at another tick.
func (g generation) at(tick int64) generation {
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

func (m *Memory) generation() generation {
	c := m.store.Counters()
	g := generation{stored: c.Stored, evicted: c.Evicted, settled: c.Settled, traces: c.Traces, shelf: c.ShelfTraces, pins: m.pins}
	if m.options.Live {
		g.tick = m.options.Now().UnixNano() / int64(tick)
	}
	return g
}

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
	if ok && a.serves(g, m.options.Now()) {
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

	start := m.options.Now()
	result, err := compute()
	m.mu.Lock()
	a.result, a.err, a.made = result, err, m.options.Now()
	a.cost = a.made.Sub(start)
	if err != nil && m.answers[k] == a {
		delete(m.answers, k)
	}
	m.mu.Unlock()
	close(a.done)
	return result, err
}

// serves reports whether an answer may be given for the present state. Callers hold m.mu.
func (a *answer) serves(g generation, now time.Time) bool {
	if a.at == g {
		return true
	}
	if a.at.pins != g.pins || a.made.IsZero() {
		return false
	}
	fresh := a.factor * a.cost
	if a.at.at(g.tick) == g { // only the clock went on
		fresh = max(fresh, min(idleFactor*a.cost, longestIdle))
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

// view is the rollups that answer for a scope: those of all spans, or with a filter those of the
// matching traces.
func (m *Memory) view(ctx context.Context, f *filter.Expr) (*rollup.View, error) {
	if f == nil {
		return m.rollup.View(), nil
	}
	folded, err := m.folded(ctx, f)
	if err != nil {
		return nil, err
	}
	return folded.view, nil
}

// Map implements Engine.
func (m *Memory) Map(ctx context.Context, q Query) (*Map, error) {
	return ask(ctx, m, questionOf("map", q), func() (*Map, error) {
		v, err := m.view(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		out := mapOf(v, q)
		return out, m.explain(ctx, q, &out.Provenance)
	})
}

// Operations implements Engine.
func (m *Memory) Operations(ctx context.Context, q Query) (*Operations, error) {
	return ask(ctx, m, questionOf("operations", q), func() (*Operations, error) {
		v, err := m.view(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		out := operationsOf(v, q)
		return out, m.explain(ctx, q, &out.Provenance)
	})
}

// Heatmap implements Engine. Exemplars are traces that are retained now: those that the rollups
// remember, else any retained trace with a subject span in the cell.
func (m *Memory) Heatmap(ctx context.Context, q HeatmapQuery) (*Heatmap, error) {
	k := questionOf("heatmap", q.Query)
	k.columns, k.rows = q.Columns, q.MaxRows
	return ask(ctx, m, k, func() (*Heatmap, error) {
		v, err := m.view(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		snap := m.store.Snapshot()
		retained := map[model.TraceID]struct{}{}
		snap.Traces(func(t *store.TraceInfo) bool {
			retained[t.ID] = struct{}{}
			return true
		})
		h := heatmapOf(v, q, func(id model.TraceID) bool {
			_, ok := retained[id]
			return ok
		})
		if err := m.fillExemplars(ctx, snap, q.Query, h); err != nil {
			return nil, err
		}
		return h, m.explain(ctx, q.Query, &h.Provenance)
	})
}

// explain completes the provenance of an answer from rollups: under a filter these are of a scan.
func (m *Memory) explain(ctx context.Context, q Query, p *Provenance) error {
	if q.Filter == nil {
		return nil
	}
	f, err := m.folded(ctx, q.Filter)
	if err != nil {
		return err
	}
	from, to, note := p.From, p.To, p.Note
	*p = f.provenance
	p.From, p.To, p.Note = from, to, joinNotes(note, p.Note)
	return nil
}

// Pin implements Engine.
func (m *Memory) Pin(_ context.Context, id model.TraceID, pinned bool) bool {
	ok := m.store.Pin(id, pinned)
	m.mu.Lock()
	m.pins++
	m.mu.Unlock()
	return ok
}
