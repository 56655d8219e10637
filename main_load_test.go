package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oteltop/feed/demo"
)

// httpAddr is where the program on the screen listens for OTLP/HTTP, as it says itself.
func (s *screen) httpAddr() string {
	s.t.Helper()
	text := s.untilShown("Waiting for the first span", "OTLP/HTTP")
	return regexp.MustCompile(`OTLP/HTTP +(\S+)`).FindStringSubmatch(text)[1]
}

// received is what Coverage says about the number of spans received, empty where it does not.
func received(text string) string {
	if m := regexp.MustCompile(`received +([\d.]+[kM]?) `).FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// While the terminal takes no output, exports are answered and nothing of them is lost; when it does
// again, the screen goes on.
func TestBlockedTerminalHoldsUpNoExport(t *testing.T) {
	t.Parallel()
	s := onScreen(t, anyPort...)
	addr := s.httpAddr()
	s.press("8")
	s.untilShown("can the figures be trusted")
	resume := s.stall()
	s.press("1") // the screen has something to write, and waits
	const exports, spans = 100, 5 * 8
	body := export(spans/8, plainName)
	for i := range exports {
		post(t, addr, strings.ReplaceAll(body, `"traceId":"0000`, fmt.Sprintf(`"traceId":"%04x`, i+1)))
	}
	if answer := fetch(t, "http://"+addr+"/report/coverage"); !regexp.MustCompile(`"stored": *4000\b`).MatchString(answer) {
		t.Errorf("want %d spans stored: %s", exports*spans, answer)
	}
	resume()
	s.press("8")
	s.until("all spans on the screen", func(text string) bool { return received(text) == strconv.Itoa(exports*spans) })
	s.press("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.checkRestored()
}

// load sends spans as fast as they are taken.
type load struct {
	requests [][]byte
	sent     atomic.Uint64 // spans
	failed   atomic.Uint64 // requests that got another answer than success
	stopped  chan struct{}
	busy     sync.WaitGroup
}

// newLoad sends the demo's spans again and again, each time under other trace ids.
func newLoad(addr string, senders int) *load {
	now := time.Now()
	l := &load{requests: demo.Generate(demo.Options{Rate: 2000, Seed: 1}, now.Add(-2*time.Second), now), stopped: make(chan struct{})}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}, Timeout: patience}
	for sender := range senders {
		l.busy.Go(func() { l.send(client, "http://"+addr+"/v1/traces", sender+1) })
	}
	return l
}

// stop waits for the last answers.
func (l *load) stop() {
	close(l.stopped)
	l.busy.Wait()
}

func (l *load) send(client *http.Client, url string, sender int) {
	var own [][]byte
	var at [][]int // where trace ids begin in each request
	for _, r := range l.requests {
		own = append(own, bytes.Clone(r))
		var ids []int
		for i := 0; i+28 < len(r); i++ {
			if r[i] == 0x0a && r[i+1] == 16 && r[i+18] == 0x12 && r[i+19] == 8 {
				ids = append(ids, i+2)
				i += 27
			}
		}
		at = append(at, ids)
	}
	for round := 0; ; round++ {
		for i, r := range own {
			for _, id := range at[i] {
				binary.BigEndian.PutUint32(r[id:], uint32(sender<<24|round))
			}
			p, err := client.Post(url, "application/x-protobuf", bytes.NewReader(r))
			if err == nil {
				_, err = io.Copy(io.Discard, p.Body)
				p.Body.Close()
			}
			if err != nil || p.StatusCode != http.StatusOK {
				l.failed.Add(1)
			} else {
				l.sent.Add(uint64(len(at[i])))
			}
			select {
			case <-l.stopped:
				return
			default:
			}
		}
	}
}

