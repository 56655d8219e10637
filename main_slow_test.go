package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"oteltop/feed/demo"
	"oteltop/model"
)

// slowLink is an SSH connection over a slow line: it takes whatever it is given, as sshd and the network's buffers
// do, and hands it on at its own rate.
type slowLink struct {
	perSecond int // bytes

	mu    sync.Mutex
	queue []byte // protected by mu
	most  int    // protected by mu; the most that was in the queue at once
	over  bool   // protected by mu
}

// linkStep is how often a slow link hands on what it may.
const linkStep = 20 * time.Millisecond

func (l *slowLink) take(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, b...)
	l.most = max(l.most, len(l.queue))
}

// worst is the most that was on its way at once.
func (l *slowLink) worst() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most
}

func (l *slowLink) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}

// carry hands on until the end.
func (l *slowLink) carry(to func([]byte)) {
	for {
		time.Sleep(linkStep)
		l.mu.Lock()
		n := min(len(l.queue), l.perSecond*int(linkStep)/int(time.Second))
		if l.over {
			n = len(l.queue)
		}
		b, over := append([]byte(nil), l.queue[:n]...), l.over
		l.queue = l.queue[n:]
		l.mu.Unlock()
		to(b)
		if over {
			return
		}
	}
}

const (
	slowWidth, slowHeight = 160, 45
	// slowFrame is what a whole frame of that size may take: 5 bytes a cell.
	slowFrame = slowWidth * slowHeight * 5
	// slowMost is what may come between a key and what it does: the frame that is under way and the one that was
	// sent with the question whether that came. Measured: 12 to 21 kB; 119 and growing without asking and pacing.
	slowMost = 2 * slowFrame
)

// slowSteps are keys, and what the last line of the screen, which comes last, says when they have done their work.
var slowSteps = []struct{ key, shown string }{
	{"2", "T traces"}, {"3", "V explain the slowest"}, {"5", "enter waterfall"}, {"?", "any other key closes"}, {"x", "enter waterfall"}, {"8", "enter its rows"}, {"2", "T traces"},
}

// slow starts the program over a line of 16 kB/s.
func slow(t *testing.T, args ...string) *screen {
	t.Helper()
	if testing.Short() {
		t.Skip("takes as long as the line")
	}
	return onScreenOver(t, oteltop(t, append(args, anyPort...)...), slowWidth, slowHeight, &slowLink{perSecond: 16_000})
}

// bytesTo presses a key and returns how many bytes came until it had done its work. They are counted as they come:
// whoever looks at the screen now and then sees it later, by as much as the machine is busy.
func (s *screen) bytesTo(key, shown string) (n int) {
	s.t.Helper()
	done := false
	s.mu.Lock()
	before := s.raw.Len()
	s.shown = func() {
		if text := s.emu.String(); !done && strings.Contains(text, shown) && (key != "x" || !strings.Contains(text, "any other key")) {
			done, n = true, s.raw.Len()-before
		}
	}
	s.mu.Unlock()
	s.press(key)
	s.until(shown, func(string) bool { return done })
	s.mu.Lock()
	s.shown = nil
	s.mu.Unlock()
	return n
}

// checkSlow wants keys to be answered within a few frames, all that is typed to arrive, and little to be on its way
// at any time.
func (s *screen) checkSlow(worst int) {
	s.t.Helper()
	const typed = "duration > 1ms && service != nobody"
	s.press("/")
	for _, r := range typed {
		s.press(string(r))
	}
	s.untilShown("/ " + typed)
	s.press("\x03")
	if code := s.end(); code != 0 {
		s.t.Errorf("exit code %d", code)
	}
	s.checkRestored()
	queued := s.link.worst()
	s.t.Logf("at most %d bytes between key and effect, %d on their way", worst, queued)
	if worst > slowMost {
		s.t.Errorf("%d bytes between a key and what it does, want at most %d", worst, slowMost)
	}
	if queued > slowMost {
		s.t.Errorf("%d bytes were on their way at once, want at most %d", queued, slowMost)
	}
}

// Over a slow line, while spans come as fast as they are taken, keys work and the receiver goes on.
func TestSlowLinkUnderLoad(t *testing.T) {
	s := slow(t, "--memory", "64MiB")
	l := newLoad(s.httpAddr(), 2)
	t.Cleanup(l.stop)
	s.untilShown("q quit", "next, previous problem")
	worst := 0
	for _, step := range slowSteps {
		worst = max(worst, s.bytesTo(step.key, step.shown))
	}
	was := l.sent.Load()
	s.until("spans", func(string) bool { return l.sent.Load() > was })
	if l.failed.Load() > 0 {
		t.Errorf("%d requests failed", l.failed.Load())
	}
	s.checkSlow(worst)
}

// over is a sink that exports over HTTP to an address.
type over string

func (o over) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	return model.Receipt{}, o.post("traces", req)
}

func (o over) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return model.LogReceipt{}, o.post("logs", req)
}

func (o over) post(signal string, req []byte) error {
	p, err := http.Post("http://"+string(o)+"/v1/"+signal, "application/x-protobuf", bytes.NewReader(req))
	if err == nil {
		err = p.Body.Close()
	}
	return err
}

// shopInto sends the demo's traces as they come until the test or the program ends, without the history that --demo
// begins with: on a busy machine that can take longer to arrive than it lasts, and the list of the newest traces stays
// empty meanwhile.
func shopInto(t *testing.T, addr string, rate float64) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var sending sync.WaitGroup
	sending.Go(func() { _ = demo.New(demo.Options{Rate: rate, Backfill: -1}).Run(ctx, over(addr)) })
	t.Cleanup(func() {
		stop()
		sending.Wait()
	})
}

// A screen that changes several times as fast as the line is does not fall behind: what is in between is left out.
func TestSlowLinkThatIsFull(t *testing.T) {
	t.Parallel()
	s := slow(t, "--refresh", "50ms")
	shopInto(t, s.httpAddr(), 300)
	s.untilShown("q quit", "next, previous problem")
	s.press("5")
	s.untilShown("enter waterfall")
	worst := 0
	for range 3 {
		enough := len(s.written()) + slowFrame
		s.until("a frame's bytes of changes", func(string) bool { return s.raw.Len() >= enough })
		worst = max(worst, s.bytesTo("2", "T traces"), s.bytesTo("5", "enter waterfall"))
	}
	s.checkSlow(worst)
}
