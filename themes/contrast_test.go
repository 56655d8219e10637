package themes

import (
	"math"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// shades are the profiles whose colours a theme decides, and not the terminal.
var shades = []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256}

// Text is read on the paper of every theme, what matters less with less ease but still read; rules are seen
// and stand behind the text.
func TestTextIsRead(t *testing.T) {
	for _, name := range Names() {
		for _, p := range shades {
			th := New(name, p, false)
			for _, c := range []struct {
				what  string
				s     Style
				least float64
			}{
				{"text", th.Text, 7}, {"strong", th.Strong, 7}, {"dim", th.Dim, TextContrast}, {"accent", th.Accent, TextContrast},
				{"faint", th.Faint, 3.5}, {"placeholder", th.Placeholder, 3.5}, {"ghost", th.Ghost, LineContrast}, {"border", th.Border, 2.2},
				{"ok", th.OK, TextContrast}, {"warn", th.Warn, TextContrast}, {"error", th.Error, TextContrast}, {"info", th.Info, TextContrast},
			} {
				reads(t, name, p, c.what, c.s.Fg, th.Paper.Bg, c.least)
			}
			for i, s := range th.Series {
				reads(t, name, p, "series "+string(rune('a'+i)), s.Fg, th.Paper.Bg, LineContrast)
			}
		}
	}
}

// The status line, the footer and the row under the cursor have backgrounds of their own, on which text is read
// as well.
func TestTextIsReadOnBarsAndUnderTheCursor(t *testing.T) {
	for _, name := range Names() {
		for _, p := range shades {
			th := New(name, p, false)
			reads(t, name, p, "bar", th.Bar.Fg, th.Bar.Bg, 7)
			for what, s := range map[string]Style{"label on the bar": th.BarDim, "key": th.Key, "toast": th.Toast, "problem": th.ToastProblem, "tab": th.TabActive} {
				reads(t, name, p, what, s.Fg, s.Bg, TextContrast)
			}
			for what, s := range map[string]Style{"text": th.Text, "error": th.Error, "warning": th.Warn, "dim": th.Dim} {
				if th.Selected.Fg != 0 { // the cursor brings its own ink
					s = th.Selected
				}
				reads(t, name, p, what+" under the cursor", s.Fg, th.Selected.Bg, LineContrast)
			}
			reads(t, name, p, "dim under the quiet cursor", th.Dim.Fg, th.SelectedDim.Bg, LineContrast)
		}
	}
}

// With 16 colours some service has the colour of the cursor: this brings its own ink, and leaves bars as they are.
func TestServicesAreReadUnderTheCursorOfSixteenColours(t *testing.T) {
	for _, name := range Names() {
		th := New(name, colorprofile.ANSI, false)
		if th.Selected.Fg == 0 || th.Selected.Fg == th.Selected.Bg || th.SelectedBar.Bg != 0 {
			t.Errorf("%s: the cursor is %+v, over bars %+v", name, th.Selected, th.SelectedBar)
		}
	}
}

func reads(t *testing.T, theme string, p colorprofile.Profile, what string, fg, bg Color, least float64) {
	t.Helper()
	if got, ok := Contrast(fg, bg); !ok || got < least {
		t.Errorf("%s in %v: %s has a contrast of %.2f, want %.1f", theme, p, what, got, least)
	}
}

// No service has a colour that passes for a judgement: names in it would look as if they had failed.
func TestServicesDoNotLookLikeJudgements(t *testing.T) {
	const least = 40 // of 441 in RGB; identical hues of one brightness are below
	channel := func(c Color, shift uint) float64 { return float64(c >> shift & 0xff) }
	for _, p := range palettes() {
		for i, s := range p.series {
			for what, judgement := range map[string]swatch{"error": p.fail, "warning": p.warn} {
				d := 0.0
				for _, shift := range []uint{0, 8, 16} {
					x := channel(Color(s.hex), shift) - channel(Color(judgement.hex), shift)
					d += x * x
				}
				if math.Sqrt(d) < least {
					t.Errorf("%s: the colour of services %d is that of %s, %.0f apart", p.name, i, what, math.Sqrt(d))
				}
			}
		}
	}
}
