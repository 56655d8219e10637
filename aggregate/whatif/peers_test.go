package whatif_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// traced are the requests of drawn traces, in order.
func traced(tb testing.TB, names *rolluptest.Names, drawing string) (all []*paths.Request) {
	tb.Helper()
	spans := modeltest.Spans(tb, drawing)
	settled := names.Settle(spans)
	for from := 0; from < len(spans); {
		to := from
		var heads []model.Head
		for ; to < len(spans) && spans[to].TraceID == spans[from].TraceID; to++ {
			heads = append(heads, settled[to].Head)
		}
		all = append(all, linked(heads))
		from = to
	}
	return all
}

// Traces of the tests of retiming.
const (
	twoInTurn = `
		s R server 0..1000
		  s A client 0..200
		  s B client 300..600`
	threeInTurn = `
		s R server 0..1000
		  s A client 0..100
		  s B client 200..500
		  s C client 700..900`
	beside = `
		s R server 0..1000
		  s A client 0..900
		  s B client 100..200`
	again = `
		s R server 0..1000
		  s B client 0..100
		  s B client 200..300
		  s C client 0..250`
	levels = `
		s R server 100..1000
		  s P client 150..950
		    t A client 150..250
		    t B client 300..500`
	chain = `
		s R server 0..1000
		  t A server 100..600
		    u B server 200..400`
	twice = `
		s R server 0..1000
		  t A server 100..600
		    u B server 200..400
		      t A server 250..300`
)

// retimeCase is a drawing of traces, what runs faster or slower in the first, and what that takes then.
type retimeCase struct {
	drawing string
	of      string
	factor  float64
	want    float64 // ms
	doubts  uint64
}

// The situations of CRISP's tests of retiming (github.com/uber-research/CRISP, tests/test_retimer.py and
// test_retimer_cross_validation.py). There one span is given another start or end; here all of an operation run their
// own time by a factor, which moves ends only, so that what they ask of frozen starts and of undoing has no counterpart:
// every answer is worked out from the trace as it was. Of the traces drawn the first is retimed, and all are learned from.
func TestRetimerOfCRISP(t *testing.T) {
	checkRetimed(t, map[string]retimeCase{
		"nothing changes":             {twoInTurn, "A", 1, 1000, 0},
		"nothing matches":             {chain, "nobody", .5, 1000, 0},
		"an only child, later":        {"s R server 0..300\n  s X client 50..250", "X", 1.25, 350, 0},
		"an only child, earlier":      {"s R server 0..300\n  s X client 50..250", "X", .75, 250, 0},
		"the root itself":             {"s R server 0..100", "R", 1.5, 150, 0},
		"what follows, later":         {twoInTurn, "A", 1.25, 1050, 0},
		"what follows, earlier":       {twoInTurn, "A", .75, 950, 0},
		"what precedes stays":         {threeInTurn, "C", 1.5, 1100, 0},
		"through a chain":             {threeInTurn, "B", 4. / 3, 1100, 0},
		"from the first of it":        {threeInTurn, "A", 2, 1100, 0},
		"beside, far from the end":    {beside, "B", 1.5, 1000, 0},
		"beside, to a new end":        {beside, "B", 8.5, 1050, 0},
		"what it is beside":           {beside, "A", .5, 550, 0},
		"the second of two alike":     {again, "B", 1, 1000, 0},
		"through two levels":          {levels, "A", 1.4, 940, 0},
		"and back":                    {levels, "A", .6, 860, 0},
		"a parent's own time":         {chain, "A", 250. / 300, 950, 0},
		"more of it":                  {chain, "A", 380. / 300, 1080, 0},
		"a leaf for nothing":          {chain, "B", 0, 800, 0},
		"a fifth of it less":          {chain, "A", 2. / 3, 900, 0},
		"one within another":          {twice, "A", .4, 790, 0}, // 30 and 180, which add up along the chain
		"an order that does not hold": {twoInTurn + "\ntrace 2\ns R server 0..1000\n  s A client 0..200\n  s B client 100..600", "A", 1.25, 1000, 1},
		"an order that always held":   {twoInTurn + "\ntrace 2\ns R server 0..900\n  s A client 0..100\n  s B client 120..600", "A", 1.25, 1050, 0},
	})
}

