package ui

import (
	"context"
	"os"
	"testing"
	"time"

	"oteltop/aggregate"
)

// A file that takes long to make says so and for how long; Esc gives it up without leaving the screen, and leaves no
// file behind.
func TestWritingShowsAndCancels(t *testing.T) {
	t.Chdir(t.TempDir())
	s := start(newFake(), 120, 40)
	s.keys("2", "5")
	cmd := s.app.act(Write{Name: "trace-1.json", Content: func(ctx context.Context, _ aggregate.Engine) ([]byte, error) {
		<-ctx.Done()
		return []byte("too late"), nil
	}})
	out := answers(cmd)
	s.mustNotShow(t, "writing")
	s.clock = s.clock.Add(1300 * time.Millisecond)
	s.send(overdueMsg{})
	s.mustShow(t, "writing trace-1.json 1.30s, esc cancels")
	if m, ok := s.app.act(Write{Name: "trace-2.json"})().(toastMsg); !ok || !m.problem {
		t.Errorf("a second file at a time: %+v", m)
	}
	s.keys("esc")
	s.send(came[writtenMsg](t, out))
	s.mustShow(t, "not written: cancelled")
	if p := s.app.trail.here(); p.lens != LensTraces {
		t.Errorf("esc leads to %v", p.lens)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	s.send(toastExpired{s.app.toast.id})
	s.mustNotShow(t, "writing")
	write := Write{Name: "trace-1.json", Content: func(context.Context, aggregate.Engine) ([]byte, error) { return []byte("{}"), nil }}
	for _, name := range []string{"trace-1.json", "trace-1-2.json"} {
		s.run(s.app.act(write))
		s.mustShow(t, "wrote ", name+" (2B)")
	}
}
