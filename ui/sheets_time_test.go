package ui

import (
	"math"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/paths"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// The rows below a request add up to what its slow ones take longer, each bar beginning where the last ended; call paths
// that hardly matter are one row.
func TestTailAddsUp(t *testing.T) {
	r := aggregate.TailRow{Place: model.Place{Service: "web", Operation: "GET /"}, Fast: 10e6, Slow: 110e6}
	for _, x := range []struct {
		name  string
		delta float64
	}{{"SELECT", 90e6}, {"POST", 20e6}, {"GET", -12e6}, {"PUT", 1.2e6}, {"a", .5e6}, {"b", -.2e6}, {"c", .5e6}} {
		r.Parts = append(r.Parts, aggregate.TailPart{
			Contribution: paths.Contribution{Delta: x.delta, More: x.delta / 4, Slower: x.delta * 3 / 4, Share: x.delta / 100e6},
			Path:         []model.Place{r.Place, {Service: "shop", Operation: x.name}},
		})
	}
	rows := tailAnswer(&aggregate.Tail{Requests: []aggregate.TailRow{r}}).rows
	if len(rows) != 6 {
		t.Fatalf("%d rows, want the request, four parts and what is left", len(rows))
	}
	var sums [4]float64 // longer, share, more calls, slower calls
	at := 0.0
	for _, row := range rows[1:] {
		for i := range sums {
			sums[i] += row.cells[1+i].n
		}
		if bar := row.cells[1]; math.Abs(bar.from-at) > 1e-9 {
			t.Errorf("%v begins at %v, want %v", row.cells[0], bar.from, at)
		}
		at += row.cells[1].bar
	}
	for i, want := range [4]float64{100e6, 1, 25e6, 75e6} {
		if math.Abs(sums[i]-want) > 1e-6*want {
			t.Errorf("column %d adds up to %v, want %v", 1+i, sums[i], want)
		}
	}
	if last := rows[5].cells[0].text.String(); last != "3 more call paths" || rows[0].cells[1].bar != 1 || math.Abs(at-1) > 1e-9 {
		t.Errorf("last is %q, the whole a bar of %v, the parts end at %v", last, rows[0].cells[1].bar, at)
	}
}

// What became faster among slower ones is a share below nothing, and not nothing.
func TestNegativeShares(t *testing.T) {
	k := canvas.New(8, 1)
	k.Reset(8, 1, themes.Style{})
	(&Sheet{}).draw(&sheetCell{kind: cellShare, n: -.12}, 0, k.All(), mapFrame(plainTheme(), 80, 24))
	if got := strings.TrimRight(ansi.Strip(k.Encode()), "\n"); got != "    -12%" {
		t.Errorf("%q", got)
	}
}