// With ingest as fast as it goes, every key is answered and the figures keep coming.
func TestScreenUnderLoad(t *testing.T) {
	s := onScreen(t, append([]string{"--memory", "64MiB"}, anyPort...)...)
	l := newLoad(s.httpAddr(), 4)
	t.Cleanup(l.stop)
	s.untilShown("q quit", "next, previous problem")
	for range 2 {
		for _, step := range []struct{ key, shown string }{
			{"2", "Operations last 5m"}, {"3", "Latency last 5m"}, {"5", "Traces last 5m"}, {"?", "any other key closes"}, {"x", "Traces last 5m"}, {"8", "can the figures be trusted"},
		} {
			s.press(step.key)
			s.untilShown("oteltop", "q quit", step.shown)
		}
		figures := map[string]bool{}
		s.until("five refreshes", func(text string) bool {
			status, _, _ := strings.Cut(text, "\n")
			figures[status] = true
			return len(figures) >= 6 // one of them may be that of before
		})
	}
	if l.failed.Load() > 0 || l.sent.Load() == 0 {
		t.Errorf("%d requests failed, %d spans were sent", l.failed.Load(), l.sent.Load())
	}
	s.press("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// BenchmarkKeysUnderLoad is the time from a key to the screen that answers it while spans come as fast as
// they are taken, from another process on the same cores. Bar: p99 ≤ 50 ms.
func BenchmarkKeysUnderLoad(b *testing.B) {
	s := onScreen(b, append([]string{"--memory", "256MiB"}, anyPort...)...)
	addr := s.httpAddr()
	senders := oteltop(b)
	senders.Env = []string{asLoad + "=" + addr}
	if err := senders.Start(); err != nil {
		b.Fatal(err)
	}
	defer senders.Wait()
	defer senders.Process.Kill()
	s.untilShown("q quit", "next, previous problem")
	keys := []struct{ key, shown string }{{"2", "Operations last 5m"}, {"?", "any other key closes"}, {"x", "Operations last 5m"}, {"5", "Traces last 5m"}, {"8", "can the figures be trusted"}, {"1", "next, previous problem"}}
	var took []time.Duration
	began, before := time.Now(), spansAt(b, addr)
	for i := 0; b.Loop(); i++ {
		k := keys[i%len(keys)]
		start := time.Now()
		s.press(k.key)
		s.until(k.shown, func(text string) bool {
			return strings.Contains(text, k.shown) && (k.key != "x" || !strings.Contains(text, "any other key"))
		})
		s.mu.Lock()
		took = append(took, s.came.Sub(start)) // drawing it takes the emulator longer than the program
		s.mu.Unlock()
		time.Sleep(time.Duration(i*7919%50) * time.Millisecond) // people do not keep step with frames
	}
	b.ReportMetric((spansAt(b, addr)-before)/time.Since(began).Seconds(), "spans/s")
	slices.Sort(took)
	for name, q := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
		b.ReportMetric(float64(took[int(q*float64(len(took)-1))])/1e6, name)
	}
}

// spansAt is how many spans a running program says it has received.
func spansAt(b *testing.B, addr string) float64 {
	b.Helper()
	answer := fetch(b, "http://"+addr+"/report/coverage")
	m := regexp.MustCompile(`"received": *(\d+)`).FindStringSubmatch(answer)
	if m == nil {
		b.Fatalf("no number of spans in %s", answer)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkFirstSpan is the time from the answer to an export to its trace on the list of traces, at the default
// refresh. Bar: 300 ms.
func BenchmarkFirstSpan(b *testing.B) {
	s := onScreen(b, anyPort...)
	addr := s.httpAddr()
	s.press("5")
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("first-%d", i)
		now := time.Now()
		body := fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"spans":[
			{"traceId":"%032x","spanId":"0000000000000001","name":%q,"kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"}]}]}]}`, i+1, name, now.Add(-time.Millisecond).UnixNano(), now.UnixNano())
		p, err := http.Post("http://"+addr+"/v1/traces", "application/json", strings.NewReader(body))
		if err != nil || p.StatusCode != http.StatusOK {
			b.Fatal(p, err)
		}
		p.Body.Close()
		received := time.Now()
		s.untilShown(name + " ")
		s.mu.Lock()
		took = append(took, s.came.Sub(received))
		s.mu.Unlock()
		time.Sleep(time.Duration(i*7919%250) * time.Millisecond) // spans do not keep step with refreshes
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "max-ms")
}

// BenchmarkIdle is the share of one core that the program takes while nothing comes: on the empty screen,
// and with traces of the demo's fifteen services on it. Bar: 1 %.
func BenchmarkIdle(b *testing.B) {
	for _, received := range []time.Duration{0, 10 * time.Second} {
		b.Run("traces="+received.String(), func(b *testing.B) {
			s := onScreen(b, anyPort...)
			addr := s.httpAddr()
			now := time.Now()
			for _, r := range demo.Generate(demo.Options{Rate: 100, Seed: 1}, now.Add(-received), now) {
				p, err := http.Post("http://"+addr+"/v1/traces", "application/x-protobuf", bytes.NewReader(r))
				if err != nil || p.StatusCode != http.StatusOK {
					b.Fatal(p, err)
				}
				p.Body.Close()
			}
			time.Sleep(15 * time.Second) // until every trace has settled for good
			began, used := time.Now(), cpuOf(b, s.cmd.Process.Pid)
			for b.Loop() {
				time.Sleep(10 * time.Second)
			}
			b.ReportMetric(100*(cpuOf(b, s.cmd.Process.Pid)-used).Seconds()/time.Since(began).Seconds(), "%CPU")
		})
	}
}

// cpuOf is the processor time that a process has used, from Linux's /proc, to a hundredth of a second.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skipf("no processor times on %s: %v", runtime.GOOS, err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
