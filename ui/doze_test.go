package ui

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// pipe is a gate whose terminal is the read end of a pipe.
func pipe(t *testing.T, now func() time.Time) (g *gate, terminal *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return newGate(w, now), r
}

// A write of the mark waits until the gate is opened, and nothing of it reaches the terminal; any other does at once.
func TestTheMarkWaitsUntilTheGateOpens(t *testing.T) {
	g, terminal := pipe(t, time.Now)
	written := make(chan struct{})
	go func() {
		defer close(written)
		g.Write([]byte(dozeMark))
	}()
	select {
	case <-written:
		t.Fatal("the mark did not wait")
	case <-time.After(20 * time.Millisecond):
	}
	g.open()
	<-written
	if _, err := g.Write([]byte("frame")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 20)
	if n, err := terminal.Read(b); err != nil || string(b[:n]) != "frame" {
		t.Errorf("the terminal got %q, %v", b[:n], err)
	}
	g.open() // before the write: what came since the mark is not slept over
	if _, err := g.Write([]byte(dozeMark)); err != nil {
		t.Error(err)
	}
}

// The renderer is woken by whatever a person or the terminal does, and is not sent to sleep before it has drawn.
func TestWhatOpensTheGate(t *testing.T) {
	clock := epoch
	g, _ := pipe(t, func() time.Time { return clock })
	mark := tea.RawMsg{Msg: dozeMark}
	for _, c := range []struct {
		name string
		m    tea.Msg
		want bool
	}{
		{"a key", tea.KeyPressMsg{Code: 'x'}, true},
		{"the end", tea.QuitMsg{}, true},
		{"a question to the terminal", tea.RawMsg{Msg: "\x1b[c"}, true},
		{"its size", tea.WindowSizeMsg{Width: 80, Height: 24}, true},
		{"an answer", answerMsg{}, false},
		{"a tick", tickMsg{}, false},
		{"a look after questions", overdueMsg{}, false},
	} {
		clock = clock.Add(time.Second)
		if g.filter(nil, mark) == nil {
			t.Fatalf("before %s: the mark is dropped after a second of nothing", c.name)
		}
		if g.filter(nil, c.m) == nil {
			t.Errorf("%s is dropped", c.name)
		}
		if got := len(g.wake) > 0; got != c.want {
			t.Errorf("%s opens the gate: %v, want %v", c.name, got, c.want)
		}
		clock = clock.Add(dozeDrawn - time.Nanosecond)
		if dropped := g.filter(nil, mark) == nil; dropped != c.want {
			t.Errorf("right after %s: mark dropped %v, want %v", c.name, dropped, c.want)
		}
	}
}

// A whole program dozes when it has nothing to do, draws what a key asks for, dozes again, and ends when it is told to.
func TestProgramsDoze(t *testing.T) {
	var mu sync.Mutex
	began, shift := time.Now(), time.Duration(0) // protected by mu
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(shift)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	keys, typed := io.Pipe()
	var raw bytes.Buffer // protected by mu
	go func() {
		b := make([]byte, 1<<16)
		for {
			n, err := r.Read(b)
			mu.Lock()
			raw.Write(b[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	p := colorprofile.ANSI256
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{Engine: newFake(), Theme: "dark", Profile: &p, Last: 5 * time.Minute, Now: now, Out: w}, func(m tea.Model) tea.Model { return m },
			tea.WithInput(keys), tea.WithWindowSize(120, 40), tea.WithoutSignalHandler())
	}()
	until := func(what string, is func() bool) {
		t.Helper()
		for !is() {
			if time.Since(began) > 30*time.Second {
				t.Fatalf("waited in vain: %s", what)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	dozes := func() bool {
		var b strings.Builder
		pprof.Lookup("goroutine").WriteTo(&b, 2)
		return strings.Contains(b.String(), "(*gate).Write") && strings.Contains(b.String(), "startRenderer")
	}
	shows := func(text string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(raw.String(), text)
		}
	}
	until("the map", shows("Coverage"))
	mu.Lock()
	shift = quietAfter
	mu.Unlock()
	until("it dozes", dozes)
	typed.Write([]byte("?"))
	until("help", shows("any other key closes"))
	until("it dozes again", dozes)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w.Close()
	if shows(dozeMark)() {
		t.Error("the mark reached the terminal")
	}
}
