package main

import (
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"oteltop/aggregate"
	"oteltop/feed"
	"oteltop/model"

	"context"
	"errors"
	"reflect"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// ends are the ways in which a person or the system ends a screen, with the exit code of each.
var ends = map[string]struct {
	stop func(s *screen)
	code int
}{
	"q":       {func(s *screen) { s.press("q") }, 0},
	"ctrl-c":  {func(s *screen) { s.press("\x03") }, 0},
	"SIGTERM": {func(s *screen) { s.cmd.Process.Signal(syscall.SIGTERM) }, 0},
	"SIGHUP":  {func(s *screen) { s.cmd.Process.Signal(syscall.SIGHUP) }, 0},
	"SIGINT":  {func(s *screen) { s.cmd.Process.Signal(syscall.SIGINT) }, 0},
	"SIGQUIT": {func(s *screen) { s.cmd.Process.Signal(syscall.SIGQUIT) }, 131},
}

// A terminal is left as it was found, whatever ends the program.
func TestTerminalIsRestored(t *testing.T) {
	for name, c := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, anyPort...)
			s.untilShown("Waiting for the first span", "q quit")
			if st, err := term.GetState(s.tty.Fd()); err != nil || reflect.DeepEqual(st, s.before) {
				t.Errorf("the terminal is not raw while the screen is up: %v", err)
			}
			c.stop(s)
			if code := s.end(); code != c.code {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, s.report())
			}
			s.checkRestored()
			if name == "SIGQUIT" {
				checkStacks(t, s)
			} else if got := strings.TrimSpace(s.text()); strings.Contains(got, "oteltop:") || len(s.crashFiles()) > 0 {
				t.Errorf("left on the main screen: %q; %d crash files", got, len(s.crashFiles()))
			}
		})
	}
}

// checkStacks: SIGQUIT leaves what every goroutine was doing in a file, and only the name of that file on
// the terminal.
func checkStacks(t *testing.T, s *screen) {
	t.Helper()
	files := s.crashFiles()
	if len(files) != 1 || strings.Count(files[0], "\ngoroutine ") < 5 || !strings.Contains(files[0], "otlp.(*Receiver).Run(…)") {
		t.Fatalf("crash files: %q", files)
	}
	s.until("the file's name", func(text string) bool { return strings.Contains(text, "oteltop-crash-") })
	if w := s.written(); strings.Contains(w, "goroutine 1 ") || strings.Contains(w, "SIGQUIT: quit") {
		t.Errorf("stacks on the terminal: %s", s.report())
	}
}

// The end does not wait for a terminal that takes no output: a dead SSH connection, a laptop asleep.
func TestTheEndDoesNotWaitForTheTerminal(t *testing.T) {
	for name, c := range ends {
		if !strings.HasPrefix(name, "SIG") {
			continue // keys come from people, whose terminal works
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, anyPort...)
			s.untilShown("Waiting for the first span", "q quit")
			resume := s.stall()
			s.press("8") // the screen has something to write, and waits
			c.stop(s)
			code := s.end()
			resume()
			if code != c.code {
				t.Errorf("exit code %d, want %d:\n%s", code, c.code, s.report())
			}
			s.checkRestored()
		})
	}
}

// secret is what only an attribute could say: it holds secretWord, which no port, process or file name can, as they could
// a number.
const (
	secretWord = "marzipan"
	secret     = "attribute value " + secretWord
)

// faults are what tests put into the process, by the name that withFault gives it. The screen's come when
// ! is pressed.
var faults = map[string]seams{
	"update":  {model: func(m tea.Model) tea.Model { return &faulty{Model: m, update: true} }},
	"view":    {model: func(m tea.Model) tea.Model { return &faulty{Model: m} }},
	"command": {model: func(m tea.Model) tea.Model { return &faulty{Model: m, command: boom} }},
	"batch":   {model: func(m tea.Model) tea.Model { return &faulty{Model: m, command: tea.Batch(boom, boom)} }},
	"shared":  {model: func(m tea.Model) tea.Model { return &faulty{Model: m, command: sharedBoom} }},
	"sink":    {sink: func(feed.Sink) feed.Sink { return faultySink{} }},
}