// Calls at once, which something waits for, and requests at once.
func TestRetimerOfCRISPAtOnce(t *testing.T) {
	checkRetimed(t, map[string]retimeCase{
		// Their retimer says 100 earlier, for C began after A had ended; but so it did after B, which is no faster, and
		// their other method says 0, as here.
		"one of two that a third waits for": {`
			s R server 0..1000
			  t A server 0..400
			  t B server 50..450
			  u C server 700..900`, "A", .75, 1000, 0},
		"both of two that a third waits for": {`
			s R server 0..1000
			  t A server 0..400
			  t A server 50..450
			  u C server 700..900`, "A", .75, 900, 0},
		"the root that is asked of, not another": {`
			s R server 0..1000
			  t A server 100..600
			s R server 2000..3000
			  t A server 2100..2600`, "A", .9, 950, 0},
	})
}

func checkRetimed(t *testing.T, cases map[string]retimeCase) {
	t.Helper()
	for name, c := range cases {
		names := &rolluptest.Names{}
		all := traced(t, names, c.drawing)
		got := retimer(learned(all...), names, c.of, c.factor).Retime(all[0])
		if math.Abs(float64(got.Duration)-c.want*ms) > 1 || got.Doubts != c.doubts {
			t.Errorf("%s: %v ms and %d doubts, want %v and %d", name, float64(got.Duration)/ms, got.Doubts, c.want, c.doubts)
		}
	}
}

// A loop whose first turn takes longer delays the second; whose second does, not the first.
func TestRetimerOfCRISPInALoop(t *testing.T) {
	names := &rolluptest.Names{}
	loop := traced(t, names, `
		s R server 0..1000
		  s B client 0..100
		    t first internal 0..100
		  s B client 200..300
		    t second internal 200..300
		  s C client 0..950`)[0]
	for of, want := range map[string]float64{"first": 1000, "second": 1000} {
		if got := retimer(learned(loop), names, of, 1.5).Retime(loop); float64(got.Duration) != want*ms {
			t.Errorf("%s: %v ms", of, float64(got.Duration)/ms)
		}
	}
	// 200 and 300 to 950, where C ends, and 50 more; and as far from the second alone.
	for of, factor := range map[string]float64{"first": 8, "second": 8} {
		if got := retimer(learned(loop), names, of, factor).Retime(loop); float64(got.Duration) != 1050*ms {
			t.Errorf("%s: %v ms", of, float64(got.Duration)/ms)
		}
	}
}

// What nothing is known of stays where it is, and one Retimer serves any number of requests.
func TestRetimerOfCRISPReused(t *testing.T) {
	names := &rolluptest.Names{}
	turn := traced(t, names, "s R server 0..1000\n  s X client 0..200\n  s B client 300..600")[0]
	only := traced(t, names, "s R server 0..300\n  s X client 50..250")[0]
	x := retimer(order.New(), names, "X", 1.25)
	for range 2 {
		if got := x.Retime(turn); got.Duration != 1000*ms || got.Doubts == 0 {
			t.Errorf("nothing is known: %+v", got)
		}
		if got := x.Retime(only); got.Duration != 300*ms || got.Doubts == 0 {
			t.Errorf("nothing is known: %+v", got)
		}
	}
	x.Model = learned(turn, only)
	for range 2 {
		if a, b := x.Retime(turn), x.Retime(only); a.Duration != 1050*ms || b.Duration != 350*ms {
			t.Errorf("%+v, %+v", a, b)
		}
	}
}

// dragCase is a drawing of a trace, and the figures of its spans, ms.
type dragCase struct{ drawing, drag, own, slack string }

