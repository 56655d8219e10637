package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

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

// exitCase is a command line and what comes of it.
type exitCase struct {
	name    string
	args    []string
	code    int
	problem []string // in standard error
	out     string   // in standard output
}

func TestExitCodes(t *testing.T) {
	good := fileOf(t, "good.jsonl", export(1, plainName)+"\n")
	empty := fileOf(t, "token", "\n")
	checkExits(t, []exitCase{
		{"version", []string{"version"}, 0, nil, "oteltop "},
		{"an unknown flag", []string{"--colour", "red"}, 2, []string{"--colour", "oteltop --help"}, ""},
		{"a bad value", []string{"--memory", "lots"}, 2, []string{"--memory", "512MiB"}, ""},
		{"a bad theme", []string{"--theme", "puce"}, 2, []string{"puce", "dark"}, ""},
		{"too little memory", []string{"report", "services", "--memory", "1MiB", good}, 2, []string{"--memory 1MiB", "16MiB"}, ""},
		{"no room for requests", []string{"serve", "--in-flight", "1k"}, 2, []string{"--in-flight 1KiB", "1MiB"}, ""},
		{"more for requests than there is", []string{"serve", "--memory", "64MiB", "--in-flight", "1GiB"}, 2, []string{"--in-flight 1GiB", "--memory 64MiB"}, ""},
		{"no connections", []string{"serve", "--max-connections", "-1"}, 2, []string{"--max-connections -1"}, ""},
		{"a demo backwards", []string{"serve", "--demo", "--demo-rate", "-1"}, 2, []string{"--demo-rate -1"}, ""},
		{"a window backwards", []string{"--last", "-5m"}, 2, []string{"--last -5m"}, ""},
		{"a bad colour", []string{"--color", "red"}, 2, []string{"--color", "truecolor"}, ""},
		{"an unknown command", []string{"dance"}, 2, []string{"dance"}, ""},
		{"replay backwards", []string{"open", "--replay", "-1", good}, 2, []string{"--replay", "pace"}, ""},
		{"a baseline that is not there", []string{"open", "--before", "/nonexistent/x.jsonl", good}, 1, []string{"/nonexistent/x.jsonl", "no such file"}, ""},
		{"open nothing", []string{"open"}, 2, []string{"a file is missing"}, ""},
		{"exposed without a token", []string{"serve", "--listen", "0.0.0.0"}, 2, []string{"0.0.0.0", "--token-file", "--insecure"}, ""},
		{"exposed with TLS that anybody may speak", []string{"serve", "--listen", "0.0.0.0", "--tls-cert", good, "--tls-key", good}, 2, []string{"0.0.0.0", "--tls-client-ca"}, ""},
		{"exposed with an empty token", []string{"serve", "--listen", "0.0.0.0", "--token-file", empty}, 2, []string{"--token-file", "is empty"}, ""},
		{"client certificates without TLS", []string{"serve", "--listen", "0.0.0.0", "--tls-client-ca", good}, 2, []string{"--tls-client-ca", "--tls-cert"}, ""},
		{"a key without its certificate", []string{"serve", "--tls-key", good}, 2, []string{"--tls-cert", "--tls-key"}, ""},
	})
}

// Bad usage of reports is found before a file is opened: this one is not there.
func TestBadUsageOfReports(t *testing.T) {
	const unread = "/nonexistent/x.jsonl"
	checkExits(t, []exitCase{
		{"an unknown view", []string{"report", "colours", unread}, 2, []string{"colours", "services"}, ""},
		{"a bad band", []string{"report", "critical", "--band", "99", unread}, 2, []string{"--band", "95-99"}, ""},
		{"what if nothing", []string{"report", "whatif", unread}, 2, []string{"service/operation"}, ""},
		{"what if backwards", []string{"report", "whatif", "--service", "web", "--factor", "-1", unread}, 2, []string{"factor from 0"}, ""},
		{"a profile by nothing that is known", []string{"report", "profile", "--by", "colour", unread}, 2, []string{"--by", "category"}, ""},
		{"columns by a bad expression", []string{"report", "features", "--expr", "count()", "--by", "count(", unread}, 2, []string{"--by: column 6", "^"}, ""},
		{"what is no shape", []string{"report", "shape", "--shape", "round", unread}, 2, []string{"--shape", "8 hexadecimal digits"}, ""},
		{"periods that overlap", []string{"report", "suspects", "--focus", "1m..", "--baseline", "..2m", unread}, 2, []string{"do not overlap"}, ""},
		{"a breakdown of any service's operation", []string{"report", "breakdown", "--by", "x", "--operation", "y", unread}, 2, []string{"--service"}, ""},
		{"--live of what it lacks", []string{"report", "trace", "--live", "127.0.0.1:1"}, 2, []string{"--id"}, ""},
		{"--live of no address", []string{"report", "services", "--live", "http://127.0.0.1:1"}, 2, []string{"host:port"}, ""},
		{"a trace without its id", []string{"report", "trace", unread}, 2, []string{"--id"}, ""},
		{"without a file", []string{"report", "services"}, 2, []string{"no file"}, ""},
		{"a bad filter", []string{"report", "services", "--filter", "duration >", unread}, 2, []string{"--filter", "column", "^"}, ""},
		{"a parameter of another view", []string{"report", "services", "--service", "web", unread}, 2, []string{"--service", "services does not take it", "dependencies"}, ""},
	})
}

