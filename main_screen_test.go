package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// asProgram is the variable that makes the test binary be oteltop, withFault one that names a fault of it.
const (
	asProgram = "OTELTOP_TEST_RUN"
	withFault = "OTELTOP_TEST_FAULT"
)

// asLoad is the variable that makes the test binary send spans to an address, until it is killed.
const asLoad = "OTELTOP_TEST_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(&flags{seams: faults[os.Getenv(withFault)]}))
	}
	if addr := os.Getenv(asLoad); addr != "" {
		newLoad(addr, 4).busy.Wait()
	}
	os.Exit(m.Run())
}

// patience is how long anything may take before a test gives up; nothing is timed by it.
const patience = time.Minute

// atTheEnd is how long before the end of all tests a program that still runs is killed: its test then says what hangs.
const atTheEnd = 10 * time.Second

// oteltop is a command that runs the program, with a configuration and environment of its own.
func oteltop(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if x, ok := t.(*testing.T); ok {
		if end, ok := x.Deadline(); ok {
			ctx, cancel = context.WithDeadline(ctx, end.Add(-atTheEnd))
			t.Cleanup(cancel)
		}
	}
	c := exec.CommandContext(ctx, self, args...)
	home := t.TempDir()
	c.Dir = home
	c.Env = []string{asProgram + "=1", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "TMPDIR=" + home, "TERM=xterm-256color", "TZ=UTC"}
	return c
}

// screen is the program in a terminal: what it wrote, and what that looks like.
type screen struct {
	t        testing.TB
	cmd      *exec.Cmd
	pty, tty *os.File
	before   *term.State

	reading sync.Mutex // held while the terminal takes no output
	link    *slowLink  // what is between the program's terminal and the person's; nil: nothing

	mu    sync.Mutex // protects raw, emu, shown and came
	raw   bytes.Buffer
	emu   *vt.Emulator
	shown func() // called after each piece of output; nil: nobody asks

	came time.Time // when the newest bytes on the emulator were written, or a little later

	done chan error // gets the end of the process, once
}

const screenWidth, screenHeight = 100, 30

// onScreen starts the program in a terminal that answers its questions.
func onScreen(t testing.TB, args ...string) *screen {
	t.Helper()
	return onScreenOf(t, oteltop(t, args...))
}

// onScreenOf starts a command of the program in a terminal.
func onScreenOf(t testing.TB, c *exec.Cmd) *screen {
	t.Helper()
	return onScreenOver(t, c, screenWidth, screenHeight, nil)
}

// onScreenOver starts a command of the program in a terminal of a size, at the other end of a link.
func onScreenOver(t testing.TB, c *exec.Cmd, width, height int, link *slowLink) *screen {
	t.Helper()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	s := &screen{t: t, pty: p, tty: tty, emu: vt.NewEmulator(width, height), cmd: c, done: make(chan error, 1), link: link}
	if err := pty.Setsize(p, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		t.Fatal(err)
	}
	if s.before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	if link != nil {
		wg.Go(func() { link.carry(s.write) })
	}
	wg.Go(s.show)
	wg.Go(func() { io.Copy(p, s.emu) }) // answers of the terminal; its end is the emulator's
	go func() { s.done <- s.cmd.Wait() }()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.emu.InputPipe().(io.Closer).Close()
		tty.Close()
		p.Close()
		wg.Wait()
	})
	return s
}

// show reads what the program writes until its terminal is closed.
func (s *screen) show() {
	buf := make([]byte, 1<<16)
	for {
		s.reading.Lock()
		//lint:ignore SA2001 only waits until reading is allowed: a read that is under way may take for ever
		s.reading.Unlock()
		n, err := s.pty.Read(buf)
		if s.link == nil {
			s.write(buf[:n])
		} else {
			s.link.take(buf[:n])
		}
		if err != nil {
			if s.link != nil {
				s.link.end()
			}
			return
		}
	}
}

// write shows what came.
func (s *screen) write(b []byte) {
	came := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came = came
	s.raw.Write(b)
	s.emu.Write(b)
	if s.shown != nil {
		s.shown()
	}
}

// text is what the screen shows.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

// written is everything that was sent to the terminal so far.
func (s *screen) written() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// report is what the race detector or a panic wrote, or else what came after the screen was given back.
func (s *screen) report() string {
	w := s.written()
	for _, begin := range []string{"WARNING: DATA RACE", "panic:", ansi.ResetModeAltScreenSaveCursor} {
		if i := strings.Index(w, begin); i >= 0 {
			return w[i:]
		}
	}
	return w
}

// until waits for what must come to be on the screen. ok may look at the emulator and the raw bytes.
func (s *screen) until(what string, ok func(text string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		text := s.emu.String()
		good := ok(text)
		s.mu.Unlock()
		if good {
			return text
		}
	}
	s.t.Fatalf("%s did not come:\n%s", what, s.text())
	return ""
}

func (s *screen) untilShown(texts ...string) string {
	s.t.Helper()
	return s.until(fmt.Sprintf("%q", texts), func(text string) bool {
		for _, x := range texts {
			if !strings.Contains(text, x) {
				return false
			}
		}
		return true
	})
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.pty, keys); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the end of the program and gives its exit code.
func (s *screen) end() int {
	s.t.Helper()
	select {
	case err := <-s.done:
		var e *exec.ExitError
		if err != nil && !errors.As(err, &e) {
			s.t.Fatal(err)
		}
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		s.t.Fatalf("the program did not end:\n%s", s.text())
	}
	return -1
}

// anyPort makes the program listen where nobody else does.
var anyPort = []string{"--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"}

// stall makes the terminal take no more output, and fills what lies between it and the program, so that
// the program's next byte waits. resume ends that.
func (s *screen) stall() (resume func()) {
	s.t.Helper()
	s.reading.Lock()
	resume = sync.OnceFunc(s.reading.Unlock)
	s.t.Cleanup(resume)
	fill(s.t, s.tty.Name())
	return resume
}

// checkRestored wants the terminal as it was before the program.
func (s *screen) checkRestored() {
	s.t.Helper()
	after, err := term.GetState(s.tty.Fd())
	if err != nil || !reflect.DeepEqual(after, s.before) {
		s.t.Errorf("the modes of the terminal went from %+v to %+v, %v", s.before, after, err)
	}
	s.until("the main screen", func(string) bool { return !s.emu.IsAltScreen() })
	for on, off := range map[string]string{
		ansi.SetModeAltScreenSaveCursor: ansi.ResetModeAltScreenSaveCursor,
		ansi.ResetModeTextCursorEnable:  ansi.SetModeTextCursorEnable,
		ansi.SetModeMouseButtonEvent:    ansi.ResetModeMouseButtonEvent,
		ansi.SetModeMouseExtSgr:         ansi.ResetModeMouseExtSgr,
		ansi.SetModeBracketedPaste:      ansi.ResetModeBracketedPaste,
	} {
		s.until(fmt.Sprintf("the end of %q", on), func(string) bool {
			i := bytes.LastIndex(s.raw.Bytes(), []byte(on))
			return i >= 0 && bytes.LastIndex(s.raw.Bytes(), []byte(off)) > i
		})
	}
}

// crashFiles are the contents of the crash files that the program left.
func (s *screen) crashFiles() (contents []string) {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.cmd.Dir, "oteltop-crash-*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		contents = append(contents, string(b))
	}
	return contents
}
