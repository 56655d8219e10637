package main

import (
	"context"
	"io"
	"os"
	"time"

	"oteltop/ui"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

const (
	// endPatience is how long a screen may take to end: a second more than it takes to be killed.
	endPatience = ui.QuitPatience + time.Second
	// Then the terminal takes no output, and what waits for it is thrown away, as often as it may take
	// for the last frame to pass by. A screen that has not ended after that never will.
	discardEvery = 50 * time.Millisecond
	discards     = 20
)

// restoring is what takes back what a screen has set, for when the screen itself cannot.
const restoring = ansi.ResetModeSynchronizedOutput + ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr +
	ansi.ResetModeBracketedPaste + ansi.ResetModeUnicodeCore + ansi.ResetModeLightDark + ansi.ResetStyle +
	ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable

// terminal is what the program was started in, to be put back if the screen cannot do that.
type terminal struct {
	in, out *os.File
	state   *term.State
}

// insist sees to it that the program ends soon after ctx, even if the terminal takes no output (a laptop
// asleep at the other end of SSH, a tmux pane that is scrolled back): then all that writes to it hangs.
// The screen has to run between the call and finish.
func insist(ctx context.Context, out *os.File) (finish func()) {
	state, err := term.GetState(os.Stdin.Fd())
	if err != nil {
		return func() {} // no terminal; then nothing that could be left in disorder
	}
	t := &terminal{in: os.Stdin, out: out, state: state}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t.watch(ctx, ended)
	}()
	return func() {
		close(ended)
		<-done
	}
}

func (t *terminal) watch(ctx context.Context, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	if within(endPatience, ended) {
		return
	}
	for range discards {
		discardOutput(t.out)
		if within(discardEvery, ended) {
			t.restore() // what the screen wrote to restore it may have been thrown away
			return
		}
	}
	t.restore()
	os.Exit(exitCodeOf(failureOf(ctx)))
}

// restore puts the terminal's modes back; what it takes to write to it is limited.
func (t *terminal) restore() {
	_ = term.Restore(t.in.Fd(), t.state) // nobody is left to be told
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(t.out, restoring)
	}()
	within(discardEvery, written)
}

// within waits for done, for so long at most.
func within(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}
