package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// server is a running oteltop.
type server struct {
	command    *exec.Cmd
	grpc, http string
	pid        int
	ended      chan error
}

// serve starts the program with a budget and waits until it listens.
func serve(binary, budget string) (*server, error) {
	c := exec.Command(binary, "serve", "--memory", budget, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var ready struct{ GRPC, HTTP []string }
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		_ = c.Process.Kill()
		return nil, fmt.Errorf("serve does not say where it listens: %w", err)
	}
	s := &server{command: c, grpc: ready.GRPC[0], http: ready.HTTP[0], pid: c.Process.Pid, ended: make(chan error, 1)}
	go func() { s.ended <- c.Wait() }()
	return s, nil
}

// alive says whether the program still runs and answers.
func (s *server) alive() error {
	select {
	case err := <-s.ended:
		s.ended <- err
		return fmt.Errorf("the program ended: %v", err)
	default:
	}
	a, err := (&http.Client{Timeout: time.Minute}).Get("http://" + s.http + "/healthz")
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("healthz: %s", a.Status)
	}
	return nil
}

// stop ends the program.
func (s *server) stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		_ = s.command.Process.Kill()
	}
}

// peak is the largest resident memory since the last resetPeak, in bytes.
func (s *server) peak() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64) // 0 fails the run
			return kB << 10
		}
	}
	return 0
}

// resetPeak starts a new peak, so that each phase has its own. Where the kernel does not allow it, the
// peak stays that of the whole run, which is no less strict.
func (s *server) resetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0)
}

// account is what the program says became of the spans.
type account struct {
	Received  uint64            `json:"received"`
	Stored    uint64            `json:"stored"`
	Duplicate uint64            `json:"duplicate"`
	RefusedBy map[string]uint64 `json:"refused_by"`
	Evicted   uint64            `json:"evicted"`
	Retained  uint64            `json:"retained_spans"`
	Bytes     int64             `json:"memory_bytes"`
}

// refused are the spans that were refused one by one; requests refused as a whole are not in it.
func (a *account) refused() uint64 { return a.RefusedBy["invalid_id"] + a.RefusedBy["over_budget"] }

// balance is an error when a span is unaccounted for.
func (a *account) balance() error {
	if in := a.Stored + a.Duplicate + a.refused(); a.Received != in {
		return fmt.Errorf("%d spans received, but %d stored + %d duplicate + %d refused", a.Received, a.Stored, a.Duplicate, a.refused())
	}
	if out := a.Retained + a.Evicted; a.Stored != out {
		return fmt.Errorf("%d spans stored, but %d retained + %d evicted", a.Stored, a.Retained, a.Evicted)
	}
	return nil
}

// account asks the program.
func (s *server) account() (*account, error) {
	var document struct{ Rows []account }
	if err := s.report("coverage", &document); err != nil {
		return nil, err
	}
	if len(document.Rows) != 1 {
		return nil, fmt.Errorf("coverage has %d rows", len(document.Rows))
	}
	return &document.Rows[0], nil
}

// report asks for a view, as a screen or a script would.
func (s *server) report(view string, into any) error {
	a, err := (&http.Client{Timeout: time.Minute}).Get("http://" + s.http + "/report/" + view)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("report %s: %s", view, a.Status)
	}
	return json.NewDecoder(a.Body).Decode(into)
}
