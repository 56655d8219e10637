package main

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// slowLink is an SSH connection over a slow line: it takes whatever it is given, as sshd and the network's buffers
// do, and hands it on at its own rate.
type slowLink struct {
	perSecond int // bytes

	mu    sync.Mutex
	queue []byte // protected by mu
	most  int    // protected by mu; the most that was in the queue
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
	// slowMost is what may come between a key and what it does: the frame that is under way, the one that was
	// sent with the question whether that came, and the key's own, before and after its answer.
	slowMost = 4 * slowFrame
)

// Over a line of 16 kB/s, while spans come as fast as they are taken, each key is answered within a few frames, since
// those in between are dropped; no key is lost, and the receiver goes on.
func TestSlowLink(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the line")
	}
	link := &slowLink{perSecond: 16_000}
	s := onScreenOver(t, oteltop(t, append([]string{"--memory", "64MiB"}, anyPort...)...), slowWidth, slowHeight, link)
	l := newLoad(s.httpAddr(), 2)
	t.Cleanup(l.stop)
	s.untilShown("q quit", "next, previous problem")
	worst := 0
	for _, step := range []struct{ key, shown string }{ // what the last line says, which comes last
		{"2", "T traces"}, {"3", "V explain the slowest"}, {"5", "enter waterfall"}, {"?", "any other key closes"}, {"x", "enter waterfall"}, {"8", "enter its rows"}, {"2", "T traces"},
	} {
		before, after := len(s.written()), 0
		s.press(step.key)
		s.until(step.shown, func(text string) bool {
			after = s.raw.Len()
			return strings.Contains(text, step.shown) && (step.key != "x" || !strings.Contains(text, "any other key"))
		})
		t.Logf("%q after %d bytes", step.key, after-before)
		worst = max(worst, after-before)
	}
	if worst > slowMost {
		t.Errorf("%d bytes between a key and what it does, want at most %d", worst, slowMost)
	}
	const typed = "duration > 1ms && service != nobody"
	s.press("/")
	for _, r := range typed {
		s.press(string(r))
	}
	s.untilShown("/ " + typed)
	if link.most > slowMost {
		t.Errorf("%d bytes were on their way at once, want at most %d", link.most, slowMost)
	}
	was := l.sent.Load()
	s.until("spans", func(string) bool { return l.sent.Load() > was })
	if l.failed.Load() > 0 {
		t.Errorf("%d requests failed", l.failed.Load())
	}
	t.Logf("at most %d bytes between key and effect, %d on their way; %d spans were taken meanwhile", worst, link.most, l.sent.Load())
	s.press("\x03")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.checkRestored()
}
