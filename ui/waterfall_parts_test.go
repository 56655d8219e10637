package ui

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestContainsFold(t *testing.T) {
	r := modeltest.Rand(3)
	letters := []rune("aAbBéÉ1-")
	text := func(n int) string {
		var s []rune
		for range r.IntN(n) {
			s = append(s, letters[r.IntN(len(letters))])
		}
		return string(s)
	}
	for range 5000 {
		s, part := text(12), strings.ToLower(text(4))
		if part == "" {
			continue
		}
		if got, want := containsFold(s, part), strings.Contains(strings.ToLower(s), part); got != want {
			t.Fatalf("%q in %q: %v", part, s, got)
		}
	}
}

func TestTicksAreRoundAndApart(t *testing.T) {
	r := modeltest.Rand(5)
	for range 500 {
		lo := r.Int64N(1e18)
		seen := timeRange{lo, lo + zoomLeast + r.Int64N(int64(math.Pow(10, 2+16*r.Float64())))}
		k := ticksOf(seen, lo-r.Int64N(1e15), 20+r.IntN(200))
		last, n := -tickLeast, 0
		k.each(func(x int, o float64) {
			if x < 0 || x >= k.w || x-last < tickLeast-1 {
				t.Fatalf("tick at %d of %d after %d", x, k.w, last)
			}
			last = x
			n++
		})
		if most := k.w/(tickLeast-1) + 1; n > most {
			t.Fatalf("%d ticks in %d columns", n, k.w)
		}
		m := k.step / math.Pow(10, math.Floor(math.Log10(k.step)+1e-9))
		if d := math.Abs(m - math.Round(m)); d > 1e-6 || !strings.Contains("1 2 5", string(rune('0'+int(math.Round(m))))) {
			t.Fatalf("step %v", k.step)
		}
	}
}

// TestMinimapCountsSpansAtWork compares with looking at each span for each column.
func TestMinimapCountsSpansAtWork(t *testing.T) {
	for seed := range uint64(40) {
		r := modeltest.Rand(seed)
		m := randomSpansIn(r)
		s := newWaterfallScene(t, waterfallView(m), 120, 36)
		columns := 10 + r.IntN(90)
		var mini minimap
		mini.fill(s.w, columns)
		for x := range columns {
			want := 0.0
			for i := range m.Heads {
				lo := max(float64(x), mini.r.column(m.Heads[i].Start, columns))
				hi := min(float64(x+1), mini.r.column(m.Heads[i].End, columns))
				want += max(0, hi-lo)
			}
			if math.Abs(mini.busy[x]-want) > 1e-6 {
				t.Fatalf("seed %d column %d: %v at work, want %v", seed, x, mini.busy[x], want)
			}
		}
	}
}

func randomSpansIn(r *rand.Rand) *model.Trace {
	spans := modeltest.Random(r, 1+r.IntN(80))
	return model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
}

// TestBarShowsSelfTime compares the kinds of columns with what was going on at their middle.
func TestBarShowsSelfTime(t *testing.T) {
	s := newWaterfallScene(t, waterfallView(modeltest.Trace(t, `
a  root  server 0..1000
  a  one  internal 100..300
  a  two  internal 200..500
  a  away  producer 600..900
    b  later  consumer 650..1200
`)), 200, 30)
	w := s.w
	p := barPen{m: w.m, path: &pathIndex{at: make([]int32, len(w.m.t.Tree.Nodes)+2)}, c: w.clock(), r: timeRange{modeltest.Base, modeltest.Base + 1200e6}, f: s.f, g: barGlyphsOf(s.f.Theme), cells: make([]barCell, 120)}
	for _, c := range []struct {
		name string
		node int32
		at   map[int]barKind // column, 10 ms each
	}{
		{"children overlap", 0, map[int]barKind{5: barSelf, 15: barWaiting, 25: barWaiting, 45: barWaiting, 55: barSelf, 70: barWaiting, 95: barSelf, 105: noBar}},
		{"a producer does not wait", 3, map[int]barKind{55: noBar, 61: barSelf, 80: barSelf, 91: noBar}},
		{"the tail after the parent", 4, map[int]barKind{64: noBar, 66: barSelf, 89: barSelf, 91: barTail, 119: barTail}},
	} {
		clear(p.cells)
		start, end := p.c.interval(c.node)
		p.span(c.node, start, end)
		for x, want := range c.at {
			if got := p.cells[x].kind; got != want {
				t.Errorf("%s: column %d is %d, want %d", c.name, x, got, want)
			}
		}
	}
}

// What is most of the critical path is told in part rather than left out, and what follows it never without it.
func TestHeaderTellsMostOfThePathFirst(t *testing.T) {
	head := func(w int) string {
		s := newWaterfallScene(t, waterfallView(modeltest.Trace(t, `
web  GET /  server 0..100
  web  a name of an operation that has no room in a line that is as short as this  internal 0..90
  web  short  internal 90..98
`)), w, 30)
		return strings.Split(s.text(), "\n")[1]
	}
	for w, want := range map[int]string{160: "critical: 90% web a name of an operation that has no room in a line that is as short as this", 110: "critical: 90% web a name of an operation that has …", 80: "complete"} {
		line := head(w)
		if !strings.Contains(line, want) || !strings.Contains(line, "critical") && strings.Contains(line, "8.0%") {
			t.Errorf("%d columns: %q, want %q", w, line, want)
		}
	}
}

// Where errors begin is told in part rather than left out on a narrow screen.
func TestHeaderTellsWhereErrorsBegin(t *testing.T) {
	v := waterfallCheckoutView(t)
	v.Verdict = "origin: payments POST /charge (SocketTimeoutException) → propagated 3 hops → user-visible"
	for w, want := range map[int]string{80: "2 errors · origin: payments POST /charge (SocketT…", 200: "user-visible"} {
		if line := strings.Split(newWaterfallScene(t, v, w, 30).text(), "\n")[0]; !strings.Contains(line, want) {
			t.Errorf("%d columns: %q, want %q", w, line, want)
		}
	}
}

// The search says which of its matches the cursor is on.
func TestSearchSaysWhichMatch(t *testing.T) {
	s := startOnTrace(t, 120, 40)
	s.keys("/")
	s.text("charge")
	s.mustShow(t, "3 found")
	s.keys("enter")
	s.mustShow(t, "1 of 3 found")
	s.keys("n")
	s.mustShow(t, "2 of 3 found")
	s.keys("N", "N")
	s.mustShow(t, "3 of 3 found")
}
