package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// asProgram is the variable that makes the test binary be oteltop.
const asProgram = "OTELTOP_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience is how long anything may take before a test gives up; nothing is timed by it.
const patience = 20 * time.Second

// oteltop is a command that runs the program, with a configuration and environment of its own.
func oteltop(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, self, args...)
	home := t.TempDir()
	c.Dir = home
	c.Env = []string{asProgram + "=1", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "TMPDIR=" + home, "TERM=xterm-256color", "TZ=UTC"}
	return c
}

// screen is the program in a terminal: what it wrote, and what that looks like.
type screen struct {
	t        *testing.T
	cmd      *exec.Cmd
	pty, tty *os.File
	before   *term.State

	mu  sync.Mutex // protects raw and emulator
	raw bytes.Buffer
	emu *vt.Emulator

	done chan error // gets the end of the process, once
}

const screenWidth, screenHeight = 100, 30

// onScreen starts the program in a terminal that answers its questions.
func onScreen(t *testing.T, args ...string) *screen {
	t.Helper()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	s := &screen{t: t, pty: p, tty: tty, emu: vt.NewEmulator(screenWidth, screenHeight), cmd: oteltop(t, args...), done: make(chan error, 1)}
	if err := pty.Setsize(p, &pty.Winsize{Cols: screenWidth, Rows: screenHeight}); err != nil {
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
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.raw.Write(buf[:n])
		s.emu.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
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

// until waits for what must come to be on the screen.
func (s *screen) until(what string, ok func(text string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if text := s.text(); ok(text) {
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

// A terminal is left as it was found, whatever ends the program.
func TestTerminalIsRestored(t *testing.T) {
	for name, stop := range map[string]func(s *screen){
		"q":       func(s *screen) { s.press("q") },
		"ctrl-c":  func(s *screen) { s.press("\x03") },
		"SIGTERM": func(s *screen) { s.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(s *screen) { s.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGINT":  func(s *screen) { s.cmd.Process.Signal(syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, anyPort...)
			s.untilShown("Waiting for the first span", "q quit")
			if st, err := term.GetState(s.tty.Fd()); err != nil || reflect.DeepEqual(st, s.before) {
				t.Errorf("the terminal is not raw while the screen is up: %v", err)
			}
			stop(s)
			if code := s.end(); code != 0 {
				t.Errorf("exit code %d:\n%s", code, s.report())
			}
			after, err := term.GetState(s.tty.Fd())
			if err != nil || !reflect.DeepEqual(after, s.before) {
				t.Errorf("the modes of the terminal went from %+v to %+v, %v", s.before, after, err)
			}
			s.until("the main screen", func(string) bool { return !s.emu.IsAltScreen() })
			for on, off := range map[string]string{
				ansi.SetModeAltScreenSaveCursor: ansi.ResetModeAltScreenSaveCursor,
				ansi.ResetModeTextCursorEnable:  ansi.SetModeTextCursorEnable,
				ansi.SetModeMouseButtonEvent:    ansi.ResetModeMouseButtonEvent,
				ansi.SetModeMouseExtSgr:         ansi.ResetModeMouseExtSgr,
				ansi.SetModeBracketedPaste:      ansi.ResetModeBracketedPaste,
			} {
				w := s.written()
				if i := strings.LastIndex(w, on); i < 0 || strings.LastIndex(w, off) < i {
					t.Errorf("%q is not taken back", on)
				}
			}
			if got := strings.TrimSpace(s.text()); strings.Contains(got, "oteltop:") {
				t.Errorf("left on the main screen: %q", got)
			}
		})
	}
}

// A busy port is one line on standard error; the screen is not touched.
func TestBusyPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := onScreen(t, "--grpc", "127.0.0.1:0", "--http", l.Addr().String())
	if code := s.end(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	s.untilShown("oteltop: ")
	got := s.written()
	if strings.Contains(got, "\x1b") {
		t.Errorf("the screen was touched: %q", got)
	}
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, l.Addr().String()) {
		t.Errorf("want one line that names %v: %q", l.Addr(), got)
	}
}

// outcome runs the program without a terminal.
func outcome(t *testing.T, args ...string) (code int, out, problem string) {
	t.Helper()
	c := oteltop(t, args...)
	var o, e strings.Builder
	c.Stdout, c.Stderr = &o, &e
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// fileOf writes a file for a test.
func fileOf(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExitCodes(t *testing.T) {
	good := fileOf(t, "good.jsonl", export(1, plainName)+"\n")
	broken := fileOf(t, "broken.jsonl", export(1, plainName)+"\n{\"resourceSpans\": [{]}\n")
	for _, c := range []struct {
		name    string
		args    []string
		code    int
		problem []string // in standard error
		out     string   // in standard output
	}{
		{"version", []string{"version"}, 0, nil, "oteltop "},
		{"an unknown flag", []string{"--colour", "red"}, 2, []string{"--colour", "oteltop --help"}, ""},
		{"a bad value", []string{"--memory", "lots"}, 2, []string{"--memory", "512MiB"}, ""},
		{"a bad theme", []string{"--theme", "puce"}, 2, []string{"puce", "dark"}, ""},
		{"an unknown command", []string{"dance"}, 2, []string{"dance"}, ""},
		{"open nothing", []string{"open"}, 2, []string{"a file is missing"}, ""},
		{"exposed without a token", []string{"serve", "--listen", "0.0.0.0"}, 2, []string{"0.0.0.0", "bearer token"}, ""},
		{"report", []string{"report", "services", good}, 0, nil, `"view"`},
		{"report of an unknown view", []string{"report", "colours", good}, 2, []string{"colours", "services"}, ""},
		{"report without a file", []string{"report", "services"}, 2, []string{"no file"}, ""},
		{"report with a bad filter", []string{"report", "services", "--filter", "duration >", good}, 2, []string{"--filter", "column", "^"}, ""},
		{"report of a missing file", []string{"report", "services", "/nonexistent/x.jsonl"}, 1, []string{"/nonexistent/x.jsonl", "no such file"}, ""},
		{"report of a broken file", []string{"report", "services", broken}, 1, []string{broken, ":2", "offset 20"}, `"rows"`},
		{"report of a trace that is not there", []string{"report", "trace", "--id", strings.Repeat("ab", 16), good}, 1, []string{"not retained"}, ""},
		{"report --live of nobody", []string{"report", "services", "--live", "127.0.0.1:1"}, 1, []string{"127.0.0.1:1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, out, problem := outcome(t, c.args...)
			if code != c.code || !strings.Contains(out, c.out) || c.out == "" && out != "" {
				t.Errorf("exit code %d, want %d; output %q; errors %q", code, c.code, out, problem)
			}
			for _, x := range c.problem {
				if !strings.Contains(problem, x) {
					t.Errorf("%q is not in %q", x, problem)
				}
			}
			if c.problem == nil && problem != "" {
				t.Errorf("errors: %q", problem)
			}
		})
	}
}

// Serve says in one line of JSON where it listens, answers, and ends in order.
func TestServe(t *testing.T) {
	c := oteltop(t, append([]string{"serve"}, anyPort...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var problem bytes.Buffer
	c.Stderr = &problem
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var ready struct {
		GRPC, HTTP []string
		PID        int
	}
	d := json.NewDecoder(out)
	if err := d.Decode(&ready); err != nil || len(ready.GRPC) != 1 || len(ready.HTTP) != 1 || ready.PID != c.Process.Pid {
		t.Fatalf("%+v, %v; errors %q", ready, err, problem.String())
	}
	post(t, ready.HTTP[0], export(3, plainName))
	for path, want := range map[string]string{"/healthz": "ok\n", "/report/services": `"view"`} {
		body := fetch(t, "http://"+ready.HTTP[0]+path)
		if !strings.Contains(body, want) {
			t.Errorf("%s answers %q", path, body)
		}
	}
	code, live, problems := outcome(t, "report", "traces", "--live", ready.HTTP[0])
	if code != 0 || strings.Count(live, `"trace_id"`) != 3 {
		t.Errorf("report --live: exit code %d, %s %s", code, live, problems)
	}
	c.Process.Signal(syscall.SIGTERM)
	if rest, _ := io.ReadAll(out); len(bytes.TrimSpace(rest)) > 0 {
		t.Errorf("more than one line: %q", rest)
	}
	if err := c.Wait(); err != nil || problem.Len() > 0 {
		t.Errorf("%v, %q", err, problem.String())
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, r.Status, err)
	}
	return string(b)
}

func post(t *testing.T, addr, body string) {
	t.Helper()
	r, err := http.Post("http://"+addr+"/v1/traces", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", r.Status, b)
	}
}

// plainName and hostileName make the i-th text of a trace.
func plainName(i int) string { return fmt.Sprintf("name %d", i) }

// hostileTexts are what attackers put into names: each tries another way to reach the terminal.
var hostileTexts = []string{
	"\x1b[2J\x1b[Hcleared", "\x1b]0;owned", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
	"\u009b31mC1\u009d0;title\u009c", "\x1bP$qm\x1b\\", "\x1b[?1049l\x1b[?25h", "\x1b_Ga=d\x1b\\", "\x1b^private",
	"rtl\u202egnp.exe\u202c", "\u2066isolate\u2069", "zero\u200bwidth\u200d\ufeff", "line\r\nnext\u2028and\u2029more\vtab\tbell\a\b\b\b",
	strings.Repeat("e\u0301\u0302\u0303\u0304\u0305", 40), "\U000e0001\U000e0041tags", "\x00nul\x7fdel", "\x1b[6n\x1b[c\x1bZ", "\x1bc\x1b(0lqqk",
	"\x9b2J\xff\xfe", strings.Repeat("長", 80), "👩‍👩‍👧‍👦🏳️‍🌈", "a\ufe0f\u20e3",
}

func hostileName(i int) string {
	return fmt.Sprintf("%d%s", i, hostileTexts[(i+i/len(hostileTexts))%len(hostileTexts)]) // another one in each trace
}

// export is a request of n traces of 8 spans as OTLP JSON, with text from name in every field that takes text.
func export(n int, name func(int) string) string {
	q := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	now := time.Now().Add(-time.Second).UnixNano()
	k := 0
	next := func() string { k++; return q(name(k)) }
	attribute := func() string { return fmt.Sprintf(`{"key":%s,"value":{"stringValue":%s}}`, next(), next()) }
	var resources []string
	for trace := range n {
		for span := range 8 {
			parent := ""
			if span > 0 {
				parent = fmt.Sprintf(`"parentSpanId":"%016x",`, trace<<8+(span+1)/2)
			}
			service := name(100 + span/2)
			resources = append(resources, fmt.Sprintf(`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%s}},%s]},"schemaUrl":%s,"scopeSpans":[{"scope":{"name":%s,"version":%s},"spans":[{
				"traceId":"%032x","spanId":"%016x",%s"traceState":%s,"name":%s,"kind":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
				"attributes":[%s,%s,{"key":"http.route","value":{"stringValue":%s}},{"key":"peer.service","value":{"stringValue":%s}}],
				"status":{"code":2,"message":%s},"events":[{"name":%s,"timeUnixNano":"%d","attributes":[%s]},
				{"name":"exception","timeUnixNano":"%d","attributes":[{"key":"exception.message","value":{"stringValue":%s}},{"key":"exception.stacktrace","value":{"stringValue":%s}}]}],
				"links":[{"traceId":"%032x","spanId":"%016x","traceState":%s,"attributes":[%s]}]}]}]}`,
				q(service), attribute(), next(), next(), next(), trace+1, trace<<8+span+1, parent, next(), next(), 2+span%2, now+int64(span)*1e6, now+1e8-int64(span)*2e6,
				attribute(), attribute(), next(), next(), next(), next(), now+5e6, attribute(), now+6e6, next(), next(), trace+2, 1, next(), attribute()))
		}
	}
	return strings.ReplaceAll(`{"resourceSpans":[`+strings.Join(resources, ",")+"]}", "\n", "")
}

// tour shows every screen of a program that received the names, and gives all that it wrote and the screens.
func tour(t *testing.T, name func(int) string) (written, screens string) {
	t.Helper()
	s := onScreen(t, append([]string{"--color", "truecolor"}, anyPort...)...)
	text := s.untilShown("Waiting for the first span", "OTLP/HTTP")
	addr := regexp.MustCompile(`OTLP/HTTP +(\S+)`).FindStringSubmatch(text)
	post(t, addr[1], export(20, name))
	s.untilShown("q quit", "whole system")
	for _, step := range []struct{ keys, shown string }{
		{"2", "Operations last 5m"},
		{"o", "entry spans"},
		{"3", "some failed"},
		{"5", "Traces last 5m"},
		{"s", "root operation▼"},
		{"\r", "how unusual"},
		{"e", "how unusual"},
		{"\t", "how unusual"},
		{"\x1b[6~", "how unusual"},
		{"8", "Spans received"},
		{":", "go to, or do"},
		{"\x1b", "Spans received"},
		{"?", "any other key closes"},
		{"x", "Spans received"},
		{"1", "n=160 spans  "},
	} {
		s.press(step.keys)
		got := s.untilShown("oteltop", "q quit", step.shown)
		lines := strings.Split(got, "\n")
		if len(lines) != screenHeight || !strings.Contains(lines[0], "oteltop") || !strings.Contains(lines[screenHeight-1], "q quit") {
			t.Errorf("after %q a frame of %d lines is cut:\n%s", step.keys, len(lines), got)
		}
		screens += got
	}
	s.press("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	return s.written(), screens
}

// What places and styles text: which of these a renderer emits depends on the text, and none of them
// reaches beyond the screen.
const (
	drawing  = "ABCDGHJKLMPSTX@`abdfmr" // final bytes of control sequences
	movement = "\b\t\n\r"
)

// sequences are the distinct control sequences in what was written, other than those for drawing, and the
// characters that must never be written at all.
func sequences(written string) (controls map[string]bool, forbidden []string) {
	controls = map[string]bool{}
	state := byte(0)
	for len(written) > 0 {
		seq, _, n, next := ansi.DecodeSequence(written, state, nil)
		state, written = next, written[n:]
		switch {
		case len(seq) > 0 && (seq[0] < 0x20 || seq[0] == 0x7f):
			plain := strings.HasPrefix(seq, "\x1b[") && len(seq) > 2 && !strings.ContainsRune("<=>?", rune(seq[2])) &&
				strings.IndexByte(drawing, seq[len(seq)-1]) >= 0
			if !plain && !strings.Contains(movement, seq) {
				controls[seq] = true
			}
		default:
			for _, r := range seq {
				if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || r >= 0x2028 && r <= 0x202e {
					forbidden = append(forbidden, fmt.Sprintf("%q", seq))
				}
			}
		}
	}
	return controls, forbidden
}

// Whatever the names are, the terminal gets the same control sequences.
func TestHostileNamesDoNotReachTheTerminal(t *testing.T) {
	written, _ := tour(t, plainName)
	benign, _ := sequences(written)
	if len(benign) < 5 {
		t.Fatalf("only %d kinds of control sequences in a whole session: %v", len(benign), benign)
	}
	written, screens := tour(t, hostileName)
	controls, forbidden := sequences(written)
	for c := range controls {
		if !benign[c] {
			t.Errorf("%q was written for hostile names only", c)
		}
	}
	if len(forbidden) > 0 {
		t.Errorf("characters that steer terminals were written: %v", forbidden[:min(10, len(forbidden))])
	}
	seen := 0
	for _, shown := range []string{"␛[2J", "␛]0;", "␛]52;", "␛]8;", "‹9B›", "␛P", "␛[?1049l", "‹202E›", "‹2066›", "‹200B›", "␍␊", "␀", "␛[6n", "␛c"} {
		if strings.Contains(screens, shown) {
			seen++
		}
	}
	if seen < 5 {
		t.Errorf("only %d of the hostile names were shown", seen)
	}
}