func boom() tea.Msg { panic(errors.New(secret)) }

// sharedBoom is what a panic in one of several goroutines that compute an answer becomes.
func sharedBoom() tea.Msg {
	panic(&aggregate.Fault{Reason: secret, Stack: []byte("goroutine 7 [running]:\noteltop.worker(0x4711)\n")})
}

type faultySink struct{}

func (faultySink) Logs(context.Context, []byte) (model.LogReceipt, error) { panic(secret) }
func (faultySink) Traces(context.Context, []byte) (model.Receipt, error)  { panic(secret) }

// faulty is a screen with a fault.
type faulty struct {
	tea.Model
	update  bool
	command tea.Cmd
	pressed bool
}

func (f *faulty) Update(m tea.Msg) (tea.Model, tea.Cmd) {
	k, ok := m.(tea.KeyPressMsg)
	if !ok || k.Text != "!" {
		var cmd tea.Cmd
		f.Model, cmd = f.Model.Update(m)
		return f, cmd
	}
	if f.update {
		panic(fmt.Errorf("%s", secret))
	}
	f.pressed = true
	return f, f.command
}

func (f *faulty) View() tea.View {
	if f.pressed && f.command == nil {
		panic(secret)
	}
	return f.Model.View()
}

// A panic anywhere ends the program in order: terminal, exit code, a crash file that is safe to send.
func TestPanics(t *testing.T) {
	for _, c := range []struct {
		name, fault string
		args        []string
		in          string // what the crash file names
	}{
		{"in Update", "update", nil, "oteltop.(*faulty).Update(…)"},
		{"in View", "view", nil, "oteltop.(*faulty).View(…)"},
		{"in a command", "command", nil, "oteltop.boom(…)"},
		{"in a command of a batch", "batch", nil, "oteltop.boom(…)"},
		{"in a goroutine of an answer", "shared", nil, "oteltop.worker(…)"},
		{"in a goroutine", "sink", []string{"--demo"}, "oteltop.faultySink.Traces(…)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := oteltop(t, append(c.args, anyPort...)...)
			cmd.Env = append(cmd.Env, withFault+"="+c.fault)
			s := onScreenOf(t, cmd)
			if c.fault != "sink" {
				s.untilShown("Waiting for the first span")
				s.press("!")
			}
			if code := s.end(); code != exitCrash {
				t.Errorf("exit code %d:\n%s", code, s.report())
			}
			s.checkRestored()
			s.until("the message", func(text string) bool { return strings.Contains(text, "oteltop: internal error in") })
			checkCrashFile(t, s, c.in)
		})
	}
}

// checkCrashFile wants one crash file with the place of the panic and no values in it, nor on the terminal.
func checkCrashFile(t *testing.T, s *screen, in string) {
	t.Helper()
	files := s.crashFiles()
	if len(files) != 1 || !strings.Contains(files[0], in) || strings.Contains(files[0], secretWord) || strings.Contains(files[0], "(0x") {
		t.Errorf("want one crash file, with %s and without values: %q", in, files)
	}
	for _, never := range []string{secretWord, "goroutine ", "Caught panic"} {
		if strings.Contains(s.written(), never) {
			t.Errorf("%q is on the terminal:\n%s", never, s.report())
		}
	}
}

// A panic while a request is handled costs that request; the program goes on.
func TestPanicInAHandler(t *testing.T) {
	t.Parallel()
	cmd := oteltop(t, anyPort...)
	cmd.Env = append(cmd.Env, withFault+"=sink")
	s := onScreenOf(t, cmd)
	text := s.untilShown("Waiting for the first span", "OTLP/HTTP")
	addr := regexp.MustCompile(`OTLP/HTTP +(\S+)`).FindStringSubmatch(text)[1]
	for range 3 {
		if status, body := tryPost(t, addr, export(1, plainName)); status != 500 || strings.Contains(body, secretWord) {
			t.Errorf("status %d, %s", status, body)
		}
	}
	s.press("8")
	s.untilShown("can the figures be trusted")
	s.press("G") // the messages are at the end
	s.untilShown("internal error in the receiver")
	s.press("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.checkRestored()
	checkCrashFile(t, s, "oteltop.faultySink.Traces(…)")
}
