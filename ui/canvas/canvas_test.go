package canvas

import (
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/themes"

	"github.com/charmbracelet/x/ansi"
)

var (
	red  = themes.Style{Fg: themes.Indexed(9)}
	bold = themes.Style{Attr: themes.Bold}
)

func TestEncodeMergesRuns(t *testing.T) {
	c := New(8, 2)
	a := c.All()
	a.Lit(0, 0, "ab", red)
	a.Lit(2, 0, "cd", red.With(themes.Bold))
	a.Lit(4, 0, "ef", red)
	a.Lit(0, 1, "x", themes.Style{Bg: themes.RGB(0x010203)})
	want := "\x1b[91mab\x1b[1mcd\x1b[0;91mef\x1b[m  \n\x1b[48;2;1;2;3mx\x1b[m       "
	if got := c.Encode(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTextIsClipped(t *testing.T) {
	c := New(10, 3)
	a := c.All().Sub(2, 1, 4, 1)
	a.Text(0, 0, model.Sanitise("overlong"), red)
	a.Text(-2, 0, model.Sanitise("xxYY"), bold)
	a.Text(0, 1, model.Sanitise("outside"), red)
	if got, want := ansi.Strip(c.Encode()), "          \n  YYer    \n          "; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWideGraphemes(t *testing.T) {
	c := New(6, 1)
	n := c.All().Text(0, 0, model.Sanitise("a漢e\u0301"), red)
	if n != 4 {
		t.Errorf("used %d columns, want 4", n)
	}
	if got, want := ansi.Strip(c.Encode()), "a漢e\u0301  "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.Reset(2, 1, themes.Style{})
	c.All().Text(1, 0, model.Sanitise("漢"), red) // only its left half would fit
	if got := ansi.Strip(c.Encode()); got != "  " {
		t.Errorf("a wide grapheme was cut in half: %q", got)
	}
}

func TestCut(t *testing.T) {
	for _, k := range []struct {
		text string
		w    int
		want string
		used int
	}{{"abc", 3, "abc   ", 3}, {"abcd", 3, "ab…   ", 3}, {"漢字漢", 4, "漢…   ", 3}, {"abc", 0, "      ", 0}} {
		c := New(6, 1)
		n := c.All().Cut(0, 0, k.w, model.Sanitise(k.text), '…', red)
		if got := ansi.Strip(c.Encode()); got != k.want || n != k.used {
			t.Errorf("Cut(%q, %d) = %q using %d, want %q using %d", k.text, k.w, got, n, k.want, k.used)
		}
	}
}

func TestTargets(t *testing.T) {
	c := New(10, 4)
	c.All().Sub(2, 1, 3, 2).Target(Target{Kind: 1, Index: 7})
	c.All().Sub(3, 2, 3, 2).Target(Target{Kind: 2, Index: 8})
	for _, k := range []struct {
		x, y int
		want Target
	}{{2, 1, Target{1, 7}}, {3, 2, Target{2, 8}}, {0, 0, Target{}}, {-1, 0, Target{}}, {10, 0, Target{}}, {0, 4, Target{}}} {
		if got := c.At(k.x, k.y); got != k.want {
			t.Errorf("At(%d, %d) = %v, want %v", k.x, k.y, got, k.want)
		}
	}
}

// Whatever is drawn wherever, every line of the result is as wide as the canvas, and encoding is safe.
func TestEveryLineIsExactlyAsWideAsTheCanvas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"plain", "漢字かな", "e\u0301\u0302", "👩‍👩‍👧 family", "\x1b[31mred\x1b]8;;http://x\x07", "\u202eRTL", "tab\tnl\n", string([]byte{0xff, 0xfe}), ""}
	for range 300 {
		w, h := 1+r.IntN(40), 1+r.IntN(6)
		c := New(w, h)
		for range 20 {
			a := c.All().Sub(r.IntN(50)-5, r.IntN(10)-2, r.IntN(50), r.IntN(10))
			a.Text(r.IntN(50)-5, r.IntN(8)-1, model.Sanitise(texts[r.IntN(len(texts))]), red)
			a.Cut(r.IntN(50)-5, r.IntN(8)-1, r.IntN(20), model.Sanitise(texts[r.IntN(len(texts))]), '…', bold)
			a.Box(themes.New("dark", 0, false).Glyphs, red)
			a.Tint(bold)
		}
		lines := strings.Split(c.Encode(), "\n")
		if len(lines) != h {
			t.Fatalf("%d lines, want %d", len(lines), h)
		}
		for _, l := range lines {
			if got := ansi.StringWidth(l); got != w {
				t.Fatalf("line %q is %d wide, want %d", l, got, w)
			}
			if bare := ansi.Strip(l); strings.ContainsAny(bare, "\x1b\x07\t\r\u202e") {
				t.Fatalf("control characters in %q", bare)
			}
		}
	}
}

// scene fills the canvas as a busy screen does: every cell styled, runs of about six cells.
func scene(c *Canvas, th *themes.Theme, step int) {
	c.Reset(200, 50, themes.Style{})
	a := c.All()
	for y := range 50 {
		for x := 0; x < 200; x += 6 {
			s := themes.Style{Fg: th.Series[(x/6+y)%len(th.Series)].Fg, Bg: th.Heat[(x+y+step)%len(th.Heat)]}
			a.Lit(x, y, "p95 ms", s)
		}
	}
}

// The bar of DESIGN section 8: at most 2 allocations for drawing and encoding 200x50 when warm.
func TestDrawingAllocatesAlmostNothing(t *testing.T) {
	th := themes.New("dark", 4, false)
	c := New(200, 50)
	scene(c, th, 0)
	c.Encode()
	if n := testing.AllocsPerRun(20, func() { scene(c, th, 1); _ = c.Encode() }); n > 2 {
		t.Errorf("%v allocations per frame, want at most 2", n)
	}
}

func BenchmarkFrame200x50(b *testing.B) {
	th := themes.New("dark", 4, false)
	c := New(200, 50)
	b.ReportAllocs()
	for i := range b.N {
		scene(c, th, i)
		b.SetBytes(int64(len(c.Encode())))
	}
}

func TestPaperStandsForTheDefaultColours(t *testing.T) {
	c := New(3, 1)
	c.SetPaper(themes.Style{Fg: themes.Indexed(16), Bg: themes.Indexed(231)})
	c.All().Lit(1, 0, "x", red)
	if got, want := c.Encode(), "\x1b[38;5;16;48;5;231m \x1b[91mx\x1b[38;5;16m \x1b[m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Figures are ASCII and the dash of ranges; nothing else gets to the screen by them.
func TestFigure(t *testing.T) {
	c := New(12, 1)
	if n := c.All().Figure(1, 0, []byte("1–2s\x1b\xffü"), themes.Style{}); n != 7 {
		t.Errorf("%d columns, want 7", n)
	}
	if got := c.Encode(); got != " 1–2s???    " {
		t.Errorf("got %q", got)
	}
	c.Reset(12, 1, themes.Style{})
	c.All().Figure(0, 0, []byte("max x1.5 x-"), themes.Style{})
	if got := c.Encode(); got != "max ×1.5 x- " {
		t.Errorf("got %q", got)
	}
}
