package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// The outline of a selection is a line over the cells, which keep their colours: it takes no background anywhere.
func TestSelectionIsOutlined(t *testing.T) {
	s := watch(newFake(), "3", 120, 40, colorprofile.TrueColor)
	heat := func() string { return strings.Join(strings.Split(s.app.View().Content, "\n")[4:20], "\n") }
	r, g, b, _ := s.app.theme.Cursor.Bg.RGB()
	cursor := fmt.Sprintf("48;2;%d;%d;%d", r, g, b)
	s.keys("V")
	if text := s.screen(); !strings.Contains(text, "┏") || !strings.Contains(text, "┛") {
		t.Fatalf("no outline:\n%s", text)
	}
	if strings.Contains(heat(), cursor) {
		t.Error("cells of the outline have lost their colours")
	}
	s.keys("esc", "v")
	if !strings.Contains(heat(), cursor) {
		t.Error("a single cell is not filled")
	}
}

// The parts of an outline join, in ranges of one row and one column too.
func TestOutlineAt(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want string
	}{
		{3, 3, "┏━┓\n┃ ┃\n┗━┛\n"}, {4, 1, "┣━━┫\n"}, {1, 3, "┳\n┃\n┻\n"}, {2, 2, "┏┓\n┗┛\n"},
	} {
		var b strings.Builder
		for y := range c.h {
			for x := range c.w {
				glyph := outlineAt(x == 0, x == c.w-1, y == 0, y == c.h-1)
				if glyph == 0 {
					glyph = ' '
				}
				b.WriteRune(glyph)
			}
			b.WriteByte('\n')
		}
		if b.String() != c.want {
			t.Errorf("%dx%d:\n%s", c.w, c.h, b.String())
		}
	}
}

// Without colours the outline covers nothing of what is selected but four corners.
func TestOutlineWithoutColours(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		profile := colorprofile.ASCII
		s := start(newFake(), 120, 40)
		s.app.o.Profile, s.app.o.ASCII, s.app.profile = &profile, ascii, profile
		s.app.retheme("dark", true)
		s.keys("3", "L") // lines of percentiles would cover cells
		l := s.app.screen().(*Latency)
		shades := string(s.app.theme.Glyphs.Shades[1:])
		count := func() (n int) {
			for _, line := range splitLines(s.screen())[topRows+1:][:l.lay.rh*l.lay.rows] {
				r := []rune(line)
				for _, c := range r[l.lay.x:min(len(r), l.lay.x+l.lay.width)] {
					if strings.ContainsRune(shades, c) {
						n++
					}
				}
			}
			return n
		}
		before := count()
		l.ranged, l.touched = true, true
		l.anchor, l.cursor = l.point(2, 1), l.point(40, 3) // into the middle of the full cells
		s.tick()
		if after := count(); before == 0 || after < before-4 || after == before {
			t.Errorf("ascii %v: %d of %d full cells are seen", ascii, after, before)
		}
	}
}