func TestExitCodesOfReports(t *testing.T) {
	good := fileOf(t, "good.jsonl", export(1, plainName)+"\n")
	broken := fileOf(t, "broken.jsonl", export(1, plainName)+"\n{\"resourceSpans\": [{]}\n")
	nameless := fileOf(t, "nameless.jsonl", export(1, plainName)+"\n"+strings.ReplaceAll(export(1, plainName), fmt.Sprintf("%032x", 1), "01")+"\n")
	checkExits(t, []exitCase{
		{"a view", []string{"report", "services", good}, 0, nil, `"view"`},
		{"a missing file", []string{"report", "services", "/nonexistent/x.jsonl"}, 1, []string{"/nonexistent/x.jsonl", "no such file"}, ""},
		{"a broken file", []string{"report", "services", broken}, 1, []string{broken, ":2", "offset 20"}, `"rows"`},
		{"spans without a sound id", []string{"report", "services", nameless}, 0, []string{"spans refused", "8 as invalid_id"}, `"rows"`},
		{"a trace that is not there", []string{"report", "trace", "--id", strings.Repeat("ab", 16), good}, 1, []string{"not retained"}, ""},
		{"--live of nobody", []string{"report", "services", "--live", "127.0.0.1:1"}, 1, []string{"127.0.0.1:1"}, ""},
	})
}

func checkExits(t *testing.T, cases []exitCase) {
	t.Helper()
	for _, c := range cases {
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

// A report that was interrupted has failed, and prints no figures that might be taken for those of the
// whole input.
func TestInterruptedReport(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		c := oteltop(t, "report", "services", "-")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		var out, problem bytes.Buffer
		c.Stdout, c.Stderr = &out, &problem
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// More than a pipe holds: when all of it is written, the program reads.
		line := export(1, plainName) + "\n"
		if _, err := io.WriteString(in, strings.Repeat(line, 1+(1<<20)/len(line))); err != nil {
			t.Fatal(err)
		}
		c.Process.Signal(sig)
		c.Wait()
		if code := c.ProcessState.ExitCode(); code != 128+int(sig) || out.Len() > 0 || !strings.Contains(problem.String(), sig.String()) {
			t.Errorf("%v: exit code %d, output %.200q, errors %q", sig, code, out.String(), problem.String())
		}
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

// A running oteltop that demands a token is asked with it; without, the answer says what is wrong.
func TestLiveReportsWithAToken(t *testing.T) {
	token, other := fileOf(t, "token", "abc\n"), fileOf(t, "other", "abd\n")
	c := oteltop(t, append([]string{"serve", "--token-file", token}, anyPort...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var ready struct{ HTTP []string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	checkExits(t, []exitCase{
		{"with it", []string{"report", "services", "--live=" + ready.HTTP[0], "--token-file", token}, 0, nil, `"view"`},
		{"without", []string{"report", "services", "--live=" + ready.HTTP[0]}, 2, []string{ready.HTTP[0], "demands a bearer token", "--token-file"}, ""},
		{"with another", []string{"report", "services", "--live=" + ready.HTTP[0], "--token-file", other}, 2, []string{"demands a bearer token"}, ""},
		{"with a file that is not there", []string{"report", "services", "--live=" + ready.HTTP[0], "--token-file", "/nonexistent/t"}, 2, []string{"--token-file", "/nonexistent/t"}, ""},
	})
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func fetch(t testing.TB, url string) string {
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
	if status, answer := tryPost(t, addr, body); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
}

// tryPost exports OTLP JSON and gives the answer.
func tryPost(t testing.TB, addr, body string) (status int, answer string) {
	t.Helper()
	r, err := http.Post("http://"+addr+"/v1/traces", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}
