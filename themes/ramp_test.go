package themes

import (
	"math"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// luminance is the relative luminance of a colour in [0,1], as WCAG defines it.
func luminance(t *testing.T, c Color) float64 {
	t.Helper()
	r, g, b, ok := c.RGB()
	if i, indexed := c.Index(); !ok && indexed {
		r, g, b = xterm(i)
	} else if !ok {
		t.Fatal("a ramp holds the terminal's own colour")
	}
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// xterm is what terminals show for an index from 16 on: a cube of 6×6×6, then greys.
func xterm(i uint8) (r, g, b uint8) {
	if i >= 232 {
		v := 8 + 10*(i-232)
		return v, v, v
	}
	level := [...]uint8{0, 95, 135, 175, 215, 255}
	i -= 16
	return level[i/36], level[i/6%6], level[i%6]
}

// On every ramp more is always farther from the background: lighter on dark, darker on light. Else a cell
// with more requests looks like one with fewer.
func TestRampsAreMonotone(t *testing.T) {
	for _, name := range Names() {
		for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			th := New(name, p, false)
			for what, ramp := range map[string][]Color{"heat": th.Heat, "error heat": th.ErrorHeat} {
				for i := 1; i < len(ramp); i++ {
					step := luminance(t, ramp[i]) - luminance(t, ramp[i-1])
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
