package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/feed"
	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/store"

	tea "charm.land/bubbletea/v2"
)

// logLines is how many messages are kept for the Coverage screen.
const logLines = 200

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
	limitHeap(f)
	p := &program{intake: new(model.Intake), log: l, crashed: make(chan *crash, 1), live: live, seams: f.seams}
	s := f.shares(live)
	p.logs = logbook.New(s.logs)
	p.ring = store.New(store.Options{Budget: s.spans})
	o := rollup.Options{Names: p.ring.Names(), Find: p.ring.Find, MaxBytes: s.rollups}
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

// run starts what every live part needs; end, deferred by the caller, stops all parts and waits for them.
func (p *program) run(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	p.start(ctx, "settling", p.ring.Run)
	return ctx, cancel
}

func (p *program) end(cancel context.CancelCauseFunc) {
	cancel(nil)
	p.wg.Wait()
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