// The traces of CRISP's tests of drag and slack (tests/test_slack_drag.py): their figures of drag are the same. What
// is said of own drag and of slack where it is not:
//
//   - Own drag is of how much there is, not of where it lies: "M" could be 20 shorter, of which they leave out the 5
//     beside the end of "L", though nothing would keep M from ending 20 earlier.
//   - Slack is by how much longer a span could take from when it began. They add how much earlier it could have begun,
//     as though the pause before it were nobody's ("B" 200 more, "D" 50 more); they let what follows it start late ("B1"
//     900, though B2 waits for it), and a parent end as soon as its last child ("N" within "P" 200).
func TestDragAndSlackOfCRISP(t *testing.T) {
	checkDragAndSlack(t, map[string]dragCase{
		"in turn, with a slight overlap": {`
			s R server 0..1000
			  s A client 0..200
			  s B client 195..400
			  s C client 500..1000`, "A 200 B 200 C 500 R 1000", "A 195 B 200 C 500 R 100", "A 0 B 0 C 0 R 0"},
		"a chain": {`
			s R server 0..300
			  s X client 0..200
			    t Y client 0..100`, "R 300 X 200 Y 100", "R 100 X 100 Y 100", "R 0 X 0 Y 0"},
		"a slight overlap": {`
			s R server 0..1000
			  s A client 0..500
			  s B client 495..1000`, "A 500 B 500 R 1000", "A 495 B 500 R 0", "A 0 B 0 R 0"},
		"the first to end, with a child": {`
			s R server 0..1000
			  s P client 0..300
			    t P1 client 10..260
			  s Q client 295..595`, "P 300 P1 250 Q 295 R 1000", "P 45 P1 250 Q 295 R 405", "P 0 P1 0 Q 0 R 0"},
		"the last to end, with a child": {`
			s R server 0..1000
			  s M client 200..600
			    t M1 client 210..590
			  s L client 55..205`, "L 150 M 395 M1 380 R 1000", "L 145 M 20 M1 380 R 455", "L 0 M 0 M1 0 R 0"},
		"alone": {"s R server 0..100", "R 100", "R 100", "R 0"},
		"the first to end": {`
			s R server 0..500
			  s A client 0..100
			  s B client 200..450`, "A 100 B 250 R 500", "A 100 B 250 R 150", "A 0 B 0 R 0"},
		"an only child": {`
			s R server 0..200
			  s A client 10..190`, "A 180 R 200", "A 180 R 20", "A 0 R 0"},
	})
}

// Of spans beside others.
func TestDragAndSlackOfCRISPBeside(t *testing.T) {
	checkDragAndSlack(t, map[string]dragCase{
		"beside a shorter one": {`
			s R server 0..500
			  s A client 0..400
			  s B client 0..50`, "A 350 B 0 R 500", "A 350 B 0 R 100", "A 0 B 350 R 0"},
		"beside the start of the last": {`
			s R server 0..1000
			  s N client 400..520
			  s T client 500..1000`, "N 0 R 1000 T 480", "N 0 R 500 T 480", "N 480 R 0 T 0"},
		"an only child of one that ends with its sibling": {`
			s R server 0..1000
			  s P client 0..1000
			    t N client 10..800
			  s C client 900..1000`, "C 0 N 0 P 0 R 1000", "C 0 N 0 P 0 R 900", "C 0 N 0 P 0 R 0"},
		"after a sibling": {`
			s R server 0..1000
			  s A client 0..100
			  t B client 300..750
			  u D client 700..1000`, "A 100 B 0 D 250 R 1000", "A 100 B 0 D 250 R 600", "A 0 B 250 D 0 R 0"},
		"two alike beside one": {`
			s P server 0..1000
			  s B1 client 0..100
			  s B2 client 200..300
			  t C client 0..1000`, "B1 0 B2 0 C 700 P 1000", "B1 0 B2 0 C 700 P 0", "B1 700 B2 700 C 0 P 0"},
		"beside the second of three": {`
			s R server 0..1000
			  s A client 0..200
			  s B client 195..400
			  s C client 500..1000
			  s D client 250..380`, "A 200 B 20 C 500 D 0 R 1000", "A 195 B 20 C 500 D 0 R 100", "A 0 B 0 C 0 D 20 R 0"},
		"alike, of two services": {`
			s R server 0..500
			  t X client 0..100
			  u X client 200..500`, "R 500 X 100 X 300", "R 100 X 100 X 300", "R 0 X 0 X 0"},
	})
}

func checkDragAndSlack(t *testing.T, cases map[string]dragCase) {
	t.Helper()
	for name, c := range cases {
		names := &rolluptest.Names{}
		r := traced(t, names, c.drawing)[0]
		single := whatif.Of(r.Heads, r.Tree, 0, r.Critical)
		for what, x := range map[string]struct {
			of   []int64
			want string
		}{"drag": {single.Drag, c.drag}, "own drag": {single.Own, c.own}, "slack": {single.Slack, c.slack}} {
			if got := byName(names, r, x.of); got != x.want {
				t.Errorf("%s: %s %s, want %s", name, what, got, x.want)
			}
		}
		if sum := total(single.Own); sum > r.Duration() {
			t.Errorf("%s: own drags sum to %d of %d ns", name, sum, r.Duration())
		}
	}
}

func total(of []int64) (sum int64) {
	for _, ns := range of {
		sum += ns
	}
	return sum
}

// byName writes down figures of spans, in ms.
func byName(names *rolluptest.Names, r *paths.Request, of []int64) string {
	var list []string
	for n, ns := range of {
		list = append(list, fmt.Sprintf("%s %v", names.Operation(r.Heads[r.Tree.Nodes[n].Span].Op).Name, float64(ns)/ms))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
