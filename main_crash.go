package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
)

// crash is a panic that ended the program.
type crash struct {
	where string
	file  string // where the stack was written
}

func (c *crash) Error() string {
	return fmt.Sprintf("internal error in %s; please report the file %s", c.where, c.file)
}

// newCrash leaves a crash file, which must be safe to send: the panic's own text is left out unless it
// is the runtime's, because it may quote an attribute.
func newCrash(where string, reason any, stack []byte) *crash {
	if f, ok := reason.(*aggregate.Fault); ok { // the stack here is not where it happened
		reason, stack = f.Reason, f.Stack
	}
	text := fmt.Sprintf("%T", reason)
	if e, ok := reason.(runtime.Error); ok {
		text = e.Error()
	}
	return &crash{where: where, file: writeStacks("in "+where+": "+text, stack)}
}

// writeStacks writes stacks without the arguments of calls to a new file and returns its name.
func writeStacks(title string, stacks []byte) (file string) {
	const none = "(none: it could not be written)"
	f, err := os.CreateTemp("", "oteltop-crash-*.txt")
	if err != nil {
		return none
	}
	fmt.Fprintf(f, "oteltop %s\n%s\n\n%s", versionText(), title, withoutArguments(stacks))
	if f.Close() != nil {
		return none
	}
	return f.Name()
}

// withoutArguments drops the argument words from the calls of a stack.
func withoutArguments(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, l := range lines {
		if p := strings.LastIndexByte(l, '('); p > 0 && !strings.HasPrefix(l, "\t") && strings.HasSuffix(l, ")") {
			lines[i] = l[:p] + "(…)"
		}
	}
	return strings.Join(lines, "\n")
}

// guard turns a panic into the end of the program; deferred at the top of every goroutine.
func (p *program) guard(name string) {
	if r := recover(); r != nil {
		p.crash(name, r, debug.Stack())
	}
}

// crash ends the program in order: the terminal is restored, a crash file is left, the exit code says so.
func (p *program) crash(where string, reason any, stack []byte) {
	if p.crashing.Swap(true) {
		return // one crash is enough
	}
	p.crashed <- newCrash(where, reason, stack)
}

// survived is told about a panic that cost one request and nothing else: the program goes on, because
// whoever sends the request must not be able to end it. The first one leaves a crash file.
func (p *program) survived(where string, reason any, stack []byte) {
	if p.stumbled.Swap(true) {
		p.log.add("internal error in " + where + " again; one request failed")
		return
	}
	p.log.add(newCrash(where, reason, stack).Error() + "; one request failed")
}

// quitOnCrash ends a screen when another goroutine crashed.
func (p *program) quitOnCrash(ctx context.Context, cancel context.CancelCauseFunc) {
	select {
	case c := <-p.crashed:
		cancel(c)
	case <-ctx.Done():
	}
}

// screenError tells the end of a screen from its failure.
func screenError(ctx context.Context, err error) error {
	if failure := failureOf(ctx); failure != nil {
		return failure
	}
	switch {
	case errors.Is(err, tea.ErrProgramPanic): // in the library: our own code is guarded
		return &crash{where: "the screen", file: "with the stack above"}
	case err == nil, errors.Is(err, tea.ErrProgramKilled), errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return fmt.Errorf("screen: %w", err)
}

// failureOf is why ctx ended, if that is no normal end for a program that runs until it is told to end.
func failureOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	var c *crash
	var s *signaled
	if errors.As(cause, &c) || errors.As(cause, &s) && s.stacks != "" {
		return cause
	}
	return nil
}

// guarded is the screen's model with its panics caught. The library would catch them as well, but it
// prints the panic's text, which may quote an attribute, and leaves no crash file.
type guarded struct {
	model  tea.Model
	crash  func(where string, reason any, stack []byte)
	shown  tea.View // the last frame: stays until the program has ended
	broken bool     // the model panicked and is not called again
}

// guardModel puts the guard around the screen.
func (p *program) guardModel(m tea.Model) tea.Model {
	if p.seams.model != nil {
		m = p.seams.model(m)
	}
	return &guarded{model: m, crash: p.crash, shown: tea.View{AltScreen: true}}
}

// Init implements tea.Model.
func (g *guarded) Init() (cmd tea.Cmd) {
	defer g.catch("the screen's first question")
	return g.guardCommand(g.model.Init())
}

// Update implements tea.Model.
func (g *guarded) Update(m tea.Msg) (self tea.Model, cmd tea.Cmd) {
	self = g // also after a panic
	if g.broken {
		return
	}
	defer g.catch("the screen's update")
	g.model, cmd = g.model.Update(m)
	return self, g.guardCommand(cmd)
}

// View implements tea.Model.
func (g *guarded) View() tea.View {
	if !g.broken {
		g.draw()
	}
	return g.shown
}

func (g *guarded) draw() {
	defer g.catch("the screen's view")
	g.shown = g.model.View()
}

// catch is deferred by what the update loop calls.
func (g *guarded) catch(where string) {
	if r := recover(); r != nil {
		g.broken = true
		g.crash(where, r, debug.Stack())
	}
}

// guardCommand catches the panics of a command and of those in a batch, each of which has a goroutine.
func (g *guarded) guardCommand(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer func() {
			if r := recover(); r != nil {
				g.crash("a command of the screen", r, debug.Stack())
			}
		}()
		m := cmd()
		batch, ok := m.(tea.BatchMsg)
		if !ok {
			return m
		}
		safe := make(tea.BatchMsg, len(batch))
		for i, c := range batch {
			safe[i] = g.guardCommand(c)
		}
		return safe
	}
}
