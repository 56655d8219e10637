// Memory, the Engine over the store of this process, and how its answers are kept.

package aggregate

import (
	"context"
	"sync"
	"time"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/store"
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

	mu      sync.Mutex // protects what follows
	answers map[question]*answer
	details map[model.TraceID]traceDetail
	pins    uint64 // how often a pin was changed
	latest  generation
	moved   time.Time // when a question first met that, whatever the clock said
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

// Pin implements Engine.
func (m *Memory) Pin(_ context.Context, id model.TraceID, pinned bool) bool {
	ok := m.store.Pin(id, pinned)
	m.mu.Lock()
	m.pins++
	m.mu.Unlock()
	return ok
}
