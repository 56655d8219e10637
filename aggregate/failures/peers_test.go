package failures_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/failures"
)

// The rest of CRISP's error cases (see TestPublishedCounts): cases 11 to 15, 19 and 21. What marks an error there (a
// tag, a log, a status code of 400 and more) is one here by its status alone (D6).
func TestPublishedCountsOfSmallCases(t *testing.T) {
	for name, c := range map[string]struct{ drawing, want string }{
		"11": {`
			S1 O1 server 0..100
			  S2 O2 server 30..60 error`, "O1 [0 0 1] O2 [1 0 0]"},
		"12": { // it counts nothing there, since C is beside the critical path; here errors count wherever they are
			`
			S1 O1 server 0..100
			  S2 O2 server 10..70
			    S3 O3 server 25..45 error
			    S4 O4 server 30..50`, "O2 [0 0 1] O3 [1 0 0]"},
		"13": {`
			S1 O1 server 0..100
			  S2 O2 server 10..70
			    S3 O3 server 25..45
			    S4 O4 server 30..50 error`, "O2 [0 0 1] O4 [1 0 0]"},
		"14": {`
			S1 O1 server 0..80
			  S2 O2 server 10..30
			  S3 O3 server 20..45
			  S4 O4 server 40..65 error`, "O1 [0 0 1] O4 [1 0 0]"},
		"15": {`
			S1 O1 server 0..100
			  S2 O2 server 10..20 error
			  S3 O2 server 25..35 error
			  S4 O2 server 40..50 error
			  S5 O2 server 55..65 error
			  S6 O2 server 70..80 error
			  S7 O3 server 85..100`, "O1 [0 0 1] O2 [1 0 0] O2 [1 0 0] O2 [1 0 0] O2 [1 0 0] O2 [1 0 0]"},
		"19": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210 error
			  S3 O3 server 205..305 error
			  S4 O4 server 300..600 error`, "O1 [0 0 1] O2 [1 0 0] O3 [1 0 0] O4 [1 0 0]"},
		"21": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210
			  S3 O3 server 205..305 error
			  S4 O4 server 300..600 error`, "O1 [0 0 1] O3 [1 0 0] O4 [1 0 0]"},
		"a slow clock": {`
			S1 O1 internal 0..100
			  S1 O2 client 10..60 error
			    S2 O3 server 1000..1030 error`, "O1 [0 0 1] O2 [0 1 0] O3 [1 0 0]"},
	} {
		if got := counts(origins(drawn(t, c.drawing))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// twoFailing is the graph of CRISP's tests of all statistics at once: errors on the critical path, and one of two spans
// beside it. Of its second form only the errors named stay.
func twoFailing(failing ...string) string {
	mark := func(name string) string {
		if slices.Contains(failing, name) {
			return " error"
		}
		return ""
	}
	return `
		S1 O1 server 0..700
		  S2 O2 server 50..350
		    S3 O3 server 100..150` + mark("C") + `
		    S3 O3 server 200..250` + mark("D") + `
		    S3 O3 server 300..350` + mark("E") + `
		  S2 O2 server 400..700` + mark("F") + `
		    S3 O3 server 450..500
		    S3 O3 server 550..600
		    S3 O3 server 650..700
		  S2 O2 server 100..200` + mark("X") + `
		    S3 O3 server 150..200` + mark("Y")
}

// Counts, depths, lengths and resilience of those graphs, and of CRISP's tree of test_computeErrDepthHisto, with the
// root failing and not. Their depths of that one begin with 0.
func TestPublishedDepths(t *testing.T) {
	tree := func(root string) string {
		return `
			s root server 0..1000` + root + `
			  s o1 server 10..60 error
			    s o3 server 10..20
			      s o6 server 10..11 error
			        s o9 server 10..11
			      s o7 server 10..11
			    s o4 server 20..30
			  s o2 server 100..250
			    s o5 server 110..120 error
			      s o6 server 110..120 error`
	}
	for name, c := range map[string]struct {
		drawing string
		counts  string
		depths  []failures.Counts
		lengths []uint64
	}{
		"first": {
			twoFailing("C", "D", "E", "F", "X", "Y"), "O1 [0 0 1] O2 [1 1 1] O3 [4 0 0]",
			[]failures.Counts{{Stopped: 1}, {Self: 1, Propagated: 1, Stopped: 1}, {Self: 4}}, []uint64{4, 1},
		},
		"second": {
			twoFailing("C", "X", "Y"), "O1 [0 0 1] O2 [0 1 1] O3 [2 0 0]",
			[]failures.Counts{{Stopped: 1}, {Propagated: 1, Stopped: 1}, {Self: 2}}, []uint64{1, 1},
		},
		"a tree": {
			tree(""), "o1 [1 0 0] o2 [0 0 1] o3 [0 0 1] o5 [0 1 0] o6 [2 0 0] root [0 0 1]",
			[]failures.Counts{{Stopped: 1}, {Self: 1, Stopped: 1}, {Propagated: 1, Stopped: 1}, {Self: 2}}, []uint64{2, 1},
		},
		"a tree whose root fails": {
			tree(" error"), "o1 [1 0 0] o2 [0 0 1] o3 [0 0 1] o5 [0 1 0] o6 [2 0 0] root [0 1 0]",
			[]failures.Counts{{Propagated: 1}, {Self: 1, Stopped: 1}, {Propagated: 1, Stopped: 1}, {Self: 2}}, []uint64{1, 2},
		},
	} {
		r := origins(drawn(t, c.drawing))
		if got := counts(r); got != c.counts {
			t.Errorf("%s: %s, want %s", name, got, c.counts)
		}
		for i := range c.depths { // spans with a role
			c.depths[i].Spans = c.depths[i].Self + c.depths[i].Propagated + c.depths[i].Stopped
		}
		if !slices.Equal(r.Depths, c.depths) || !slices.Equal(r.Lengths, c.lengths) {
			t.Errorf("%s: depths %v and lengths %v, want %v and %v", name, r.Depths, r.Lengths, c.depths, c.lengths)
		}
	}
}

// Of an operation that was handed as many errors as it stopped, half are stopped; one at the top stops all.
func TestPublishedResilience(t *testing.T) {
	got := map[string]string{}
	for _, o := range origins(drawn(t, twoFailing("C", "D", "E", "F", "X", "Y"))).Operations {
		got[o.Operation] = fmt.Sprint(o.Resilience())
	}
	if got["O1"] != "1" || got["O2"] != "0.5" || got["O3"] != "0" {
		t.Errorf("%v", got)
	}
}

// CRISP's tree of what propagates to the root, and its cases of a call that succeeds in between. It hands an error on from
// a span of unknown kind whatever services are above and below ("B8"); here only code of one service does: where two meet,
// what reports no error has answered.
func TestPublishedWaysToTheRoot(t *testing.T) {
	for name, c := range map[string]struct{ drawing, reach, absorbed string }{
		"a tree": {`
			one root server 0..1000 error
			  one A1 server 0..100 error
			    one B1 server 10..60 error
			  one A2 server 100..200
			    one B2 server 110..160
			  one A3 server 200..300
			    one B3 server 210..260 error
			  one A4 server 300..400
			    one B4 server 310..360 error
			      one C4 server 330..340
			  one A5 server 400..500 error
			    one B5 server 410..460 error
			      one C5 server 430..440
			    one B6 server 420..470 error
			  one A6 internal 500..600
			    one B7 internal 510..560 error
			  two A7 internal 600..700
			    two B8 internal 610..660 error`, "B1 B5 B6 B7", "B3 B4 B8"},
		"a call that succeeds between": {`
			one root server 0..1000 error
			  one A server 0..100
			    one B server 10..60 error`, "root", "B"},
		"a root that succeeds": {`
			one root server 0..1000
			  one A server 0..100 error
			    one B server 10..60 error`, "", "B"},
	} {
		var reach, absorbed []string
		for _, o := range origins(drawn(t, c.drawing)).Rows {
			if o.Visible > 0 {
				reach = append(reach, o.Operation)
			}
			if o.Absorbed > 0 {
				absorbed = append(absorbed, o.Operation)
			}
		}
		slices.Sort(reach)
		slices.Sort(absorbed)
		if got := strings.Join(reach, " "); got != c.reach {
			t.Errorf("%s: %s reach the root, want %s", name, got, c.reach)
		}
		if got := strings.Join(absorbed, " "); got != c.absorbed {
			t.Errorf("%s: %s are absorbed, want %s", name, got, c.absorbed)
		}
	}
}
