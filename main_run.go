package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/feed"
	"oteltop/feed/otlp"
	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/store"

	tea "charm.land/bubbletea/v2"
)

const (
	// memorySlack is what the program may take beyond --memory: code, stacks, the screen, garbage that
	// has not been collected yet. Stated in the README; .ci/soak measures that it holds.
	memorySlack = 192 << 20
	// uncounted is the part of memorySlack that the runtime's soft limit does not count (code, 17 MiB), or
	// goes over while a collection is under way.
	uncounted = 128 << 20
	// gcPercent trades memory, which the soft limit bounds, for CPU: 20 % less at full load (INGEST.md).
	gcPercent = 400
	// inboxSlack is the part of memorySlack for requests that are being received; beyond it they take from the
	// budget (otlp.InboxLimit).
	inboxSlack = 40 << 20
	// logLines is how many messages are kept for the Coverage screen.
	logLines = 200
	// rollupShare is the part of the budget that the rollups may take. Requests in flight have theirs
	// (flags.inFlight), the ring gets the rest.
	rollupShare = 4
	// logShare is the part of the budget for log records: at 512 MiB about 50,000 lines, some of a trace.
	logShare = 32
)

// program is one running oteltop: a ring with its rollups and the engine that answers from them.
type program struct {
	ring    *store.Ring
	rollups *rollup.Rollup
	logs    *logbook.Book
	engine  *aggregate.Memory
	intake  *model.Intake
	log     *messages
	live    bool
	seams   seams
	wg      sync.WaitGroup

	crashed  chan *crash // the first panic of any goroutine
	crashing atomic.Bool // there was one
	stumbled atomic.Bool // there was a panic that the program survived
}

// seams are where tests put faults into the process; the zero value is none.
type seams struct {
	sink  func(feed.Sink) feed.Sink
	model func(tea.Model) tea.Model
}

// newProgram allocates the budget. live: figures follow the clock; else the time of the data.
func newProgram(f *flags, live bool) (*program, error) {
	l, err := newMessages(f.logFile)
	if err != nil {
		return nil, usagef("--log: %w", err)
	}
	debug.SetGCPercent(gcPercent)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(f.memory) + memorySlack - uncounted)
	}
	p := &program{intake: new(model.Intake), log: l, crashed: make(chan *crash, 1), live: live, seams: f.seams}
	share := int64(f.memory) / rollupShare
	p.logs = logbook.New(int64(f.memory) / logShare)
	spans := int64(f.memory) - share - p.logs.Counters().Budget
	if live {
		requests := f.inFlight() + max(0, otlp.InboxLimit(f.inFlight())-inboxSlack)
		spans -= min(requests, int64(f.memory)/2)
	}
	p.ring = store.New(store.Options{Budget: spans})
	o := rollup.Options{Names: p.ring.Names(), Find: p.ring.Find, MaxBytes: share}
	if live {
		o.Now = time.Now
	}
	p.rollups = rollup.New(o)
	p.ring.Observe(p.rollups)
	p.engine = aggregate.NewMemory(p.ring, p.rollups, p.intake, aggregate.MemoryOptions{Live: live, Log: l.lines, Logs: p.logs})
	return p, nil
}

// Traces implements feed.Sink.
func (p *program) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	return p.ring.Append(req)
}

// Logs implements feed.Sink.
func (p *program) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return p.logs.Append(req)
}

// start runs a part of the program in a goroutine of its own. A panic in it ends the program in order.
func (p *program) start(ctx context.Context, name string, run func(context.Context) error) {
	p.wg.Go(func() {
		defer p.guard(name)
		if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.log.add(fmt.Sprintf("%s: %v", name, err))
		}
	})
}

// feed runs a source.
func (p *program) feed(ctx context.Context, name string, s feed.Source) {
	var sink feed.Sink = p
	if p.seams.sink != nil {
		sink = p.seams.sink(sink)
	}
	p.start(ctx, name, func(ctx context.Context) error { return s.Run(ctx, sink) })
}

// messages are the program's own log: the last logLines in memory, all of them in a file when asked for.
// Nothing is ever written to the terminal while the screen is up.
type messages struct {
	mu   sync.Mutex
	last []string
	file *os.File
}

func newMessages(path string) (*messages, error) {
	m := &messages{}
	if path == "" {
		return m, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	m.file = f
	return m, err
}

func (m *messages) add(text string) {
	line := time.Now().Format("15:04:05 ") + text
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = append(m.last, line)
	if len(m.last) > logLines {
		m.last = append(m.last[:0], m.last[len(m.last)-logLines:]...)
	}
	if m.file != nil {
		fmt.Fprintln(m.file, line)
	}
}

// lines are the messages kept, oldest first.
func (m *messages) lines() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.last...)
}
