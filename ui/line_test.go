package ui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// attributes is what every terminal answers.
var attributes = uv.PrimaryDeviceAttributesEvent{62, 22}

// over is a screen whose terminal answers, and has seen everything.
func over(t *testing.T) *session {
	t.Helper()
	s := start(newFake(), 120, 40)
	s.send(struct{}{})
	s.seen()
	return s
}

// seen lets the terminal answer until it owes nothing.
func (s *session) seen() {
	for s.app.line.sent || s.app.line.asked {
		s.send(attributes)
	}
	s.out = nil
}

// asked counts what the terminal was asked.
func (s *session) asked() (n int) {
	for _, m := range s.out {
		if _, ok := m.(tea.RawMsg); ok {
			n++
		}
	}
	return n
}

// While the terminal has not come so far, nothing is drawn; no key is lost, and the next frame is of the newest.
func TestFramesAreDroppedAndKeysAreNot(t *testing.T) {
	s := over(t)
	s.keys("2")
	s.seen()
	first := s.app.View().Content
	s.keys("down")
	second := s.app.View().Content
	s.keys("down") // on its way with the question how far the terminal is
	third := s.app.View().Content
	if first == second || second == third || s.asked() != 1 {
		t.Fatalf("a line that is idle does not take keys at once: asked %d times", s.asked())
	}
	s.clock = s.clock.Add(lineGrace)
	s.keys("down", "down", "3", "5", "down")
	s.tick()
	if s.app.View().Content != third || s.asked() != 1 {
		t.Errorf("drawn although the terminal had not come so far; asked %d times", s.asked())
	}
	s.send(struct{}{}) // messages of no interest
	s.send(attributes)
	if p := s.app.trail.here(); p.lens != LensTraces {
		t.Errorf("keys went to %v", p.lens)
	}
	if at := s.app.screens[LensTraces].(*Traces).table.at; at != 1 {
		t.Errorf("the cursor is on row %d", at)
	}
	s.mustShow(t, "Traces", "GET /checkout")
}

// A screen that does not change asks nothing.
func TestUnchangedScreensAskNothing(t *testing.T) {
	s := over(t)
	for range 5 {
		s.tick()
		s.screen()
	}
	if n := s.asked(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// A terminal that does not answer is asked once and shown everything; an answer that is lost holds the screen for a
// while, not for ever.
func TestTerminalsThatDoNotAnswer(t *testing.T) {
	s := start(newFake(), 120, 40)
	for _, k := range []string{"2", "3", "5", "8", "2"} {
		was := s.screen()
		s.keys(k)
		if s.screen() == was {
			t.Errorf("%s is not drawn", k)
		}
	}
	if n := s.asked(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	s = over(t)
	s.keys("2", "3")
	s.clock = s.clock.Add(lineGrace)
	was := s.screen()
	s.keys("5")
	if s.screen() != was {
		t.Error("drawn before the answer")
	}
	s.clock = s.clock.Add(linePatience)
	s.tick()
	if s.screen() == was {
		t.Error("an answer that was lost stops the screen")
	}
}

// A question leaves with the next tick of the renderer. On a line that was quick last time a key does not wait for it,
// but for no longer than the question may take, and nothing more is asked meanwhile.
func TestQuickLinesHoldNoKeyUp(t *testing.T) {
	for _, c := range []struct {
		name          string
		answer, later time.Duration
		drawn         bool
	}{
		{"at once, on a quick line", 0, 0, true},
		{"before the answer is due", lineQuick - 1, lineGrace - 1, true},
		{"when the answer is late", 0, lineGrace, false},
		{"on a slow line", lineQuick, 0, false},
	} {
		s := over(t)
		s.keys("2") // asks
		s.clock = s.clock.Add(c.answer)
		s.send(attributes)
		s.keys("3")
		for s.app.line.sent && !s.app.line.asked {
			s.tick()
		}
		s.out = nil
		s.clock = s.app.line.since.Add(c.later)
		was := s.screen()
		s.keys("?")
		if drawn := s.screen() != was; drawn != c.drawn {
			t.Errorf("%s: drawn %v", c.name, drawn)
		}
		if s.asked() > 0 {
			t.Errorf("%s: asked again", c.name)
		}
	}
}

// Quitting waits for an answer that is on its way, and not for long.
func TestQuitLeavesNoAnswerBehind(t *testing.T) {
	quits := func(s *session) bool {
		for _, m := range s.out {
			if _, ok := m.(tea.QuitMsg); ok {
				return true
			}
		}
		return false
	}
	s := over(t)
	s.keys("down", "q") // the line is idle, and would be asked about the cursor's frame
	if !quits(s) || s.asked() != 0 {
		t.Errorf("q waits although nothing is on its way, or asks: %d", s.asked())
	}
	for name, end := range map[string]func(s *session){
		"the answer": func(s *session) { s.send(attributes) },
		"patience":   func(s *session) { s.send(quitMsg{}) },
		"ctrl-c":     func(s *session) { s.send(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}) },
	} {
		s := over(t)
		s.keys("2", "3", "q")
		var in []time.Duration
		s.app.later = laterInto(&in)
		if quits(s) {
			t.Errorf("%s: left while an answer is on its way", name)
		}
		end(s)
		if !quits(s) {
			t.Errorf("%s does not end the program", name)
		}
	}
}
