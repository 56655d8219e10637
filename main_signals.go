package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// stacksSize is room for the stacks of all goroutines: a kilobyte each, for a thousand connections with
// some to spare. What does not fit is cut off.
const stacksSize = 4 << 20

// signaled is the end that a signal asked for. For a screen and for serve it is a normal end, except for
// SIGQUIT, which asks for the stacks; a report that was interrupted has failed.
type signaled struct {
	signal syscall.Signal
	stacks string // SIGQUIT: the file with the stacks of all goroutines
}

func (s *signaled) Error() string {
	if s.stacks != "" {
		return "quit; what every goroutine was doing is in the file " + s.stacks
	}
	return "ended by signal: " + s.signal.String()
}

// code is the exit code that shells give to a process that a signal has ended.
func (s *signaled) code() int { return 128 + int(s.signal) }

// untilSignal is a context that ends with the first signal, a *signaled as its cause. The runtime's own
// answer to SIGQUIT would write the stacks onto the screen and leave the terminal as it is.
func untilSignal() (ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		select {
		case s := <-signals:
			cancel(newSignaled(s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

func newSignaled(s os.Signal) *signaled {
	number, ok := s.(syscall.Signal)
	if !ok {
		number = syscall.SIGTERM
	}
	out := &signaled{signal: number}
	if number == syscall.SIGQUIT {
		stacks := make([]byte, stacksSize)
		out.stacks = writeStacks("quit by a signal", stacks[:runtime.Stack(stacks, true)])
	}
	return out
}
