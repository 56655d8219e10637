package ui

import (
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/colorprofile"
)

func TestResample(t *testing.T) {
	for _, c := range []struct {
		name  string
		v     []uint64
		first int64
		w     int
		how   fold
		want  []float64
	}{
		{"as many steps as columns", []uint64{1, 2, 3}, 0, 3, foldMean, []float64{1, 2, 3}},
		{"stretched", []uint64{1, 2}, 0, 4, foldMean, []float64{1, 1, 2, 2}},
		{"means", []uint64{1, 3, 5, 7}, 0, 2, foldMean, []float64{2, 6}},
		{"peaks", []uint64{1, 9, 5, 7}, 0, 2, foldMax, []float64{9, 7}},
		{"groups stay with absolute time", []uint64{1, 3, 5, 7}, 1, 2, foldMean, []float64{4, 7}},
		{"nothing", nil, 0, 3, foldMean, []float64{noStep, noStep, noStep}},
	} {
		out := make([]float64, c.w)
		peak := resample(out, c.v, c.first, c.how)
		if !slices.Equal(out, c.want) {
			t.Errorf("%s: %v, want %v", c.name, out, c.want)
		}
		if want := max(0, slices.Max(c.want)); peak != want {
			t.Errorf("%s: peak %v, want %v", c.name, peak, want)
		}
	}
}

// While the window moves by one step, a bar either stays as it is or moves by one column.
func TestResampleDoesNotDance(t *testing.T) {
	series := make([]uint64, 200)
	for i := range series {
		series[i] = uint64(i * i % 97)
	}
	const n, w = 60, 13
	before := make([]float64, w)
	for first := range int64(100) {
		after := make([]float64, w)
		resample(after, series[first:first+n], first, foldMax)
		if first > 0 {
			inner := after[1 : w-1] // the ends hold groups that are cut by the window
			stays, moves := slices.Equal(inner, before[1:w-1]), slices.Equal(inner[:w-3], before[2:w-1])
			if !stays && !moves {
				t.Fatalf("at %d: %v became %v", first, before, after)
			}
		}
		before = after
	}
}

func sparkText(w, h int, ascii bool, draw func(a canvas.Area, f *Frame)) string {
	f := mapFrame(themes.New("dark", colorprofile.ASCII, ascii), w, h)
	c := canvas.New(w, h)
	draw(c.All(), f)
	return mapText(c)
}

func TestSparkBars(t *testing.T) {
	bar := func(a canvas.Area, f *Frame) { bars(a, []float64{0, 1, 4, 8, noStep}, 8, nil, f.Theme.Text, f) }
	for _, c := range []struct {
		h     int
		ascii bool
		want  string
	}{
		{1, false, "▁▁▄█\n"},
		{2, false, "   █\n▁▂██\n"},
		{1, true, "..=#\n"},
	} {
		if got := sparkText(5, c.h, c.ascii, bar); got != c.want {
			t.Errorf("%d rows, ascii %v:\n%s want\n%s", c.h, c.ascii, got, c.want)
		}
	}
}

func TestSparkP95(t *testing.T) {
	tr := &aggregate.Trend{Step: 1, P95: []int64{0, 1, 2, 4}, Calls: make([]uint64, 4), Errors: make([]uint64, 4)}
	draw := func(a canvas.Area, f *Frame) { sparkP95(a, tr, f) }
	if got, want := sparkText(2, 1, false, draw), "⢀⣼\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := sparkText(4, 1, true, draw), "._=#\n"; got != want {
		t.Errorf("ascii: %q, want %q", got, want)
	}
}

// Columns in which calls failed are told apart from the others.
func TestSparkCallsShowsFailures(t *testing.T) {
	tr := &aggregate.Trend{Step: 1, Calls: []uint64{100, 100, 100}, Errors: []uint64{0, 50, 0}, P95: make([]int64, 3)}
	f := mapFrame(themes.New("dark", colorprofile.TrueColor, false), 3, 1)
	c := canvas.New(3, 1)
	sparkCalls(c.All(), tr, f)
	healthy := canvas.New(3, 1)
	sparkCalls(healthy.All(), &aggregate.Trend{Step: 1, Calls: tr.Calls, Errors: make([]uint64, 3)}, f)
	if c.Encode() == healthy.Encode() {
		t.Error("failures look like success")
	}
}
