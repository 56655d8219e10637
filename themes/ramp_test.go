package themes

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// shine is the luminance of a colour that a theme must know.
func shine(t *testing.T, c Color) float64 {
	t.Helper()
	l, ok := luminance(c)
	if !ok {
		t.Fatal("a ramp holds the terminal's own colour")
	}
	return l
}

// On every ramp more is always farther from the background: lighter on dark, darker on light. Else a cell
// with more requests looks like one with fewer.
func TestRampsAreMonotone(t *testing.T) {
	for _, name := range Names() {
		for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			th := New(name, p, false)
			for what, ramp := range map[string][]Color{"heat": th.Heat, "error heat": th.ErrorHeat} {
				for i := 1; i < len(ramp); i++ {
					step := shine(t, ramp[i]) - shine(t, ramp[i-1])
					if !th.Dark {
						step = -step
					}
					if step <= 0 {
						t.Errorf("%s %s, profile %v: step %d goes back by %.3f", name, what, p, i, -step)
					}
				}
			}
		}
	}
}

// The lines of percentiles are seen on every colour of a heatmap.
func TestLinesAreSeenOnTheMap(t *testing.T) {
	for _, name := range Names() {
		for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			th := New(name, p, false)
			for what, s := range map[string]Style{"p50": th.P50, "p95": th.P95, "p99": th.P99, "error": th.Error} {
				for i, bg := range append(append([]Color{}, th.Heat...), th.ErrorHeat...) {
					over := s.Over(bg)
					if got, _ := Contrast(over.Fg, bg); got < LineContrast || over.Bg != bg || over.Attr != s.Attr {
						t.Errorf("%s in %v: %s has a contrast of %.2f on step %d", name, p, what, got, i)
					}
				}
			}
		}
	}
	if s := (Style{Fg: Indexed(9)}); s.Over(Indexed(230)) != s.On(Indexed(230)) {
		t.Error("a colour that the terminal decides is replaced")
	}
}
