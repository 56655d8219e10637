package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
)

// stuck answers nothing until it is told to, or the question is cancelled.
type stuck struct {
	*fakeEngine
	asides bool // only what lenses ask aside
}

func (e stuck) Status(ctx context.Context) (*aggregate.Status, error) {
	if e.asides {
		return e.fakeEngine.Status(ctx)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e stuck) Findings(ctx context.Context, _ aggregate.FindingsQuery) (*aggregate.Findings, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e stuck) Shapes(ctx context.Context, _ aggregate.Query) (*aggregate.Shapes, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e stuck) Trends(ctx context.Context, _ aggregate.Query) (*aggregate.Trends, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// answers runs commands beside the program and collects what they come back with.
func answers(cmd tea.Cmd) <-chan tea.Msg {
	c := make(chan tea.Msg, 16)
	var run func(tea.Cmd)
	run = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		switch m := cmd().(type) {
		case tea.BatchMsg:
			for _, x := range m {
				go run(x)
			}
		default:
			c <- m
		}
	}
	go run(cmd)
	return c
}

// came waits for what a question comes back with.
func came[T tea.Msg](t *testing.T, c <-chan tea.Msg) (m T) {
	t.Helper()
	for late := time.After(20 * time.Second); ; {
		select {
		case x := <-c:
			if m, ok := x.(T); ok {
				return m
			}
		case <-late:
			t.Fatal("the question goes on")
		}
	}
}

// On every lens a question that takes long says so and for how long; Esc takes it back and says that.
func TestEveryWaitShowsAndCancels(t *testing.T) {
	for key := range 8 {
		lens := Lens(key)
		t.Run(lens.String(), func(t *testing.T) {
			s := start(newFake(), 120, 40)
			if lens == LensMap {
				s.keys("2")
			}
			s.app.o.Engine = stuck{fakeEngine: newFake()}
			out := answers(s.hold(fmt.Sprint(key + 1)))
			s.send(overdueMsg{})
			s.mustNotShow(t, "asking for")
			s.clock = s.clock.Add(1234 * time.Millisecond)
			s.send(overdueMsg{})
			s.mustShow(t, "asking for 1.23s", "esc cancels")
			s.clock = s.clock.Add(time.Second)
			s.send(overdueMsg{})
			s.mustShow(t, "asking for 2.23s")
			s.keys("esc")
			s.mustNotShow(t, "asking for")
			s.mustShow(t, cancelled, "FROZEN")
			m := came[answerMsg](t, out)
			if m.err == nil {
				t.Errorf("the question was not cancelled: %+v", m)
			}
			s.send(m)
			s.mustShow(t, cancelled) // the late answer is nobody's
			s.app.o.Engine = newFake()
			s.tick()
			s.mustShow(t, cancelled)
			s.keys("space")
			s.mustNotShow(t, cancelled, "FROZEN", "asking for")
		})
	}
}

// What is asked aside is waited for as visibly, and can be taken back, while the rest of the screen goes on.
func TestAsidesShowAndCancel(t *testing.T) {
	for _, c := range []struct {
		name string
		show func(s *session) tea.Cmd
	}{
		{"findings", func(s *session) tea.Cmd { return s.hold("4") }},
		{"shapes", func(s *session) tea.Cmd { return s.hold("6") }},
		{"sheet", func(s *session) tea.Cmd {
			cmd := s.app.act(OpenSheet{Name: sheetTrends, Scope: Scope{Last: time.Minute}})
			s.app.trail = newTrail(s.app.trail.here()) // as a kept view begins
			return cmd
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(newFake(), 120, 40)
			s.app.o.Engine = stuck{newFake(), true}
			out := answers(c.show(s))
			s.send(came[answerMsg](t, out)) // the status line's
			s.clock = s.clock.Add(3 * time.Second)
			s.send(overdueMsg{})
			s.mustShow(t, "3.00s", "esc cancels")
			s.keys("esc")
			if m := came[asideMsg](t, out); m.err == nil {
				t.Errorf("the question was not cancelled: %+v", m)
			}
			s.mustShow(t, cancelledAside)
			s.mustNotShow(t, "FROZEN")
			s.app.o.Engine = newFake()
			s.tick()
			s.mustShow(t, cancelledAside)
			s.clock = s.clock.Add(cancelledResume)
			s.tick()
			s.mustNotShow(t, cancelledAside)
		})
	}
}

// Esc from a step of the drill that is not there yet goes back at once, to figures that are.
func TestEscFromAStepThatIsNotThere(t *testing.T) {
	s := start(newFake(), 120, 40)
	s.keys("2")
	engine := s.app.o.Engine
	s.app.o.Engine = stuck{fakeEngine: newFake()}
	out := answers(s.hold("enter"))
	s.app.o.Engine = engine
	s.clock = s.clock.Add(time.Second)
	s.keys("esc")
	if m := came[answerMsg](t, out); m.err == nil {
		t.Errorf("the question was not cancelled: %+v", m)
	}
	if p := s.app.trail.here(); p.lens != LensOperations || s.app.pause.on {
		t.Errorf("esc leads to %v, frozen: %v", p.lens, s.app.pause.on)
	}
	s.mustShow(t, "checkout")
}

// One message at a time looks after what is out, none where nothing is.
func TestWatchIsQuiet(t *testing.T) {
	s := start(newFake(), 120, 40)
	var in []time.Duration
	s.app.later = laterInto(&in)
	s.app.watching = false
	_ = s.hold("2", "3", "5")
	if len(in) != 1 || !s.app.watching {
		t.Errorf("three questions in a row are watched by %d messages", len(in))
	}
	was := s.app.view
	s.send(overdueMsg{}) // too early: none of them is late
	if s.app.View().Content != was.Content && strings.Contains(s.screen(), "asking") {
		t.Error("a question of no age is thought to take long")
	}
	s = start(newFake(), 120, 40)
	s.app.View()
	s.send(overdueMsg{})
	if s.app.dirty || s.app.watching {
		t.Error("a screen that waits for nothing is drawn or watched")
	}
}

// An answer that took long leaves the processor to others for as long again.
func TestSlowAnswersAreAskedSeldom(t *testing.T) {
	s := start(newFake(), 120, 40)
	cmd := s.hold("2")
	s.clock = s.clock.Add(3 * time.Second)
	var in []time.Duration
	s.app.later = laterInto(&in)
	s.run(cmd)
	if len(in) == 0 || in[0] != 3*time.Second {
		t.Errorf("after an answer of 3 s the next is asked after %v", in)
	}
}
