package main

import (
	"context"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// A screen that could end only once what it had written was thrown away leaves a terminal in order all the same: what
// it wrote to restore it may have been among that, as all of it is here.
func TestRestoredAfterOutputIsDiscarded(t *testing.T) {
	t.Parallel()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	defer p.Close()
	defer tty.Close()
	before, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	fill(t, tty.Name())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.WriteString(tty, "the last of the screen") // waits until the terminal takes it
	}()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	(&terminal{in: tty, out: tty, state: before}).watch(ctx, ended)
	select {
	case <-ended:
	default:
		t.Fatal("the screen has not ended")
	}
	if after, err := term.GetState(tty.Fd()); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("the modes of the terminal went from %+v to %+v, %v", before, after, err)
	}
	came := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 1<<16)
		for !strings.Contains(all.String(), restoring) {
			n, err := p.Read(buf)
			all.Write(buf[:n])
			if err != nil {
				break
			}
		}
		came <- all.String()
	}()
	select {
	case <-came:
	case <-time.After(patience):
		t.Error("what takes back the modes of the screen did not come")
		p.Close()
	}
}

// fill writes to a terminal that nobody reads from until it takes no more.
func fill(t testing.TB, name string) {
	t.Helper()
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	nothing := make([]byte, 1<<10) // NUL is not shown
	for full := 0; full < 20; {    // a read that was under way and the kernel's own queue make room again
		switch _, err := syscall.Write(fd, nothing); err {
		case nil:
			full = 0
		case syscall.EAGAIN:
			full++
			time.Sleep(5 * time.Millisecond)
		default:
			t.Fatal(err)
		}
	}
}
