package ui

import (
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// A sentence that does not fit ends in an ellipsis, whatever piece of it does not; one that fits has none, even when
// blanks hang over.
func TestPenElides(t *testing.T) {
	var s themes.Style
	for name, c := range map[string]struct {
		write func(w *pen)
		want  string
	}{
		"fits":            {func(w *pen) { w.lit("abcdefgh", s) }, "abcdefgh"},
		"blanks beyond":   {func(w *pen) { w.lit("abcdefgh   ", s); w.lit(" ", s) }, "abcdefgh"},
		"literal":         {func(w *pen) { w.lit("abcdefghi", s) }, "abcdefg…"},
		"text":            {func(w *pen) { w.lit("abcd", s); w.text(model.Sanitise("efghi"), s) }, "abcdefg…"},
		"wide text":       {func(w *pen) { w.text(model.Sanitise("世界世界世"), s) }, "世界世 …"},
		"wide at the end": {func(w *pen) { w.lit("abcdefg", s); w.text(model.Sanitise("世"), s) }, "abcdefg…"},
		"figure":          {func(w *pen) { w.lit("abcdef", s); w.count(1234, s) }, "abcdef1…"},
		"only beyond":     {func(w *pen) { w.lit("abcdefgh", s); w.lit(" x", s) }, "abcdefg…"},
	} {
		k := canvas.New(8, 1)
		k.Reset(8, 1, s)
		c.write(&pen{a: k.All()})
		if got := strings.TrimRight(ansi.Strip(k.Encode()), " \n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
