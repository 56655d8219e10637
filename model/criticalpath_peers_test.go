package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// ownTimes is what each operation has of its own on the critical path of the main root, in ms and in order of
// names; those with none are left out.
func ownTimes(t *testing.T, drawing string) string {
	t.Helper()
	tr := modeltest.Trace(t, drawing)
	checkPath(t, tr, tr.PathRoot(), tr.Sections)
	sum := map[string]int64{}
	for i, n := range tr.Tree.Nodes {
		if n.Span >= 0 && tr.Critical[i] > 0 {
			sum[tr.Spans[n.Span].Name] += tr.Critical[i]
		}
	}
	var list []string
	for name, ns := range sum {
		list = append(list, fmt.Sprintf("%s %v", name, float64(ns)/1e6))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// pathCase is a drawing of a trace, and the own times on its critical path.
type pathCase struct{ drawing, want string }

// crispCase is a pathCase with what CRISP expects where that is something else.
type crispCase struct{ drawing, want, theirs string }

// The critical paths of CRISP's test cases (github.com/uber-research/CRISP, test_cases 1 to 26), by their situation.
// theirs is what CRISP expects where it is not the same: where calls overlap by so little that it counts as clocks
// being wrong, it gives each of them its whole duration and then has more than the root took. Here the paths are a
// partition of the root, so that shares add up to all of it, and the earlier call loses the overlap. Likewise what
// runs outside of its parent counts up to the parent's ends only.
func TestCriticalPathsOfCRISP(t *testing.T) {
	checkCRISP(t, map[string]crispCase{
		"1: alone": {"s root server 0..100", "root 100", ""},
		"2: one child": {`
			s root server 0..100
			  s2 a server 10..60`, "a 50, root 50", ""},
		"3: a child as long as its parent": {`
			s root server 0..100
			  s2 a server 0..100`, "a 100", ""},
		"4: a chain": {`
			s root server 0..100
			  s2 a server 10..60
			    s3 b server 20..30`, "a 40, b 10, root 50", ""},
		"5: one operation three times": {`
			s root server 0..100
			  s2 a server 10..30
			  s2 a server 40..50
			  s2 a server 60..90`, "a 60, root 40", ""},
		"6: three operations in turn": {`
			s root server 0..100
			  s2 a server 10..30
			  s3 b server 40..50
			  s4 c server 60..90`, "a 20, b 10, c 30, root 40", ""},
		"7: a child that outlasts its parent": {`
			s root server 0..100
			  s2 a server 10..110
			    s3 b server 40..50`, "a 80, b 10, root 10", ""},
		"8: a grandchild that does": {`
			s root server 0..100
			  s2 a server 10..70
			    s3 b server 20..120`, "a 10, b 50, root 40", ""},
		"9: a child, with its own, after its parent": {`
			s root server 0..100
			  s2 a server 110..160
			    s3 b server 120..150
			  s4 c server 60..90`, "c 30, root 70", ""},
		"10: clocks that differ by 1 of 1000": {`
			s root server 0..1000
			  s2 a server 10..210
			  s3 b server 209..309
			  s4 c server 308..608`, "a 199, b 99, c 300, root 402", "a 200, b 100, c 300, root 400"},
	})
}

// The same of those in which calls fail, which is all the same to a critical path.
func TestCriticalPathsOfCRISPWithErrors(t *testing.T) {
	checkCRISP(t, map[string]crispCase{
		"11: a child that fails": {`
			s root server 0..100
			  s2 a server 30..60 error`, "a 30, root 70", ""},
		"12: of two at once the later end": {`
			s root server 0..100
			  s2 a server 10..70
			    s3 b server 25..45 error
			    s4 c server 30..50`, "a 40, c 20, root 40", ""},
		"13: which may have failed": {`
			s root server 0..100
			  s2 a server 10..70
			    s3 b server 25..45
			    s4 c server 30..50 error`, "a 40, c 20, root 40", ""},
		"14: the middle one overlaps both": {`
			s root server 0..80
			  s2 a server 10..30
			  s3 b server 20..45
			  s4 c server 40..65 error`, "a 20, c 25, root 35", ""},
		"15: five that fail and one that does not": {`
			s root server 0..100
			  s2 a server 10..20 error
			  s3 b server 25..35 error
			  s4 c server 40..50 error
			  s5 d server 55..65 error
			  s6 e server 70..80 error
			  s7 f server 85..100`, "a 10, b 10, c 10, d 10, e 10, f 15, root 35", ""},
		"16: one beside two": {`
			s root server 0..110
			  s2 a server 10..20
			  s3 b server 15..35
			  s4 c server 30..40 error
			  s5 d server 50..60 error
			  s6 e server 70..100
			    s7 f server 80..90 error`, "a 10, c 10, d 10, e 20, f 10, root 50", ""},
		"17: the root fails": {`
			s root server 0..100 error
			  s2 a server 20..70
			    s3 b server 30..50 error
			  s4 c server 80..90 error`, "a 30, b 20, c 10, root 40", ""},
	})
}

// Those of several levels, and of clocks that differ.
func TestCriticalPathsOfCRISPWithLevelsAndClocks(t *testing.T) {
	checkCRISP(t, map[string]crispCase{
		"18: four levels": {`
			s root server 0..250
			  s2 a server 10..110 error
			    s3 b server 30..40
			    s4 c server 50..60 error
			    s5 d server 70..80 error
			  s6 e server 120..220 error
			    s7 f server 140..200
			      s8 g server 150..170 error
			      s9 h server 180..190 error`, "a 70, b 10, c 10, d 10, e 40, f 30, g 20, h 10, root 50", ""},
		"19 to 21: clocks that differ by 5 of 600": {`
			s root server 0..600
			  s2 a server 10..210 error
			  s3 b server 205..305
			  s4 c server 300..600 error`, "a 195, b 95, c 300, root 10", "a 200, b 100, c 300"},
		"22: three that fail": {`
			s root server 0..300
			  s2 a server 50..100 error
			  s2 a server 150..200 error
			  s2 a server 250..300 error`, "a 150, root 150", ""},
		"23 to 25: three within each of two": {`
			s root server 0..700
			  s2 a server 50..350
			    s3 b server 100..150 error
			    s3 b server 200..250 error
			    s3 b server 300..350 error
			  s2 a server 400..700 error
			    s3 b server 450..500
			    s3 b server 550..600
			    s3 b server 650..700`, "a 300, b 300, root 100", ""},
		"26: servers whose clocks are late and early, and a call of no time": {`
			s root server 0..1000
			  s a client 100..600
			    s2 b server 105..609
			      s2 c internal 550..609
			  s none internal 700..700
			  s d client 750..950
			    s3 e server 745..945`, "a 5, b 445, c 50, d 5, e 195, root 300", "b 441, c 59, e 200, root 300"},
	})
}

func checkCRISP(t *testing.T, cases map[string]crispCase) {
	t.Helper()
	for name, c := range cases {
		if got := ownTimes(t, c.drawing); got != c.want || got == c.theirs {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// More of CRISP's tests of whole graphs: two failing calls beside the path, calls that overlap by a hundredth, an
// operation that is left out.
func TestCriticalPathsOfCRISPGraphs(t *testing.T) {
	checkOwnTimes(t, map[string]pathCase{
		"beside the path": {`
			s root server 0..700
			  s2 a server 50..350
			    s3 b server 100..150
			    s3 b server 200..250
			    s3 b server 300..350
			  s2 a server 400..700
			    s3 b server 450..500
			    s3 b server 550..600
			    s3 b server 650..700
			  s2 x server 100..200
			    s3 y server 150..200`, "a 300, b 300, root 100"},
		"half a hundredth": { // there 500 and 505, and −5 of the root put to 0
			`
			s root server 0..1000
			  s2 a server 0..500
			  s2 b server 495..1000`, "a 495, b 505"},
		"without what outlasts": {`
			s root server 0..100
			  s2 a server 10..70
			    s3 b server 25..45`, "a 40, b 20, root 40"},
		// Not as there: a server with a clock that is a second late hangs outside of its client, so that what it did in
		// the meantime is not known from this trace alone. With its clock corrected (SkewBy) it would count, as there.
		"another clock": {`
			s root internal 0..100
			  s a client 10..60 error
			    s2 b server 1000..1030 error`, "a 50, root 50"},
	})
}

// The cases of Jaeger's port to Go (jaegertracing/jaeger, jaegermcp/internal/criticalpath: the tests of paths, of
// sanitising and of the child that ends last): what a child has of a parent from 100 to 200, where it hangs over, and
// which child was waited for.
func TestCriticalPathsOfJaeger(t *testing.T) {
	checkOwnTimes(t, map[string]pathCase{
		"two in turn": {`
			s root server 1..101
			  s a internal 20..40
			  s b internal 50..60`, "a 20, b 10, root 70"},
		"alone":         {"s root server 1..101", "root 100"},
		"within":        {"s root server 100..200\n  s a internal 120..170", "a 50, root 50"},
		"after":         {"s root server 100..200\n  s a internal 250..300", "root 100"},
		"ends after":    {"s root server 100..200\n  s a internal 150..250", "a 50, root 50"},
		"before":        {"s root server 100..200\n  s a internal 50..90", "root 100"},
		"begins before": {"s root server 100..200\n  s a internal 50..150", "a 50, root 50"},
		"around":        {"s root server 100..200\n  s a internal 50..250", "a 100"},
		"touches at the end, and at the start": {`
			s root server 100..200
			  s a internal 200..250
			  s b internal 50..100`, "root 100"},
		"one of three": {`
			s root server 100..200
			  s a internal 120..170
			  s b internal 250..300
			  s c internal 50..70`, "a 50, root 50"},
		"three levels": {`
			s root server 100..200
			  s a internal 120..150
			    s b internal 130..140`, "a 20, b 10, root 70"},
		"what hangs on something outside": {`
			s root server 100..200
			  s a internal 250..300
			    s b internal 110..180
			  s c internal 50..70
			    s d internal 120..125
			  s e internal 120..170
			    s f internal 130..140
			  s g internal 110..140`, "e 40, f 10, root 50"},
		"a cascade of such": {`
			s root server 100..200
			  s a internal 120..150
			  s b internal 250..280
			    s c internal 255..265
			      s d internal 130..180
			    s e internal 260..270`, "a 30, root 70"},
	})
}

// Their tests of which child was waited for.
func TestCriticalPathsOfJaegerInTurn(t *testing.T) {
	checkOwnTimes(t, map[string]pathCase{
		"the last to end": {`
			s root server 100..200
			  s a internal 110..130
			  s b internal 140..180
			  s c internal 120..150`, "a 20, b 40, root 40"},
		"the last to end before another begins": {`
			s root server 100..200
			  s a internal 110..130
			  s b internal 140..180
			  s c internal 120..150
			  s last internal 160..200`, "c 30, last 40, root 30"},
		"none ends before another begins": {`
			s root server 100..200
			  s a internal 110..160
			  s b internal 140..180
			  s last internal 150..200`, "last 50, root 50"},
		"the nearest of several": {`
			s root server 100..200
			  s a internal 100..120
			  s b internal 110..135
			  s c internal 130..150
			  s last internal 155..200`, "a 20, c 20, last 45, root 15"},
		"back to back, as their fix has it": {`
			s root server 100..200
			  s a internal 100..150
			  s b internal 150..200`, "a 50, b 50"},
		// They refuse a trace without a root; here its earliest span stands for it, as where many are counted.
		"no root": {"s a internal 1..2 parent=63", "a 1"},
	})
	if tr := model.NewTrace(model.TraceID{Lo: 1}, nil, nil); len(tr.Sections) != 0 {
		t.Errorf("no spans have a path: %v", tr.Sections)
	}
}

func checkOwnTimes(t *testing.T, cases map[string]pathCase) {
	t.Helper()
	for name, c := range cases {
		if got := ownTimes(t, c.drawing); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
