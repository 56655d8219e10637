package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// A value that nothing has names the nearest that there is, and tab takes it.
func TestFilterNamesTheNearestValue(t *testing.T) {
	t.Parallel()
	s := watch(stillShop(t), "2", 100, 30, colorprofile.TrueColor)
	s.keys("/")
	s.text(`service = "chekout"`)
	s.mustShow(t, `no service "chekout"; tab: checkout`)
	s.keys("left") // asks for completions anew
	s.mustShow(t, `no service "chekout"; tab: checkout`)
	s.keys("tab")
	b := s.app.overlay.(*filterBar)
	if got := b.in.Value(); got != `service = "checkout"` {
		t.Errorf("tab wrote %s", got)
	}
	s.mustNotShow(t, "0 of ", "; tab")
	s.text(` && name = "GTE /"`)
	if b.count == nil || b.count.Traces != 0 {
		t.Fatalf("counted %+v", b.count)
	}
	s.mustNotShow(t, "no name")
}

// Beside the suggestions nothing of the screen below is left.
func TestFilterHintsLeaveNothingBeside(t *testing.T) {
	t.Parallel()
	s := watch(stillShop(t), "2", 100, 30, colorprofile.TrueColor)
	s.keys("/")
	s.text("s")
	b := s.app.overlay.(*filterBar)
	if len(b.hints) < 3 {
		t.Fatalf("%d suggestions", len(b.hints))
	}
	for y, line := range splitLines(s.screen())[lensRow+1 : lensRow+1+min(maxHints, len(b.hints))] {
		if !strings.HasPrefix(line, "   "+b.hints[y].Text) {
			t.Errorf("line %d: %q", y, line)
		}
	}
}

// While text is typed the footer names the keys that do something then, not those of the screen, which are letters.
func TestFooterWhileTyping(t *testing.T) {
	s := start(newFake(), 80, 24)
	for open, want := range map[string]string{"/": "enter puts it in force  tab completes", ":": "enter goes there"} {
		s.keys("5", open)
		footer := splitLines(s.screen())[23]
		if !strings.Contains(footer, want) || strings.Contains(footer, "waterfall") || strings.Contains(footer, "quit") {
			t.Errorf("%s: footer %q", open, footer)
		}
		s.keys("esc")
		if footer := splitLines(s.screen())[23]; !strings.Contains(footer, "waterfall") {
			t.Errorf("after %s: footer %q", open, footer)
		}
	}
}
