package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// A terminal that becomes wider gets everything once more, when it has stopped growing.
func TestRepaintWider(t *testing.T) {
	s := start(newFake(), 80, 24)
	var waiting []tea.Msg
	s.app.later = func(after time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
		if after == repaintAfter {
			waiting = append(waiting, f(time.Time{}))
		}
		return nil
	}
	for _, c := range []struct {
		w, h    int
		waiting int
	}{{80, 40, 0}, {70, 40, 0}, {100, 40, 1}, {120, 40, 2}} {
		s.app.Update(tea.WindowSizeMsg{Width: c.w, Height: c.h})
		if len(waiting) != c.waiting {
			t.Fatalf("%dx%d: %d repaints wait, not %d", c.w, c.h, len(waiting), c.waiting)
		}
	}
	if cmd := s.app.update(waiting[0]); cmd != nil {
		t.Error("repainted while the window was dragged")
	}
	if cmd := s.app.update(waiting[1]); cmd == nil || cmd() != tea.ClearScreen() {
		t.Error("not repainted")
	}
}

// What became blank in columns that were not there before is blank on the terminal, thanks to the repaint.
func TestNothingStaysOfAWiderScreen(t *testing.T) {
	const narrow, wide, h = 40, 80, 4
	x := newWire(narrow, h, colorprofile.TrueColor)
	terminal := vt.NewEmulator(wide, h)
	show := func(line string) {
		x.show(t, line)
		if _, err := terminal.Write(x.sent.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	show(strings.Repeat("a", narrow))
	x.scr.Erase() // as Bubble Tea does at a new size
	x.scr.Resize(wide, h)
	x.screen = uv.NewScreenBuffer(wide, h)
	show(strings.Repeat("b", wide))
	x.scr.Erase() // tea.ClearScreen
	show(strings.Repeat("b", wide))
	show(strings.Repeat("b", narrow))
	if got := strings.TrimRight(ansi.Strip(strings.Split(terminal.Render(), "\n")[0]), " "); got != strings.Repeat("b", narrow) {
		t.Errorf("the terminal shows %q", got)
	}
}
