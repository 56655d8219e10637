package ui

import (
	"testing"
	"time"

	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
)

// What a frame is thought to take is about what the terminal's renderer sends: no tenth less, and not twice as much.
func TestFrameBytes(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := newShop(t, 40, 20*time.Second)
	e.options.Rate = 200
	for _, key := range []string{"1", "2", "3", "5"} {
		s, x := watch(e, key, 200, 50, colorprofile.TrueColor), newWire(200, 50, colorprofile.TrueColor)
		was := s.app.View().Content
		x.show(t, was)
		sent, thought := 0, 0
		for range 8 {
			e.advance(t, time.Second/4)
			s.clock = e.now
			s.tick()
			is := s.app.View().Content
			sent, thought = sent+x.show(t, is), thought+frameBytes(was, is)
			was = is
		}
		if sent == 0 || thought < sent*9/10 || thought > 2*sent {
			t.Errorf("lens %s: %d bytes were sent, %d thought to be", key, sent, thought)
		}
	}
	if n := frameBytes("a\nb\nc", "a\nb\nc"); n != 0 {
		t.Errorf("a frame that does not change is thought to take %d bytes", n)
	}
}

// A refresh rests while the line is busy with what was sent, as long as that takes and no longer than a second.
func TestPace(t *testing.T) {
	at := func(p pace) time.Duration { return p.next.Sub(epoch) }
	var p pace
	p.sent(8000, 16_000, epoch)
	if got, want := at(p), 500*time.Millisecond-restSaved; got != want {
		t.Errorf("8 kB after rest: the next refresh is due after %v, want %v", got, want)
	}
	p.sent(8000, 16_000, epoch)
	if got, want := at(p), time.Second-restSaved; got != want {
		t.Errorf("16 kB after rest: due after %v, want %v", got, want)
	}
	for range 30 { // a key that is held
		p.sent(4000, 16_000, epoch)
	}
	if got := at(p); got != longestRest {
		t.Errorf("after 130 kB: due after %v", got)
	}
	p.sent(16, 16_000, epoch.Add(time.Minute))
	if got := at(p); got != time.Minute-restSaved+time.Millisecond {
		t.Errorf("16 bytes after a minute: due after %v", got)
	}
}

// A tick that comes too early asks nothing and comes again when the rest is over; keys do not wait for it.
func TestEarlyTicksWait(t *testing.T) {
	s := start(newFake(), 120, 40)
	var in []time.Duration
	s.app.later = laterInto(&in)
	s.app.pace.next = s.clock.Add(300 * time.Millisecond)
	was := s.app.pull.seq
	s.send(tickMsg{was})
	if s.app.pull.seq != was || len(in) != 1 || in[0] != 300*time.Millisecond {
		t.Errorf("an early tick asked %d times and is put off by %v", s.app.pull.seq-was, in)
	}
	s.keys("2")
	if s.app.pull.seq == was {
		t.Error("a key waited for the pace")
	}
	s.clock = s.app.pace.next
	was = s.app.pull.seq
	s.send(tickMsg{was})
	if s.app.pull.seq == was {
		t.Error("a tick that is due asked nothing")
	}
}
